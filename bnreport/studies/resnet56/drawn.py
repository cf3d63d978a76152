"""The figures of the page."""

from collections.abc import Callable, Mapping

import numpy as np

from bnreport.analysis.arms import Arm
from bnreport.analysis.cells import mean_of
from bnreport.analysis.charts import curves_of, differences, panels
from bnreport.analysis.comparisons import Sample, runs_of
from bnreport.presentation.plots import Curves, Dots, Plot
from bnreport.records.collection import Records
from bnreport.studies.resnet56.claims import DEPLOYED, FRESH, MARGIN, lead
from bnreport.studies.resnet56.runs import (
    BLOCKS,
    BN,
    FIXUP,
    IMAGES,
    LAYERS,
    LOOKS,
    MARKS,
    SEEDS,
    SKIPINIT,
    STARTED,
    STEPS,
    USUAL,
    ZERO,
    accuracy,
    named,
)

SETTING = f"{STEPS} steps on {IMAGES:,} images at 14 × 14, SGD with momentum 0.9, constant rate"
SEEN = f"Thin lines: {len(SEEDS)} seeds; thick: mean, with a band for its 95% interval"
PLACES = np.arange(1, 3 * BLOCKS + 1)


def way(arm: Arm, by: str, metric: str) -> Sample:
    """A metric on training images along the way at the usual rate, (seeds, marks)."""
    return runs_of(named(arm, USUAL)).measured(f"path_{by}_train_{metric}")


def slopes(arm: Arm, step: int) -> Sample:
    """The norms of the loss's gradient by both kernels of each block, (seeds, blocks)."""
    norms = runs_of(named(arm, USUAL)).measured("slopes_weights")[:, LOOKS.index(step)]
    return norms.map(lambda each: np.hypot(each[:, 1:-1:2], each[:, 2:-1:2]))


def falling(arm: Arm, step: int) -> Sample:
    """The logarithm of how many times the first block's gradient is that of the last, (seeds,)."""
    return slopes(arm, step).map(lambda norms: np.log(norms[:, 0] / norms[:, -1]))


def _rates(records: Records) -> Curves:
    by_title = {
        "by fresh statistics": {(arm, FRESH): arm.short for arm in STARTED},
        "as deployed by Keras' averages": {(arm, DEPLOYED): arm.short for arm in STARTED},
    }
    curves = curves_of(by_title, lambda pair, label: accuracy(*pair).curve(records, pair[0], label))
    return Curves(
        title=f"Validation accuracy of nets of {LAYERS} layers by learning rate",
        subtitle=f"{SETTING}. {SEEN}. Dashed: the last gamma of each block begins at 0",
        x_label="learning rate",
        x_scale="log",
        panels=panels(curves, "validation accuracy, %"),
        shared=True,
    )


def _leads(records: Records) -> Dots:
    pairs = {
        "BN over gamma 0": (BN, ZERO),
        "BN over SkipInit": (BN, SKIPINIT),
        "BN over Fixup": (BN, FIXUP),
        "gamma 0 over SkipInit": (ZERO, SKIPINIT),
    }
    return differences(
        f"Who leads after {STEPS} steps",
        "Each seed at the best rate of either arm, by fresh statistics. A dot a seed, means with "
        "95% intervals. Shaded: less than the margin",
        "percentage points",
        (
            one.row(lead(one, other)(records), label, band=(-MARGIN, MARGIN))
            for label, (one, other) in pairs.items()
        ),
        decimals=1,
    )


def _loss(records: Records) -> Curves:
    curves = [
        arm.curve(MARKS, way(arm, FRESH, "loss")(records), arm.short or arm.label)
        for arm in STARTED
    ]
    with_bn, skipping = (
        mean_of(way(arm, FRESH, "loss")(records)[:, -1], 2) for arm in (BN, SKIPINIT)
    )
    return Curves(
        title=f"After {STEPS} steps the training loss is {with_bn} with BN, {skipping} with "
        "SkipInit",
        subtitle=f"Rate {USUAL:g}. On 1,024 training images in inference mode; BN by fresh "
        f"statistics. {SEEN}",
        x_label="steps",
        panels=panels({"": curves}, "training loss", y_scale="log"),
    )


def _slopes(records: Records) -> Curves:
    by_title = {"before training": 0, f"after {STEPS} steps": STEPS}
    curves = {
        title: [BN.curve(PLACES, slopes(BN, step)(records))] for title, step in by_title.items()
    }
    start, end = (mean_of(falling(BN, step)(records), 1, log=True) for step in by_title.values())
    return Curves(
        title=f"With BN the first block has {start} × the gradient of the last, later {end} ×",
        subtitle=f"Rate {USUAL:g}. Norm of the loss's gradient by both kernels of a block, on 512 "
        f"training images in training mode. {SEEN}",
        x_label="block",
        panels=panels(curves, "norm of the gradient", y_scale="log"),
    )


PLOTS: Mapping[str, Callable[[Records], Plot]] = {
    "rates": _rates,
    "leads": _leads,
    "loss": _loss,
    "slopes": _slopes,
}
