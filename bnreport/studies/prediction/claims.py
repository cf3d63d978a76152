"""The claims on predicted costs: that their order comes true, and what a choice by them gains."""

from bnreport.analysis.design import claim_form
from bnreport.protocol.directions import Direction
from bnreport.studies.lag.claims import METRIC
from bnreport.studies.prediction.averages import (
    COSTS,
    KERAS,
    PICKED,
    SEEDS,
    STEPS,
    THIRDS,
    LaggingAverage,
    gain,
    of_momentum,
)


def _dearer(averages: tuple[LaggingAverage, ...]) -> Direction:
    """These cost accuracy."""
    return Direction(
        tuple(reading for average in averages for reading in average.end("fresh")),
        tuple(reading for average in averages for reading in average.end()),
    )


def _picked() -> Direction:
    """The picked averages are better than those of Keras' momentum, where they are others."""
    pairs = zip(PICKED, of_momentum(KERAS), strict=True)
    differing = [(picked, fixed) for picked, fixed in pairs if picked != fixed]
    return Direction(
        tuple(reading for picked, _ in differing for reading in picked.end()),
        tuple(reading for _, fixed in differing for reading in fixed.end()),
    )


claim = claim_form(
    "prediction",
    question="Can the cost of lagging averages be predicted?",
    source="our own question: the study of lagging averages had shown such a prediction, and had "
    "no claim on it",
    metric=f"{METRIC}; 48 settings (inputs, batch size, course and height of the rate), {{}}",
    unit="pp",
    seeds=f"{SEEDS[0]}-{SEEDS[-1]}",
    known="known from runs of another study",
    decided="interval",
    expected="supported",
)
IN_THIRDS = (
    "corrected averages of momentum 0.99, in thirds by the offset that was predicted from drift"
)
CLAIMS = (
    claim(
        "order",
        by=lambda more, less: (COSTS[more] - COSTS[less]).contrast(),
        ahead=lambda more, less: _dearer(THIRDS[more]).beyond(_dearer(THIRDS[less])),
        in_each={f"{more} over {less}": (more, less) for more, less in STEPS.items()},
        about=IN_THIRDS,
        margin=0.0,
        label="The order of the costs",
        expected="underpowered",
        statement="Of 48 ways to train a net with BN on Fashion-MNIST, each third by the predicted "
        "offset of moving averages loses more accuracy by them than the third before.",
        arms="mean cost in a third minus that in the third before",
    ),
    claim(
        "most",
        by=(COSTS["most"] - COSTS["least"]).contrast(),
        ahead=_dearer(THIRDS["most"]).beyond(_dearer(THIRDS["least"])),
        about=IN_THIRDS,
        margin=1.0,
        label="Last third over first",
        statement="Of 48 ways to train a net with BN on Fashion-MNIST, the third with the largest "
        "predicted offsets of moving averages loses more accuracy by them than the third with the "
        "smallest.",
        arms="mean cost in the last third minus that in the first",
    ),
    claim(
        "least",
        by=COSTS["least"].contrast(),
        ahead=_dearer(THIRDS["least"]),
        about=IN_THIRDS,
        kind="equivalence",
        margin=0.2,
        label="First third costs nothing",
        statement="Of 48 ways to train a net with BN on Fashion-MNIST, the third with the smallest "
        "predicted offsets of moving averages has by them the accuracy of fresh statistics within "
        "0.2 points.",
        arms="fresh statistics minus moving averages in the first third",
    ),
    claim(
        "momentum",
        by=gain(KERAS).contrast(),
        ahead=_picked(),
        about="their mean; corrected averages",
        margin=0.1,
        label="Momentum by prediction",
        statement="In the mean of 48 ways to train a net with BN on Fashion-MNIST, moving averages "
        "of the momentum, of five, for which the least offset was predicted are more accurate than "
        "those of momentum 0.99.",
        arms="averages of the momentum with the least predicted offset, minus those of 0.99",
    ),
)
