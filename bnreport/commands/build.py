"""From a checkout to a finished site: train what is missing, gather, render, build, check."""

import gc
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from filelock import FileLock, Timeout
from rich.console import Console

from bnreport.analysis import report as report_module
from bnreport.analysis.local_check import LocalCheck, report_check
from bnreport.analysis.report import Report, StudyReport, report_study
from bnreport.analysis.study import Study
from bnreport.commands.publish import publish, refuse_folder
from bnreport.errors import BnreportError, DataError, PageError, RecordError
from bnreport.machine import cores
from bnreport.pages.cache import Cache
from bnreport.pages.render import render, stage
from bnreport.pages.report_cache import cached_report, report_key
from bnreport.pages.social_card import picture
from bnreport.pages.staging import Staging
from bnreport.pages.supplies import Supplies
from bnreport.presentation.formats import duration
from bnreport.protocol.datasets import Profile
from bnreport.protocol.trials import Identity
from bnreport.records import preregistration
from bnreport.records.archive import Archive
from bnreport.records.code import executed
from bnreport.records.code.executed import run_digest
from bnreport.records.layout import Layout
from bnreport.records.record import Record
from bnreport.records.store import read
from bnreport.running import verification
from bnreport.running.orchestrate import RunContext, missing, train, with_ensemble_size
from bnreport.running.verification import answers, believed_of, comparisons
from bnreport.site.checks import notebook
from bnreport.site.checks.gate import check as check_site
from bnreport.site.menu import expected_pages, navigation
from bnreport.site.mkdocs import build_site
from bnreport.studies import all_studies
from bnreport.training.download import find


@dataclass(frozen=True)
class BuildOptions:
    """What a build was asked for."""

    layout: Layout
    profile: Profile = "full"
    records_only: bool = False
    data: Path | None = None
    rerun: tuple[str, ...] = ()
    site: Path | None = None
    cluster: str | None = None
    cache: bool = True

    @property
    def kept(self) -> Cache:
        """Where what the build makes is kept, and looked for."""
        return Cache(self.layout.built if self.cache else None)


@dataclass
class Summary:
    """What a build did: where the site is, how many runs, how long each stage took."""

    site: Path
    trained: int = 0
    reused: int = 0
    check: LocalCheck | None = None
    stages: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time a stage."""
        began = time.perf_counter()
        try:
            yield
        finally:
            self.stages[name] = self.stages.get(name, 0.0) + time.perf_counter() - began


def build(order: BuildOptions, console: Console) -> Summary:
    """Build the site.

    Raises:
        BnreportError: when anything is missing, damaged, stale or broken, or another build is
            under way in this checkout.
    """
    with _alone(order.layout.build_lock), _without_collector():
        return _build(order, console)


@contextmanager
def _without_collector() -> Iterator[None]:
    """Look for no garbage: among a million values that stay it finds none, and takes a while."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    # Builds share the rendered pages, the site and the records of this machine.
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(path)
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        raise BnreportError(
            f"Expected to be the only build in this checkout. Received: another holds {path}. "
            "Wait for it to end."
        ) from error
    try:
        yield
    finally:
        lock.release()


def _build(order: BuildOptions, console: Console) -> Summary:
    layout = order.layout
    summary = Summary((order.site or layout.site).resolve())
    # A site that the gate refuses stays there to be looked at, beside the last good one.
    partial_site = summary.site.with_name(summary.site.name + ".partial")
    if order.site is not None:
        refuse_folder(order.site, "index.html")
        # A call that ended in the middle has written these first.
        refuse_folder(partial_site, "assets")
    if order.records_only:
        with summary.stage("read the records and judge"):
            report = from_records(order, console)
            summary.reused = sum(len(study.records) for study in report.studies.values())
    else:
        report = _trained(order, console, summary)
    with summary.stage("render"):
        supplies = Supplies(processes=cores(), cache=order.kept)
        staging = render(report, layout.pages, Staging(supplies=supplies))
        stage(staging, layout.pages, layout.notebook, layout.staged, picture(report))
    with summary.stage("mkdocs"):
        menu = navigation(report)
        theme = build_site(layout.root, menu, report, partial_site)
    with summary.stage("gate"):
        check_site(partial_site, expected_pages(menu), theme, order.kept)
    publish(partial_site, summary.site)
    order.kept.prune()
    return summary


def from_records(order: BuildOptions, console: Console) -> Report:
    """What the committed records say; nothing is trained.

    Raises:
        BnreportError: when records are missing, damaged or stale, or a study has no page.
    """
    studies, archive = _published(order, console), _archive(order, console)
    _refuse_damaged(archive, studies)
    reports = _judged(order, studies, archive)
    for name, study in studies.items():
        _check_claims(order, study, reports[name].records, archive)
    return _whole(order, reports, None, archive, console)


def _archive(order: BuildOptions, console: Console) -> Archive:
    return Archive(order.layout, RunContext(order.profile, None, console).say)


