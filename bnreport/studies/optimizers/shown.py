"""The numbers, tables and figures of the page on optimizers."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial

from bnreport.analysis.arms import Arm
from bnreport.analysis.cells import mean_of, means_of, values_of
from bnreport.analysis.charts import differences, seed_row
from bnreport.analysis.findings import reach, spanned
from bnreport.analysis.metrics import Floats
from bnreport.analysis.range_views import range_panels
from bnreport.analysis.ranges import peak, width
from bnreport.analysis.tuning import TunedRecipes
from bnreport.presentation import Curves, Dots, Table, Value
from bnreport.presentation.plots import Panel, Row
from bnreport.records.collection import Records
from bnreport.studies.optimizers.claims import IN_SCORE, MARGIN
from bnreport.studies.optimizers.ways import (
    ARMS,
    BN,
    EPOCHS,
    FEW,
    IMAGES,
    LN,
    LOSS,
    MANY,
    NETS,
    RAW,
    STD,
    STEPS,
    SWEPT,
    SWEPT_WAY,
    WAYS,
    Way,
    good,
    lead,
    scored,
)

SHORT = {RAW: "raw", STD: "std.", BN: "BN", LN: "LN"}
# Where averages lag.
LAGGING = "adam-constant"
# A seed below it learned little or diverged; a curve that went there would flatten all others.
FAILED = 75.0
SETTING = f"300-100 ReLU net, {EPOCHS} epochs of {IMAGES:,} images, tuned rates"


def values(records: Records) -> dict[str, Value]:
    """The numbers of the prose that no claim judges."""
    given = {
        "epochs": str(EPOCHS),
        "images": f"{IMAGES:,}",
        "steps": str(STEPS),
        "deployed.chosen": f"{WAYS[LAGGING].rates[BN]:g}",
    }
    costs = {f"cost.{way}": 100 * (scored(way, BN) - scored(way, BN, "deployed")) for way in WAYS}
    leads = {
        f"{control}.{way}": lead(way, BN, control) for way in WAYS for control in (RAW, STD, LN)
    }
    return {
        **values_of("set before the runs", given),
        **means_of(records, "BN, fresh statistics less deployed; unjudged", costs, 2, unit="pp"),
        **means_of(records, "BN less this arm; unjudged", leads, 2, unit="pp", signed=True),
    }


def _accuracies(records: Records) -> Table:
    def cell(way: str, shown: tuple[str, str]) -> str:
        return mean_of(100 * scored(way, *shown)(records), 2)

    return Table.crossed(
        "Validation accuracy in per cent, each arm at its own rate",
        "optimizer, rate",
        {terms.title: way for way, terms in WAYS.items()},
        {
            "raw": (RAW, "fresh"),
            "std.": (STD, "fresh"),
            "LN": (LN, "fresh"),
            "BN, fresh": (BN, "fresh"),
            "BN, deployed": (BN, "deployed"),
        },
        cell,
        f"Means over {len(MANY)} seeds where a claim asks about the arm, and over {len(FEW)} "
        "elsewhere. Only BN has two scores.",
    )


def rates_table(ways: Mapping[str, Way], short: Mapping[str, str]) -> Table:
    """The rates that the tuning runs chose, by way and arm; a dash where an arm does not train."""
    return Table.crossed(
        "The rates that the tuning runs chose",
        "optimizer, rate",
        {terms.title: terms for terms in ways.values()},
        {label: name for name, label in short.items()},
        lambda terms, name: f"{terms.rates[name]:g}" if name in terms.rates else "–",
        "The full height of the rate, before it falls where it falls.",
    )


def neighbours_table(
    records: Records, nets: Iterable[tuple[TunedRecipes, Mapping[str, tuple[Arm, Arm]]]]
) -> Table:
    """The pairs of arms of each way, with both half a decade off their rates."""
    tables = [
        tuned.neighbours(
            records,
            pairs,
            "Differences with both arms half a decade off their rates",
            "Percentage points by fresh statistics, means of three tuning seeds; unjudged. A large "
            "lead a step higher is a net without BN that no longer learns there.",
        )
        for tuned, pairs in nets
    ]
    rows = tuple(row for table in tables for row in table.rows)
    return replace(tables[0], rows=rows)


def tuning_curves(
    records: Records,
    nets: Mapping[str, tuple[TunedRecipes, Mapping[Arm, str]]],
    finding: Callable[[Sequence[Panel]], str],
) -> Curves:
    """The accuracies of labelled arms at every rate that was tried, by the title of their way.

    Args:
        records: those with the tuning runs.
        nets: what is tuned, and which arms are shown by which names, by the title of their panel.
        finding: the title, of what is drawn.
    """
    panels = tuple(
        panel
        for title, (tuned, labels) in nets.items()
        for panel in tuned.panels(records, {title: labels}, floor=FAILED)
    )
    return Curves(
        title=finding(panels),
        subtitle=f"Three tuning seeds, thin, and their mean, thick; {EPOCHS} epochs, fresh "
        f"statistics. Left out: rates at which a seed stayed below {FAILED:g}%",
        x_label="learning rate",
        x_scale="log",
        panels=panels,
    )


def _neighbours(records: Records) -> Table:
    def pairs(way: str) -> dict[str, tuple[Arm, Arm]]:
        title = WAYS[way].title
        return {
            f"{title}: BN minus {SHORT[name]}": (ARMS[way, BN], ARMS[way, name])
            for name in (STD, LN, RAW)
        }

    return neighbours_table(records, ((nets, pairs(way)) for way, nets in NETS.items()))


def _tuned_widths(records: Records) -> Table:
    """The widths that the tuning runs have, under every way to train."""

    def by_rate(way: str, name: str) -> dict[float, Floats]:
        nets = NETS[way]
        return dict(zip(nets.grid, nets.accuracies(records, ARMS[way, name]), strict=True))

    def cell(way: str, name: str) -> str:
        floor = peak(by_rate(way, RAW)) - 100 * LOSS
        return mean_of(width(by_rate(way, name), floor), 2)

    return Table.crossed(
        "Decades of good rates in the tuning runs",
        "optimizer, rate",
        {terms.title: way for way, terms in WAYS.items()},
        {short: name for name, short in SHORT.items()},
        cell,
        f"Means of three tuning seeds; unjudged. Good: at most {100 * LOSS:g} pp below the best "
        "that the same seed reaches on raw pixels without BN.",
    )


def _leads(records: Records) -> Dots:
    def row(way: str, by: str) -> Row:
        colour = ARMS[way, BN].colour if by == "fresh" else "neutral"
        return seed_row(
            f"{WAYS[way].title}, {by}",
            colour,
            lead(way, BN, STD, by)(records),
            band=(-MARGIN, MARGIN),
        )

    return differences(
        title="BN minus standardized inputs",
        subtitle=f"{SETTING}. A dot a seed; shaded: half a point either way",
        x_label="percentage points by which BN is more accurate",
        rows=tuple(row(way, by) for way in WAYS for by in IN_SCORE),
    )


def _others(records: Records) -> Dots:
    return differences(
        title="BN minus raw pixels, and minus layer normalization",
        subtitle=f"{SETTING}. By fresh statistics; a dot a seed",
        x_label="percentage points by which BN is more accurate",
        rows=tuple(
            ARMS[way, name].row(
                lead(way, BN, name)(records), f"{WAYS[way].title}, over {SHORT[name]}"
            )
            for name in (RAW, LN)
            for way in WAYS
        ),
    )


def rates_of(nets: TunedRecipes, *arms: Arm) -> str:
    """The rates that tuning chose for these arms, in words."""
    return spanned(nets.rates[arm] for arm in arms)


def _chosen(_: Sequence[Panel]) -> str:
    """Say which rates were chosen without momentum and with it."""
    sgd, momentum = (
        rates_of(NETS[way], *(ARMS[way, name] for name in SHORT)) for way in ("sgd", "momentum")
    )
    return f"Tuning chose {sgd} under SGD, {momentum} with momentum"


def _learning(drawn: Sequence[Panel]) -> str:
    """Say up to which rates of a falling Adam nets learn with BN, and on raw pixels."""
    first, *_ = drawn
    subject = f"{first.title}: BN still reaches"
    return reach((first,), FAILED, subject, {SHORT[BN]}, "raw pixels", {SHORT[RAW]})


def _tuning(finding: Callable[[Sequence[Panel]], str], *ways: str) -> Callable[[Records], Curves]:
    nets = {
        WAYS[way].title: (NETS[way], {ARMS[way, name]: short for name, short in SHORT.items()})
        for way in ways
    }
    return partial(tuning_curves, nets=nets, finding=finding)


def _sweep(records: Records) -> Curves:
    arms = {ARMS[SWEPT_WAY, name]: name for name in SWEPT}
    return Curves(
        title="Under Adam: validation accuracy by learning rate",
        subtitle=f"The rate falls to zero; {EPOCHS} epochs, fresh statistics. Thin lines: "
        f"{len(FEW)} seeds; thick: mean. Shaded: below {FAILED:g}%, squeezed; diverged runs count "
        "as chance",
        x_label="learning rate",
        x_scale="log",
        panels=range_panels(
            records,
            {arm: good(name) for arm, name in arms.items()},
            {WAYS[SWEPT_WAY].title: {arm: SHORT[name] for arm, name in arms.items()}},
            shelf=FAILED,
        ),
    )


def _good(records: Records) -> Table:
    return Table.crossed(
        f"At how many of {len(FEW)} seeds a rate of Adam is good",
        "arm",
        {ARMS[SWEPT_WAY, name].label: good(name).good(records) for name in SWEPT},
        {f"{rate:g}": place for place, rate in enumerate(WAYS[SWEPT_WAY].grid)},
        lambda flags, place: str(flags[place].sum()),
        f"Good: at most {100 * LOSS:g} pp below what the same seed reaches on raw pixels without "
        "BN at the rate tuned for them; by fresh statistics, the rate falling to zero.",
    )


TABLES: Mapping[str, Callable[[Records], Table]] = {
    "accuracies": _accuracies,
    "rates": lambda _: rates_table(WAYS, SHORT),
    "neighbors": _neighbours,
    "widths": _tuned_widths,
    "good": _good,
}
PLOTS: Mapping[str, Callable[[Records], Dots | Curves]] = {
    "leads": _leads,
    "others": _others,
    "tuning-descent": _tuning(_chosen, "sgd", "momentum"),
    "tuning-adam": _tuning(_learning, "adam", "adam-constant"),
    "sweep": _sweep,
}
