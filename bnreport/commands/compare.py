"""The command that lays a reader's curve over the band of our runs."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from bnreport.analysis.curves.band import Band
from bnreport.analysis.curves.judging import Fitted, judge
from bnreport.analysis.curves.reading import LIMITS, PrintedRun, decoded, rate_of, read, refusal
from bnreport.analysis.curves.telling import CHECKLIST, NETS, beside, label, plain, tell, z_by_epoch
from bnreport.commands.project import Project, pass_project
from bnreport.errors import DataError
from bnreport.presentation.formats import counted
from bnreport.records.collection import Records, by_trial
from bnreport.studies.mistakes.stories import band

# A letter takes up to four bytes.
BYTES = 4 * LIMITS["characters"]


class Rate(click.ParamType[float]):
    """A learning rate that somebody can have meant."""

    name = "RATE"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """The rate as a number."""
        try:
            rate = rate_of(float(value))
        except ValueError:
            rate = None
        if rate is None:
            self.fail(refusal("rate", str(value), LIMITS["rate"]), param, ctx)
        return rate


@click.command()
@click.argument("log", type=click.Path(path_type=Path, allow_dash=True))
@click.option("--net", type=click.Choice([*NETS]), help="The net. Without it, any of the two.")
@click.option("--rate", type=Rate(), help="The rate you meant.")
@click.option("--epochs", type=click.IntRange(min=1), help="How many epochs a call of fit has.")
@click.option("--run", type=click.IntRange(min=1), help="Which run of the log; without it, each.")
@pass_project
def compare(
    project: Project,
    log: Path,
    net: str | None,
    rate: float | None,
    epochs: int | None,
    run: int | None,
) -> None:
    """Lay the curve that LOG holds over our runs, and say which stories it fits.

    LOG is what Keras printed, a History as JSON, a CSV file or a notebook, or - for what comes in;
    nothing in it is executed. Our runs are those of the notebook's two nets on Fashion-MNIST, at
    rates of 0.01 and 0.001. The net and the rate are looked for in the code above a curve.
    """
    name, text = _text(log)
    curves = read(text, name)
    if run is not None and run > len(curves):
        raise click.UsageError(
            f"Expected a run of {name}, which holds {counted(len(curves), 'run')}. Received: "
            f"--run {run}. Give another, or leave --run out."
        )
    archive = project.archive()
    mistakes, notebook = (
        Records("full", by_trial(archive.records(study, "full")))
        for study in ("mistakes", "notebook")
    )
    ours = band(mistakes, notebook)
    project.say("First ask:")
    for question, why in CHECKLIST:
        project.say(f"- {question} {why}".replace("`", ""))
    if len(curves) > 1:
        project.say(f"\n{name} holds {counted(len(curves), 'run')}.")
    for number, curve in enumerate(curves, 1):
        if run in {None, number}:
            project.say("\n" + "\n".join(_report(curve, number, ours, net, rate, epochs)))


def _text(log: Path) -> tuple[str, str]:
    """The name of a log, and its text.

    Raises:
        DataError: when there is none that can be read, it is too large, or in another encoding.
    """
    name = "standard input" if str(log) == "-" else str(log)
    try:
        if name == "standard input":
            content = sys.stdin.buffer.read(BYTES + 1)
        else:
            with log.open("rb") as file:
                content = file.read(BYTES + 1)
    except OSError as error:
        raise DataError(
            f"{name}: Expected a file that can be read. Received: {error.strerror}. Give the path "
            "of a log."
        ) from None
    if len(content) > BYTES:
        raise DataError(
            f"{name}: Expected at most {BYTES:,} bytes. Received: more. Keep the lines of the "
            "training alone."
        )
    return name, decoded(content, name)


def _report(
    curve: PrintedRun,
    number: int,
    ours: Band,
    net: str | None,
    rate: float | None,
    epochs: int | None,
) -> Iterator[str]:
    """Yield the lines on a curve."""
    if epochs is not None:
        curve = curve.called(epochs)
    net, rate = net or curve.net, rate if rate is not None else curve.rate
    verdict = judge(curve, ours, net, rate)
    telling = tell(curve, verdict, ours, net, rate)
    meant = f"a rate of {plain(rate)}" if rate is not None else "a rate that is not known"
    model = f"the net {NETS[net]}" if net else "a net that is not known"
    yield (
        f"Run {number}, {curve.place}: {counted(len(curve.epochs), 'epoch')} of "
        f"{', '.join(curve.metrics)}. "
        f"Compared as {model} at {meant}."
    )
    yield telling.title.upper()
    yield telling.sentence
    yield from (f"- {line}" for line in (*telling.advice, *telling.notes))
    if verdict.compared:
        yield from _numbers(curve, verdict, ours)


def _numbers(curve: PrintedRun, verdict: Fitted, ours: Band) -> Iterator[str]:
    """Yield z by epoch beside one story or two, and the distance from each story."""
    for story in beside(verdict):
        yield f"\nz by epoch, from our runs {NETS[story.net]}, {label(story)}:"
        yield "epoch" + "".join(f"{metric:>14}" for metric in curve.metrics)
        for epoch, row in enumerate(z_by_epoch(curve, verdict, ours, story), curve.first):
            yield f"{epoch:>5}" + "".join(_aligned(value, 14, 1) for value in row)
    yield "\nstory" + " " * 39 + "distance  runs as far off"
    for entry in verdict.compared:
        name = f"{label(entry.story)}, {NETS[entry.story.net]}"
        fits = "  fits" if entry.fits else ""
        yield f"{name:<42}{_aligned(entry.distance, 10, 2)}  {entry.as_far} of {entry.n}{fits}"


def _aligned(value: float, width: int, decimals: int) -> str:
    """A number at the right of its column; one that is too long by its power of ten."""
    text = f"{value:.{decimals}f}"
    return f"{text if len(text) < width else f'{value:.1e}':>{width}}"
