"""The command line: to train, to judge, to build and serve the site, to say where runs are from."""

import errno
import io
import os
import re
import signal
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn, get_args

import click
from rich.console import Console

from bnreport import __version__
from bnreport.analysis.report import StudyReport, report_study
from bnreport.analysis.study import Study
from bnreport.commands import new
from bnreport.commands.build import BuildOptions, build, from_records, tell
from bnreport.commands.serve import serve
from bnreport.commands.why import StudyRecords, why_claim, why_run
from bnreport.commands.why import find as find_run
from bnreport.errors import BnreportError, RecordError
from bnreport.pages.render import check
from bnreport.pages.staging import Staging
from bnreport.pages.supplies import Supplies
from bnreport.presentation.formats import duration
from bnreport.protocol.datasets import Profile
from bnreport.protocol.runs import TUNING_SEEDS
from bnreport.protocol.trials import Identity
from bnreport.records import checksums, preregistration, provenance
from bnreport.records.agreement import freshness
from bnreport.records.archive import Archive
from bnreport.records.code import history
from bnreport.records.layout import Layout
from bnreport.records.store import read
from bnreport.running import orchestrate, verification
from bnreport.running.notebook import execute
from bnreport.running.orchestrate import RunContext, missing
from bnreport.studies import all_studies, chosen
from bnreport.training.download import find

LAYOUT = Layout(provenance.ROOT)
ALL = "every study"

Command = Callable[..., Any]


def _profile(command: Command) -> Command:
    return click.option(
        "--profile",
        type=click.Choice(["full", "quick"]),
        default="full",
        show_default=True,
        help="full: Fashion-MNIST. quick: three seeds on small embedded data; judges no claim.",
    )(command)


def _data(command: Command) -> Command:
    return click.option(
        "--data-dir",
        type=click.Path(path_type=Path),
        help="Folder with the four Fashion-MNIST *-ubyte.gz files. Without it: BNREPORT_DATA, the "
        "download cache, a download.",
    )(command)


def _rerun(command: Command) -> Command:
    return click.option(
        "--rerun",
        is_flag=False,
        flag_value=ALL,
        metavar="[STUDY]",
        help="Train again although records exist: one study, or all when none is named.",
    )(command)


def _cluster(command: Command) -> Command:
    return click.option(
        "--cluster",
        metavar="ADDRESS",
        help="Train on the Dask cluster whose scheduler has this address, such as "
        "tcp://192.0.2.1:8786. Runs that measure time stay on this machine.",
    )(command)


class Seeds(click.ParamType[tuple[int, ...]]):
    """Seeds as "50-52" or "50,51,52"."""

    name = "SEEDS"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, ...]:
        """The seeds, each once."""
        if isinstance(value, tuple):
            return value
        seeds: list[int] = []
        for part in str(value).split(","):
            ends = re.fullmatch(r"(\d{1,6})(?:-(\d{1,6}))?", part.strip())
            if ends is None:
                self.fail(f"{value!r} is not like 50-59 or 50,51.", param, ctx)
            seeds += range(int(ends[1]), int(ends[2] or ends[1]) + 1)
        return tuple(dict.fromkeys(seeds))


def _no_cache(command: Command) -> Command:
    return click.option(
        "--no-cache",
        is_flag=True,
        help="Judge and draw everything anew, instead of taking from .local/cache/ what an earlier "
        "build made of the same records and code. The site is the same.",
    )(command)


def _again(rerun: str | None) -> tuple[str, ...]:
    if rerun is None:
        return ()
    return tuple(chosen(() if rerun == ALL else (rerun,)))


def _workshop(
    profile: Profile,
    data: Path | None,
    cluster: str | None = None,
    wanted: Iterable[Identity] | None = None,
) -> RunContext:
    """Where to train the wanted runs, by default any; it holds images where a run needs them."""
    workshop = RunContext(profile, None, Console(), cluster)
    if profile == "quick" or (wanted is not None and not orchestrate.needs_images(wanted)):
        return orchestrate.with_ensemble_size(workshop, all_studies(), LAYOUT)
    found = replace(workshop, folder=find(data, LAYOUT.cache, workshop.say))
    return orchestrate.with_ensemble_size(found, all_studies(), LAYOUT)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="bnreport")
