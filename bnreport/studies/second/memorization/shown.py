"""The numbers, tables and figures of the page."""

from collections.abc import Callable, Iterator, Mapping

from bnreport.analysis.arms import Arm
from bnreport.analysis.cells import mean_of, means_of, values_of
from bnreport.analysis.charts import differences, panels
from bnreport.analysis.comparisons import Sample, runs_of
from bnreport.analysis.ends import FRESH
from bnreport.analysis.findings import reach
from bnreport.analysis.metrics import last
from bnreport.analysis.tuning import BESIDE
from bnreport.presentation import Curves, Dots, Table, Value
from bnreport.presentation.plots import Plot
from bnreport.records.collection import Records
from bnreport.studies.second.memorization import runs
from bnreport.studies.second.memorization.runs import EPOCHS, NETS, NETS_OF, named, rise

SHORT = {
    "printed": runs.PRINTED,
    "mates": runs.MATES,
    "fresh": runs.KNOWN[FRESH],
    "val": runs.VALIDATION,
}
# A seed below it learned little or diverged; a curve that went there would flatten all others.
FAILED = 75.0
WORDS = {"new": "new", "repeated": "repeated", "replayed": "repeated in the same order"}


def values(records: Records) -> dict[str, Value]:
    """Give what was set, and what no claim asks."""
    set_before = {
        "images": f"{runs.IMAGES:,}",
        "epochs": str(EPOCHS),
        "tuning": str(len(NETS[runs.SMALL].seeds)),
        **{f"rate.{arm.name}": f"{nets.rates[arm]:g}" for arm, nets in NETS_OF.items()},
    }
    levels = {
        f"{named(arm, order)}.{short}": runs.measures_of(arm)[measure](named(arm, order))
        for arm, order in runs.TRAINED
        for short, measure in SHORT.items()
        if measure in runs.measures_of(arm)
    }
    controls = [arm for arm in NETS_OF if arm is not runs.BN]
    gains = {f"{arm.name}.less": runs.surplus(arm, FRESH) for arm in controls}
    costs = {f"{arm.name}.cost": -rise(arm, runs.validated) for arm in controls}
    return (
        values_of("set before the runs that judge", set_before)
        | means_of(records, "accuracies in per cent, means over the seeds", levels, 2)
        | means_of(records, "repeated less new batches", gains, 2, signed=True, unit="pp")
        | means_of(records, "new less repeated batches", costs, 2, signed=True, unit="pp")
    )


def _accuracies(records: Records) -> Table:
    """Give every accuracy of every net in every kind of batch."""

    def cells(arm: Arm, order: str) -> Iterator[str]:
        measures = runs.measures_of(arm)
        for name in SHORT.values():
            taken = measures[name](named(arm, order)) if name in measures else None
            yield mean_of(taken(records), 2) if taken else "–"

    return Table(
        caption=f"Training and validation accuracy after {EPOCHS} epochs, %",
        head=("arm", "batches", *SHORT.values()),
        rows=tuple((arm.label, WORDS[order], *cells(arm, order)) for arm, order in runs.TRAINED),
        note="Means over the seeds. Training images: in the batches that the net trains in, over "
        "the last epoch, as Keras prints it; after the last step in other batches; and by fresh "
        "statistics. Validation by fresh statistics, too. Without BN batch and statistics make no "
        "difference.",
    )


def _beside(records: Records) -> Table:
    """Give what repeated batches add at the rates beside the chosen ones."""

    def gain(arm: Arm, step: int) -> str:
        rate, again = runs.beside(arm, step)
        trials = again, NETS_OF[arm].tried(arm, rate)
        repeated, new = (last(records.tuning(x), "accuracy") for x in trials)
        return mean_of(100 * (repeated - new), 2, signed=True)

    return Table.crossed(
        "Would another rate have turned it? What repeated batches add as printed, in points",
        "arm",
        {arm.label: arm for arm in NETS_OF},
        BESIDE,
        gain,
        f"Half a decade below the chosen rate, at it, and as far above. Means of "
        f"{len(NETS[runs.SMALL].seeds)} tuning seeds, not judged.",
    )


def _gain(records: Records) -> Curves:
    """Draw what repeated batches add to the printed accuracy, epoch by epoch."""
    axis = range(1, EPOCHS + 1)

    def by_epoch(trial: str) -> Sample:
        return 100 * runs_of(trial).history("accuracy")

    curves = [arm.curve(axis, rise(arm, by_epoch)(records)) for arm in NETS_OF]
    return Curves(
        title="Training accuracy with repeated batches, minus that with new ones",
        subtitle="Training accuracy as Keras prints it, repeated less new batches; 300-100 ReLU "
        f"net, rates that fall. Dashed: batches of {runs.LARGE}. Thin: {records.n_seeds} seeds; "
        "thick: mean",
        x_label="epoch",
        panels=panels({"": curves}, "difference, pp", level=(0.5, "margin")),
    )


def _measures(records: Records) -> Dots:
    """Draw what repeated batches add by each measure."""
    return differences(
        "What repeated batches add to the accuracy, by how it is measured",
        f"After {EPOCHS} epochs, repeated less new batches. A dot a seed (n = "
        f"{records.n_seeds}), mean, 95% interval",
        "difference, pp",
        (
            arm.row(rise(arm, measure)(records), f"{arm.short}: {name}")
            for arm in (runs.BN, runs.BN_LARGE, runs.STD, runs.STD_LARGE, runs.LN)
            for name, measure in runs.measures_of(arm).items()
        ),
    )


def _tuning(records: Records) -> Curves:
    shown = [
        panel
        for size, nets in NETS.items()
        for panel in nets.panels(
            records,
            {f"Batches of {size}": {arm: arm.short.split(",")[0] for arm in nets.rates}},
            floor=FAILED,
        )
    ]
    return Curves(
        title=reach(shown, FAILED, "On new batches BN still reaches", {"BN"}, "others"),
        subtitle="By fresh statistics. Three tuning seeds, thin, and their mean, thick. Left out: "
        f"rates at which a seed stayed below {FAILED:g}%",
        x_label="learning rate",
        x_scale="log",
        panels=tuple(shown),
    )


TABLES = {"accuracies": _accuracies, "beside": _beside}
PLOTS: Mapping[str, Callable[[Records], Plot]] = {
    "gain": _gain,
    "measures": _measures,
    "tuning": _tuning,
}
