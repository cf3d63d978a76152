"""The numbers, tables and figures of the page."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial

from bnreport.analysis.arms import Arm
from bnreport.analysis.cells import mean_of, values_of
from bnreport.analysis.charts import differences, seed_row
from bnreport.analysis.comparisons import Sample, ranked
from bnreport.analysis.ends import DEPLOYED
from bnreport.analysis.findings import reach
from bnreport.analysis.metrics import unjudged
from bnreport.analysis.tuning import fresh
from bnreport.presentation import Curves, Dots, Table, Value
from bnreport.presentation.plots import Plot, Row
from bnreport.records.collection import Records
from bnreport.statistics.intervals import t_interval
from bnreport.studies.second.factorial.changes import (
    CHANGES,
    accuracy,
    finely_tuned,
    loss,
    overlap,
)
from bnreport.studies.second.factorial.runs import (
    ACTIVATIONS,
    BATCH_SIZE,
    BETWEEN,
    CELLS,
    COLOURS,
    EPOCHS,
    HIDDEN,
    IMAGES,
    INPUTS,
    NETS,
    OWN,
    PLAIN,
    RATES,
    SEEDS,
    SHARED,
    SHARED_RATE,
    Combination,
    between,
    named,
)

WORDS = {
    "hidden-raw": "hidden BN, raw pixels",
    "hidden-std": "hidden BN, standardized",
    "hidden-bn": "hidden BN, input BN",
    "inputs": "standardized, no BN",
    "activation": "ReLU for LeakyReLU",
}
# A change has the colour of the nets that it leads to.
TINTS = {
    "hidden-raw": COLOURS["raw", "hidden"],
    "hidden-std": COLOURS["std", "hidden"],
    "hidden-bn": COLOURS["bn", "hidden"],
    "inputs": COLOURS["std", "plain"],
}
# A seed below it learned little or diverged; a curve that went there would flatten all others.
FAILED = 75.0
# The inputs beside which nets have finer rates, too.
BESIDE = {"hidden-std": "std", "hidden-bn": "bn"}
TOLD = {OWN: "each net at its own best rate", SHARED: f"all nets at rate {SHARED_RATE:g}"}
# What readers see of a measure: its name, unit, places and sign; a loss is to fall.
MEASURES: Mapping[str, tuple[Callable[..., Sample], int]] = {
    "validation accuracy, pp": (accuracy, 2),
    "training loss, nats": (loss, 3),
}


def values(records: Records) -> dict[str, Value]:
    """Give what was set, and the rates that tuning chose."""
    chosen = {
        hidden: sorted({NETS.rates[arm] for cell, arm in CELLS.items() if cell.hidden == hidden})
        for hidden in ("plain", "hidden")
    }
    given = {
        "images": f"{IMAGES:,}",
        "epochs": str(EPOCHS),
        "rate": f"{SHARED_RATE:g}",
        "tuning": str(len(NETS.seeds)),
        **{
            f"rates.{hidden}": " to ".join(
                f"{end:g}" for end in dict.fromkeys((rates[0], rates[-1]))
            )
            for hidden, rates in chosen.items()
        },
    }
    lost = sum(run.diverged for arm in CELLS.values() for run in records.trial(named(arm, SHARED)))
    return (
        values_of("set before the runs that judge", given)
        | values_of("runs at the shared rate, of all seeds and nets", {"diverged": str(lost)})
        | values_of(
            "what hidden BN adds to the accuracy on raw pixels beyond what it adds on standardized "
            f"inputs, {TOLD[SHARED]}, by fresh statistics; unjudged",
            {"overlap.shared": mean_of(overlap(which=SHARED)(records), 2, signed=True, unit="pp")},
        )
        | {
            name: value
            for inputs in BESIDE.values()
            for name, value in unjudged(
                f"finer.{inputs}",
                t_interval(finely_tuned(inputs)(records)),
                f"what hidden BN adds to {INPUTS[inputs]} where each net has its own rate and "
                "two a little above it, by fresh statistics",
            ).items()
        }
    )


def _rows(records: Records, which: str) -> Iterator[Row]:
    """Give a row for each change, and one more where nets have finer rates, too."""
    for name, change in CHANGES.items():
        colour, label = TINTS.get(name, "neutral"), WORDS[name]
        yield seed_row(label, colour, change.adds(which=which)(records))
        if which == OWN and name in BESIDE:
            gain = finely_tuned(BESIDE[name])
            yield seed_row(f"{label}, finer rates", colour, gain(records))


def _added(records: Records, which: str) -> Dots:
    return differences(
        f"What each change adds to the accuracy, {TOLD[which]}",
        f"Change of validation accuracy by fresh statistics after {EPOCHS} epochs at a falling "
        f"rate, averaged over the nets that differ in the rest. n = {len(SEEDS)} seeds; mean, 95% "
        "interval",
        "percentage points",
        _rows(records, which),
    )


def _effects(records: Records, measure: str) -> Table:
    take, digits = MEASURES[measure]
    every: dict[str, Callable[..., Sample]] = {
        WORDS[name]: change.adds for name, change in CHANGES.items()
    }
    every["raw minus standardized"] = overlap
    return Table.crossed(
        f"What each change does: {measure}",
        "change",
        every,
        {"own rates" if which == OWN else "one rate": which for which in RATES},
        lambda adds, which: mean_of(adds(take, which)(records), digits, signed=True, interval=True),
        "With the change minus without it, means with 95% intervals over the seeds, by fresh "
        "statistics; a loss should fall. The last row: what hidden BN does on raw pixels minus "
        "what it does on standardized inputs. Claims judge some of these cells, at levels of "
        "their own.",
    )


def _cells(records: Records) -> Table:
    accuracies = ranked(records, {arm: accuracy(named(arm, OWN)) for arm in CELLS.values()})
    return Table.by_column(
        "All twelve nets, the highest accuracy first",
        "net",
        {arm.label: arm for arm in accuracies},
        {
            "own rate": lambda arm: f"{NETS.rates[arm]:g}",
            "fresh, %": lambda arm: mean_of(accuracies[arm], 2),
            "deployed, %": lambda arm: mean_of(accuracy(named(arm, OWN), DEPLOYED)(records), 2),
            f"at {SHARED_RATE:g}, %": lambda arm: mean_of(accuracy(named(arm, SHARED))(records), 2),
            "loss, nats": lambda arm: mean_of(loss(named(arm, OWN))(records), 3),
        },
        f"Means of {len(SEEDS)} seeds. Validation accuracy at its own rate by both scores, and at "
        "the shared one by fresh statistics; training loss at its own rate by fresh statistics.",
    )


def _ranking(records: Records) -> Dots:
    accuracies = ranked(records, {arm: accuracy(named(arm, OWN)) for arm in CELLS.values()})
    return Dots(
        title="Validation accuracy of all twelve nets, the highest mean first",
        subtitle=f"300-100 nets, {IMAGES:,} images, batches of {BATCH_SIZE}, own rates that fall, "
        f"fresh statistics. A dot a seed (n = {len(SEEDS)}), mean, 95% interval",
        x_label="validation accuracy, %",
        rows=tuple(arm.row(values) for arm, values in accuracies.items()),
        decimals=2,
        narrow=True,
    )


def _tuning(records: Records) -> Curves:
    titles = {
        words: {arm: arm.short for cell, arm in CELLS.items() if cell.inputs == inputs}
        for inputs, words in INPUTS.items()
    }
    drawn = NETS.panels(records, titles, floor=FAILED)
    hidden = {arm.short for cell, arm in CELLS.items() if cell.hidden == "hidden"}
    return Curves(
        title=reach(drawn, FAILED, "Nets with hidden BN still reach", hidden, "others"),
        subtitle=f"By fresh statistics; the rate falls to zero. {len(NETS.seeds)} tuning seeds, "
        f"thin, and their mean, thick. Left out: rates with a seed below {FAILED:g}%",
        x_label="learning rate",
        x_scale="log",
        panels=drawn,
    )


def _beside(records: Records) -> Table:
    def pair(inputs: str, activation: str) -> tuple[Arm, Arm]:
        plain, hidden = (CELLS[Combination(inputs, activation, level)] for level in HIDDEN)
        return hidden, plain

    return NETS.neighbours(
        records,
        {
            f"{INPUTS[inputs]}, {words}": pair(inputs, activation)
            for inputs in INPUTS
            for activation, words in ACTIVATIONS.items()
        },
        "Would another rate have turned it? What hidden BN adds at neighboring rates, in points",
        "With hidden BN minus without it, each net half a decade below its rate, at it, and as far "
        f"above; means of {len(NETS.seeds)} tuning seeds by fresh statistics, not judged. Where a "
        "net no longer trains, the difference is large.",
    )


def _between(records: Records) -> Table:
    """Give the accuracies of nets without hidden BN at rates between two of the grid."""

    def cell(arm: Arm, rate: float) -> str:
        trial = NETS.tried(arm, rate) if rate in NETS.grid else between(arm, rate).trial.name
        return mean_of(fresh(records.tuning(trial)), 2)

    return Table.crossed(
        "Do finer rates help nets without hidden BN? Validation accuracy, %",
        "net",
        {arm.label: arm for arm in PLAIN},
        {f"{rate:g}": rate for rate in (SHARED_RATE, *BETWEEN, 1.0)},
        cell,
        f"Means of {len(NETS.seeds)} tuning seeds by fresh statistics, not judged; a run that "
        "diverged counts as chance. The first and the last rate are of the grid.",
    )


TABLES: Mapping[str, Callable[[Records], Table]] = {
    "between": _between,
    "effects": partial(_effects, measure="validation accuracy, pp"),
    "effects-loss": partial(_effects, measure="training loss, nats"),
    "cells": _cells,
    "beside": _beside,
}
PLOTS: Mapping[str, Callable[[Records], Plot]] = {
    "added": partial(_added, which=OWN),
    "added-shared": partial(_added, which=SHARED),
    "ranking": _ranking,
    "tuning": _tuning,
}
