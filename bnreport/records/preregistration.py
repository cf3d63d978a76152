"""Were claims committed before the runs that judge them? What the history of the checkout says.

`results/preregistration.json` holds the digest of each study's claims at each commit that a record
names, so that a build asks no history.
"""

import io
import json
import os
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, TypeAlias

from pydantic import Field, TypeAdapter

from bnreport.errors import RecordError
from bnreport.records import checkout, documents, provenance
from bnreport.records.code.history import git_of
from bnreport.records.documents import read_json
from bnreport.records.layout import Layout
from bnreport.records.record import Record
from bnreport.records.store import Say, read

Commit: TypeAlias = Annotated[str, Field(pattern=r"^[0-9a-f]{40}$")]
Digest: TypeAlias = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
# By commit and study, the digest of the claims.
TABLE = TypeAdapter(dict[Commit, dict[str, Digest]])
# What a commit is called that nobody knows.
UNKNOWN = "unknown"
# The code of a commit says itself which claims it holds: they are made by functions.
ASKED = """
import json
from bnreport.studies import all_studies
found = {}
for name, study in all_studies().items():
    found[name] = study.claims_digest
    # No study had a second edition before it could, and not each of these was a study itself.
    for later in getattr(study, "later", ()):
        edition = getattr(later, "edition", later)
        found[edition.name] = edition.claims_digest
print(json.dumps(found))
"""


def claims_at(root: Path, commit: str) -> dict[str, str]:
    """The digest of each study's claims at a commit, as its own code says.

    Raises:
        RecordError: when the checkout does not hold the commit, or its code does not say.
    """
    archive = io.BytesIO(git_of(root, "archive", "--format=tar", commit, provenance.PACKAGE))
    with tempfile.TemporaryDirectory() as folder, tarfile.open(fileobj=archive) as tar:
        # The name of the filter is an argument from Python 3.11.4 on.
        tar.extraction_filter = getattr(tarfile, "data_filter", None)
        tar.extractall(folder)
        done = subprocess.run(
            [sys.executable, "-c", ASKED],
            cwd=folder,
            env=os.environ | {"PYTHONPATH": folder},
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        raise RecordError(
            f"Expected the code of commit {commit} to say which claims it holds. Received: "
            f"{done.stderr.strip().splitlines()[-1]}. Fix what it imports, and commit that first."
        )
    digests: dict[str, str] = json.loads(done.stdout)
    return digests


def read_table(path: Path) -> dict[str, dict[str, str]]:
    """The digests of claims by commit and study; none when there is no file.

    Raises:
        RecordError: when the file is damaged.
    """
    remedy = "Restore it from version control, or run `bnreport history`."
    return read_json(path, TABLE, "the digests of claims by commit and study", remedy) or {}


def update(layout: Layout, say: Say, again: bool = False) -> list[str]:
    """Write down the claims at each commit that a judged record names, and return the new commits.

    Args:
        layout: the checkout.
        say: told of what is odd in the records.
        again: whether to ask the history for those, too, that are written down already.

    Raises:
        RecordError: when the checkout does not hold a commit.
    """
    known = {} if again else read_table(layout.preregistration)
    named = {
        record.provenance.commit for path in layout.judged() for record in read(path, say).values()
    } - {UNKNOWN}
    return documents.update(
        layout.preregistration, known, named, lambda commit: claims_at(layout.root, commit)
    )


def check(
    table: Mapping[str, Mapping[str, str]], study: str, records: Iterable[Record], where: Path
) -> Iterator[str]:
    """Yield the commits whose claims the table does not know; their records are not checked.

    Args:
        table: the digests of claims by commit and study.
        study: the name of the study.
        records: its records.
        where: the record file.

    Raises:
        RecordError: when a record was made under other claims than its commit holds.
    """
    unknown: dict[str, None] = {}
    for record in records:
        commit, claims = record.provenance.commit, record.provenance.claims
        if commit not in table:
            unknown[commit] = None
        elif (committed := table[commit].get(study)) != claims:
            raise RecordError(
                f"Expected run {record.id} in {where} to be made under the claims of {study} that "
                f"its commit {commit[:12]} holds, digest {(committed or 'none')[:12]}. "
                f"Received: digest {claims[:12]}. Its claims were not committed before it: "
                f"restore the file from version control, or run `bnreport run {study} --rerun`."
            )
    yield from unknown


def refuse_uncommitted(root: Path, claims: Mapping[str, str], say: Say) -> None:
    """Refuse to train studies whose claims are not those of the last commit.

    Args:
        root: the checkout; in an archive of one nothing can be checked.
        claims: the digest of the claims of each study as the code in use holds them.
        say: told when there is no history.

    Raises:
        RecordError: when claims are new or changed.
    """
    if not checkout.is_checkout(root):
        say("Whether the claims are committed is not checked here: there is no history.")
        return
    # Where the package is as committed, so are the claims.
    if checkout.git(root, "status", "--porcelain", "--", provenance.PACKAGE) == "":
        return
    committed = claims_at(root, "HEAD")
    if changed := [name for name, digest in claims.items() if committed.get(name) != digest]:
        raise RecordError(
            "Expected the claims of a study to be committed before its runs. Received: new or "
            f"changed ones of {', '.join(changed)}. Commit them, or try the study on other seeds "
            "with `bnreport run STUDY --pilot 50-59`."
        )
