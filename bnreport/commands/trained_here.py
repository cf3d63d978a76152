"""Train here what no record answers, and report what the records then say."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from rich.console import Console

from bnreport.analysis.local_check import LocalCheck, report_check
from bnreport.analysis.report import Report
from bnreport.analysis.study import Study
from bnreport.commands import report
from bnreport.commands.build_options import BuildOptions, Summary
from bnreport.errors import DataError
from bnreport.protocol.datasets import Profile
from bnreport.protocol.trials import Identity
from bnreport.records.archive import Archive
from bnreport.records.code import executed
from bnreport.records.code.executed import run_digest
from bnreport.records.record import Record
from bnreport.records.store import read
from bnreport.running.orchestrate import RunContext, missing, train, with_ensemble_size
from bnreport.running.verification import answers, comparisons


def from_training(order: BuildOptions, console: Console, summary: Summary) -> Report:
    """The report of the records and of those that were missing, which go to .local/.

    Raises:
        BnreportError: when something is damaged or stale, or what is missing cannot be trained.
    """
    archive = report.open_archive(order, console)
    studies = report.published(order, archive)
    with summary.stage("find the data and read the records"):
        workshop = _workshop(order, console)
        recorded = {name: report.committed(order, s, archive) for name, s in studies.items()}
        unchecked = {
            name: report.refuse_other_claims(order, study, recorded[name], archive)
            for name, study in studies.items()
        }
        report.refuse_damaged(archive, studies)
    workshop = with_ensemble_size(workshop, studies, order.layout)
    with summary.stage("train"):
        recorded = _records(order, studies, recorded, workshop, summary)
    with summary.stage("train here and compare"):
        summary.check = _check(order, studies, archive, workshop, summary)
    with summary.stage("judge"):
        reports = {
            name: replace(
                report.report_of(order, study, recorded[name], archive), unchecked=unchecked[name]
            )
            for name, study in studies.items()
        }
    return report.whole(order, reports, summary.check, archive)


def _workshop(order: BuildOptions, console: Console) -> RunContext:
    """Prepare to train: on Fashion-MNIST if it can be had, else on the embedded digits."""
    workshop = RunContext(order.profile, None, console, order.cluster)
    if order.records_only or order.profile == "quick":
        return workshop
    try:
        folder = order.project.find(order.data, order.layout.cache, workshop.say)
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
        profile = order.profile_of(study)
        path = layout.local(name, profile)
        wanted = study.identities(profile)
        again = order.trains_again(study)
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
        return layout.local(name, order.profile_of(studies[name]))

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
