"""What the prose of the page says by name."""

import numpy as np

from bnreport.formats import number
from bnreport.samples import lost
from bnreport.studies.gradients.estimates import factors
from bnreport.studies.gradients.runs import DEPTH, RATES, SMALL, STARTS, THEORY, start, trained
from bnreport.study import Records, Value

RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def all_values(records: Records) -> dict[str, Value]:
    """The numbers by name."""
    values = {
        "theory": Value(number(THEORY, 2), "the square root of pi / (pi - 1)"),
        "lost": Value(_lost(records), "diverged runs without a normalizer, by learning rate"),
    }
    for of in STARTS:
        for norm in ("none", "bn"):
            factor = mean_factor(records, start(of, norm, SMALL))
            origin = f"{of}, {norm}, {DEPTH} layers, raw pixels, batches of {SMALL}; mean of seeds"
            values[f"{of}.{norm}"] = Value(number(factor, 3), f"factor per layer, {origin}")
            values[f"{of}.{norm}.all"] = Value(
                size(factor**DEPTH), f"factor per layer to the power of {DEPTH}, {origin}"
            )
    return values


def mean_factor(records: Records, trial: str) -> float:
    """The mean over seeds, on the logarithms, of the factor before the first step."""
    return float(np.exp(factors(records, trial)[:, 0].mean()))


def size(value: float) -> str:
    """A positive number by its size: "0.96", "88", or "3 × 10⁻¹³" where plain digits get long."""
    if 0.001 <= value < 1000:
        return f"{value:#.2g}".rstrip(".")
    digit, power = f"{value:.0e}".split("e")
    return f"{digit}\u00a0×\u00a010{str(int(power)).translate(RAISED)}"


def _lost(records: Records) -> str:
    """How many runs without a normalizer diverged, as "12 of 12 runs at rate 1"."""
    runs = {rate: records.trial(trained("none", rate)) for rate in reversed(RATES)}
    told = [f"{lost(of)} of {len(of)} runs at rate {r:g}" for r, of in runs.items() if lost(of)]
    return " and ".join(told) or "no run"
