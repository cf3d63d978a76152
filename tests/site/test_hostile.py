"""A hostile text comes out of every kind of file as the text that it is, or is refused."""

import csv
import io
import json
import logging
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import lxml.etree
import lxml.html
import numpy as np
import pytest
import yaml
from markdown import Markdown  # type: ignore[import-untyped]

from bnreport.analysis.report import Report
from bnreport.errors import BnreportError
from bnreport.figures.drawing import draw
from bnreport.figures.palettes import LIGHT
from bnreport.pages import notebook_page
from bnreport.pages.data.package import data_files
from bnreport.pages.library.bibliography import Work
from bnreport.pages.library.citation import Citation, read_citation
from bnreport.pages.library.errata import read_errata
from bnreport.pages.library.glossary import Term
from bnreport.pages.library.view import Library, LibraryView
from bnreport.pages.render import render
from bnreport.pages.staging import Staging
from bnreport.presentation.plots import Curves, Dots, Panel, Row, Series
from bnreport.records.record import Provenance
from bnreport.site import mkdocs
from bnreport.site.checks import active, files, gate
from bnreport.site.checks.notebook import _strange
from bnreport.site.checks.text import RULES
from bnreport.site.mkdocs import build_site
from tests.injection.damage import HOSTILE
from tests.site.shell import with_shell
from tests.synthetic import NBFORMAT, ROOT, made, plain, report, with_study

# A record's device, and a notebook's text, may hold these; the others are refused where they come.
PRINTABLE = tuple(text for text in HOSTILE if text.isprintable())
EXTENSIONS = ["attr_list", "md_in_html", "tables", "bnreport.site.markup"]
Tree = Any


def skeleton(tree: Tree) -> list[tuple[str, tuple[str, ...]]]:
    """The elements of a page with the names of their attributes: what a text must not change."""
    return [(str(e.tag), tuple(sorted(e.attrib))) for e in tree.iter() if isinstance(e.tag, str)]


def harmless(html: str, text: str, unharmed: str) -> bool:
    """Whether a page shows the text as it is, and holds the elements that it holds without it."""
    tree, other = (lxml.html.fragment_fromstring(part, "div") for part in (html, unharmed))
    assert not [*active.dangers(tree)]
    assert skeleton(tree) == skeleton(other)
    return text in " ".join([tree.text_content(), *tree.xpath("//@*")])


def marked_down(page: str) -> str:
    """A staged page as MkDocs makes it."""
    return str(Markdown(extensions=EXTENSIONS).convert(page))


@pytest.mark.parametrize("text", HOSTILE)
def test_what_a_record_says_of_its_making_holds_no_such_text_but_the_device(text: str) -> None:
    fields = made().model_dump()
    for name in ("code", "claims", "commit", "backend", "precision"):
        with pytest.raises(ValueError, match=name):
            Provenance.model_validate(fields | {name: text})
    for versions in ({"keras": text}, {text: "3"}):
        with pytest.raises(ValueError, match="versions"):
            Provenance.model_validate(fields | {"versions": versions})
    if text in PRINTABLE:
        Provenance.model_validate(fields | {"device": text})
    else:
        with pytest.raises(ValueError, match="device"):
            Provenance.model_validate(fields | {"device": text})


@cache
def by_devices(*devices: str) -> Report:
    """A report of records that devices of these names made, one after the other."""
    found = report()
    study = found.studies["notebook"]
    renamed = {
        run: record.model_copy(
            update={
                "provenance": made(trial=record.identity.trial, device=devices[n % len(devices)])
            }
        )
        for n, (run, record) in enumerate(study.records.items())
    }
    return plain(with_study(found, replace(study, records=renamed)))


PAGE = '[% for fact in study("notebook").facts().values() %]\n[[ fact ]]\n\n[% endfor %]\n'


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """The HTML of a page that shows every fact of the records, by such devices and by another."""
    folder = tmp_path_factory.mktemp("pages")
    (folder / "a.md").write_text(PAGE, encoding="utf-8")
    hostile, other = (
        marked_down(render(by_devices(*devices), folder).files["a.md"])
        for devices in (PRINTABLE, ("a",))
    )
    return hostile, other


@pytest.mark.parametrize("text", PRINTABLE)
def test_a_page_shows_the_name_of_a_device_as_it_is(text: str, pages: tuple[str, str]) -> None:
    hostile, other = pages
    assert harmless(hostile, text, other)


@pytest.fixture(scope="module")
def data() -> Mapping[str, str]:
    """The published data of records by such devices."""
    return data_files(by_devices(*PRINTABLE))


def test_no_file_of_the_published_data_has_a_fault(data: Mapping[str, str]) -> None:
    for name, content in data.items():
        found = {rule for rule, *_ in files.findings(name, content.encode(), [])}
        assert found == set(), name


