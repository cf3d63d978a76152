"""The claims: who has learned most after 100 steps, by fresh statistics and as deployed."""

from dataclasses import dataclass

from bnreport.analysis.arms import Arm
from bnreport.analysis.comparisons import Sample
from bnreport.analysis.design import Judged, claim_form
from bnreport.protocol.directions import Direction, Measure, check, more, read
from bnreport.studies.resnet56.runs import (
    BN,
    FIXUP,
    GRID,
    HIGH,
    IMAGES,
    LAYERS,
    LOW,
    LOW_GRID,
    NONE,
    SEEDS,
    SKIPINIT,
    STEPS,
    USUAL,
    ZERO,
    accuracy,
    grid_of,
    named,
)

DE_SMITH = (
    "De and Smith 2020 (arXiv 2002.10444), abstract: at the start BN scales the residual branch "
    "down, which a simple initialization does, too, and so trains deep residual nets without BN; "
    "nets with BN can be trained at larger rates"
)
FIXUP_PAPER = (
    "Zhang et al. 2019 (arXiv 1901.09321), abstract: none of the perceived benefits is unique to "
    "normalization; with Fixup training is as stable as with it"
)
HE = (
    "He et al. 2016 (arXiv 1512.03385), section 4.2: nets of 56 layers with BN, trained at 0.1 "
    "from the first step"
)
GOYAL = (
    "Goyal et al. 2017 (arXiv 1706.02677), section 5.1: the last gamma of each residual block "
    "begins at 0, which makes the block the identity at the start and optimization easier"
)
KERAS = "Keras, documentation of BatchNormalization: moving averages of momentum 0.99"
FRESH, DEPLOYED = "fresh", "deployed"
IN_SCORE = {FRESH: "by fresh statistics", DEPLOYED: "as deployed by Keras' moving averages"}
AFTER = f"after {STEPS} steps on {IMAGES:,} images of Fashion-MNIST at 14 × 14 pixels"
RATES = f"of {len(GRID)} rates from {GRID[0]:g} to {GRID[-1]:g} in half-decades"
LOWER = f"of {len(LOW_GRID)} rates from {LOW_GRID[0]:g} to {LOW_GRID[-1]:g} in decades"
NET = f"A residual net of {LAYERS} layers"
# What 12 seeds tell from nothing, by the scatter of BN less SkipInit in a pilot of eight; and where
# nets barely train, which the pilot did not try, twice as much.
MARGIN, WIDE = 5.0, 10.0
YES, NO, OPEN = "supported", "not supported", "underpowered"
claim = claim_form(
    "resnet56",
    question=f"How does a residual net of {LAYERS} layers start, with BN and without?",
    unit="pp",
    seeds=f"{SEEDS[0]}-{SEEDS[-1]}",
    decided="interval",
    known="known from trying it out",
    lost=False,
)


def metric_at(rates: str) -> str:
    """Say how accuracies at these rates are measured."""
    return (
        f"validation accuracy in inference mode {rates}, {AFTER}, batches of 128 with momentum 0.9 "
        "at a constant rate; a run that diverged counts as chance"
    )


@dataclass(frozen=True)
class Pairing:
    """A question about two arms, asked of both scores.

    Attributes:
        arm, control: whose accuracies are compared; the claim speaks of the arm.
        label: its label.
        statement: what it says, before the words of rate, time and score.
        source: who says so, or what made us ask.
        expected: the words expected by fresh statistics and as deployed.
        margin: in points.
        rate: at which rate; by default each seed's best.
    """

    arm: Arm
    control: Arm
    label: str
    statement: str
    source: str
    expected: tuple[str, str]
    margin: float = MARGIN
    rate: float | None = None

    def trials(self, arm: Arm) -> list[str]:
        """The names of the trials of an arm that are compared."""
        return [named(arm, rate) for rate in (grid_of(arm) if self.rate is None else (self.rate,))]

    @property
    def counts(self) -> Measure:
        """The kind of accuracy that counts: an arm's largest, or that at the rate."""
        return "largest" if self.rate is None else "each"

    @property
    def at(self) -> str:
        """The words of the rate."""
        if self.rate is not None:
            return f"at a rate of {self.rate:g}"
        lower = f", for the latter {LOWER}" if self.control is NONE else ""
        return f"at the best {RATES}{lower}, for each seed"


