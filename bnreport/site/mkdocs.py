"""Run MkDocs over the staged pages."""

import logging
import os
from datetime import datetime
from pathlib import Path

import lxml.html
from mkdocs.commands.build import build as mkdocs_build
from mkdocs.config import load_config
from mkdocs.exceptions import MkDocsException

from bnreport.analysis.report import Report
from bnreport.errors import PageError
from bnreport.pages.fragments import fragment
from bnreport.pages.library.citation import read_citation
from bnreport.pages.library.errata import FEED
from bnreport.pages.library.repository import read_repository
from bnreport.pages.social_card import ALT
from bnreport.site import policy
from bnreport.site.menu import Menu
from bnreport.site.reading_order import ReadingOrder
from bnreport.site.search import Search

ERROR_PAGE = "404.html"


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
    unverified = [s.study.title for s in report.editions() if s.standing == "unverified"]
    os.environ["BNREPORT_UNVERIFIED"] = ", ".join(dict.fromkeys(unverified))
    # The dates of the sitemap are those of the source, so that equal sources build equal sites.
    # Where nobody knows a date, theme/sitemap.xml leaves out that of 1970.
    citation, source = read_citation(root), read_repository()
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
            **({"repo_url": source.address, "edit_uri": source.edits("docs/")} if source else {}),
        )
        # Where the source is, for those who mend it, run it or report a mistake.
        config.extra["repository"] = source.links if source else {}
        # For those who index the site, cite it or share it: see theme/partials/about.html.
        config.extra["citation"], config.extra["card"] = citation, ALT
        staged = Path(config.docs_dir)
        config.extra["feed"] = FEED if (staged / FEED).exists() else ""
        data = (path for path in (staged / "data").glob("*") if path.is_file())
        config.extra["data"] = sorted(path.relative_to(staged).as_posix() for path in data)
        config.plugins["bnreport/search"] = Search()
        config.plugins["bnreport/reading-order"] = ReadingOrder()
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
            "Fix what it names above."
        ) from error
    return theme


def _epoch(day: str) -> int:
    """The first second of a day (year-month-day) since 1970; of an unknown one, zero."""
    return int(datetime.fromisoformat(f"{day}T00:00:00+00:00").timestamp()) if day else 0


def _seal(site: Path, served: bool) -> set[str]:
    """Let each page run the theme's scripts by their digests, and no other; these scripts.

    A page that is served while it is written may run any script of its own.
    """
    theme = policy.known(lxml.html.parse(str(site / ERROR_PAGE)).getroot())
    for path in site.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        if served:
            sealed = text.replace(policy.ROOM, f"{policy.ROOM} 'unsafe-inline'")
        else:
            sealed = policy.sealed(text, theme, path.relative_to(site).as_posix())
        path.write_text(sealed, encoding="utf-8", newline="\n")
    return theme
