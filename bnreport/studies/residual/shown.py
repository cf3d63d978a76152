"""The numbers, tables and figures of the page."""

from collections.abc import Callable, Mapping
from functools import partial

import numpy as np

from bnreport.analysis.arms import Arm
from bnreport.analysis.cells import mean_of, means_of, values_of
from bnreport.analysis.charts import curves_of, panels
from bnreport.analysis.comparisons import Sample, runs_of
from bnreport.analysis.metrics import Floats
from bnreport.analysis.ranges import peak, width
from bnreport.presentation.plots import Curves, Dots, Plot
from bnreport.presentation.tables import Table, Value
from bnreport.records.collection import Records
from bnreport.studies.residual.claims import DEPLOYED, FRESH, MARGIN, lead
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
    RATES,
    RAW_BN,
    SEEDS,
    SKIPINIT,
    STEPS,
    ZERO,
    scored,
)

# A run trains if more of its validation images are right than this, in per cent.
TRAINED = 50.0
# A rate is good if it costs a seed at most so many points of what its best rate reaches.
LOSS = 2.0
BLOCKS = 9
SETTING = f"{EPOCHS} epochs of {IMAGES:,} images at 14 × 14, momentum 0.9, falling rate"
OTHERS = {
    "no normalizer": NONE,
    "SkipInit": SKIPINIT,
    "Fixup": FIXUP,
    "GN, 4 groups": GN_4,
    "GN, 1 group": GN_1,
}
# Of the other starts a branch has no gradient before the first step: it is multiplied by 0.
DRAWN = {BN: "BN", NONE: "none", GN_4: "GN 4"}


def blocks(arm: Arm, step: int) -> Sample:
    """The norms of the loss's gradient by the kernels of each block, (seeds, blocks)."""
    slopes = runs_of(arm).measured("slopes_weights")[:, LOOKS.index(step)]
    return slopes.map(lambda norms: np.hypot(norms[:, 1:-1:2], norms[:, 2:-1:2]))


def trained(accuracies: Floats) -> str:
    """How many runs train, of how many."""
    return f"{(accuracies > TRAINED).sum()} of {len(accuracies)}"


def _by_rate(records: Records, arm: Arm) -> dict[float, Floats]:
    return dict(zip(NETS.grid, NETS.accuracies(records, arm), strict=True))


def good_width(records: Records, arm: Arm) -> Floats:
    """The decades of rates near an arm's best, (tuning seeds,)."""
    by_rate = _by_rate(records, arm)
    return width(by_rate, peak(by_rate) - LOSS)


def _growth(arm: Arm, step: int) -> Sample:
    """The logarithm of how many times larger the first block's gradient is than the last's."""
    return blocks(arm, step).map(lambda norms: np.log(norms[:, 0] / norms[:, -1]))


def _tied(records: Records, arm: Arm) -> float:
    """The points by which the highest mean of the tuning runs passes that at the chosen rate."""
    accuracies, chosen = NETS.accuracies(records, arm), NETS.best(records, arm)
    return float(accuracies.mean(axis=1).max() - chosen.mean())


def values(records: Records) -> dict[str, Value]:
    """The numbers of the prose that no claim judges."""
    given = {"epochs": str(EPOCHS), "images": f"{IMAGES:,}", "steps": str(STEPS)}
    given |= {f"rate.{arm.name}": f"{rate:g}" for arm, rate in RATES.items()}
    ties = {f"tie.{arm.name}": mean_of([_tied(records, arm)], 1) for arm in (GN_4, NONE)}
    counted = {f"trained.{arm.name}": trained(scored(arm)(records)) for arm in RATES}
    growths = {
        f"growth.{arm.name}": _growth(arm, LOOKS[0]) for arm in (*DRAWN, PLAIN_BN, PLAIN_NONE)
    }
    return {
        **values_of("set before the runs, or chosen by the tuning runs", given),
        **values_of("highest mean of three tuning runs less that at the chosen rate", ties),
        **values_of(f"judged runs above {TRAINED:g}% of validation images", counted),
        **means_of(
            records,
            "mean validation accuracy in per cent, by fresh statistics",
            {f"accuracy.{arm.name}": scored(arm) for arm in RATES},
            1,
        ),
        **means_of(
            records,
            "fresh statistics less deployed; unjudged",
            {f"cost.{arm.name}": scored(arm) - scored(arm, DEPLOYED) for arm in (BN, PLAIN_BN)},
            2,
            unit="pp",
        ),
        **means_of(
            records,
            "difference of accuracies by fresh statistics; unjudged, with its 95% interval",
            {"lead.gn-1": lead(BN, GN_1), "lead.unnormalized": lead(NONE, PLAIN_NONE)},
            2,
            unit="pp",
            signed=True,
            interval=True,
        ),
        **means_of(
            records,
            "gradient's norm in the first block over that in the last, geometric mean",
            growths,
            2,
            log=True,
        ),
    }


