"""Render the pages: Jinja in Markdown in, staged Markdown, figures and data out.

Nothing is written before everything is rendered: a page that asks for a name which the report
does not hold stops the build and leaves the staged pages as they were.
"""

import shutil
from collections.abc import Mapping
from pathlib import Path

import jinja2
from markupsafe import Markup

from bnreport import dictionary
from bnreport.boards import board, corrections, fragment, inert, multiplicity, overview, tally
from bnreport.counterparts import counterparts
from bnreport.dataset import data_files
from bnreport.errors import PageError
from bnreport.formats import duration
from bnreport.lessons import ORDER, all_lessons
from bnreport.library import Library, LibraryView, math
from bnreport.overlap import overlap, shared_table
from bnreport.report import Report
from bnreport.social import FILE as CARD
from bnreport.studies import all_studies
from bnreport.study import Analysis
from bnreport.views import (
    LessonView,
    PageView,
    SilentView,
    Staging,
    StudyView,
    local_figure,
    local_table,
    look_up,
    source_files,
)

# Jinja's own marks collide with anchors in Markdown and with braces in LaTeX.
PAGES = jinja2.Environment(
    variable_start_string="[[",
    variable_end_string="]]",
    block_start_string="[%",
    block_end_string="%]",
    comment_start_string="[##",
    comment_end_string="##]",
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)
# What a machine calls itself is text and no Markdown.
PAGES.filters["inert"] = inert


# Why the project is as it is: for those who change it.
DECISIONS = "decisions"


def page_sources(sources: Path) -> list[Path]:
    """The sources of the pages, sorted.

    A name that begins with an underscore is a part of pages, and a decision is for contributors.
    """
    found = sources.rglob("[!_]*.md")
    return sorted(path for path in found if path.parent != sources / DECISIONS)


def render(report: Report, sources: Path, staging: Staging | None = None) -> Staging:
    """Every page, figure and data file of the site, as text by path.

    Args:
        report: what the site says.
        sources: the folder of the pages' sources.
        staging: where the files go, and how figures are drawn; by default empty, with `draw`.

    Raises:
        PageError: when a page asks for what the report does not hold, or a figure is on no page.
    """
    staging, shelf = staging or Staging(), Library(sources)
    for path in page_sources(sources):
        page = path.relative_to(sources).as_posix()
        if page in report.announced:
            continue
        staging.files[page] = _page(page, shelf, report, staging)
    shown = {name: study.analysis for name, study in report.studies.items()}
    shown |= {
        name: lesson.analyse()
        for name, lesson in all_lessons().items()
        if lesson.page in staging.files
    }
    _refuse_unused(shown, staging)
    for name, study in report.studies.items():
        for claim in study.verdicts if study.study.page in staging.files else ():
            if (name, claim) not in staging.carded:
                raise PageError(
                    f"Expected every claim as a card on docs/{study.study.page}. Received: claim "
                    f'{claim} on none. Do show it with [[ study("{name}").claim("{claim}") ]].'
                )
        for file in source_files(study.study):
            staging.files[f"code/{name}/{file.name}"] = file.read_text(encoding="utf-8")
    staging.files |= data_files(report)
    return staging


def _refuse_unused(shown: Mapping[str, Analysis], staging: Staging) -> None:
    for name, analysis in shown.items():
        for plot in analysis.plots:
            if (name, plot) not in staging.used:
                raise PageError(
                    f"Expected every figure on a page. Received: figure {plot!r} of {name} on "
                    "none. Do show it or drop it."
                )


def _page(page: str, shelf: Library, report: Report, staging: Staging) -> str:
    try:
        pages = PAGES.overlay(loader=jinja2.FileSystemLoader(shelf.sources))
        return pages.get_template(page).render(_words(page, shelf, report, staging))
    except (jinja2.TemplateError, PageError, TypeError) as error:
        if f"docs/{page}" in str(error):
            raise
        raise PageError(
            f"Expected names that the report holds in docs/{page}. Received: {error}. "
            "Do mend the page."
        ) from error


def _words(page: str, shelf: Library, report: Report, staging: Staging) -> dict[str, object]:
    """What a page may say between its marks, by name."""
    view, library = PageView(page, staging), LibraryView(page, staging, shelf)

    def study(name: str) -> StudyView | SilentView:
        if name not in report.studies and name in all_studies():
            return SilentView()
        found = look_up(report.studies, name, "study", page)
        return StudyView(page, staging, name, found.analysis, found)

    def see(name: str, text: str) -> Markup:
        """A link to the page of another study, or the text alone while that one waits."""
        if name not in report.studies:
            return Markup("{}").format(text)
        target = view.prefix + report.studies[name].study.page.removesuffix(".md") + ".html"
        return Markup('<a href="{}">{}</a>').format(target, text)

    def lesson(name: str) -> LessonView:
        """The worked numbers, tables and diagrams of a page of the explainer."""
        found = look_up(all_lessons(), name, "lesson", page)
        return LessonView(page, staging, found.name, found.analyse(), found)

    return {
        "quick": report.profile == "quick",
        "studies": list(report.studies.values()),
        "study": study,
        "see": see,
        "shown": report.studies.__contains__,
        "board": lambda: board(report, view.prefix),
        "counterparts": lambda: counterparts(report, view.prefix),
        "multiplicity": multiplicity(report),
        "overlap": overlap(report),
        "shared": lambda: fragment("table.html.j2", table=shared_table(report)),
        "corrections": lambda: corrections(report, view.prefix),
        "overview": lambda: overview(report, view.prefix),
        "tally": tally(report.shown()),
        "local": report.check,
        "local_table": lambda: local_table(report.check, view),
        "local_figure": lambda caption: local_figure(report.check, view, caption),
        "columns": {"claims": dictionary.CLAIMS},
        "lesson": lesson,
        "parts": {part: [all_lessons()[n] for n in names] for part, names in ORDER.items()},
        "cite": library.cite,
        "references": library.references,
        "term": library.term,
        "glossary": library.glossary,
        "formula": library.formula,
        "errata": lambda: library.errata(report.announced),
        "citation": library.citation,
        "beside": library.beside,
        "math": math,
        "duration": duration,
    }


def stage(staging: Staging, sources: Path, notebook: Path, target: Path, image: bytes) -> None:
    """Write the staged folder whole: the rendered pages, the assets, the notebook and the card."""
    partial = target.with_name(target.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    for path, text in staging.files.items():
        file = partial / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8", newline="\n")
    shutil.copytree(sources / "assets", partial / "assets")
    (partial / CARD).write_bytes(image)
    shutil.copy(notebook, partial / "notebook.ipynb")
    shutil.rmtree(target, ignore_errors=True)
    partial.rename(target)
