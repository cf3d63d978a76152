"""Does a net with batch normalization learn its batches by heart when they come again?"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from bnreport.analysis.arms import Arm, usual
from bnreport.analysis.cells import means_of
from bnreport.analysis.charts import differences, panels
from bnreport.analysis.comparisons import Sample, runs_of
from bnreport.analysis.design import claim_form, study
from bnreport.presentation import Curves, Dots, Table, Value
from bnreport.protocol.checks import Score
from bnreport.protocol.directions import Direction, Quantity, history, more
from bnreport.records.collection import Records
from bnreport.studies.second.memorization import SECOND

RATE, EPOCHS, BATCH_SIZE, STEPS_OF_EPOCH, MARGIN = 0.01, 10, 32, 1719, 1.0
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
# The settings of claims.
NORMALIZED = {"raw pixels and BN": "bn", "standardized inputs and BN": "std-bn"}
TRAINED = (*((arm, order) for arm in ARMS for order in ("fresh", "fixed")), (BN, "shuffled"))
RUNS = tuple(
    arm.runs(
        f"{arm.name}-{order}",
        learning_rate=RATE,
        epochs=EPOCHS,
        batch_size=BATCH_SIZE,
        split="seed",
        order=ORDERS[order],
        evaluated=("val",),
        checks=(MOVING, MATES) if arm.name in NORMALIZED.values() else (MOVING,),
    )
    for arm, order in TRAINED
)


# Four measures of one net: in the batches that it trains in, as Keras prints it; in other batches;
# by the moving averages; and on images that it did not train on. Chance where a run diverged.
TRAINING, OTHER, INFERENCE = "training batches", "other batches", "inference mode"
MEASURES: dict[str, Callable[[str], Sample]] = {
    TRAINING: lambda trial: runs_of(trial).final("accuracy"),
    OTHER: lambda trial: runs_of(trial).scored("mates")[:, -1],
    INFERENCE: lambda trial: runs_of(trial).scored("moving")[:, -1],
    "validation": lambda trial: runs_of(trial).final("val_accuracy", epochs=LATE),
}


def measures_of(arm: Arm) -> list[str]:
    """The measures of an arm: without BN it makes no difference which batch an image is in."""
    return [name for name in MEASURES if name != OTHER or arm.name in NORMALIZED.values()]


def rise(arm: str, measure: str = TRAINING, order: str = "fixed") -> Sample:
    """The share of images by which repeated batches raise a measure."""
    return MEASURES[measure](f"{arm}-{order}") - MEASURES[measure](f"{arm}-fresh")


PRINTED = history("accuracy", EPOCHS)
VALIDATED = history("val_accuracy", *range(EPOCHS - LATE + 1, EPOCHS + 1))


def repeated(arm: str, order: str = "fixed", quantity: Quantity = PRINTED) -> Direction:
    """Repeated batches are ahead of new ones."""
    return more(f"{arm}-{order}", f"{arm}-fresh", quantity)


def lost(arm: str, name: str) -> Direction:
    """Predicts that repeated batches add more than they add to what a check finds."""
    return repeated(arm).beyond(repeated(arm, quantity=Quantity("check", f"{name}_accuracy", END)))


RUNNING = (
    "training accuracy of the last epoch as Keras prints it (running mean over the batches, each "
    "normalized by its own statistics)"
)
GAIN_LESS = f"gain from repeated batches in the {RUNNING}, less the same gain after the last step "
TWO_ORDERS = "with the batches of the first epoch in every epoch, and with new batches"
claim = claim_form(
    "memorization",
    question="Does BN learn its batches by heart?",
    source="Wu and Johnson 2021 (arXiv 2105.07576), on information leakage within a batch: "
    "a net with BN can use what the batch tells beside the image; their examples are batches "
    "of one class and the heads of detectors, not repeated batches",
    metric=RUNNING,
    unit="pp",
    margin=MARGIN,
    expected="supported",
)
same = partial(claim, kind="equivalence", margin=0.5, lost=False)

CLAIMS = (
    claim(
        "bn",
        by=(100 * rise("bn")).contrast(),
        ahead=repeated("bn"),
        label="Repeated batches, BN",
        statement="When the same batches come in every epoch, a net with BN shows a higher "
        "training accuracy than with new batches.",
        arms=f"BN on raw pixels, {TWO_ORDERS}",
    ),
    claim(
        "std-bn",
        by=(100 * rise("std-bn")).contrast(),
        ahead=repeated("std-bn"),
        label="The same, inputs standardized",
        statement="On standardized inputs, too, a net with BN shows a higher training accuracy "
        "when the same batches come in every epoch.",
        arms=f"standardized inputs and BN, {TWO_ORDERS}",
    ),
    same(
        "none",
        by=lambda arm: (100 * rise(arm)).contrast(),
        ahead=repeated,
        in_each={"raw pixels": "raw", "standardized inputs": "std"},
        label="Repeated batches, no BN",
        statement="Without normalization, repeated batches leave the training accuracy as it is.",
        arms=f"nets without normalization, {TWO_ORDERS}",
    ),
    same(
        "ln",
        by=(100 * rise("ln")).contrast(),
        ahead=repeated("ln"),
        label="Repeated batches, layer norm",
        statement="With layer normalization, which sees one image at a time, repeated batches "
        "leave the training accuracy as it is.",
        arms=f"layer normalization on raw pixels, {TWO_ORDERS}",
    ),
    claim(
        "mates",
        by=lambda arm: (100 * (rise(arm) - rise(arm, OTHER))).contrast(),
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
        by=lambda arm: (100 * (rise(arm) - rise(arm, INFERENCE))).contrast(),
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
        by=(100 * rise("bn", order="shuffled")).contrast(),
        ahead=repeated("bn", "shuffled"),
        label="Repeated in a new order",
        statement="The order is not what counts: the training accuracy of BN is higher, too, when "
        "the same batches come in a new order each epoch.",
        arms="BN on raw pixels, with the batches of the first epoch in a new order each epoch, and "
        "with new batches",
    ),
    claim(
        "validation",
        by=lambda arm: (-100 * rise(arm, "validation")).contrast(),
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
    gains = partial(means_of, records, decimals=2, signed=True, unit="pp")
    return gains(
        "repeated less new batches, other batches",
        {f"{arm}.other": 100 * rise(arm, OTHER) for arm in NORMALIZED.values()},
    ) | gains(
        "repeated less new batches, training batches less inference mode",
        {f"{arm}.less": 100 * (rise(arm) - rise(arm, INFERENCE)) for arm in ("raw", "std", "ln")},
    )


def _accuracies(records: Records) -> Table:
    def cells(arm: Arm, order: str) -> Iterator[str]:
        for name, measure in MEASURES.items():
            known = name in measures_of(arm)
            yield f"{100 * measure(f'{arm.name}-{order}')(records).mean():.2f}" if known else "–"

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
    gains = {arm: _by_epoch(arm, "fixed") - _by_epoch(arm, "fresh") for arm in ARMS}
    curves = [arm.curve(AXIS, gain(records), arm.label) for arm, gain in gains.items()]
    return Curves(
        title="Training accuracy with repeated batches, minus that with new ones",
        subtitle=f"300-100 ReLU net, learning rate {RATE}, batches of {BATCH_SIZE}; as Keras "
        f"prints it. Thin: {records.n_seeds} seeds; thick: mean",
        x_label="epoch",
        panels=panels({"": curves}, "difference, pp", level=(MARGIN, "margin")),
    )


def _curves(records: Records) -> Curves:
    def both(arm: Arm, metric: str) -> Iterator[Any]:
        for order in ("fresh", "fixed"):
            runs, label = _by_epoch(arm, order, metric)(records), f"{SHORT[arm]}, {BATCHES[order]}"
            yield arm.curve(AXIS, runs, label, dashed=order == "fixed")

    by_title = {
        "training, as Keras prints it": (*both(RAW, "accuracy"), *both(BN, "accuracy")),
        "validation": both(BN, "val_accuracy"),
    }
    return Curves(
        title="Accuracy with new and with repeated batches, raw pixels",
        subtitle=f"300-100 ReLU net, rate {RATE}. Dashed: repeated batches. Thin: "
        f"{records.n_seeds} seeds; thick: mean",
        x_label="epoch",
        panels=panels(by_title, "accuracy, %"),
    )


def _measures(records: Records) -> Dots:
    return differences(
        "What repeated batches add to the accuracy, by how it is measured",
        f"After {EPOCHS} epochs, repeated less new batches. A dot a seed (n = "
        f"{records.n_seeds}), mean, 95% interval",
        "difference, pp",
        # With BN first.
        (
            arm.row(100 * rise(arm.name, name)(records), f"{SHORT[arm]}: {name}")
            for arm in (BN, STD_BN, LN, RAW, STD)
            for name in measures_of(arm)
        ),
    )


STUDY = study(
    "memorization",
    CLAIMS,
    RUNS,
    title="Repeated batches",
    chapter="Limits and costs",
    later=(SECOND,),
    question="Does a net with batch normalization learn its batches by heart when they come again?",
    values=_values,
    tables={"accuracies": _accuracies},
    plots={"gain": _gain, "curves": _curves, "measures": _measures},
)
