"""The numbers, tables and figures of the page."""

import math
from collections.abc import Callable, Mapping
from functools import partial

from bnreport.analysis.arms import Arm
from bnreport.analysis.cells import arrivals, mean_of, values_of
from bnreport.analysis.charts import panels
from bnreport.analysis.comparisons import runs_of
from bnreport.analysis.display import judgement
from bnreport.analysis.judge import judge
from bnreport.analysis.verdicts import Verdict
from bnreport.presentation.formats import number
from bnreport.presentation.plots import Curves, Matrix, Panel, Plot, Series, Tile
from bnreport.presentation.tables import Table, Value
from bnreport.protocol.claims import Claim
from bnreport.records.collection import Records
from bnreport.studies.datasets.claims import BY_NAME, FAMILIES, HEADLINES
from bnreport.studies.datasets.runs import (
    ARMS,
    BN,
    DATA,
    DEPLOYED,
    EPOCHS,
    FRESH,
    LN,
    MARKS,
    RATES,
    RAW,
    SCORES,
    SLOW_RATE,
    SMALL,
    STD,
    STD_BN,
    SWEPT,
    TUNED,
    best,
    good,
    named,
    scored,
    sweep,
)

# What a page calls a verdict on a headline.
OUTCOMES = {"supported": "holds", "not supported": "fails", "undecided": "open"}
TONES = {"holds": "bn", "fails": "raw", "turns": "raw", "open": "neutral"}
UNITS = {"pp": " pp", "x": " ×", "decades": ""}
ROWS = {
    "bn-raw": "BN beats raw inputs",
    "bn-std": "BN ties with standardized inputs",
    "std-bn": "standardized inputs tie with BN and without",
    "ln": "layer normalization ties with BN",
    "steps-raw": "raw inputs need more steps than BN",
    "steps-std": "standardized inputs need more steps",
    "width-raw": "decades of good rates: BN over raw",
    "width-std": "decades of good rates: BN over std.",
    "lag": "BN's moving averages cost accuracy",
    "small": "batches of 2 and 4 hurt BN",
}
PAIRS = {"bn-raw": (BN, RAW), "bn-std": (BN, STD), "std-bn": (STD_BN, STD), "ln": (LN, BN)}
# Points: how badly a rate fails hardly matters.
SHELF = -12.0


def verdicts(records: Records, by: str) -> dict[tuple[str, str], Verdict]:
    """The verdicts by data set and headline, each data set a family of its own."""
    judged: dict[tuple[str, str], Verdict] = {}
    for data in DATA:
        family = {name: BY_NAME[data, by, name] for name in FAMILIES[data, by]}
        estimates = {each.claim.id: each.by(records) for each in family.values()}
        words = judge([each.claim for each in family.values()], estimates, records.profile)
        judged |= {(data, name): words[each.claim.id] for name, each in family.items()}
    return judged


def outcome(verdict: Verdict) -> str:
    """Say in a word what became of a headline: it turns where the interval lies beyond nothing."""
    shown = judgement(verdict)
    return "turns" if shown.qualifier == "reversed" else OUTCOMES.get(shown.word, shown.word)


def effect(claim: Claim, value: float) -> str:
    """An effect in the few characters that a tile has room for."""
    size = math.exp(value) if claim.scale == "ratio" else value
    return number(size, 1, signed=claim.scale == "linear") + UNITS[claim.unit]


def _tile(verdict: Verdict | None) -> Tile | None:
    if verdict is None or verdict.effect is None:
        return None
    word = outcome(verdict)
    return Tile(f"{word}, {effect(verdict.claim, verdict.effect)}", TONES[word])  # type: ignore[arg-type]


def matrix(records: Records, by: str = FRESH) -> Matrix:
    """Show what became of each headline on each data set."""
    judged = verdicts(records, by)
    shown = [name for name in HEADLINES if any((data, name) in judged for data in DATA)]
    return Matrix(
        title="Ten headlines on three data sets",
        subtitle=f"300-100 ReLU net, 4,000 training images each, {SCORES[by]}. Of several settings "
        "the one that is hardest to support",
        columns=tuple(terms.title for terms in DATA.values()),
        rows=tuple(
            (ROWS[name], tuple(_tile(judged.get((data, name))) for data in DATA)) for name in shown
        ),
    )


def _deployed(records: Records) -> Matrix:
    return matrix(records, DEPLOYED)


def values(records: Records) -> dict[str, Value]:
    """Count how many headlines hold, fail, turn or stay open, and which: "holds.mnist-1d" say.

    "holds.mnist-1d.deployed" is by the other score, "holds.mnist-1d.names" says which, and
    "everywhere" how many hold on all three data sets.
    """
    shown: dict[str, str] = {}
    for by, end in ((FRESH, ""), (DEPLOYED, f".{DEPLOYED}")):
        words = {key: outcome(verdict) for key, verdict in verdicts(records, by).items()}
        for data in DATA:
            for word in TONES:
                names = [name for name in FAMILIES[data, by] if words[data, name] == word]
                shown[f"{word}.{data}{end}"] = str(len(names))
                listed = "; ".join(ROWS[name] for name in names) or "none"
                shown[f"{word}.{data}{end}.names"] = listed
        held = [
            name
            for name in FAMILIES["mnist-1d", by]
            if {words[data, name] for data in DATA} == {"holds"}
        ]
        shown[f"everywhere{end}"] = str(len(held))
        shown[f"everywhere{end}.names"] = "; ".join(ROWS[name] for name in held) or "none"
    given = {"epochs": str(EPOCHS), "rates": str(len(RATES)), "slow": f"{SLOW_RATE:g}"}
    given |= {f"points.{data}": f"{terms.points:g}" for data, terms in DATA.items()}
    given |= {f"threshold.{data}": f"{terms.threshold:.0%}" for data, terms in DATA.items()}
    reached = {
        f"best.{data}.{arm.name}": mean_of(best(data, arm.name, FRESH)(records), 1)
        for data in DATA
        for arm in ARMS
    }
    return (
        values_of("counted from the verdicts on this page", shown)
        | values_of("set before the runs", given)
        | values_of("mean accuracy at the best rate in %, by fresh statistics", reached)
    )


