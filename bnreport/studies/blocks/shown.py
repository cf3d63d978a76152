"""The numbers and tables of the page."""

from collections.abc import Callable

import numpy as np

from bnreport.analysis.arms import Arm
from bnreport.analysis.cells import mean_of, means_of, values_of
from bnreport.analysis.comparisons import Sample
from bnreport.analysis.metrics import Floats
from bnreport.presentation.tables import Table, Value
from bnreport.records.collection import Records
from bnreport.studies.blocks.claims import DEPLOYED, FRESH
from bnreport.studies.blocks.drawn import PLACES, falling
from bnreport.studies.blocks.runs import (
    ARMS,
    BN,
    DEEP,
    DEPTHS,
    GRID,
    IMAGES,
    LN,
    NONE,
    SEEDS,
    SHALLOW,
    SKIPINIT,
    STEPS,
    TRAINED,
    WIDTH,
    ZERO,
    accuracy,
    share,
    size,
)


def exponent(arm: Arm) -> Sample:
    """The power of the block's number with which the share of its branch goes, (seeds,)."""

    def fitted(shares: Floats) -> Floats:
        slope: Floats = np.polyfit(np.log(PLACES), np.log(shares).T, 1)[0]
        return slope

    return share(arm).map(fitted)


def grown(arm: Arm) -> Sample:
    """The logarithm of how many times a shortcut grows from block to block, (seeds,)."""
    return size(arm, "shortcut").map(lambda each: np.log(each[:, -1] / each[:, 0]) / (DEEP - 1))


def level(shares: Floats) -> Floats:
    """The mean logarithm of the shares of the blocks, (seeds,)."""
    means: Floats = np.log(shares).mean(1)
    return means


def values(records: Records) -> dict[str, Value]:
    """The numbers of the prose that no claim judges."""
    given = {
        "images": f"{IMAGES:,}",
        "steps": str(STEPS),
        "width": str(WIDTH),
        "rates": str(len(GRID)),
        "lowest": f"{GRID[0]:g}",
        "highest": f"{GRID[-1]:g}",
        "left": f"{0.99**STEPS:.0%}",
    }
    highest = {
        f"top.{SKIPINIT.name}.{blocks}": accuracy(SKIPINIT, blocks).top(records, TRAINED)
        for blocks in (SHALLOW, DEEP)
    }
    return {
        **values_of("set before the runs", given),
        **values_of("the highest rate at which more than half of the seeds train", highest),
        **means_of(
            records,
            "fitted to 100 blocks before training; unjudged, with its 95% interval",
            {f"exponent.{arm.name}": exponent(arm) for arm in (BN, LN, NONE)},
            2,
            signed=True,
            interval=True,
        ),
        **means_of(
            records,
            "geometric mean over 100 blocks before training; unjudged",
            {"grown.none": grown(NONE), "share.none": share(NONE).map(level)},
            2,
            log=True,
        ),
        **means_of(
            records,
            "gradient of the first of 100 blocks over that of the last, before training; unjudged",
            {f"falling.{arm.name}": falling(arm) for arm in (BN, LN)},
            1,
            log=True,
        ),
        **means_of(
            records,
            "fresh statistics less deployed, each at its best rate; unjudged",
            {
                f"cost.{arm.name}.{blocks}": accuracy(arm, blocks).best
                - accuracy(arm, blocks, DEPLOYED).best
                for arm in (BN, ZERO)
                for blocks in (SHALLOW, DEEP)
            },
            1,
            unit="pp",
        ),
    }


def _highest(records: Records) -> Table:
    return Table.crossed(
        "The highest rate at which nets train",
        "arm",
        {arm.label: arm for arm in ARMS},
        {f"{blocks} blocks": blocks for blocks in DEPTHS},
        lambda arm, blocks: accuracy(arm, blocks).top(records, TRAINED),
        f"Of {len(GRID)} rates from {GRID[0]:g} to {GRID[-1]:g}; at more than half of {len(SEEDS)} "
        f"seeds more than {TRAINED:g}% of the validation images are right, by fresh statistics. "
        "Unjudged.",
    )


def _accuracies(records: Records, by: str) -> Table:
    return Table.crossed(
        f"Validation accuracy at each seed's best rate, {by}, %",
        "arm",
        {arm.label: arm for arm in ARMS},
        {f"{blocks} blocks": blocks for blocks in DEPTHS},
        lambda arm, blocks: mean_of(accuracy(arm, blocks, by).best(records), 1, interval=True),
        f"Means over {len(SEEDS)} seeds with 95% intervals. Nets without BN have one score; 10% is "
        "chance.",
    )


def _by_others(records: Records) -> Table:
    return Table.crossed(
        "Validation accuracy at the rate that is best for all other seeds, %",
        "arm",
        {arm.label: arm for arm in ARMS},
        {f"{blocks} blocks": blocks for blocks in DEPTHS},
        lambda arm, blocks: mean_of(
            accuracy(arm, blocks).chosen_by_others(records), 1, interval=True
        ),
        f"Means over {len(SEEDS)} seeds with 95% intervals, by fresh statistics. No seed takes "
        "part in the choice that scores it. Unjudged.",
    )


TABLES: dict[str, Callable[[Records], Table]] = {
    "highest": _highest,
    "fresh": lambda records: _accuracies(records, FRESH),
    "deployed": lambda records: _accuracies(records, DEPLOYED),
    "others": _by_others,
}