ASKED = {
    "none": Pairing(
        BN,
        NONE,
        "BN over no normalizer",
        f"{NET} is more accurate with BN than without a normalizer",
        HE,
        (YES, YES),
    ),
    "start": Pairing(
        SKIPINIT,
        NONE,
        "SkipInit over no normalizer",
        f"{NET} without a normalizer is more accurate with SkipInit than without",
        DE_SMITH,
        (YES, YES),
    ),
    "skipinit": Pairing(
        BN,
        SKIPINIT,
        "BN over SkipInit",
        f"{NET} is more accurate with BN than with SkipInit in its place",
        DE_SMITH,
        (YES, NO),
    ),
    "fixup": Pairing(
        BN,
        FIXUP,
        "BN over Fixup",
        f"{NET} is more accurate with BN than with Fixup in its place",
        FIXUP_PAPER,
        (YES, NO),
    ),
    "low": Pairing(
        BN,
        ZERO,
        f"At {LOW:g}: last gamma from 1 over from 0",
        f"{NET} with BN is more accurate if the last gamma of each block begins at 1 than if it "
        "begins at 0",
        GOYAL,
        (YES, OPEN),
        WIDE,
        LOW,
    ),
    "high": Pairing(
        ZERO,
        BN,
        f"At {HIGH:g}: last gamma from 0 over from 1",
        f"{NET} with BN is more accurate if the last gamma of each block begins at 0 than if it "
        "begins at 1",
        GOYAL,
        (YES, OPEN),
        WIDE,
        HIGH,
    ),
}
# What no batch statistics enter has one score, and is asked once.
ASKED_AGAIN = tuple(name for name in ASKED if name != "start")


def lead(arm: Arm, control: Arm, by: str = FRESH, rate: float | None = None) -> Sample:
    """The points by which an arm leads: at a rate, or each seed at the rate that is best for it."""
    one, other = accuracy(arm, by), accuracy(control, by)
    return one.best - other.best if rate is None else one[rate] - other[rate]


def id_of(name: str, by: str) -> str:
    """The name of the claim that asks a question of a score."""
    return name + ("" if by == FRESH else f"-{by}")


def _compared(name: str, by: str) -> Judged:
    """The claim that asks a question of a score."""
    pair, end = ASKED[name], check(f"end_{by}_val_accuracy", STEPS)
    favoured, other = pair.trials(pair.arm), pair.trials(pair.control)
    return claim(
        id_of(name, by),
        by=lead(pair.arm, pair.control, by, pair.rate).contrast(lost=False),
        ahead=more(favoured, other, end, pair.counts),
        label=pair.label + ("" if by == FRESH else ", deployed"),
        statement=f"{pair.statement}, {pair.at}, {AFTER}, {IN_SCORE[by]}.",
        arms=f"{pair.arm.label} minus {pair.control.label}",
        metric=metric_at(pair.at),
        margin=pair.margin,
        expected=pair.expected[by == DEPLOYED],
        source=pair.source,
        score=by,
    )


def _end(by: str) -> Direction:
    """More accuracy of BN at the usual rate by a score."""
    return Direction(read(named(BN, USUAL), check(f"end_{by}_val_accuracy", STEPS)))


cost = accuracy(BN, FRESH)[USUAL] - accuracy(BN, DEPLOYED)[USUAL]
LAG = claim(
    "lag",
    by=cost.contrast(lost=False),
    ahead=Direction(_end(FRESH).favoured, _end(DEPLOYED).favoured),
    label="BN: fresh statistics over deployed",
    statement=f"{NET} with BN is more accurate by fresh statistics than as deployed by Keras' "
    f"moving averages, with the same weights, at a rate of {USUAL:g}, {AFTER}.",
    arms="BN by fresh statistics minus BN as deployed",
    metric=metric_at(f"at a rate of {USUAL:g}"),
    margin=MARGIN,
    expected=YES,
    source=KERAS,
)
FAMILIES = {
    FRESH: tuple(_compared(name, FRESH) for name in ASKED),
    DEPLOYED: (*(_compared(name, DEPLOYED) for name in ASKED_AGAIN), LAG),
}
CLAIMS = tuple(judged for family in FAMILIES.values() for judged in family)
