"""The claims on rates for deployed nets: what they gain, and what that costs."""

from typing import Any

from bnreport.analysis.design import Judged, claim_form
from bnreport.analysis.ends import DEPLOYED, FRESH, comparison
from bnreport.studies.optimizers.ways import EPOCHS, IMAGES
from bnreport.studies.selection.runs import (
    BY_DEPLOYED,
    BY_FRESH,
    CONTROL,
    EARLIER,
    SEEDS,
    SUITED,
    TITLES,
)

MARGIN = 0.5
claim = claim_form(
    "selection",
    question="Which score should choose the rate of a net that is deployed?",
    source="our own question: fresh statistics had chosen the rates at which nets were compared as "
    "deployed",
    metric=f"validation accuracy in inference mode after {EPOCHS} epochs of {IMAGES:,} images, at "
    "constant rates of a grid of half-decades, {}",
    unit="pp",
    margin=MARGIN,
    seeds=f"{SEEDS[0]}-{SEEDS[-1]}",
    known="known from trying it out",
    decided="interval",
)
WORDS = {
    "sgd": "After a constant rate of plain gradient descent",
    "momentum": "After a constant rate of momentum 0.9",
    "adam": "After a constant rate of Adam",
}
OF_GRID = "those that three tuning runs choose by one of the scores"


def _own_rate(name: str, way: str, by: str, **own: Any) -> Judged:
    """Claim of BN at the rate that deployed nets choose, against that of fresh statistics."""
    return comparison(
        claim,
        f"{name}-{way}",
        (SUITED[way], EARLIER[way]),
        by,
        about=OF_GRID,
        arms=f"BN at the rate that deployed nets choose, {BY_DEPLOYED[way]:g}, minus BN at the "
        f"rate that fresh statistics choose, {BY_FRESH[way]:g}",
        **own,
    )


def _gain(way: str, expected: str) -> Judged:
    """Claim that the rate which deployed nets choose serves them better."""
    return _own_rate(
        "gain",
        way,
        DEPLOYED,
        label=f"{TITLES[way]}: its own rate",
        statement=f"{WORDS[way]} on Fashion-MNIST, a BN net on raw pixels, {{}}, is more accurate "
        "at the rate that this score chooses than at the one that fresh statistics choose.",
        expected=expected,
    )


def _price(way: str, expected: str) -> Judged:
    """Claim that the same choice costs nothing by fresh statistics."""
    return _own_rate(
        "price",
        way,
        FRESH,
        kind="equivalence",
        label=f"{TITLES[way]}: fresh as good",
        statement=f"{WORDS[way]} on Fashion-MNIST, a BN net on raw pixels is, {{}}, as accurate at "
        "the rate that deployed nets choose as at the one that fresh statistics choose, within "
        "half a point.",
        expected=expected,
    )


def _left(way: str, expected: str) -> Judged:
    """Claim that even at its own rate the deployed net stays behind standardized inputs."""
    return comparison(
        claim,
        f"std-{way}",
        (CONTROL[way], SUITED[way]),
        DEPLOYED,
        about="each net at the one that its own score chooses",
        label=f"{TITLES[way]}: std. still ahead",
        statement=f"{WORDS[way]} on Fashion-MNIST, standardized inputs without BN are more "
        "accurate than BN on raw pixels, {}, also when this score chooses the rate of BN.",
        arms="standardized inputs without BN, minus BN on raw pixels at the rate that deployed "
        "nets choose",
        expected=expected,
    )


YES = "supported"
CLAIMS = (
    _gain("adam", YES),
    _gain("sgd", YES),
    _left("adam", YES),
    _left("sgd", YES),
    _price("adam", YES),
    _price("sgd", YES),
)
