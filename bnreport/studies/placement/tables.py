"""The table of the page, and the numbers in its prose."""

from bnreport.formats import between, number
from bnreport.samples import accuracy, last
from bnreport.statistics import t_interval
from bnreport.studies.placement.plots import LABELS, TITLES
from bnreport.studies.placement.runs import (
    ACTIVATIONS,
    EPOCHS,
    GRID,
    PLACES,
    RATES,
    TUNING_EPOCHS,
    tuning,
)
from bnreport.study import SEEDS, TUNING_SEEDS, Records, Table, Value


def all_tables(records: Records) -> dict[str, Table]:
    """The tables by name."""
    return {"nets": _nets(records)}


def all_values(records: Records) -> dict[str, Value]:
    """The numbers of the prose by name: accuracies at the highest rate that was tried."""
    highest = max(GRID)

    def mean(activation: str, place: str) -> Value:
        found = last(records.tuning(tuning(f"{activation}-{place}", highest)), "val_accuracy")
        return Value(
            f"{number(100 * float(found.mean()), 1)}%",
            f"mean validation accuracy of {len(TUNING_SEEDS)} tuning seeds after {TUNING_EPOCHS} "
            f"epochs at rate {highest:g}; diverged runs count as chance",
        )

    return {
        f"highest.{activation}.{place}": mean(activation, place)
        for activation in ACTIVATIONS
        for place in PLACES
    } | {
        "highest": Value(f"{highest:g}", "the highest rate of the tuning grid"),
        "epochs": Value(str(EPOCHS), "set before the runs"),
    }


def _nets(records: Records) -> Table:
    def row(of: str) -> tuple[str, ...]:
        activation, kind = of.split("-", 1)
        test = t_interval(100 * accuracy(records.trial(of), "test", EPOCHS))
        return (
            f"{TITLES[activation]}: {LABELS[kind]}",
            f"{RATES[of]:g}",
            number(test.point, 2),
            between(test.low, test.high, 2),
        )

    return Table(
        "Every net with the rate that was chosen for it",
        ("net", "learning rate", "test accuracy, %", "95% interval"),
        tuple(row(of) for of in RATES),
        note=f"The rate with the highest mean validation accuracy of {len(TUNING_SEEDS)} tuning "
        f"seeds after {TUNING_EPOCHS} epochs. Test: the mean of {len(SEEDS)} other seeds after "
        f"{EPOCHS} epochs; its interval covers the seeds.",
    )
