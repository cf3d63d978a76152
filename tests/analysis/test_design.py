"""Claims from a form, each with what judges it and who it predicts to be ahead."""

from typing import Any

import pytest

from bnreport.analysis.design import claim_form, study
from bnreport.errors import BnreportError
from bnreport.presentation.plots import Dots
from bnreport.presentation.tables import Analysis, Table, Value
from bnreport.protocol.claims import Display
from bnreport.protocol.directions import more, score
from bnreport.protocol.rules import (
    DIFFERENCE,
    EQUIVALENCE,
    EXACT,
    LOST,
    MEDIAN_RULE,
    SEEDS_AND_IMAGES,
    SEEDS_ONLY,
    SETTINGS,
    rule,
)
from bnreport.protocol.runs import SEEDS, Runs
from bnreport.protocol.trials import Trial
from bnreport.records.collection import Records
from bnreport.statistics.estimates import Contrast, paired

TEST = score("test", 1)
NOTHING = Records("full", {})
claim = claim_form(
    "toy",
    question="Is it so?",
    statement="At its best rate, {}",
    source="our own question",
    arms="{}, each at its best rate",
    metric="test accuracy",
    unit="pp",
    margin=0.5,
    expected="supported",
    shown="Here {} is ahead.",
)


SHARED: dict[str, Any] = {
    "question": "Is BN ahead?",
    "statement": "BN is ahead of {}.",
    "source": "our own question",
    "arms": "BN and {}",
    "metric": "test accuracy",
    "unit": "pp",
    "margin": 0.5,
}


def judge(effect: float) -> Any:
    return lambda _: paired([effect, effect + 1])


WORDS: dict[str, Any] = {
    "statement": "BN is ahead.",
    "arms": "BN and raw pixels",
    "label": "BN over raw",
}


def test_a_claim_has_what_all_share_around_what_is_its_own() -> None:
    judged = claim("bn", judge(1.0), more("bn", "raw", TEST), **WORDS, margin=1.0)
    fields = judged.claim.model_dump()
    assert (fields["id"], fields["seeds"], fields["margin"]) == ("toy-bn", "100-111", 1.0)
    assert fields["statement"] == "At its best rate, BN is ahead."
    assert fields["arms"] == "BN and raw pixels, each at its best rate"
    assert judged.claim.rule == DIFFERENCE + LOST + SEEDS_ONLY
    # A text around that nothing is put into says nothing.
    assert judged.display is None


def test_what_a_claim_is_about_stands_wherever_it_has_no_text_of_its_own() -> None:
    judged = claim("bn", judge(1.0), more("bn", "raw", TEST), about="BN", statement="so it is.")
    assert judged.claim.statement == "At its best rate, so it is."
    assert judged.claim.arms == "BN, each at its best rate"
    assert judged.display == Display(statement="Here BN is ahead.")
    told = claim("x", judge(1.0), more("a", "b", TEST), withdrawn="it is wrong", **WORDS).display
    assert told == Display(withdrawn="it is wrong")


def test_claims_against_each_control_are_called_by_its_short_name() -> None:
    form = claim_form("toy", **SHARED, expected="supported", label="{}", called="Best, BN over {}")
    told = form.against("best", lambda _: judge(1.0), lambda arm: more("bn", arm.name, TEST))
    names = {judged.claim.label for judged in told}
    assert {judged.display.label for judged in told if judged.display} == {
        f"Best, BN over {name}" for name in names
    }
    assert all(len(name) < len(judged.claim.arms) for name, judged in zip(names, told, strict=True))


def test_a_claim_on_settings_is_judged_and_predicted_in_each() -> None:
    judged = claim(
        "both",
        lambda name, effect: judge(effect),
        lambda name, _: more(f"bn-{name}", f"raw-{name}", TEST),
        in_each={"wide": ("w", 1.0), "deep": ("d", 2.0)},
        **WORDS,
    )
    found: Any = judged.by(NOTHING)
    assert {setting: contrast.values for setting, contrast in found.items()} == {
        "wide": (1.0, 2.0),
        "deep": (2.0, 3.0),
    }
    assert judged.ahead == {name: more(f"bn-{name[0]}", f"raw-{name[0]}", TEST) for name in found}
    assert judged.claim.settings == ("wide", "deep")
    assert judged.claim.rule == DIFFERENCE + LOST + SETTINGS + SEEDS_ONLY


