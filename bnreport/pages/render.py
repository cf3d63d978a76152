"""Render the pages: Jinja in Markdown in, staged Markdown, figures and data out.

Nothing is written before everything is rendered: a page that asks for a name which the report
does not hold stops the build and leaves the staged pages as they were.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from functools import cache, lru_cache, partial
from pathlib import Path

from markupsafe import Markup

from bnreport import lessons
from bnreport.analysis.report import Report, StudyReport
from bnreport.errors import PageError
from bnreport.lessons import NAMES, ORDER, analysis_of
from bnreport.lessons.lesson import page_of
from bnreport.pages import notebook_page
from bnreport.pages.architecture import read_architecture
from bnreport.pages.board import values
from bnreport.pages.board.view import board, guess_first
from bnreport.pages.cache import Cache, key_of
from bnreport.pages.compare import compare
from bnreport.pages.counterparts import counterparts
from bnreport.pages.data import dictionary, resources
from bnreport.pages.data.formulas import extractions
from bnreport.pages.data.package import data_files, with_descriptions
from bnreport.pages.evidence import MEANINGS, evidence
from bnreport.pages.filling import Faults
from bnreport.pages.form import FormView, fold
from bnreport.pages.fragments import fragment
from bnreport.pages.guess import guess
from bnreport.pages.holding import holding
from bnreport.pages.kept_pages import KeptPages
from bnreport.pages.library.citation import FILE as CITED
from bnreport.pages.library.citation import Citation, citation_file, read_citation
from bnreport.pages.library.errata import FEED, feed, read_errata
from bnreport.pages.library.view import Library, LibraryView
from bnreport.pages.overlap import Shared, overlap, shared, shared_table, shared_with
from bnreport.pages.pictures import pictures_of
from bnreport.pages.reading_time import minutes_of, timed, timed_by_others
from bnreport.pages.report_cache import cached_analysis
from bnreport.pages.scheduler_times import read_scheduler_times
from bnreport.pages.scoreboard import corrections, multiplicity, overview, tallies, tally
from bnreport.pages.site_times import read_site_times
from bnreport.pages.social_card import FILE as CARD
from bnreport.pages.source_digests import source_digest
from bnreport.pages.sources import source_files
from bnreport.pages.staging import Staging, look_up
from bnreport.pages.study_view import StudyView
from bnreport.pages.supplies import Supplies
from bnreport.pages.this_machine import local_figure, local_table
from bnreport.pages.views import AnnouncedView, LessonView, PageView
from bnreport.presentation.formats import NARROW, THIN, span
from bnreport.presentation.tables import Analysis
from bnreport.records.notebook import read_notebook
from bnreport.studies import all_studies

# Why the project is as it is: for those who change it.
DECISIONS = "decisions"
# Folders whose files the site holds as they are; Python leaves caches in the second.
COPIED = ("assets", "downloads")


def page_sources(sources: Path) -> list[Path]:
    """The sources of the pages, sorted.

    A name that begins with an underscore is a part of pages, and a decision is for contributors.
    """
    paths = sources.rglob("[!_]*.md")
    return sorted(path for path in paths if path.parent != sources / DECISIONS)


def render(report: Report, sources: Path, staging: Staging | None = None) -> Staging:
    """Every page, figure and data file of the site, as text by path.

    Args:
        report: what the site says.
        sources: the folder of the pages' sources.
        staging: where the files go, and how figures are drawn; by default empty, with `draw`.

    Raises:
        PageError: see `check`.
    """
    staging = staging or Staging()
    data: dict[str, str] = {}

    def gather() -> None:
        data.update(published_data(report, staging.supplies))

    render_pages(report, sources, staging, gather)
    for study in report.editions():
        for file in source_files(study.study):
            path = f"code/{study.study.edition.name}/{file.name}"
            staging.files[path] = file.read_text(encoding="utf-8")
    staging.files |= with_descriptions(data, _citation(sources))
    if (cited := _citation(sources)) is not None:
        staging.files[CITED] = citation_file(sources.parent, cited)
        absent = {page.removesuffix(".md") + ".html" for page in report.announced}
        staging.files[FEED] = feed(read_errata(sources / "errata.toml"), cited, absent)
    staging.files[values.FILE] = values.values_script(report)
    return staging


def render_pages(
    report: Report,
    sources: Path,
    staging: Staging | None = None,
    meanwhile: Callable[[], None] = lambda: None,
) -> Staging:
    """The same without the data files and the code.

    Args:
        report: what the site says.
        sources: the folder of the pages' sources.
        staging: where the files go, and how figures are drawn.
        meanwhile: what else there is to do, while other processes draw.

    Raises:
        PageError: see `check`.
    """
    staging = staging or Staging()
    with closing(staging.supplies):
        written = _check(report, sources, staging)
        meanwhile()
        if not written:
            staging.supplies.draw_all()
            faults, _ = _write(report, sources, staging)
            _refuse(faults)
    return staging


def published_data(report: Report, supplies: Supplies) -> dict[str, str]:
    """The data files by path, kept where every study says what its report was made from.

    Args:
        report: what the site says.
        supplies: where the files are kept, and looked for.
    """
    origins = [study.origin for study in report.editions()]
    if not all(origins):
        return data_files(report)
    sources = source_digest(data_files.__module__), resources.licence_file().read_bytes()
    key = key_of(report.profile, *sources, *origins)
    if key not in supplies.data:
        text = supplies.cache.text("data", key, lambda: json.dumps(data_files(report)))
        supplies.data = {key: json.loads(text)}
    return supplies.data[key]


def check(
    report: Report, sources: Path, staging: Staging | None = None, only: str | None = None
) -> int:
    """Look every name up that pages ask for, and draw nothing; how many pages these are.

    Args:
        report: what the site says.
        sources: the folder of the pages' sources.
        staging: where the files go.
        only: the one page to look at, whatever others show.

    Raises:
        PageError: when a page asks for what the report does not hold, or a figure or a claim is on
            no page; it names every such fault of every page.
    """
    staging = staging or Staging()
    _check(report, sources, staging, only)
    return sum(path.endswith(".md") for path in staging.files)


def _check(report: Report, sources: Path, staging: Staging, only: str | None = None) -> bool:
    """The same; whether the pages are written, since nothing that they need had to be made."""
    faults, whole = _write(report, sources, staging, only)
    written = staging.supplies.complete
    try:
        staging.supplies.convert()
    except PageError as error:
        faults += str(error).splitlines()
    # Half a page shows half of its figures.
    faults += _unshown(report, sources, staging) if whole and only is None else []
    _refuse(faults)
    return written


def _refuse(faults: Sequence[str]) -> None:
    if len(faults) > 1:
        listed = "\n".join(f"  {fault}" for fault in faults)
        raise PageError(
            f"Expected pages without a fault. Received: {len(faults)} faults.\n{listed}\n"
            "Fix each of them."
        )
    if faults:
        raise PageError(faults[0])


def _write(
    report: Report, sources: Path, staging: Staging, only: str | None = None
) -> tuple[list[str], bool]:
    """Fill in every page; the faults, and whether every page was read to its end."""
    pages = page_sources(sources)
    kept = KeptPages(report, sources, tuple(pages), staging.supplies)
    fill = _filler(report, sources, staging.supplies)
    faults, whole = [], True
    for path in pages:
        page = path.relative_to(sources).as_posix()
        if page in report.announced or (only is not None and page != only):
            continue
        filled = kept.read(page)
        if filled is None:
            filled, page_faults = fill(page)
            faults += page_faults.messages
            whole &= page_faults.whole
            if not page_faults.messages:
                kept.write(page, filled)
        staging.take(filled)
        staging.supplies.begin()
    pages_alone = {page: text for page, text in staging.files.items() if page.endswith(".md")}
    staging.files |= timed_by_others(pages_alone)
    return faults, whole


def _filler(
    report: Report, sources: Path, supplies: Supplies
) -> Callable[[str], tuple[Staging, Faults]]:
    """Return a function that fills in a page: what the page needs, and its faults."""
    shelf = Library(sources, supplies.cache)
    folder = supplies.cache.folder
    compiled = folder and folder / "pages"

    # Pages share it, and where all are kept none needs it.
    @cache
    def groups() -> list[Shared]:
        return shared(report)

    @cache
    def common() -> dict[str, object]:
        return _common(report, shelf, groups())

    def fill(page: str) -> tuple[Staging, Faults]:
        staging, faults = Staging(supplies=supplies), Faults(page)
        words = common() | _words(page, shelf, report, staging, groups)
        text = faults.fill(sources, words, compiled)
        # A line may break at a thin space, and a number stays with its unit.
        staging.files[page] = timed(text.replace(THIN, NARROW))
        return staging, faults

    return fill


def _unshown(report: Report, sources: Path, staging: Staging) -> Iterator[str]:
    """Yield the figures and the claims that no page shows."""
    shown = {study.study.edition.name: study.analysis for study in report.editions()}
    kept = staging.supplies.cache
    shown |= {name: worked(name, kept) for name in NAMES if page_of(name) in staging.files}
    for name, analysis in shown.items():
        for plot in (*analysis.plots, *pictures_of(sources, name)):
            if (name, plot) not in staging.used:
                yield (
                    f"Expected every figure on a page. Received: figure {plot!r} of {name} on "
                    "none. Show it or drop it."
                )
    for study in report.editions():
        name = study.study.name
        for claim in study.verdicts if study.study.page in staging.files else ():
            if (name, claim) not in staging.carded:
                yield (
                    f"Expected every claim as a card on docs/{study.study.page}. Received: claim "
                    f'{claim} on none. Show it with [[ study("{name}").claim("{claim}") ]].'
                )


@lru_cache(maxsize=64)
def worked(name: str, cache: Cache) -> Analysis:
    """The numbers, tables and pictures of a lesson, which are always the same.

    Args:
        name: the lesson.
        cache: where they are kept, and looked for.
    """
    module = lessons.module_of(name)
    return cached_analysis(cache, module, partial(analysis_of, name)) if module else Analysis()


def _common(report: Report, shelf: Library, groups: Sequence[Shared]) -> dict[str, object]:
    """The words that all pages may say alike between their marks, by name."""
    return {
        "quick": report.profile == "quick",
        "studies": list(report.studies.values()),
        "editions": list(report.editions()),
        "dirty": sum(
            record.provenance.dirty for s in report.editions() for record in s.records.values()
        ),
        "shown": partial(_has_records, report),
        "multiplicity": multiplicity(report),
        "overlap": overlap(report, groups),
        "shared": lambda: fragment("table.html.j2", table=shared_table(report, groups)),
        "tally": tally(report.shown()),
        "tallies": tallies(report.shown()),
        "local": report.check,
        "architecture": lambda: read_architecture(shelf.sources.parent / "pyproject.toml"),
        "site_times": read_site_times(shelf.sources.parent / "results"),
        "scheduler_times": partial(read_scheduler_times, shelf.sources.parent / "results"),
        "table": lambda table: fragment("table.html.j2", table=table),
        "columns": {"claims": dictionary.CLAIMS},
        "extractions": extractions(report),
        "parts": lambda: {
            part: [shelf.lessons[name] for name in names if name in shelf.lessons]
            for part, names in ORDER.items()
        },
        "minutes": lambda lesson: minutes_of(lesson.page),
        "duration": span,
        "fold": fold,
        "guess": guess,
        "grades": MEANINGS,
    }


def _words(
    page: str,
    shelf: Library,
    report: Report,
    staging: Staging,
    groups: Callable[[], Sequence[Shared]],
) -> dict[str, object]:
    """The words that a page may say between its marks, by name."""
    view, library = PageView(page, staging), LibraryView(page, staging, shelf)

    def read(view: type[StudyView], name: str, edition: int) -> StudyView | AnnouncedView:
        if name not in report.studies and name in all_studies():
            return AnnouncedView()
        reported = look_up(report.studies, name, "study", page)
        if (at := reported.edition(edition)) is None:
            _refuse_other_edition(reported, edition, page)
            return AnnouncedView()
        return view(page, staging, at.study.edition.name, at.analysis, at, reported.editions)

    def study(name: str, edition: int = 1) -> StudyView | AnnouncedView:
        """A study, read at its first edition or at another; claims of all are found by id."""
        return read(StudyView, name, edition)

    def form(name: str, edition: int = 0) -> StudyView | AnnouncedView:
        """The same for a page that has the form of a study's page: by default the newest one."""
        view_of = read(FormView, name, edition)
        if not isinstance(view_of, FormView):
            return view_of
        headings = {each.study.edition.name: each.study.heading for each in report.editions()}
        with_others = shared_with(groups(), view_of.report.study.edition.name)
        return replace(view_of, sharing={headings[name]: n for name, n in with_others.items()})

    def see(name: str, text: str) -> Markup:
        """A link to the page of another study, or the text alone while that one waits."""
        if name not in report.studies:
            return Markup("{}").format(text)
        target = view.prefix + report.studies[name].study.page.removesuffix(".md") + ".html"
        return Markup('<a href="{}">{}</a>').format(target, text)

    def lesson(name: str) -> LessonView:
        """The worked numbers, tables and pictures of a page of the explainer."""
        entry = look_up(shelf.lessons, name, "lesson", page)
        analysis = worked(name, staging.supplies.cache)
        pictures = pictures_of(shelf.sources, name)
        return LessonView(page, staging, name, analysis, entry, pictures, shelf.lessons)

    return {
        "study": study,
        "form": form,
        "see": see,
        "board": lambda: board(report, view.prefix, _citation(shelf.sources)),
        "guess_first": lambda: guess_first(report, view.prefix),
        "counterparts": lambda: counterparts(report, view.prefix),
        "holding": lambda: holding(report, view.prefix),
        "compare": lambda: compare(report, page, staging),
        "evidence": lambda *names, others=False: evidence(report, view.prefix, names, others),
        "corrections": lambda: corrections(report, view.prefix),
        "overview": lambda: overview(report, view.prefix),
        "local_table": lambda: local_table(report.check, view),
        "local_figure": lambda caption: local_figure(report.check, view, caption),
        "lesson": lesson,
        "cite": library.cite,
        "references": library.references,
        "term": library.term,
        "glossary": lambda: library.glossary(report.announced),
        "formula": library.formula,
        "errata": lambda: library.errata(report.announced),
        "citation": library.citation,
        "beside": library.beside,
        "math": library.math,
        "tabs": library.tabs,
    }


