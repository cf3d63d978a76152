"""The numbers, tables and figures of the page on six ways to train."""

from collections.abc import Callable, Iterator, Mapping

from bnreport.analysis.cells import mean_of, means_of, values_of
from bnreport.analysis.charts import differences
from bnreport.analysis.ends import DEPLOYED, FRESH, SCORES, ahead, ended
from bnreport.presentation import Curves, Dots, Table, Value
from bnreport.presentation.plots import Panel, Plot, Row
from bnreport.records.collection import Records
from bnreport.studies.optimizers.ways import EPOCHS, IMAGES, STEPS
from bnreport.studies.ways.claims import PAIRS, margin_of
from bnreport.studies.ways.runs import (
    ARMS,
    BN,
    BOTH,
    FEW,
    LN,
    NETS,
    RAW,
    STD,
    TUNED,
    USUAL,
    WAYS,
)

SHORT = {RAW: "raw", STD: "std.", BN: "BN", BOTH: "std., BN", LN: "LN"}
# Every arm trains under these alone.
CONSTANT = tuple(way for way, terms in WAYS.items() if len(terms.rates) == len(USUAL))
# The way of the answer.
TOLD = "momentum"
# A seed below it learned little or diverged; a curve that went there would flatten all others.
FAILED = 75.0
SETTING = f"300-100 ReLU net, {EPOCHS} epochs of {IMAGES:,} images, tuned rates"


def values(records: Records) -> dict[str, Value]:
    """The numbers of the prose that no claim judges."""
    given = {
        "epochs": str(EPOCHS),
        "images": f"{IMAGES:,}",
        "steps": str(STEPS),
        "few": str(FEW),
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


def _rates(_: Records) -> Table:
    return Table.crossed(
        "The rates that the tuning runs chose",
        "optimizer, rate",
        {terms.title: terms for terms in WAYS.values()},
        {short: name for name, short in SHORT.items()},
        lambda terms, name: f"{terms.rates[name]:g}" if name in terms.rates else "–",
        "The full height of the rate, before it falls where it falls.",
    )


def _neighbours(records: Records) -> Table:
    tables = [
        NETS[way].neighbours(
            records,
            {
                f"{WAYS[way].title}: {SHORT[arm]} minus std.": (ARMS[way, arm], ARMS[way, STD])
                for at, arm in PAIRS
                if at == way
            },
            "Differences with both arms half a decade off their rates",
            "Percentage points by fresh statistics, means of three tuning seeds; unjudged. A large "
            "lead a step higher is a net without BN that no longer learns there.",
        )
        for way in CONSTANT
    ]
    first = tables[0]
    rows = tuple(row for table in tables for row in table.rows)
    return Table(first.caption, first.head, rows, first.note)


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

    return differences(
        title="BN minus raw pixels, and minus layer normalization",
        subtitle=f"{SETTING}, by fresh statistics. A dot a seed",
        x_label="percentage points by which BN is more accurate",
        rows=tuple(rows()),
    )


def _tuning(*ways: str) -> Callable[[Records], Curves]:
    def panel(records: Records, way: str) -> tuple[Panel, ...]:
        labels = {ARMS[way, name]: SHORT[name] for at, name in TUNED if at == way}
        return NETS[way].panels(records, {WAYS[way].title: labels}, floor=FAILED)

    return lambda records: Curves(
        title="Validation accuracy by learning rate: "
        + " and ".join(WAYS[way].title for way in ways),
        subtitle=f"Three tuning seeds, thin, and their mean, thick; {EPOCHS} epochs, fresh "
        f"statistics. Left out: rates at which a seed stayed below {FAILED:g}%",
        x_label="learning rate",
        x_scale="log",
        panels=tuple(each for way in ways for each in panel(records, way)),
    )


TABLES: Mapping[str, Callable[[Records], Table]] = {
    "accuracies": _accuracies,
    "rates": _rates,
    "neighbors": _neighbours,
}
PLOTS: Mapping[str, Callable[[Records], Plot]] = {
    "added": _added(FRESH),
    "added-deployed": _added(DEPLOYED),
    "instead": _instead,
    "others": _others,
    "tuning-constant": _tuning(*CONSTANT),
    "tuning-descent": _tuning("sgd", "momentum"),
    "tuning-adam": _tuning("adam", "adam-constant"),
}