def test_a_claim_against_each_net_without_bn_says_which_it_is() -> None:
    raw, std = claim_form("toy", label="BN over {}", **SHARED).against(
        "gain",
        by=lambda arm: judge(2.0 if arm.name == "std" else 1.0),
        ahead=lambda arm: more("bn", arm.name, TEST),
        expected={"raw": "supported", "std": "not supported"},
        shown="BN is ahead of {}, here.",
    )
    assert [each.claim.id for each in (raw, std)] == ["toy-gain-raw", "toy-gain-std"]
    assert raw.claim.statement == "BN is ahead of the net on raw pixels."
    assert std.claim.arms == "BN and standardized inputs without BN"
    assert (raw.claim.label, std.claim.label) == ("BN over raw", "BN over standardized")
    assert std.display == Display(statement="BN is ahead of standardized inputs without BN, here.")
    assert (raw.claim.expected, std.claim.expected) == ("supported", "not supported")
    assert [each.ahead for each in (raw, std)] == [more("bn", x, TEST) for x in ("raw", "std")]
    values = [each.by(NOTHING) for each in (raw, std)]
    assert values == [paired([1.0, 2.0]), paired([2.0, 3.0])]


@pytest.mark.parametrize("ahead", [more("a", "b", TEST), {"wide": more("a", "b", TEST)}])
def test_who_is_ahead_is_said_for_each_setting_that_is_judged(ahead: Any) -> None:
    with pytest.raises(BnreportError, match=r"toy-both.*: wide, deep\. Received"):
        claim("both", {"wide": judge(1.0), "deep": judge(2.0)}, ahead, **WORDS)


def test_a_rule_says_what_judges() -> None:
    assert rule("equivalence", lost=False) == EQUIVALENCE + SEEDS_ONLY
    assert rule("difference", interval="seeds and images") == DIFFERENCE + LOST + SEEDS_AND_IMAGES
    assert rule("exact") == EXACT
    own = rule("difference", settings=True, interval="It covers the rounds.")
    assert own == DIFFERENCE + LOST + SETTINGS + " It covers the rounds."


def test_the_rule_of_a_median_is_one_of_differences_that_an_interval_decides() -> None:
    asked: dict[str, Any] = {"lost": False, "decided": "interval", "centre": "median"}
    assert rule("difference", **asked) == MEDIAN_RULE
    for other in ({"decided": "tests"}, {"lost": True}, {"settings": True}):
        with pytest.raises(BnreportError, match=r"on a median to be a difference"):
            rule("difference", **{**asked, **other})
    with pytest.raises(BnreportError, match=r"kind 'equivalence'"):
        rule("equivalence", **asked)


def test_a_study_knows_its_claims_by_what_came_with_them() -> None:
    ahead = more("bn", "raw", TEST)
    trial = Trial(name="bn", net="bn", learning_rate=0.1, epochs=1)
    claims = (
        claim("bn", judge(1.0), ahead, about="BN"),
        claim("ln", judge(2.0), ahead, **WORDS),
    )
    toy = study(
        "toy",
        claims,
        (trial, Runs(trial, (1,))),
        title="A toy",
        chapter="Facts",
        question="What of it?",
        analyse=lambda _: Analysis(),
        announced=True,
        families=(claims[:1], ("toy-ln",)),
    )
    assert toy.families == (("toy-bn",), ("toy-ln",))
    assert toy.page == "studies/toy.md"
    assert [run.full for run in toy.runs] == [SEEDS, (1,)]
    assert [claim.id for claim in toy.claims] == ["toy-bn", "toy-ln"]
    found = {name: estimate(NOTHING) for name, estimate in toy.estimates.items()}
    assert isinstance(found["toy-ln"], Contrast)
    assert found["toy-ln"].values == (2.0, 3.0)
    assert toy.directions == {"toy-bn": ahead, "toy-ln": ahead}
    assert set(toy.display) == {"toy-bn"}
    assert toy.announced


def test_what_a_page_shows_is_made_of_the_records_that_it_shows() -> None:
    asked = []

    def table(records: Records) -> Table:
        asked.append(records)
        return Table("A table", (), ())

    def plot(records: Records) -> Dots:
        asked.append(records)
        return Dots("A figure", "", "", ())

    def values(records: Records) -> dict[str, Value]:
        asked.append(records)
        return {"n": Value("12", "seeds")}

    (trial, ahead) = (
        Trial(name="bn", net="bn", learning_rate=0.1, epochs=1),
        more("bn", "raw", TEST),
    )
    toy = study(
        "toy",
        (claim("bn", judge(1.0), ahead, about="BN"),),
        (trial,),
        title="A toy",
        chapter="Facts",
        question="What of it?",
        values=values,
        tables={"x": table},
        plots={"y": plot},
    )
    shown = toy.analyse(NOTHING)
    assert asked == [NOTHING] * 3
    assert shown == Analysis(values(NOTHING), {"x": table(NOTHING)}, {"y": plot(NOTHING)})
