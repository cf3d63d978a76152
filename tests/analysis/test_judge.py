"""The rule that turns estimates into words, case by case."""

import math
from dataclasses import replace

import numpy as np
import pytest

from bnreport.analysis.judge import judge
from bnreport.analysis.verdicts import ALPHA, LEAST_RUNS, LEAST_SEEDS, Finding, Verdict
from bnreport.protocol.claims import Claim, Word
from bnreport.statistics.estimates import Contrast, Exact, Fit, paired
from bnreport.statistics.intervals import Interval
from bnreport.statistics.power import detectable

DIFFERENCE = Claim(
    id="gain",
    question="Does it help?",
    statement="It helps.",
    source="the notebook",
    kind="difference",
    arms="BN minus baseline",
    metric="accuracy",
    unit="pp",
    margin=0.5,
    seeds="100-111",
    rule="The interval lies above zero.",
    expected="supported",
)
FIT = DIFFERENCE.model_copy(update={"id": "curve", "kind": "fit", "margin": None})


def contrast(low: float, high: float, p: float = 0.001, n: int = LEAST_SEEDS) -> Contrast:
    return Contrast(Interval(low, (low + high) / 2, high, n, "t"), p)


def fit(p: float, n: int = LEAST_RUNS) -> Fit:
    return Fit(largest_z=3.5, rms=1.0, p=p, n=n, offset=0)


def verdict(estimate: Contrast | Fit) -> Verdict:
    claim = DIFFERENCE if isinstance(estimate, Contrast) else FIT
    return judge([claim], {claim.id: estimate}, "full")[claim.id]


@pytest.mark.parametrize(
    ("estimate", "word"),
    [
        pytest.param(contrast(0.6, 1.4), "supported", id="a true effect"),
        pytest.param(contrast(0.1, 0.9), "supported", id="a mean at the margin"),
        pytest.param(contrast(-0.2, 0.2, p=0.9), "not supported", id="no effect"),
        pytest.param(contrast(-1.4, -0.6), "not supported", id="a reversed effect"),
        pytest.param(contrast(0.1, 0.4), "not supported", id="an effect below the margin"),
        pytest.param(contrast(0.1, 0.6), "underpowered", id="a mean that misses the margin"),
        pytest.param(contrast(-0.5, 3.0), "underpowered", id="a wide interval"),
        pytest.param(contrast(-0.5, 0.5, p=0.9), "underpowered", id="an interval to the margin"),
        pytest.param(contrast(0.0, 2.0), "underpowered", id="an interval that starts at zero"),
        pytest.param(contrast(0.6, 1.4, p=ALPHA), "underpowered", id="a p at the level"),
        pytest.param(contrast(0.6, 1.4, n=LEAST_SEEDS - 1), "underpowered", id="too few pairs"),
        pytest.param(contrast(-9.0, -8.0, n=LEAST_SEEDS - 1), "underpowered", id="few, reversed"),
        pytest.param(fit(0.05), "supported", id="a fit at the level"),
        pytest.param(fit(1.0), "supported", id="a perfect fit"),
        pytest.param(fit(0.0499), "not supported", id="a fit just below the level"),
        pytest.param(fit(1 / 21), "not supported", id="the smallest p of 20 runs"),
        pytest.param(fit(1.0, n=LEAST_RUNS - 1), "underpowered", id="too few runs"),
        pytest.param(fit(0.001, n=LEAST_RUNS - 1), "underpowered", id="too few runs, far off"),
    ],
)
def test_the_rule_gives_one_word(estimate: Contrast | Fit, word: Word) -> None:
    found = verdict(estimate)
    assert found.word == word


def test_only_an_interval_below_zero_is_reversed() -> None:
    assert verdict(contrast(-1.4, -0.6)).reversed
    assert not verdict(contrast(-0.2, 0.2, p=0.9)).reversed
    assert not verdict(contrast(-9.0, -8.0, n=LEAST_SEEDS - 1)).reversed


def test_a_verdict_carries_the_numbers_of_its_estimate() -> None:
    estimate = replace(contrast(0.5, 1.5, p=0.002), diverged=2)
    finding = Finding("supported", estimate.interval, 0.002, diverged=2)
    expected = Verdict(
        DIFFERENCE, "supported", 1.0, 0.5, 1.5, 0.002, 12, diverged=2, findings={"": finding}
    )
    assert verdict(estimate) == expected
    assert verdict(fit(0.3)) == Verdict(FIT, "supported", 3.5, None, None, 0.3, 20)