def cli() -> None:
    """Batch normalization, explained and measured.

    Studies are trained into records (results/), records are judged and rendered into a site
    (site/). Every step trains only what no record answers.
    """
    if not provenance.is_project(provenance.ROOT):
        _fail(
            "Expected a checkout of bnreport, a folder with mkdocs.yml and results/, here or "
            f"above. Received: {Path.cwd()}. Clone the repository and run this there.",
            2,
        )


@cli.command("build")
@click.option(
    "--records",
    is_flag=True,
    help="Build from the committed records alone: trains nothing and needs no TensorFlow.",
)
@_profile
@_data
@_cluster
@_rerun
@click.option(
    "--site-dir",
    type=click.Path(path_type=Path, resolve_path=True),
    help="Where to put the site.",
)
@_no_cache
def build_command(
    records: bool,
    profile: Profile,
    data_dir: Path | None,
    cluster: str | None,
    rerun: str | None,
    site_dir: Path | None,
    no_cache: bool,
) -> None:
    """Build the site, training what is missing.

    Also trains one paired seed here and compares it with the record; the page "On this machine"
    shows the result. What a build trains goes to .local/, never to results/.
    """
    if records and (rerun or cluster):
        other = "--rerun" if rerun else "--cluster"
        raise click.UsageError(f"--records trains nothing, so it cannot go with {other}.")
    order = BuildOptions(
        LAYOUT, profile, records, data_dir, _again(rerun), site_dir, cluster, not no_cache
    )
    console = Console()
    tell(build(order, console), console)


@cli.command()
@click.argument("studies", nargs=-1)
@_profile
@_data
@_cluster
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
    type=Seeds(),
    default=(),
    help="Train one study at these seeds instead, 50-59 or some of them, into results/pilots/: to "
    "choose a number of seeds or a grid before its claims are written. Judges nothing.",
)
def run(
    studies: tuple[str, ...],
    profile: Profile,
    data_dir: Path | None,
    cluster: str | None,
    rerun: bool,
    tuning: bool,
    replica: str | None,
    pilot: tuple[int, ...],
) -> None:
    """Train the missing runs of STUDIES (default: all) into results/.

    Each finished run is on disk at once. Interrupt whenever you like: the next call trains only
    what is missing. Claims are committed before their runs: a study whose claims are not is
    refused.
    """
    if replica is not None and (profile == "quick" or not re.fullmatch(r"[a-z0-9-]+", replica)):
        raise click.UsageError(
            "--replica needs the full profile and a name of small letters, digits and dashes."
        )
    if pilot and (len(studies) != 1 or tuning or replica or profile == "quick"):
        raise click.UsageError("--pilot needs one study, the full profile, and no other place.")
    say = RunContext(profile, None, Console()).say

    def path(study: Study) -> Path:
        name = study.edition.name
        if pilot:
            return LAYOUT.pilot(name)
        if replica:
            return LAYOUT.replica(replica, name)
        return LAYOUT.recorded(name, profile, study.announced)

    # Whoever tries a study tries its newest edition, the one that may have no claims yet.
    editions = [
        edition
        for study in chosen(studies).values()
        for edition in (study.by_edition()[-1:] if pilot else study.by_edition())
    ]
    wanted = [
        (edition, identity)
        for edition in editions
        for identity in missing(
            edition.pilots(pilot) if pilot else edition.identities(profile),
            {} if rerun else read(path(edition), say),
        )
        if not tuning or identity.seed in TUNING_SEEDS
    ]
    before = checksums.digests_of(LAYOUT.results)
    try:
        if wanted:
            if profile == "full" and not pilot:
                claims = {edition.edition.name: edition.claims_digest for edition, _ in wanted}
                preregistration.refuse_uncommitted(LAYOUT.root, claims, say)
            workshop = _workshop(profile, data_dir, cluster, [identity for _, identity in wanted])
            _train(wanted, path, workshop)
        else:
            say("Nothing to train: every run has a record.")
    finally:
        # Runs that a call finished before it failed are recorded, too.
        written = (path(edition) for edition in editions)
        _settle([p for p in written if p.is_relative_to(LAYOUT.results)], before, say)


def _train(
    wanted: Iterable[tuple[Study, Identity]], path: Callable[[Study], Path], workshop: RunContext
) -> None:
    """Train runs of studies, each read at an edition: one edition of a study after the other."""
    studies: dict[int, dict[str, Study]] = {}
    runs: dict[int, list[Identity]] = {}
    for study, identity in wanted:
        studies.setdefault(study.number, {})[study.name] = study
        runs.setdefault(study.number, []).append(identity)
    for number, named in sorted(studies.items()):
        files = {name: path(study) for name, study in named.items()}
        orchestrate.train(named, runs[number], files.__getitem__, workshop)


