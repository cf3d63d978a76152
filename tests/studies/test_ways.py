"""Six ways to train: which runs each claim reads, and at which rates the arms train."""

from typing import Any

import pytest

from bnreport.protocol.directions import Quantity, check
from bnreport.protocol.recipes import Recipe
from bnreport.protocol.runs import TUNING_SEEDS
from bnreport.records.collection import Records
from bnreport.statistics.estimates import Contrast
from bnreport.studies import ways
from bnreport.studies.optimizers.ways import RUNS as EARLIER_RUNS
from bnreport.studies.optimizers.ways import WAYS as EARLIER
from bnreport.studies.ways import runs, shown
from bnreport.studies.ways.runs import ARMS, BOTH, LN, RAW, STD, USUAL, WAYS
from tests.directed import Directed

MADE = Directed(ways.STUDY)
BY = {"": "fresh", "-deployed": "deployed"}
CONSTANT = ("sgd-constant", "momentum-constant")


def end(by: str) -> Quantity:
    """The accuracy at the end by those statistics."""
    return check(f"end_{by}_val_accuracy", 640)


def contrast(claim: str, given: dict[tuple[str, Quantity], Any]) -> Contrast:
    """What judges a claim where the runs hold these numbers."""
    found = ways.STUDY.estimates[claim](MADE.given(given))
    assert isinstance(found, Contrast)
    return found


@pytest.mark.parametrize(("suffix", "by"), BY.items())
@pytest.mark.parametrize(
    ("claim", "better", "worse"),
    [
        ("bn-sgd-constant", "bn-sgd-constant", "std-sgd-constant"),
        ("bn-momentum-constant", "bn-momentum-constant", "std-momentum-constant"),
        ("both-sgd", "std-bn-sgd", "std-sgd"),
        ("both-momentum", "std-bn-momentum", "std-momentum"),
        ("both-adam", "std-bn-adam", "std-adam"),
        ("both-sgd-constant", "std-bn-sgd-constant", "std-sgd-constant"),
        ("both-momentum-constant", "std-bn-momentum-constant", "std-momentum-constant"),
        ("both-adam-constant", "std-bn-adam-constant", "std-adam-constant"),
    ],
)
def test_two_arms_are_compared_by_one_score(
    claim: str, better: str, worse: str, suffix: str, by: str
) -> None:
    given = {(better, end(by)): 0.9, (worse, end(by)): 0.875}
    found = contrast(f"ways-{claim}{suffix}", given)
    assert found.values == pytest.approx([2.5] * len(found.values))


def test_arms_differ_in_nothing_but_net_inputs_and_rate() -> None:
    courses = {}
    for way, terms in WAYS.items():
        names = {ARMS[way, name].name for name in terms.rates}
        alike = [_bared(each.trial) for each in runs.RUNS if each.trial.name in names]
        assert alike == alike[:1] * len(terms.rates)
        courses[way] = alike[0]["optimizer"]["rule"], alike[0]["schedule"]["name"]
    assert courses == {
        "sgd": ("sgd", "linear"),
        "momentum": ("momentum", "linear"),
        "adam": ("adam", "linear"),
        "sgd-constant": ("sgd", "constant"),
        "momentum-constant": ("momentum", "constant"),
        "adam-constant": ("adam", "constant"),
    }


def _bared(trial: object) -> dict[str, Any]:
    assert isinstance(trial, Recipe)
    assert trial.steps == 640
    return trial.model_dump(exclude={"name", "net", "inputs", "learning_rate"})


def test_five_arms_train_at_the_new_constant_rates_and_two_under_the_other_ways() -> None:
    assert {way: set(terms.rates) for way, terms in WAYS.items()} == {
        **dict.fromkeys(EARLIER, frozenset({STD, BOTH})),
        **dict.fromkeys(CONSTANT, frozenset(USUAL)),
    }


def test_every_arm_is_tuned_over_the_grid_of_the_study_of_optimizers() -> None:
    tuned = [each for each in runs.RUNS if each.tuning]
    # Standardized inputs were tuned there under the ways that are there.
    assert len(tuned) == (7 + 7 + 9 + 7) + 2 * 5 * 7
    assert {each.tuning for each in tuned} == {TUNING_SEEDS}
    for name, way in EARLIER.items():
        assert WAYS[name].grid == way.grid
        assert WAYS[name].rates[STD] == way.rates[STD]
    for name in CONSTANT:
        assert WAYS[name].grid == EARLIER[name.removesuffix("-constant")].grid


def test_the_seeds_that_judge_are_none_of_the_study_of_optimizers() -> None:
    judged = {seed for each in runs.RUNS for seed in each.full}
    assert min(judged) == 224
    assert not judged & {seed for each in EARLIER_RUNS for seed in each.full}


def test_the_tuning_check_refuses_a_rate_of_any_way() -> None:
    with pytest.raises(Exception, match=r"Expected .* to train at the setting"):
        ways.STUDY.check_tuning(MADE.records())


@pytest.mark.parametrize("way", WAYS)
def test_the_prose_says_what_averages_cost_under_each_way(way: str) -> None:
    given = {(f"std-bn-{way}", end("fresh")): 0.88, (f"std-bn-{way}", end("deployed")): 0.86}
    assert shown.values(MADE.given(given))[f"cost.std-bn.{way}"].text == "2.00\u2009pp"


@pytest.mark.parametrize("name", [RAW, LN])
def test_the_prose_says_how_far_bn_leads_at_a_constant_rate(name: str) -> None:
    given = {
        ("bn-sgd-constant", end("fresh")): 0.88,
        (f"{name}-sgd-constant", end("fresh")): 0.86,
    }
    values = shown.values(MADE.given(given))
    assert values[f"bn.{name}.sgd-constant"].text == "+2.00\u2009pp"


def test_a_dash_stands_where_an_arm_was_not_trained() -> None:
    records: Records = MADE.records()
    row = next(row for row in shown.TABLES["rates"](records).rows if row[0] == "Adam, falling")
    assert row[1:] == ("–", "0.003", "–", f"{WAYS['adam'].rates[BOTH]:g}", "–")


def test_a_claim_says_within_how_much_two_arms_are_alike() -> None:
    words = {0.5: "within half a point,", 1.0: "within a point,"}
    for claim in ways.STUDY.claims:
        assert words[claim.margin or 0.0] in claim.statement
    wider = {claim.id for claim in ways.STUDY.claims if claim.margin == 1.0}
    assert wider == {
        "ways-bn-sgd-constant-deployed",
        "ways-both-sgd-constant-deployed",
        "ways-bn-momentum-constant-deployed",
    }
