"""The tables of the page."""

from collections.abc import Callable

from bnreport.arms import NAMES
from bnreport.formats import number
from bnreport.samples import last
from bnreport.studies.depth.runs import DEPTHS, GRID, RATES, TRAINABLE, name
from bnreport.studies.depth.values import LABELS
from bnreport.study import Records, Table


def all_tables(records: Records) -> dict[str, Table]:
    """The tables by name."""

    def accuracy(activation: str, of: str, depth: int) -> str:
        found = last(records.trial(name(activation, depth, of)), "val_accuracy")
        there = int((found > TRAINABLE).sum())
        mean = number(100 * float(found.mean()), 1)
        return mean if there == len(found) else f"{mean} ({there} of {len(found)})"

    return {
        "accuracies": _table(
            "Mean validation accuracy in %, by hidden layers",
            accuracy,
            f"In brackets how many seeds are above {TRAINABLE:.0%}, where not all are. Chance is "
            "10%. A dash: not trained.",
        ),
        "rates": _table(
            "The learning rate of each net, by hidden layers",
            _rate,
            f"The best of {', '.join(f'{rate:g}' for rate in GRID)} for one tuning seed. With a "
            "star: an end of this grid.",
        ),
    }


def _rate(activation: str, of: str, depth: int) -> str:
    rate = RATES[activation, of][depth]
    return f"{rate:g}" + ("*" if rate in {min(GRID), max(GRID)} else "")


def _table(caption: str, cell: Callable[[str, str, int], str], note: str) -> Table:
    return Table(
        caption,
        ("net", *(str(depth) for depth in DEPTHS)),
        tuple(
            (
                f"{LABELS[activation]}: {NAMES[of]}",
                *(cell(activation, of, depth) if depth in by else "–" for depth in DEPTHS),
            )
            for (activation, of), by in RATES.items()
        ),
        note=note,
    )
