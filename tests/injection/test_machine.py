"""Whatever a machine refuses ends a call in one sentence, and costs nothing that was there."""

import builtins
import errno
import io
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bnreport import cli
from bnreport.commands.project import Project
from bnreport.records import checksums, writing
from bnreport.records.layout import Layout
from tests.in_process import train_in_process
from tests.injection.kills import STUDY
from tests.synthetic import NOTEBOOK, stored

Refuse = Callable[[int], None]
WRITING, FLAGS = set("wax+"), os.O_WRONLY | os.O_RDWR | os.O_CREAT
ERRORS = {
    "a read-only checkout": errno.EROFS,
    "no permission": errno.EACCES,
    "a full disk": errno.ENOSPC,
    "a full quota": errno.EDQUOT,
    "a broken disk": errno.EIO,
    "too many open files": errno.EMFILE,
    "a name that is too long": errno.ENAMETOOLONG,
    "a folder in a file's place": errno.EISDIR,
}


@pytest.fixture
def layout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Layout:
    """A checkout with records of one study, and none of another."""
    monkeypatch.delenv("BNREPORT_DATA", raising=False)
    found = Layout(tmp_path / "checkout")
    writing.write(found.committed("notebook", "full"), stored().values())
    checksums.update(found.results)
    return found


class Refusing:
    """A machine that refuses to write below a folder."""

    def __init__(self, folder: Path, number: int) -> None:
        self.folder, self.number = folder, number

    def stop(self, path: object) -> None:
        """Refuse what is below the folder."""
        named = isinstance(path, str | os.PathLike)
        if named and str(path).startswith(str(self.folder)):
            raise OSError(self.number, os.strerror(self.number), str(path))

    def writes(self, call: Callable[..., Any]) -> Callable[..., Any]:
        """A call that opens a file, refused when it would write."""

        def opened(path: Any, how: str | int = "r", *rest: Any, **more: Any) -> Any:
            changing = how & FLAGS if isinstance(how, int) else WRITING & set(how)
            if changing:
                self.stop(path)
            return call(path, how, *rest, **more)

        return opened

    def changes(self, call: Callable[..., Any]) -> Callable[..., Any]:
        """A call that changes a folder, refused."""

        def change(path: Any, *rest: Any, **more: Any) -> Any:
            self.stop(path)
            return call(path, *rest, **more)

        return change


@pytest.fixture
def refuse(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> Refuse:
    """A function that lets the machine refuse to write below the checkout, with an error."""

    def begin(number: int) -> None:
        refusing = Refusing(layout.root, number)
        for module in (io, builtins, os):
            monkeypatch.setattr(module, "open", refusing.writes(module.open))
        for name in ("mkdir", "replace"):
            monkeypatch.setattr(os, name, refusing.changes(getattr(os, name)))

    return begin


def called(project: Project, *words: str) -> int:
    """The exit code of a call."""
    sys.argv = ["bnreport", *words]
    try:
        cli.main(project)
    except SystemExit as end:
        return int(end.code or 0)
    return 0


def files(folder: Path) -> dict[str, bytes]:
    """The content of every file, locks aside."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix != ".lock"
    }


@pytest.mark.slow
@pytest.mark.parametrize("what", ERRORS)
@pytest.mark.parametrize(
    "words", [("run", "toy"), ("build", "--records"), ("checksums",)], ids=lambda words: words[0]
)
def test_a_refusal_to_write_is_one_sentence_and_costs_nothing(
    words: tuple[str, ...],
    what: str,
    layout: Layout,
    refuse: Refuse,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(sys, "argv", sys.argv)
    train_in_process(monkeypatch)
    # So that there is something to list.
    layout.committed("notebook", "full").with_name("new.jsonl").touch()
    before = files(layout.root)
    refuse(ERRORS[what])
    code = called(Project(layout, lambda: {"toy": STUDY, "notebook": NOTEBOOK}), *words)
    monkeypatch.undo()
    said = capsys.readouterr().err
    assert code == 1
    assert said.startswith("Expected "), said
    assert os.strerror(ERRORS[what]) in said
    assert str(layout.root) in said
    assert "Traceback" not in said
    if ERRORS[what] in {errno.ENOSPC, errno.EDQUOT}:
        assert "Make room" in said
    assert files(layout.root) == before


@pytest.mark.parametrize("words", [("status",), ("why", "c-test")], ids=lambda words: words[0])
def test_what_only_reads_needs_no_permission_to_write(
    words: tuple[str, ...],
    layout: Layout,
    refuse: Refuse,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(sys, "argv", sys.argv)
    refuse(errno.EROFS)
    code = called(Project(layout, lambda: {"notebook": NOTEBOOK}), *words)
    monkeypatch.undo()
    said = capsys.readouterr()
    assert (code, said.err) == (0, "")
    assert "notebook" in said.out
