"""From records to a finished site: all of it, or what was there before."""

import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import lxml.html
import pytest
from rich.console import Console

from bnreport.analysis.study import Study
from bnreport.commands.build import build
from bnreport.commands.build_options import BuildOptions
from bnreport.commands.project import Project
from bnreport.commands.publish import publish, restore
from bnreport.commands.report import from_records
from bnreport.errors import BnreportError, GateError, PageError, RecordError
from bnreport.figures.palettes import LIGHT, Palette
from bnreport.pages.cache import Cache
from bnreport.pages.fingerprint import fingerprint
from bnreport.pages.supplies import Supplies
from bnreport.presentation.plots import Plot
from bnreport.records import checksums, store, writing
from bnreport.records.layout import Layout
from bnreport.site.checks.fault import ERROR_PAGE
from bnreport.studies import all_studies
from tests import synthetic
from tests.compiled import USUAL, environment
from tests.processes import one_core, path_of
from tests.synthetic import NBFORMAT, NOTEBOOK, PERFORMANCE

STUDIES = (NOTEBOOK, PERFORMANCE)
# A build that has the lock waits for a line before it goes on, and then finds nothing to do.
HELD = """
from bnreport.commands import build
from bnreport import cli
def held(order, console):
    print("held", flush=True)
    print("released by", input(), flush=True)
    return build.Summary(order.layout.site)
build._build = held
cli.main()
"""
QUICK_RUNS = sum(len(study.identities("quick")) for study in STUDIES)

TRAINING = ("jax", "keras", "sklearn", "tensorflow")


def bnreport(root: Path, *words: str, program: str = "", limit: int = 1200) -> str:
    """What a call of the command line in that checkout prints; it must succeed."""
    start = ["-c", program] if program else ["-m", "bnreport"]
    with one_core():
        done = subprocess.run(
            [sys.executable, *start, *words],
            cwd=root,
            # What trains compiles as it does for users.
            env=os.environ
            | {"PYTHONPATH": path_of(root), "TF_CPP_MIN_LOG_LEVEL": "3"}
            | environment(USUAL),
            capture_output=True,
            text=True,
            check=False,
            timeout=limit,
        )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def dot(_: Plot | None, palette: Palette) -> str:
    """The smallest figure that is none to the gate."""
    size = 'xmlns="http://www.w3.org/2000/svg" height="9pt" width="9pt"'
    return f'<svg {size}><path d="M1 1h7" stroke="{palette.ink}"/></svg>'


def labelled(plot: Plot, palette: Palette) -> str:
    """The same with a digest of what it would show: no two are equal."""
    return dot(plot, palette).replace("><path", f' id="{fingerprint(plot)}"><path')


def dots(cache: Cache, **_: object) -> Supplies:
    """Supplies whose figures are dots; all else is kept as usual."""
    return Supplies(dot, cache=cache)


