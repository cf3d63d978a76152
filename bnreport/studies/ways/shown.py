"""The numbers, tables and figures of the page on six ways to train."""

from collections.abc import Callable, Iterator, Mapping

from bnreport.analysis.cells import mean_of, means_of, values_of
from bnreport.analysis.charts import differences
from bnreport.analysis.ends import DEPLOYED, FRESH, SCORES, ahead, ended
from bnreport.presentation import Dots, Table, Value
from bnreport.presentation.plots import Plot, Row
from bnreport.records.collection import Records
from bnreport.studies.optimizers.shown import SETTING
from bnreport.studies.optimizers.ways import EPOCHS, IMAGES, STEPS
from bnreport.studies.ways.claims import margin_of
from bnreport.studies.ways.runs import ARMS, BN, BOTH, FEW, LN, RAW, STD, WAYS
from bnreport.studies.ways.tuned import CONSTANT, SHORT, TUNING_PLOTS, TUNING_TABLES

# The way of the answer.
TOLD = "momentum"


def values(records: Records) -> dict[str, Value]:
    """The numbers of the prose that no claim judges."""
    given = {
        "epochs": str(EPOCHS),
        "images": f"{IMAGES:,}",
        "steps": str(STEPS),
        "few": str(FEW),
        "rate.bn.sgd-constant": f"{WAYS['sgd-constant'].rates[BN]:g}",
    }
    with_bn = [(way, name) for way, name in ARMS if name in (BN, BOTH)]
    costs = {
        f"cost.{name}.{way}": ended(ARMS[way, name]) - ended(ARMS[way, name], DEPLOYED)
        for way, name in with_bn
    }
    leads = {
        f"bn.{name}.{way}": ahead(ARMS[way, BN], ARMS[way, name], first=FEW)
        for way in CONSTANT
        for name in (RAW, LN)
    }
    # The answer tells the first of these ways, and between which numbers the others lie.
    others = sorted(
        (ahead(ARMS[way, BOTH], ARMS[way, STD]) for way in WAYS if way != TOLD),
        key=lambda lead: float(lead(records).mean()),
    )
    between = {"others.least": others[0], "others.most": others[-1]}
    return {
        **values_of("set before the runs", given),
        **means_of(records, "BN less none; unjudged", between, 2, unit="pp", signed=True),
        **means_of(records, "fresh statistics less deployed; unjudged", costs, 2, unit="pp"),
        **means_of(records, "BN less this arm; unjudged", leads, 2, unit="pp", signed=True),
    }


def _accuracies(records: Records) -> Table:
    def cell(way: str, shown: tuple[str, str]) -> str:
        name, by = shown
        return mean_of(ended(ARMS[way, name], by)(records), 2) if (way, name) in ARMS else "–"

    return Table.crossed(
        "Validation accuracy in per cent, each arm at its own rate",
        "optimizer, rate",
        {terms.title: way for way, terms in WAYS.items()},
        {
            **{SHORT[name]: (name, FRESH) for name in (RAW, STD, LN)},
            **{
                f"{SHORT[name]}, {by}": (name, by)
                for name in (BN, BOTH)
                for by in (FRESH, DEPLOYED)
            },
        },
        cell,
        f"Means over {FEW} seeds for raw pixels and LN, and elsewhere over the claims' seeds. Only "
        "nets with BN have two scores. A dash: trained in the study of optimizers.",
    )


def _row(records: Records, way: str, arm: str, by: str, label: str) -> Row:
    lead, margin = ahead(ARMS[way, arm], ARMS[way, STD], by)(records), margin_of(way, arm, by)
    return ARMS[way, arm].row(lead, label, band=(-margin, margin))


def _added(by: str) -> Callable[[Records], Dots]:
    """Draws what BN adds to standardized inputs under every way, by a score."""
    return lambda records: differences(
        title="Standardized inputs with BN, minus without",
        subtitle=f"{SETTING}, {SCORES[by]}. A dot a seed; shaded: the margin of the claim",
        x_label="percentage points by which the net with BN is more accurate",
        rows=tuple(_row(records, way, BOTH, by, WAYS[way].title) for way in WAYS),
    )


def _instead(records: Records) -> Dots:
    return differences(
        title="BN on raw pixels, minus standardized inputs",
        subtitle=f"{SETTING}. A dot a seed; shaded: the margin of the claim",
        x_label="percentage points by which BN is more accurate",
        rows=tuple(
            _row(records, way, BN, by, f"{WAYS[way].title}, {by}")
            for way in CONSTANT
            for by in SCORES
        ),
    )


def _others(records: Records) -> Dots:
    def rows() -> Iterator[Row]:
        for way in CONSTANT:
            for name in (RAW, LN):
                lead = ahead(ARMS[way, BN], ARMS[way, name], first=FEW)(records)
                yield ARMS[way, name].row(lead, f"{WAYS[way].title}, over {SHORT[name]}")

    shown = tuple(rows())
    least, most = (pick(row.point for row in shown) for pick in (min, max))
    if least > 0:
        leads = f"leads raw pixels and LN by {least:.1f} to {most:.1f} points"
    else:
        leads = "does not lead raw pixels and LN throughout"
    return differences(
        title=f"At constant rates BN {leads}",
        subtitle=f"{SETTING}, by fresh statistics. A dot a seed",
        x_label="percentage points by which BN is more accurate",
        rows=shown,
    )


TABLES: Mapping[str, Callable[[Records], Table]] = {
    "accuracies": _accuracies,
    **TUNING_TABLES,
}
PLOTS: Mapping[str, Callable[[Records], Plot]] = {
    "added": _added(FRESH),
    "added-deployed": _added(DEPLOYED),
    "instead": _instead,
    "others": _others,
    **TUNING_PLOTS,
}