def _settle(written: Iterable[Path], before: Mapping[str, str], say: Callable[[str], None]) -> None:
    """Remove what was verified of record files that have changed since, and list their digests."""
    now = checksums.digests_of(LAYOUT.results)
    paths = []
    for path in written:
        name = path.relative_to(LAYOUT.results).as_posix()
        verified = LAYOUT.verified(path.stem)
        if (
            before.get(name) != now.get(name)
            and path.parent == verified.parent
            and verified.exists()
        ):
            verified.unlink()
            say(
                f"Removed {verified}: it is of other records. `bnreport verify {path.stem}` "
                "compares these."
            )
        paths += [path, verified]
    _list_digests(paths, say)


def _list_digests(paths: Iterable[Path] | None, say: Callable[[str], None]) -> None:
    for change in checksums.update(LAYOUT.results, paths):
        say(f"{checksums.NAME}: {change}.")


@cli.command()
@click.argument("studies", nargs=-1)
@_data
@_cluster
def verify(studies: tuple[str, ...], data_dir: Path | None, cluster: str | None) -> None:
    """Train a sample of STUDIES again and write down whether it agrees with the record.

    One run of each program. Equal bits on the same kind of machine and versions, else within the
    stated tolerance. A study that disagrees is stale and cannot be published.
    """
    editions = [edition for study in chosen(studies).values() for edition in study.by_edition()]
    wanted = [run for study in editions for run in study.identities("full")]
    workshop = _workshop("full", data_dir, cluster, verification.sample(wanted))
    disagreeing = []
    for study in editions:
        name = study.edition.name
        if not verification.sample(study.identities("full")):
            workshop.say(f"{name}: nothing to compare, for times do not repeat.")
            continue
        found = verification.verify(study, LAYOUT.committed(name, "full"), workshop)
        verification.write_verified(LAYOUT.verified(name), found)
        _list_digests([LAYOUT.verified(name)], workshop.say)
        for comparison in found.comparisons:
            result = "equal bits" if comparison.equal_bits else "within tolerance"
            workshop.say(
                f"{comparison.trial} seed {comparison.seed}: "
                f"{result if comparison.agrees else 'DISAGREES'}"
            )
        if not found.agreed:
            disagreeing.append(name)
    if disagreeing:
        raise RecordError(
            f"Expected the sample to agree with the record. Received: {', '.join(disagreeing)}, "
            "which disagrees and is now stale. Run it again with `bnreport run --rerun`."
        )


@cli.command()
@_profile
def status(profile: Profile) -> None:
    """List the studies: runs recorded and missing, and whether the records stand.

    current: what made them is what the code as it is does, by its definitions or by reviewed links.
    verified: so it is by a sample, too, that was trained again and agreed. unverified: nobody has
    tried. dated: times alone, by earlier code. stale: a sample disagreed. incomplete: runs are
    missing. announced: there are no records yet. lost: there were some. Records of no present trial
    answer nothing; `bnreport why RUN` says what has changed since.
    """
    say = RunContext(profile, None, Console()).say
    archive = Archive(LAYOUT, say)
    try:
        checksums.check(LAYOUT.results)
    except RecordError as error:
        say(str(error))
    for study in _editions():
        name = study.edition.name
        wanted = study.identities(profile)
        records = archive.records(name, profile, study.announced)
        if not wanted and not records:
            say(f"{name}: no {profile} runs")
            continue
        lacking = missing(wanted, records)
        used = verification.answers(wanted, records)
        # Only full records are ever verified, and only whole ones can be.
        verified = (
            None if lacking or profile == "quick" else verification.believed_of(archive, study)
        )
        stands: str = "announced" if study.announced else "lost"
        if records:
            stands = freshness(used, len(lacking), verified, archive.code)
        spent = duration(sum(record.provenance.seconds for record in records.values()))
        foreign = len(records) - len(used)
        extra = f", {foreign} of no present trial" if foreign else ""
        if profile == "full" and (pilots := archive.pilots(name)):
            extra += f", {len(pilots)} of pilots"
        say(
            f"{name}: {stands}; {len(wanted) - len(lacking)} of {len(wanted)} runs recorded, "
            f"{len(lacking)} missing{extra}; {spent} of training"
        )


