"""What do moving averages that lag behind the weights cost a net with batch normalization?

Every run is one net with BN, scored in inference mode by several statistics of the same weights: by
moving averages of several momenta, which are carried beside the run and do not touch it, and by
statistics taken fresh from training images.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import scipy

from bnreport.analysis.arms import usual
from bnreport.analysis.cells import mean_of, values_of
from bnreport.analysis.charts import panels
from bnreport.analysis.comparisons import Sample, runs_of
from bnreport.analysis.design import claim_form, study
from bnreport.analysis.findings import means
from bnreport.analysis.reimplementations import side_by_side
from bnreport.presentation.formats import number
from bnreport.presentation.plots import Curves, Dots, Panel
from bnreport.presentation.tables import Table, Value
from bnreport.protocol.directions import Direction, check, read
from bnreport.protocol.optimization import SCHEDULES
from bnreport.protocol.scorings import Drift, Scoring
from bnreport.records.collection import Records

RAW, STD = "bn", "std-bn"
ARMS = dict(zip((RAW, STD), usual(RAW, STD), strict=True))
SIZES = (32, 128, 512)
RATES = (0.03, 0.1, 0.3, 1.0)
IMAGES, EPOCHS = 20_480, 4
# The rate of the claims that do not ask about rates.
RATE = 0.1

# What a pilot of ten seeds asked for: 48 seeds tell half a point from nothing at a constant rate,
# and 12 do under a fall, where runs scatter less.
MANY, FEW = tuple(range(200, 248)), tuple(range(200, 212))
FALLING = (32, 128)
# Settings that no claim asks about are pictures.
PICTURED = 6

KERAS = "deployed"
MOMENTA = {"m0.9": 0.9, "m0.97": 0.97, KERAS: 0.99, "m0.997": 0.997, "m0.999": 0.999}
AVERAGES = tuple(
    {"momentum": momentum, "corrected": corrected}
    for corrected in (False, True)
    for name, momentum in MOMENTA.items()
    if corrected or name != KERAS
)
CORRECTED = {f"m{momentum:g}-corrected": momentum for momentum in MOMENTA.values()}
LABELS = {RAW: "raw", STD: "standardized"}
COURSES = {"constant": "constant", "linear": "falling"}
# Groups of settings of like prediction in a figure.
GROUPS = 8
# Shares of the run after which it is scored on the way.
MARKS = (0.05, 0.1, 0.2, 0.4, 0.6, 0.8)
EARLY = MARKS[1]


def length(size: int) -> int:
    """The number of steps of a run."""
    return EPOCHS * IMAGES // size


def step(share: float, size: int) -> int:
    """The step after which that share of a run is over."""
    return round(share * length(size))


def age(momentum: float, steps: int) -> float:
    """The mean age in steps of the batches in a corrected moving average after so many steps."""
    ages = np.arange(steps)
    return float(np.average(ages, weights=momentum**ages))


def window(momentum: float, size: int) -> int:
    """Return that age at the end of a run, in whole steps."""
    return round(age(momentum, length(size)))


def _measures(size: int) -> tuple[Any, ...]:
    """Score at the end and on the way, and how far the statistics moved before the end."""
    return (
        Scoring(name="end", by=("fresh", "means", *MOMENTA, *CORRECTED)),
        Scoring(
            name="path",
            steps=tuple(step(share, size) for share in MARKS),
            by=("fresh", KERAS, "m0.9", "m0.99-corrected"),
            images=2_000,
        ),
        *(
            Drift(name=f"drift-{back}", steps=(length(size) - back,), windows=(back,))
            for back in sorted({window(momentum, size) for momentum in MOMENTA.values()})
        ),
    )


def named(arm: str, size: int, schedule: str, rate: float) -> str:
    """The name of a trial."""
    return f"{arm}-{size}-{schedule}-{rate:g}"


def _seeds(arm: str, size: int, schedule: str, rate: float) -> tuple[int, ...]:
    """The seeds that a claim on the setting asks for, or as many as a picture needs."""
    if schedule == "constant" and (rate == RATE or (arm, size, rate) == (RAW, 128, 1.0)):
        return MANY
    falls = (arm, schedule, rate) == (RAW, "linear", RATE) and size in FALLING
    return FEW if falls else MANY[:PICTURED]


SETTINGS = tuple(
    (arm, size, schedule, rate)
    for arm in ARMS
    for size in SIZES
    for schedule in SCHEDULES
    for rate in RATES
)
RUNS = tuple(
    ARMS[arm].recipes(
        _seeds(arm, size, schedule, rate),
        named(arm, size, schedule, rate),
        learning_rate=rate,
        schedule=SCHEDULES[schedule],
        batch_size=size,
        epochs=EPOCHS,
        images=IMAGES,
        averages=AVERAGES,
        measures=_measures(size),
        evaluated=(),
    )
    for arm, size, schedule, rate in SETTINGS
)


def scored(arm: str, size: int, by: str, schedule: str = "constant", rate: float = RATE) -> Sample:
    """Validation accuracy at the end in per cent, by those statistics."""
    runs = runs_of(named(arm, size, schedule, rate))
    return 100 * runs.scored(f"end_{by}_val")[:, -1]


def cost(
    arm: str, size: int, by: str = KERAS, schedule: str = "constant", rate: float = RATE
) -> Sample:
    """The percentage points by which fresh statistics beat those, in one net."""
    return scored(arm, size, "fresh", schedule, rate) - scored(arm, size, by, schedule, rate)


def halved(size: int) -> Sample:
    """The points by which correction gets beyond half the way from averages to fresh ones."""
    runs = runs_of(named(RAW, size, "constant", RATE))
    corrected, lagging, fresh = (
        100 * runs.scored(f"path_{by}_val")[:, MARKS.index(EARLY)]
        for by in ("m0.99-corrected", KERAS, "fresh")
    )
    return corrected - 0.5 * (lagging + fresh)


def swing(by: str) -> Sample:
    """Measure how far the validation loss moves late in a run, from one fifth to the next."""
    losses = runs_of(named(RAW, 128, "constant", 1.0)).measured(f"path_{by}_val_loss")
    return losses.map(lambda loss: np.abs(np.diff(loss[:, MARKS.index(0.4) :])).mean(axis=1))


def end(arm: str, size: int, by: str, schedule: str = "constant", rate: float = RATE) -> Any:
    """The reading of such an accuracy."""
    trial = named(arm, size, schedule, rate)
    return read(trial, check(f"end_{by}_val_accuracy", length(size)))


def fresher(arm: str, size: int, schedule: str = "constant", rate: float = RATE) -> Direction:
    """Fresh statistics are better than Keras' averages."""
    return Direction(end(arm, size, "fresh", schedule, rate), end(arm, size, KERAS, schedule, rate))


