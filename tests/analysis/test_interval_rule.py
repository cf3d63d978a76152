"""The rule of the second edition: one interval gives every word."""

import math
from collections.abc import Mapping

import numpy as np
import pytest
from scipy import stats

from bnreport.analysis.display import judgement, may_say, outcomes
from bnreport.analysis.judge import judge
from bnreport.analysis.verdicts import LEAST_SEEDS, Verdict
from bnreport.pages.claim_text import numbers, power_text
from bnreport.protocol.claims import Claim, Word
from bnreport.statistics.estimates import Contrast, Estimate, paired
from tests.analysis.test_judge import DIFFERENCE

GAIN = DIFFERENCE.model_copy(update={"decided": "interval"})
ALIKE = GAIN.model_copy(update={"id": "alike", "kind": "equivalence"})
BOTH = GAIN.model_copy(update={"id": "both", "settings": ("small", "large")})


def contrast(low: float, high: float, level: float = 0.95, n: int = LEAST_SEEDS) -> Contrast:
    """Differences whose t interval at that level has these ends."""
    shape = np.arange(n) - (n - 1) / 2
    half = float(stats.t.ppf((1 + level) / 2, n - 1)) * shape.std(ddof=1) / math.sqrt(n)
    return paired((low + high) / 2 + shape * (high - low) / 2 / half)


def verdict(claim: Claim, estimate: Estimate, others: int = 0) -> Verdict:
    """The verdict on a claim in a family with so many others."""
    family = [GAIN.model_copy(update={"id": f"other-{i}"}) for i in range(others)]
    estimates: Mapping[str, Estimate] = {claim.id: estimate} | {
        other.id: contrast(-9, 9) for other in family
    }
    return judge([claim, *family], estimates, "full")[claim.id]


@pytest.mark.parametrize(
    ("claim", "estimate", "word"),
    [
        pytest.param(GAIN, contrast(0.6, 1.4), "supported", id="an effect"),
        pytest.param(GAIN, contrast(0.1, 0.95), "supported", id="a mean at the margin"),
        pytest.param(GAIN, contrast(0.1, 0.8), "underpowered", id="a mean below the margin"),
        pytest.param(GAIN, contrast(0.1, 0.4), "not supported", id="real but small"),
        pytest.param(GAIN, contrast(-1.4, -0.6), "not supported", id="reversed"),
        pytest.param(GAIN, contrast(-0.1, 1.9), "underpowered", id="an interval over zero"),
        pytest.param(GAIN, contrast(0.6, 1.4, n=11), "underpowered", id="too few pairs"),
        pytest.param(ALIKE, contrast(-0.4, 0.4, 0.9), "supported", id="alike"),
        pytest.param(ALIKE, contrast(-0.49, 0.49, 0.9), "supported", id="just alike"),
        pytest.param(ALIKE, contrast(-0.4, 0.51, 0.9), "underpowered", id="beyond one margin"),
        pytest.param(ALIKE, contrast(-0.51, 0.4, 0.9), "underpowered", id="beyond the other"),
        pytest.param(ALIKE, contrast(0.6, 1.4), "not supported", id="more than alike"),
        pytest.param(ALIKE, contrast(-1.4, -0.6), "not supported", id="less than alike"),
    ],
)
def test_the_interval_gives_one_word(claim: Claim, estimate: Contrast, word: Word) -> None:
    assert verdict(claim, estimate).word == word


def test_the_interval_shown_is_the_one_that_decides() -> None:
    found = verdict(GAIN, contrast(0.2, 1.4, level=1 - 0.05 / 4), others=3)
    assert (found.low, found.high) == pytest.approx((0.2, 1.4))
    assert (found.p, found.family) == (None, 4)
    shown = found.findings[""].interval
    assert shown.level == pytest.approx(1 - 0.05 / 4)
    alike = verdict(ALIKE, contrast(-0.2, 0.4, level=1 - 0.1 / 4), others=3)
    assert (alike.low, alike.high) == pytest.approx((-0.2, 0.4))


def test_the_median_of_times_is_not_moved_by_a_round_that_stalled() -> None:
    rounds = np.linspace(0.6, 0.8, 2 * LEAST_SEEDS)
    typical = GAIN.model_copy(update={"centre": "median"})
    steady = verdict(typical, paired(rounds))
    stalled = verdict(typical, paired([*rounds[:-1], 99.0]))
    assert (steady.word, stalled.word) == ("supported", "supported")
    assert (steady.effect, steady.low, steady.high) == (stalled.effect, stalled.low, stalled.high)
    assert verdict(GAIN, paired([*rounds[:-1], 99.0])).word == "underpowered"
    assert power_text(stalled) == ""


