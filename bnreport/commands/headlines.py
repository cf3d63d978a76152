"""Ask the headlines of a reader's own arrays, and write a page beside ours."""

import io
import os
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path

from rich.console import Console

from bnreport.analysis.arms import Arm
from bnreport.analysis.display import judgement
from bnreport.analysis.judge import judge
from bnreport.analysis.verdicts import Verdict
from bnreport.commands.project import Project
from bnreport.errors import DataError
from bnreport.pages.own_page import Beside, OwnPage, html
from bnreport.presentation.formats import counted, duration
from bnreport.presentation.plots import Dots
from bnreport.protocol.trials import Identity
from bnreport.records.code import executed
from bnreport.records.code.executed import run_digest
from bnreport.records.collection import Records, by_trial
from bnreport.records.record import Record
from bnreport.records.store import read as read_records
from bnreport.records.writing import Writer, write_text
from bnreport.running.orchestrate import missing, written
from bnreport.running.own_data import NAME, OwnDesk, identities, seconds
from bnreport.running.progress import Progress
from bnreport.studies.datasets import own as headlines
from bnreport.studies.datasets.claims import BY_NAME, FAMILIES
from bnreport.studies.datasets.runs import EPOCHS, FRESH, IMAGES
from bnreport.training.own_arrays import Own, read

# The word that `bnreport run` takes in place of a study.
WORD = "headlines"
# Steps of an epoch of the short runs that tell how long all will take.
STEPS = 40
FASHION = "fashion-mnist"


def run(project: Project, file: Path, out: Path | None) -> None:
    """Train the missing runs on a reader's arrays into the folder, and write the page there.

    Args:
        project: where the command works.
        file: the arrays, see `own_arrays.read`.
        out: the folder for the page and the runs; by default one in `.local/`.

    Raises:
        DataError: when the arrays are not of that kind, or the folder is one of ours or cannot be
            written.
        RecordError: when the runs in the folder are damaged, or another call writes them.
    """
    folder = out or project.layout.root / ".local" / WORD / file.stem
    refuse_ours(project, folder)
    own = read(file)
    refuse_unwritable(folder)
    project.say(f"{file.name}: {_examples(own)}.")
    for note in own.notes:
        project.say(note)
    ours = published(project)
    with Writer(folder / "runs.jsonl", project.say) as writer:
        records = _recorded(project, own, writer)
        page = _page(file.name, own, records, ours)
        write_text(folder / "index.html", html(page, project.layout.pages))
    for each in page.headlines:
        project.say(f"{judgement(each.theirs, None).text}: {each.theirs.claim.statement}")
    project.say(f"Wrote {folder / 'index.html'}, which is yours and no page of the site.")


def _page(name: str, own: Own, records: Sequence[Record], ours: Mapping[str, Verdict]) -> OwnPage:
    """The page on all runs, beside our verdicts by the headline."""
    train, classes, every = _trains_on(own), len(own.classes), _by_trial(records)
    rates = headlines.chosen(every)
    return OwnPage(
        name=name,
        facts=_facts(own, records),
        headlines=[
            Beside(theirs, ours.get(theirs.claim.id.removeprefix("own-")))
            for theirs in headlines.verdicts(every, train, classes)
        ],
        plot=_plot(every, name, classes),
        rates={label(arm): f"{rates[arm.name]:g}" for arm in headlines.ARMS},
    )


def refuse_ours(project: Project, folder: Path) -> None:
    """Refuse a folder in which our records, sources or pages are.

    Raises:
        DataError: when it is one.
    """
    # Links that lead round in a circle end here as they are, and can then not be written.
    root, target = project.layout.root.resolve(), Path(os.path.realpath(folder))
    local = root / ".local" / WORD
    if target.is_relative_to(root) and not target.is_relative_to(local):
        raise DataError(
            f"Expected a folder outside of {root}, or below {local}. Received: {folder}, in which "
            "a page of yours would lie among ours. Name another with --out."
        )


