"""The figures of the page."""

import numpy as np

from bnreport.arms import NAMES
from bnreport.plots import Arm, Curves, Dots, Panel, Plot, Row, Series
from bnreport.samples import cut_short
from bnreport.statistics import t_interval
from bnreport.studies.rates.estimates import by_rate, floor, widths
from bnreport.studies.rates.runs import ALL_ARMS, BATCH_SIZE, EPOCHS, RATES
from bnreport.study import Records

SETTING = f"300-100 ReLU net, batches of {BATCH_SIZE}, {EPOCHS} epochs"

# What is below has failed; how far hardly matters.
SHELF = 70.0


def all_plots(records: Records) -> dict[str, Plot]:
    """The figures by name."""
    return {"sweep": _sweep(records), "widths": _widths(records)}


def _sweep(records: Records) -> Curves:
    def panel(title: str, arms: dict[Arm, str]) -> Panel:
        return Panel(
            title=title,
            y_label="validation accuracy, %",
            series=tuple(_series(records, of, label) for of, label in arms.items()),
            level=(round(100 * float(floor(records).mean()), 1), "good from"),
            shelf=SHELF,
        )

    return Curves(
        title="Validation accuracy by learning rate",
        subtitle=f"{SETTING}. Thin lines: {len(floor(records))} seeds; thick: mean. Shaded: below "
        f"{SHELF:g}%, squeezed; diverged runs count as chance",
        x_label="learning rate",
        x_scale="log",
        panels=(
            panel("Raw pixels", {"raw": "plain", "bn": "BN", "ln": "layer norm."}),
            panel("Standardized inputs", {"std": "plain", "std-bn": "BN"}),
        ),
    )


def _series(records: Records, of: Arm, label: str) -> Series:
    runs = np.array(list(by_rate(records, of).values())).T
    return Series(label, of, np.array(RATES), 100 * runs)


def _widths(records: Records) -> Dots:
    def row(of: Arm) -> Row:
        found = widths(records, of)
        interval = t_interval(found)
        cut = cut_short(by_rate(records, of), floor(records))
        return Row(
            label=NAMES[of] + (", at least" if cut else ""),
            arm=of,
            values=found,
            low=interval.low,
            point=interval.point,
            high=interval.high,
        )

    return Dots(
        title="Over how many decades of learning rates each arm learns well",
        subtitle=f"{SETTING}. A dot a seed (n = {len(floor(records))}); bars: 95% interval",
        x_label="decades of good learning rates, side by side",
        rows=tuple(row(of) for of in ALL_ARMS),
        from_zero=True,
        decimals=2,
    )
