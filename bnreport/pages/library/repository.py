"""Say where the source of the site lives: from the environment that workflows of GitHub have.

A fork's workflow names the fork, so its site leads to it without a file that names it.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from bnreport.errors import DataError

SERVER, NAME, REF = "GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_REF"
# What is set elsewhere has no effect here.
VARIABLES = (SERVER, NAME, REF)
# Services that open a notebook read from this server alone.
OPENED = "https://github.com"
NOTEBOOK = "notebooks/notebook.ipynb"
# The form for what does not hold, of .github/ISSUE_TEMPLATE.
FORM = "wrong.yml"
_BRANCH = "refs/heads/"


@dataclass(frozen=True)
class Repository:
    """The repository of the source: its server, its owner and name, and the branch of the site."""

    server: str
    name: str
    branch: str = "main"

    @property
    def address(self) -> str:
        """The address of the repository."""
        return f"{self.server}/{self.name}"

    def edits(self, path: str) -> str:
        """The address at which a file, or the files of a folder ("docs/"), can be edited."""
        return f"{self.address}/edit/{quote(self.branch)}/{quote(path)}"

    @property
    def report(self) -> str:
        """The address at which a mistake can be reported."""
        return f"{self.address}/issues/new?template={FORM}"

    @property
    def opened(self) -> Mapping[str, str]:
        """The addresses that open the notebook at a service, by its name; none elsewhere."""
        if self.server != OPENED:
            return {}
        branch = quote(self.branch)
        colab = f"https://colab.research.google.com/github/{self.name}/blob/{branch}/{NOTEBOOK}"
        # A branch may hold a slash, which would end this part of the address.
        branch, path = quote(self.branch, safe=""), quote(NOTEBOOK, safe="")
        binder = f"https://mybinder.org/v2/gh/{self.name}/{branch}?labpath={path}"
        return {"Colab": colab, "Binder": binder}

    @property
    def installs(self) -> str:
        """The cell that installs what the notebook needs where nothing is installed."""
        return f'%pip install "bnreport[train] @ git+{self.address}@{self.branch}"'

    @property
    def links(self) -> dict[str, object]:
        """All of it as plain values, for the theme."""
        return {
            "address": self.address,
            "report": self.report,
            "notebook": self.edits(NOTEBOOK),
            # As pairs: templates then call nothing.
            "opened": [[service, address] for service, address in self.opened.items()],
            "installs": self.installs,
        }


def read_repository(environment: Mapping[str, str] | None = None) -> Repository | None:
    """The repository that the environment names; None where it names none.

    Raises:
        DataError: when what it names is none; the theme writes it into every page.
    """
    variables = os.environ if environment is None else environment
    if not (name := variables.get(NAME, "")):
        return None
    server = variables.get(SERVER, "") or OPENED
    # A pull request has a merge of its own in place of a branch, which is gone the next day.
    ref = variables.get(REF, "")
    branch = ref.removeprefix(_BRANCH) if ref.startswith(_BRANCH) else Repository.branch
    for variable, value, form, example in (
        (NAME, name, r"[\w.-]+/[\w.-]+", "someone/bn"),
        (SERVER, server, r"https?://[\w.:~%/-]*[\w~-]", OPENED),
        (REF, branch, r"[\w./+@-]+", "refs/heads/main"),
    ):
        if not re.fullmatch(form, value, re.ASCII):
            raise DataError(
                f"Expected {variable} to be as {example}. Received: {value!r}. Fix or unset it."
            )
    return Repository(server, name, branch)