def _early(size: int) -> Direction:
    trial, at = named(RAW, size, "constant", RATE), step(EARLY, size)
    corrected, lagging, fresh = (
        read(trial, check(f"path_{by}_val_accuracy", at))
        for by in ("m0.99-corrected", KERAS, "fresh")
    )
    return Direction(corrected, (*lagging, *fresh))


WU_JOHNSON = (
    "Wu and Johnson 2021 (arXiv 2105.07576), section 3: moving averages lag behind when the net "
    "changes fast, and averages of precise statistics do not"
)
METRIC = (
    f"validation accuracy in inference mode after {EPOCHS} epochs of {IMAGES:,} images, plain "
    "gradient descent"
)
claim = claim_form(
    "lag",
    question="What do moving averages cost that lag behind the weights?",
    source=WU_JOHNSON,
    metric=f"{METRIC}{{}}",
    unit="pp",
    seeds="200-247",
    decided="interval",
    expected="supported",
)
AT_RATE = f" at a constant rate of {RATE:g}"
KNOWN = "known from the first edition"

CLAIMS = (
    claim(
        "constant",
        by=lambda size: cost(RAW, size).contrast(),
        ahead=lambda size: fresher(RAW, size),
        in_each={str(size): size for size in SIZES},
        about=AT_RATE,
        margin=0.5,
        label="Cost at a constant rate",
        statement="After 4 epochs at a constant rate of 0.1, moving averages of momentum 0.99 cost "
        "a BN net on raw pixels of Fashion-MNIST more than half a point, with batches of 32, 128 "
        "and 512.",
        arms="fresh statistics minus moving averages of momentum 0.99, one net",
        known=KNOWN,
        headline="lag",
    ),
    claim(
        "standardized",
        by=lambda size: cost(STD, size).contrast(),
        ahead=lambda size: fresher(STD, size),
        in_each={str(size): size for size in SIZES},
        about=AT_RATE,
        margin=0.5,
        label="Cost on standardized inputs",
        statement="After 4 epochs at a constant rate of 0.1, moving averages of momentum 0.99 cost "
        "a BN net on standardized inputs of Fashion-MNIST more than half a point, with batches of "
        "32, 128 and 512.",
        arms="fresh statistics minus moving averages of momentum 0.99, one net",
        expected="not supported",
        known="new",
    ),
    claim(
        "falling",
        by=lambda size: cost(RAW, size, schedule="linear").contrast(),
        ahead=lambda size: fresher(RAW, size, "linear"),
        in_each={str(size): size for size in FALLING},
        seeds="200-211",
        about=f" at a rate that falls from {RATE:g} to zero",
        kind="equivalence",
        margin=0.2,
        label="Cost under a fall",
        statement="After 4 epochs in which the rate falls from 0.1 to zero, moving averages of "
        "momentum 0.99 and fresh statistics give a BN net on raw pixels of Fashion-MNIST the same "
        "accuracy within 0.2 points, with batches of 32 and 128.",
        arms="fresh statistics minus moving averages of momentum 0.99, one net",
        known="new",
    ),
    claim(
        "momentum",
        by=lambda size: (scored(RAW, size, "m0.9") - scored(RAW, size, KERAS)).contrast(),
        ahead=lambda size: Direction(end(RAW, size, "m0.9"), end(RAW, size, KERAS)),
        in_each={str(size): size for size in SIZES},
        about=AT_RATE,
        margin=0.5,
        label="Momentum 0.9 over 0.99",
        statement="After 4 epochs of Fashion-MNIST at a constant rate of 0.1, moving averages of "
        "momentum 0.9, PyTorch's default, make a BN net on raw pixels more accurate than those of "
        "Keras' default, 0.99, with batches of 32, 128 and 512.",
        expected="not supported",
        arms="moving averages of momentum 0.9 minus 0.99, one net",
        known="new",
    ),
    claim(
        "corrected",
        by=lambda size: halved(size).contrast(),
        ahead=_early,
        in_each={str(size): size for size in (128, 512)},
        about=f", after a tenth of them,{AT_RATE}, on 2,000 images",
        margin=0.0,
        label="Correction closes half",
        statement="After a tenth of 4 epochs of Fashion-MNIST at a constant rate of 0.1, taking "
        "the start value out of moving averages of momentum 0.99 closes more than half of their "
        "gap to fresh statistics on raw pixels, with batches of 128 and 512.",
        arms="corrected moving averages minus the middle of plain ones and fresh statistics",
        known="new",
    ),
    claim(
        "drift",
        by=(cost(RAW, 128) - cost(STD, 128)).contrast(),
        ahead=fresher(RAW, 128).beyond(fresher(STD, 128)),
        about=AT_RATE,
        margin=0.5,
        label="Raw over standardized",
        statement="After 4 epochs of Fashion-MNIST in batches of 128 at a constant rate of 0.1, "
        "moving averages of momentum 0.99 cost a BN net more on raw pixels than on standardized "
        "inputs.",
        arms="fresh statistics minus moving averages, on raw pixels less on standardized inputs",
        known=KNOWN,
    ),
    claim(
        "rate",
        by=(cost(RAW, 128, rate=1.0) - cost(RAW, 128, rate=RATE)).contrast(),
        ahead=fresher(RAW, 128, rate=1.0).beyond(fresher(RAW, 128)),
        about=" at constant rates of 1 and 0.1",
        # Half a point, as elsewhere, is less than 48 seeds tell from nothing: see the pilot.
        margin=1.0,
        label="Rate 1 over 0.1",
        statement="After 4 epochs of Fashion-MNIST in batches of 128, moving averages of momentum "
        "0.99 cost a BN net on raw pixels more at a constant rate of 1 than at 0.1.",
        arms="fresh statistics minus moving averages, at rate 1 less at rate 0.1",
        known="new",
    ),
    claim(
        "means",
        by=lambda size: cost(RAW, size, "means").contrast(),
        ahead=lambda size: Direction(end(RAW, size, "fresh"), end(RAW, size, "means")),
        in_each={str(size): size for size in SIZES},
        about=AT_RATE,
        kind="equivalence",
        margin=0.2,
        label="Plain means of batches",
        statement="After 4 epochs of Fashion-MNIST at a constant rate of 0.1, plain means of batch "
        "statistics, as PyTorch's update_bn takes them, give a BN net on raw pixels the accuracy "
        "of fresh statistics taken layer by layer within 0.2 points, with batches of 32, 128 and "
        "512.",
        arms="fresh statistics layer by layer minus plain means of batch statistics, one net",
        known="new",
    ),
)


