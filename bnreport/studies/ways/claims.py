"""The claims of the six ways to train: BN in place of standardized inputs, and on top of them."""

from typing import Any

from bnreport.analysis.design import Judged, claim_form
from bnreport.analysis.ends import DEPLOYED, FRESH, SCORES, comparison
from bnreport.protocol.optimization import CONSTANT
from bnreport.studies.optimizers.ways import EPOCHS, IMAGES
from bnreport.studies.ways.runs import (
    ARMS,
    BN,
    BOTH,
    STD,
    WAYS,
    seeds_of,
)

MARGIN = 0.5
# Averages that lag scatter so much at a constant rate that 48 seeds, said the pilot, would not tell
# half a point from nothing here; a point they do.
WIDER = {("sgd-constant", BN), ("sgd-constant", BOTH), ("momentum-constant", BN)}
WITHIN = {0.5: "half a point", 1.0: "a point"}
IOFFE = (
    "Ioffe and Szegedy 2015 (arXiv 1502.03167), sections 4.2 and 4.2.1: gradient descent with "
    "momentum, at a rate that falls, with BN six times faster"
)
ROBURIN = (
    "Roburin et al. 2020 (arXiv 2006.13382), abstract: with normalization, plain gradient descent "
    "is equivalent to a variant of Adam that keeps to the unit sphere"
)
OURS = "our own question: the study of optimizers left these cells of its table empty"
INSTEAD = "BN on raw pixels is as accurate as standardized inputs without BN"
ADDED = "on standardized inputs a net is as accurate with BN as without it"
# What the pilot led us to expect by fresh statistics, and as deployed.
YES, NO, OPEN = "supported", "not supported", "underpowered"
EXPECTED = {
    ("sgd-constant", BN): (YES, NO),
    ("momentum-constant", BN): (YES, NO),
    ("sgd", BOTH): (OPEN, OPEN),
    ("momentum", BOTH): (YES, YES),
    ("adam", BOTH): (YES, YES),
    ("sgd-constant", BOTH): (OPEN, YES),
    ("momentum-constant", BOTH): (YES, YES),
    ("adam-constant", BOTH): (YES, YES),
}
claim = claim_form(
    "ways",
    question="Does it hold under another optimizer, or another course of the rate?",
    metric=f"validation accuracy in inference mode after {EPOCHS} epochs of {IMAGES:,} images, "
    "each arm at the rate, of a grid of half-decades, that its tuning runs choose by fresh "
    "statistics",
    unit="pp",
    kind="equivalence",
    known="known from trying it out",
    decided="interval",
)


def margin_of(way: str, arm: str, by: str) -> float:
    """The points by which the arms of a claim may differ and be called alike."""
    return 2 * MARGIN if by == DEPLOYED and (way, arm) in WIDER else MARGIN


def _compared(way: str, arm: str, by: str) -> Judged:
    """The claim on an arm with BN and standardized inputs under a way to train, by a score."""
    on_top, seeds = arm == BOTH, seeds_of(way, arm)
    margin = margin_of(way, arm, by)
    own: dict[str, Any] = {
        "label": f"{WAYS[way].title}: {'std. and BN' if on_top else 'BN'} as std.",
        "called": f"{WAYS[way].title}: "
        + ("BN on std." if on_top else "BN like std.")
        + (f", {DEPLOYED}" if by == DEPLOYED else ""),
        "statement": f"{WAYS[way].words}, {ADDED if on_top else INSTEAD}, within {WITHIN[margin]}, "
        f"each at its tuned rate, after {EPOCHS} epochs of Fashion-MNIST, {{}}.",
        "arms": f"{'standardized inputs and BN' if on_top else 'BN on raw pixels'}, minus "
        "standardized inputs without BN",
        "source": {"sgd": OURS, "adam": ROBURIN}.get(WAYS[way].rule, IOFFE),
        "margin": margin,
        "seeds": f"{seeds[0]}-{seeds[-1]}",
        "headline": "std-bn" if on_top else "bn-std",
        "expected": EXPECTED[way, arm][by == DEPLOYED],
    }
    # Its rate is tuned, but for the other score, and a rate that stays lets averages lag.
    if by == DEPLOYED and WAYS[way].schedule == CONSTANT:
        tuned_for = own["statement"].replace(
            "its tuned rate", "the rate that fresh statistics chose"
        )
        own["shown"] = tuned_for.format(SCORES[by])
    name = f"{'both' if on_top else 'bn'}-{way}"
    return comparison(claim, name, (ARMS[way, arm], ARMS[way, STD]), by, **own)


PAIRS = tuple(EXPECTED)
FAMILIES = {by: tuple(_compared(*pair, by) for pair in PAIRS) for by in (FRESH, DEPLOYED)}
CLAIMS = tuple(judged for family in FAMILIES.values() for judged in family)
