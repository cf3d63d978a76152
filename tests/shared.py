"""What tests share: files that run in one process, and folders that are made once for all."""

import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from xdist.scheduler import LoadScopeScheduling

from bnreport.pages.cache import Cache
from bnreport.records.layout import Layout

ROOT = Path(__file__).parents[1]
# A file that has the text shares something costly with all others that have it: TensorFlow, what
# all committed records lead to, or the site of records that are made up. The first begins first.
GROUPS = {"keras": "keras_ready", "golden": "golden", "made up": "staged("}
# What a copy of the package leaves out: what another process is about to write. What is compiled it
# takes along, or every process that works in the copy would compile all of it anew.
HALF_WRITTEN = shutil.ignore_patterns("*.pyc.*")
# Files that take long, each in one process; begun late they would be all that still runs.
EARLY = ("tests/records/test_executed.py", "tests/commands/test_new.py", "tests/running/")
# Tests that may run beside any other, and share nothing but the site; but for those that ask about
# every page, which share what was seen of all pages in a view, after which they are called. The
# first of them builds the site, for which others would wait: they begin when the files above are
# under way. The others come after all files that hold slow tests: short as they are, they leave no
# process idle at the end.
EVERY_PAGE, LONG = "tests/browser/test_every_page.py", "tests/browser/"


@cache
def group_of(file: str, root: Path = ROOT) -> str:
    """The files that run in the process of this one: a group, or the file itself."""
    text = (root / file).read_text(encoding="utf-8")
    return next((group for group, shared in GROUPS.items() if shared in text), file)


@cache
def slow(file: str, root: Path = ROOT) -> bool:
    """Whether a file has tests that take a second or more, of which one process runs all."""
    return "pytest.mark.slow" in (root / file).read_text(encoding="utf-8")


def scope_of(test: str, root: Path = ROOT) -> str:
    """The tests that run in the process of this one: those of its group or view, or it alone."""
    file, _, name = test.partition("::")
    if file == EVERY_PAGE:
        return f"{file}::{name.partition('[')[2]}"
    return test if test.startswith(LONG) else group_of(file, root)


def rank(test: str, root: Path = ROOT) -> int:
    """The place of a test among all: what takes long begins first."""
    scopes = [*GROUPS]
    if (scope := scope_of(test, root)) in scopes:
        return scopes.index(scope)
    browser = test.startswith(LONG)
    orders = (
        test.startswith(EARLY),
        test.startswith(EVERY_PAGE),
        not browser and slow(test.partition("::")[0], root),
        browser,
        True,
    )
    return len(scopes) + orders.index(True)


class ByGroup(LoadScopeScheduling):  # type: ignore[misc]
    """Hands each process whole groups of files, in the order in which they were collected."""

    def __init__(self, config: pytest.Config, log: Any) -> None:
        config.option.loadscopereorder = False
        super().__init__(config, log)

    def _split_scope(self, nodeid: str) -> str:
        root: Path = self.config.rootpath
        return scope_of(nodeid, root)


def kept() -> Cache:
    """What was made here before by the same code: by these tests, or by a build."""
    return Cache(Layout(ROOT).built)


def once(folders: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """A folder that is filled by the first process that asks for it, and shared by all of them.

    Args:
        folders: where the folders of this session are.
        name: what is in it.
        make: fills a folder that does not exist yet.
    """
    base = folders.getbasetemp()
    # A process of several has a folder of its own in that of the session.
    session = base.parent if base.name.startswith("popen-") else base
    folder = session / name
    with FileLock(session / f"{name}.lock"):
        if not folder.exists():
            partial = session / f"{name}.partial"
            make(partial)
            partial.rename(folder)
    return folder
