"""What is saved while the site is served is shown; a mistake is told, and the server goes on."""

import io
import shutil
import socket
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from bnreport.analysis.report import Report
from bnreport.commands import serve
from bnreport.commands.build_options import BuildOptions
from bnreport.commands.project import Project
from bnreport.commands.serve import Preview
from bnreport.errors import BnreportError, RecordError
from bnreport.pages.render import stage
from bnreport.pages.staging import Staging
from bnreport.records.layout import Layout
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
def preview(tmp_path: Path, calls: Calls, monkeypatch: pytest.MonkeyPatch) -> Preview:
    """A preview over a checkout of one page, whose site is its staged pages."""
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
    order = BuildOptions(Project(layout), records_only=True, cache=False)
    return Preview(order, tmp_path / "served", Console(file=io.StringIO()), calls.restart)


def shown(preview: Preview) -> str:
    return (preview.site / "a.md").read_text(encoding="utf-8")


def said(preview: Preview) -> str:
    assert isinstance(preview.console.file, io.StringIO)
    return preview.console.file.getvalue()


def write(preview: Preview, text: str) -> None:
    (preview.order.layout.pages / "a.md").write_text(text, encoding="utf-8")


def test_a_word_is_shown_and_nothing_is_judged_again(preview: Preview, calls: Calls) -> None:
    preview.build()
    assert shown(preview).endswith("old\n")
    write(preview, PAGE.format("new"))
    preview.build()
    assert shown(preview).endswith("new\n")
    assert (calls.judged, calls.restarted) == (1, 0)
    assert said(preview).count("Built in") == 2


def test_a_mistake_is_told_and_the_page_stays_until_it_is_mended(preview: Preview) -> None:
    preview.build()
    write(preview, PAGE.replace("gain.test", "gain.tset").format("new"))
    preview.build()
    assert "docs/a.md" in said(preview)
    assert "'gain.tset'" in said(preview)
    assert shown(preview).endswith("old\n")
    write(preview, PAGE.format("new"))
    preview.build()
    assert shown(preview).endswith("new\n")


def test_new_records_are_judged_and_new_code_starts_again(preview: Preview, calls: Calls) -> None:
    preview.build()
    (preview.order.layout.results / "toy.jsonl").write_text("{}", encoding="utf-8")
    preview.build()
    assert (calls.judged, calls.restarted) == (2, 0)
    (serve.PACKAGE / "code.py").write_text("# another", encoding="utf-8")
    preview.build()
    assert calls.restarted == 1
    preview.build()
    assert calls.restarted == 1


def test_damaged_records_are_told_too(preview: Preview, monkeypatch: pytest.MonkeyPatch) -> None:
    def damaged(*_: object) -> Report:
        raise RecordError("Expected records. Received: none.")

    monkeypatch.setattr(serve, "from_records", damaged)
    preview.build()
    assert "Expected records." in said(preview)


def test_a_port_that_is_taken_is_refused_before_anything_is_built(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Preview, "build", lambda _: pytest.fail("It builds."))
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(BnreportError, match=rf"port {port}.*--port"):
            serve.serve(BuildOptions(Project(Layout(tmp_path)), records_only=True), port, Console())


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
