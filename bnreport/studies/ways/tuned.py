"""The tables and figures of the rates of six ways to train: how they were chosen."""

from collections.abc import Callable, Mapping
from functools import partial

from bnreport.analysis.arms import Arm
from bnreport.presentation import Curves, Table
from bnreport.presentation.plots import Plot
from bnreport.records.collection import Records
from bnreport.studies.optimizers.shown import (
    neighbours_table,
    rates_of,
    rates_table,
    tuning_curves,
)
from bnreport.studies.ways.claims import PAIRS
from bnreport.studies.ways.runs import ARMS, BN, BOTH, LN, NETS, RAW, STD, TUNED, USUAL, WAYS

SHORT = {RAW: "raw", STD: "std.", BN: "BN", BOTH: "std., BN", LN: "LN"}
# Every arm trains under these alone.
CONSTANT = tuple(way for way, terms in WAYS.items() if len(terms.rates) == len(USUAL))


def _neighbours(records: Records) -> Table:
    def pairs(way: str) -> dict[str, tuple[Arm, Arm]]:
        return {
            f"{WAYS[way].title}: {SHORT[arm]} minus std.": (ARMS[way, arm], ARMS[way, STD])
            for at, arm in PAIRS
            if at == way
        }

    return neighbours_table(records, ((NETS[way], pairs(way)) for way in CONSTANT))


def _tuning(title: str, *ways: str) -> Callable[[Records], Curves]:
    """Draws what was tuned under some ways; the title has a place for the rates of each."""
    chosen = (
        rates_of(NETS[way], *(ARMS[at, name] for at, name in TUNED if at == way)) for way in ways
    )
    finding = title.format(*chosen)

    def labels(way: str) -> dict[Arm, str]:
        return {ARMS[way, name]: SHORT[name] for at, name in TUNED if at == way}

    nets = {WAYS[way].title: (NETS[way], labels(way)) for way in ways}
    return partial(tuning_curves, nets=nets, finding=lambda _: finding)


TUNING_TABLES: Mapping[str, Callable[[Records], Table]] = {
    "rates": lambda _: rates_table(WAYS, SHORT),
    "neighbors": _neighbours,
}
TUNING_PLOTS: Mapping[str, Callable[[Records], Plot]] = {
    "tuning-constant": _tuning("Tuning chose {} for constant SGD, {} with momentum", *CONSTANT),
    "tuning-descent": _tuning(
        "On standardized inputs tuning chose {} for BN, and {} with momentum",
        "sgd",
        "momentum",
    ),
    "tuning-adam": _tuning(
        "Tuning chose {} for a falling Adam, {} for a constant one",
        "adam",
        "adam-constant",
    ),
}