def offset(arm: str, size: int, schedule: str, rate: float, momentum: float) -> Sample:
    """Predict how far the corrected average of a momentum is off at the end, without scoring it.

    In standard deviations of the inputs of BN, root of the sum of two squares: the way that their
    means went over the mean age of the average, and the chance that is left of its batches.
    """
    back, kept = window(momentum, size), momentum ** np.arange(length(size))
    moved = runs_of(named(arm, size, schedule, rate)).measured(f"drift-{back}_mean-{back}")
    chance = float((kept**2).sum() / kept.sum() ** 2 / size)
    return moved.map(lambda d: np.sqrt((back * d.mean(axis=(1, 2))) ** 2 + chance))


def _in_pytorch(records: Records) -> Any:
    """The costs at a constant rate beside those that replicas/lag_torch.py measured."""

    def costs(words: str, by: str, called: str) -> Any:
        return {(words, size, called): cost(RAW, size, by) for size in SIZES}

    return side_by_side(
        records,
        "PyTorch",
        costs("momentum 0.99", KERAS, "m0.99"),
        costs("momentum 0.9", "m0.9", "m0.9")
        | costs("plain means (update_bn)", "means", "update_bn"),
        margin=0.5,
    )


def _ranks(records: Records) -> list[float]:
    """Correlate the ranks of predicted offsets and measured costs, seed by seed."""
    settings = [(*setting, momentum) for setting in SETTINGS for momentum in MOMENTA.values()]
    predicted = np.array([offset(*setting)(records)[:PICTURED] for setting in settings])
    measured = np.array(
        [
            cost(arm, size, f"m{momentum:g}-corrected", schedule, rate)(records)[:PICTURED]
            for arm, size, schedule, rate, momentum in settings
        ]
    )
    pairs = zip(predicted.T, measured.T, strict=True)
    return [float(scipy.stats.spearmanr(x, y).statistic) for x, y in pairs]


