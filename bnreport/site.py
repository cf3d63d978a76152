"""Run MkDocs over the staged pages."""

import logging
import os
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TypeAlias

import lxml.html
from mkdocs.commands.build import build as mkdocs_build
from mkdocs.config import load_config
from mkdocs.config.base import Config
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import MkDocsException
from mkdocs.plugins import BasePlugin
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page

from bnreport import active
from bnreport.boards import fragment
from bnreport.citation import read_citation
from bnreport.errors import PageError
from bnreport.lesson import page_of
from bnreport.lessons import ORDER
from bnreport.report import Report
from bnreport.social import ALT
from bnreport.study import CHAPTERS

ERROR_PAGE = "404.html"
# Pages that name themselves; titles with their page, or with the pages of a chapter.
Menu: TypeAlias = Sequence["str | Mapping[str, str | Menu]"]


_CODE, _DIVISION = re.compile(r'<div class="jp-Cell jp-CodeCell'), re.compile(r"<(/?)div\b[^>]*>")
_SIGN = '<a class="anchor-link"'


class NoSettings(Config):  # type: ignore[no-untyped-call]
    """The settings of a plugin that has none."""


class Unsearched(BasePlugin[NoSettings]):  # type: ignore[no-untyped-call]
    """Leaves the code of notebooks out of the search index, where it crowds out the rest."""

    def on_page_content(
        self, html: str, /, *, page: Page, config: MkDocsConfig, files: Files
    ) -> str:
        """The page, its code marked for the search plugin."""
        del config, files
        return unsearched(html) if page.file.src_uri.endswith(".ipynb") else html


def unsearched(html: str) -> str:
    """The page of a notebook, its code and the signs at its headings marked as not to be searched.

    The search plugin tells elements apart by their tags alone, so that a mark on a division ends
    where the next one inside it ends. A section holds none.
    """
    parts, at = [], 0
    for start in _CODE.finditer(html):
        if start.start() < at:  # a cell stands in a division that looks like one
            continue
        depth = 0
        for tag in _DIVISION.finditer(html, start.start()):
            depth += -1 if tag[1] else 1
            if not depth:
                cell = html[start.start() : tag.end()]
                parts += [
                    html[at : start.start()],
                    f"<section data-search-exclude>{cell}</section>",
                ]
                at = tag.end()
                break
    return "".join([*parts, html[at:]]).replace(_SIGN, f"{_SIGN} data-search-exclude")


def navigation(report: Report) -> Menu:
    """The pages in the order of the menu: the studies by chapter, each with a page of its own."""
    chapters: list[dict[str, list[dict[str, str]]]] = []
    for chapter in CHAPTERS:
        pages = [
            {s.study.title: s.study.page}
            for s in report.studies.values()
            if s.study.chapter == chapter
        ]
        if chapter == "The notebook":
            pages.append({"The notebook itself": "notebook.ipynb"})
        if pages:
            chapters.append({chapter: pages})
    parts = [{part: [page_of(name) for name in names]} for part, names in ORDER.items()]
    return [
        {"Home": "index.md"},
        {"Learn": parts},
        {"Verdicts": "verdicts.md"},
        *chapters,
        {
            "Methods": [
                {"How this was measured": "methods.md"},
                {"Run it yourself": "run.md"},
                {"On this machine": "this-machine.md"},
            ]
        },
    ]


def expected_pages(menu: Menu) -> list[str]:
    """The HTML pages that the finished site must hold."""
    found = []
    for entry in menu:
        for page in [entry] if isinstance(entry, str) else entry.values():
            if isinstance(page, str):
                found.append(Path(page).with_suffix(".html").as_posix())
            else:
                found += expected_pages(page)
    return found


def build_site(
    root: Path, menu: Menu, report: Report, site: Path, served: Path | None = None
) -> set[str]:
    """Build the site with MkDocs, strictly; the scripts that the theme brings, for the gate.

    Args:
        root: the checkout.
        menu: the pages in their order.
        report: what the site says.
        site: where the site goes.
        served: the staged pages of a site that is only looked at while it is written: what MkDocs
            warns of is told and stops nothing, and pages may run the script that shows them again.

    Raises:
        PageError: when MkDocs warns or fails.
    """
    os.environ["BNREPORT_PROFILE"] = report.profile
    unverified = [s.study.title for s in report.studies.values() if s.standing == "unverified"]
    os.environ["BNREPORT_UNVERIFIED"] = ", ".join(unverified)
    # The dates of the sitemap are those of the source, so that equal sources build equal sites.
    # Where nobody knows a date, theme/sitemap.xml leaves out that of 1970.
    citation = read_citation(root)
    os.environ.setdefault("SOURCE_DATE_EPOCH", str(_epoch(citation.date)))
    os.environ.setdefault("NO_MKDOCS_2_WARNING", "1")
    logger = logging.getLogger("mkdocs")
    handler = logging.StreamHandler()
    handler.setLevel(logging.WARNING)
    handler.setFormatter(logging.Formatter("  mkdocs: %(message)s"))
    logger.handlers[:] = [handler]
    logger.setLevel(logging.INFO)
    try:
        config = load_config(
            config_file=str(root / "mkdocs.yml"),
            site_dir=str(site),
            nav=menu,
            strict=served is None,
            **({"docs_dir": str(served)} if served else {}),
        )
        # For those who index the site, cite it or share it: see theme/partials/about.html.
        config.extra["citation"], config.extra["card"] = citation, ALT
        staged = Path(config.docs_dir)
        data = (path for path in (staged / "data").glob("*") if path.is_file())
        config.extra["data"] = sorted(path.relative_to(staged).as_posix() for path in data)
        config.plugins["bnreport/unsearched"] = Unsearched()
        config.plugins.on_startup(command="build", dirty=False)
        try:
            mkdocs_build(config)
        finally:
            config.plugins.on_shutdown()
        theme = _seal(site, served is not None)
        if not config.site_url:
            # A server shows it at any depth; without an address no link of the theme would lead on.
            alone = fragment("404.html.j2", title=config.site_name)
            (site / ERROR_PAGE).write_text(f"{alone}\n", encoding="utf-8", newline="\n")
    except (MkDocsException, SystemExit) as error:
        raise PageError(
            f"Expected MkDocs to build without a warning. Received: {error}. "
            "Do mend what it names above."
        ) from error
    return theme


def _epoch(day: str) -> int:
    """The first second of a day (year-month-day) since 1970; of an unknown one, zero."""
    return int(datetime.fromisoformat(f"{day}T00:00:00+00:00").timestamp()) if day else 0


def _seal(site: Path, served: bool) -> set[str]:
    """Let each page run the theme's scripts by their digests, and no other; these scripts.

    A page that is served while it is written may run any script of its own.
    """
    theme = active.known(lxml.html.parse(str(site / ERROR_PAGE)).getroot())
    for path in site.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        if served:
            sealed = text.replace(active.ROOM, f"{active.ROOM} 'unsafe-inline'")
        else:
            sealed = active.sealed(text, theme, path.relative_to(site).as_posix())
        path.write_text(sealed, encoding="utf-8", newline="\n")
    return theme
