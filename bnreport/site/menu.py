"""The menu: what readers come for, in four words, with the pages below each."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

from bnreport.analysis.report import Report
from bnreport.analysis.study import CHAPTERS
from bnreport.lessons import ORDER
from bnreport.lessons.lesson import page_of
from bnreport.pages import notebook_page

# Pages that name themselves; titles with their page, or with the pages of a chapter.
Menu: TypeAlias = Sequence["str | Mapping[str, str | Menu]"]

# The last lesson of the first course is the first page that a reader in need looks for.
FIX = "failures"


def navigation(report: Report) -> Menu:
    """The pages in the order of the menu: the lessons open, the studies folded by chapter."""
    chapters: list[dict[str, list[dict[str, str]]]] = []
    for chapter in CHAPTERS:
        pages = [
            {s.study.title: s.study.page}
            for s in report.studies.values()
            if s.study.chapter == chapter
        ]
        if pages:
            chapters.append({chapter: pages})
    first, second, advice, _ = ([*map(page_of, names)] for names in ORDER.values())
    fix = page_of(FIX)
    return [
        {"Home": "index.md"},
        {
            "Learn": [
                *(page for page in first if page != fix),
                {"Second course": second},
                {"Words and works": [page_of("glossary"), page_of("references")]},
            ]
        },
        {
            "Fix it": [
                fix,
                {"Your own curve": "compare.md"},
                {"Should I use it?": "use.md"},
                *advice,
            ]
        },
        {
            "Evidence": [
                "verdicts.md",
                "holding.md",
                *chapters,
                {"Limits and errors": [page_of("limits"), page_of("wrong")]},
            ]
        },
        {
            "Reproduce": [
                {"How this was measured": "methods.md"},
                {"Run it yourself": "run.md"},
                notebook_page.SOURCE,
                {
                    "For developers": [
                        {"How the code is laid out": "architecture.md"},
                        {"On this machine": "this-machine.md"},
                    ]
                },
            ]
        },
    ]


def expected_pages(menu: Menu) -> list[str]:
    """The HTML pages that the finished site must hold."""
    paths = []
    for entry in menu:
        for page in [entry] if isinstance(entry, str) else entry.values():
            if isinstance(page, str):
                paths.append(Path(page).with_suffix(".html").as_posix())
            else:
                paths += expected_pages(page)
    return paths