def test_further_claims_widen_the_interval_and_can_cost_the_word() -> None:
    estimate = contrast(0.05, 1.4)
    assert verdict(GAIN, estimate).word == "supported"
    assert verdict(GAIN, estimate, others=3).word == "underpowered"
    alike = contrast(-0.49, 0.49, 0.9)
    assert verdict(ALIKE, alike).word == "supported"
    assert verdict(ALIKE, alike, others=3).word == "underpowered"


def test_what_the_others_show_changes_nothing() -> None:
    other = GAIN.model_copy(update={"id": "other"})
    for shown in (contrast(0.6, 1.4), contrast(-9, 9)):
        found = judge([GAIN, other], {"gain": contrast(0.1, 1.2), "other": shown}, "full")
        assert (
            found["gain"]
            == judge(
                [GAIN, other], {"gain": contrast(0.1, 1.2), "other": contrast(-2, -1)}, "full"
            )["gain"]
        )


@pytest.mark.parametrize(
    ("small", "large", "word"),
    [
        pytest.param(contrast(0.6, 1.4), contrast(0.5, 1.2), "supported", id="in both"),
        pytest.param(contrast(0.6, 1.4), contrast(-9, 9), "underpowered", id="one is open"),
        pytest.param(contrast(0.6, 1.4), contrast(-0.3, 0.1), "not supported", id="one refutes it"),
        pytest.param(contrast(-9, 9), contrast(-0.3, 0.1), "not supported", id="and one is open"),
        pytest.param(
            contrast(0.6, 1.4), contrast(-0.3, 0.49), "underpowered", id="refuted, were it alone"
        ),
        pytest.param(
            contrast(0.6, 1.4),
            contrast(-0.3, 0.49, 1 - 0.05 / 2),
            "not supported",
            id="refuted as one of two",
        ),
    ],
)
def test_a_claim_holds_in_every_setting_or_is_refuted_by_one(
    small: Contrast, large: Contrast, word: Word
) -> None:
    found = verdict(BOTH, {"small": small, "large": large})
    assert found.word == word
    # The setting with the lower end is the harder one to support.
    assert found.setting == min(
        ("small", "large"), key=lambda name: found.findings[name].interval.low
    )


def test_a_lost_run_is_judged_by_the_median_at_the_level_of_the_family() -> None:
    differences = np.array([math.inf, -3.0, 0.4, *np.linspace(0.6, 1.4, 9)])
    found = verdict(GAIN, paired(differences, diverged=1))
    # Of twelve pairs the third from either end cover the median in 96% of cases,
    assert (found.low, found.high) == pytest.approx((0.6, 1.3))
    assert found.effect == pytest.approx(0.95)
    # and the second in 99%.
    rarer = verdict(GAIN, paired(differences, diverged=1), others=3)
    assert (rarer.low, rarer.high) == pytest.approx((0.4, 1.4))
    assert (found.diverged, found.word) == (1, "supported")


def test_lost_runs_are_never_alike() -> None:
    close = np.linspace(-0.1, 0.1, 12)
    assert verdict(ALIKE, paired(close)).word == "supported"
    # All runs of both arms are at chance, and so is every pair.
    for equal in (close, np.zeros(12)):
        found = verdict(ALIKE, paired(equal, diverged=12))
        assert (found.word, found.diverged) == ("underpowered", 12)
        assert -0.5 <= (found.low or 0.0) <= (found.high or 0.0) <= 0.5
    assert verdict(ALIKE, paired(close, censored=1)).word == "underpowered"
    assert verdict(ALIKE, paired(close + 9, diverged=1)).word == "not supported"


def test_of_equalities_the_one_with_lost_runs_is_the_hardest_to_support() -> None:
    claim = BOTH.model_copy(update={"kind": "equivalence"})
    close = np.linspace(-0.1, 0.1, 12)
    found = verdict(claim, {"small": paired(2 * close), "large": paired(close, diverged=1)})
    assert (found.word, found.setting) == ("underpowered", "large")


def test_a_family_decides_in_one_way() -> None:
    with pytest.raises(ValueError, match=r"one way of deciding.*interval and tests"):
        judge(
            [GAIN, DIFFERENCE.model_copy(update={"id": "old"})],
            {"gain": contrast(0, 1), "old": contrast(0, 1)},
            "full",
        )