def _values(records: Records) -> dict[str, Value]:
    """Costs that no claim judges: "cost.bn.128.linear" at the rate of the claims, and "….short".

    The latter are those by averages of momentum 0.9.
    """
    costs = (
        {
            f"cost.{arm}.{size}.{schedule}": mean_of(
                cost(arm, size, schedule=schedule)(records), 2, unit="pp"
            )
            for arm in ARMS
            for size in SIZES
            for schedule in SCHEDULES
        }
        | {
            f"cost.{RAW}.{size}.{schedule}.short": mean_of(
                cost(RAW, size, "m0.9", schedule)(records), 2, unit="pp"
            )
            for size in SIZES
            for schedule in SCHEDULES
        }
        | {
            f"cost.bn.{size}.low": mean_of(cost(RAW, size, rate=min(RATES))(records), 2, unit="pp")
            for size in SIZES
        }
    )
    given = {
        "rate": f"{RATE:g}",
        "low": f"{min(RATES):g}",
        "epochs": str(EPOCHS),
        "images": f"{IMAGES:,}",
        **{f"steps.{size}": f"{length(size):,}" for size in SIZES},
        **{f"start.{size}": f"{100 * 0.99 ** length(size):.2g}%" for size in SIZES},
    }
    return {
        **values_of("accuracy by fresh statistics minus that by moving averages, mean", costs),
        **values_of("set before the runs", given),
        **values_of(
            "change of the validation loss from 40% to 60% and from 60% to 80% of a run, batches "
            "of 128, constant rate of 1, mean of both and of the seeds; unjudged",
            {f"swing.{by}": mean_of(swing(by)(records), 2) for by in ("fresh", KERAS)},
        ),
        **values_of(
            "rank correlation of predicted offset and measured cost over 240 averages, mean of the "
            "first six seeds and its 95% interval; unjudged",
            {"rank": mean_of(_ranks(records), 2, interval=True)},
        ),
    }


