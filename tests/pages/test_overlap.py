"""Runs that studies share are found by their setting and seed, and compared to the last bit."""

from dataclasses import replace

from bnreport.analysis.report import Report
from bnreport.pages.overlap import Shared, overlap, setting, shared, shared_table, shared_with
from bnreport.protocol.optimization import CONSTANT, LINEAR
from bnreport.protocol.recipes import Recipe
from bnreport.protocol.runs import SEEDS
from bnreport.studies.ways.runs import BOTH, seeds_of
from tests.golden import report


def with_loss(found: Report, study: str, factor: float) -> Report:
    """The report with another training loss in one run of a study that shares it."""
    made = found.studies[study]
    run = next(r for r in made.records.values() if r.identity.seed in SEEDS and r.history)
    history = {**run.history, "loss": tuple(factor * (v or 0.0) for v in run.history["loss"])}
    records = {**made.records, run.id: run.model_copy(update={"history": history})}
    return replace(found, studies={**found.studies, study: replace(made, records=records)})


def test_every_shared_run_of_the_committed_records_is_equal_to_the_last_bit() -> None:
    counts = overlap(report(), shared(report()))
    assert counts["shared"] > counts["pairs"] > 0
    assert counts["equal"] == counts["pairs"]
    assert counts["training"] > counts["shared"]


def test_one_changed_loss_is_counted_and_told() -> None:
    changed = with_loss(report(), "landscape", 1 + 1e-9)
    groups = shared(changed)
    equal = overlap(report(), shared(report()))["equal"]
    assert overlap(changed, groups)["equal"] == equal - 1
    rows = shared_table(changed, groups).rows
    row = next(row for row in rows if "smooth" in row[0] or "land" in row[0])
    assert row[4] == f"{int(row[1]) - 1} of {row[1]}"


def test_an_abbreviation_keeps_its_capitals_within_a_list_of_titles() -> None:
    told = " ".join(row[0] for row in shared_table(report(), shared(report())).rows)
    assert "the cost of BN" in told
    assert "convergence speed" in told


def test_later_editions_share_runs_too_and_each_says_with_whom() -> None:
    groups = shared(report())
    named = {name for group in groups for name in group.studies}
    assert {"alternatives.2", "placement.2", "optimizers", "batchsize.2", "renorm"} <= named
    # BN and standardized inputs, each at its rate, at all seeds that judge the three of them.
    assert shared_with(groups, "alternatives.2")["placement.2"] >= 2 * 24
    for name in named:
        for other, pairs in shared_with(groups, name).items():
            assert shared_with(groups, other)[name] == pairs > 0
    assert not shared_with(groups, "toy")


def test_pairs_that_two_share_with_a_third_count_for_each() -> None:
    groups = [Shared(("a", "b"), 3, 3, 6, 3), Shared(("a", "b", "c"), 2, 2, 6, 2)]
    assert shared_with(groups, "a") == {"b": 5, "c": 2}
    assert shared_with(groups, "c") == {"a": 2, "b": 2}


def test_a_shorter_run_is_the_beginning_of_a_longer_one_only_at_a_constant_rate() -> None:
    run = next(iter(report().studies["rates"].editions[-1].records.values()))
    assert isinstance(run.identity.trial, Recipe)
    for schedule, alike in ((LINEAR, False), (CONSTANT, True)):
        found = set()
        for epochs in (4, 8):
            fields = {"epochs": epochs, "schedule": schedule, "measures": ()}
            trial = run.identity.trial.model_copy(update=fields)
            identity = run.identity.model_copy(update={"trial": trial})
            found.add(setting(run.model_copy(update={"identity": identity})))
        assert (len(found) == 1) == alike


def test_studies_alone_share_nothing() -> None:
    made = report()
    assert not shared(replace(made, studies={"rates": made.studies["rates"]}))


def test_runs_that_only_tuned_are_no_shared_evidence() -> None:
    groups = [Shared(("a", "b"), 9, 3, 18, 9), Shared(("a", "c"), 9, 0, 18, 9)]
    assert shared_with(groups, "a") == {"b": 3}
    assert shared_with(groups, "c") == {}


def test_the_third_edition_of_speed_judges_runs_that_the_second_does_not_hold() -> None:
    groups = shared(report())
    assert any({"speed.2", "speed.3"} <= {*group.studies} for group in groups)
    assert "speed.2" not in shared_with(groups, "speed.3")


def test_half_of_the_runs_of_one_arm_of_six_ways_had_been_trained_for_lagging_averages() -> None:
    seeds = seeds_of("sgd-constant", BOTH)
    assert 2 * shared_with(shared(report()), "ways")["lag"] == len(seeds)