@pytest.mark.parametrize("text", PRINTABLE)
def test_the_published_data_hold_the_name_of_a_device_as_text(
    text: str, data: Mapping[str, str]
) -> None:
    rows = csv.DictReader(io.StringIO(data["data/runs.csv"], newline=""))
    assert text in {row["device"].removeprefix("'") for row in rows}
    lines = data["data/notebook.jsonl"].splitlines()
    assert text in {json.loads(line)["provenance"]["device"] for line in lines}


@pytest.fixture
def library(tmp_path: Path) -> Library:
    """A library whose files the tests write."""
    return Library(tmp_path)


def shown_works(library: Library, text: str) -> str:
    """The list of works, and a link to one, whose names and titles hold the text."""
    work = Work("a", (text,), (text,), text, text, text, "https://example.org", text)
    library.__dict__["works"] = {"a": work}
    view = LibraryView("learn/limits.md", Staging(), library)
    return f"{view.references()}{view.cite('a')}"


def shown_terms(library: Library, text: str) -> str:
    """The glossary, and a word with its hint."""
    library.__dict__["entries"] = {"a": Term("a", text), "b": Term(f"b{text}", "a")}
    view = LibraryView("learn/limits.md", Staging(), library)
    return f"{view.glossary()}{view.term('a')}"


def shown_errata(library: Library, text: str) -> str:
    """The list of errata."""
    said = json.dumps(text, ensure_ascii=True)
    fields = "".join(f"{name} = {said}\n" for name in ("page", "title", "wrong", "mended"))
    path = library.sources / "errata.toml"
    path.write_text(f"[[errata]]\ndate = 2031-02-03\n{fields}", encoding="utf-8")
    assert read_errata(path)[0].wrong == text
    return str(LibraryView("learn/limits.md", Staging(), library).errata())


@pytest.mark.parametrize("shown", [shown_works, shown_terms, shown_errata])
@pytest.mark.parametrize("text", HOSTILE)
def test_works_words_and_errata_are_shown_as_they_are_written(
    text: str, shown: Callable[[Library, str], str], library: Library
) -> None:
    html = shown(library, text)
    # A parser ends at a NUL; the gate refuses a page that holds one.
    seen = html.replace("\0", "")
    assert harmless(seen, text.replace("\0", ""), shown(library, "a"))
    if not text.isprintable() and text != "one\ntwo":
        tree = lxml.html.document_fromstring(f"<html><body>{seen}</body></html>")
        found = {rule for rule, *_ in (*gate._half(html.encode()), *unseen(tree))}
        assert "sign that nobody sees" in found


def unseen(tree: Tree) -> Iterator[tuple[str, str, str]]:
    """What the gate finds in the texts of a page."""
    for rule in RULES:
        yield from (fault for fault in rule(tree) if fault[0] == "sign that nobody sees")


EPOCHS = np.array([1.0, 2.0])


def curves(text: str) -> Curves:
    """A figure of curves in which every word is the text."""
    series = Series(text, "bn", EPOCHS, np.array([[0.2, 0.1]]))
    return Curves(text, text, text, (Panel(text, text, (series,)),))


def dots(text: str) -> Dots:
    """A figure of dots in which every word is the text."""
    return Dots(text, text, text, (Row(text, "bn", EPOCHS, 0.9, 1.5, 2.1, (2.0,), cross=text),))


# A line end begins a line of a label; at a NUL matplotlib warns.
@pytest.mark.parametrize("plot", [curves, dots])
@pytest.mark.parametrize("text", [*PRINTABLE, "\u202egnp.exe"])
def test_a_figure_draws_its_words_as_text(text: str, plot: Callable[[str], Curves | Dots]) -> None:
    svg = draw(plot(text), LIGHT)
    found = {rule for rule, *_ in files.findings("figures/a.svg", svg.encode(), [])}
    if text not in PRINTABLE:
        assert "sign that nobody sees" in found
        return
    assert found <= {"leftover template mark"}
    tree, other = (lxml.etree.fromstring(t.encode()) for t in (svg, draw(plot("a"), LIGHT)))
    assert {*map(str, (e.tag for e in tree.iter()))} == {*map(str, (e.tag for e in other.iter()))}


@pytest.mark.parametrize("text", HOSTILE)
def test_an_output_of_the_notebook_is_text_or_is_refused(text: str) -> None:
    written = NBFORMAT.v4.new_output("stream", text=text)
    assert _strange(written) == ""
    live = NBFORMAT.v4.new_output("display_data", data={"text/html": f"<p>{text}</p>"})
    dangerous = "<script" in text or "<img" in text
    assert bool(_strange(live)) == dangerous
    for kind in ("application/javascript", "text/markdown", "text/latex"):
        assert _strange(NBFORMAT.v4.new_output("display_data", data={kind: text}))


# What follows builds one small site in which each text heads, describes and fills a page.


@dataclass(frozen=True)
class Built:
    """A site, and the scripts that its theme brings."""

    site: Path
    theme: set[str]

    def page(self, name: str) -> Tree:
        """A page of it."""
        return lxml.html.document_fromstring((self.site / name).read_bytes())