@pytest.fixture
def without_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Builds whose figures are dots: what they show is tested elsewhere."""
    monkeypatch.setattr("bnreport.commands.build.Supplies", dots)


def text_of(page: Path) -> str:
    tree = lxml.html.document_fromstring(page.read_bytes())
    return " ".join(tree.find(".//body").text_content().split())


@pytest.fixture
def package() -> bool:
    """Whether a process of its own works in the checkout, so that it needs a package of its own."""
    return False


@pytest.fixture
def checkout(tmp_path: Path, package: bool) -> Layout:
    """A copy of the checkout with made-up full records and a site of an earlier build."""
    layout = Layout(synthetic.checkout(tmp_path / "checkout", package))
    writing.write(layout.committed("notebook", "full"), synthetic.stored().values())
    writing.write(layout.committed("performance", "full"), synthetic.performance_records().values())
    layout.verified("notebook").unlink(missing_ok=True)
    checksums.update(layout.results)
    for folder in (layout.staged, layout.site):
        folder.mkdir(parents=True)
        (folder / "old.html").write_text("An earlier build.", encoding="utf-8")
    return layout


def order_of(layout: Layout, announced: Sequence[Study] = (), **options: Any) -> BuildOptions:
    """A build from records, of studies that wait but for those that are made up."""
    studies = all_studies() | synthetic.waiting() | {study.name: study for study in announced}
    return BuildOptions(Project(layout, lambda: studies), records_only=True, **options)


def refused(
    layout: Layout, error: type[BnreportError], match: str, announced: Sequence[Study] = ()
) -> None:
    """Build from records; fail unless it is refused and everything stays as it was."""
    layout.build_lock.touch()
    before = {path: path.stat().st_mtime_ns for path in layout.root.rglob("*") if path.is_file()}
    with pytest.raises(error, match=match):
        build(order_of(layout, announced), Console(file=io.StringIO()))
    after = {path: path.stat().st_mtime_ns for path in layout.root.rglob("*") if path.is_file()}
    changed = {path for path in before | after if before.get(path) != after.get(path)}
    assert {path for path in changed if not path.is_relative_to(layout.built)} <= {
        layout.build_lock
    }


@pytest.fixture
def partial(tmp_path: Path) -> Path:
    """A finished site that only its owner can read, beside an earlier one."""
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "old.html").write_text("old", encoding="utf-8")
    (tmp_path / "site.partial" / "a").mkdir(parents=True)
    (tmp_path / "site.partial" / "a" / "new.html").write_text("new", encoding="utf-8")
    for path in (tmp_path / "site.partial", *(tmp_path / "site.partial").rglob("*")):
        path.chmod(0o700 if path.is_dir() else 0o600)
    return tmp_path / "site.partial"


@pytest.mark.parametrize("mounted", [False, True])
def test_a_finished_site_takes_the_place_of_the_earlier_one_and_everyone_may_read_it(
    partial: Path, mounted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = partial.with_name("site")
    monkeypatch.setattr(Path, "is_mount", lambda path: mounted and path == site)
    place = site.stat().st_ino
    publish(partial, site)
    assert (site.stat().st_ino == place) is mounted
    assert [path.name for path in site.parent.iterdir()] == ["site"]
    assert [path.relative_to(site).as_posix() for path in site.rglob("*")] == ["a", "a/new.html"]
    modes = {path.stat().st_mode & 0o777 for path in (site, site / "a")}
    assert modes == {0o755}
    assert (site / "a" / "new.html").stat().st_mode & 0o777 == 0o644


def test_a_call_that_is_killed_between_two_names_costs_no_site(
    partial: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site, rename = partial.with_name("site"), Path.rename

    def killed(path: Path, target: Path) -> Path:
        if path == partial:
            raise KeyboardInterrupt
        return rename(path, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", killed)
        with pytest.raises(KeyboardInterrupt):
            publish(partial, site)
    assert not site.exists()
    restore(site)
    assert [path.name for path in site.iterdir()] == ["old.html"]
    # It stays where it is when there is nothing to put back, or nowhere to.
    restore(site)
    publish(partial, site)
    restore(site)
    assert [path.name for path in site.iterdir()] == ["a"]


@pytest.mark.slow
@pytest.mark.usefixtures("without_figures")
def test_a_site_that_the_gate_refuses_lies_beside_the_last_good_one(
    checkout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("BNREPORT_PROFILE", "BNREPORT_UNVERIFIED", "SOURCE_DATE_EPOCH"):
        monkeypatch.setenv(name, "0")
    page = checkout.pages / "run.md"
    page.write_text(page.read_text(encoding="utf-8") + "\n<script>a</script>\n", encoding="utf-8")
    partial = checkout.site.with_name("site.partial")
    with pytest.raises(GateError, match=rf"{re.escape(str(partial))}.*\n +run\.html: script that"):
        build(order_of(checkout), Console(file=io.StringIO()))
    assert [path.name for path in checkout.site.iterdir()] == ["old.html"]
    assert (partial / "run.html").exists()


@pytest.mark.parametrize("name", ["site", "site.partial"])
def test_a_folder_that_holds_other_files_is_refused(checkout: Layout, name: str) -> None:
    other = checkout.root.with_name("elsewhere") / name
    other.mkdir(parents=True)
    (other / "thesis.txt").write_text("mine", encoding="utf-8")
    order = order_of(checkout, site=other.with_name("site"))
    with pytest.raises(GateError, match=rf"{re.escape(str(other))}\. Received: other files"):
        build(order, Console(file=io.StringIO()))
    assert (other / "thesis.txt").exists()


def test_a_missing_run_stops_the_build_before_a_page_is_written(checkout: Layout) -> None:
    path = checkout.committed("notebook", "full")
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(lines[1:]), encoding="utf-8")
    checksums.update(checkout.results)
    refused(checkout, RecordError, "bnreport run notebook")


@pytest.mark.parametrize("loss", ["deleted", "a link that leads nowhere"])
def test_lost_records_stop_the_build_and_are_no_announcement(checkout: Layout, loss: str) -> None:
    path = checkout.committed("performance", "full")
    path.unlink()
    if loss != "deleted":
        path.symlink_to("nowhere.jsonl")
    refused(checkout, RecordError, r"performance\.jsonl.*Restore the file.*announced=True")


def test_records_of_an_announced_study_stop_the_build(checkout: Layout) -> None:
    announced = [replace(PERFORMANCE, announced=True)]
    told = r"no records of performance.*Take `announced=True` out"
    refused(checkout, RecordError, told, announced)


def test_a_study_without_its_page_stops_the_build_by_its_name(checkout: Layout) -> None:
    (checkout.pages / PERFORMANCE.page).unlink()
    refused(checkout, PageError, r"page of the study performance in docs/studies/performance\.md")


def test_results_that_are_not_those_that_are_listed_stop_the_build(checkout: Layout) -> None:
    (timing, *_) = (r for r in synthetic.stored().values() if r.identity.trial.kind == "timing")
    path = checkout.committed("notebook", "full")
    fast = timing.model_copy(update={"history": dict.fromkeys(timing.history, (0.1,) * 12)})
    writing.write(path, (synthetic.stored() | {timing.id: fast}).values())
    refused(checkout, RecordError, r"SHA256SUMS lists\. Received: notebook\.jsonl: changed\.")


def test_records_under_other_claims_than_their_commits_hold_stop_the_build(
    checkout: Layout,
) -> None:
    head = "a" * 40
    path = checkout.committed("notebook", "full")
    writing.write(path, synthetic.stored(commit=head).values())
    table = f'{{"{head}": {{"notebook": "{"0" * 64}"}}}}'
    checkout.preregistration.write_text(table, encoding="utf-8")
    checksums.update(checkout.results)
    refused(checkout, RecordError, r"in .*notebook\.jsonl to be made under the claims of notebook")


def test_a_report_names_the_commits_whose_claims_nobody_knows(checkout: Layout) -> None:
    commit, said = "a" * 40, io.StringIO()
    records = synthetic.stored(commit=commit).values()
    writing.write(checkout.committed("notebook", "full"), records)
    checksums.update(checkout.results)
    unknown = from_records(order_of(checkout), Console(file=said)).studies["notebook"]
    assert unknown.unchecked == (commit,)
    assert "not checked here" in " ".join(said.getvalue().split())
    table = {commit: {"notebook": NOTEBOOK.claims_digest}}
    checkout.preregistration.write_text(json.dumps(table), encoding="utf-8")
    checksums.update(checkout.results)
    known = from_records(order_of(checkout), Console(file=io.StringIO())).studies["notebook"]
    assert known.unchecked == ()


def test_stale_records_stop_the_build_before_a_page_is_written(checkout: Layout) -> None:
    synthetic.write_down(checkout, agreed=False)
    refused(checkout, RecordError, r"notebook\.verified\.json")


@pytest.mark.slow
def test_an_unknown_name_stops_the_build_before_a_page_is_written(checkout: Layout) -> None:
    page = checkout.pages / "run.md"
    page.write_text('[[ study("notebook").value("nothing") ]]', encoding="utf-8")
    refused(checkout, PageError, r"docs/run\.md.*'nothing'")


def test_a_notebook_that_was_not_executed_stops_the_build(checkout: Layout) -> None:
    notebook = NBFORMAT.read(checkout.notebook, as_version=4)
    next(cell for cell in notebook.cells if cell.cell_type == "code").execution_count = None
    NBFORMAT.write(notebook, checkout.notebook)
    refused(checkout, GateError, "bnreport notebook")


@pytest.mark.slow
@pytest.mark.parametrize("package", [True], ids=["own package"])
def test_a_second_build_in_one_checkout_is_refused_and_the_first_goes_on(checkout: Layout) -> None:
    first = subprocess.Popen(
        [sys.executable, "-c", HELD, "build", "--records"],
        cwd=checkout.root,
        env=os.environ | {"PYTHONPATH": str(checkout.root)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert first.stdout is not None
    assert first.stdout.readline() == "held\n"
    with pytest.raises(BnreportError, match=r"only build in this checkout.*build\.lock"):
        build(order_of(checkout), Console(file=io.StringIO()))
    said, _ = first.communicate("a test\n", timeout=1200)
    assert first.returncode == 0, said
    assert "released by a test" in said
    # Whoever comes after it may build.
    checkout.notebook.unlink()
    with pytest.raises(GateError, match="a notebook"):
        build(order_of(checkout), Console(file=io.StringIO()))


@pytest.mark.slow
def test_full_records_become_a_site_whose_data_lead_to_its_pages(
    checkout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("BNREPORT_PROFILE", "BNREPORT_UNVERIFIED", "SOURCE_DATE_EPOCH"):
        monkeypatch.setenv(name, "0")
    summary = build(order_of(checkout), Console(file=io.StringIO()))
    site = checkout.site
    assert summary.site == site
    assert summary.trained == 0
    editions = [edition for study in STUDIES for edition in study.by_edition()]
    assert summary.reused == sum(len(edition.identities("full")) for edition in editions)
    assert not (site / "old.html").exists()
    for page in site.rglob("*.html"):
        assert "Quick profile." not in text_of(page), page
    for claim in json.loads((site / "data" / "claims.json").read_text(encoding="utf-8")):
        page, anchor = claim["page"].split("#")
        (card,) = lxml.html.parse(site / page).xpath(f"//*[@id='{anchor}']")
        words = " ".join(card.text_content().split())
        assert claim["statement"] in words
        assert claim["verdict"].replace("underpowered", "undecided") in words
    rows = (site / "data" / "notebook.csv").read_text(encoding="utf-8").splitlines()
    assert len(rows) == 1 + sum(i.trial.length for i in NOTEBOOK.identities("full"))
    board = lxml.html.parse(site / "verdicts.html").getroot()
    links = board.xpath("//*[@class='board__actions']/a/@href")
    assert len(links) == sum(len(edition.claims) for edition in NOTEBOOK.by_edition())


@pytest.mark.slow
def test_what_is_kept_of_an_earlier_build_makes_equal_bytes_and_is_not_made_again(
    checkout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkout.built.unlink()

    # That another process draws the same is tested where figures are.
    def supplies(cache: Cache, **_: object) -> Supplies:
        return Supplies(labelled, cache=cache)

    monkeypatch.setattr("bnreport.commands.build.Supplies", supplies)
    # What follows the staged pages knows of no cache.
    for name in ("build_site", "check_site", "publish"):
        monkeypatch.setattr(f"bnreport.commands.build.{name}", lambda *_: None)

    def staged(cache: bool) -> dict[str, bytes]:
        monkeypatch.setattr("bnreport.pages.supplies._CONVERTED", {})
        build(order_of(checkout, cache=cache), Console(file=io.StringIO()))
        paths = (path for path in checkout.staged.rglob("*") if path.is_file())
        return {path.relative_to(checkout.staged).as_posix(): path.read_bytes() for path in paths}

    anew = staged(cache=False)
    assert not checkout.built.exists()
    first = staged(cache=True)
    for name in (
        "commands.report.report_study",
        "pages.supplies.convert",
        "pages.supplies.Supplies.draw_all",
    ):
        monkeypatch.setattr(f"bnreport.{name}", _again)
    monkeypatch.setattr("pypandoc.convert_file", _again)
    second = staged(cache=True)
    assert any(path.startswith("figures/") for path in anew)
    assert first == anew
    assert second == anew
    with pytest.raises(AssertionError, match="made again"):
        staged(cache=False)


def _again(*_: object, **__: object) -> None:
    raise AssertionError("What is kept is made again.")


@pytest.mark.slow
def test_committed_quick_records_become_a_site_without_a_training_library(tmp_path: Path) -> None:
    layout = Layout(synthetic.checkout(tmp_path / "checkout"))
    # What was verified of the full records does not concern the quick ones.
    synthetic.write_down(layout, agreed=False)
    site = tmp_path / "elsewhere"
    program = (
        "import sys\n"
        "from bnreport.commands import build; from bnreport.pages import supplies\n"
        f"draw = lambda *_: {dot(None, LIGHT)!r}\n"
        "build.Supplies = lambda cache, **_: supplies.Supplies(draw, cache=cache)\n"
        "from bnreport.cli import main\n"
        "main()\n"
        f"print('loaded:', *sorted(set({TRAINING}) & set(sys.modules)))\n"
    )
    words = ("build", "--records", "--profile", "quick", "--site-dir", str(site))
    said = bnreport(layout.root, *words, program=program)
    assert said.splitlines()[-1].strip() == "loaded:"
    # An edition without quick runs shows its full ones.
    later = sum(len(at.identities("full")) for study in STUDIES for at in study.later)
    assert f"Runs trained: 0; reused: {QUICK_RUNS + later}." in said
    assert str(site / "index.html") in said
    pages = sorted(site.rglob("*.html"))
    assert {"index.html", "methods.html", "notebook.html"} <= {page.name for page in pages}
    for page in pages:
        # The error page stands by itself: nobody knows at which depth it will be shown.
        assert "Quick profile." in text_of(page) or page.name == ERROR_PAGE, page
    assert not layout.site.exists()
    assert {*(layout.root / ".local").iterdir()} == {layout.build_lock, layout.built}


@pytest.mark.train
def test_a_quick_build_trains_everything_once_and_then_nothing(tmp_path: Path) -> None:
    layout = Layout(synthetic.checkout(tmp_path / "checkout"))
    committed = {path: path.read_bytes() for path in (layout.root / "results").rglob("*.jsonl")}
    wanted = NOTEBOOK.identities("quick")

    said = bnreport(layout.root, "build", "--profile", "quick")
    assert f"Runs trained: {QUICK_RUNS}; reused: 0." in said
    assert "agree with the record; see the page" in said
    trained = store.read(layout.local("notebook", "quick"), print)
    assert trained.keys() == {identity.run_id for identity in wanted}
    page = text_of(layout.site / "this-machine.html")
    assert f"This machine trained {len(NOTEBOOK.check)} runs" in page
    assert "Quick profile." in page
    first = {
        path.relative_to(layout.site): path.read_bytes()
        for path in layout.site.rglob("*")
        if path.is_file()
    }

    said = bnreport(layout.root, "build", "--profile", "quick")
    assert f"Runs trained: 0; reused: {QUICK_RUNS}." in said
    second = {
        path.relative_to(layout.site): path.read_bytes()
        for path in layout.site.rglob("*")
        if path.is_file()
    }
    # The same records give the same site, byte for byte.
    assert [str(path) for path in first if first[path] != second.get(path)] == []
    assert first.keys() == second.keys()
    assert {path: path.read_bytes() for path in committed} == committed
