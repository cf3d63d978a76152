"""The claims: where decay brings weights to rest, and what that is worth in accuracy."""

from typing import Any

import numpy as np

from bnreport.analysis.comparisons import Judge
from bnreport.analysis.design import Judged, claim_form
from bnreport.analysis.ends import DEPLOYED, FRESH, by_score
from bnreport.protocol.directions import Direction, check, more, read
from bnreport.studies.decay.runs import (
    DECAY,
    EPOCHS,
    FALLEN,
    FALLEN_FREE,
    FALLEN_LARGER,
    FAR,
    FAST,
    HIDDEN,
    IMAGES,
    LARGER,
    LATE,
    MIDDLE,
    PLAIN_FALLEN,
    PLAIN_FALLEN_FREE,
    PLAIN_MIDDLE,
    PLAIN_SLOW,
    RATE,
    SLOW,
    STRONG,
    Descent,
    beside_theory,
    gain,
)

WAN = (
    "Wan et al. 2021 (arXiv 2006.08419), abstract: with normalization and decay the angle of a "
    "step settles at a theoretical value; Kosson et al. 2024 (arXiv 2305.17212): rotational "
    "equilibrium"
)
LAARHOVEN = (
    "van Laarhoven 2017 (arXiv 1706.05350), abstract: with normalization L2 regularization has no "
    "regularizing effect, and sets the scale of weights and with it the effective rate"
)
ZHANG = (
    "Zhang et al. 2019 (arXiv 1810.12281), abstract: raising the effective learning rate is one of "
    "three mechanisms of weight decay"
)
TURNS = (
    "angle by which a step turns the weights of a hidden unit, root mean square over units and "
    f"over the steps of the last of {EPOCHS} epochs at a constant rate, mean of both hidden layers"
)
ACCURACY = (
    f"validation accuracy in inference mode after {EPOCHS} epochs of {IMAGES:,} images in batches "
    "of 128, plain gradient descent{}"
)
CONSTANT = ", constant rate"
FALLING = ", rate that rises over 5% of the steps and then falls to zero"
SETTINGS = {
    "slow rate": SLOW,
    "middle rate": MIDDLE,
    "fast rate": FAST,
    "strong decay": STRONG,
    "long start": FAR,
}
STEPS_OF_RATE = {"slow to middle": (MIDDLE, SLOW), "middle to fast": (FAST, MIDDLE)}
TURN = check("late_turn", LATE, layers=HIDDEN)
WHERE = f"on standardized inputs of Fashion-MNIST, after {EPOCHS} epochs of {IMAGES:,} images"
claim = claim_form(
    "decay",
    question="What does weight decay do where BN hides the length of the weights?",
    source=WAN,
    metric=ACCURACY,
    unit="pp",
    seeds="200-211",
    decided="interval",
    expected="supported",
    known="known from trying it out",
)
RATIO: dict[str, Any] = {"unit": "x", "scale": "ratio", "lost": False}


# Averages that lag scatter at a constant rate, so that 24 seeds tell no single point from nothing.
POINTS, WITHIN = {FRESH: 1.0, DEPLOYED: 2.0}, {FRESH: "a point", DEPLOYED: "two points"}


def ends(one: Descent, other: Descent, by: str) -> Direction:
    """The one is more accurate at the end than the other."""
    end = check(f"end_{by}_val_accuracy")
    return Direction(read(one.name, end), read(other.name, end))


def compared(name: str, pairs: Any, by: str, **own: Any) -> Judged:
    """A claim on the accuracy at the end of two ways to train, or of such pairs by setting.

    Args:
        name: the claim's.
        pairs: the ways to train; or those of each setting.
        by: the score.
        own: what the claim has of its own; its statement has "{}" where the score is told.
    """

    def judge(one: Descent, other: Descent) -> Judge:
        return gain(one, other, by).contrast()

    def favours(one: Descent, other: Descent) -> Direction:
        return ends(one, other, by)

    return by_score(claim, name, pairs, by, judge, favours, **own)


