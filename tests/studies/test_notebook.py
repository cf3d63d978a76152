"""Each claim of the study "notebook" follows the runs, whichever way they turn out."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest

from bnreport.analysis.report import StudyReport, report_study
from bnreport.presentation.plots import Curves
from bnreport.records.record import Record
from bnreport.statistics.estimates import Contrast, Fit
from bnreport.studies.notebook.gains import image_error
from bnreport.studies.notebook.published import PUBLISHED_BN
from tests.synthetic import (
    EQUAL,
    NOTEBOOK,
    TRUE,
    TURNED,
    Story,
    code,
    records,
    study_report,
)


def words(story: Story) -> dict[str, str]:
    return {claim: verdict.word for claim, verdict in study_report(story).verdicts.items()}


def test_runs_that_tell_the_expected_story_give_every_expected_verdict() -> None:
    found = study_report()
    assert [claim for claim in found.verdicts if not found.shown(claim).as_expected] == []


def test_runs_that_tell_the_opposite_turn_every_verdict() -> None:
    true, turned = words(TRUE), words(TURNED)
    same = {claim for claim in true if true[claim] == turned[claim]}
    # With the printed gap BN is ahead more than ever.
    assert same == {"c-validation", "c-test"}


@pytest.mark.parametrize(
    ("story", "expected"),
    [
        # The printed baseline curve is one more run, or is not.
        (replace(TRUE, rates=()), {"a-rate-0.01": "not supported", "a-follow-up": "not supported"}),
        (
            replace(TRUE, rates=("0.001",)),
            {"a-rate-0.01": "not supported", "a-rate-0.001": "supported"},
        ),
        (
            replace(TRUE, odd_validation=True),
            {
                "a-rate-0.01": "not supported",
                "a-follow-up": "not supported",
                "a-follow-up-training": "supported",
            },
        ),
        # The printed BN curve is one of three kinds of run, or none.
        (
            replace(TRUE, kinds=("fresh",)),
            {
                "b-fresh": "supported",
                "b-new-batches": "not supported",
                "b-replayed-batches": "not supported",
                "b-any-rate": "not supported",
            },
        ),
        (
            replace(TRUE, kinds=("new",)),
            {
                "b-fresh": "not supported",
                "b-new-batches": "supported",
                "b-replayed-batches": "not supported",
                "b-any-rate": "supported",
            },
        ),
        (
            replace(TRUE, kinds=()),
            {
                "b-fresh": "not supported",
                "b-new-batches": "not supported",
                "b-replayed-batches": "not supported",
            },
        ),
        # A learning rate comes near the printed start, just as near as the margin, or below it.
        (replace(TRUE, lowest=0.30), {"b-any-rate": "not supported"}),
        (replace(TRUE, lowest=0.325), {"b-any-rate": "underpowered"}),
        # No gain, a gain about the margin, one about the printed gap, and one beyond it.
        (
            EQUAL,
            {
                "c-validation": "not supported",
                "c-test": "not supported",
                "c-printed-gap": "not supported",
            },
        ),
        (replace(TRUE, gain=0.42), {"c-validation": "underpowered", "c-test": "underpowered"}),
        (replace(TRUE, gain=7.1), {"c-test": "supported", "c-printed-gap": "underpowered"}),
        (replace(TRUE, gain=9.0), {"c-test": "supported", "c-printed-gap": "supported"}),
        # Slower, not slower, and slower by about the margin.
        (
            replace(TRUE, fit_slowdown=0.0),
            {"d-fit-time": "not supported", "d-compiled-time": "supported"},
        ),
        (
            replace(TRUE, compiled_slowdown=0.0),
            {"d-fit-time": "supported", "d-compiled-time": "not supported"},
        ),
        (replace(TRUE, fit_slowdown=25.5), {"d-fit-time": "underpowered"}),
    ],
)
def test_a_claim_turns_when_its_runs_do(story: Story, expected: Mapping[str, str]) -> None:
    found = words(story)
    assert {claim: found[claim] for claim in expected} == expected


def test_a_net_that_is_behind_or_faster_turns_the_claim_around() -> None:
    verdicts = study_report(replace(TRUE, gain=-1.0, compiled_slowdown=-10.0)).verdicts
    assert all(verdicts[claim].reversed for claim in ("c-validation", "c-test", "d-compiled-time"))
    assert not verdicts["d-fit-time"].reversed


def test_the_effects_are_those_of_the_runs() -> None:
    report = study_report(replace(TRUE, gain=3.0, fit_slowdown=60.0))
    assert report.verdicts["c-test"].effect == pytest.approx(3.0, abs=0.3)
    assert report.verdicts["d-fit-time"].effect == pytest.approx(60.0, abs=3.0)
    # At the best rate of the sweep the first loss is the story's, less a little luck.
    lowest = TRUE.lowest - float(PUBLISHED_BN[0, 0])
    assert report.verdicts["b-any-rate"].effect == pytest.approx(lowest, abs=0.01)


def test_a_claim_has_an_estimate_of_its_kind_and_nothing_else_has_one() -> None:
    report = study_report()
    kinds = {"difference": Contrast, "fit": Fit}
    assert set(report.estimates) == {claim.id for claim in NOTEBOOK.claims}
    for claim in NOTEBOOK.claims:
        assert isinstance(report.estimates[claim.id], kinds[claim.kind])


def complete(report: StudyReport) -> None:
    """Fail when a number, a table or a figure of the analysis has a hole."""
    analysis = report.analysis
    assert all(value.text and value.origin for value in analysis.values.values())
    for name, table in analysis.tables.items():
        assert table.rows, name
        assert {len(row) for row in table.rows} == {len(table.head)}, name
        assert all(cell for row in table.rows for cell in row), name
        assert table.caption
    for name, plot in analysis.plots.items():
        assert plot.title, name
        assert "n = " in plot.subtitle, name


def test_every_number_table_and_figure_is_whole_in_both_profiles() -> None:
    for report in (study_report(TRUE), study_report(TURNED), study_report(profile="quick")):
        complete(report)
    full, quick = study_report().analysis, study_report(profile="quick").analysis
    assert full.values.keys() == quick.values.keys()
    assert full.tables.keys() == quick.tables.keys()
    assert full.plots.keys() == quick.plots.keys()
    assert all(value.text != "none" for value in full.values.values())


def test_a_figure_shows_every_run_of_its_trials() -> None:
    made = records()
    plots = study_report().analysis.plots
    rates = plots["rates"]
    assert isinstance(rates, Curves)
    drawn = np.concatenate([series.y for series in rates.panels[0].series])
    losses = [
        record.epochs("loss")
        for name in ("baseline-0.01", "baseline-0.001")
        for record in made.values()
        if record.identity.trial.name == name
    ]
    np.testing.assert_array_equal(drawn, losses)


def test_diverged_runs_of_the_sweep_are_counted_and_break_nothing() -> None:
    def diverge(record: Record) -> Record:
        identity = record.identity
        if identity.trial.name != "bn-one-epoch-1" or identity.seed % 2:
            return record
        lost = dict.fromkeys(record.history, (None,))
        return record.model_copy(update={"history": lost, "diverged": True, "early_loss": None})

    made = {run: diverge(record) for run, record in records().items()}
    report = report_study(NOTEBOOK, made, "full", None, code())
    assert report.diverged == 6
    assert report.verdicts["b-any-rate"].word == "supported"
    complete(report)


def test_the_image_error_is_the_standard_error_of_the_image_means() -> None:
    # The images' means are 1, 2 and 3: their standard deviation is 1.
    assert image_error([[0, 2, 4], [2, 2, 2]]) == pytest.approx(1 / np.sqrt(3))
