"""The rule that turns estimates into words, case by case."""

from dataclasses import replace

import pytest

from bnreport.estimates import Contrast, Fit
from bnreport.judge import ALPHA, LEAST_RUNS, LEAST_SEEDS, MARKS, Finding, Verdict, judge
from bnreport.statistics import Interval
from bnreport.study import Claim, Word

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
    assert found.mark == MARKS[word]
    assert found.as_expected == (word == "supported")


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


def test_a_quick_profile_is_never_judged() -> None:
    found = judge([DIFFERENCE, FIT], {"gain": contrast(0.6, 1.4, n=20), "curve": fit(1.0)}, "quick")
    assert [v.word for v in found.values()] == ["not judged", "not judged"]
    assert [v.p for v in found.values()] == [None, None]
    assert found["gain"].effect == 1.0
    assert not found["gain"].as_expected


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
