"""The claims: what a normalizer costs an epoch, and whether BN arrives sooner by the clock."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from bnreport.analysis.arms import Arm
from bnreport.analysis.design import Judged, claim_form
from bnreport.analysis.ends import DEPLOYED, FRESH, SCORES
from bnreport.analysis.timings import LOOPS
from bnreport.protocol.claims import Word
from bnreport.protocol.directions import Direction, Reading, check, history, read
from bnreport.studies.second.cost.runs import (
    BATCH_SIZE,
    BN,
    GN,
    LN,
    MARKS,
    RAW,
    SEEDS,
    STD,
    STD_BN,
    STEPS,
    THRESHOLD,
    TIMED,
    arrival,
    path,
)

timing_claim = claim_form(
    "cost",
    question="What does a normalizer cost in time?",
    source="Gitman and Ginsburg 2017 (arXiv 1709.08145), abstract: BN is a significant fraction of "
    "the time of training; keras issue 1309: 561 against 186 seconds an epoch on a processor",
    kind="difference",
    scale="ratio",
    metric=f"seconds of {TIMED.images:,} training images in batches of {BATCH_SIZE} and 5,000 "
    "validation images, on a machine that does nothing else",
    unit="x",
    margin=1.05,
    seeds=f"{TIMED.rounds} interleaved rounds in one process",
    lost=False,
    decided="interval",
    centre="median",
    known="known from the first edition",
)
arrival_claim = claim_form(
    "cost",
    question="Does BN earn its time back?",
    source="Ioffe and Szegedy 2015 (arXiv 1502.03167), figure 3: 13.3 against 31.0 million "
    "steps at the same rate; they count steps, not seconds",
    scale="ratio",
    metric=f"steps, of at most {STEPS:,} of {BATCH_SIZE} images at a constant rate that tuning "
    f"found fastest for each arm, until the validation accuracy passes {THRESHOLD:.0%}: where the "
    f"rising curve does that is nearest to the accuracies at {len(MARKS)} marks, smoothed over "
    "three; times the median seconds of a step, which count as known",
    unit="x",
    margin=1.25,
    seeds=f"{SEEDS[0]}-{SEEDS[-1]}",
    decided="interval",
    known="known from the first edition",
)
WORDS = {"fit": "Keras' fit", "compiled": "a loop of one compiled program"}


def _timing(name: str, pair: tuple[Arm, Arm], loop: str, **own: Any) -> Judged:
    """A claim that one net takes longer than another."""
    slow, fast = pair
    return timing_claim(
        f"2-{name}",
        by=TIMED.slower(slow, fast)(loop, BATCH_SIZE),
        ahead=TIMED.longer(slow, fast)(loop, BATCH_SIZE),
        **{
            **own,
            "statement": f"In {WORDS[loop]}, timed again in batches of {BATCH_SIZE}, an epoch "
            f"takes longer {own['statement']}, by the median of the rounds.",
        },
    )


TIMINGS = (
    _timing(
        "bn-fit",
        (BN, RAW),
        "fit",
        label="BN over none, fit",
        statement="with BN than without a normalizer",
        arms="BN and no normalizer",
        expected="underpowered",
    ),
    _timing(
        "bn-compiled",
        (BN, RAW),
        "compiled",
        label="BN over none, compiled",
        statement="with BN than without a normalizer",
        arms="BN and no normalizer",
        expected="supported",
    ),
    _timing(
        "ln",
        (LN, BN),
        "compiled",
        label="layer norm over BN, compiled",
        statement="with layer normalization than with BN",
        source="tensorflow pull request 6205, a user's report: layer normalization takes nearly "
        "twice the time of BN at a small batch",
        arms="layer normalization and BN",
        expected="supported",
    ),
    _timing(
        "gn",
        (GN, BN),
        "compiled",
        label="group norm over BN, compiled",
        statement="with group normalization than with BN",
        source="mmdetection issue 317, a user's report: 5.4 images a second with group "
        "normalization against 7.7 with BN, in inference on a GPU",
        arms="group normalization (10 groups) and BN",
        expected="supported",
    ),
)
# The arm with BN, the one without, and what is claimed of them.
PAIRS: Mapping[str, tuple[Arm, Arm, Mapping[str, Any]]] = {
    "wall-raw": (
        BN,
        RAW,
        {
            "label": "BN over raw, in seconds",
            "statement": "BN reaches {} in less time than the net on raw pixels",
            # Runs on raw pixels scatter so much that 48 seeds would not tell a quarter.
            "margin": 2.0,
        },
    ),
    "wall-std": (
        BN,
        STD,
        {
            "label": "BN over standardized, in seconds",
            "statement": "BN reaches {} in less time than standardized inputs without BN",
        },
    ),
    "wall-std-bn": (
        STD_BN,
        STD,
        {
            "label": "BN on standardized, in seconds",
            "statement": "standardized inputs with BN reach {} in less time than without",
        },
    ),
}
# After a pilot, at rates that nobody had tuned and times of the first edition.
EXPECTED: Mapping[tuple[str, str], Word] = {
    ("wall-raw", FRESH): "supported",
    ("wall-raw", DEPLOYED): "underpowered",
    ("wall-std", DEPLOYED): "not supported",
    ("wall-std-bn", DEPLOYED): "not supported",
}


def _arrival(name: str, by: str) -> Judged:
    """A claim that BN reaches the threshold sooner by the clock, in both loops, by a score."""
    with_bn, without, own = PAIRS[name]
    stated = f"{own['statement']}, scored {SCORES[by]}, on Fashion-MNIST.".replace(
        "{}", f"{THRESHOLD:.0%}"
    )
    ending = "" if by == FRESH else f"-{by}"
    return arrival_claim(
        f"2-{name}{ending}",
        in_each={loop: loop for loop in LOOPS},
        by=lambda loop: arrival(without, loop, by).ratio(arrival(with_bn, loop, by), lost=False),
        ahead=partial(_earlier, with_bn, without, by),
        score=by,
        arms=f"{with_bn.label} and {without.label}, each at the rate that is fastest for it",
        expected=EXPECTED.get((name, by), "underpowered"),
        **{
            **own,
            "label": own["label"] + (f", {by}" if ending else ""),
            "statement": f"At constant rates, each arm's fastest, {stated}",
            # Steps by fresh statistics chose; of rates close to the fastest, the smallest.
            "shown": f"At constant rates that fresh statistics chose for each arm, {stated}",
        },
    )


def _earlier(with_bn: Arm, without: Arm, by: str, loop: str) -> Direction:
    """The arm with BN arrives after fewer steps; so it does when its steps take less time."""
    curve = check(f"{path(by)}_accuracy")

    def readings(arm: Arm, net: Arm) -> tuple[Reading, ...]:
        pace = history(f"{loop}_{net.name}_{BATCH_SIZE}")
        return read(arm.name, curve) + read("timing", pace, more=False)

    favoured, other = readings(with_bn, BN), readings(without, RAW)
    return Direction(favoured, other, measure="arrival", level=THRESHOLD)


ARRIVALS = {by: tuple(_arrival(name, by) for name in PAIRS) for by in SCORES}
FAMILIES = ((*TIMINGS, *ARRIVALS[FRESH]), ARRIVALS[DEPLOYED])
