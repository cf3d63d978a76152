"""The tables of the page."""

import numpy as np

from bnreport.formats import between, number
from bnreport.samples import last, lost
from bnreport.statistics import t_interval
from bnreport.studies.gradients.claims import EVERY, WIDE
from bnreport.studies.gradients.estimates import Floats, factors
from bnreport.studies.gradients.runs import (
    DEPTH,
    DEPTHS,
    LARGE,
    RATES,
    SMALL,
    STEPS,
    THEORY,
    TRAINED_BATCH,
    start,
    trained,
)
from bnreport.studies.gradients.values import mean_factor, size
from bnreport.study import Records, Table


def all_tables(records: Records) -> dict[str, Table]:
    """The tables by name."""
    return {"starts": _starts(records), "wide": _wide(records), "training": _training(records)}


def _starts(records: Records) -> Table:
    def cells(of: str, inputs: str) -> tuple[str, ...]:
        trials = [start(of, norm, SMALL, inputs) for norm in ("none", "bn", "ln")]
        found = [mean_factor(records, t) if t in records.of else None for t in trials]
        each = [number(x, 3) if x else "–" for x in found]
        return (*each, *(size(x**DEPTH) if x else "–" for x in found))

    names = ("none", "BN", "LN")
    return Table(
        f"The factor per layer before the first step, {DEPTH} layers, batches of {SMALL}",
        ("start", *names, *(f"{name}, {DEPTH} layers" for name in names)),
        tuple((name, *cells(*where)) for name, where in EVERY.items()),
        note="Means of the seeds, raw pixels unless said. On the right the factor to the power of "
        f"{DEPTH}. On standardized inputs LN was looked at with ReLU from He alone.",
    )


def _wide(records: Records) -> Table:
    settings = {f"{depth} layers": ("raw", depth) for depth in DEPTHS} | WIDE

    def cells(inputs: str, depth: int) -> tuple[str, ...]:
        none, bn = (start("relu-he", norm, LARGE, inputs, depth) for norm in ("none", "bn"))
        over = t_interval(factors(records, bn)[:, 0] - np.log(THEORY))
        low, point, high = np.exp([over.low, over.point, over.high]).tolist()
        ratio = f"{number(point, 3)} {between(low, high, 3)}"
        return (number(mean_factor(records, none), 3), number(mean_factor(records, bn), 3), ratio)

    return Table(
        f"ReLU from He in batches of {LARGE}, before the first step",
        ("depth", "none", "BN", "BN over the theory"),
        tuple((name, *cells(*where)) for name, where in sorted(settings.items(), key=_by_depth)),
        note="Means of the seeds, with the 95% interval of the ratio.",
    )


def _by_depth(setting: tuple[str, tuple[str, int]]) -> int:
    return setting[1][1]


def _training(records: Records) -> Table:
    rows = []
    for norm, name in (("none", "none"), ("bn", "BN")):
        for rate in RATES:
            runs = records.trial(trained(norm, rate))
            found = np.exp(factors(records, trained(norm, rate)))
            rows.append(
                (
                    f"{name}, rate {rate:g}",
                    *(_left(column) for column in found.T),
                    f"{lost(runs)} of {len(runs)}",
                    number(100 * float(last(runs, "val_accuracy").mean()), 1),
                )
            )
    return Table(
        f"The factor per layer by the steps a net has trained, {DEPTH} layers, ReLU from He, "
        f"batches of {TRAINED_BATCH}",
        (
            "net",
            "0 steps",
            *(f"{step} step{'s' if step > 1 else ''}" for step in STEPS[1:]),
            "diverged",
            "accuracy, %",
        ),
        tuple(rows),
        note="Means of the seeds; in brackets how many of them still have finite gradients, where "
        f"not all do. The validation accuracy is that after {STEPS[-1]} steps, in inference "
        "mode; a diverged run counts as chance, 10%.",
    )


def _left(column: Floats) -> str:
    """The mean of the runs whose gradients are finite, and how many these are if not all."""
    known = column[np.isfinite(column)]
    if not len(known):
        return "–"
    left = "" if len(known) == len(column) else f" ({len(known)})"
    return number(float(known.mean()), 3) + left