def refuse_unwritable(folder: Path) -> None:
    """Make the folder, and refuse one into which nothing can be written.

    Raises:
        DataError: when it is one.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        reason = "a file of that name" if folder.is_file() else error.strerror
        raise DataError(
            f"Expected a folder into which the page and the runs can be written. Received: "
            f"{folder}: {reason}. Name another with --out."
        ) from error


def _recorded(project: Project, own: Own, writer: Writer) -> Sequence[Record]:
    """The records of all runs; those that the file lacks are trained into it."""
    known = _usable(project, own, writer.path, read_records(writer.path, project.say))
    if not missing(_wanted(own, known), known):
        project.say("Nothing to train: every run has a record.")
    else:
        code = executed.today()
        with closing(OwnDesk(own)) as desk, _announced(project, own, known, desk) as progress:
            while runs := missing(_wanted(own, known), known):
                for record in written(desk.train(runs, progress), {NAME: writer}, code):
                    known[record.id] = record
    return [known[identity.run_id] for identity in _wanted(own, known)]


def _usable(
    project: Project, own: Own, path: Path, recorded: Mapping[str, Record]
) -> dict[str, Record]:
    """The records that answer runs of these data by the present code; says what becomes of others.

    Others stay where they are, but for those that are trained again.
    """
    possible = {run.run_id for run in identities(headlines.possible(_trains_on(own)), own.digest)}
    code = executed.today()
    answers = {run: record for run, record in recorded.items() if run in possible}
    usable = {
        run: record
        for run, record in answers.items()
        if record.provenance.code == run_digest(code, record.identity.trial)
    }
    if others := len(recorded) - len(answers):
        project.say(
            f"{path} also holds {counted(others, 'run')} of other data or settings. They stay in "
            "it and count for nothing on this page, which takes the place of theirs."
        )
    if former := len(answers) - len(usable):
        project.say(
            f"{path} holds {counted(former, 'run')} by other training code. What is needed of them "
            "is trained again and replaced."
        )
    return usable


def _wanted(own: Own, known: Mapping[str, Record]) -> list[Identity]:
    """The runs that choose rates; once they are known, these and the runs that judge."""
    train = _trains_on(own)
    tuning = identities(headlines.tuning(train), own.digest)
    if missing(tuning, known):
        return tuning
    rates = headlines.chosen(_by_trial([known[run.run_id] for run in tuning]))
    return [*tuning, *identities(headlines.judged(train, rates), own.digest)]


def _announced(project: Project, own: Own, known: Mapping[str, Record], desk: OwnDesk) -> Progress:
    """Say what is left to do and how long it will take; the progress of it."""
    runs, steps = headlines.count(_trains_on(own))
    done = sum(identity.run_id in known for identity in _wanted(own, known))
    left = runs - done
    # Each run is as long as any other.
    steps = steps * left // runs
    project.say("Timing a few steps of each net.")
    about = duration(_expected(desk, own, left, steps))
    recorded = f" Recorded already: {counted(done, 'run')}." if done else ""
    project.say(f"{counted(left, 'run')}, {steps:,} steps in all: about {about}.{recorded}")
    return Progress(Console(), left, left * EPOCHS)


def _expected(desk: OwnDesk, own: Own, runs: int, steps: int) -> float:
    """The seconds that so many runs of so many steps in all will take."""
    trials = headlines.trial_runs(_trains_on(own), STEPS)
    silent = Progress(Console(file=io.StringIO()), len(trials), 1)
    timed = desk.train(identities(trials, own.digest), silent)
    spent = [record.provenance.seconds for record in timed]
    return seconds([recipe.steps for recipe, _ in trials], spent, runs, steps)


def _trains_on(own: Own) -> int:
    """The number of examples to train on."""
    return len(own.data.y_train)


def _by_trial(records: Sequence[Record]) -> Records:
    return Records("full", by_trial({record.id: record for record in records}))


def published(project: Project) -> Mapping[str, Verdict]:
    """The verdicts of ours on Fashion-MNIST, by the headline; none where there are no records."""
    study = project.studies().get("datasets")
    if study is None:
        return {}
    kept = project.archive().records("datasets", "full")
    if not kept:
        return {}
    names = FAMILIES[FASHION, FRESH]
    records = Records("full", by_trial(kept))
    judged = {name: BY_NAME[FASHION, FRESH, name] for name in names}
    estimates = {each.claim.id: each.by(records) for each in judged.values()}
    verdicts = judge([each.claim for each in judged.values()], estimates, "full")
    return {name: verdicts[each.claim.id] for name, each in judged.items()}


def _examples(own: Own) -> str:
    train, held = _trains_on(own), len(own.data.y_val)
    shape = " by ".join(map(str, own.shape))
    return f"{train + held:,} examples of {shape} numbers, in {len(own.classes)} classes"


def _facts(own: Own, records: Sequence[Record]) -> Mapping[str, str]:
    spent = sum(record.provenance.seconds for record in records)
    return {
        "Data": f"{_examples(own)}; SHA-256 of the file {own.digest}",
        "Classes": ", ".join(own.classes),
        "Prepared": " ".join(own.notes) or "taken as they are",
        "Split": f"{len(own.data.y_val):,} validate, drawn by the seed, and "
        f"{min(_trains_on(own), IMAGES):,} of the others train",
        "Runs": f"{len(records)}, of which {sum(record.diverged for record in records)} diverged, "
        f"which count as chance, {1 / len(own.classes):.0%}; {duration(spent)} of training",
        "Machine": " and ".join(dict.fromkeys(map(_machine, records))),
    }


def _machine(record: Record) -> str:
    """The machine and the libraries of a run."""
    versions = (f"{name} {version}" for name, version in record.provenance.versions.items())
    return f"{record.provenance.device}; {', '.join(versions)}"


def label(arm: Arm) -> str:
    """The name of an arm, whose inputs need not be pixels."""
    return arm.label.replace("raw pixels", "inputs as they are")


def _plot(records: Records, name: str, classes: int) -> Dots:
    values = headlines.accuracies(records, classes)
    return Dots(
        title="Validation accuracy of each arm at its rate",
        subtitle=f"{name}; by fresh statistics, n = {len(headlines.SEEDS)} seeds",
        x_label="validation accuracy, %",
        rows=tuple(arm.row(values[arm.name], label(arm)) for arm in headlines.ARMS),
        paired=True,
        decimals=2,
    )
