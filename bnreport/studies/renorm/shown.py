"""The figures, tables and numbers of the page."""

from collections.abc import Callable, Mapping

import numpy as np

from bnreport.analysis.arms import Arm
from bnreport.analysis.cells import mean_of, means_of, values_of
from bnreport.analysis.charts import panels
from bnreport.analysis.comparisons import Sample, runs_of
from bnreport.analysis.ends import DEPLOYED, FRESH, ahead, ended
from bnreport.presentation import Curves, Dots, Table, Value
from bnreport.presentation.plots import Panel, Plot
from bnreport.records.collection import Records
from bnreport.studies.renorm.claims import lead
from bnreport.studies.renorm.runs import (
    ARMS,
    BESIDE,
    BN,
    EPOCHS,
    IMAGES,
    LARGE,
    LONG,
    MODE_IMAGES,
    PARTS,
    PICTURED,
    RENORM,
    SEEDS,
    SEEING,
    SETTINGS,
    SMALL,
    at,
    by_batch,
)

WORDS = {
    SMALL: "batches of 4",
    PARTS: "32 parts of 4",
    LARGE: "batches of 128",
    LONG: f"batches of 128, {SETTINGS[LONG]['epochs']} epochs",
}
# The same beside dots: how many images a layer sees together.
SHORT = {SMALL: "4", PARTS: "32 × 4", LARGE: "128"}
# A net below it has failed; how far would flatten all that did not.
SHELF = 80.0


def over_bn(arm: Arm, setting: str) -> Sample:
    """The points by which an arm is ahead of BN by fresh statistics, at the seeds of both."""
    first = min(len(SEEDS[setting][each]) for each in (arm, BN))
    return ahead(at(arm, setting), at(BN, setting), FRESH, first)


def _in_training_mode(arm: Arm, setting: str) -> Sample:
    return 100 * runs_of(at(arm, setting)).scored(f"mode_{by_batch(setting)}_val")[:, -1]


def _rates(setting: str) -> dict[float, float | None]:
    """The rates of a setting, rising, and how `at` is told of each: nothing of its own."""
    own = SETTINGS[setting]["learning_rate"]
    return {rate: None if rate == own else rate for rate in sorted((own, *BESIDE[setting]))}


def _span(records: Records, arm: Arm) -> str:
    """The least and the largest final accuracy of its seeds."""
    accuracies = ended(arm)(records)
    return f"{accuracies.min():.0f}% and {accuracies.max():.0f}%"


def values(records: Records) -> dict[str, Value]:
    """Give what was set, the accuracies of all nets, and what no claim judges."""
    few = len(PICTURED)
    by_arm = {
        f"{arm.name}.{setting}": at(arm, setting) for setting in SEEDS for arm in SEEDS[setting]
    }
    modes = {f"{arm.name}.{setting}": (arm, setting) for arm in SEEING for setting in SHORT}
    return {
        **values_of(
            "set before the runs",
            {
                "epochs": str(EPOCHS),
                "images": f"{IMAGES:,}",
                "long": str(SETTINGS[LONG]["epochs"]),
                "scored": f"{MODE_IMAGES:,}",
                **{f"steps.{size}": f"{EPOCHS * IMAGES // int(size):,}" for size in (LARGE, SMALL)},
                **{
                    f"rate.{setting}": f"{SETTINGS[setting]['learning_rate']:g}"
                    for setting in SEEDS
                },
            },
        ),
        **means_of(
            records,
            "accuracy in per cent by fresh statistics, mean",
            {name: ended(arm) for name, arm in by_arm.items()},
            1,
        ),
        **means_of(
            records,
            "accuracy in per cent in training mode, mean",
            {f"training.{name}": _in_training_mode(*where) for name, where in modes.items()},
            1,
        ),
        **means_of(
            records,
            "inference mode minus training mode of one net, mean",
            {f"mode.{name}": lead(*where) for name, where in modes.items()},
            2,
            signed=True,
            unit="pp",
        ),
        **means_of(
            records,
            "an arm minus BN by fresh statistics, mean; unjudged",
            {f"{arm.name}-bn.4": over_bn(arm, SMALL) for arm in ARMS if arm is not BN}
            | {"renorm-bn.long": over_bn(RENORM, LONG)},
            1,
            signed=True,
            unit="pp",
        ),
        **values_of(
            "batch renormalization in batches of 128 at a rate of 1, the least and the largest "
            "accuracy of six seeds, fresh statistics; unjudged",
            {"fast": _span(records, at(RENORM, LARGE, max(BESIDE[LARGE])))},
        ),
        **means_of(
            records,
            "batch renormalization minus BN at a rate, mean of six seeds; unjudged",
            {
                f"rate.{setting}.{rate:g}": ahead(
                    at(RENORM, setting, other), at(BN, setting, other), FRESH, few
                )
                for setting in BESIDE
                for rate, other in _rates(setting).items()
            },
            1,
            signed=True,
            unit="pp",
        ),
    }


