"""The tables and figures of the rates of six ways to train: how they were chosen."""

from collections.abc import Callable, Mapping
from functools import partial

from bnreport.analysis.arms import Arm
from bnreport.presentation import Curves, Table
from bnreport.presentation.plots import Plot
from bnreport.records.collection import Records
from bnreport.studies.optimizers.shown import neighbours_table, rates_table, tuning_curves
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


def _tuning(*ways: str) -> Callable[[Records], Curves]:
    def labels(way: str) -> dict[Arm, str]:
        return {ARMS[way, name]: SHORT[name] for at, name in TUNED if at == way}

    return partial(tuning_curves, nets={WAYS[way].title: (NETS[way], labels(way)) for way in ways})


TUNING_TABLES: Mapping[str, Callable[[Records], Table]] = {
    "rates": lambda _: rates_table(WAYS, SHORT),
    "neighbors": _neighbours,
}
TUNING_PLOTS: Mapping[str, Callable[[Records], Plot]] = {
    "tuning-constant": _tuning(*CONSTANT),
    "tuning-descent": _tuning("sgd", "momentum"),
    "tuning-adam": _tuning("adam", "adam-constant"),
}
