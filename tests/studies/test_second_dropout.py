"""The second edition of dropout: which nets claims compare, by which score, and how they train."""

from typing import Any

import pytest

from bnreport.protocol.directions import Quantity, check
from bnreport.protocol.nets import Net
from bnreport.protocol.optimization import LINEAR
from bnreport.protocol.recipes import Recipe
from bnreport.protocol.runs import TUNING_SEEDS
from bnreport.protocol.scorings import Scoring
from bnreport.statistics.estimates import Contrast
from bnreport.studies.second.dropout import NETS, SECOND, SEEDS
from tests.directed import Directed

MADE = Directed(SECOND)
ASKED = {
    "place-20": ("bn-last-0.2", "bn-every-0.2"),
    "place-50": ("bn-last-0.5", "bn-every-0.5"),
    "cost-20": ("bn", "bn-every-0.2"),
    "cost-50": ("bn", "bn-every-0.5"),
    "last-20": ("bn-last-0.2", "bn"),
    "last-50": ("bn-last-0.5", "bn"),
}
BOTH = [("fresh", ""), ("deployed", "-deployed")]


def end(by: str = "fresh") -> Quantity:
    """The accuracy after six epochs of 160 steps."""
    return check(f"end_{by}_val_accuracy", 960)


def found(claim: str, given: dict[tuple[str, Quantity], Any]) -> Contrast:
    """What judges a claim where these accuracies are given."""
    contrast = SECOND.estimates[f"dropout-2-{claim}"](MADE.given(given))
    assert isinstance(contrast, Contrast)
    return contrast


@pytest.mark.parametrize(("by", "ending"), BOTH)
@pytest.mark.parametrize("name", ASKED)
def test_a_claim_is_one_net_less_another_by_its_score(name: str, by: str, ending: str) -> None:
    one, other = ASKED[name]
    contrast = found(name + ending, {(one, end(by)): 0.875, (other, end(by)): 0.85})
    assert contrast.values == pytest.approx([2.5] * len(contrast.values))


@pytest.mark.parametrize(("by", "ending"), BOTH)
@pytest.mark.parametrize("control", ["raw", "std"])
def test_the_costs_of_dropout_with_bn_and_without_are_compared(
    control: str, by: str, ending: str
) -> None:
    given = {
        ("bn", end(by)): 0.9,
        ("bn-every-0.5", end(by)): 0.8,
        (control, end(by)): 0.85,
        (f"{control}-every-0.5", end(by)): 0.82,
    }
    contrast = found(f"more-{control}{ending}", given)
    assert contrast.values == pytest.approx([7.0] * len(contrast.values))


def test_dropout_at_the_end_is_claimed_to_do_no_harm_and_no_good() -> None:
    alike = {claim.id for claim in SECOND.claims if claim.kind == "equivalence"}
    assert alike == {f"dropout-2-last-{share}{end}" for share in (20, 50) for _, end in BOTH}
    assert [f"{name}-deployed" for name in SECOND.families[0]] == [*SECOND.families[1]]


def test_nets_train_alike_but_for_what_their_names_say() -> None:
    given, shared = {}, set()
    for runs in SECOND.runs:
        trial = runs.trial
        assert isinstance(trial, Recipe)
        assert isinstance(trial.net, Net)
        assert (trial.schedule, trial.steps) == (LINEAR, 960)
        if runs.full:
            assert runs.full == SEEDS
            net = trial.net
            given[trial.name] = (trial.inputs, net.normalizer, net.dropout, net.dropout_after)
        plain = {"normalizer": "none", "dropout": 0.0, "dropout_after": "every"}
        net = trial.net.model_copy(update=plain)
        like = {"name": "", "net": net, "inputs": "raw", "learning_rate": 1, "measures": ()}
        shared.add(trial.model_copy(update=like).model_dump_json())
    assert len(shared) == 1
    assert given == {
        "raw": ("raw", "none", 0.0, "every"),
        "std": ("std", "none", 0.0, "every"),
        "bn": ("raw", "batch", 0.0, "every"),
        "raw-every-0.5": ("raw", "none", 0.5, "every"),
        "std-every-0.5": ("std", "none", 0.5, "every"),
        "bn-every-0.2": ("raw", "batch", 0.2, "every"),
        "bn-every-0.5": ("raw", "batch", 0.5, "every"),
        "bn-last-0.2": ("raw", "batch", 0.2, "last"),
        "bn-last-0.5": ("raw", "batch", 0.5, "last"),
    }


def test_every_net_is_tuned_on_one_grid_by_fresh_scores() -> None:
    tuned = [runs for runs in SECOND.runs if runs.tuning]
    assert {runs.tuning for runs in tuned} == {TUNING_SEEDS}
    assert len(tuned) == len(NETS.rates) * len(NETS.grid) == 81
    for runs in tuned:
        assert isinstance(runs.trial, Recipe)
        (measure,) = runs.trial.measures
        assert isinstance(measure, Scoring)
        assert measure.by == ("fresh",)


def test_the_page_says_what_moving_averages_cost_and_what_dropout_costs() -> None:
    records = MADE.given(
        {
            ("bn-every-0.5", end()): 0.8,
            ("bn-every-0.5", end("deployed")): 0.75,
            ("std", end()): 0.85,
            ("std-every-0.5", end()): 0.77,
        }
    )
    values = SECOND.analyse(records).values
    assert values["shift.every.0.5"].text.startswith("+5.00")
    assert values["cost.std"].text.startswith("8.00")
    assert values["half.std"].text.startswith("+3.00")
