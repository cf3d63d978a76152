"""The menu: chapters, studies and lessons in their order."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

from bnreport.analysis.report import Report
from bnreport.analysis.study import CHAPTERS
from bnreport.lessons import ORDER
from bnreport.lessons.lesson import page_of

# Pages that name themselves; titles with their page, or with the pages of a chapter.
Menu: TypeAlias = Sequence["str | Mapping[str, str | Menu]"]


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
        {"Should I use it?": "use.md"},
        {"Learn": parts},
        {"Verdicts": ["verdicts.md", "holding.md"]},
        *chapters,
        {
            "Methods": [
                {"How this was measured": "methods.md"},
                {"Run it yourself": "run.md"},
                {"On this machine": "this-machine.md"},
                {"How the code is laid out": "architecture.md"},
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