def test_holm_adjusts_over_the_differences_and_leaves_the_fits_alone() -> None:
    claims = [
        FIT.model_copy(update={"id": "fit-1"}),
        DIFFERENCE.model_copy(update={"id": "first"}),
        FIT.model_copy(update={"id": "fit-2"}),
        DIFFERENCE.model_copy(update={"id": "second"}),
    ]
    found = judge(
        claims,
        {
            "fit-1": fit(0.06),
            "fit-2": fit(0.01),
            "first": contrast(0.6, 1.4, p=0.03),
            "second": contrast(0.6, 1.4, p=0.02),
        },
        "full",
    )
    assert list(found) == ["fit-1", "first", "fit-2", "second"]
    assert {name: v.p for name, v in found.items()} == pytest.approx(
        {"fit-1": 0.06, "first": 0.04, "fit-2": 0.01, "second": 0.04}
    )
    assert {v.word for v in found.values() if v.claim.kind == "difference"} == {"supported"}


def test_a_further_difference_can_cost_a_claim_its_support() -> None:
    other = DIFFERENCE.model_copy(update={"id": "other"})
    estimates = {"gain": contrast(0.6, 1.4, p=0.03), "other": contrast(0.6, 1.4, p=0.04)}
    assert judge([DIFFERENCE], estimates, "full")["gain"].word == "supported"
    assert judge([DIFFERENCE, other], estimates, "full")["gain"].word == "underpowered"


# A claim on several settings.

BOTH = DIFFERENCE.model_copy(update={"id": "both", "settings": ("small", "large")})
YES, NO, OPEN = contrast(0.6, 1.4), contrast(-0.2, 0.2, p=0.9), contrast(-0.5, 3.0, p=0.2)


@pytest.mark.parametrize(
    ("small", "large", "word"),
    [
        pytest.param(YES, YES, "supported", id="in every setting"),
        pytest.param(NO, NO, "not supported", id="in none"),
        pytest.param(YES, NO, "mixed", id="they disagree"),
        pytest.param(NO, YES, "mixed", id="they disagree the other way"),
        pytest.param(YES, OPEN, "underpowered", id="one is open"),
        pytest.param(NO, OPEN, "underpowered", id="one fails and one is open"),
        pytest.param(contrast(0.6, 1.4, p=0.02), NO, "underpowered", id="one might support it"),
    ],
)
def test_settings_are_mixed_only_when_they_disagree(
    small: Contrast, large: Contrast, word: Word
) -> None:
    found = judge(
        [BOTH, DIFFERENCE], {"both": {"small": small, "large": large}, "gain": YES}, "full"
    )
    assert found["both"].word == word
    assert tuple(found["both"].findings) == ("small", "large")


def test_a_claim_on_settings_enters_holm_once_with_its_largest_p() -> None:
    settings = {"small": contrast(0.6, 1.4, p=0.001), "large": contrast(0.7, 1.5, p=0.02)}
    found = judge(
        [BOTH, DIFFERENCE], {"both": settings, "gain": contrast(0.6, 1.4, p=0.01)}, "full"
    )
    assert found["gain"].p == pytest.approx(0.02)
    assert found["both"].p == pytest.approx(0.02)
    assert found["both"].setting == "large"
    assert found["both"].effect == pytest.approx(1.1)
    assert {verdict.family for verdict in found.values()} == {2}


def test_settings_are_reversed_only_where_all_of_them_are() -> None:
    below, small = contrast(-1.4, -0.6), contrast(0.1, 0.4)
    for other, turned in ((below, True), (small, False)):
        found = judge([BOTH], {"both": {"small": below, "large": other}}, "full")["both"]
        assert (found.word, found.reversed) == ("not supported", turned)


def test_settings_have_as_many_pairs_as_the_least_of_them_and_as_many_lost_runs_as_the_most() -> (
    None
):
    fewer = replace(contrast(0.6, 1.4), diverged=1, censored=2)
    more = replace(contrast(0.6, 1.4, n=20), diverged=2, censored=1)
    found = judge([BOTH], {"both": {"small": fewer, "large": more}}, "full")["both"]
    assert (found.n, found.diverged, found.censored) == (LEAST_SEEDS, 2, 2)


