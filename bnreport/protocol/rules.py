"""The rules of judgement in words, as the cards of the claims print them; `judge` applies them."""

from bnreport.errors import BnreportError
from bnreport.protocol.claims import Centre, Decider

DIFFERENCE = (
    "Supported when the two-sided p of the sign-flip test over all pairs, adjusted by Holm over "
    "the study's claims, is below .05, the 95% interval lies above zero and its mean reaches the "
    "margin. Not supported when the interval lies below the margin. Otherwise, or with fewer than "
    "12 pairs, underpowered."
)
LOST = (
    " With diverged runs, which count as chance, or runs that never arrive, the sign test and the "
    "interval of the median judge."
)
SETTINGS = (
    " The claim must hold in every setting: its p is the largest, and it is mixed when one setting "
    "supports it and another does not."
)
EQUIVALENCE = (
    "Supported when two one-sided t tests, adjusted by Holm over the study's claims, refuse a mean "
    "outside the margin on either side (p below .05). Not supported when the 95% interval lies "
    "outside the margin. Otherwise, or with fewer than 12 pairs, underpowered."
)
EXACT = "Supported when the largest error over all checks is at most the tolerance."
SEEDS_ONLY = " The interval covers the seeds, which also draw the images."
SEEDS_AND_IMAGES = " The interval covers the seeds and the images; p covers the seeds."

# From the second edition on one interval decides, which is also the one that figures show.
BY_INTERVAL = (
    "The paired t interval over the seeds decides, at the level 1 - .05/K for the K differences "
    "and equivalences of the family. "
)
INTERVAL_RULES = {
    "difference": BY_INTERVAL
    + "Supported when it lies above zero and its mean reaches the margin. Not supported when it "
    "lies below the margin. Otherwise, or with fewer than 12 pairs, undecided.",
    "equivalence": BY_INTERVAL
    + "Supported when the interval at the level 1 - .1/K lies within the margins. Not supported "
    "when that at 1 - .05/K lies beyond one of them. Otherwise, or with fewer than 12 pairs, "
    "undecided.",
}
# Of times the median: one round in which the machine stalled would move a mean.
MEDIAN_RULE = (
    "The interval of the median of the rounds, between two of them in order, decides, at the level "
    "1 - .05/K or more for the K differences and equivalences of the family. Supported when it "
    "lies above zero and the median reaches the margin. Not supported when it lies below the "
    "margin. Otherwise, or with fewer than 12 rounds, undecided."
)
INTERVAL_LOST = (
    " With diverged runs, which count as chance, or runs that never arrive, the interval of the "
    "median judges, between order statistics at the same level."
)
INTERVAL_SETTINGS = (
    " The claim must hold in every one of its m settings; one whose interval at the level "
    "1 - .05/(K m) refutes it is enough to refute the claim."
)

# What an interval covers, by its name in a claim.
INTERVALS = {"seeds": SEEDS_ONLY, "seeds and images": SEEDS_AND_IMAGES}


def rule(
    kind: str,
    lost: bool = True,
    settings: bool = False,
    interval: str = "seeds",
    decided: Decider = "tests",
    centre: Centre = "mean",
) -> str:
    """The rule of a claim, in words.

    Args:
        kind: "difference", "equivalence" or "exact".
        lost: whether runs can be lost, so that signs judge.
        settings: whether the claim must hold in several settings.
        interval: what the interval covers: "seeds", "seeds and images", or a sentence that says so.
        decided: what gives the word. An interval that decides covers the seeds alone.
        centre: what it is the interval of; of a "median" only differences are asked.

    Raises:
        BnreportError: when there is no such kind.
    """
    if kind == "exact":
        return EXACT
    if centre == "median":
        if (kind, lost, settings, decided) != ("difference", False, False, "interval"):
            raise BnreportError(
                "Expected a claim on a median to be a difference in one setting, without lost "
                f"runs, that an interval decides. Received: kind {kind!r}, lost {lost}, settings "
                f"{settings}, decided by {decided}. Ask for the mean, or change these."
            )
        return MEDIAN_RULE
    by_interval = decided == "interval"
    kinds = (
        INTERVAL_RULES if by_interval else {"difference": DIFFERENCE, "equivalence": EQUIVALENCE}
    )
    if kind not in kinds:
        raise BnreportError(
            f"Expected a kind of claim whose rule is known. Received: {kind!r}. Use one of: "
            f"{', '.join(kinds)}, exact; or give the claim a `rule` of its own."
        )
    if by_interval:
        more = INTERVAL_LOST if lost else "", INTERVAL_SETTINGS if settings else ""
        return kinds[kind] + "".join(more)
    covered = INTERVALS.get(interval, f" {interval}")
    return kinds[kind] + (LOST if lost else "") + (SETTINGS if settings else "") + covered