def _costs(records: Records) -> Table:
    def cell(arm: str, size: int, schedule: str, by: str) -> str:
        return mean_of(cost(arm, size, by, schedule)(records), 2, signed=True)

    ways = {
        "Keras' averages, 0.99": KERAS,
        "PyTorch's, 0.9": "m0.9",
        "plain means": "means",
    }
    return Table(
        "What to normalize by: points of accuracy lost against fresh statistics",
        ("inputs", "rate", "images in a batch", *ways),
        tuple(
            (
                LABELS[arm],
                COURSES[schedule],
                str(size),
                *(cell(arm, size, schedule, by) for by in ways.values()),
            )
            for arm in ARMS
            for schedule in SCHEDULES
            for size in SIZES
        ),
        note=f"Means over the seeds, at rate {RATE:g}. PyTorch says momentum=0.1 where Keras says "
        "0.9. Plain means: unweighted means of the statistics of whole batches, taken after the "
        "training as update_bn does.",
    )


def _momenta(records: Records) -> Table:
    def best(arm: str, size: int, schedule: str, rate: float) -> str:
        means = {
            momentum: scored(arm, size, by, schedule, rate)(records).mean()
            for by, momentum in MOMENTA.items()
        }
        return f"{max(means, key=means.__getitem__):g}"

    return Table(
        "The best of five momenta, by rate",
        ("inputs", "rate", "images in a batch", *(f"{rate:g}" for rate in RATES)),
        tuple(
            (
                LABELS[arm],
                COURSES[schedule],
                str(size),
                *(best(arm, size, schedule, rate) for rate in RATES),
            )
            for arm in ARMS
            for schedule in SCHEDULES
            for size in SIZES
        ),
        note="By mean accuracy; neighbors often differ by less than the seeds do.",
    )


CURVES = {
    "raw, constant": (RAW, "constant"),
    "raw, falling": (RAW, "linear"),
    "std., constant": (STD, "constant"),
    "std., falling": (STD, "linear"),
}


def _by_setting(records: Records) -> Dots:
    return Dots(
        title="What Keras' moving averages cost",
        subtitle="Accuracy by fresh statistics minus that by averages of momentum 0.99, one net. "
        f"Rate {RATE:g}, constant or falling to zero, {EPOCHS} epochs in batches of 32, "
        "128 or 512",
        x_label="percentage points lost",
        rows=tuple(
            ARMS[arm].row(
                cost(arm, size, schedule=schedule)(records),
                f"{LABELS[arm]}, {COURSES[schedule]}, {size}",
            )
            for arm in ARMS
            for schedule in SCHEDULES
            for size in SIZES
        ),
        nothing=0.0,
        decimals=2,
        narrow=True,
    )


def _by_momentum(records: Records) -> Curves:
    def costs(arm: str, size: int, schedule: str) -> np.ndarray:
        return np.array([cost(arm, size, by, schedule)(records) for by in MOMENTA]).T

    places = 1 / (1 - np.array([*MOMENTA.values()]))
    by_size = {
        f"batches of {size}": [
            replace(ARMS[arm], dashed=schedule == "linear").curve(
                places, costs(arm, size, schedule), label
            )
            for label, (arm, schedule) in CURVES.items()
        ]
        for size in SIZES
    }
    return Curves(
        title="The cost by momentum",
        subtitle=f"Points lost against fresh statistics at rate {RATE:g}. Momenta 0.9, 0.97, 0.99, "
        "0.997 and 0.999 remember 1 / (1 - momentum) steps, 10 to 1,000",
        x_label="steps remembered",
        x_scale="log",
        panels=panels(by_size, "percentage points lost"),
    )


