"""The commands that say what there is: status, why."""

from collections.abc import Iterable, Mapping
from typing import get_args

import click

from bnreport.analysis.report import StudyReport, report_study
from bnreport.analysis.study import Study
from bnreport.commands import options
from bnreport.commands.project import Project, pass_project
from bnreport.commands.why import StudyRecords, find, why_claim, why_run
from bnreport.errors import RecordError
from bnreport.presentation.formats import duration
from bnreport.protocol.datasets import Profile
from bnreport.records import checksums
from bnreport.records.agreement import freshness
from bnreport.records.archive import Archive
from bnreport.records.record import Record
from bnreport.running import verification
from bnreport.running.orchestrate import missing


@click.command()
@options.profile
@pass_project
def status(project: Project, profile: Profile) -> None:
    """List the studies: runs recorded and missing, and whether the records stand.

    current: what made them is what the code as it is does, by its definitions or by reviewed links.
    verified: so it is by a sample, too, that was trained again and agreed. unverified: nobody has
    tried. dated: times alone, by earlier code. stale: a sample disagreed. incomplete: runs are
    missing. announced: there are no records yet. lost: there were some. Records of no present trial
    answer nothing; `bnreport why RUN` says what has changed since. The last line sums up what all
    of it took.
    """
    archive = project.archive()
    try:
        checksums.check(project.layout.results)
    except RecordError as error:
        project.say(str(error))
    editions = project.editions()
    for study in editions:
        project.say(f"{study.edition.name}: {_status(study, profile, archive)}")
    project.say(f"all: {_total(editions, profile, archive)}")


def _status(study: Study, profile: Profile, archive: Archive) -> str:
    """The standing of the records of a study, and its counts of runs."""
    name = study.edition.name
    wanted = study.identities(profile)
    records = archive.records(name, profile, study.announced)
    if not wanted and not records:
        return f"no {profile} runs"
    lacking = missing(wanted, records)
    used = verification.answers(wanted, records)
    # Only full records are ever verified, and only whole ones can be.
    verified = None if lacking or profile == "quick" else verification.believed_of(archive, study)
    standing: str = "announced" if study.announced else "lost"
    if records:
        standing = freshness(used, len(lacking), verified, archive.code)
    foreign = len(records) - len(used)
    extra = f", {foreign} of no present trial" if foreign else ""
    took = f"{duration(_seconds(records))} of training"
    if profile == "full" and (pilots := archive.pilots(name)):
        extra += f", {len(pilots)} of pilots"
        took += f" and {duration(_seconds(pilots))} of pilots"
    return (
        f"{standing}; {len(wanted) - len(lacking)} of {len(wanted)} runs recorded, "
        f"{len(lacking)} missing{extra}; {took}"
    )


def _seconds(records: Mapping[str, Record]) -> float:
    """Add up the seconds of training, of runs on one core each."""
    return sum(record.provenance.seconds for record in records.values())


def _total(editions: Iterable[Study], profile: Profile, archive: Archive) -> str:
    """Sum up all training: for the first edition, for what was claimed since, for pilots."""
    first = since = pilots = 0.0
    for study in editions:
        name = study.edition.name
        seconds = _seconds(archive.records(name, profile, study.announced))
        if study.edition.since_first:
            since += seconds
        else:
            first += seconds
        if profile == "full":
            pilots += _seconds(archive.pilots(name))
    return (
        f"{duration(first + since + pilots)} of training: {duration(first)} for the first edition, "
        f"{duration(since)} for what was claimed since, {duration(pilots)} for pilots"
    )


@click.command()
@click.argument("name")
@pass_project
def why(project: Project, name: str) -> None:
    """Say what a claim stands on, or where a run comes from.

    NAME is the id of a claim, or of a run, recorded or asked for; of a run its first digits will
    do. A claim: its verdict, and the trials, runs and seeds that it was judged by. A run: how it
    was made, which claims stand on it, and, where it is missing or no longer asked for, what
    differs from the nearest one.
    """
    archive, editions = project.archive(), project.editions()
    for study in editions:
        for claim in study.claims:
            if claim.id == name:
                project.say("\n".join(why_claim(claim, study, *_report(study, archive))))
                return
    shelf, run = find(
        name,
        (
            StudyRecords(
                study, profile, archive.records(study.edition.name, profile, study.announced)
            )
            for study in editions
            for profile in get_args(Profile)
        ),
    )
    report, gap = _report(shelf.study, archive) if shelf.profile == "full" else (None, "")
    project.say("\n".join(why_run(shelf, run, report, gap, archive.code)))


def _report(study: Study, archive: Archive) -> tuple[StudyReport | None, str]:
    """The report of the judged records of a study, or the reason why there is none."""
    name = study.edition.name
    records = archive.records(name, "full")
    try:
        whole = not missing(study.identities("full"), records)
        verified = verification.believed_of(archive, study) if whole else None
        replicas = archive.replicas(name), archive.reimplementations(name)
        return report_study(study, records, "full", verified, archive.code, *replicas), ""
    except RecordError as error:
        return None, str(error)
