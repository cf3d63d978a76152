"""The numbers and tables of the page."""

from collections.abc import Callable

from bnreport.analysis.arms import Arm
from bnreport.analysis.cells import mean_of, means_of, values_of
from bnreport.presentation.tables import Table, Value
from bnreport.records.collection import Records
from bnreport.studies.resnet56.claims import DEPLOYED, FRESH, lead
from bnreport.studies.resnet56.drawn import falling, way
from bnreport.studies.resnet56.runs import (
    ARMS,
    BN,
    GRID,
    IMAGES,
    LAYERS,
    LOW_GRID,
    MARKS,
    NONE,
    SEEDS,
    SKIPINIT,
    STARTED,
    STEPS,
    TRAINED,
    USUAL,
    ZERO,
    accuracy,
)


def values(records: Records) -> dict[str, Value]:
    """The numbers of the prose that no claim judges."""
    given = {
        "images": f"{IMAGES:,}",
        "steps": str(STEPS),
        "layers": str(LAYERS),
        "rates": str(len(GRID)),
        "lowest": f"{GRID[0]:g}",
        "highest": f"{GRID[-1]:g}",
        "usual": f"{USUAL:g}",
        "rates.none": ", ".join(f"{rate:g}" for rate in LOW_GRID),
        "left": f"{0.99**STEPS:.0%}",
    }
    highest = {f"top.{arm.name}": accuracy(arm).top(records, TRAINED) for arm in ARMS}
    ends = {
        f"{by}.{arm.name}": accuracy(arm, by)[USUAL]
        for arm in (BN, ZERO)
        for by in (FRESH, DEPLOYED)
    }
    return {
        **values_of("set before the runs", given),
        **values_of("the highest rate at which more than half of the seeds train", highest),
        **values_of(
            "counted over all rates and seeds; unjudged",
            {"failed.none": _failed(records, NONE)},
        ),
        **means_of(
            records, f"validation accuracy at a rate of {USUAL:g}; unjudged", ends, 1, unit="%"
        ),
        **means_of(
            records,
            "difference of accuracies by fresh statistics; unjudged, with its 95% interval",
            {"lead.zero": lead(BN, ZERO), "lead.beyond": lead(ZERO, SKIPINIT)},
            1,
            unit="pp",
            signed=True,
            interval=True,
        ),
        **means_of(
            records,
            "gradient of the first block over that of the last; unjudged",
            {"falling.start": falling(BN, 0), "falling.end": falling(BN, STEPS)},
            1,
            log=True,
        ),
    }


def _failed(records: Records, arm: Arm) -> str:
    """Count the runs of an arm that do not train, of how many."""
    reached = accuracy(arm).curves(records)
    return f"{(reached <= TRAINED).sum()} of {reached.size}"


def _by_rate(records: Records, by: str) -> Table:
    def cell(arm: Arm, rate: float) -> str:
        return mean_of(accuracy(arm, by)[rate](records), 1, interval=True)

    return Table.crossed(
        f"Validation accuracy by learning rate, {by}, %",
        "arm",
        {arm.short: arm for arm in STARTED},
        {f"{rate:g}": rate for rate in GRID},
        cell,
        f"Means over {len(SEEDS)} seeds with 95% intervals. Nets without BN have one score; 10% is "
        "chance.",
    )


def _best(records: Records) -> Table:
    return Table.by_column(
        "Each seed at its best rate, and the highest rate that trains",
        "arm",
        {arm.label: arm for arm in ARMS},
        {
            "fresh, %": lambda arm: mean_of(accuracy(arm).best(records), 1, interval=True),
            "deployed, %": lambda arm: mean_of(
                accuracy(arm, DEPLOYED).best(records), 1, interval=True
            ),
            "others' choice, %": lambda arm: mean_of(accuracy(arm).chosen_by_others(records), 1),
            "highest rate": lambda arm: accuracy(arm).top(records, TRAINED),
        },
        f"Means over {len(SEEDS)} seeds with 95% intervals. Others' choice: fresh, at the rate "
        "that is best for all other seeds. Highest rate: at which more than half of the seeds get "
        f"more than {TRAINED:g}% of the validation images right, by fresh statistics. Unjudged.",
    )


def _way(records: Records) -> Table:
    scores = {
        f"{arm.short}, {by}": 100 * way(arm, by, "accuracy")
        for arm in (BN, ZERO)
        for by in (FRESH, DEPLOYED)
    }
    return Table.crossed(
        f"Training accuracy along the way at a rate of {USUAL:g}, %",
        "steps",
        {str(mark): place for place, mark in enumerate(MARKS)},
        scores,
        lambda place, score: mean_of(score(records)[:, place], 1),
        f"On 1,024 training images in inference mode, means over {len(SEEDS)} seeds. Unjudged.",
    )


TABLES: dict[str, Callable[[Records], Table]] = {
    "fresh": lambda records: _by_rate(records, FRESH),
    "deployed": lambda records: _by_rate(records, DEPLOYED),
    "best": _best,
    "way": _way,
}
