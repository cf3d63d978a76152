"""What the study claims, frozen before the runs."""

from typing import Any, Literal

from bnreport.rules import DIFFERENCE, EQUIVALENCE, LOST, SEEDS_ONLY, SETTINGS
from bnreport.studies.memorization.runs import BATCH_SIZE, BN, INPUTS, LATE, MATES, MOVING
from bnreport.study import Claim

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
