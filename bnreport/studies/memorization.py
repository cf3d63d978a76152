"""Does a net with batch normalization learn its batches by heart when they come again?"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from bnreport.analysis.arms import Arm, usual
from bnreport.analysis.cells import means_of
from bnreport.analysis.charts import panels
from bnreport.analysis.comparisons import Sample, runs_of
from bnreport.analysis.design import claim_form, study
from bnreport.analysis.metrics import CHANCE
from bnreport.presentation import Curves, Dots, Table, Value
from bnreport.protocol.checks import Score
from bnreport.protocol.directions import Direction, check, history, more, read
from bnreport.records.collection import Records

RATE, EPOCHS, BATCH_SIZE, STEPS_OF_EPOCH = 0.01, 10, 32, 1719
AXIS = range(1, EPOCHS + 1)
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


def _late(runs: Sequence[Any]) -> Any:
    """The mean validation accuracy after the last epochs, (seeds,); chance where one diverged."""
    return np.array(
        [CHANCE if run.diverged else run.epochs("val_accuracy")[-LATE:].mean() for run in runs]
    )


# Four measures of one net: in the batches that it trains in, as Keras prints it; in other batches;
# by the moving averages; and on images that it did not train on. Chance where a run diverged.
TRAINING, OTHER, INFERENCE = "training batches", "other batches", "inference mode"
MEASURES: dict[str, Callable[[str], Sample]] = {
    TRAINING: lambda trial: runs_of(trial).final("accuracy"),
    OTHER: lambda trial: runs_of(trial).scored("mates")[:, -1],
    INFERENCE: lambda trial: runs_of(trial).scored("moving")[:, -1],
    "validation": lambda trial: runs_of(trial).take(_late),
}


def measures_of(arm: Arm) -> list[str]:
    """The measures of an arm: without BN it makes no difference which batch an image is in."""
    return [name for name in MEASURES if name != OTHER or arm in WITH_BN]


def added(
    arm: str, measure: str = TRAINING, less: str = "", order: str = "fixed", than: str = "fresh"
) -> Sample:
    """The points by which repeated batches raise a measure, less what they raise another."""

    def rise(name: str) -> Sample:
        return MEASURES[name](f"{arm}-{order}") - MEASURES[name](f"{arm}-{than}")

    return 100 * (rise(measure) - rise(less) if less else rise(measure))


PRINTED = history("accuracy", EPOCHS)
VALIDATED = history("val_accuracy", *range(EPOCHS - LATE + 1, EPOCHS + 1))


def repeated(arm: str, order: str = "fixed") -> Direction:
    """Repeated batches are ahead of new ones."""
    return more(f"{arm}-{order}", f"{arm}-fresh", PRINTED)


def lost(arm: str, name: str) -> Direction:
    """Predicts that repeated batches add more than they add to what a check finds."""
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
        by=added("bn").contrast(),
        ahead=repeated("bn"),
        label="Repeated batches, BN",
        statement="When the same batches come in every epoch, a net with BN shows a higher "
        "training accuracy than with new batches.",
        arms=f"BN on raw pixels, {TWO_ORDERS}",
    ),
    claim(
        "std-bn",
        by=added("std-bn").contrast(),
        ahead=repeated("std-bn"),
        label="The same, inputs standardized",
        statement="On standardized inputs, too, a net with BN shows a higher training accuracy "
        "when the same batches come in every epoch.",
        arms=f"standardized inputs and BN, {TWO_ORDERS}",
    ),
    same(
        "none",
        by=lambda arm: added(arm).contrast(),
        ahead=repeated,
        in_each=PLAIN,
        label="Repeated batches, no BN",
        statement="Without normalization, repeated batches leave the training accuracy as it is.",
        arms=f"nets without normalization, {TWO_ORDERS}",
    ),
    same(
        "ln",
        by=added("ln").contrast(),
        ahead=repeated("ln"),
        label="Repeated batches, layer norm",
        statement="With layer normalization, which sees one image at a time, repeated batches "
        "leave the training accuracy as it is.",
        arms=f"layer normalization on raw pixels, {TWO_ORDERS}",
    ),
    claim(
        "mates",
        by=lambda arm: added(arm, less=OTHER).contrast(),
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
        by=lambda arm: added(arm, less=INFERENCE).contrast(),
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
        by=added("bn", order="shuffled").contrast(),
        ahead=repeated("bn", "shuffled"),
        label="Repeated in a new order",
        statement="The order is not what counts: the training accuracy of BN is higher, too, when "
        "the same batches come in a new order each epoch.",
        arms="BN on raw pixels, with the batches of the first epoch in a new order each epoch, and "
        "with new batches",
    ),
    claim(
        "validation",
        by=lambda arm: added(arm, "validation", order="fresh", than="fixed").contrast(),
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


# The batches of each kind in words, and names that fit at the end of a curve and beside a measure.
BATCHES = {"fresh": "new", "fixed": "repeated", "shuffled": "repeated in a new order"}
SHORT = {RAW: "raw", STD: "standardized", BN: "BN", STD_BN: "standardized, BN", LN: "layer norm"}


def _values(records: Records) -> dict[str, Value]:
    """The gain from repeated batches where no claim asks."""
    plain = [arm for arm in ARMS if arm not in WITH_BN]
    how: dict[str, Any] = {"decimals": 2, "signed": True, "unit": "pp"}
    return means_of(
        records,
        "repeated less new batches, other batches",
        {f"{arm.name}.other": added(arm.name, OTHER) for arm in WITH_BN},
        **how,
    ) | means_of(
        records,
        "repeated less new batches, training batches less inference mode",
        {f"{arm.name}.less": added(arm.name, less=INFERENCE) for arm in plain},
        **how,
    )


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


def _by_epoch(arm: Arm, order: str, metric: str = "accuracy") -> Sample:
    return 100 * runs_of(f"{arm.name}-{order}").history(metric)


def _gain(records: Records) -> Curves:
    curves = [
        arm.curve(AXIS, (_by_epoch(arm, "fixed") - _by_epoch(arm, "fresh"))(records), arm.label)
        for arm in ARMS
    ]
    margin = CLAIMS[0].claim.margin or 0.0
    return Curves(
        title="Training accuracy with repeated batches, less that with new ones",
        subtitle=f"300-100 ReLU net, learning rate {RATE}, batches of {BATCH_SIZE}; as Keras "
        f"prints it. Thin: {records.n_seeds} seeds; thick: mean",
        x_label="epoch",
        panels=panels({"": curves}, "difference, pp", level=(margin, "margin")),
    )


def _curves(records: Records) -> Curves:
    by_title = {
        title: [
            replace(arm, dashed=order == "fixed").curve(
                AXIS, _by_epoch(arm, order, metric)(records), f"{SHORT[arm]}, {BATCHES[order]}"
            )
            for arm in arms
            for order in ("fresh", "fixed")
        ]
        for title, metric, arms in (
            ("training, as Keras prints it", "accuracy", (RAW, BN)),
            ("validation", "val_accuracy", (BN,)),
        )
    }
    return Curves(
        title="Accuracy with new and with repeated batches, raw pixels",
        subtitle=f"300-100 ReLU net, rate {RATE}. Dashed: repeated batches. Thin: "
        f"{records.n_seeds} seeds; thick: mean",
        x_label="epoch",
        panels=panels(by_title, "accuracy, %"),
    )


def _measures(records: Records) -> Dots:
    # With BN first.
    rows = (
        arm.row(added(arm.name, name)(records), f"{SHORT[arm]}: {name}")
        for arm in (BN, STD_BN, LN, RAW, STD)
        for name in measures_of(arm)
    )
    return Dots(
        title="What repeated batches add to the accuracy, by how it is measured",
        subtitle=f"After {EPOCHS} epochs, repeated less new batches. A dot a seed (n = "
        f"{records.n_seeds}), mean, 95% interval",
        x_label="difference, pp",
        rows=tuple(rows),
        narrow=True,
        nothing=0.0,
        decimals=2,
    )


STUDY = study(
    "memorization",
    CLAIMS,
    RUNS,
    title="Repeated batches",
    chapter="Limits and costs",
    question="Does a net with batch normalization learn its batches by heart when they come again?",
    values=_values,
    tables={"accuracies": _accuracies},
    plots={"gain": _gain, "curves": _curves, "measures": _measures},
)
