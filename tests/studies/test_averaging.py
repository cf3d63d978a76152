"""Averages of weights: what each claim reads, and which weights are averaged."""

from typing import Any

import pytest

from bnreport.analysis.arms import Arm
from bnreport.protocol.directions import Quantity, check
from bnreport.protocol.recipes import Recipe
from bnreport.protocol.scorings import Averaged
from bnreport.statistics.estimates import Contrast
from bnreport.studies import averaging
from bnreport.studies.averaging import runs
from bnreport.studies.averaging.runs import BN, LN, RAW, STD, STD_BN, named
from tests.directed import Directed

MADE = Directed(averaging.STUDY)
# The trial and the score of the arm that counts as positive, and those of the other.
End = tuple[Arm, str, str, str]


def difference(claim: str, one: End, other: End, setting: str = "") -> float:
    """What a claim says of the first seed where the first of two ends is 2.5 points ahead."""

    def place(arm: Arm, course: str, weights: str, by: str) -> tuple[str, Quantity]:
        return named(arm, course), check(f"{weights}_{by}_val_accuracy")

    given: dict[tuple[str, Quantity], Any] = {place(*one): 0.875, place(*other): 0.85}
    estimate = averaging.STUDY.estimates[f"averaging-{claim}"](MADE.given(given))
    contrast = estimate[setting] if isinstance(estimate, dict) else estimate
    assert isinstance(contrast, Contrast)
    return contrast.values[0]


def ends(by: str) -> dict[tuple[str, str], tuple[End, End]]:
    """What each claim by a score compares, by its name and setting."""
    mean = "mean-160"
    nets = (RAW, STD, BN, STD_BN, LN) if by == "fresh" else (BN, STD_BN)
    return {
        **{
            (claim, arm.name): ((arm, course, mean, by), (arm, course, "end", by))
            for claim, course in (("gain", "constant"), ("fall", "falling"))
            for arm in nets
            if (claim, arm) != ("gain", LN)
        },
        **{
            (claim, ""): ((BN, "constant", mean, by), (other, "constant", mean, by))
            for claim, other in (("raw", RAW), ("std", STD), ("ln", LN))
        },
        **{
            ("course", arm.name): ((arm, "constant", mean, by), (arm, "falling", "end", by))
            for arm in (BN, STD_BN)
        },
    }


@pytest.mark.parametrize("by", ["fresh", "deployed"])
def test_claims_by_a_score_compare_what_they_say(by: str) -> None:
    suffix = "" if by == "fresh" else "-deployed"
    for (claim, setting), pair in ends(by).items():
        found = difference(claim + suffix, *pair, setting)
        assert found == pytest.approx(2.5), (claim, setting)


@pytest.mark.parametrize("arm", [BN, STD_BN], ids=lambda arm: arm.name)
def test_averaged_weights_are_scored_by_two_kinds_of_statistics(arm: Arm) -> None:
    one, other = ((arm, "constant", "mean-160", by) for by in ("fresh", "deployed"))
    assert difference("match", one, other, arm.name) == pytest.approx(2.5)


def test_the_average_that_judges_is_that_of_the_last_epoch() -> None:
    for each in runs.RUNS:
        trial = each.trial
        assert isinstance(trial, Recipe)
        (mean,) = (m for m in trial.measures if m.name == "mean-160")
        assert isinstance(mean, Averaged)
        taken = mean.taken(trial.steps)
        assert len(taken) == 20
        assert max(taken) == trial.steps
        assert min(taken) > trial.steps - trial.steps_of_an_epoch
        assert mean.momentum == 1