def _editions() -> list[Study]:
    """Every study, read at each of its editions."""
    return [edition for study in all_studies().values() for edition in study.by_edition()]


@cli.command("checksums")
def checksums_command() -> None:
    """Write results/SHA256SUMS, the digest of every file in results/, and say what changed in it.

    `bnreport run` and `bnreport verify` do this by themselves; it is for a call that was cut short
    and for a file that was added by hand. Damaged records are refused first.
    """
    say = RunContext("full", None, Console()).say
    for path in sorted(LAYOUT.results.rglob("*.jsonl")):
        read(path, say)
    _list_digests(None, say)
    say(f"{len(checksums.listed(LAYOUT.results))} files are listed.")


@cli.command()
@click.argument("name")
def why(name: str) -> None:
    """Say what a claim stands on, or where a run comes from.

    NAME is the id of a claim, or of a run, recorded or asked for; of a run its first digits will
    do. A claim: its verdict, and the trials, runs and seeds that it was judged by. A run: how it
    was made, which claims stand on it, and, where it is missing or no longer asked for, what
    differs from the nearest one.
    """
    say = RunContext("full", None, Console()).say
    archive = Archive(LAYOUT, say)
    for study in _editions():
        for claim in study.claims:
            if claim.id == name:
                say("\n".join(why_claim(claim, study, *_report(study, archive))))
                return
    shelf, run = find_run(
        name,
        (
            StudyRecords(
                study, profile, archive.records(study.edition.name, profile, study.announced)
            )
            for study in _editions()
            for profile in get_args(Profile)
        ),
    )
    report, gap = _report(shelf.study, archive) if shelf.profile == "full" else (None, "")
    say("\n".join(why_run(shelf, run, report, gap, archive.code)))


def _report(study: Study, archive: Archive) -> tuple[StudyReport | None, str]:
    """What the judged records of a study say, or why they cannot say anything."""
    name = study.edition.name
    records, replicas = archive.records(name, "full"), archive.replicas(name)
    try:
        whole = not missing(study.identities("full"), records)
        verified = verification.believed_of(archive, study) if whole else None
        return report_study(study, records, "full", verified, archive.code, replicas), ""
    except RecordError as error:
        return None, str(error)


@cli.group("new")
def new_group() -> None:
    """Begin something new with a working skeleton, in which what is to be filled in is marked."""


@new_group.command("study")
@click.argument("name")
@click.option("--title", default="", help="Title of its page. By default it names what varies.")
@click.option(
    "--question",
    default="",
    help="What it asks, in a sentence. By default whether what varies matters.",
)
@click.option(
    "--vary",
    metavar="FIELD=ONE,OTHER",
    default=new.VARIED,
    show_default=True,
    help="The field of the net or of its training in which its two arms differ, and what it is in "
    "each. The claim predicts that the first is more accurate.",
)
def new_study_command(name: str, title: str, question: str, vary: str) -> None:
    """Write a study NAME: one claim on two arms with BN, its page and its test.

    It is announced: builds leave it out until its records exist. While it is written,
    `bnreport run NAME --profile quick` trains it in seconds on small images, and
    `bnreport check NAME --profile quick` looks its page through.
    """
    written = new.write(LAYOUT, name, title, question, vary)
    say = RunContext("full", None, Console()).say
    for path in written:
        say(f"Wrote {path.relative_to(LAYOUT.root)}.")
    say(f"Fill in what these files mark, then try it: `bnreport run {name} --profile quick`.")


@cli.command("serve")
@click.option("--port", default=8000, show_default=True, help="Port on this machine.")
@_no_cache
def serve_command(port: int, no_cache: bool) -> None:
    """Serve the site on this machine while it is written; never trains.

    What is saved of a page, a study, a lesson, a template or the theme is built at once, and the
    browser shows it. A mistake is told here, and the site stays as it was.
    """
    serve(BuildOptions(LAYOUT, records_only=True, cache=not no_cache), port, Console())


