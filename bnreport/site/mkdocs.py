"""Build the site: write the whole configuration, call the builder, finish what it made."""

import os
import subprocess
import sys
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import lxml.html
import yaml

from bnreport.analysis.report import Report
from bnreport.errors import PageError
from bnreport.pages import notebook_page
from bnreport.pages.fragments import fragment
from bnreport.pages.library.citation import Citation, read_citation
from bnreport.pages.library.errata import FEED
from bnreport.pages.library.repository import read_repository
from bnreport.pages.social_card import ALT
from bnreport.site import policy, search
from bnreport.site.menu import Menu
from bnreport.site.reading_order import PATH

ERROR_PAGE = "404.html"
# What makes the page of the notebook, unless it was made before; and that page.
PLUGIN = "mkdocs-jupyter"
NOTEBOOK = Path(notebook_page.PAGE).with_suffix(".html").name
HOOKS = Path(__file__).with_name("hooks.py")
# The module that builds, as `python -m` calls it: mkdocs, or another that takes its place.
BUILDER = "BNREPORT_BUILDER"
FORMATS = {
    "csv": "text/csv",
    "json": "application/json",
    "jsonl": "application/jsonl",
    "txt": "text/plain",
    "py": "text/x-python",
}


def build_site(
    root: Path, menu: Menu, report: Report, site: Path, served: Path | None = None
) -> set[str]:
    """Build the site, strictly; the scripts that the theme brings, for the gate.

    Args:
        root: the checkout.
        menu: the pages in their order.
        report: what the site says.
        site: where the site goes.
        served: the staged pages of a site that is only looked at while it is written: what the
            builder warns of is told and stops nothing, and pages may run the script that shows them
            again.

    Raises:
        PageError: when the builder warns or fails.
    """
    staged = served or root / "build" / "docs"
    config = configuration(root, menu, report, staged, site, strict=served is None)
    path = staged.with_name("mkdocs.yml")
    path.write_text(yaml.safe_dump(config, sort_keys=False, allow_unicode=True), encoding="utf-8")
    _call(path, config["extra"]["citation"]["date"])
    search.finish(site, NOTEBOOK, notebook_page.DESCRIPTION)
    theme = _seal(site, served is not None)
    if not config["site_url"]:
        # A server shows it at any depth; without an address no link of the theme would lead on.
        alone = fragment("404.html.j2", title=config["site_name"])
        (site / ERROR_PAGE).write_text(f"{alone}\n", encoding="utf-8", newline="\n")
    return theme


def configuration(
    root: Path, menu: Menu, report: Report, staged: Path, site: Path, strict: bool = True
) -> dict[str, Any]:
    """The settings of mkdocs.yml with all that a build adds to them, as plain values.

    Any builder that reads such a file, beside the folder of the staged pages, makes the same site
    of it. Paths are relative to that place.

    Args:
        root: the checkout.
        menu: the pages in their order.
        report: what the site says.
        staged: the folder of the staged pages.
        site: where the site goes.
        strict: whether a warning stops the build.
    """
    config: dict[str, Any] = yaml.safe_load((root / "mkdocs.yml").read_text(encoding="utf-8"))
    citation, source = read_citation(root), read_repository()
    # What is a page already needs no plugin that makes one.
    has_page = (staged / notebook_page.PAGE).exists()
    if has_page:
        config["plugins"] = [plugin for plugin in config["plugins"] if PLUGIN not in plugin]
    unverified = [s.study.title for s in report.editions() if s.standing == "unverified"]

    def way(path: Path) -> str:
        return Path(os.path.relpath(path, staged.parent)).as_posix()

    data = sorted(path for path in (staged / "data").glob("*") if path.is_file())
    config |= {
        "site_url": citation.address,
        "docs_dir": way(staged),
        "site_dir": way(site),
        "nav": _plain(menu, {notebook_page.SOURCE: notebook_page.PAGE} if has_page else {}),
        "strict": strict,
        "hooks": [way(HOOKS)],
        "theme": config["theme"] | {"custom_dir": way(root / "theme")},
    }
    if source:
        config |= {"repo_url": source.address, "edit_uri": source.edits("docs/")}
    # For those who mend the site, run it, index it, cite it or share it: see theme/partials.
    config["extra"] |= {
        "notebook": notebook_page.DESCRIPTION,
        "profile": report.profile,
        "unverified": ", ".join(dict.fromkeys(unverified)),
        "order": [*PATH],
        "repository": source.links if source else {},
        "citation": {"authors": [*citation.authors], "date": citation.date},
        "about": [[name, value] for name, value in _about(citation).items()],
        "card": ALT,
        "feed": FEED if (staged / FEED).exists() else "",
        "data": [
            {"path": path.relative_to(staged).as_posix(), "format": FORMATS[path.suffix[1:]]}
            for path in data
        ],
    }
    return config


def _plain(menu: Menu, others: Mapping[str, str]) -> list[Any]:
    """A menu as plain values, with other files in place of some."""
    return [
        others.get(entry, entry)
        if isinstance(entry, str)
        else {
            title: others.get(part, part) if isinstance(part, str) else _plain(part, others)
            for title, part in entry.items()
        }
        for entry in menu
    ]


def _about(citation: Citation) -> Mapping[str, object]:
    """The words of schema.org that all pages say of themselves."""
    known: dict[str, object] = {
        "@context": "https://schema.org",
        "author": [{"@type": "Organization", "name": name} for name in citation.authors],
        "inLanguage": "en",
        "isAccessibleForFree": True,
        "license": "https://spdx.org/licenses/MIT.html",
        "version": citation.version,
    }
    if citation.date:
        known["dateModified"] = citation.date
    if citation.repository:
        code = {"@type": "SoftwareSourceCode", "codeRepository": citation.repository}
        known["isBasedOn"] = code
    return known


def _call(config: Path, date: str) -> None:
    """Let the builder build, and tell what it warns of."""
    builder = os.environ.get(BUILDER) or "mkdocs"
    package = str(Path(__file__).resolve().parents[__name__.count(".")])
    environment = {
        # The dates of the sitemap are those of the source, so that equal sources build equal sites.
        # Where nobody knows a date, theme/sitemap.xml leaves out that of 1970.
        "SOURCE_DATE_EPOCH": str(_epoch(date)),
        "NO_MKDOCS_2_WARNING": "1",
        **os.environ,
        # The extension of Markdown is ours.
        "PYTHONPATH": os.pathsep.join(filter(None, (package, os.environ.get("PYTHONPATH")))),
    }
    done = subprocess.run(
        [sys.executable, "-m", builder, "build", "--config-file", str(config)],
        cwd=config.parent,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    lines = [line for line in done.stderr.splitlines() if line.strip() and line[:4] != "INFO"]
    sys.stderr.write("".join(f"  {builder}: {line}\n" for line in lines))
    if done.returncode:
        reason = lines[-1].strip() if lines else f"exit status {done.returncode}"
        raise PageError(
            f"Expected {builder} to build without a warning. Received: {reason}. "
            "Fix what it names above."
        )


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
