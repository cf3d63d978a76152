"""The figures of the page."""

from collections.abc import Callable, Mapping
from functools import partial

import numpy as np

from bnreport.analysis.arms import Arm
from bnreport.analysis.cells import mean_of
from bnreport.analysis.charts import curves_of, panels
from bnreport.analysis.comparisons import Sample, runs_of
from bnreport.analysis.findings import reach
from bnreport.presentation.plots import Curves, Dots, Plot
from bnreport.records.collection import Records
from bnreport.studies.residual.claims import MARGIN, lead
from bnreport.studies.residual.runs import (
    BN,
    EPOCHS,
    FIXUP,
    GN_1,
    GN_4,
    IMAGES,
    LOOKS,
    NETS,
    NONE,
    PLAIN_BN,
    PLAIN_NONE,
    RAW_BN,
    SEEDS,
    SKIPINIT,
    TRAINED,
    ZERO,
    scored,
)

BLOCKS = 9
SETTING = f"{EPOCHS} epochs of {IMAGES:,} images at 14 × 14, momentum 0.9, falling rate"
OTHERS = {
    "GN, 4 groups": GN_4,
    "GN, 1 group": GN_1,
    "SkipInit": SKIPINIT,
    "Fixup": FIXUP,
    "no normalizer": NONE,
}
# The order of figures and tables: the residual nets, with BN first, and then the plain ones.
ORDER = (BN, RAW_BN, ZERO, *OTHERS.values(), PLAIN_BN, PLAIN_NONE)
# Of the other starts a branch has no gradient before the first step: it is multiplied by 0.
DRAWN = {BN: "BN", NONE: "none", GN_4: "GN 4"}


def blocks(arm: Arm, step: int) -> Sample:
    """The norms of the loss's gradient by the kernels of each block, (seeds, blocks)."""
    slopes = runs_of(arm).measured("slopes_weights")[:, LOOKS.index(step)]
    return slopes.map(lambda norms: np.hypot(norms[:, 1:-1:2], norms[:, 2:-1:2]))


def times(arm: Arm, control: Arm, step: int) -> Sample:
    """The logarithm of how many times larger an arm's gradients are after a step, over blocks."""
    one, other = blocks(arm, step), blocks(control, step)
    return (one.map(np.log) - other.map(np.log)).map(lambda logs: logs.mean(axis=1))


def _leads(records: Records) -> Dots:
    return Dots(
        title="Residual net of 20 layers: BN minus what stands in its place",
        subtitle=f"{SETTING}. A dot a seed; by fresh statistics. Shaded: less than the margin",
        x_label="percentage points by which BN is more accurate",
        rows=tuple(
            arm.row(lead(BN, arm).contrast()(records), f"over {name}", band=(-MARGIN, MARGIN))
            for name, arm in OTHERS.items()
        ),
        nothing=0.0,
        decimals=2,
        narrow=True,
    )


def _arms(records: Records) -> Dots:
    return Dots(
        title="Validation accuracy of nets of 20 layers",
        subtitle=f"{SETTING}, each arm at its own rate, on standardized pixels "
        "but for one. A dot a seed, a bar the 95% interval of the mean; BN by fresh statistics",
        x_label="validation accuracy, %",
        rows=tuple(arm.row(scored(arm)(records)) for arm in ORDER),
        decimals=1,
        narrow=True,
    )


def _tuning(records: Records) -> Curves:
    residual = {arm: arm.short for arm in (BN, NONE, GN_4, SKIPINIT, FIXUP)}
    plain = {arm: arm.short for arm in (PLAIN_BN, PLAIN_NONE)}
    drawn = NETS.panels(records, {"with shortcuts": residual, "plain": plain}, floor=TRAINED)
    others = {SKIPINIT.short, FIXUP.short}
    return Curves(
        title=reach(drawn, TRAINED, "BN still reaches", {BN.short}, "SkipInit and Fixup", others),
        subtitle=f"{SETTING}. Three tuning seeds, thin, and their mean, thick; fresh statistics. "
        f"Left out: rates at which a run stayed below {TRAINED:g}%",
        x_label="learning rate",
        x_scale="log",
        panels=drawn,
    )


def _slopes(records: Records, step: int) -> Curves:
    started = {} if step == 0 else {SKIPINIT: "SkipInit", FIXUP: "Fixup"}
    by_title = {
        "with shortcuts": {**DRAWN, **started},
        "plain": {PLAIN_BN: "BN", PLAIN_NONE: "none"},
    }
    places = np.arange(1, BLOCKS + 1)
    curves = curves_of(
        by_title, lambda arm, label: arm.curve(places, blocks(arm, step)(records), label)
    )
    ratio = mean_of(times(NONE, BN, step)(records), 1, log=True)
    return Curves(
        title=f"At step {step} a residual net without a normalizer has {ratio} × BN's gradients",
        subtitle="Norm of the loss's gradient by both kernels of a block, on 512 training images "
        f"in training mode. Thin lines: {len(SEEDS)} seeds; thick: mean, with its 95% interval",
        x_label="block",
        panels=panels(curves, "norm of the gradient", y_scale="log"),
    )


PLOTS: Mapping[str, Callable[[Records], Plot]] = {
    "leads": _leads,
    "arms": _arms,
    "tuning": _tuning,
    **{f"slopes-{step}": partial(_slopes, step=step) for step in LOOKS},
}
