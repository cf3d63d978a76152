"""What readers see of a verdict: its word, what qualifies it, and what was corrected."""

from dataclasses import replace

import pytest

from bnreport.analysis.display import NOT_SURE, REFUTED, judgement, outcomes, part
from bnreport.analysis.judge import judge
from bnreport.analysis.verdicts import ALPHA, LEAST_RUNS, LEAST_SEEDS, Finding, Verdict
from bnreport.pages.claim_text import numbers
from bnreport.pages.fragments import coded
from bnreport.protocol.claims import Claim, Display
from bnreport.statistics.estimates import Contrast, Estimate, Exact, Fit
from bnreport.statistics.intervals import Interval
from tests.analysis.test_judge import DIFFERENCE, FIT

BOTH = DIFFERENCE.model_copy(update={"settings": ("here", "there")})
SAME = DIFFERENCE.model_copy(update={"kind": "equivalence"})
SURE, UNSURE = 0.001, 0.08


def contrast(low: float, high: float, p: float = SURE) -> Contrast:
    return Contrast(
        Interval(low, (low + high) / 2, high, LEAST_SEEDS, "t"), p, values=(1.0,) * LEAST_SEEDS
    )


def verdict(claim: Claim, estimate: Estimate) -> Verdict:
    return judge([claim], {claim.id: estimate}, "full")[claim.id]


@pytest.mark.parametrize(
    ("found", "text", "sentence"),
    [
        (contrast(0.6, 1.4), "supported (at least the margin)", "supported"),
        (contrast(0.5, 1.5), "supported (at least the margin)", "supported"),
        (contrast(0.4, 1.4), "supported", "supported"),
        (contrast(-1.4, -0.6), "not supported (reversed)", "reversed"),
        (contrast(-1.4, -0.6, UNSURE), "not supported", "not_supported"),
        (contrast(-1.4, -0.6, ALPHA), "not supported", "not_supported"),
        (contrast(0.1, 0.4), "not supported (real but small)", "small"),
        (contrast(-0.1, 0.4), "not supported", "not_supported"),
        (contrast(0.0, 0.4), "not supported", "not_supported"),
        (contrast(0.0, 0.6), "undecided", "undecided"),
        (contrast(0.1, 0.6), "undecided (positive, its size undecided)", "positive"),
        (contrast(-0.1, 0.6), "undecided", "undecided"),
    ],
)
def test_the_interval_qualifies_the_word_of_a_difference(
    found: Contrast, text: str, sentence: str
) -> None:
    shown = judgement(verdict(DIFFERENCE, found))
    assert (shown.text, shown.sentence) == (text, sentence)


@pytest.mark.parametrize(
    ("here", "there", "text"),
    [
        (contrast(-0.2, 0.2), contrast(0.1, 0.6), "not supported (not in every setting)"),
        (contrast(0.1, 0.6), contrast(-0.9, -0.5), "not supported (not in every setting)"),
        (contrast(-0.2, 0.2), contrast(0.6, 1.4), "mixed"),
        (contrast(0.1, 0.4), contrast(0.2, 0.3), "not supported (real but small)"),
        (contrast(0.1, 0.4), contrast(-0.2, 0.3), "not supported"),
        (contrast(-0.9, -0.1), contrast(-0.8, -0.2), "not supported (reversed)"),
        (contrast(-0.9, -0.1), contrast(-0.8, -0.2, UNSURE), "not supported"),
        (
            contrast(0.1, 0.6),
            contrast(0.7, 1.4, UNSURE),
            "undecided (positive, its size undecided)",
        ),
        (contrast(-0.1, 0.6), contrast(0.6, 1.4), "undecided"),
        (contrast(0.6, 1.4), contrast(0.5, 0.9), "supported (at least the margin)"),
        (contrast(0.6, 1.4), contrast(0.4, 0.9), "supported"),
    ],
)
def test_a_claim_on_several_settings_is_refuted_by_one(
    here: Contrast, there: Contrast, text: str
) -> None:
    assert judgement(verdict(BOTH, {"here": here, "there": there})).text == text