def _trained(order: BuildOptions, console: Console, summary: Summary) -> Report:
    """What the records say once all that is missing is trained here."""
    studies, archive = _published(order, console), _archive(order, console)
    with summary.stage("find the data and read the records"):
        workshop = _workshop(order, console)
        recorded = {name: _committed(order, s, archive) for name, s in studies.items()}
        for name, study in studies.items():
            _check_claims(order, study, recorded[name], archive)
        _refuse_damaged(archive, studies)
    workshop = with_ensemble_size(workshop, studies, order.layout)
    with summary.stage("train"):
        recorded = _records(order, studies, recorded, workshop, summary)
    with summary.stage("train here and compare"):
        summary.check = _check(order, studies, archive, workshop, summary)
    with summary.stage("judge"):
        reports = {
            name: _report(order, study, recorded[name], archive) for name, study in studies.items()
        }
    return _whole(order, reports, summary.check, archive, console)


def _refuse_damaged(archive: Archive, studies: Mapping[str, Study]) -> None:
    """Refuse results, a notebook or pages that are not whole."""
    archive.check()
    notebook.check(archive.layout.notebook, archive.code)
    _refuse_pageless(studies, archive.layout)


def _whole(
    order: BuildOptions,
    reports: Mapping[str, StudyReport],
    check: LocalCheck | None,
    archive: Archive,
    console: Console,
) -> Report:
    reports = {
        name: replace(first, later=_later(order, first.study, archive, console))
        for name, first in reports.items()
    }
    waiting = {study.page for name, study in all_studies().items() if name not in reports}
    return Report(order.profile, reports, check, frozenset(waiting))


def _committed(order: BuildOptions, study: Study, archive: Archive) -> dict[str, Record]:
    return archive.records(study.edition.name, study.shown_at(order.profile), study.announced)


def _judged(
    order: BuildOptions, studies: Mapping[str, Study], archive: Archive
) -> dict[str, StudyReport]:
    """What the committed records say; they are read only where no report of them is kept."""

    def judge(study: Study) -> StudyReport:
        return _report(order, study, _committed(order, study, archive), archive)

    known = repr(archive.code)
    found = {}
    for name, study in studies.items():
        profile = study.shown_at(order.profile)
        key = report_key(
            study,
            order.layout.made_from(name, profile, study.announced),
            (report_module.__name__, verification.__name__),
            (profile, known),
        )
        found[name] = cached_report(order.kept, study, key, partial(judge, study))
    return found


def _report(
    order: BuildOptions, study: Study, records: Mapping[str, Record], archive: Archive
) -> StudyReport:
    """What the records of a study say; only full ones have replicas and a verification."""
    profile = study.shown_at(order.profile)
    full = profile == "full"
    # A run that this build trains again is no longer the one that was verified.
    verifiable = full and not _again(order, study)
    return report_study(
        study,
        records,
        profile,
        believed_of(archive, study, records) if verifiable else None,
        archive.code,
        archive.replicas(study.edition.name) if full else {},
    )


def _published(order: BuildOptions, console: Console) -> dict[str, Study]:
    """The studies that have records, or are asked for; those that are announced are left out.

    A study is committed with its claims before it trains: until then there is nothing to show, and
    it says so itself. Any other study without records has lost them, with or without git.

    Raises:
        RecordError: when the records of a study are gone, or an announced one has some.
    """
    return {
        name: study
        for name, study in all_studies().items()
        if _has_records(order, study, console) or _again(order, study)
    }


def _has_records(order: BuildOptions, study: Study, console: Console) -> bool:
    """Whether the edition at which a study is read has records; one that is announced has none."""
    name, profile = study.edition.name, study.shown_at(order.profile)
    path = order.layout.recorded(name, profile, study.announced)
    if study.announced and profile == "full" and path.exists():
        raise RecordError(
            f"Expected no records of {name}, which is announced. Received: {path}. Take "
            "`announced=True` out of its STUDY: from then on a loss of its records is noticed."
        )
    if path.exists() or _again(order, study):
        return path.exists()
    if study.announced:
        console.print(
            f"{name} is announced: it has no records and is left out. "
            f"`bnreport run {study.name}` trains it.",
            highlight=False,
            soft_wrap=True,
        )
        return False
    gone = "a link that leads nowhere" if path.is_symlink() else "no such file"
    quick = " --profile quick" if profile == "quick" else ""
    raise RecordError(
        f"Expected the records of {name} in {path}. Received: {gone}. Restore the file "
        f"from version control, or train it again with `bnreport run {study.name}{quick}`; where "
        "none was ever recorded, say `announced=True` in its STUDY."
    )


def _later(
    order: BuildOptions, study: Study, archive: Archive, console: Console
) -> tuple[StudyReport, ...]:
    """What the editions after the first say; only their committed full records are looked at."""
    if study.shown_at(order.profile) == "quick":
        return ()
    editions = {
        edition.edition.name: edition
        for edition in study.by_edition()[1:]
        if _has_records(order, edition, console)
    }
    reports = _judged(order, editions, archive)
    for report in reports.values():
        _check_claims(order, report.study, report.records, archive)
    return tuple(reports.values())


