"""The commands that train: run, verify, notebook."""

import re
from pathlib import Path
from typing import Any

import click

from bnreport.commands import headlines, options, recording
from bnreport.commands.project import Project, pass_project
from bnreport.commands.recording import Destination, run_context
from bnreport.errors import RecordError
from bnreport.records import checksums
from bnreport.running import verification
from bnreport.running.notebook import execute


@click.command()
@click.argument("studies", nargs=-1)
@options.profile
@options.data
@options.cluster
@click.option("--rerun", is_flag=True, help="Train again although records exist.")
@click.option(
    "--tuning",
    is_flag=True,
    help="Train only the runs that choose settings; a new study comes to its settings with them.",
)
@click.option(
    "--replica",
    metavar="NAME",
    help="Record into results/replicas/NAME/ instead: another machine, a GPU say, is shown beside "
    "the judged records and never judged.",
)
@click.option(
    "--pilot",
    type=options.Seeds(),
    default=(),
    help="Train one study at these seeds instead, 50-59 or some of them, into results/pilots/: to "
    "choose a number of seeds or a grid before its claims are written. Judges nothing.",
)
@click.option(
    "--data",
    metavar="FILE.npz",
    type=click.Path(path_type=Path),
    help="With `headlines` in place of a study: your own arrays, `x` of (examples, features) or "
    "(examples, height, width) and `y` of as many labels.",
)
@click.option(
    "--out",
    metavar="FOLDER",
    type=click.Path(path_type=Path),
    help="Where the page on your data goes; by default into .local/headlines/.",
)
@pass_project
@recording.keeping()
def run(
    project: Project,
    /,
    studies: tuple[str, ...],
    data_dir: Path | None,
    cluster: str | None,
    rerun: bool,
    tuning: bool,
    data: Path | None,
    out: Path | None,
    **place: Any,
) -> None:
    """Train the missing runs of STUDIES (default: all) into results/.

    `bnreport run headlines --data FILE.npz` asks a few headlines of arrays of your own instead, in
    some minutes, and writes a page that is yours.

    Each finished run is on disk at once. Interrupt whenever you like: the next call trains only
    what is missing. Claims are committed before their runs: a study whose claims are not is
    refused.
    """
    to, layout = Destination(**place), project.layout
    if data is not None or out is not None or headlines.WORD in studies:
        strange = (data_dir, cluster, rerun, tuning, to.replica, to.pilot, to.profile == "quick")
        if data is None or studies != (headlines.WORD,) or any(strange):
            raise click.UsageError(
                "Your own arrays are asked by `bnreport run headlines --data FILE.npz`, to which "
                "--out alone may be added."
            )
        headlines.run(project, data, out)
        return
    if to.replica is not None and (
        to.profile == "quick" or not re.fullmatch(r"[a-z0-9-]+", to.replica)
    ):
        raise click.UsageError(
            "--replica needs the full profile and a name of small letters, digits and dashes."
        )
    if to.pilot and (len(studies) != 1 or tuning or to.replica or to.profile == "quick"):
        raise click.UsageError("--pilot needs one study, the full profile, and no other place.")
    editions = to.editions(project.editions(studies))
    wanted = recording.find_missing(project, to, editions, rerun, tuning)
    before = checksums.digests_of(layout.results)
    try:
        if not wanted:
            project.say("Nothing to train: every run has a record.")
            return
        if to.profile == "full" and not to.pilot:
            recording.refuse_unclaimed(project, wanted)
        context = run_context(project, to.profile, data_dir, cluster, [run for _, run in wanted])
        recording.record(wanted, lambda study: to.path(layout, study), context)
    finally:
        # Runs that a call finished before it failed are recorded, too.
        written = (to.path(layout, edition) for edition in editions)
        recording.settle(
            project, [path for path in written if path.is_relative_to(layout.results)], before
        )


@click.command()
@click.argument("studies", nargs=-1)
@options.data
@options.cluster
@pass_project
def verify(
    project: Project, studies: tuple[str, ...], data_dir: Path | None, cluster: str | None
) -> None:
    """Train a sample of STUDIES again and write down whether it agrees with the record.

    One run of each program; since the first edition one that judges if any does. Equal bits on the
    same kind of machine and versions, else within the stated tolerance. A study that disagrees is
    stale and cannot be published.
    """
    layout, editions = project.layout, project.editions(studies)
    wanted = [run for study in editions for run in verification.sample(study.edition)]
    context = run_context(project, "full", data_dir, cluster, wanted)
    disagreeing = []
    for study in editions:
        name = study.edition.name
        if not verification.sample(study.edition):
            project.say(f"{name}: nothing to compare, for times do not repeat.")
            continue
        verified = verification.verify(study, layout.committed(name, "full"), context)
        verification.write_verified(layout.verified(name), verified)
        project.list_digests([layout.verified(name)])
        for comparison in verified.comparisons:
            result = "equal bits" if comparison.equal_bits else "within tolerance"
            project.say(
                f"{comparison.trial} seed {comparison.seed}: "
                f"{result if comparison.agrees else 'DISAGREES'}"
            )
        if not verified.agreed:
            disagreeing.append(name)
    if disagreeing:
        raise RecordError(
            f"Expected the sample to agree with the record. Received: {', '.join(disagreeing)}, "
            "which disagrees and is now stale. Run it again with `bnreport run --rerun`."
        )


@click.command()
@options.data
@pass_project
def notebook(project: Project, data_dir: Path | None) -> None:
    """Execute notebooks/notebook.ipynb on the real data, in place, with its provenance."""
    context = run_context(project, "full", data_dir)
    execute(project.layout.notebook, context.folder, project.say)
    project.say(f"Executed {project.layout.notebook.name}.")
