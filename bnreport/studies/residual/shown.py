"""The numbers and tables of the page."""

from collections.abc import Callable

import numpy as np

from bnreport.analysis.arms import Arm
from bnreport.analysis.cells import mean_of, means_of, values_of
from bnreport.analysis.metrics import Floats
from bnreport.analysis.ranges import peak, width
from bnreport.presentation.tables import Table, Value
from bnreport.records.collection import Records
from bnreport.studies.residual.claims import DEPLOYED, lead
from bnreport.studies.residual.drawn import ORDER, OTHERS, times
from bnreport.studies.residual.runs import (
    BN,
    EPOCHS,
    FIXUP,
    GN_1,
    GN_4,
    IMAGES,
    LOOKS,
    NETS,
    NONE,
    PLAIN_BN,
    PLAIN_NONE,
    RATES,
    RAW_BN,
    SEEDS,
    STEPS,
    TRAINED,
    ZERO,
    scored,
)

# A rate is good if it costs a seed at most so many points of what its best rate reaches.
LOSS = 2.0


def trained(accuracies: Floats) -> str:
    """Count the runs that train, of how many."""
    return f"{(accuracies > TRAINED).sum()} of {len(accuracies)}"


def _by_rate(records: Records, arm: Arm) -> dict[float, Floats]:
    return dict(zip(NETS.grid, NETS.accuracies(records, arm), strict=True))


def good_width(records: Records, arm: Arm) -> Floats:
    """The decades of rates near an arm's best, (tuning seeds,)."""
    by_rate = _by_rate(records, arm)
    return width(by_rate, peak(by_rate) - LOSS)


def _tied(records: Records, arm: Arm) -> float:
    """The points by which the highest mean of the tuning runs passes that at the chosen rate."""
    accuracies, chosen = NETS.accuracies(records, arm), NETS.best(records, arm)
    return float(accuracies.mean(axis=1).max() - chosen.mean())


def values(records: Records) -> dict[str, Value]:
    """The numbers of the prose that no claim judges."""
    given = {"epochs": str(EPOCHS), "images": f"{IMAGES:,}", "steps": str(STEPS)}
    ties = {f"tie.{arm.name}": mean_of([_tied(records, arm)], 1) for arm in (GN_4, NONE)}
    counted = {
        f"trained.{arm.name}": trained(scored(arm)(records)) for arm in (PLAIN_BN, PLAIN_NONE)
    }
    pairs = {"none": lead(BN, NONE), "plain": lead(PLAIN_BN, PLAIN_NONE)}
    for name, leads in pairs.items():
        points = leads(records)
        counted[f"ahead.{name}"] = f"{(points > 0).sum()} of {len(points)}"
        counted[f"median.{name}"] = mean_of([np.median(points)], 1)
    lost = scored(FIXUP).lost(records)
    since = f"median, since {lost} of {len(SEEDS)} runs diverged"
    counted["typical.fixup"] = since if lost else "mean"
    return {
        **values_of("set before the runs", given),
        **values_of("highest mean of three tuning runs minus that at the chosen rate", ties),
        **values_of("counted over the judged runs; unjudged", counted),
        **means_of(
            records,
            "fresh statistics less deployed; unjudged",
            {f"cost.{arm.name}": scored(arm) - scored(arm, DEPLOYED) for arm in (BN, PLAIN_BN)},
            2,
            unit="pp",
        ),
        **means_of(
            records,
            "difference of accuracies by fresh statistics; unjudged, with its 95% interval",
            {"lead.gn-1": lead(BN, GN_1), "lead.unnormalized": lead(NONE, PLAIN_NONE)},
            2,
            unit="pp",
            signed=True,
            interval=True,
        ),
        **means_of(
            records,
            "norm of the gradient before training over that with BN, geometric mean over blocks",
            {
                "times.none": times(NONE, BN, LOOKS[0]),
                "times.plain": times(PLAIN_NONE, PLAIN_BN, LOOKS[0]),
            },
            2,
            log=True,
        ),
    }


def _accuracies(records: Records) -> Table:
    return Table.by_column(
        "Each arm at its own rate",
        "arm",
        {arm.label: arm for arm in ORDER},
        {
            "rate": lambda arm: f"{RATES[arm]:g}",
            "runs that train": lambda arm: trained(scored(arm)(records)),
            "fresh": lambda arm: mean_of(scored(arm)(records), 2, interval=True),
            "deployed": lambda arm: mean_of(scored(arm, DEPLOYED)(records), 2),
        },
        f"Validation accuracy in per cent, means over {len(SEEDS)} seeds with 95% intervals. A run "
        f"trains if it ends above {TRAINED:g}%. Nets without BN have one score.",
    )


def _rates(records: Records) -> Table:
    def cell(arm: Arm, rate: float) -> str:
        numbers = _by_rate(records, arm)[rate]
        shown = mean_of(numbers, 1) if (numbers > TRAINED).all() else trained(numbers)
        return f"{shown} *" if rate == RATES[arm] else shown

    return Table.crossed(
        "Three tuning seeds by learning rate",
        "arm",
        {arm.label: arm for arm in ORDER},
        {f"{rate:g}": rate for rate in NETS.grid},
        cell,
        "Mean validation accuracy in per cent by fresh statistics; where not all three runs end "
        f"above {TRAINED:g}%, how many do. A star marks the rate that was chosen.",
    )


def _widths(records: Records) -> Table:
    return Table.by_column(
        "Decades of good rates in the tuning runs",
        "arm",
        {arm.label: arm for arm in ORDER},
        {"decades": lambda arm: mean_of(good_width(records, arm), 2)},
        f"Means of three tuning seeds; unjudged. Good: at most {LOSS:g} points below the best that "
        "the same arm reaches at the same seed, so that a narrow range is not an inaccurate one.",
    )


def _neighbours(records: Records) -> Table:
    pairs = {f"BN minus {name}": (BN, arm) for name, arm in OTHERS.items()}
    pairs |= {
        "plain: BN minus no normalizer": (PLAIN_BN, PLAIN_NONE),
        "BN: shortcuts minus none": (BN, PLAIN_BN),
        "last gamma from 0 minus from 1": (ZERO, BN),
        "BN: raw minus standardized": (RAW_BN, BN),
    }
    return NETS.neighbours(
        records,
        pairs,
        "Differences with both arms half a decade off their rates",
        "Percentage points by fresh statistics, means of three tuning seeds; unjudged.",
    )


TABLES: dict[str, Callable[[Records], Table]] = {
    "accuracies": _accuracies,
    "rates": _rates,
    "widths": _widths,
    "neighbors": _neighbours,
}
