"""Report what committed records say; train nothing."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from rich.console import Console

from bnreport.analysis import report as report_module
from bnreport.analysis.local_check import LocalCheck
from bnreport.analysis.report import Report, StudyReport, report_study
from bnreport.analysis.study import Study
from bnreport.commands.build_options import BuildOptions
from bnreport.errors import PageError, RecordError
from bnreport.pages.report_cache import cached_code, cached_report, report_key
from bnreport.records import preregistration
from bnreport.records.archive import Archive
from bnreport.records.layout import Layout
from bnreport.records.record import Record
from bnreport.running import verification
from bnreport.running.orchestrate import RunContext
from bnreport.running.verification import believed_of
from bnreport.site.checks import notebook


def from_records(order: BuildOptions, console: Console) -> Report:
    """The report of the committed records.

    Raises:
        BnreportError: when records are missing, damaged or stale, or a study has no page.
    """
    archive = open_archive(order, console)
    studies = published(order, archive)
    refuse_damaged(archive, studies)
    return whole(order, _judged(order, studies, archive), None, archive)


def open_archive(order: BuildOptions, console: Console) -> Archive:
    """The records as they are now."""
    say = RunContext(order.profile, None, console).say
    return Archive(order.layout, say, partial(cached_code, order.kept))


def published(order: BuildOptions, archive: Archive) -> dict[str, Study]:
    """The studies that have records, or are asked for; those that are announced are left out.

    A study is committed with its claims before it trains: until then there is nothing to show, and
    it says so itself. Any other study without records has lost them, with or without git.

    Raises:
        RecordError: when the records of a study are gone, or an announced one has some.
    """
    return {
        name: study
        for name, study in order.project.studies().items()
        if _has_records(order, study, archive) or order.trains_again(study)
    }


def _has_records(order: BuildOptions, study: Study, archive: Archive) -> bool:
    """Say whether a study has records, read at an edition; one that is announced has none."""
    name, profile, path = study.edition.name, order.profile_of(study), order.recorded(study)
    if study.announced and profile == "full" and path.exists():
        raise RecordError(
            f"Expected no records of {name}, which is announced. Received: {path}. Take "
            "`announced=True` out of its STUDY: from then on a loss of its records is noticed."
        )
    if path.exists() or order.trains_again(study):
        return path.exists()
    if study.announced:
        archive.say(
            f"{name} is announced: it has no records and is left out. "
            f"`bnreport run {study.name}` trains it."
        )
        return False
    gone = "a link that leads nowhere" if path.is_symlink() else "no such file"
    quick = " --profile quick" if profile == "quick" else ""
    raise RecordError(
        f"Expected the records of {name} in {path}. Received: {gone}. Restore the file "
        f"from version control, or train it again with `bnreport run {study.name}{quick}`; where "
        "none was ever recorded, say `announced=True` in its STUDY."
    )


def refuse_damaged(archive: Archive, studies: Mapping[str, Study]) -> None:
    """Refuse results, a notebook or pages that are not whole.

    Raises:
        BnreportError: when something is missing or damaged.
    """
    archive.check()
    notebook.check(archive.layout.notebook, archive.code)
    _refuse_pageless(studies, archive.layout)


def _refuse_pageless(studies: Mapping[str, Study], layout: Layout) -> None:
    for name, study in studies.items():
        if not (layout.pages / study.page).exists():
            raise PageError(
                f"Expected a page of the study {name} in docs/{study.page}. Received: no such "
                "file. Write it, or name another in the study's `page`."
            )


def refuse_other_claims(
    order: BuildOptions, study: Study, records: Mapping[str, Record], archive: Archive
) -> tuple[str, ...]:
    """Refuse records that were made under other claims than their commits hold.

    Returns:
        The commits whose claims nobody knows here, and which are not checked.

    Raises:
        RecordError: see `preregistration.check`.
    """
    name, path = study.edition.name, order.recorded(study)
    unchecked = tuple(preregistration.check(archive.claims, name, records.values(), path))
    for commit in unchecked:
        archive.say(
            f"Whether the claims of {name} were committed before its runs of {commit[:12]} is "
            "not checked here: `bnreport history` looks them up."
        )
    return unchecked


def committed(order: BuildOptions, study: Study, archive: Archive) -> dict[str, Record]:
    """The committed records of a study at the profile at which it is shown, by run id."""
    return archive.read(order.recorded(study))


def report_of(
    order: BuildOptions, study: Study, records: Mapping[str, Record], archive: Archive
) -> StudyReport:
    """The report of the records of a study; a verification and replicas are of full ones."""
    profile = order.profile_of(study)
    full = profile == "full"
    # A run that this build trains again is no longer the one that was verified.
    verifiable = full and not order.trains_again(study)
    return report_study(
        study,
        records,
        profile,
        believed_of(archive, study, records) if verifiable else None,
        archive.code,
        archive.replicas(study.edition.name) if full else {},
        archive.reimplementations(study.edition.name) if full else {},
        archive.pilots(study.edition.name).values(),
    )


def _judged(
    order: BuildOptions, studies: Mapping[str, Study], archive: Archive
) -> dict[str, StudyReport]:
    """The reports of the committed records; they are read only where no report of them is kept."""

    def judge(study: Study) -> StudyReport:
        return report_of(order, study, committed(order, study, archive), archive)

    known = repr(archive.code)
    reports = {}
    for name, study in studies.items():
        profile = order.profile_of(study)
        key = report_key(
            study,
            order.layout.made_from(name, profile, study.announced),
            (report_module.__name__, verification.__name__),
            (profile, known),
        )
        report = cached_report(order.kept, study, key, partial(judge, study))
        unchecked = refuse_other_claims(order, study, report.records, archive)
        reports[name] = replace(report, unchecked=unchecked)
    return reports


def whole(
    order: BuildOptions,
    reports: Mapping[str, StudyReport],
    check: LocalCheck | None,
    archive: Archive,
) -> Report:
    """The report that the site shows: studies with their later editions, and the local check."""
    reports = {
        name: replace(first, later=later(order, first.study, archive))
        for name, first in reports.items()
    }
    studies = order.project.studies()
    waiting = {study.page for name, study in studies.items() if name not in reports}
    return Report(order.profile, reports, check, frozenset(waiting))


def later(order: BuildOptions, study: Study, archive: Archive) -> tuple[StudyReport, ...]:
    """The reports of the editions after the first, of their committed records alone."""
    editions = {
        edition.edition.name: edition
        for edition in study.by_edition()[1:]
        if _has_records(order, edition, archive)
    }
    return tuple(_judged(order, editions, archive).values())
