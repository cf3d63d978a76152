"""Runs that studies share are found by their setting and seed, and compared to the last bit."""

from dataclasses import replace

from bnreport.analysis.report import Report
from bnreport.pages.overlap import overlap, shared, shared_table
from bnreport.protocol.runs import SEEDS
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
    assert row[3] == f"{int(row[1]) - 1} of {row[1]}"


def test_an_abbreviation_keeps_its_capitals_within_a_list_of_titles() -> None:
    told = " ".join(row[0] for row in shared_table(report(), shared(report())).rows)
    assert "the cost of BN" in told
    assert "convergence speed" in told


def test_studies_alone_share_nothing() -> None:
    made = report()
    assert not shared(replace(made, studies={"rates": made.studies["rates"]}))
