"""The plugin's page of the notebook and the one that is staged are the same to their readers."""

import json
import shutil
from pathlib import Path
from typing import Any

import lxml.html
import pytest

from bnreport.pages.notebook_page import SOURCE, with_page
from bnreport.records.notebook import read_notebook
from bnreport.site.checks.gate import inspect
from bnreport.site.menu import Menu, expected_pages
from bnreport.site.mkdocs import build_site
from bnreport.site.sameness import differences
from tests.pages.test_repository import FORK
from tests.site.shell import with_shell, write
from tests.synthetic import ROOT, report

pytestmark = pytest.mark.slow

MENU: Menu = [{"Home": "index.md"}, {"A study": "studies/notebook.md"}, SOURCE]
NOTEBOOK = ROOT / "notebooks" / SOURCE
WAYS = ("plugin", "staged")
# What the plugin brings along and the style sheet hides.
HIDDEN = "//div[contains(@class, 'clipboard-copy-txt') or contains(@class, 'zeroclipboard')]"


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The site of a fork with two pages and the notebook, made in both ways."""
    root = with_shell(tmp_path_factory.mktemp("both"))
    staged = root / "build" / "docs"
    (staged / "studies").mkdir()
    (staged / "studies" / "notebook.md").write_text("# A study\n\nText.\n", encoding="utf-8")
    write(root, f"[the notebook]({SOURCE}#the-data)")
    shutil.copy(NOTEBOOK, staged)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in FORK.items():
            patch.setenv(name, value)
        made = {}
        for way in WAYS:
            if way == "staged":
                files = {path.name: path.read_bytes() for path in staged.glob("*.*")}
                for name, content in with_page(files, read_notebook(NOTEBOOK)).items():
                    (staged / name).write_bytes(content)
            made[way] = root / way
            theme = build_site(root, MENU, report(), made[way])
            assert inspect(made[way], expected_pages(MENU), theme) == []
    return made


def page(site: Path) -> Any:
    """The page of the notebook as it is seen."""
    tree = lxml.html.document_fromstring((site / "notebook.html").read_bytes())
    for part in tree.xpath(HIDDEN):
        part.drop_tree()
    return tree


def said(part: Any) -> str:
    """The text of an element, whose lines two builders break otherwise."""
    return "".join(part.text_content().split())


def test_both_pages_say_the_same_and_show_the_same(sites: dict[str, Path]) -> None:
    one, other = (page(sites[way]).find(".//article") for way in WAYS)
    assert said(one) == said(other)
    assert len(said(one)) > 10_000
    for what, least in {
        # Code and printed tables, sign by sign.
        "//div[contains(@class, 'highlight')]/pre": 12,
        "//div[contains(@class, 'jp-OutputArea-output')]//pre": 9,
    }.items():
        texts = [[part.text_content() for part in tree.xpath(f".{what}")] for tree in (one, other)]
        assert texts[0] == texts[1], what
        assert len(texts[0]) >= least
    texts = [[said(part) for part in tree.iter("h1", "h2", "p", "li")] for tree in (one, other)]
    assert texts[0] == texts[1]
    assert len(texts[0]) > 30
    for attributes, count in {"//img/@alt": 2, "//img/@src": 2, "//h2/@id": 9}.items():
        assert one.xpath(f".{attributes}") == other.xpath(f".{attributes}")
        assert len(one.xpath(f".{attributes}")) == count


def test_both_pages_lead_to_the_same_places(sites: dict[str, Path]) -> None:
    def links(way: str) -> list[tuple[str, str]]:
        return [
            (link.get("href"), said(link))
            for link in page(sites[way]).xpath("//a[@href]")
            # Of a page's own title no other page has a link.
            if link.getparent().tag != "h1"
        ]

    found = links("staged")
    assert found == links("plugin")
    names = {name for _, name in found}
    assert {"Downloadthisnotebook", "Editthispage", "inColab", "Thenotebookmeasuredagain"} <= names
    assert ("notebook.html", "Thenotebook,broughttoKeras3") in found


def test_both_pages_are_named_described_and_found_alike(sites: dict[str, Path]) -> None:
    heads = [
        [
            [dict(part.attrib) for part in tree.xpath("//meta[not(@http-equiv)] | //head/link")],
            tree.findtext(".//title"),
            tree.xpath("//script[@type = 'application/ld+json']/text()"),
        ]
        for tree in (page(sites[way]) for way in WAYS)
    ]
    assert heads[0] == heads[1]
    indexes = []
    for way in WAYS:
        index = json.loads((sites[way] / "search" / "search_index.json").read_bytes())
        indexes.append([entry for entry in index["docs"] if "keras-3" not in entry["location"]])
    assert indexes[0] == indexes[1]
    # A sign that links a heading is no part of it.
    assert not any("¶" in entry["title"] for entry in indexes[0])
    assert any(entry["location"] == "notebook.html#the-data" for entry in indexes[0])


def test_nothing_else_of_the_site_changes(sites: dict[str, Path]) -> None:
    lines = differences(*(sites[way] for way in WAYS))
    # The plugin's page has one more link that is found: to its own title.
    changed = {"notebook.html", "search/search_index.js", "search/search_index.json"}
    assert {line.partition(":")[0] for line in lines} == changed