@cli.command("check")
@click.argument("name", required=False)
@_profile
@_no_cache
def check_command(name: str | None, profile: Profile, no_cache: bool) -> None:
    """Look every name up that the pages ask for, and tell every mistake at once; draw nothing.

    NAME is a study or a page, such as docs/methods.md, to look at alone.
    """
    order, console = BuildOptions(LAYOUT, profile, records_only=True, cache=not no_cache), Console()
    supplies = Supplies(cache=order.kept)
    report = from_records(order, console)
    pages = check(report, LAYOUT.pages, Staging(supplies=supplies), name and _page_of(name))
    RunContext(profile, None, console).say(f"Pages: {pages}. Every name that they use is there.")


def _page_of(name: str) -> str:
    """The page of a study, or of a path from the checkout or from docs/."""
    if name in all_studies():
        return all_studies()[name].page
    page = name.removeprefix("docs/")
    if not (LAYOUT.pages / page).is_file():
        raise click.UsageError(f"{name!r} is no study and no page. Name one, such as docs/run.md.")
    return page


@cli.command()
@_data
def notebook(data_dir: Path | None) -> None:
    """Execute notebooks/notebook.ipynb on the real data, in place, with its provenance."""
    workshop = _workshop("full", data_dir)
    execute(LAYOUT.notebook, workshop.folder, workshop.say)
    workshop.say(f"Executed {LAYOUT.notebook.name}.")


@cli.command("history")
@click.option("--again", is_flag=True, help="Also for commits that are written down already.")
def history_command(again: bool) -> None:
    """Write down the code and the claims of each commit that a record names.

    The digests of the code go to results/code.json, those of the claims to
    results/preregistration.json. They are found in the history of the checkout; a build then needs
    none.
    """
    say = RunContext("full", None, Console()).say
    for path, what, update in (
        (LAYOUT.code, "code", history.update),
        (LAYOUT.preregistration, "claims", preregistration.update),
    ):
        for commit in update(LAYOUT, say, again):
            say(f"Added the {what} of commit {commit[:12]}.")
        _list_digests([path], say)
        say(f"{path.name} is up to date.")


@cli.command("link")
@click.argument("reason")
@click.option(
    "--since", default="HEAD", show_default=True, help="The commit whose code does the same."
)
@click.argument("names", nargs=-1)
def link_command(reason: str, names: tuple[str, ...], since: str) -> None:
    """Write down, with its REASON, that changed code does the same: for review.

    The digests that differ from those of the last commit go to results/links.toml as pairs; NAMES
    takes some of them, "train" or "probe-drift", say. Records then stand as they did.
    """
    say = RunContext("full", None, Console()).say
    made = history.link(LAYOUT, reason, since, names)
    if made is None:
        say(f"Nothing to link: what runs execute is the same as at {since}.")
        return
    _list_digests([LAYOUT.links], say)
    say(f"Linked {', '.join(made.same)} in {LAYOUT.links.name}: {reason}")


class _Terminated(KeyboardInterrupt):
    """SIGTERM, which ends a call as Ctrl-C does: workers are ended, files closed, locks freed."""


def main() -> None:
    """Run the command line; print without a traceback what is no fault of the program."""
    former = _on_termination(_terminate)
    for stream in (sys.stdout, sys.stderr):
        # A terminal that has no word for a letter shows a question mark, and ends no call.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        cli(standalone_mode=False)
    except BnreportError as error:
        _fail(str(error), 1)
    except BrokenPipeError:
        # Whoever read the output has gone; Python would complain again when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except OSError as error:
        full = error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
        _fail(
            f"Expected to read and write files. Received: {error}. "
            f"{'Make room on the disk' if full else 'Fix this'}, and run the command again: "
            "finished runs are kept.",
            1,
        )
    except MemoryError:
        _fail("Expected enough memory. Received: none left. Free some, or use a larger machine.", 1)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt) as error:
        # Click makes an error of its own of it.
        terminated = isinstance(error.__cause__ or error, _Terminated)
        _fail(
            f"{'Ended by SIGTERM' if terminated else 'Interrupted'}. Finished runs are recorded; "
            "the next call goes on from there.",
            143 if terminated else 130,
        )
    finally:
        _on_termination(former)


def _terminate(*_: object) -> NoReturn:
    raise _Terminated


def _on_termination(handler: Any) -> Any:
    """Set what SIGTERM does, and return what it did; only the main thread may."""
    try:
        return signal.signal(signal.SIGTERM, signal.SIG_DFL if handler is None else handler)
    except ValueError:
        return None


def _fail(text: str, code: int) -> None:
    Console(stderr=True).print(text, highlight=False, markup=False, soft_wrap=True)
    sys.exit(code)
