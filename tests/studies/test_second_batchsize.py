"""The second edition of batch size: which nets claims compare, in which batches, and how."""

from typing import Any

import numpy as np
import pytest

from bnreport.protocol.directions import Quantity, check
from bnreport.protocol.nets import Net
from bnreport.protocol.optimization import LINEAR
from bnreport.protocol.recipes import Recipe
from bnreport.protocol.runs import TUNING_SEEDS
from bnreport.protocol.scorings import Scoring
from bnreport.statistics.estimates import Contrast, Estimate
from bnreport.studies.second.batchsize import NETS, RATES, RUNS, SECOND, SEEDS, SIZES
from tests.directed import Directed

MADE = Directed(SECOND)
# The net that is ahead of another, and the batch size, in each setting of a claim.
ASKED = {
    "small": {
        "raw, 2": ("raw", "bn", 2),
        "raw, 4": ("raw", "bn", 4),
        "std, 2": ("std", "bn", 2),
        "std, 4": ("std", "bn", 4),
    },
    "others": {"ln": ("ln", "bn", 2), "gn": ("gn", "bn", 2)},
    "std-8": {"": ("std", "bn", 8)},
    "std-16": {"": ("std", "bn", 16)},
    "like-32": {"": ("bn", "std", 32)},
    "like-128": {"": ("bn", "std", 128)},
    "ln-8": {"": ("bn", "ln", 8)},
    "ln-32": {"": ("bn", "ln", 32)},
}


def end(size: int, by: str = "fresh") -> Quantity:
    """The accuracy after two epochs of 20,480 images."""
    return check(f"end_{by}_val_accuracy", 40_960 // size)


def found(claim: str, given: dict[tuple[str, Quantity], Any]) -> Estimate:
    """What judges a claim where these accuracies are given."""
    return SECOND.estimates[f"batchsize-2-{claim}"](MADE.given(given))


@pytest.mark.parametrize(("by", "ending"), [("fresh", ""), ("deployed", "-deployed")])
@pytest.mark.parametrize("name", ASKED)
def test_a_claim_is_one_net_less_another_in_batches_of_a_size_by_its_score(
    name: str, by: str, ending: str
) -> None:
    given = {}
    for place, (one, other, size) in enumerate(ASKED[name].values()):
        given[f"{other}-{size}", end(size, by)] = 0.5
        given[f"{one}-{size}", end(size, by)] = 0.55 + place / 100
    judged = found(name + ending, given)
    settings = {"": judged} if isinstance(judged, Contrast) else judged
    assert isinstance(settings, dict)
    for place, key in enumerate(ASKED[name]):
        contrast = settings[key]
        assert isinstance(contrast, Contrast)
        assert contrast.values == pytest.approx([5.0 + place] * len(contrast.values))


def test_claims_of_likeness_are_equivalences_within_half_a_point() -> None:
    alike = {claim.id for claim in SECOND.claims if claim.kind == "equivalence"}
    names = ("like-32", "like-128", "ln-8")
    assert alike == {f"batchsize-2-{name}{end}" for name in names for end in ("", "-deployed")}
    assert {claim.margin for claim in SECOND.claims} == {0.5}
    assert [f"{name}-deployed" for name in SECOND.families[0]] == [*SECOND.families[1]]


def test_nets_of_a_size_train_alike_but_for_net_inputs_and_rate() -> None:
    shared: dict[int, set[str]] = {size: set() for size in SIZES}
    given = {}
    for runs in RUNS:
        trial = runs.trial
        assert isinstance(trial, Recipe)
        assert isinstance(trial.net, Net)
        assert trial.schedule == LINEAR
        assert trial.steps == 40_960 // trial.batch_size
        plain = trial.net.model_copy(update={"normalizer": "none"})
        like = {"name": "", "net": plain, "inputs": "raw", "learning_rate": 1, "measures": ()}
        shared[trial.batch_size].add(trial.model_copy(update=like).model_dump_json())
        if runs.full:
            assert runs.full == SEEDS
            given[trial.name] = (trial.inputs, trial.net.normalizer, trial.learning_rate)
    assert {len(alike) for alike in shared.values()} == {1}
    kinds = {
        "raw": ("raw", "none"),
        "std": ("std", "none"),
        "bn": ("raw", "batch"),
        "ln": ("raw", "layer"),
        "gn": ("raw", "group"),
    }
    rates = {(arm, size): rate for size, by_arm in RATES.items() for arm, rate in by_arm.items()}
    assert given == {f"{arm}-{size}": (*kinds[arm], rate) for (arm, size), rate in rates.items()}


def test_nets_of_a_size_are_tuned_on_the_same_half_decades_by_fresh_scores() -> None:
    tuned: dict[str, list[float]] = {}
    for runs in RUNS:
        if not runs.tuning:
            continue
        assert (runs.tuning, runs.full) == (TUNING_SEEDS, ())
        assert isinstance(runs.trial, Recipe)
        (measure,) = runs.trial.measures
        assert isinstance(measure, Scoring)
        assert measure.by == ("fresh",)
        tuned.setdefault(runs.trial.name.split("-tuning")[0], []).append(runs.trial.learning_rate)
    assert tuned.keys() == {runs.trial.name for runs in RUNS if runs.full}
    for size, nets in NETS.items():
        assert len(nets.grid) == (9 if size == 2 else 7)
        assert all(tuned[arm.name] == [*nets.grid] for arm in nets.rates), size
        steps = np.diff(np.log10(nets.grid))
        assert steps == pytest.approx(np.full(len(steps), 0.5), abs=0.03)


def test_each_score_has_a_row_or_column_of_its_own_in_the_tables() -> None:
    scores = {"fresh": 0.9, "deployed": 0.8, "means": 0.7}
    given: dict[tuple[str, Quantity], Any] = {
        ("bn-4", end(4, by)): value for by, value in scores.items()
    }
    given |= {("std-4", end(4, by)): 0.6 for by in scores}
    analysis = SECOND.analyse(MADE.given(given))
    at = analysis.tables["sizes"].head.index("4")
    assert [row[at] for row in analysis.tables["sizes"].rows[-3:]] == ["90.0", "80.0", "70.0"]
    (leads,) = (row[1:] for row in analysis.tables["scores"].rows if row[0] == "4")
    assert [lead.split(" ")[0] for lead in leads] == ["+30.0", "+20.0", "+10.0"]
    assert analysis.values["means.4"].text.startswith("+20.00")
    assert analysis.values["deployed-std.4"].text.startswith("+20.00")
