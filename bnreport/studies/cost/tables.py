"""The tables of the page, and the numbers in its prose."""

import numpy as np

from bnreport.analysis.arms import NAMES
from bnreport.analysis.metrics import Floats, steps_to
from bnreport.presentation.formats import number
from bnreport.presentation.plots import Arm
from bnreport.presentation.tables import Table, Value
from bnreport.records.collection import Records
from bnreport.statistics.estimates import log_ratio
from bnreport.studies.cost.estimates import pace, seconds, typical
from bnreport.studies.cost.plots import BY_ARM, LAYERS
from bnreport.studies.cost.runs import (
    CHECK,
    EVERY,
    IMAGES,
    LOOPS,
    RATE,
    ROUNDS,
    SIZES,
    STEPS_OF_TIMED,
    THRESHOLD,
)

# A round that takes so many times the median of its net was disturbed by something else.
DISTURBED = 1.3


def all_tables(records: Records) -> dict[str, Table]:
    """The tables by name."""
    return {"epochs": _epochs_table(records), "arrivals": _arrivals_table(records)}


def all_values(records: Records) -> dict[str, Value]:
    """The numbers of the prose by name."""
    ratios = {
        f"loops.{size}": Value(
            number(typical(records, "fit", size) / typical(records, "compiled", size), 1),
            f"fit over compiled, medians of {ROUNDS} rounds without a normalizer",
        )
        for size in SIZES
    }
    setting = {
        "images": f"{IMAGES:,}",
        "rate": f"{RATE:g}",
        "every": str(EVERY),
        "threshold": f"{THRESHOLD:.0%}",
    }
    return {
        **ratios,
        **{name: Value(text, "set before the runs") for name, text in setting.items()},
    }


def disturbed(found: Floats) -> list[int]:
    """The rounds, from 1, that took `DISTURBED` times the median of all rounds or longer."""
    return [int(place) + 1 for place in np.flatnonzero(found >= DISTURBED * np.median(found))]


def _disturbed(records: Records) -> str:
    """Which rounds were disturbed, in words, net by net."""
    more = round(100 * (DISTURBED - 1))
    told, calm = [], set(LAYERS)
    for loop in LOOPS:
        for size in SIZES:
            for net, label in LAYERS.items():
                found = seconds(records, loop, net, size)
                if rounds := disturbed(found):
                    calm.discard(net)
                    worst = number(float(found.max() / np.median(found)), 1)
                    which = f"round{'s' * (len(rounds) > 1)} {', '.join(map(str, rounds))}"
                    told.append(f"{loop}, {size}, {label}: {which}, up to {worst} ×")
    if not told:
        return f"No epoch took {more}% longer than the median of its {ROUNDS} rounds, or more."
    spared = " and ".join(LAYERS[net] for net in LAYERS if net in calm)
    return (
        f"Some epochs took {more}% longer than the median of their {ROUNDS} rounds, or more "
        f"({'; '.join(told)}). "
        + (f"With {spared} there was no such round. " if spared else "")
        + "No cause was recorded."
    )


def _epochs_table(records: Records) -> Table:
    def ratios(loop: str, net: str, size: int) -> tuple[str, str]:
        own, plain = (seconds(records, loop, of, size) for of in (net, "raw"))
        judged = np.exp(log_ratio(own, plain).interval.point)
        return number(float(judged), 2), number(float(np.median(own / plain)), 2)

    def row(loop: str, size: int, net: Arm) -> tuple[str, ...]:
        middle = number(typical(records, loop, size, net), 3)
        return f"{loop}, {size}: {LAYERS[net]}", middle, *ratios(loop, net, size)

    return Table(
        f"Seconds for {IMAGES:,} training and 5,000 validation images",
        ("loop, batch, net", "seconds", "ratio, judged", "ratio, median"),
        tuple(row(loop, size, net) for loop in LOOPS for size in SIZES for net in LAYERS),
        note=f"Seconds: the median of {ROUNDS} rounds. Ratios are over the net without a "
        "normalizer in the same round. Judged: the geometric mean of the rounds, which disturbed "
        "rounds move. Median: that of the rounds' ratios, unjudged, which need not be the ratio of "
        f"the medians. {_disturbed(records)}",
    )


def _arrivals_table(records: Records) -> Table:
    def row(of: Arm) -> tuple[str, ...]:
        steps = steps_to(records.trial(of), CHECK.name, THRESHOLD)
        middle = float(np.median(steps))
        there = f"{int(np.isfinite(steps).sum())} of {len(steps)}"
        if np.isinf(middle):
            return NAMES[of], *(["not reached"] * (1 + len(LOOPS))), there
        times = (number(middle * pace(records, of, loop), 1) for loop in LOOPS)
        return NAMES[of], f"{middle:,.0f}", *times, there

    return Table(
        f"When the validation accuracy reaches {THRESHOLD:.0%}, in the median of the seeds",
        ("arm", "steps", "fit, seconds", "compiled, seconds", "runs that reached it"),
        tuple(row(of) for of in BY_ARM),
        note=f"A step takes the seconds of a timed epoch over its {STEPS_OF_TIMED} steps.",
    )
