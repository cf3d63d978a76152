"""A page that is kept is the page that would be filled; it is filled anew once anything changes."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from bnreport.analysis.report import Report
from bnreport.errors import PageError
from bnreport.pages import filling, kept_pages, source_digests
from bnreport.pages.cache import Cache
from bnreport.pages.render import check, render_pages
from bnreport.pages.staging import Staging
from bnreport.pages.supplies import Supplies
from tests.pages.test_editions_on_pages import PAGE, REPORT, WHOLE

CITATION = 'title: "A site"\nversion: "1"\nauthors: [{name: us}]\n'
TEXT = """---
title: A page
---
[% include "_part.md" %]
[[ cite("one2001") ]] [[ term("word") ]] [[ math("x^2") ]] [[ study("small").value("edition") ]]
"""
WORK = """@article{one2001,
 author = {One, A.},
 title = {Old},
 year = {2001},
 doi = {10.1/1}
}
"""
FILES = {
    "CITATION.cff": CITATION,
    "pyproject.toml": "",
    "results/site.json": "{}",
    "results/scheduler.json": "{}",
    "docs/_part.md": "A part.",
    "docs/a.md": TEXT,
    "docs/b.md": "---\ntitle: Another\n---\nAnother page.\n",
    f"docs/{PAGE}": WHOLE,
    "docs/references.bib": WORK,
    "docs/glossary.toml": '[word]\nmeaning = "a meaning"\n',
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A checkout with two pages beside that of a study."""
    for name, text in FILES.items():
        path = tmp_path / "checkout" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path / "checkout"


@pytest.fixture(autouse=True)
def filled(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The pages that are filled, in order."""
    pages, fill = [], filling.Faults.fill

    def noting(self: filling.Faults, *args: object) -> str:
        pages.append(self.page)
        return fill(self, *args)  # type: ignore[arg-type]

    monkeypatch.setattr(filling.Faults, "fill", noting)
    monkeypatch.setattr("bnreport.pages.render.read_site_times", lambda _: None)
    return pages


def known(report: Report = REPORT, origin: str = "made from this") -> Report:
    """The report of a study that says what each edition of it was made from."""
    (name, first), *_ = report.studies.items()
    later = tuple(replace(each, origin=origin) for each in first.later)
    return replace(report, studies={name: replace(first, origin=origin, later=later)})


def made(root: Path, report: Report | None = None, cached: bool = True) -> Staging:
    cache = Cache(root.parent / "cache") if cached else Cache()
    return render_pages(report or known(), root / "docs", Staging(supplies=Supplies(cache=cache)))


def test_kept_pages_bring_all_that_filled_ones_need(root: Path, filled: list[str]) -> None:
    apart, first = made(root, cached=False), made(root)
    filled.clear()
    second = made(root)
    assert filled == []
    for each in (first, second):
        assert each.files == apart.files
        assert (each.used, each.carded, each.cited) == (apart.used, apart.carded, apart.cited)
    assert second.cited == {"one2001"}
    assert second.drawings.keys() == {"small-dots", "small-dots-phone"} | {
        "small-2-dots",
        "small-2-dots-phone",
    }


def test_only_the_page_that_was_written_on_is_filled_again(root: Path, filled: list[str]) -> None:
    made(root)
    filled.clear()
    path = root / "docs" / "b.md"
    path.write_text(path.read_text(encoding="utf-8") + "More.\n", encoding="utf-8")
    assert made(root).files["b.md"].endswith("More.\n")
    assert filled == ["b.md"]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("CITATION.cff", CITATION.replace("1", "2")),
        ("pyproject.toml", "[tool]\n"),
        ("results/site.json", "{ }"),
        ("results/scheduler.json", "{ }"),
        ("docs/_part.md", "Another part."),
        # Other pages name a page by its title.
        ("docs/b.md", "---\ntitle: Renamed\n---\nAnother page.\n"),
        ("docs/references.bib", WORK.replace("Old", "New")),
        ("docs/glossary.toml", '[word]\nmeaning = "another"\n'),
        ("docs/assets/lessons/a/picture.svg", "<svg/>"),
    ],
)
def test_whatever_lies_around_a_page_fills_it_anew(
    name: str, text: str, root: Path, filled: list[str]
) -> None:
    made(root)
    filled.clear()
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_text(text, encoding="utf-8")
    made(root)
    assert "a.md" in filled


@pytest.mark.parametrize(
    "change",
    [
        lambda _: known(origin="made from other records"),
        lambda _: replace(known(), profile="quick"),
        lambda _: replace(known(), announced=frozenset({"studies/waiting.md"})),
        lambda patch: patch.setenv("SITE_URL", "https://example.org/bn/"),
        lambda patch: patch.setattr(kept_pages, "package_digest", lambda: "other code"),
        lambda patch: patch.setattr(
            "bnreport.pages.library.citation._committed", lambda _: ("abc", "2030-01-02")
        ),
    ],
)
def test_another_report_or_other_code_fills_every_page_anew(
    change: Callable[[pytest.MonkeyPatch], Report | None],
    root: Path,
    filled: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made(root)
    filled.clear()
    made(root, change(monkeypatch))
    assert set(filled) == {"a.md", "b.md", PAGE}


def test_a_report_that_was_made_from_nothing_known_keeps_no_page(
    root: Path, filled: list[str]
) -> None:
    made(root, REPORT)
    filled.clear()
    made(root, REPORT)
    assert set(filled) == {"a.md", "b.md", PAGE}


def test_a_page_with_a_fault_is_told_again(root: Path, filled: list[str]) -> None:
    (root / "docs" / "b.md").write_text("[[ nothing ]]", encoding="utf-8")
    for _ in range(2):
        filled.clear()
        with pytest.raises(PageError, match=r"docs/b\.md"):
            made(root)
        assert "b.md" in filled


def test_a_kept_page_whose_drawing_is_gone_is_filled_anew(root: Path, filled: list[str]) -> None:
    first = made(root)
    filled.clear()
    key = first.drawings["small-dots"]
    (root.parent / "cache" / "figures" / key).unlink()
    assert made(root).files == first.files
    assert PAGE in filled
    assert "b.md" not in filled


def test_whoever_looks_pages_over_draws_nothing_and_fills_none_that_is_kept(
    root: Path, filled: list[str]
) -> None:
    made(root)
    filled.clear()
    supplies = Supplies(None, cache=Cache(root.parent / "cache"))
    staging = Staging(supplies=supplies)
    assert check(known(), root / "docs", staging) == 3
    assert filled == []
    assert not [name for name in staging.files if name.endswith(".svg")]


def test_the_digest_of_the_package_covers_templates_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source_digests, "ROOT", tmp_path)
    found = set()
    for name in ("a.py", "pages/b.j2", "c.toml"):
        path = tmp_path / "bnreport" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        for text in ("one", "other"):
            path.write_text(text, encoding="utf-8")
            source_digests.package_digest.cache_clear()
            source_digests._entry.cache_clear()
            found.add(source_digests.package_digest())
    source_digests.package_digest.cache_clear()
    source_digests._entry.cache_clear()
    assert len(found) == 6
