"""The ten headlines as claims: each is asked of every data set, by both scores."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from bnreport.analysis.design import Judged, claim_form
from bnreport.studies.datasets.runs import (
    BATCH_SIZE,
    DATA,
    DEPLOYED,
    EPOCHS,
    FRESH,
    LAG_RATE,
    LOSS,
    MARKS,
    RATES,
    SCORES,
    SLOW_RATE,
    SMALL_EPOCHS,
    Part,
    lag,
    lead,
    seeds,
    small,
    steps,
    width,
)

IN_ALL = f"after {EPOCHS} epochs of 4,000 images in batches of {BATCH_SIZE}"
GRID = f"seven from {RATES[0]:g} to {RATES[-1]:g}"
METRICS: Mapping[Part, str] = {
    "accuracy": f"validation accuracy {IN_ALL} at a rate that falls to zero, each arm at the rate, "
    f"of {GRID}, that is best in tuning runs",
    "steps": f"steps of {BATCH_SIZE} images at a constant rate of {SLOW_RATE:g} until the accuracy "
    f"on 1,000 validation images, at {len(MARKS)} marks and smoothed over three, reaches {{}}",
    "width": f"decades of learning rate, of {GRID}, each falling to zero, over which the "
    f"validation accuracy {IN_ALL} is at most {100 * LOSS:g} pp below the best that the same seed "
    "reaches on raw inputs; the longest unbroken stretch, each rate standing for half the way to "
    "its neighbours. A run that diverged counts as chance",
    "lag": f"validation accuracy {IN_ALL} at a constant rate of {LAG_RATE:g}",
    "small": f"validation accuracy after {SMALL_EPOCHS} epochs of 4,000 images at a rate that "
    "falls to zero from 0.05 times the root of batch size / 32",
}
EACH = "each at its best rate"
AFTER = f"After {EPOCHS} epochs of {{}}"
AT_SLOW = f"at a constant rate of {SLOW_RATE:g}"


@dataclass(frozen=True)
class Headline:
    """One of the ten, as it is asked of any data set.

    Attributes:
        part: what its runs share.
        label: its name.
        statement: what it says of the words of a data set.
        arms: what is compared.
        judge: what judges it by a data set and a score, and who it predicts to be ahead.
        expected: the words expected of the data sets, by their first letters.
        form: fields of its claims.
    """

    part: Part
    label: str
    statement: str
    arms: str
    judge: Any
    expected: str
    form: Mapping[str, Any]


ALIKE = {"kind": "equivalence", "unit": "pp"}
AHEAD: Mapping[str, Any] = {"unit": "pp"}
TIMES: Mapping[str, Any] = {"unit": "x", "scale": "ratio", "margin": 1.25}
DECADES: Mapping[str, Any] = {"unit": "decades", "margin": 0.5, "lost": False}
HEADLINES = {
    "bn-raw": Headline(
        "accuracy",
        "BN over raw",
        f"{AFTER}, BN is more accurate than the net on raw inputs, {EACH}",
        "BN and raw inputs",
        partial(lead, "bn", "raw"),
        "sss",
        AHEAD,
    ),
    "bn-std": Headline(
        "accuracy",
        "BN as standardized",
        f"{AFTER}, BN is as accurate as standardized inputs, within {{points}} pp, {EACH}",
        "BN and standardized inputs without BN",
        partial(lead, "bn", "std"),
        "snn",
        ALIKE,
    ),
    "std-bn": Headline(
        "accuracy",
        "Standardized with BN as without",
        f"{AFTER}, standardized, a net with BN is as accurate as one without, within {{points}} "
        f"pp, {EACH}",
        "standardized inputs with and without BN",
        partial(lead, "std-bn", "std"),
        "snn",
        ALIKE,
    ),
    "ln": Headline(
        "accuracy",
        "Layer norm. as BN",
        f"{AFTER}, layer normalization is as accurate as BN, within {{points}} pp, {EACH}",
        "layer normalization and BN",
        partial(lead, "ln", "bn"),
        "nnn",
        ALIKE,
    ),
    "steps-raw": Headline(
        "steps",
        "Steps, raw over BN",
        f"On {{}}, {AT_SLOW}, the net on raw inputs needs more steps than BN to reach "
        "{threshold}",
        "raw inputs and BN",
        partial(steps, "raw"),
        "sss",
        TIMES,
    ),
    "steps-std": Headline(
        "steps",
        "Steps, standardized over BN",
        f"On {{}}, {AT_SLOW}, standardized inputs without BN need more steps than BN to "
        "reach {threshold}",
        "standardized inputs without BN, and BN",
        partial(steps, "std"),
        "nns",
        TIMES,
    ),
    "width-raw": Headline(
        "width",
        "Good rates, BN over raw",
        f"{AFTER}, BN does well over a wider range of rates than the net on raw inputs",
        "BN and raw inputs",
        partial(width, "raw"),
        "ssn",
        DECADES,
    ),
    "width-std": Headline(
        "width",
        "Good rates, BN over standardized",
        f"{AFTER}, BN does well over a wider range of rates than standardized inputs without BN",
        "BN and standardized inputs without BN",
        partial(width, "std"),
        "ssn",
        DECADES,
    ),
    "lag": Headline(
        "lag",
        "Cost of averages",
        f"{AFTER} at a constant rate of {LAG_RATE:g}, moving averages of momentum 0.99 cost BN "
        "accuracy against fresh statistics",
        "fresh statistics minus moving averages of momentum 0.99, one net",
        lag,
        "snn",
        AHEAD,
    ),
    "small": Headline(
        "small",
        "No BN over BN, batches of 2, 4",
        f"After {SMALL_EPOCHS} epochs of {{}} in batches of two and of four, BN is less accurate "
        "than the net without it, be it on raw or on standardized inputs",
        "raw and standardized inputs without BN, each minus BN",
        small,
        "sss",
        AHEAD,
    ),
}
WORDS = {"s": "supported", "n": "not supported"}


def id_of(name: str, data: str, by: str) -> str:
    """The name of the claim that asks a headline of a data set by a score."""
    return f"{data}-{name}" + ("-deployed" if by == DEPLOYED else "")


def _claim(name: str, data: str, by: str) -> Judged:
    """The claim that asks a headline of a data set by a score."""
    head, place = HEADLINES[name], DATA[data]
    span, level = seeds(data, head.part), f"{place.threshold:.0%}"
    judge = head.judge(data, by)
    settings = judge if isinstance(judge, Mapping) else None
    statement = head.statement.format(place.words, points=f"{place.points:g}", threshold=level)
    both = name == "lag"
    form = claim_form(
        "datasets",
        question="Does it hold on other data?",
        source="the ten headlines (docs/decisions/0009-ten-headlines.md), named before the runs",
        margin=place.points,
        seeds=f"{span[0]}-{span[-1]}",
        decided="interval",
        score="" if both else by,
        known="new" if name == "std-bn" else place.known,
        headline=name,
        expected=WORDS[head.expected[[*DATA].index(data)]],
    )
    return form(
        id_of(name, data, by),
        by=judge[0] if settings is None else {at: pair[0] for at, pair in judge.items()},
        ahead=judge[1] if settings is None else {at: pair[1] for at, pair in judge.items()},
        label=f"{place.title}: {head.label}" + (", deployed" if by == DEPLOYED else ""),
        statement=f"{statement}." if both else f"{statement}, {SCORES[by]}.",
        arms=head.arms,
        metric=METRICS[head.part].format(level),
        **head.form,
    )


# The averages cost something against fresh statistics: that has no second score.
FAMILIES = {
    (data, by): tuple(name for name in HEADLINES if by == FRESH or name != "lag")
    for data in DATA
    for by in SCORES
}
BY_NAME = {
    (data, by, name): _claim(name, data, by)
    for (data, by), names in FAMILIES.items()
    for name in names
}
CLAIMS = tuple(BY_NAME.values())
