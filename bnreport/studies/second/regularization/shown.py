"""The numbers, tables and figures of the page."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np

from bnreport.analysis.arms import Arm
from bnreport.analysis.cells import mean_of, reached, values_of
from bnreport.analysis.charts import differences, panels
from bnreport.analysis.comparisons import runs_of
from bnreport.analysis.ends import SCORES, ahead, arms_table, ranking
from bnreport.analysis.findings import reach
from bnreport.analysis.metrics import unjudged
from bnreport.presentation import Curves, Dots, Table, Value
from bnreport.records.collection import Records
from bnreport.studies.second.regularization.claims import ASKED, ENDS, PAIRS
from bnreport.studies.second.regularization.runs import (
    BATCH_SIZE,
    BN,
    FEW,
    GHOST_8,
    GHOST_32,
    LEVELS,
    MANY,
    MARKS,
    NETS,
    OWN,
    RATES,
    RAW,
    SEEDS,
    SHARED,
    SHARED_RATE,
    STD,
    STD_BN,
    STEPS,
    TOLD,
    ahead_on_the_way,
    matched,
    shared,
)

# A seed below it learned little or diverged; a curve that went there would flatten all others.
FAILED = 70.0
# The levels at which figures read the accuracy, falling, by images.
SHOWN = {FEW: (0.4, 0.3, 0.2, 0.15, 0.1, 0.07, 0.05), MANY: (0.4, 0.35, 0.3, 0.25, 0.2, 0.15, 0.1)}
CURVES = {
    FEW: {
        "With BN and without": (RAW, STD, BN, STD_BN),
        "Groups of a batch of 64": (BN, GHOST_32, GHOST_8),
    },
    MANY: {
        "With BN and without": (STD, BN, STD_BN),
        "Groups of a batch of 64": (BN, GHOST_8),
    },
}


def values(records: Records) -> dict[str, Value]:
    """Give what was set, and how the arms that no claim compares stand."""
    values = values_of(
        "set before the runs that judge",
        {
            "rate": f"{SHARED_RATE:g}",
            "steps": str(STEPS),
            "images": f"{FEW:,}",
            "more": f"{MANY:,}",
            "batch": str(BATCH_SIZE),
            "levels": TOLD[FEW],
            "levels.many": TOLD[MANY],
            **{f"rate.{arm.name}": f"{NETS.rates[own]:g}" for arm, own in OWN.items()},
        },
    )
    others = {
        "ghost-32": ahead_on_the_way(GHOST_32, BN),
        "std-bn-many": ahead_on_the_way(STD_BN, STD, MANY),
    }
    for name, judge in others.items():
        origin = "validation accuracy at the same training losses, fresh statistics"
        values |= unjudged(name, judge(records).interval, origin)
    fitted = [100 * runs_of(own).scored("end_fresh_train")[:, -1](records) for own in NETS.rates]
    values |= values_of(
        "accuracy on the training images after the last step, the lowest of the nets' means",
        {"fitted": mean_of(min(fitted, key=np.mean), 1)},
    )
    place = NETS.grid.index(RATES[STD])
    alike = [NETS.accuracies(records, OWN[arm])[place] for arm in (BN, STD)]
    values |= values_of(
        "BN minus standardized inputs in the end, both at the rate of standardized inputs, mean of "
        "the tuning seeds by fresh statistics",
        {"alike": mean_of(alike[0] - alike[1], 2, signed=True, unit="pp")},
    )
    spread = {by: reached(matched(GHOST_8, by=by)(records))[0] for by in SCORES}
    return values | values_of(
        "groups of 8 at the same losses, highest run less lowest, points of accuracy",
        {f"spread.{by}": mean_of(np.ptp(x), 1) for by, x in spread.items() if len(x)},
    )


def _steps(records: Records, arm: Arm, images: int) -> float:
    losses = runs_of(shared(arm, images)).measured("path_fresh_train_loss", lost=np.inf)(records)
    first = (losses <= min(LEVELS[images])).argmax(axis=1)
    return float(np.median(np.array(MARKS[images])[first]))


def _nets(records: Records) -> Table:
    def row(arm: Arm, images: int) -> tuple[str, ...]:
        scores = (reached(matched(arm, images, by)(records)) for by in SCORES)
        cells = (
            mean_of(accuracies, 2) + f" ({few})" * bool(few) if len(accuracies) else "never"
            for accuracies, few in scores
        )
        return (arm.label, f"{images:,}", *cells, f"{_steps(records, arm, images):,.0f}")

    return Table(
        "Validation accuracy at the same training losses",
        ("net", "images", "fresh, %", "deployed, %", "steps"),
        tuple(row(arm, images) for images, arms in SHARED.items() for arm in arms),
        note=f"Means over the seeds, and over {TOLD[FEW]} of {FEW:,} images and {TOLD[MANY]} of "
        f"{MANY:,}. In brackets: how many runs fell to the last one, where not all did. Deployed: "
        "loss and accuracy by moving averages. Steps: the median mark at which the fresh loss is "
        "first below the last of these.",
    )


def _fit(records: Records, images: int) -> Curves:
    def curve(arm: Arm, label: str) -> Any:
        by_level = {x: matched(arm, images, levels=(x,))(records) for x in SHOWN[images]}
        # A mean over fewer seeds than before would jump.
        whole = {x: y for x, y in by_level.items() if np.isfinite(y).all()}
        return arm.curve([*whole], np.array([*whole.values()]).T, label)

    def named(arm: Arm, title: str) -> str:
        return str(BATCH_SIZE) if arm is BN and title.startswith("Groups") else arm.short

    curves = {
        title: [curve(arm, named(arm, title)) for arm in arms]
        for title, arms in CURVES[images].items()
    }
    return Curves(
        title=f"Validation accuracy by training loss, {images:,} images",
        subtitle=f"Batches of {BATCH_SIZE}, constant rate {SHARED_RATE:g}, both by fresh "
        f"statistics. Thin: {len(SEEDS[images])} seeds; thick: mean, 95% interval",
        x_label="training loss, falling",
        x_scale="log",
        panels=panels(curves, "validation accuracy, %", longest_first=True),
    )


def _leads(records: Records) -> Dots:
    judges = {name: (pair[0], ahead_on_the_way(*pair)) for name, pair in PAIRS.items()}
    judges |= {
        name: (one, ahead(OWN[one], OWN[other]).contrast()) for name, (one, other) in ENDS.items()
    }
    return differences(
        "Who is more accurate at the same training loss, and in the end",
        f"Accuracy of the first net minus that of the second, by fresh statistics: where both fit "
        f"{FEW:,} or {MANY:,} training images alike, at rate {SHARED_RATE:g}; or in the end, each "
        "at its own rate",
        "percentage points of validation accuracy",
        (arm.row(judge(records), ASKED[name]["label"]) for name, (arm, judge) in judges.items()),
    )


def _ranking(records: Records) -> Dots:
    return ranking(
        records,
        NETS,
        f"Validation accuracy after {STEPS} steps, the highest mean first",
        f"300-100 ReLU net, {FEW:,} images, batches of {BATCH_SIZE}, tuned rates that fall to "
        "zero, by fresh statistics",
    )


def _beside(records: Records) -> Table:
    return NETS.neighbours(
        records,
        {ASKED[name]["label"]: (OWN[one], OWN[other]) for name, (one, other) in ENDS.items()},
        "Would another rate have turned it? Points at neighboring rates",
        "The first net minus the second, each half a decade below its rate, at it, and as far "
        f"above; means of {len(NETS.seeds)} tuning seeds by fresh statistics, not judged. Where a "
        "net no longer trains, the difference is large.",
    )


def _tuning(records: Records) -> Curves:
    with_bn = {arm: "64" if arm is BN else arm.short for arm in (BN, STD_BN, GHOST_8)}
    titles = {
        "Without BN": {OWN[arm]: arm.short for arm in (RAW, STD)},
        "With BN": {OWN[arm]: label for arm, label in with_bn.items()},
    }
    drawn = NETS.panels(records, titles, floor=FAILED)
    none, normalized = ({curve.label for curve in panel.series} for panel in drawn)
    subject = f"With {FEW:,} images BN still reaches"
    return Curves(
        title=reach(drawn, FAILED, subject, normalized, "others", none),
        subtitle="By fresh statistics. Three tuning seeds, thin, and their mean, thick. Left out: "
        f"rates at which a seed stayed below {FAILED:g}%",
        x_label="learning rate",
        x_scale="log",
        panels=drawn,
    )


TABLES: Mapping[str, Callable[[Records], Table]] = {
    "nets": _nets,
    "arms": lambda records: arms_table(records, NETS),
    "beside": _beside,
}
PLOTS: Mapping[str, Callable[[Records], Curves | Dots]] = {
    "leads": _leads,
    "fit": partial(_fit, images=FEW),
    "fit-many": partial(_fit, images=MANY),
    "ranking": _ranking,
    "tuning": _tuning,
}
