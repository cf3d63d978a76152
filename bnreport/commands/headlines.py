"""Ask the headlines of a reader's own arrays, and write a page beside ours."""

import io
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
from bnreport.records.collection import Records, by_trial
from bnreport.records.record import Record
from bnreport.running.own_data import OwnDesk, identities, seconds
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
    """Train on a reader's arrays, and write the page.

    Args:
        project: where the command works.
        file: the arrays, see `own_arrays.read`.
        out: the folder for the page and the runs; by default one in `.local/`.

    Raises:
        DataError: when the arrays are not of that kind, or the folder is one of ours.
    """
    folder = out or project.layout.root / ".local" / WORD / file.stem
    refuse_ours(project, folder)
    own = read(file)
    train = len(own.data.y_train)
    runs, steps = headlines.count(train)
    project.say(f"{file.name}: {_examples(own)}.")
    for note in own.notes:
        project.say(note)
    project.say("Timing a few steps of each net.")
    with closing(OwnDesk(own)) as desk:
        expected = _expected(desk, own, runs, steps)
        project.say(f"{counted(runs, 'run')}, {steps:,} steps in all: about {duration(expected)}.")
        records, rates = _trained(desk, own, runs)
    every = _records(records)
    page = OwnPage(
        name=file.name,
        facts=_facts(own, records, expected),
        headlines=[
            Beside(theirs, ours.get(theirs.claim.id.removeprefix("own-")))
            for ours in [published(project)]
            for theirs in headlines.verdicts(every, train, len(own.classes))
        ],
        plot=_plot(every, file.name, len(own.classes)),
        rates={label(arm): f"{rates[arm.name]:g}" for arm in headlines.ARMS},
    )
    folder.mkdir(parents=True, exist_ok=True)
    lines = "".join(f"{record.line()}\n" for record in records)
    (folder / "runs.jsonl").write_text(lines, encoding="utf-8")
    (folder / "index.html").write_text(html(page, project.layout.pages), encoding="utf-8")
    for each in page.headlines:
        project.say(f"{judgement(each.theirs, None).text}: {each.theirs.claim.statement}")
    project.say(f"Wrote {folder / 'index.html'}, which is yours and no page of the site.")


def refuse_ours(project: Project, folder: Path) -> None:
    """Refuse a folder in which our records, sources or pages are.

    Raises:
        DataError: when it is one.
    """
    root, target = project.layout.root.resolve(), folder.resolve()
    local = root / ".local" / WORD
    if target.is_relative_to(root) and not target.is_relative_to(local):
        raise DataError(
            f"Expected a folder outside of {root}, or below {local}. Received: {folder}, in which "
            "a page of yours would lie among ours. Name another with --out."
        )


def _expected(desk: OwnDesk, own: Own, runs: int, steps: int) -> float:
    """The seconds that so many runs of so many steps in all will take."""
    trials = headlines.trial_runs(len(own.data.y_train), STEPS)
    silent = Progress(Console(file=io.StringIO()), len(trials), 1)
    timed = desk.train(identities(trials, own.digest), silent)
    spent = [record.provenance.seconds for record in timed]
    return seconds([recipe.steps for recipe, _ in trials], spent, runs, steps)


def _trained(desk: OwnDesk, own: Own, runs: int) -> tuple[Sequence[Record], Mapping[str, float]]:
    """The records of all runs, and the rates that the first of them chose."""
    train = len(own.data.y_train)
    with Progress(Console(), runs, runs * EPOCHS) as progress:
        tuning = [*desk.train(identities(headlines.tuning(train), own.digest), progress)]
        rates = headlines.chosen(_records(tuning))
        judged = desk.train(identities(headlines.judged(train, rates), own.digest), progress)
        return [*tuning, *judged], rates


def _records(records: Sequence[Record]) -> Records:
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
    train, held = len(own.data.y_train), len(own.data.y_val)
    shape = " by ".join(map(str, own.shape))
    return f"{train + held:,} examples of {shape} numbers, in {len(own.classes)} classes"


def _facts(own: Own, records: Sequence[Record], expected: float) -> Mapping[str, str]:
    provenance = records[0].provenance
    seconds = sum(record.provenance.seconds for record in records)
    train = len(own.data.y_train)
    versions = ", ".join(f"{name} {version}" for name, version in provenance.versions.items())
    return {
        "Data": f"{_examples(own)}; SHA-256 of the file {own.digest}",
        "Classes": ", ".join(own.classes),
        "Prepared": " ".join(own.notes) or "taken as they are",
        "Split": f"{len(own.data.y_val):,} validate, drawn by the seed, and "
        f"{min(train, IMAGES):,} of the others train",
        "Runs": f"{len(records)}, of which {sum(record.diverged for record in records)} diverged, "
        f"which count as chance, {1 / len(own.classes):.0%}; {duration(seconds)} of training, "
        f"{duration(expected)} expected",
        "Machine": f"{provenance.device}; {versions}",
    }


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
