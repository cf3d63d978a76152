"""A fork's workflow names the fork, and its site leads there; elsewhere no page leads anywhere."""

import json
import shutil
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import lxml.html
import pytest

from bnreport.pages.library.citation import read_citation
from bnreport.site.menu import Menu
from bnreport.site.mkdocs import build_site
from tests.pages.test_repository import FORK
from tests.site.shell import write
from tests.synthetic import ROOT, report

PAGES: Menu = [
    {"Home": "index.md"},
    {"A study": "studies/speed.md"},
    {"The notebook": "notebook.ipynb"},
]
SOURCE = "https://github.com/someone/else"


def built(root: Path) -> dict[str, lxml.html.HtmlElement]:
    """The pages of a small site, by their names."""
    write(root, "Text.")
    staged = root / "build" / "docs"
    (staged / "studies").mkdir(exist_ok=True)
    (staged / "studies" / "speed.md").write_text("# Speed\n\nText.\n", encoding="utf-8")
    (staged / "errata.atom").write_text("<feed/>", encoding="utf-8")
    shutil.copy(ROOT / "notebooks" / "notebook.ipynb", staged)
    build_site(root, PAGES, report(), root / "site")
    names = ("index.html", "studies/speed.html", "notebook.html")
    return {name: lxml.html.parse(root / "site" / name).getroot() for name in names}


def outside(page: lxml.html.HtmlElement) -> dict[str, str]:
    """The links of the theme that leave the site, by their words, those of the text aside."""
    links = page.xpath("//a[contains(@class, 'md-source')] | //p[@class = 'help']//a")
    links += page.xpath("//p[@class = 'download']//a[starts-with(@href, 'http')]")
    return {" ".join(link.text_content().split()): link.get("href") for link in links}


@pytest.mark.slow
def test_the_site_of_a_fork_leads_to_the_fork(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in FORK.items():
        monkeypatch.setenv(name, value)
    pages = built(root)
    everywhere = {
        "Source code": SOURCE,
        "Report a mistake": f"{SOURCE}/issues/new?template=wrong.yml",
    }
    notebook = "someone/else/blob/main/notebooks/notebook.ipynb"
    expected = {
        "index.html": {"Edit this page": f"{SOURCE}/edit/main/docs/index.md"},
        "studies/speed.html": {"Edit this page": f"{SOURCE}/edit/main/docs/studies/speed.md"},
        "notebook.html": {
            "Edit this page": f"{SOURCE}/edit/main/notebooks/notebook.ipynb",
            "in Colab": f"https://colab.research.google.com/github/{notebook}",
            "in Binder": "https://mybinder.org/v2/gh/someone/else/main"
            "?labpath=notebooks%2Fnotebook.ipynb",
        },
    }
    assert {name: outside(page) for name, page in pages.items()} == {
        name: everywhere | links for name, links in expected.items()
    }
    # What the links name is in the repository.
    for links in expected.values():
        assert (ROOT / links["Edit this page"].partition("/edit/main/")[2]).is_file()
    form = parse_qs(urlsplit(everywhere["Report a mistake"]).query)["template"][0]
    assert (ROOT / ".github" / "ISSUE_TEMPLATE" / form).is_file()
    assert notebook.partition("/blob/main/")[2] in unquote(expected["notebook.html"]["in Binder"])
    (cell,) = pages["notebook.html"].xpath("//div[contains(@class, 'download__cell')]/pre")
    assert cell.text_content() == f'%pip install "bnreport[train] @ git+{SOURCE}@main"'
    # The theme's own script would ask the server for its stars; a link asks for nothing.
    for page in pages.values():
        assert not page.xpath("//*[@data-md-component = 'source']")
        assert not page.xpath(
            "//*[self::img or self::script or self::iframe]/@src[contains(., '//')]"
        )
    described = pages["index.html"].xpath("//script[@type = 'application/ld+json']/text()")
    assert {json.loads(text)["isBasedOn"]["codeRepository"] for text in described} == {SOURCE}
    assert f"repository = {{{SOURCE}}}" in read_citation(root).bibtex


@pytest.mark.slow
def test_without_a_workflow_no_page_leads_to_a_repository(root: Path) -> None:
    for name, page in built(root).items():
        assert outside(page) == {}, name
        # Programs that read feeds find that of the errata on any page.
        (feed,) = page.xpath("//link[@type = 'application/atom+xml']/@href")
        assert feed == ("../errata.atom" if "/" in name else "errata.atom")
        text = lxml.html.tostring(page, encoding="unicode")
        for word in ("/edit/", "/issues/", "colab.", "mybinder", "codeRepository", "git+http"):
            assert word not in text, (name, word)
    assert "repository" not in read_citation(root).bibtex
