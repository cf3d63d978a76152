"""The second edition of memorization: in which batches nets train, and what claims compare."""

from typing import Any

import pytest

from bnreport.protocol.directions import Quantity, check, history
from bnreport.protocol.optimization import LINEAR
from bnreport.protocol.recipes import Recipe
from bnreport.protocol.runs import TUNING_SEEDS
from bnreport.protocol.scorings import Scoring
from bnreport.statistics.estimates import Contrast
from bnreport.studies import files_of
from bnreport.studies.second.memorization import SECOND
from bnreport.studies.second.memorization.runs import NETS, NETS_OF, SEEDS
from tests.directed import Directed

MADE = Directed(SECOND)
LAST = history("accuracy", 10)
BOTH = [("fresh", ""), ("deployed", "-deployed")]


def at_end(name: str, size: int = 32) -> Quantity:
    """A number after ten epochs of 10,240 images."""
    return check(f"{name}_accuracy", 102_400 // size)


def found(claim: str, given: dict[tuple[str, Quantity], Any], setting: str = "") -> float:
    """What judges a claim where every seed has these numbers."""
    contrast: Any = SECOND.estimates[f"memorization-2-{claim}"](MADE.given(given))
    contrast = contrast[setting] if setting else contrast
    assert isinstance(contrast, Contrast)
    assert contrast.values == pytest.approx([contrast.values[0]] * len(contrast.values))
    return float(contrast.values[0])


@pytest.mark.parametrize(
    ("claim", "setting", "arm"),
    [
        ("bn-32", "", "bn-32"),
        ("bn-128", "", "bn-128"),
        ("none", "standardized, 32", "std-32"),
        ("none", "standardized, 128", "std-128"),
        ("none", "layer norm, 32", "ln-32"),
    ],
)
def test_what_is_printed_in_repeated_batches_counts_as_a_gain(
    claim: str, setting: str, arm: str
) -> None:
    given = {(f"{arm}-repeated", LAST): 0.97, (arm, LAST): 0.95}
    assert found(claim, given, setting) == pytest.approx(2.0)


def test_a_gain_in_small_batches_is_held_against_one_in_large_batches() -> None:
    given = {
        ("bn-32-repeated", LAST): 0.99,
        ("bn-32", LAST): 0.95,
        ("bn-128-repeated", LAST): 0.98,
        ("bn-128", LAST): 0.97,
    }
    assert found("size", given) == pytest.approx(3.0)


def test_batches_that_are_replayed_are_held_against_those_in_another_order() -> None:
    given = {("bn-32-replayed", LAST): 0.98, ("bn-32-repeated", LAST): 0.97, ("bn-32", LAST): 0.5}
    assert found("order", given) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("claim", "by"),
    [("mates", "batch-32"), ("inference", "fresh"), ("inference-deployed", "deployed")],
)
def test_a_gain_is_lost_by_as_much_as_a_score_of_the_training_images_shows_less_of_it(
    claim: str, by: str
) -> None:
    score = at_end(f"known_{by}_train")
    given = {
        ("bn-32-repeated", LAST): 0.99,
        ("bn-32", LAST): 0.95,
        ("bn-32-repeated", score): 0.96,
        ("bn-32", score): 0.97,
    }
    assert found(claim, given) == pytest.approx(5.0)


@pytest.mark.parametrize(("by", "ending"), BOTH)
def test_a_cost_is_what_new_batches_are_ahead_in_validation(by: str, ending: str) -> None:
    score = at_end(f"end_{by}_val")
    given = {("bn-32", score): 0.88, ("bn-32-repeated", score): 0.87}
    assert found(f"cost{ending}", given) == pytest.approx(1.0)


def test_claims_that_nothing_changes_are_equivalences_within_half_a_point() -> None:
    alike = {claim.id for claim in SECOND.claims if claim.kind == "equivalence"}
    assert alike == {"memorization-2-none", "memorization-2-order"}
    assert {claim.margin for claim in SECOND.claims} == {0.5}
    assert [len(family) for family in SECOND.families] == [8, 2]