def test_settings_must_be_those_of_the_claim_in_their_order() -> None:
    with pytest.raises(ValueError, match=r"both.*'small', 'large'.*'large', 'small'"):
        judge([BOTH], {"both": {"large": YES, "small": YES}}, "full")


# Equivalence, on twelve differences around a mean with a spread of 0.1.

EQUAL = DIFFERENCE.model_copy(update={"id": "equal", "kind": "equivalence"})


def around(mean: float, diverged: int = 0) -> Contrast:
    return replace(paired(mean + 0.1 * np.array([-1.0, 1.0] * 6)), diverged=diverged)


@pytest.mark.parametrize(
    ("estimate", "word"),
    [
        pytest.param(around(0.0), "supported", id="no difference"),
        pytest.param(around(0.3), "supported", id="a small difference"),
        pytest.param(around(-0.3), "supported", id="a small difference the other way"),
        pytest.param(around(0.49), "underpowered", id="an interval over the margin"),
        pytest.param(around(0.9), "not supported", id="a large difference"),
        pytest.param(around(-0.9), "not supported", id="a large difference the other way"),
        pytest.param(around(0.0, diverged=1), "underpowered", id="a diverged run"),
    ],
)
def test_equivalence_needs_both_sides_of_the_margin(estimate: Contrast, word: Word) -> None:
    found = judge([EQUAL], {"equal": estimate}, "full")["equal"]
    assert found.word == word
    assert not found.reversed


def test_on_the_scale_of_ratios_the_margin_is_a_ratio() -> None:
    claim = DIFFERENCE.model_copy(update={"scale": "ratio", "margin": 2.0})
    below, above = contrast(math.log(1.5), math.log(1.9)), contrast(math.log(1.9), math.log(2.4))
    assert judge([claim], {"gain": below}, "full")["gain"].word == "not supported"
    assert judge([claim], {"gain": above}, "full")["gain"].word == "supported"


@pytest.mark.parametrize(("largest", "word"), [(1e-4, "supported"), (1.1e-4, "not supported")])
def test_an_identity_holds_within_its_tolerance_or_not(largest: float, word: Word) -> None:
    claim = DIFFERENCE.model_copy(update={"kind": "exact", "margin": 1e-4})
    found = judge([claim], {"gain": Exact(largest, 30)}, "full")["gain"]
    assert (found.word, found.effect, found.low, found.p, found.n) == (
        word,
        largest,
        None,
        None,
        30,
    )


def test_the_detectable_effect_is_given_after_holm() -> None:
    alone = judge([DIFFERENCE], {"gain": around(1.0)}, "full")["gain"].findings[""].detectable
    other = DIFFERENCE.model_copy(update={"id": "other"})
    both = judge([DIFFERENCE, other], {"gain": around(1.0), "other": around(1.0)}, "full")
    assert alone is not None
    assert both["gain"].findings[""].detectable == pytest.approx(
        detectable(around(1.0).values, ALPHA / 2)
    )


def test_a_quick_profile_is_never_judged() -> None:
    found = judge([DIFFERENCE, FIT], {"gain": contrast(0.6, 1.4, n=20), "curve": fit(1.0)}, "quick")
    assert [v.word for v in found.values()] == ["not judged", "not judged"]
    assert [v.p for v in found.values()] == [None, None]
    assert found["gain"].effect == 1.0


def test_twelve_pairs_can_survive_holm_over_eight_differences_and_twenty_runs_can_be_refused() -> (
    None
):
    assert 8 * 2 / 2**LEAST_SEEDS < ALPHA
    assert 1 / (LEAST_RUNS + 1) < ALPHA <= 1 / LEAST_RUNS


@pytest.mark.parametrize(("claim", "estimate"), [(DIFFERENCE, fit(1.0)), (FIT, contrast(0, 1))])
def test_an_estimate_of_the_wrong_kind_is_refused(claim: Claim, estimate: Contrast | Fit) -> None:
    with pytest.raises(TypeError, match="Expected a"):
        judge([claim], {claim.id: estimate}, "full")


@pytest.mark.parametrize("claim", [DIFFERENCE, FIT])
def test_a_claim_without_an_estimate_is_refused(claim: Claim) -> None:
    with pytest.raises(KeyError, match=claim.id):
        judge([claim], {}, "full")