def _accuracies(records: Records) -> Table:
    return Table.by_column(
        "Each arm at its own rate",
        "arm",
        {arm.label: arm for arm in RATES},
        {
            "rate": lambda arm: f"{RATES[arm]:g}",
            "runs that train": lambda arm: trained(scored(arm)(records)),
            "fresh": lambda arm: mean_of(scored(arm)(records), 2, interval=True),
            "deployed": lambda arm: mean_of(scored(arm, DEPLOYED)(records), 2),
        },
        f"Validation accuracy in per cent, means over {len(SEEDS)} seeds with 95% intervals. A run "
        f"trains if it ends above {TRAINED:g}%. Nets without BN have one score.",
    )


def _rates(records: Records) -> Table:
    def cell(arm: Arm, rate: float) -> str:
        numbers = _by_rate(records, arm)[rate]
        shown = mean_of(numbers, 1) if (numbers > TRAINED).all() else trained(numbers)
        return f"{shown} *" if rate == RATES[arm] else shown

    return Table.crossed(
        "Three tuning seeds by learning rate",
        "arm",
        {arm.label: arm for arm in RATES},
        {f"{rate:g}": rate for rate in NETS.grid},
        cell,
        "Mean validation accuracy in per cent by fresh statistics; where not all three runs end "
        f"above {TRAINED:g}%, how many do. A star marks the rate that was chosen.",
    )


def _widths(records: Records) -> Table:
    return Table.by_column(
        "Decades of good rates in the tuning runs",
        "arm",
        {arm.label: arm for arm in RATES},
        {"decades": lambda arm: mean_of(good_width(records, arm), 2)},
        f"Means of three tuning seeds; unjudged. Good: at most {LOSS:g} points below the best that "
        "the same arm reaches at the same seed, so that a narrow range is not an inaccurate one.",
    )


def _neighbours(records: Records) -> Table:
    pairs = {f"BN less {name}": (BN, arm) for name, arm in OTHERS.items()}
    pairs |= {
        "plain: BN less no normalizer": (PLAIN_BN, PLAIN_NONE),
        "BN: shortcuts less none": (BN, PLAIN_BN),
        "last gamma from 0 less from 1": (ZERO, BN),
        "BN: raw less standardized": (RAW_BN, BN),
    }
    return NETS.neighbours(
        records,
        pairs,
        "Differences with both arms a half-decade beside their rates",
        "Percentage points by fresh statistics, means of three tuning seeds; unjudged.",
    )


def _leads(records: Records) -> Dots:
    return Dots(
        title="Residual net of 20 layers: BN less what stands in its place",
        subtitle=f"{SETTING}. A dot a seed; by fresh statistics. Shaded: less than the margin",
        x_label="percentage points by which BN is more accurate",
        rows=tuple(
            arm.row(lead(BN, arm)(records), f"over {name}", band=(-MARGIN, MARGIN))
            for name, arm in OTHERS.items()
        ),
        nothing=0.0,
        decimals=2,
        narrow=True,
    )


def _arms(records: Records) -> Dots:
    return Dots(
        title="Validation accuracy of nets of 20 layers",
        subtitle=f"{SETTING}, each arm at its own rate. A dot a seed; BN by fresh statistics",
        x_label="validation accuracy, %",
        rows=tuple(arm.row(scored(arm, FRESH)(records)) for arm in RATES),
        decimals=1,
        narrow=True,
    )


def _tuning(records: Records) -> Curves:
    residual = {arm: arm.short for arm in (BN, NONE, GN_4, SKIPINIT, FIXUP)}
    plain = {arm: arm.short for arm in (PLAIN_BN, PLAIN_NONE)}
    return Curves(
        title="Validation accuracy by learning rate",
        subtitle=f"{SETTING}. Three tuning seeds, thin, and their mean, thick; fresh statistics. "
        f"Left out: rates at which a run stayed below {TRAINED:g}%",
        x_label="learning rate",
        x_scale="log",
        panels=NETS.panels(records, {"with shortcuts": residual, "plain": plain}, floor=TRAINED),
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
    return Curves(
        title=f"The gradient in each block after {step} steps",
        subtitle="Norm of the loss's gradient by both kernels of a block, on 512 training images "
        f"in training mode. Thin lines: {len(SEEDS)} seeds; thick: mean",
        x_label="block",
        panels=panels(curves, "norm of the gradient", y_scale="log"),
    )


TABLES: dict[str, Callable[[Records], Table]] = {
    "accuracies": _accuracies,
    "rates": _rates,
    "widths": _widths,
    "neighbours": _neighbours,
}
PLOTS: Mapping[str, Callable[[Records], Plot]] = {
    "leads": _leads,
    "arms": _arms,
    "tuning": _tuning,
    **{f"slopes-{step}": partial(_slopes, step=step) for step in LOOKS},
}