def test_trials_of_an_arm_differ_in_nothing_but_their_batches() -> None:
    orders: dict[str, dict[str, str]] = {}
    shared: dict[str, set[str]] = {}
    for runs in SECOND.runs:
        trial = runs.trial
        assert isinstance(trial, Recipe)
        assert (trial.schedule, trial.images, trial.epochs) == (LINEAR, 10_240, 10)
        if not runs.full:
            continue
        assert (runs.full, runs.tuning) == (SEEDS, ())
        arm = trial.name.removesuffix("-repeated").removesuffix("-replayed")
        orders.setdefault(arm, {})[trial.name.removeprefix(arm)] = trial.order
        like = trial.model_copy(update={"name": "", "order": "fresh"})
        shared.setdefault(arm, set()).add(like.model_dump_json())
    assert {len(alike) for alike in shared.values()} == {1}
    both = {"": "fresh", "-repeated": "fixed batches"}
    arms = dict.fromkeys(("std-32", "ln-32", "bn-128", "std-128"), both)
    assert orders == {"bn-32": both | {"-replayed": "fixed"}, **arms}


def test_arms_are_what_they_are_called() -> None:
    known = {
        runs.trial.name: (runs.trial.inputs, runs.trial.net.normalizer, runs.trial.batch_size)
        for runs in SECOND.runs
        if isinstance(runs.trial, Recipe)
    }
    assert {name: known[name] for name in (arm.name for arm in NETS_OF)} == {
        "bn-32": ("raw", "batch", 32),
        "std-32": ("std", "none", 32),
        "ln-32": ("raw", "layer", 32),
        "bn-128": ("raw", "batch", 128),
        "std-128": ("std", "none", 128),
    }


def test_rates_are_tuned_in_new_batches_and_tried_in_repeated_ones_beside_them() -> None:
    tuned: dict[str, list[float]] = {}
    for runs in SECOND.runs:
        if not runs.tuning:
            continue
        assert (runs.tuning, runs.full) == (TUNING_SEEDS, ())
        trial = runs.trial
        assert isinstance(trial, Recipe)
        (measure,) = trial.measures
        assert isinstance(measure, Scoring)
        assert measure.by == ("fresh",)
        again = trial.name.endswith("-repeated")
        assert trial.order == ("fixed batches" if again else "fresh")
        tuned.setdefault(f"{trial.name.split('-tuning')[0]}{again}", []).append(trial.learning_rate)
    for arm, nets in NETS_OF.items():
        assert tuned[f"{arm.name}False"] == [*nets.grid]
        at = nets.grid.index(nets.rates[arm])
        assert tuned[f"{arm.name}True"] == [*nets.grid[at - 1 : at + 2]]


def test_the_table_shows_each_measure_in_its_column() -> None:
    given = {
        ("bn-32-repeated", LAST): 0.99,
        ("bn-32-repeated", at_end("known_batch-32_train")): 0.96,
        ("bn-32-repeated", at_end("known_fresh_train")): 0.97,
        ("bn-32-repeated", at_end("end_fresh_val")): 0.88,
        ("std-128", at_end("known_fresh_train", 128)): 0.93,
        ("std-128", LAST): 0.92,
        ("std-128-repeated", at_end("known_fresh_train", 128)): 0.94,
        ("std-128-repeated", LAST): 0.95,
    }
    analysis = SECOND.analyse(MADE.given(given))
    rows = {row[:2]: row[2:] for row in analysis.tables["accuracies"].rows}
    assert rows["BN, 32", "repeated"] == ("99.00", "96.00", "97.00", "88.00")
    assert rows["standardized inputs, 128", "new"][:3] == ("92.00", "–", "93.00")
    assert analysis.values["std-128.less"].text.startswith("+2.00")
    assert analysis.values["bn-32-repeated.fresh"].text == "97.00"


def test_an_edition_in_a_folder_is_defined_by_all_its_files() -> None:
    names = [path.name for path in files_of("memorization", 2)]
    assert names == ["__init__.py", "claims.py", "runs.py", "shown.py"]
    assert set(NETS) == {32, 128}