def _on_the_way(records: Records) -> Curves:
    ways = {
        KERAS: (ARMS[RAW], "0.99"),
        "m0.99-corrected": (replace(ARMS[RAW], dashed=True), "0.99, corrected"),
        "m0.9": (ARMS[STD], "0.9"),
    }

    def costs(by: str, size: int) -> np.ndarray:
        runs = runs_of(named(RAW, size, "constant", RATE))
        return (100 * (runs.scored("path_fresh_val") - runs.scored(f"path_{by}_val")))(records)

    by_size = {
        f"batches of {size}": [
            arm.curve([step(share, size) for share in MARKS], costs(by, size), label)
            for by, (arm, label) in ways.items()
        ]
        for size in SIZES
    }
    return Curves(
        title="The cost along the run",
        subtitle=f"Raw pixels, constant rate {RATE:g}, 2,000 validation images; fresh statistics "
        "of 2,048 training images",
        x_label="step",
        x_scale="log",
        panels=panels(by_size, "percentage points lost"),
    )


def in_groups(arm: str, offsets: np.ndarray, costs: np.ndarray) -> Any:
    """A curve of costs over offsets, averages of like offset together, so that no cloud shows.

    Args:
        arm: the inputs.
        offsets: how far each average is predicted to be off, SD, (averages,).
        costs: what it costs, in points, (averages, seeds).
    """
    groups = np.array_split(np.argsort(offsets, kind="stable"), GROUPS)
    places = [offsets[group].mean() for group in groups]
    return ARMS[arm].curve(
        places, np.array([costs[group].mean(axis=0) for group in groups]).T, LABELS[arm]
    )


def by_offset(
    curve: Callable[[str, int], Any], subtitle: str, finding: Callable[[Sequence[Panel]], str]
) -> Curves:
    """The figure of costs over predicted offsets, a panel a batch size.

    Args:
        curve: that of inputs at a batch size; see `in_groups`.
        subtitle: which averages those are, and how their offset is predicted.
        finding: the title, of what is drawn.
    """
    by_size = {f"batches of {size}": [curve(arm, size) for arm in ARMS] for size in SIZES}
    drawn = panels(by_size, "percentage points lost")
    return Curves(finding(drawn), subtitle, "predicted offset, SD", drawn)


def _farthest(drawn: Sequence[Panel]) -> str:
    """Say what the averages lose that are predicted to be farthest off, in each panel."""
    lost = [each[max(each)] for each in means(drawn, LABELS[RAW])]
    return (
        "On raw pixels, averages predicted farthest off lose "
        f"{number(min(lost), 1)} to {number(max(lost), 1)} points"
    )


def _predicted(records: Records) -> Curves:
    def curve(arm: str, size: int) -> Any:
        settings = [
            (schedule, rate, momentum)
            for schedule in SCHEDULES
            for rate in RATES
            for momentum in MOMENTA.values()
        ]
        offsets = [offset(arm, size, *setting)(records)[:PICTURED] for setting in settings]
        costs = [
            cost(arm, size, f"m{momentum:g}-corrected", schedule, rate)(records)[:PICTURED]
            for schedule, rate, momentum in settings
        ]
        return in_groups(arm, np.mean(offsets, axis=1), np.array(costs))

    return by_offset(
        curve,
        "Two schedules, four rates and five momenta, in groups of like prediction. "
        "Across: how far the means are predicted to be off, from drift, momentum and batch size",
        _farthest,
    )


STUDY = study(
    "lag",
    CLAIMS,
    RUNS,
    title="Lagging averages",
    chapter="Limits and costs",
    question="What do moving averages that lag behind the weights cost a net with BN?",
    values=_values,
    tables={"costs": _costs, "momenta": _momenta},
    plots={
        "costs": _by_setting,
        "momenta": _by_momentum,
        "path": _on_the_way,
        "predicted": _predicted,
    },
    beside=_in_pytorch,
    words={
        "Correction closes half": "Start value taken out closes half",
        "Raw over standardized": "Cost: raw over standardized",
        "Rate 1 over 0.1": "Cost: rate 1 over 0.1",
        "Plain means of batches": "Plain means of batches as fresh",
        "Cost under a fall": "No cost under a fall",
    },
)