def _accuracies(records: Records) -> Table:
    def cell(arm: str, data: str) -> str:
        return mean_of(best(data, arm, FRESH)(records), 1, interval=True)

    return Table.crossed(
        "Validation accuracy in %, each arm at its best rate",
        "arm",
        {arm.label: arm.name for arm in ARMS},
        {terms.title: data for data, terms in DATA.items()},
        cell,
        f"After {EPOCHS} epochs of 4,000 images, the rate falling to zero; by fresh statistics. "
        "Means with 95% intervals over the seeds.",
    )


def _tuned(records: Records) -> Table:
    def cell(key: tuple[str, Arm], rate: float) -> str:
        data, arm = key
        mean = mean_of(TUNED[data].accuracies(records, arm)[RATES.index(rate)], 1)
        return f"{mean} *" if rate == TUNED[data].rates[arm] else mean

    return Table.crossed(
        "Mean accuracy of three tuning seeds in %, by learning rate",
        "arm",
        {
            f"{terms.title}, {arm.label}": (data, arm)
            for data, terms in DATA.items()
            for arm in ARMS
        },
        {f"{rate:g}": rate for rate in RATES},
        cell,
        "A star marks the rate that was chosen: the smallest whose mean lies within a standard "
        "error of the best. A diverged run counts as chance.",
    )


def _beside(data: str, records: Records) -> Table:
    return TUNED[data].neighbours(
        records,
        {HEADLINES[name].label: pair for name, pair in PAIRS.items()},
        f"{DATA[data].title}: both arms a rate higher or lower, in points",
        "Means of three tuning seeds, by fresh statistics; no claim judges them.",
    )


def _arrivals(records: Records) -> Table:
    return Table(
        f"Steps to an accuracy, at a constant rate of {SLOW_RATE:g}",
        ("data", "accuracy", "arm", "median steps", "runs that reached it"),
        tuple(
            (
                terms.title,
                f"{terms.threshold:.0%}",
                arm.label,
                *arrivals(
                    runs_of(named(data, arm.name, "slow")).steps_until(
                        f"path_{FRESH}_val", terms.threshold
                    )(records)
                ),
            )
            for data, terms in DATA.items()
            for arm in SWEPT
        ),
        note="By fresh statistics, on 1,000 validation images.",
    )


def _small(records: Records) -> Table:
    def cell(key: tuple[str, int], arm: str) -> str:
        data, size = key
        return mean_of(scored(data, arm, f"batch-{size}", FRESH)(records), 1)

    return Table.crossed(
        "Validation accuracy in %, small batches",
        "data, images in a batch",
        {f"{terms.title}, {size}": (data, size) for data, terms in DATA.items() for size in SMALL},
        {arm.label: arm.name for arm in SWEPT},
        cell,
        "Means over the seeds, by fresh statistics.",
    )


def _sweeps(records: Records) -> Curves:
    def curves(data: str) -> list[Series]:
        floor = good(data, "bn", FRESH).floor(records)
        return [
            arm.curve(RATES, sweep(data, arm.name, FRESH).curves(records) - floor[:, None])
            for arm in SWEPT
        ]

    by_title = {terms.title: curves(data) for data, terms in DATA.items()}
    return Curves(
        title="Accuracy by learning rate, beside what is good",
        subtitle=f"{EPOCHS} epochs of 4,000 images, the rate falling to zero; BN by fresh "
        "statistics. Thin lines: 12 seeds; thick: mean. Shaded: squeezed; diverged runs count as "
        "chance",
        x_label="learning rate",
        x_scale="log",
        panels=panels(by_title, "points above what is good", level=(0.0, "good from"), shelf=SHELF),
    )


def _paths(records: Records) -> Curves:
    def panel(data: str) -> Panel:
        scores = {
            arm: runs_of(named(data, arm.name, "slow")).scored(f"path_{FRESH}_val") for arm in SWEPT
        }
        curves = [arm.curve(MARKS, (100 * score)(records)) for arm, score in scores.items()]
        level = (100 * DATA[data].threshold, "threshold")
        (drawn,) = panels({DATA[data].title: curves}, "validation accuracy, %", level=level)
        return drawn

    return Curves(
        title="Validation accuracy by step",
        subtitle=f"Constant rate of {SLOW_RATE:g}, batches of 32; BN by fresh statistics. Thin "
        "lines: seeds; thick: mean",
        x_label="step",
        x_scale="log",
        panels=tuple(map(panel, DATA)),
    )


TABLES: dict[str, Callable[[Records], Table]] = {
    "accuracies": _accuracies,
    "tuned": _tuned,
    "arrivals": _arrivals,
    "small": _small,
}
TABLES |= {f"beside-{data}": partial(_beside, data) for data in DATA}
PLOTS: Mapping[str, Callable[[Records], Plot]] = {
    "headlines": matrix,
    "deployed": _deployed,
    "sweeps": _sweeps,
    "paths": _paths,
}
