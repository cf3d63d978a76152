"""The benchmark's page says what its record holds, whatever parts were measured."""

import re
from collections.abc import Mapping

import pytest

from bnreport.analysis.report import StudyReport, report_study
from bnreport.pages.render import render
from bnreport.presentation.plots import Dots
from bnreport.records.collection import Records
from bnreport.records.record import Record
from tests.pages.test_render import light
from tests.synthetic import (
    DOCS,
    PERFORMANCE,
    TRUE,
    code,
    performance_records,
    performance_report,
    report,
    staged,
    with_study,
)

Cells = tuple[str, ...]


def told(
    replicas: Mapping[str, Mapping[str, Record]] | None = None, /, **seconds: float
) -> StudyReport:
    """The report on made-up seconds, with some of them replaced."""
    made = performance_records(**seconds)
    return report_study(PERFORMANCE, made, "full", None, code(), replicas)


def targets(found: StudyReport) -> dict[str, Cells]:
    """What was measured and whether it is met, by the target's first words."""
    rows = found.analysis.tables["targets"].rows
    return {target: (measured, met) for target, measured, met in rows}


def result(word: str, **seconds: float) -> Cells:
    """The row of the one target that holds this word."""
    (row,) = (row for target, row in targets(told(**seconds)).items() if word in target)
    return row


@pytest.mark.parametrize(
    ("word", "seconds", "measured", "met"),
    [
        ("baseline: 10", {}, "11.1 times", True),
        ("baseline: 10", {"engine_all": 0.5}, "8.0 times", False),
        ("BN: 8", {"fit": 2.0}, "5.5 times", False),
        ("baseline: training", {}, "1.13 times", True),
        ("baseline: training", {"train": 0.9}, "1.50 times", False),
        ("BN: training", {"train": 0.9}, "1.50 times", True),
        ("BN: training", {"products": 0.3}, "2.26 times", False),
        ("peak memory", {}, "0.90\u2009GB", True),
        ("peak memory", {"peak_64": 2100.0}, "2.10\u2009GB", False),
        ("first finished epoch", {}, "13.5\u2009s", True),
        ("first finished epoch", {"command": 11.0}, "16.5\u2009s", False),
        ("one more run", {}, "1.00 times", True),
        ("one more run", {"seconds_1000": 570.5}, "1.25 times", False),
    ],
)
def test_a_target_is_met_by_what_was_measured(
    word: str, seconds: dict[str, float], measured: str, met: bool
) -> None:
    assert result(word, **seconds) == (measured, "✓ met" if met else "✗ missed")


def test_one_more_run_costs_what_is_between_two_calls() -> None:
    # Half a second each, but for the last 500, which take 62.5 seconds more than that.
    values = told(seconds_1000=570.5).analysis.values
    assert values["further.late"].text == "625\u2009ms"


def test_tables_divide_by_the_products_and_by_the_runs() -> None:
    tables = told().analysis.tables
    ladder = {row[0]: row[1:3] for row in tables["ladder"].rows}
    # 0.55, 0.6 and 0.9 seconds of the baseline, over 0.6.
    assert ladder["products, fastest layout"] == ("0.552", "0.92")
    assert ladder["products, textbook layout"] == ("0.602", "1.00")
    assert ladder["engine, training images scored"] == ("0.902", "1.50")
    # 8 seconds, and half a second a run.
    assert ("16", "16.0", "1.00", "900") in tables["runs"].rows


def test_one_round_that_stalls_moves_no_number() -> None:
    made = performance_records()
    (name,) = (name for name, r in made.items() if r.identity.trial.name == "loops")
    *others, last = made[name].epochs("fit_baseline").tolist()
    history = {**made[name].history, "fit_baseline": (*others, 99.0)}
    stalled = made | {name: made[name].model_copy(update={"history": history})}
    found = report_study(PERFORMANCE, stalled, "full", None, code()).analysis
    # The last made-up round is the longest in any case.
    assert max(others) < last
    assert found.values["fit.baseline"].text == "4.00\u2009s"
    assert found.tables["loops"].rows == told().analysis.tables["loops"].rows


def test_the_sentence_counts_the_targets_in_the_table() -> None:
    found = told(train=0.9, fit=2.0)
    words = [met for _, met in targets(found).values()]
    values = found.analysis.values
    assert values["targets.met"].text == str(words.count("✓ met")) == "4"
    assert values["targets"].text == "7"


def test_a_gpu_is_judged_by_its_own_record_once_there_is_one() -> None:
    assert result("a GPU")[1] == "not measured"
    fast, slow = (
        targets(told({"h100": performance_records(jax_lanes_64=seconds)}))
        for seconds in (0.004, 0.008)
    )
    (found, other) = (
        next(row for target, row in rows.items() if "a GPU" in target) for rows in (fast, slow)
    )
    # The slower of the two nets counts, and BN takes half as long again.
    assert found == ("6.5\u2009ms on h100", "✓ met")
    assert other[1] == "✗ missed"