MECHANICS = (
    claim(
        "turn",
        lambda descent: beside_theory(descent).contrast(lost=False),
        lambda descent: more(descent.name, (), TURN, "each", descent.predicted),
        in_each=SETTINGS,
        kind="equivalence",
        margin=1.1,
        label="Turn, over the predicted",
        statement="With BN and weight decay at a constant rate, a step of the last of 8 epochs "
        "turns the weights of hidden units by the angle that rate and decay alone predict, within "
        "a tenth: at three rates with decays of the same product, at four times the decay, and "
        "from weights that start four times as long.",
        arms="BN with decay, measured turn over predicted turn",
        metric=TURNS,
        **RATIO,
    ),
    claim(
        "plain-turn",
        (PLAIN_MIDDLE.turn.map(np.log) - PLAIN_SLOW.turn.map(np.log)).contrast(lost=False),
        more(PLAIN_MIDDLE.name, PLAIN_SLOW.name, TURN),
        margin=1.5,
        label="Turn without BN, fast over slow",
        statement="Without BN, rate 0.2 with decay 0.02 turns hidden weights further in a step "
        "than rate 0.05 with decay 0.08, although their product is the same.",
        source=LAARHOVEN,
        arms="no BN, rate 0.2 over rate 0.05, the same product of rate and decay",
        metric=TURNS,
        **RATIO,
    ),
    claim(
        "plain-cost",
        gain(PLAIN_FALLEN_FREE, PLAIN_FALLEN).contrast(),
        ends(PLAIN_FALLEN_FREE, PLAIN_FALLEN, FRESH),
        about=FALLING,
        margin=1.0,
        label="What decay costs without BN",
        statement=f"Without BN, a net {WHERE} at a rate that falls from {RATE:g} to zero is more "
        f"accurate without decay than with a decay of {DECAY:g}.",
        source=ZHANG,
        arms=f"no BN, no decay minus decay {DECAY:g}, rate {RATE:g}",
    ),
)


def twice(by: str) -> tuple[Judged, ...]:
    """The claims on the accuracy of nets with BN, by a score."""
    return (
        compared(
            "product",
            STEPS_OF_RATE,
            by,
            about=CONSTANT,
            seeds="200-223",
            kind="equivalence",
            margin=POINTS[by],
            label="One product with BN",
            statement=f"With BN, a net {WHERE} at a constant rate is as accurate within "
            f"{WITHIN[by]}, {{}}, at four times the rate with a quarter of the decay, from 0.05 to "
            "0.2 and from 0.2 to 0.8.",
            source=LAARHOVEN,
            arms="BN, four times the rate and a quarter of the decay minus neither",
        ),
        compared(
            "gain",
            (FALLEN, FALLEN_FREE),
            by,
            about=FALLING,
            margin=0.5,
            label="Decay with BN",
            statement=f"With BN, a net {WHERE} at a rate that falls from {RATE:g} to zero is more "
            f"accurate, {{}}, with a decay of {DECAY:g} than without.",
            source=ZHANG,
            arms=f"BN, decay {DECAY:g} minus no decay, rate {RATE:g}",
        ),
        compared(
            "larger",
            (FALLEN_LARGER, FALLEN),
            by,
            about=FALLING,
            kind="equivalence",
            margin=0.5,
            label="A larger rate instead",
            statement=f"With BN, a net {WHERE} is as accurate within half a point, {{}}, at a rate "
            f"that falls from {LARGER:g} without decay as at one that falls from {RATE:g} with a "
            f"decay of {DECAY:g}.",
            source=ZHANG,
            arms=f"BN, rate {LARGER:g} without decay minus rate {RATE:g} with decay {DECAY:g}",
        ),
    )


SCORED = {by: twice(by) for by in (FRESH, DEPLOYED)}
CLAIMS = (*MECHANICS, *SCORED[FRESH], *SCORED[DEPLOYED])
FAMILIES = ((*MECHANICS, *SCORED[FRESH]), SCORED[DEPLOYED])