def _citation(sources: Path) -> Citation | None:
    """The citation of the site; none where the folder of its pages has none beside it."""
    root = sources.parent
    return read_citation(root) if (root / CITED).exists() else None


def _has_records(report: Report, name: str, edition: int = 1) -> bool:
    """Say whether an edition of a study has records, so that pages can ask for it."""
    return name in report.studies and report.studies[name].edition(edition) is not None


def _refuse_other_edition(report: StudyReport, number: int, page: str) -> None:
    """Refuse an edition that a study does not have; one that is announced is empty."""
    known = [at.number for at in report.study.by_edition()]
    if number not in known:
        raise PageError(
            f"Expected an edition of {report.study.name} in docs/{page}: "
            f"{', '.join(map(str, known))}. Received: {number}. Use one of these."
        )


def stage(staging: Staging, sources: Path, notebook: Path, target: Path, image: bytes) -> None:
    """Make the staged folder hold the rendered pages, the assets, the notebook and the card.

    Where the environment asks for it, the notebook is a page of its own.

    What is there already is left alone, so that MkDocs and its server see what has changed.
    """
    files = {path: text.encode() for path, text in staging.files.items()}
    for folder in COPIED:
        for path in (sources / folder).rglob("*.*"):
            if path.is_file() and path.parent.name != "__pycache__":
                files[path.relative_to(sources).as_posix()] = path.read_bytes()
    files |= {CARD: image, notebook_page.SOURCE: notebook.read_bytes()}
    if notebook_page.is_staged():
        files = notebook_page.with_page(files, read_notebook(notebook))
    for path in [path for path in target.rglob("*") if not path.is_dir()]:
        if path.relative_to(target).as_posix() not in files:
            path.unlink()
    for name, content in files.items():
        path = target / name
        if not path.is_file() or path.read_bytes() != content:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