def _leads(records: Records) -> Dots:
    return Dots(
        title="Ahead of BN, or behind it",
        subtitle="Accuracy minus that of BN in the same batches, of 4 or of 128 images; where "
        f"there are statistics, by fresh ones; {EPOCHS} epochs; a dot a seed",
        x_label="percentage points ahead of BN",
        rows=tuple(
            arm.row(over_bn(arm, setting)(records), f"{arm.label}, {SHORT[setting]}")
            for setting in (SMALL, LARGE)
            for arm in ARMS
            if arm is not BN
        ),
        nothing=0.0,
        decimals=2,
        narrow=True,
    )


def _modes(records: Records) -> Dots:
    return Dots(
        title="One net in two modes",
        subtitle="Accuracy in inference mode, by moving averages, minus that in training mode, in "
        "batches as large as those that trained: 4, 32 parts of 4, or 128; a dot a seed",
        x_label="percentage points that inference mode is ahead",
        rows=tuple(
            arm.row(lead(arm, setting)(records), f"{arm.label}, {SHORT[setting]}")
            for setting in SHORT
            for arm in SEEING
        ),
        nothing=0.0,
        decimals=2,
        narrow=True,
    )


def _rated(records: Records, setting: str) -> tuple[Panel, ...]:
    """Give the panel of a setting; only where a net fails there is a shelf."""
    rates = _rates(setting)
    curves = [
        arm.curve(
            [*rates],
            np.array(
                [
                    ended(at(arm, setting, other), FRESH, len(PICTURED))(records)
                    for other in rates.values()
                ]
            ).T,
        )
        for arm in SEEING
    ]
    fails = min(float(curve.y.min()) for curve in curves) < SHELF
    return panels(
        {WORDS[setting]: curves}, "validation accuracy, %", shelf=SHELF if fails else None
    )


def _leading(panel: Panel) -> int:
    """Count the rates at which batch renormalization has the higher mean."""
    bn, renorm = (np.mean(curve.y, axis=0) for curve in panel.series)
    return int((renorm > bn).sum())


def _by_rate(records: Records) -> Curves:
    drawn = tuple(panel for setting in BESIDE for panel in _rated(records, setting))
    large, small = drawn
    return Curves(
        title=f"In {small.title} renormalization leads BN at {_leading(small)} of "
        f"{len(small.series[0].x)} rates, {large.title.removeprefix('batches ')} at "
        f"{_leading(large) or 'none'}",
        subtitle="Six seeds, fresh statistics; the rate falls to zero. Judged are the middle ones. "
        f"Shaded: below {SHELF:g}%, squeezed",
        x_label="learning rate",
        x_scale="log",
        panels=drawn,
    )


def _all(records: Records) -> Table:
    def row(arm: Arm, setting: str) -> tuple[str, ...]:
        scores = (mean_of(ended(at(arm, setting), by)(records), 2) for by in (FRESH, DEPLOYED))
        training = mean_of(_in_training_mode(arm, setting)(records), 2) if arm in SEEING else ""
        seeds = len(SEEDS[setting][arm])
        return WORDS[setting], arm.label, *scores, training, str(seeds)

    return Table(
        "Every net: validation accuracy, %",
        ("batches", "net", "fresh", "averages", "in training mode", "seeds"),
        tuple(row(arm, setting) for setting in SEEDS for arm in SEEDS[setting]),
        note="Means over the seeds. A net without BN or batch renormalization has one score, which "
        "stands in both columns. In training mode: 2,048 images, in batches as large as those that "
        "trained.",
    )


TABLES = {"all": _all}
PLOTS: Mapping[str, Callable[[Records], Plot]] = {
    "leads": _leads,
    "modes": _modes,
    "rates": _by_rate,
}