def _check_claims(
    order: BuildOptions, study: Study, records: Mapping[str, Record], archive: Archive
) -> None:
    """Refuse records that were made under other claims than their commits hold."""
    name = study.edition.name
    path = order.layout.recorded(name, study.shown_at(order.profile), study.announced)
    for commit in preregistration.check(archive.claims, name, records.values(), path):
        archive.say(
            f"Whether the claims of {name} were committed before its runs of {commit[:12]} is "
            "not checked here: `bnreport history` looks them up."
        )


def _refuse_pageless(studies: Mapping[str, Study], layout: Layout) -> None:
    for name, study in studies.items():
        if not (layout.pages / study.page).exists():
            raise PageError(
                f"Expected a page of the study {name} in docs/{study.page}. Received: no such "
                "file. Write it, or name another in the study's `page`."
            )


def _again(order: BuildOptions, study: Study) -> bool:
    # A quick build trains nothing of a study that it can only show in full.
    return study.name in order.rerun and study.shown_at(order.profile) == order.profile


def _workshop(order: BuildOptions, console: Console) -> RunContext:
    """Where this build trains: on Fashion-MNIST if it can be had, else on the embedded digits."""
    workshop = RunContext(order.profile, None, console, order.cluster)
    if order.records_only or order.profile == "quick":
        return workshop
    try:
        folder = find(order.data, order.layout.cache, workshop.say)
    except DataError as error:
        if order.data is not None:
            raise
        workshop.say(f"{error}\nThis build trains the quick profile here instead.")
        return replace(workshop, profile="quick")
    return replace(workshop, folder=folder)


def _records(
    order: BuildOptions,
    studies: Mapping[str, Study],
    committed: Mapping[str, dict[str, Record]],
    workshop: RunContext,
    summary: Summary,
) -> dict[str, dict[str, Record]]:
    """The records of every study, trained where they are missing."""
    layout = order.layout
    known: dict[str, dict[str, Record]] = {}
    lacking: list[Identity] = []
    for name, study in studies.items():
        profile = study.shown_at(order.profile)
        path = layout.local(name, profile)
        wanted = study.identities(profile)
        again = _again(order, study)
        if again:
            path.unlink(missing_ok=True)
        # A quick study is trained here, from scratch; its committed records only compare.
        known[name] = {} if again or profile == "quick" else committed[name]
        lacks = missing(wanted, known[name] | read(path, workshop.say))
        if lacks and workshop.profile != profile:
            raise DataError(
                f"Expected {len(wanted)} {profile} records of {name}. Received: "
                f"{len(wanted) - len(lacks)}, and no data to train the rest. Name the "
                "Fashion-MNIST files with --data-dir, or build with --profile quick."
            )
        summary.reused += len(wanted) - len(lacks)
        lacking += lacks

    def local(name: str) -> Path:
        return layout.local(name, studies[name].shown_at(order.profile))

    summary.trained += train(studies, lacking, local, workshop)
    return {name: read(local(name), workshop.say) | records for name, records in known.items()}


def _check(
    order: BuildOptions,
    studies: Mapping[str, Study],
    archive: Archive,
    workshop: RunContext,
    summary: Summary,
) -> LocalCheck | None:
    """One paired seed of a study, trained on this machine and compared with the record."""
    workshop = replace(workshop, cluster=None)
    profile = workshop.profile
    study = next(study for study in studies.values() if study.check)
    wanted = _first_pair(study, profile)
    recorded = answers(study.identities(profile), archive.records(study.name, profile))
    if missing(wanted, recorded):
        return None
    path = order.layout.local(f"{study.name}.check", profile)
    # What this machine trained before with the present code, for a build or for a check, counts.
    trained = read(order.layout.local(study.name, profile), workshop.say) | read(path, workshop.say)
    code = executed.today()
    local = {
        run: record
        for run, record in trained.items()
        if record.provenance.code == run_digest(code, record.identity.trial)
    }
    lacking = missing(wanted, local)
    summary.trained += train(studies, lacking, lambda _: path, workshop)
    local |= read(path, workshop.say)
    ordered = {identity.run_id: local[identity.run_id] for identity in wanted}
    return report_check(study, profile, ordered, recorded, comparisons(ordered, recorded))


def _first_pair(study: Study, profile: Profile) -> list[Identity]:
    first = {identity.trial.name: identity for identity in reversed(study.identities(profile))}
    return [first[name] for name in study.check]


def tell(summary: Summary, console: Console) -> None:
    """Say at the end where the site is, what was trained, and how long each stage took."""

    def say(text: str) -> None:
        console.print(text, highlight=False, soft_wrap=True)

    if summary.check is not None:
        result = "agree" if summary.check.agrees else "do NOT agree"
        say(f'The runs trained here {result} with the record; see the page "On this machine".')
    say(f"Runs trained: {summary.trained}; reused: {summary.reused}.")
    times = "; ".join(f"{name} {duration(seconds)}" for name, seconds in summary.stages.items())
    say(f"Time: {times}.")
    say(f"The site is in {summary.site}. Open {summary.site / 'index.html'}.")
