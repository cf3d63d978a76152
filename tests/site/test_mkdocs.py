"""MkDocs builds strictly: what it would only warn of stops the build."""

import json
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import lxml.html
import pytest

from bnreport.errors import PageError
from bnreport.lessons import NAMES
from bnreport.lessons.lesson import page_of
from bnreport.pages.library.citation import read_citation
from bnreport.site.checks.gate import inspect
from bnreport.site.menu import Menu, expected_pages, navigation
from bnreport.site.mkdocs import build_site
from bnreport.site.policy import digest, scripts
from bnreport.site.search import finish, held_of, mended, outlined, weight
from tests.site.shell import MENU, write
from tests.synthetic import NOTEBOOK, report


def test_the_menu_holds_every_study_by_its_title() -> None:
    menu = navigation(report())
    evidence = parts(menu)["Evidence"]
    (chapter,) = [
        entry for entry in evidence if isinstance(entry, dict) and "The notebook" in entry
    ]
    assert {NOTEBOOK.title: NOTEBOOK.page} in chapter["The notebook"]
    assert menu[0] == {"Home": "index.md"}
    assert "studies/performance.html" in expected_pages(menu)


def parts(menu: Menu) -> dict[str, Any]:
    """The parts of the menu by their titles."""
    return {title: pages for entry in menu for title, pages in dict(entry).items()}  # type: ignore[arg-type]


def test_the_first_words_of_the_menu_are_what_readers_come_for() -> None:
    menu = parts(navigation(report()))
    assert [*menu] == ["Home", "Learn", "Fix it", "Evidence", "Reproduce"]
    # Lessons stand open, studies in folds.
    assert menu["Learn"][0] == "learn/what.md"
    assert menu["Fix it"][0] == "learn/failures.md"
    assert not [
        page for page in menu["Evidence"] if "studies/" in str(page) and isinstance(page, str)
    ]


def test_every_lesson_stands_in_the_menu_once() -> None:
    found = expected_pages(navigation(report()))
    assert sorted(name for name in found if name.startswith("learn/")) == sorted(
        page_of(name).replace(".md", ".html") for name in NAMES
    )
    assert len({*found}) == len(found)


def test_every_entry_of_the_menu_becomes_a_page() -> None:
    menu: Menu = [{"Home": "index.md"}, {"C": [{"A": "studies/a.md"}, {"N": "notebook.ipynb"}]}]
    assert expected_pages(menu) == ["index.html", "studies/a.html", "notebook.html"]