def test_an_equivalence_on_several_settings_is_refuted_by_one() -> None:
    claim = BOTH.model_copy(update={"kind": "equivalence"})
    spread = replace(contrast(-0.6, 0.6), values=(-1.0, 1.0) * (LEAST_SEEDS // 2))
    apart = replace(contrast(0.9, 1.1), values=(0.9, 1.1) * (LEAST_SEEDS // 2))
    found = verdict(claim, {"here": spread, "there": apart})
    assert found.word == "underpowered"
    assert judgement(found).text == "not supported (not in every setting)"


@pytest.mark.parametrize(
    ("found", "published", "reason"),
    [
        ({"here": contrast(-0.2, 0.2), "there": contrast(0.1, 0.6)}, "underpowered", REFUTED),
        (
            {"here": contrast(-0.9, -0.1, UNSURE), "there": contrast(-0.8, -0.2)},
            "not supported, reversed",
            NOT_SURE,
        ),
        ({"here": contrast(-0.1, 0.6), "there": contrast(0.6, 1.4)}, "", ""),
        ({"here": contrast(0.6, 1.4), "there": contrast(0.6, 1.4)}, "", ""),
    ],
)
def test_a_corrected_word_stands_beside_the_one_that_was_published(
    found: Estimate, published: str, reason: str
) -> None:
    shown = judgement(verdict(BOTH, found))
    assert (shown.published, shown.reason) == (published, reason)


def test_a_withdrawn_verdict_says_why_and_surprises_nobody() -> None:
    found = verdict(DIFFERENCE, contrast(-1.4, -0.6))
    assert not judgement(found).as_expected
    shown = judgement(found, Display(withdrawn="a round stalled"))
    assert (shown.text, shown.sentence, shown.reason) == (
        "withdrawn",
        "withdrawn",
        "a round stalled",
    )
    assert shown.published == "not supported, reversed"
    assert shown.as_expected


def test_a_refuted_conjunction_is_what_one_expected_who_did_not_believe_it() -> None:
    claim = BOTH.model_copy(update={"expected": "not supported"})
    found = verdict(claim, {"here": contrast(-0.2, 0.2), "there": contrast(0.1, 0.6)})
    assert judgement(found).as_expected


def test_a_fit_and_an_open_claim_have_no_qualifier() -> None:
    near = Fit(largest_z=1.0, rms=0.5, p=0.5, n=LEAST_RUNS, offset=0)
    assert judgement(verdict(FIT, near)).text == "supported"
    assert judgement(verdict(FIT, replace(near, n=LEAST_RUNS - 1))).text == "undecided"


def test_what_is_not_judged_is_not_corrected_either() -> None:
    found = judge([BOTH], {BOTH.id: {"here": contrast(-1, -0.5), "there": contrast(0, 1)}}, "quick")
    shown = judgement(found[BOTH.id], Display(withdrawn="a round stalled"))
    assert (shown.word, shown.published) == ("not judged", "")


def test_a_shown_statement_takes_the_place_of_the_frozen_one() -> None:
    found = verdict(DIFFERENCE, contrast(0.6, 1.4))
    assert judgement(found).statement == "It helps."
    assert judgement(found, Display(statement="It helps here.")).statement == "It helps here."
    assert judgement(found, Display(label="Here")).label == "Here"
    british = DIFFERENCE.model_copy(update={"statement": "centred inputs help"})
    assert judgement(verdict(british, contrast(0.6, 1.4))).statement == "centered inputs help"


@pytest.mark.parametrize(
    ("low", "high", "stored", "text"),
    [
        (-0.9, -0.1, "not supported", "not supported: the interval lies below zero"),
        (0.1, 0.4, "not supported", "not supported: real but small"),
        (-0.1, 0.4, "not supported", "not supported"),
        (0.1, 0.6, "underpowered", "undecided: positive, its size undecided"),
        (-0.1, 0.6, "underpowered", "undecided"),
        (
            0.6,
            1.4,
            "underpowered",
            "undecided: beyond the margin, but p times all claims and settings is not below .05",
        ),
        (0.6, 1.4, "supported", "supported"),
    ],
)
def test_one_setting_is_told_by_its_own_interval(
    low: float, high: float, stored: str, text: str
) -> None:
    interval = Interval(low, (low + high) / 2, high, LEAST_SEEDS, "t")
    finding = Finding(word=stored, interval=interval, p=SURE)  # type: ignore[arg-type]
    assert part(BOTH, finding) == text


@pytest.mark.parametrize(("low", "high", "side"), [(0.6, 1.4, "above"), (-1.4, -0.6, "below")])
def test_a_setting_in_which_an_equality_fails_is_told_by_its_side(
    low: float, high: float, side: str
) -> None:
    alike = BOTH.model_copy(update={"kind": "equivalence"})
    interval = Interval(low, (low + high) / 2, high, LEAST_SEEDS, "t")
    finding = Finding(word="not supported", interval=interval, p=SURE)
    assert part(alike, finding) == f"not supported: the interval lies {side} the margins"


@pytest.mark.parametrize(
    ("changes", "more"),
    [
        ({}, {"undecided", "reversed", "small", "positive"}),
        ({"margin": 0.0}, {"undecided", "reversed"}),
        (
            {"settings": ("here", "there")},
            {"undecided", "reversed", "small", "positive", "mixed", "not_in_every_setting"},
        ),
        ({"kind": "equivalence"}, {"undecided"}),
        ({"kind": "fit", "margin": None}, {"undecided"}),
        ({"kind": "exact"}, set()),
    ],
)
def test_a_claim_needs_a_sentence_for_each_verdict_that_can_come_out(
    changes: dict[str, object], more: set[str]
) -> None:
    claim = DIFFERENCE.model_copy(update=changes)
    assert set(outcomes(claim)) == {"supported", "not_supported"} | more
    assert outcomes(claim, Display(withdrawn="a round stalled")) == ("withdrawn",)


COUNT = DIFFERENCE.model_copy(
    update={
        "kind": "exact",
        "unit": "fits",
        "margin": 0.0,
        "metric": "fits that raise an error, or leave gamma alone; the layer alone",
    }
)


@pytest.mark.parametrize(
    ("claim", "error", "text"),
    [
        (COUNT, 4.0, "4 of 5 fits raise an error, or leave gamma alone"),
        (COUNT, 0.0, "0 of 5 fits raise an error, or leave gamma alone"),
        (COUNT.model_copy(update={"unit": "logit"}), 5.6, "largest error 5.6 logit; 5 checks"),
        (COUNT.model_copy(update={"unit": ""}), 2.4e-7, "largest error 2.4 × 10⁻⁷; 5 checks"),
    ],
)
def test_an_identity_is_told_in_counts_or_by_its_error_without_an_exponent(
    claim: Claim, error: float, text: str
) -> None:
    assert numbers(verdict(claim, Exact(error, 5))) == text


def test_words_between_backticks_are_code_and_nothing_else_is_markup() -> None:
    assert coded("`fit` & <b>") == "<code>fit</code> &amp; &lt;b&gt;"


@pytest.mark.parametrize(
    ("p", "text"),
    [
        (1 / 21, "0 of 20 runs of ours as far off; rank p .048, the least that 20 runs can give"),
        (6 / 21, "5 of 20 runs of ours as far off; rank p .286"),
    ],
)
def test_a_fit_says_how_many_runs_are_as_far_off(p: float, text: str) -> None:
    assert text in numbers(verdict(FIT, Fit(80.0, 9.0, p, 20, 0)))


@pytest.mark.parametrize(
    ("name", "called"),
    [
        ("std-bn", "BN on standardized inputs"),
        ("raw, 4", "raw pixels, batches of 4"),
        ("128", "batches of 128"),
        ("10", "10 blocks"),
        ("after", "after the activation"),
        ("depth 8, rate 0.1", "depth 8, rate 0.1"),
    ],
)
def test_a_setting_is_called_by_words_and_not_by_a_code(name: str, called: str) -> None:
    shown = judgement(verdict(DIFFERENCE, contrast(0.6, 1.4)), words={"10": "10 blocks"})
    assert shown.setting(name) == called


@pytest.mark.parametrize(
    ("frozen", "called"),
    [
        ("own over other", "One's own over another's"),
        ("own over other, deployed", "One's own over another's, deployed"),
        ("apart, deployed", "By averages"),
        ("cost with BN over std., deployed", "Cost with BN over standardized, deployed"),
        ("BN over raw", "BN over raw"),
        ("centring over scaling, deployed", "Centering over scaling, deployed"),
        ("training=False in a call", "training=False in a call"),
        ("batch-mates, training", "Batch-mates, training"),
        ("", ""),
    ],
)
def test_a_label_is_shown_in_the_words_of_its_study(frozen: str, called: str) -> None:
    claim = DIFFERENCE.model_copy(update={"label": frozen})
    words = {"own over other": "One's own over another's", "apart, deployed": "By averages"}
    assert judgement(verdict(claim, contrast(0.6, 1.4)), words=words).label == called