def test_another_machine_is_shown_beside_this_one() -> None:
    assert "machines" not in told().analysis.tables
    found = told({"h100": performance_records(jax_lanes_64=0.004)}).analysis.tables["machines"]
    assert any("64 runs in one program" in row[1] for row in found.rows)
    assert found.head[2:] == ("baseline, ms", "BN, ms")
    loops = told().analysis.tables["loops"].rows
    assert len([row for row in found.rows if row[1] == loops[0][0]]) == 2


def test_a_machine_may_have_measured_one_part_alone() -> None:
    some = {
        run: record
        for run, record in performance_records(jax_lanes_64=0.004).items()
        if record.identity.trial.name == "lanes"
    }
    assert told({"h100": some}).analysis.tables["machines"].rows


@pytest.mark.parametrize("name", ["lanes", "start-up", "runs", "thousand"])
def test_a_part_that_was_not_measured_is_left_out(name: str) -> None:
    of = {
        record.identity.trial.name: {record.identity.seed: record}
        for record in performance_records().values()
        if record.identity.trial.name != name
    }
    found = PERFORMANCE.analyse(Records("full", of))
    assert name not in found.plots
    assert name not in found.tables
    assert "loops" in found.plots


def test_every_measure_of_the_loops_is_in_a_figure_with_all_its_rounds() -> None:
    found = performance_report().analysis.plots
    rounds = {runs.trial.length for runs in PERFORMANCE.runs if runs.trial.name == "loops"}
    plots = [plot for plot in found.values() if isinstance(plot, Dots)]
    rows = [row for plot in plots for row in plot.rows]
    assert {len(row.values) for row in rows} == rounds
    assert len(rows) == 2 * (4 + 7)


def test_the_second_backend_comes_last_and_by_its_name() -> None:
    record = next(r for r in performance_records().values() if r.identity.trial.name == "loops")
    more = {
        name.replace("engine", "jax-engine"): values
        for name, values in record.history.items()
        if name.startswith("engine")
    }
    both = record.model_copy(update={"history": dict(record.history) | more})
    found = PERFORMANCE.analyse(Records("full", {"loops": {100: both}}))
    words = [row[0] for row in found.tables["loops"].rows]
    assert [("JAX" in word, "TensorFlow" in word) for word in words] == [
        *[(False, False)] * 2,
        *[(False, True)] * 2,
        *[(True, False)] * 2,
    ]


def test_the_title_of_the_figure_follows_the_record() -> None:
    first, second = (
        told(**seconds).analysis.plots["lanes"].title for seconds in ({}, {"jax_lanes_4": 0.1})
    )
    assert first == "One run per core is fastest here"
    assert second == "4 runs trained together are fastest here"


@pytest.mark.slow
def test_the_page_names_the_machine_and_says_that_no_gpu_was_measured() -> None:
    page = staged(TRUE).files[PERFORMANCE.page]
    assert "a made-up processor" in page
    assert "No GPU has been recorded yet" in page
    assert "--replica NAME" in page
    found = with_study(report(), told({"h100": performance_records(jax_lanes_64=0.004)}))
    page = render(light(found), DOCS).files[PERFORMANCE.page]
    assert "No GPU's record" not in page
    assert "64 runs in one program" in page


@pytest.mark.slow
def test_the_page_stands_without_a_second_backend() -> None:
    alone = {
        run: record.model_copy(
            update={"history": {n: v for n, v in record.history.items() if not n.startswith("jax")}}
        )
        for run, record in performance_records().items()
    }
    study = report_study(PERFORMANCE, alone, "full", None, code())
    page = render(light(with_study(report(), study)), DOCS).files[PERFORMANCE.page]
    assert "many in one program?" not in page
    assert "where an epoch" in page.lower()


def test_no_number_of_the_page_is_typed() -> None:
    text = (DOCS / PERFORMANCE.page).read_text(encoding="utf-8")
    assert not re.findall(r"\d+\.\d+", text)


def test_records_of_a_benchmark_hold_every_measure_and_may_hold_more() -> None:
    record = next(iter(performance_records().values()))
    name = next(iter(record.history))
    fewer = {key: values for key, values in record.history.items() if key != name}
    with pytest.raises(ValueError, match="expected history"):
        Record.model_validate(record.model_dump() | {"history": fewer})
    more = dict(record.history) | {"jax-more": record.history[name]}
    assert Record.model_validate(record.model_dump() | {"history": more}).history == more