@pytest.fixture(scope="module", params=["plugin", "staged"])
def built(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The site, whose authors and whose notebook say the first of the texts."""
    root = with_shell(tmp_path_factory.mktemp("hostile"))
    staged = root / "build" / "docs"
    (staged / "index.md").write_text("# Home\n\nText.\n", encoding="utf-8")
    (staged / "plain.md").write_text("---\ndescription: Plain\n---\n# Plain\n", encoding="utf-8")
    for number, text in enumerate(PRINTABLE):
        head = yaml.safe_dump({"description": f"About {text}", "title": f"Page {number} {text}"})
        page = f"---\n{head}---\n\n# Page {number}\n\n`` {text} ``\n"
        (staged / f"page-{number}.md").write_text(page, encoding="utf-8")
    cells = [NBFORMAT.v4.new_code_cell("a", id=f"a{n}") for n, _ in enumerate(PRINTABLE)]
    for number, (cell, text) in enumerate(zip(cells, PRINTABLE, strict=True), 1):
        cell.execution_count = number
        cell.outputs = [NBFORMAT.v4.new_output("stream", name="stdout", text=f"{text}\n")]
    notebook = NBFORMAT.v4.new_notebook(cells=[NBFORMAT.v4.new_markdown_cell("# N"), *cells])
    NBFORMAT.write(notebook, staged / notebook_page.SOURCE)
    if request.param == "staged":
        text = notebook_page.page(notebook)
        (staged / notebook_page.PAGE).write_text(text, encoding="utf-8")
    menu: list[Any] = [{"Home": "index.md"}, {"Notebook": notebook_page.SOURCE}]
    menu.append({"Plain": "plain.md"})
    menu += [{f"Page {number}": f"page-{number}.md"} for number, _ in enumerate(PRINTABLE)]
    with pytest.MonkeyPatch.context() as patch:
        for name in ("BNREPORT_PROFILE", "BNREPORT_UNVERIFIED", "SOURCE_DATE_EPOCH"):
            patch.setenv(name, "0")
        patch.setattr(logging.getLogger("mkdocs"), "handlers", [])
        cited = Citation("key", PRINTABLE, "A title", "1.0.0")
        patch.setattr(mkdocs, "read_citation", lambda _: cited)
        theme = build_site(root, menu, report(), root / "site")
    return Built(root / "site", theme)


@pytest.mark.slow
def test_no_page_of_the_small_site_runs_anything_unless_it_is_refused(built: Built) -> None:
    found = gate.inspect(built.site, [], built.theme)
    dangerous = ("script", "address", "form", "page within", "leaves", "damaged", "search index")
    refused = {fault.page for fault in found if fault.rule.startswith(dangerous)}
    # The theme shows the title of a page as the HTML that its author wrote.
    live = {f"page-{number}.html" for number, text in enumerate(PRINTABLE) if "<" in text}
    assert refused == live


@pytest.mark.slow
@pytest.mark.parametrize("number", range(len(PRINTABLE)))
def test_the_head_of_a_page_says_the_text_as_it_is(built: Built, number: int) -> None:
    text, tree = PRINTABLE[number], built.page(f"page-{number}.html")
    (described,) = tree.xpath("//meta[@name='description']/@content")
    assert described == f"About {text}"
    for name in ("og:description", "twitter:description"):
        assert tree.xpath(f"//meta[@property='{name}' or @name='{name}']/@content") == [described]
    assert {*tree.xpath("//meta[@name='citation_author']/@content")} == {*PRINTABLE}
    (article,) = map(json.loads, tree.xpath("//script[@type='application/ld+json']/text()"))
    assert article["description"] == described
    assert [author["name"] for author in article["author"]] == [*PRINTABLE]
    title = tree.findtext(".//head/title")
    # Of a title the marks of HTML are left out.
    told = re.sub(r"<[^>]*>", "", text).strip()
    assert f"Page {number}" in title
    assert told in title
    assert text in "".join(tree.xpath("//article//code//text()"))
    # What comes before and behind a page differs.
    heads = [
        [part for part in skeleton(page.find("head")) if part[0] != "link"]
        for page in (tree, built.page("plain.html"))
    ]
    assert heads[0] == heads[1]


@pytest.mark.slow
def test_the_index_of_the_search_and_the_notebook_hold_the_texts_as_text(built: Built) -> None:
    index: Mapping[str, Any] = json.loads((built.site / "search/search_index.json").read_bytes())
    said = {
        entry["location"]: lxml.html.fragment_fromstring(entry["text"], "div").text_content()
        for entry in index["docs"]
    }
    for number, text in enumerate(PRINTABLE):
        assert text in said[f"page-{number}.html"]
    outputs = built.page("notebook.html").xpath(
        "//div[contains(@class, 'jp-OutputArea-output')]//pre"
    )
    assert [output.text_content().strip() for output in outputs] == [*PRINTABLE]


def test_a_site_of_such_an_address_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    for text in HOSTILE:
        with monkeypatch.context() as patch:
            if "\0" not in text:
                patch.setenv("SITE_URL", text)
                with pytest.raises(BnreportError, match="SITE_URL"):
                    read_citation(ROOT)
