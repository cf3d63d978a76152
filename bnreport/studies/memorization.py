"""Does a net with batch normalization learn its batches by heart when they come again?"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from bnreport.analysis.arms import Arm, usual
from bnreport.analysis.cells import values_of
from bnreport.analysis.charts import panels
from bnreport.analysis.comparisons import runs_of
from bnreport.analysis.design import claim_form, study
from bnreport.analysis.metrics import CHANCE
from bnreport.presentation.formats import quantity
from bnreport.presentation.plots import Curves, Dots
from bnreport.presentation.tables import Analysis, Table
from bnreport.protocol.checks import Score
from bnreport.protocol.directions import Direction, check, history, more, read
from bnreport.records.collection import Records

RATE, EPOCHS, BATCH_SIZE, STEPS_OF_EPOCH = 0.01, 10, 32, 1719
# The validation accuracy is averaged over so many last epochs: single epochs stray.
LATE = 3
END = (EPOCHS * STEPS_OF_EPOCH,)
MOVING = Score(name="moving", steps=END, part="train", images=10_000)
# Whole batches of images that were not together in training.
MATES = Score(name="mates", steps=END, part="train", mode="batch", images=312 * BATCH_SIZE)
# "shuffled" has the batches of "fixed" in a new order each epoch.
ORDERS = {"fresh": "fresh", "fixed": "fixed", "shuffled": "fixed batches"}

RAW, STD, BN, STD_BN, LN = ARMS = usual("raw", "std", "bn", "std-bn", "ln")
WITH_BN = (BN, STD_BN)
# The settings of the claims.
PLAIN = {"raw pixels": "raw", "standardized inputs": "std"}
NORMALIZED = {"raw pixels and BN": "bn", "standardized inputs and BN": "std-bn"}
TRAINED = (
    *((arm, order) for arm in ARMS for order in ("fresh", "fixed")),
    (BN, "shuffled"),
)
RUNS = tuple(
    arm.runs(
        f"{arm.name}-{order}",
        learning_rate=RATE,
        epochs=EPOCHS,
        batch_size=BATCH_SIZE,
        split="seed",
        order=ORDERS[order],
        evaluated=("val",),
        checks=(MOVING, MATES) if arm in WITH_BN else (MOVING,),
    )
    for arm, order in TRAINED
)


def _late(records: Sequence[Any]) -> Any:
    """The mean validation accuracy after the last epochs, (seeds,); chance where one diverged."""
    return np.array(
        [CHANCE if r.diverged else r.epochs("val_accuracy")[-LATE:].mean() for r in records]
    )


# Four measures of one net: in the batches that it trains in, as Keras prints it; in other batches;
# by the moving averages; and on images that it did not train on. Chance where a run diverged.
TRAINING, OTHER, INFERENCE = "training batches", "other batches", "inference mode"
MEASURES: dict[str, Callable[[str], Any]] = {
    TRAINING: lambda trial: runs_of(trial).final("accuracy"),
    OTHER: lambda trial: runs_of(trial).measured("mates_accuracy", CHANCE)[:, -1],
    INFERENCE: lambda trial: runs_of(trial).measured("moving_accuracy", CHANCE)[:, -1],
    "validation": lambda trial: runs_of(trial).take(_late),
}


def measures_of(arm: Arm) -> list[str]:
    """The measures of an arm: without BN it makes no difference which batch an image is in."""
    return [name for name in MEASURES if name != OTHER or arm in WITH_BN]


def gain(
    arm: str, measure: str = TRAINING, less: str = "", order: str = "fixed", than: str = "fresh"
) -> Callable[[Records], Any]:
    """Judges by how many points repeated batches raise a measure, less what they raise another."""

    def rise(name: str) -> Any:
        return MEASURES[name](f"{arm}-{order}") - MEASURES[name](f"{arm}-{than}")

    points = 100 * (rise(measure) - rise(less) if less else rise(measure))
    judge: Callable[[Records], Any] = points.contrast()
    return judge


PRINTED = history("accuracy", EPOCHS)
VALIDATED = history("val_accuracy", *range(EPOCHS - LATE + 1, EPOCHS + 1))


def repeated(arm: str, order: str = "fixed") -> Direction:
    """Repeated batches are ahead of new ones."""
    return more(f"{arm}-{order}", f"{arm}-fresh", PRINTED)


def lost(arm: str, name: str) -> Direction:
    """What repeated batches add is more than they add to what a check finds."""
    checked = check(f"{name}_accuracy", *END)
    again, new = f"{arm}-fixed", f"{arm}-fresh"
    return Direction(
        read(again, PRINTED) + read(new, checked), read(new, PRINTED) + read(again, checked)
    )


RUNNING = (
    "training accuracy of the last epoch as Keras prints it (running mean over the batches, each "
    "normalized by its own statistics)"
)
GAIN_LESS = f"gain from repeated batches in the {RUNNING}, less the same gain after the last step "
TWO_ORDERS = "with the batches of the first epoch in every epoch, and with new batches"
SHARED: dict[str, Any] = {
    "question": "Does BN learn its batches by heart?",
    "source": "Wu and Johnson 2021 (arXiv 2105.07576), on information leakage within a batch: "
    "a net with BN can use what the batch tells beside the image; their examples are batches "
    "of one class and the heads of detectors, not repeated batches",
    "metric": RUNNING,
    "unit": "pp",
    "expected": "supported",
}
claim = claim_form("memorization", margin=1.0, **SHARED)
same = claim_form("memorization", kind="equivalence", margin=0.5, lost=False, **SHARED)

CLAIMS = (
    claim(
        "bn",
        by=gain("bn"),
        ahead=repeated("bn"),
        label="Repeated batches, BN",
        statement="When the same batches come in every epoch, a net with BN shows a higher "
        "training accuracy than with new batches.",
        arms=f"BN on raw pixels, {TWO_ORDERS}",
    ),
    claim(
        "std-bn",
        by=gain("std-bn"),
        ahead=repeated("std-bn"),
        label="The same, inputs standardized",
        statement="On standardized inputs, too, a net with BN shows a higher training accuracy "
        "when the same batches come in every epoch.",
        arms=f"standardized inputs and BN, {TWO_ORDERS}",
    ),
    same(
        "none",
        by=gain,
        ahead=repeated,
        in_each=PLAIN,
        label="Repeated batches, no BN",
        statement="Without normalization, repeated batches leave the training accuracy as it is.",
        arms=f"nets without normalization, {TWO_ORDERS}",
    ),
    same(
        "ln",
        by=gain("ln"),
        ahead=repeated("ln"),
        label="Repeated batches, layer norm",
        statement="With layer normalization, which sees one image at a time, repeated batches "
        "leave the training accuracy as it is.",
        arms=f"layer normalization on raw pixels, {TWO_ORDERS}",
    ),
    claim(
        "mates",
        by=lambda arm: gain(arm, less=OTHER),
        ahead=lambda arm: lost(arm, "mates"),
        in_each=NORMALIZED,
        label="Lost among new batch-mates",
        statement="What BN gains from repeated batches is lost when training images are normalized "
        "in batches that did not train.",
        arms=f"BN, {TWO_ORDERS}",
        metric=f"{GAIN_LESS} on {MATES.images:,} training images in other batches of {BATCH_SIZE}",
    ),
    claim(
        "moving",
        by=lambda arm: gain(arm, less=INFERENCE),
        ahead=lambda arm: lost(arm, "moving"),
        in_each=NORMALIZED,
        label="Lost with moving averages",
        statement="What BN gains from repeated batches is lost when training images are normalized "
        "by the moving averages.",
        arms=f"BN, {TWO_ORDERS}",
        metric=f"{GAIN_LESS} on {MOVING.images:,} training images in inference mode",
    ),
    claim(
        "shuffled",
        by=gain("bn", order="shuffled"),
        ahead=repeated("bn", "shuffled"),
        label="Repeated in a new order",
        statement="The order is not what counts: the training accuracy of BN is higher, too, when "
        "the same batches come in a new order each epoch.",
        arms="BN on raw pixels, with the batches of the first epoch in a new order each epoch, and "
        "with new batches",
    ),
    claim(
        "validation",
        by=lambda arm: gain(arm, "validation", order="fresh", than="fixed"),
        ahead=lambda arm: more(f"{arm}-fresh", f"{arm}-fixed", VALIDATED),
        in_each=NORMALIZED,
        label="Cost in validation",
        statement="Repeated batches cost a net with BN validation accuracy.",
        arms=f"BN, {TWO_ORDERS}; the difference is new less repeated",
        metric=f"mean validation accuracy after the last {LATE} epochs, in inference mode",
        margin=0.5,
        expected="not supported",
    ),
)


def analyse(records: Records) -> Analysis:
    """What repeated batches add by epoch and by how it is measured, and the accuracies behind."""

    def points(judge: Callable[[Records], Any]) -> str:
        return quantity(judge(records).interval.point, 2, "pp", signed=True)

    plain = [arm for arm in ARMS if arm not in WITH_BN]
    other = {f"{arm.name}.other": points(gain(arm.name, OTHER)) for arm in WITH_BN}
    less = {f"{arm.name}.less": points(gain(arm.name, less=INFERENCE)) for arm in plain}
    return Analysis(
        values=values_of("repeated less new batches, other batches", other)
        | values_of("repeated less new batches, training batches less inference mode", less),
        tables={"accuracies": _accuracies(records)},
        plots={"gain": _gain(records), "curves": _curves(records), "measures": _measures(records)},
    )


# The batches of each kind in words.
BATCHES = {"fresh": "new", "fixed": "repeated", "shuffled": "repeated in a new order"}


def _accuracies(records: Records) -> Table:
    def cells(arm: Arm, order: str) -> list[str]:
        return [
            f"{100 * measure(f'{arm.name}-{order}')(records).mean():.2f}"
            if name in measures_of(arm)
            else "–"
            for name, measure in MEASURES.items()
        ]

    return Table(
        caption=f"Training and validation accuracy after {EPOCHS} epochs, %",
        head=("arm", "batches", *MEASURES),
        rows=tuple((arm.label, BATCHES[order], *cells(arm, order)) for arm, order in TRAINED),
        note="Means over the seeds. Training images in the batches that the net trains in, over "
        "the last epoch, as Keras prints it; after the last step in other batches; and after the "
        f"last step in inference mode. Validation: mean after the last {LATE} epochs, in inference "
        "mode. Without BN it makes no difference which batch an image is in.",
    )


# Names that fit at the end of a curve and beside a measure.
SHORT = {
    RAW: "raw",
    STD: "standardized",
    BN: "BN",
    STD_BN: "standardized, BN",
    LN: "layer norm",
}


def _by_epoch(records: Records, trial: str, metric: str) -> Any:
    """A metric in per cent, (seeds, epochs); chance from where a run diverged."""
    runs = records.trial(trial)
    found = np.full((len(runs), EPOCHS), CHANCE)
    for row, record in zip(found, runs, strict=True):
        values = record.epochs(metric)
        row[: len(values)] = np.where(np.isfinite(values), values, CHANCE)
    return 100 * found


def _gain(records: Records) -> Curves:
    def added(arm: Arm) -> Any:
        again, new = (
            _by_epoch(records, f"{arm.name}-{order}", "accuracy") for order in ("fixed", "fresh")
        )
        return again - new

    curves = [arm.curve(range(1, EPOCHS + 1), added(arm), arm.label) for arm in ARMS]
    return Curves(
        title="Training accuracy with repeated batches, less that with new ones",
        subtitle=f"300-100 ReLU net, learning rate {RATE}, batches of {BATCH_SIZE}; as Keras "
        f"prints it. {_lines(records)}",
        x_label="epoch",
        panels=panels(
            {"": curves}, "difference, pp", level=(CLAIMS[0].claim.margin or 0.0, "margin")
        ),
    )


def _curves(records: Records) -> Curves:
    def curves(metric: str, *arms: Arm) -> list[Any]:
        return [
            replace(arm, dashed=order == "fixed").curve(
                range(1, EPOCHS + 1),
                _by_epoch(records, f"{arm.name}-{order}", metric),
                f"{SHORT[arm]}, {BATCHES[order]}",
            )
            for arm in arms
            for order in ("fresh", "fixed")
        ]

    return Curves(
        title="Accuracy with new and with repeated batches, raw pixels",
        subtitle=f"300-100 ReLU net, rate {RATE}. Dashed: repeated batches. {_lines(records)}",
        x_label="epoch",
        panels=panels(
            {
                "training, as Keras prints it": curves("accuracy", RAW, BN),
                "validation": curves("val_accuracy", BN),
            },
            "accuracy, %",
        ),
    )


def _measures(records: Records) -> Dots:
    # With BN first.
    rows = tuple(
        arm.row(np.array(gain(arm.name, name)(records).values), f"{SHORT[arm]}: {name}")
        for arm in (BN, STD_BN, LN, RAW, STD)
        for name in measures_of(arm)
    )
    return Dots(
        title="What repeated batches add to the accuracy, by how it is measured",
        subtitle=f"After {EPOCHS} epochs, repeated less new batches. A dot a seed (n = "
        f"{len(rows[0].values)}), mean, 95% interval",
        x_label="difference, pp",
        rows=rows,
        narrow=True,
        nothing=0.0,
        decimals=2,
    )


def _lines(records: Records) -> str:
    return f"Thin: {len(records.trial('bn-fresh'))} seeds; thick: mean"


STUDY = study(
    "memorization",
    CLAIMS,
    RUNS,
    title="Repeated batches",
    chapter="Limits and costs",
    question="Does a net with batch normalization learn its batches by heart when they come again?",
    analyse=analyse,
)
