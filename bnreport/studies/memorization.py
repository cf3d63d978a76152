"""Does a net with batch normalization learn its batches by heart when they come again?"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from bnreport.arms import ARMS, arm
from bnreport.estimates import Contrast, Estimate, Settings, paired
from bnreport.records import Record
from bnreport.rules import DIFFERENCE, EQUIVALENCE, LOST, SEEDS_ONLY, SETTINGS
from bnreport.samples import CHANCE, checked, last, lost
from bnreport.study import Analysis, Claim, Records, Runs, Study
from bnreport.trials import Score, Trial

# From the records of a trial one number a seed.
Take: TypeAlias = Callable[[Sequence[Record]], NDArray[np.float64]]

RATE, EPOCHS, BATCH_SIZE, STEPS_OF_EPOCH = 0.01, 10, 32, 1719
# The validation accuracy is averaged over so many last epochs: single epochs stray.
LATE = 3
END = (EPOCHS * STEPS_OF_EPOCH,)
MOVING = Score(name="moving", steps=END, part="train", images=10_000)
# Whole batches of images that were not together in training.
MATES = Score(name="mates", steps=END, part="train", mode="batch", images=312 * BATCH_SIZE)
# "shuffled" has the batches of "fixed" in a new order each epoch.
ORDERS = {"fresh": "fresh", "fixed": "fixed", "shuffled": "fixed batches"}
# The arms of each name in the claims.
INPUTS = {"raw pixels": "raw", "standardized inputs": "std"}
BN = {"raw pixels and BN": "bn", "standardized inputs and BN": "std-bn"}


def _trial(of: str, order: str) -> Trial:
    return arm(
        of,
        f"{of}-{order}",
        learning_rate=RATE,
        epochs=EPOCHS,
        batch_size=BATCH_SIZE,
        split="seed",
        order=ORDERS[order],
        evaluated=("val",),
        checks=(MOVING, MATES) if of in BN.values() else (MOVING,),
    )


RUNS = (
    *(Runs(_trial(of, order)) for of in (*ARMS, "ln") for order in ("fresh", "fixed")),
    Runs(_trial("bn", "shuffled")),
)

RUNNING = (
    "training accuracy of the last epoch as Keras prints it (running mean over the batches, each "
    "normalized by its own statistics)"
)
GAIN_LESS = f"gain from repeated batches in the {RUNNING}, less the same gain after the last step "
TWO_ORDERS = "with the batches of the first epoch in every epoch, and with new batches"


def _claim(name: str, kind: Literal["difference", "equivalence"], **more: Any) -> Claim:
    """A claim, by default on the running accuracy and expected to be supported."""
    usual = {
        "id": f"memorization-{name}",
        "kind": kind,
        "question": "Does BN learn its batches by heart?",
        "source": "Wu and Johnson 2021 (arXiv 2105.07576), on information leakage within a batch: "
        "a net with BN can use what the batch tells beside the image; their examples are batches "
        "of one class and the heads of detectors, not repeated batches",
        "metric": RUNNING,
        "unit": "pp",
        "margin": 1.0 if kind == "difference" else 0.5,
        "seeds": "100-111",
        "rule": (DIFFERENCE + LOST if kind == "difference" else EQUIVALENCE)
        + (SETTINGS if "settings" in more else "")
        + SEEDS_ONLY,
        "expected": "supported",
    }
    return Claim.model_validate(usual | more)


CLAIMS = (
    _claim(
        "bn",
        "difference",
        label="Repeated batches, BN",
        statement="When the same batches come in every epoch, a net with BN shows a higher "
        "training accuracy than with new batches.",
        arms=f"BN on raw pixels, {TWO_ORDERS}",
    ),
    _claim(
        "std-bn",
        "difference",
        label="The same, inputs standardized",
        statement="On standardized inputs, too, a net with BN shows a higher training accuracy "
        "when the same batches come in every epoch.",
        arms=f"standardized inputs and BN, {TWO_ORDERS}",
    ),
    _claim(
        "none",
        "equivalence",
        label="Repeated batches, no BN",
        statement="Without normalization, repeated batches leave the training accuracy as it is.",
        arms=f"nets without normalization, {TWO_ORDERS}",
        settings=tuple(INPUTS),
    ),
    _claim(
        "ln",
        "equivalence",
        label="Repeated batches, layer norm",
        statement="With layer normalization, which sees one image at a time, repeated batches "
        "leave the training accuracy as it is.",
        arms=f"layer normalization on raw pixels, {TWO_ORDERS}",
    ),
    _claim(
        "mates",
        "difference",
        label="Lost among new batch-mates",
        statement="What BN gains from repeated batches is lost when training images are normalized "
        "in batches that did not train.",
        arms=f"BN, {TWO_ORDERS}",
        metric=f"{GAIN_LESS} on {MATES.images:,} training images in other batches of {BATCH_SIZE}",
        settings=tuple(BN),
    ),
    _claim(
        "moving",
        "difference",
        label="Lost with moving averages",
        statement="What BN gains from repeated batches is lost when training images are normalized "
        "by the moving averages.",
        arms=f"BN, {TWO_ORDERS}",
        metric=f"{GAIN_LESS} on {MOVING.images:,} training images in inference mode",
        settings=tuple(BN),
    ),
    _claim(
        "shuffled",
        "difference",
        label="Repeated in a new order",
        statement="The order is not what counts: the training accuracy of BN is higher, too, when "
        "the same batches come in a new order each epoch.",
        arms="BN on raw pixels, with the batches of the first epoch in a new order each epoch, and "
        "with new batches",
    ),
    _claim(
        "validation",
        "difference",
        label="Cost in validation",
        statement="Repeated batches cost a net with BN validation accuracy.",
        arms=f"BN, {TWO_ORDERS}; the difference is new less repeated",
        metric=f"mean validation accuracy after the last {LATE} epochs, in inference mode",
        margin=0.5,
        settings=tuple(BN),
        expected="not supported",
    ),
)


def running(records: Sequence[Record]) -> NDArray[np.float64]:
    """The running training accuracy of the last epoch, (seeds,); chance where a run diverged."""
    return last(records, "accuracy")


def late(records: Sequence[Record]) -> NDArray[np.float64]:
    """The mean validation accuracy after the last epochs, (seeds,); chance where one diverged."""
    return np.array(
        [CHANCE if r.diverged else r.epochs("val_accuracy")[-LATE:].mean() for r in records]
    )


def _after(check: Score) -> Take:
    return lambda records: checked(records, f"{check.name}_accuracy", CHANCE)[:, -1]


def _gain(
    of: str, take: Take = running, less: Take | None = None, order: str = "fixed"
) -> Callable[[Records], Contrast]:
    """By how many points a number rises when batches come again, less the rise of another."""

    def estimate(records: Records) -> Contrast:
        repeated, fresh = records.trial(f"{of}-{order}"), records.trial(f"{of}-fresh")
        gain = take(repeated) - take(fresh)
        if less is not None:
            gain = gain - (less(repeated) - less(fresh))
        return paired(100 * gain, lost(repeated, fresh))

    return estimate


def _each(arms: Mapping[str, str], **gain: Any) -> Callable[[Records], Settings]:
    return lambda records: {name: _gain(of, **gain)(records) for name, of in arms.items()}


ESTIMATES: dict[str, Callable[[Records], Estimate]] = {
    "memorization-bn": _gain("bn"),
    "memorization-std-bn": _gain("std-bn"),
    "memorization-none": _each(INPUTS),
    "memorization-ln": _gain("ln"),
    "memorization-mates": _each(BN, less=_after(MATES)),
    "memorization-moving": _each(BN, less=_after(MOVING)),
    "memorization-shuffled": _gain("bn", order="shuffled"),
    "memorization-validation": _each(BN, take=lambda records: -late(records)),
}

STUDY = Study(
    name="memorization",
    title="Repeated batches",
    page="studies/memorization.md",
    chapter="Limits and costs",
    question="Does a net with batch normalization learn its batches by heart when they come again?",
    runs=RUNS,
    claims=CLAIMS,
    estimates=ESTIMATES,
    analyse=lambda _: Analysis(),
)
