"""Rates for deployed nets: which runs each claim reads, and which score chose the rates."""

from typing import Any

import pytest

from bnreport.protocol.directions import Quantity, check
from bnreport.protocol.recipes import Recipe
from bnreport.statistics.estimates import Contrast
from bnreport.studies import optimizers, ways
from bnreport.studies.optimizers.ways import WAYS as OPTIMIZERS
from bnreport.studies.selection import STUDY
from bnreport.studies.selection.runs import (
    BY_FRESH,
    DIFFERING,
    NETS,
    RUNS,
    SEEDS,
    SUITED,
    WITHOUT_BN,
    scored_deployed,
)
from bnreport.studies.ways.runs import WAYS
from tests.directed import Directed

MADE = Directed(STUDY)


def end(by: str) -> Quantity:
    """The accuracy at the end by those statistics."""
    return check(f"end_{by}_val_accuracy", 640)


def contrast(claim: str, given: dict[tuple[str, Quantity], Any]) -> Contrast:
    """What judges a claim where the runs hold these numbers."""
    found = STUDY.estimates[claim](MADE.given(given))
    assert isinstance(found, Contrast)
    return found


@pytest.mark.parametrize("way", DIFFERING)
@pytest.mark.parametrize(
    ("claim", "better", "worse", "by"),
    [
        ("gain-{}-deployed", "bn-{}", "bn-fresh-{}", "deployed"),
        ("price-{}", "bn-{}", "bn-fresh-{}", "fresh"),
        ("std-{}-deployed", "std-{}", "bn-{}", "deployed"),
    ],
)
def test_the_net_at_the_rate_that_it_chose_as_deployed_is_compared_by_one_score(
    claim: str, better: str, worse: str, by: str, way: str
) -> None:
    given = {(better.format(way), end(by)): 0.9, (worse.format(way), end(by)): 0.875}
    found = contrast(f"selection-{claim.format(way)}", given)
    assert found.values == pytest.approx([2.5] * len(found.values))


def test_other_rates_are_those_of_the_studies_in_which_fresh_statistics_chose() -> None:
    adam = OPTIMIZERS["adam-constant"].rates
    chosen = {way: WAYS[f"{way}-constant"].rates for way in ("sgd", "momentum")}
    assert {"adam": adam["bn"], **{way: rates["bn"] for way, rates in chosen.items()}} == BY_FRESH
    assert {"adam": adam["std"], "sgd": chosen["sgd"]["std"]} == WITHOUT_BN


def test_deployed_nets_choose_from_the_runs_from_which_fresh_statistics_chose() -> None:
    for way, study in {"sgd": ways, "momentum": ways, "adam": optimizers}.items():
        name = f"bn-{way}-constant-tuning-"
        earlier = [x.trial for x in study.STUDY.runs if x.trial.name.startswith(name)]
        ours = [x.trial for x in NETS[way].tuning_runs(SUITED[way])]
        assert [_bared(trial, rate=True) for trial in ours] == [
            _bared(trial, rate=True) for trial in earlier
        ]
        assert len(ours) == 7


def test_the_score_that_chooses_is_that_of_the_deployed_net() -> None:
    records = MADE.given({("bn-sgd", end("deployed")): 0.75, ("bn-sgd", end("fresh")): 0.875})
    assert {NETS[way].score for way in NETS} == {scored_deployed}
    assert set(scored_deployed(records.trial("bn-sgd"))) == {75.0}


def test_arms_differ_in_nothing_but_rate_and_the_net_without_bn_in_its_inputs() -> None:
    for way in DIFFERING:
        judged = {runs.trial.name: runs.trial for runs in RUNS if runs.full == SEEDS}
        suited, earlier, control = (judged[f"{name}-{way}"] for name in ("bn", "bn-fresh", "std"))
        assert _bared(suited) == _bared(earlier)
        assert _bared(suited, "net", "inputs") == _bared(control, "net", "inputs")


def _bared(trial: object, *more: str, rate: bool = False) -> str:
    assert isinstance(trial, Recipe)
    left_out = {"name", *more, *(() if rate else ("learning_rate",))}
    return trial.model_dump_json(exclude=left_out)
