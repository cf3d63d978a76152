"""The figures of the page."""

from collections.abc import Callable, Mapping

import numpy as np

from bnreport.analysis.arms import Arm
from bnreport.analysis.cells import mean_of
from bnreport.analysis.charts import curves_of, panels
from bnreport.analysis.comparisons import Sample, runs_of
from bnreport.presentation.plots import Curves, Plot, Series
from bnreport.records.collection import Records
from bnreport.studies.blocks.runs import (
    ARMS,
    BN,
    DEEP,
    DEPTHS,
    IMAGES,
    LN,
    SEEDS,
    STARTED,
    STEPS,
    TRAINED,
    accuracy,
    share,
    start_of,
)

SETTING = f"{STEPS} steps on {IMAGES:,} images at 14 × 14, momentum 0.9, falling rate"
SEEN = f"Thin lines: {len(SEEDS)} seeds; thick: mean, with a band for its 95% interval"
PLACES = np.arange(1, DEEP + 1)


def slopes(arm: Arm) -> Sample:
    """The norms of the loss's gradient by both kernels of each block, (seeds, blocks)."""
    norms = runs_of(start_of(arm, DEEP)).measured("slopes_weights")[:, 0]
    return norms.map(lambda each: np.hypot(each[:, 1:-1:2], each[:, 2:-1:2]))


def falling(arm: Arm) -> Sample:
    """The logarithm of how many times the first block's gradient is that of the last, (seeds,)."""
    return slopes(arm).map(lambda norms: np.log(norms[:, 0] / norms[:, -1]))


def _rates(records: Records) -> Curves:
    by_title = {f"{blocks} blocks": {(arm, blocks): arm.short for arm in ARMS} for blocks in DEPTHS}
    curves = curves_of(by_title, lambda pair, label: accuracy(*pair).curve(records, pair[0], label))
    return Curves(
        title="Validation accuracy by learning rate and depth",
        subtitle=f"{SETTING}. {SEEN}; BN by fresh statistics. Dashed: the last gamma of each "
        f"block begins at 0, and the block as the identity. Gray: below {TRAINED:g}%, squeezed",
        x_label="learning rate",
        x_scale="log",
        panels=panels(curves, "validation accuracy, %", shelf=TRAINED),
    )


def _shares(records: Records) -> Curves:
    predicted = Series(
        "1/√block", "neutral", PLACES.astype(float), (1 / np.sqrt(PLACES))[None], dashed=True
    )
    curves = [arm.curve(PLACES, share(arm)(records), arm.short) for arm in STARTED]
    return Curves(
        title="Size of a block's branch relative to its shortcut, before training",
        subtitle=f"Residual nets of {DEEP} blocks. Root mean squares on 512 training images in "
        f"training mode. {SEEN}",
        x_label="block",
        x_scale="log",
        panels=panels({"": [*curves, predicted]}, "branch over shortcut", y_scale="log"),
    )


def _slopes(records: Records) -> Curves:
    curves = [arm.curve(PLACES, slopes(arm)(records), arm.short) for arm in (BN, LN)]
    times = mean_of(falling(BN)(records), 1, log=True)
    return Curves(
        title=f"With BN the first of {DEEP} blocks has {times} × the gradient of the last",
        subtitle="Residual nets before training. Norm of the loss's gradient by both kernels of a "
        f"block, on 512 training images in training mode. {SEEN}",
        x_label="block",
        panels=panels({"": curves}, "norm of the gradient", y_scale="log"),
    )


PLOTS: Mapping[str, Callable[[Records], Plot]] = {
    "rates": _rates,
    "shares": _shares,
    "slopes": _slopes,
}
