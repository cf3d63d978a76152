"""The second edition of alternatives: which arms and scores each claim compares, and at what."""

from collections.abc import Mapping
from typing import Any

import pytest

from bnreport.protocol.directions import check
from bnreport.protocol.nets import Net
from bnreport.protocol.optimization import LINEAR
from bnreport.protocol.recipes import Recipe
from bnreport.protocol.runs import TUNING_SEEDS
from bnreport.statistics.estimates import Contrast
from bnreport.studies.second.alternatives import BN, EPOCHS, FEW, MANY, NETS, RUNS, SECOND, scored
from tests.directed import Directed

MADE = Directed(SECOND)
STEPS = EPOCHS * 160
ARMS = {
    "bn-raw": ("bn", "raw"),
    "bn-std": ("bn", "std"),
    "std-bn": ("std-bn", "std"),
    "ln": ("ln", "bn"),
    "gn": ("gn", "bn"),
    "ws": ("ws", "bn"),
    "input-bn": ("input-bn", "std"),
    "centring": ("centred", "scaled"),
}


def ended(by: str) -> Any:
    """The accuracy at the end of a run."""
    return check(f"end_{by}_val_accuracy", STEPS)


def found(claim: str, given: Mapping[tuple[str, Any], Any]) -> Contrast:
    """What a claim reads where the runs hold these numbers."""
    contrast = SECOND.estimates[f"alternatives-2-{claim}"](MADE.given(given))
    assert isinstance(contrast, Contrast)
    return contrast


@pytest.mark.parametrize("name", ARMS)
@pytest.mark.parametrize(("by", "suffix"), [("fresh", ""), ("deployed", "-deployed")])
def test_a_claim_is_the_first_arm_less_the_second_by_its_score(
    name: str, by: str, suffix: str
) -> None:
    if (name, by) == ("centring", "deployed"):
        assert "alternatives-2-centring-deployed" not in SECOND.estimates
        return
    one, other = ARMS[name]
    contrast = found(name + suffix, {(one, ended(by)): 0.875, (other, ended(by)): 0.85})
    assert contrast.values == pytest.approx([2.5] * len(contrast.values))


def test_groups_are_asked_at_more_seeds_and_all_else_at_the_first_of_them() -> None:
    seeds = {runs.trial.name: runs.full for runs in RUNS if runs.full}
    assert {name for name, full in seeds.items() if full == MANY} == {"bn", "gn"}
    assert {full for name, full in seeds.items() if name not in ("bn", "gn")} == {FEW}
    assert MANY[: len(FEW)] == FEW
    assert len(scored(BN, first=3)(MADE.given({}))) == 3
    said = {claim.id: claim.seeds for claim in SECOND.claims}
    assert said["alternatives-2-gn"] == said["alternatives-2-gn-deployed"] == "200-247"
    assert set(said.values()) == {"200-223", "200-247"}


def test_all_arms_train_alike_but_for_what_their_names_say() -> None:
    given, shared = {}, set()
    for runs in RUNS:
        trial = runs.trial
        assert isinstance(trial, Recipe)
        assert isinstance(trial.net, Net)
        if runs.full:
            given[trial.name] = (trial.inputs, trial.net.normalizer, trial.has_bn)
        assert trial.schedule == LINEAR
        assert (trial.steps, trial.images % trial.batch_size) == (STEPS, 0)
        plain = {"normalizer": "none", "normalized_inputs": False}
        net = trial.net.model_copy(update=plain)
        like = {"name": "", "net": net, "inputs": "raw", "learning_rate": 1.0}
        shared.add(trial.model_copy(update=like).model_dump_json())
    assert len(shared) == 1
    assert given == {
        "raw": ("raw", "none", False),
        "std": ("std", "none", False),
        "bn": ("raw", "batch", True),
        "std-bn": ("std", "batch", True),
        "ln": ("raw", "layer", False),
        "gn": ("raw", "group", False),
        "centred": ("centred", "none", False),
        "scaled": ("scaled", "none", False),
        "input-bn": ("raw", "none", True),
        "ws": ("raw", "weight", False),
    }


def test_every_arm_is_tuned_on_one_grid_over_the_whole_run() -> None:
    tuned = [runs for runs in RUNS if runs.tuning]
    assert {runs.tuning for runs in tuned} == {TUNING_SEEDS}
    assert len(tuned) == len(NETS.rates) * len(NETS.grid)


def test_the_page_names_which_arm_is_ahead() -> None:
    fresh = ended("fresh")
    for accuracy, words in (
        (0.8, ("BN", "standardized inputs")),
        (0.6, ("standardized inputs", "BN")),
    ):
        records = MADE.given({("bn", fresh): accuracy, ("std", fresh): 0.7})
        values = SECOND.analyse(records).values
        assert (values["bn-std.ahead"].text, values["bn-std.behind"].text) == words


def test_the_table_of_arms_is_in_order_of_fresh_scores_and_holds_both() -> None:
    at = {name: 0.5 + place / 100 for place, name in enumerate(arm.name for arm in NETS.rates)}
    given = {(name, ended("fresh")): value for name, value in at.items()}
    records = MADE.given(given | {("bn", ended("deployed")): 0.25})
    table = SECOND.analyse(records).tables["arms"]
    first, *_, last = table.rows
    assert (first[0], first[3]) == ("weight standardization", "59.00")
    assert (last[0], last[3]) == ("raw pixels", "50.00")
    (bn,) = (row for row in table.rows if row[0] == "BN")
    assert (bn[3], bn[5]) == ("52.00", "25.00")
    assert SECOND.analyse(records).values["lag"].text.startswith("+27.00")
