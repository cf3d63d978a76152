"""The figures of the page."""

from collections.abc import Callable, Sequence
from typing import cast

import numpy as np

from bnreport.analysis.metrics import Floats, last
from bnreport.presentation.plots import Arm, Curves, Dots, Panel, Plot, Row, Series
from bnreport.records.collection import Records
from bnreport.records.record import Record
from bnreport.statistics.intervals import t_interval
from bnreport.studies.shift.estimates import KEPT, ahead, in_one_step, received
from bnreport.studies.shift.runs import CELLS, DEPTHS, EPOCHS, NOISY, RATES, SHIFT_ARMS, STEPS, name

# Short enough for the end of a curve beside others.
SHORT = {"raw": "raw", "std": "std.", "bn": "BN", "std-bn": "std., BN", NOISY: "noisy BN"}
NET = "ReLU nets, 100 units a layer, batches of 128"


def colour(of: str) -> Arm:
    """The colour of an arm; noisy BN has none of its own."""
    return "neutral" if of == NOISY else cast(Arm, of)


def all_plots(records: Records) -> dict[str, Plot]:
    """The figures by name."""
    without_noise = tuple(of for of in SHIFT_ARMS if of != NOISY)
    found: dict[str, Plot] = {
        f"ahead-{depth}": _by_step(
            records,
            depth,
            without_noise,
            ahead,
            "How much a layer's gradient changes when earlier layers step",
            "distance / gradient",
        )
        for depth in DEPTHS
    }
    found["drift"] = _by_step(
        records,
        DEPTHS[-1],
        # Each more makes the file larger; BN on standardized inputs is in the table.
        ("raw", "std", "bn", NOISY),
        lambda runs: in_one_step(received(runs)),
        "How far the inputs of the activation functions drift in one step",
        "standard deviations",
    )
    found["gain"] = _gain(records)
    return found


def _by_step(
    records: Records,
    depth: int,
    arms: tuple[str, ...],
    measure: Callable[[Sequence[Record]], Floats],
    title: str,
    unit: str,
) -> Curves:
    def series(of: str, rate: float) -> Series:
        found = measure(records.trial(name(depth, of, rate))).mean(axis=2)
        known = np.where(np.isfinite(found), found, np.nan)
        return Series(SHORT[of], colour(of), np.array(STEPS, float), known, of == NOISY)

    return Curves(
        title=f"{title}, {depth} layers",
        subtitle=f"{NET}, mean over layers. Thin lines: {_seeds(records)} seeds; thick: mean and "
        "its 95% interval",
        x_label="step",
        panels=tuple(
            Panel(
                f"learning rate {rate:g}",
                unit,
                tuple(series(of, rate) for of in arms),
                y_scale="log",
            )
            for rate in RATES
        ),
    )


def _gain(records: Records) -> Dots:
    rows = []
    for depth, rate in CELLS.values():
        found = {
            of: 100 * last(records.trial(name(depth, of, rate)), "val_accuracy")
            for of in ("raw", "bn", NOISY)
        }
        needed = float((found["raw"] + KEPT * (found["bn"] - found["raw"])).mean())
        for of, values in found.items():
            mean = t_interval(values)
            rows.append(
                Row(
                    f"{depth} layers, rate {rate:g}, {SHORT[of]}",
                    colour(of),
                    values,
                    mean.low,
                    mean.point,
                    mean.high,
                    (needed,) if of == NOISY else (),
                    cross="three quarters of what BN adds to raw pixels",
                )
            )
    return Dots(
        title="Validation accuracy on raw pixels, with BN and with noisy BN",
        subtitle=f"{NET}, {EPOCHS} epochs. A dot a seed (n = {_seeds(records)}), mean, 95% "
        "interval. Cross: raw pixels plus three quarters of what BN adds",
        x_label="validation accuracy, %",
        rows=tuple(rows),
        decimals=1,
        narrow=True,
    )


def _seeds(records: Records) -> int:
    return len(records.trial(name(DEPTHS[0], "raw", RATES[0])))
