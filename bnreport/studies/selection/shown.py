"""The numbers, tables and figures of the page on rates for deployed nets."""

from collections.abc import Callable, Mapping

from bnreport.analysis.cells import mean_of, means_of, values_of
from bnreport.analysis.charts import differences
from bnreport.analysis.ends import DEPLOYED, FRESH, ahead, ended
from bnreport.analysis.recipes import final
from bnreport.presentation import Dots, Table, Value
from bnreport.presentation.plots import Plot
from bnreport.records.collection import Records
from bnreport.studies.optimizers.ways import EPOCHS, IMAGES
from bnreport.studies.selection.runs import (
    BY_DEPLOYED,
    BY_FRESH,
    CONTROL,
    DIFFERING,
    EARLIER,
    NETS,
    SUITED,
    TITLES,
)


def values(records: Records) -> dict[str, Value]:
    """The numbers of the prose that no claim judges."""
    given = {
        "epochs": str(EPOCHS),
        "images": f"{IMAGES:,}",
        **{f"fresh.{way}": f"{rate:g}" for way, rate in BY_FRESH.items()},
        **{f"deployed.{way}": f"{rate:g}" for way, rate in BY_DEPLOYED.items()},
    }
    costs = {
        f"cost.{chosen}.{way}": ended(arms[way]) - ended(arms[way], DEPLOYED)
        for chosen, arms in (("deployed", SUITED), ("fresh", EARLIER))
        for way in DIFFERING
    }
    return {
        **values_of("set before the runs", given),
        **means_of(records, "fresh statistics less deployed; unjudged", costs, 2, unit="pp"),
    }


def _gains(records: Records) -> Dots:
    return differences(
        title="The rate that deployed nets choose, minus that of fresh statistics",
        subtitle=f"300-100 ReLU net with BN on raw pixels, {EPOCHS} epochs of {IMAGES:,} images at "
        "a constant rate. A dot a seed",
        x_label="percentage points by which it is more accurate",
        rows=tuple(
            SUITED[way].row(ahead(SUITED[way], EARLIER[way], by)(records), f"{TITLES[way]}, {by}")
            for way in reversed(DIFFERING)
            for by in (DEPLOYED, FRESH)
        ),
    )


def _ties(records: Records) -> Dots:
    return differences(
        title="Standardized inputs, minus BN as deployed",
        subtitle="300-100 ReLU nets after a constant rate; with BN on raw pixels, at the rate that "
        "either score chooses. A dot a seed",
        x_label="percentage points by which standardized inputs are more accurate",
        rows=tuple(
            arms[way].row(
                ahead(CONTROL[way], arms[way], DEPLOYED)(records),
                f"{TITLES[way]}, {chosen} chose",
            )
            for way in reversed(DIFFERING)
            for chosen, arms in ((DEPLOYED, SUITED), (FRESH, EARLIER))
        ),
    )


def _tuning(records: Records) -> Table:
    """The accuracies of the tuning runs, by both scores."""

    def cell(row: tuple[str, float], by: str) -> str:
        way, rate = row
        runs = records.tuning(NETS[way].tried(SUITED[way], rate))
        return mean_of(100 * final(runs, by), 2)

    return Table.crossed(
        "Validation accuracy of the tuning runs in per cent, by both scores",
        "optimizer, rate",
        {f"{TITLES[w]}, {rate:g}": (w, rate) for w in TITLES for rate in NETS[w].grid},
        {"by fresh statistics": FRESH, "as deployed": DEPLOYED},
        cell,
        "BN on raw pixels, means of three tuning seeds, which take no part in any verdict.",
    )


TABLES: Mapping[str, Callable[[Records], Table]] = {"tuning": _tuning}
PLOTS: Mapping[str, Callable[[Records], Plot]] = {"gains": _gains, "ties": _ties}