@pytest.mark.parametrize(
    ("estimate", "text"),
    [
        (contrast(0.6, 1.4), "supported (at least the margin)"),
        (contrast(0.1, 1.4), "supported"),
        (contrast(-1.4, -0.6), "not supported (reversed)"),
        (contrast(0.1, 0.4), "not supported (real but small)"),
        (contrast(0.1, 0.8), "undecided (positive, its size undecided)"),
        (contrast(-0.1, 0.8), "undecided"),
    ],
)
def test_no_word_of_an_interval_is_ever_corrected(estimate: Contrast, text: str) -> None:
    shown = judgement(verdict(GAIN, estimate))
    assert (shown.text, shown.published) == (text, "")


def test_one_setting_that_refutes_a_claim_is_told_as_one() -> None:
    refuted, sure = contrast(-0.3, 0.1), contrast(0.6, 1.4)
    one = judgement(verdict(BOTH, {"small": sure, "large": refuted}))
    assert (one.text, one.published) == ("not supported (not in every setting)", "")
    assert judgement(verdict(BOTH, {"small": refuted, "large": refuted})).text == "not supported"
    assert set(outcomes(BOTH)) == set(outcomes(GAIN)) | {"not_in_every_setting"}


@pytest.mark.parametrize(
    ("estimate", "text", "sentence"),
    [
        (contrast(0.2, 0.8), "undecided (they differ)", "above"),
        (contrast(-0.8, -0.2), "undecided (they differ)", "below"),
        (contrast(-0.1, 0.8), "undecided", "undecided"),
        (contrast(-0.8, 0.1), "undecided", "undecided"),
        (contrast(0.1, 0.3), "supported", "supported"),
        (contrast(0.9, 1.4), "not supported", "not_supported"),
    ],
)
def test_an_open_equality_whose_interval_lies_on_one_side_is_told_as_apart(
    estimate: Contrast, text: str, sentence: str
) -> None:
    shown = judgement(verdict(ALIKE, estimate))
    assert (shown.text, shown.sentence) == (text, sentence)


def test_settings_on_both_sides_are_not_told_as_one_side() -> None:
    claim = BOTH.model_copy(update={"kind": "equivalence"})
    above, below = contrast(0.2, 0.8), contrast(-0.8, -0.2)
    assert judgement(verdict(claim, {"small": above, "large": above})).sentence == "above"
    assert judgement(verdict(claim, {"small": above, "large": below})).sentence == "undecided"


def test_only_an_equality_that_one_interval_decides_has_sentences_for_a_side() -> None:
    assert set(may_say(ALIKE)) == {"above", "below"}
    assert not may_say(GAIN)
    # Words of the first edition stay as they were corrected.
    assert not may_say(ALIKE.model_copy(update={"decided": "tests"}))


def test_numbers_name_the_level_of_the_interval_and_no_p() -> None:
    told = numbers(verdict(GAIN, contrast(0.2, 1.4, level=1 - 0.05 / 3), others=2))
    assert "98.33% interval [+0.20, +1.40]" in told
    assert "p " not in told.replace("pp", "")
    assert "95% interval" in numbers(verdict(GAIN, contrast(0.2, 1.4)))
    power = power_text(verdict(ALIKE, contrast(-0.2, 0.4, level=1 - 0.1 / 4), others=3))
    assert "extends 0.30" in power
    assert "Holm" not in power + power_text(verdict(GAIN, contrast(0.2, 1.4)))


def test_a_tie_that_an_interval_beyond_the_margin_leaves_undecided_says_why() -> None:
    # At 90% it lies beyond half a point, and at 95%, which would refute a tie, it does not.
    barely = verdict(ALIKE, contrast(0.51, 1.1, level=0.9))
    assert barely.word == "underpowered"
    assert "the 95% interval, which would refute a tie, reaches within it" in numbers(barely)
    for sound in (verdict(ALIKE, contrast(0.6, 1.4)), verdict(ALIKE, contrast(-0.2, 0.8))):
        assert "refute a tie" not in numbers(sound)


@pytest.mark.parametrize(
    ("low", "high", "text"),
    [
        (-0.34, -0.0008, "[−0.34, −0.001]"),
        (0.0004, 0.8, "[+0.0004, +0.80]"),
        (-0.3, 0.8, "[−0.30, +0.80]"),
    ],
)
def test_an_end_of_an_interval_shows_on_which_side_of_zero_it_lies(
    low: float, high: float, text: str
) -> None:
    assert text in numbers(verdict(GAIN, contrast(low, high)))