@pytest.mark.slow
def test_a_link_to_nowhere_stops_the_build(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(root, "[a page](nowhere.md)")
    with pytest.raises(PageError, match="without a warning"):
        build_site(root, MENU, report(), root / "site")
    assert "nowhere.md" in capsys.readouterr().err


@pytest.mark.slow
def test_the_banner_follows_profile_and_standing(root: Path) -> None:
    write(root, "Text.")
    said = {}
    for name, found in {
        "full": report(),
        "quick": report(profile="quick"),
        "old": report(code="older"),
    }.items():
        build_site(root, MENU, found, root / name)
        page = (root / name / "index.html").read_text(encoding="utf-8")
        said[name] = ("Quick profile." in page, "Unverified:" in page)
    assert said == {"full": (False, False), "quick": (True, False), "old": (False, True)}


@pytest.mark.slow
def test_the_data_set_of_the_methods_page_offers_each_file_of_data_once(root: Path) -> None:
    staged = root / "build" / "docs"
    (staged / "data").mkdir()
    names = {"a.csv": "text/csv", "a.jsonl": "application/jsonl", "claims.json": "application/json"}
    for name in names:
        (staged / "data" / name).write_text("{}", encoding="utf-8")
    write(root, "Text.")
    (staged / "methods.md").write_text("# Methods\n", encoding="utf-8")
    menu = [*MENU, {"Methods": "methods.md"}]
    build_site(root, menu, report(), root / "site")
    tree = lxml.html.parse(root / "site" / "methods.html")
    found = [
        json.loads(text) for text in tree.xpath("//script[@type='application/ld+json']/text()")
    ]
    (data,) = [described for described in found if described["@type"] == "Dataset"]
    offered = {file["contentUrl"]: file["encodingFormat"] for file in data["distribution"]}
    assert offered == {f"data/{name}": kind for name, kind in names.items()}


@pytest.mark.slow
def test_a_page_runs_only_the_scripts_of_the_theme(root: Path) -> None:
    write(root, "<script>window.ran = 1</script>")
    build_site(root, MENU, report(), root / "site")
    found = inspect(root / "site", [])
    assert {problem.page for problem in found if "script" in problem.rule} == {"index.html"}
    text = (root / "site" / "index.html").read_text(encoding="utf-8")
    assert digest("window.ran = 1") not in text
    tree = lxml.html.document_fromstring(text.encode())
    (policy,) = tree.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    own = [script for script in scripts(tree) if script != "window.ran = 1"]
    assert len(own) >= 3
    assert all(digest(script) in policy for script in own)


def test_a_theme_that_searches_otherwise_is_refused_and_the_mended_script_too() -> None:
    (script,) = Path(import_module("material").__file__ or "").parent.glob(
        "templates/assets/javascripts/workers/search.*.js"
    )
    once = mended(script.read_text(encoding="utf-8"))
    with pytest.raises(PageError, match="0 times"):
        mended(once)


def test_the_index_holds_the_headings_of_a_notebook_and_what_it_is() -> None:
    page = {"location": "n.html", "title": "Both nets", "text": "In [1]: momentum"}
    trap = {"location": "n.html#a", "title": "A trap", "text": "<p>Long words.</p>"}
    assert outlined(page, "Two nets.") == page | {"text": "Two nets."}
    assert outlined(trap, "Two nets.") == trap | {"text": ""}


def test_a_page_and_its_sections_weigh_alike_and_those_of_the_notebook_lose_their_text() -> None:
    section = {"location": "learn/failures.html#a", "title": "A", "text": "Words."}
    assert held_of(section, "n.html", "Two nets.") == section | {"boost": 2}
    others = {"location": "studies/n.html#a", "title": "A", "text": "Words."}
    assert held_of(others, "n.html", "Two nets.") == others
    trap = others | {"location": "n.html#a"}
    assert held_of(trap, "n.html", "Two nets.") == trap | {"text": ""}


def test_the_index_is_there_for_servers_and_for_folders_and_a_theme_without_one_is_refused(
    tmp_path: Path,
) -> None:
    (tmp_path / "search").mkdir()
    index = {"config": {"lang": ["en"]}, "docs": [{"location": "learn/failures.html"}]}
    (tmp_path / "search" / "search_index.json").write_text(json.dumps(index), encoding="utf-8")
    finish(tmp_path, "n.html", "Two nets.")
    text = (tmp_path / "search" / "search_index.json").read_text(encoding="utf-8")
    assert json.loads(text)["docs"] == [{"location": "learn/failures.html", "boost": 2}]
    inline = (tmp_path / "search" / "search_index.js").read_text(encoding="utf-8")
    assert inline == f"var __index = {text}"
    (tmp_path / "search" / "search_index.json").write_text("{}", encoding="utf-8")
    with pytest.raises(PageError, match="with `docs`"):
        finish(tmp_path, "n.html", "Two nets.")


def test_what_explains_weighs_more_than_what_measures_and_lists() -> None:
    pages = [
        f"{name}.html"
        for name in ("learn/failures", "learn/axes", "studies/speed", "learn/references")
    ]
    assert [weight(page) for page in pages] == [2, 1.5, 1, 1]


@pytest.mark.slow
def test_the_dates_of_the_sitemap_are_those_of_the_source(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SITE_URL", "https://bn.example/")
    write(root, "Text.")
    for date, told in (("2026-11-22", "<lastmod>2026-11-22</lastmod>"), ("", None)):
        monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
        known = replace(read_citation(root), date=date)
        monkeypatch.setattr("bnreport.site.mkdocs.read_citation", lambda _, known=known: known)
        build_site(root, MENU, report(), root / "site")
        text = (root / "site" / "sitemap.xml").read_text(encoding="utf-8")
        assert "<loc>https://bn.example/index.html</loc>" in text
        assert (told in text) if told else ("<lastmod>" not in text)


@pytest.mark.slow
def test_without_an_address_the_error_page_stands_alone(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(root, "Text.")
    monkeypatch.setenv("SITE_URL", "https://bn.example/sub/")
    theme = build_site(root, MENU, report(), root / "named")
    assert 'href="/sub/assets/' in (root / "named" / "404.html").read_text(encoding="utf-8")
    monkeypatch.delenv("SITE_URL")
    assert build_site(root, MENU, report(), root / "site") == theme
    text = (root / "site" / "404.html").read_text(encoding="utf-8")
    tree = lxml.html.document_fromstring(text)
    assert tree.xpath("//a/@href") == ["./", "../"]
    # Its icon is in the page; nothing else is asked for.
    assert tree.xpath("//script | //img | //link[@rel != 'icon']") == []
    assert tree.xpath("//link/@href") == ["data:image/x-icon,"]
    assert inspect(root / "site", [], theme) == inspect(root / "named", [], None)
