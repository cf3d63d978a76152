"""The figures of the page."""

from collections.abc import Callable, Sequence
from typing import cast

import numpy as np

from bnreport.arms import ARMS
from bnreport.plots import Arm, Curves, Panel, Plot, Scale, Series
from bnreport.records import Record
from bnreport.samples import Floats
from bnreport.studies.landscape.estimates import beta, change, spread
from bnreport.studies.landscape.runs import DEPTHS, RATES, SHARES, STEPS, name
from bnreport.study import Records

# Short enough for the end of a curve beside others.
SHORT: dict[str, str] = {"raw": "raw", "std": "std.", "bn": "BN", "std-bn": "std., BN"}
DEEP = DEPTHS[-1]


def all_plots(records: Records) -> dict[str, Plot]:
    """The figures by name."""
    titled = "Effective beta along the gradient"
    return {
        **{
            f"beta-{depth}": _by_step(records, depth, beta, titled, "effective beta")
            for depth in DEPTHS
        },
        "share": _by_step(
            records,
            DEEP,
            change,
            f"The change of the gradient by a step of {SHARES[-1]:.0%} of the kernels' norm",
            "change / gradient",
        ),
        # One wide range in twelve would take the interval of the plain mean below zero.
        "range": _by_step(
            records,
            DEEP,
            lambda runs: np.log10(spread(runs)),
            "The range of the loss along the gradient",
            "nats, as a power of ten",
            "linear",
        ),
    }


def _by_step(
    records: Records,
    depth: int,
    measure: Callable[[Sequence[Record]], Floats],
    title: str,
    unit: str,
    scale: Scale = "log",
) -> Curves:
    def series(of: str, rate: float) -> Series:
        found = measure(records.trial(name(depth, of, rate)))
        known = np.where(np.isfinite(found), found, np.nan)
        return Series(SHORT[of], cast(Arm, of), np.array(STEPS, float), known)

    seeds = len(records.trial(name(depth, ARMS[0], RATES[0])))
    return Curves(
        title=f"{title}, {depth} layers",
        subtitle=f"ReLU nets, 100 units a layer, batches of 128. Thin lines: {seeds} seeds; thick: "
        "mean and its 95% interval",
        x_label="step",
        panels=tuple(
            Panel(
                f"learning rate {rate:g}",
                unit,
                tuple(series(of, rate) for of in ARMS),
                y_scale=scale,
            )
            for rate in RATES
        ),
    )
