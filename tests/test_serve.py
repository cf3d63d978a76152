"""What is saved while the site is served is shown; a mistake is told, and the server goes on."""

import io
import shutil
import socket
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from bnreport import serve
from bnreport.build import Order
from bnreport.errors import BnreportError, RecordError
from bnreport.layout import Layout
from bnreport.pages import stage
from bnreport.report import Report
from bnreport.serve import Desk
from bnreport.views import Staging
from tests import synthetic
from tests.synthetic import DOCS, plain

PAGE = '# A page\n\n[[ study("notebook").value("gain.test") ]] {}\n'


class Calls:
    """How often the costly was done."""

    def __init__(self) -> None:
        self.judged = self.restarted = 0

    def restart(self) -> None:
        """Count, and go on."""
        self.restarted += 1


@pytest.fixture
def calls() -> Calls:
    return Calls()


@pytest.fixture
def desk(tmp_path: Path, calls: Calls, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A desk over a checkout of one page, whose site is its staged pages."""
    layout = Layout(tmp_path / "checkout")
    for folder in (layout.pages / "assets", layout.results, layout.notebook.parent):
        folder.mkdir(parents=True)
    layout.notebook.write_text("{}", encoding="utf-8")
    (layout.pages / "a.md").write_text(PAGE.format("old"), encoding="utf-8")
    package = tmp_path / "package"
    package.mkdir()
    (package / "code.py").touch()
    monkeypatch.setattr(serve, "PACKAGE", package)

    def judged(*_: object) -> Report:
        calls.judged += 1
        return plain(synthetic.report())

    def built(*words: Any, served: Path) -> None:
        shutil.copytree(served, words[-1], dirs_exist_ok=True)

    monkeypatch.setattr(serve, "from_records", judged)
    monkeypatch.setattr(serve, "build_site", built)
    order = Order(layout, records_only=True, cache=False)
    return Desk(order, tmp_path / "served", Console(file=io.StringIO()), calls.restart)


def shown(desk: Desk) -> str:
    return (desk.site / "a.md").read_text(encoding="utf-8")


def said(desk: Desk) -> str:
    assert isinstance(desk.console.file, io.StringIO)
    return desk.console.file.getvalue()


def write(desk: Desk, text: str) -> None:
    (desk.order.layout.pages / "a.md").write_text(text, encoding="utf-8")


def test_a_word_is_shown_and_nothing_is_judged_again(desk: Desk, calls: Calls) -> None:
    desk.build()
    assert shown(desk).endswith("old\n")
    write(desk, PAGE.format("new"))
    desk.build()
    assert shown(desk).endswith("new\n")
    assert (calls.judged, calls.restarted) == (1, 0)
    assert said(desk).count("Built in") == 2


def test_a_mistake_is_told_and_the_page_stays_until_it_is_mended(desk: Desk) -> None:
    desk.build()
    write(desk, PAGE.replace("gain.test", "gain.tset").format("new"))
    desk.build()
    assert "docs/a.md" in said(desk)
    assert "'gain.tset'" in said(desk)
    assert shown(desk).endswith("old\n")
    write(desk, PAGE.format("new"))
    desk.build()
    assert shown(desk).endswith("new\n")


def test_new_records_are_judged_and_new_code_starts_again(desk: Desk, calls: Calls) -> None:
    desk.build()
    (desk.order.layout.results / "toy.jsonl").write_text("{}", encoding="utf-8")
    desk.build()
    assert (calls.judged, calls.restarted) == (2, 0)
    (serve.PACKAGE / "code.py").write_text("# another", encoding="utf-8")
    desk.build()
    assert calls.restarted == 1
    desk.build()
    assert calls.restarted == 1


def test_damaged_records_are_told_too(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def damaged(*_: object) -> Report:
        raise RecordError("Expected records. Received: none.")

    monkeypatch.setattr(serve, "from_records", damaged)
    desk.build()
    assert "Expected records." in said(desk)


def test_a_port_that_is_taken_is_refused_before_anything_is_built(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Desk, "build", lambda _: pytest.fail("It builds."))
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(BnreportError, match=rf"port {port}.*--port"):
            serve.serve(Order(Layout(tmp_path), records_only=True), port, Console())


def test_staging_leaves_alone_what_has_not_changed(tmp_path: Path) -> None:
    target, notebook = tmp_path / "docs", tmp_path / "n.ipynb"
    notebook.write_text("{}", encoding="utf-8")
    for text in ("old", "new"):
        stage(Staging({"same.md": "same", "page.md": text}), DOCS, notebook, target, b"image")
        if text == "old":
            before = {path: path.stat().st_mtime_ns for path in target.rglob("*.*")}
    after = {path: path.stat().st_mtime_ns for path in target.rglob("*.*")}
    changed = {path.name for path in after if after[path] != before[path]}
    assert changed == {"page.md"}
