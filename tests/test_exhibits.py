"""What tables and figures of studies share: cells, rows of seeds and panels, by hand."""

from collections.abc import Iterator, Mapping

import numpy as np
import pytest

from bnreport.analysis.arms import Arm, usual
from bnreport.analysis.cells import (
    arrivals,
    interval_of,
    mean_of,
    means_of,
    values_of,
)
from bnreport.analysis.charts import curves_of, differences, panels, seed_row
from bnreport.analysis.comparisons import Sample
from bnreport.presentation.plots import Curves, Dots, Plot
from bnreport.presentation.tables import Table, Value
from bnreport.records.collection import Records, by_trial
from bnreport.statistics.estimates import Contrast, paired
from bnreport.statistics.intervals import Interval
from tests import fabricated, golden
from tests.studies.test_measures import STUDIES

# Their mean is 3, their standard deviation 1; Student's t with two degrees of freedom is 4.30.
SEEDS = np.array([2.0, 3.0, 4.0])
HALF = 4.30265 / np.sqrt(3)
NOTHING = Records("full", {})


def test_a_mean_is_printed_with_or_without_its_interval() -> None:
    assert mean_of(SEEDS, 1) == "3.0"
    assert mean_of([1, 2, 6], 1) == "3.0"
    assert mean_of(SEEDS, 1, signed=True) == "+3.0"
    assert mean_of(SEEDS, 1, unit="pp") == "3.0\u2009pp"
    assert mean_of(SEEDS, 1, unit="pp", interval=True).startswith("3.0\u2009pp [")
    assert mean_of(SEEDS, 1, interval=True) == f"3.0 [{3 - HALF:.1f}, {3 + HALF:.1f}]"
    assert interval_of(SEEDS, 2) == f"[{3 - HALF:.2f}, {3 + HALF:.2f}]"


def test_the_mean_of_what_judges_a_claim_has_the_interval_of_the_claim() -> None:
    judged = Contrast(Interval(1.0, 2.0, 4.0, 12, "seeds and images"), p=0.5)
    assert mean_of(judged, 1, signed=True, unit="pp") == "+2.0\u2009pp [+1.0, +4.0]"


def test_the_mean_of_logarithms_is_printed_as_what_they_are_the_logarithms_of() -> None:
    logs = np.log([1.0, 2.0, 4.0])
    spread = np.exp(HALF * np.log(2))
    assert mean_of(logs, 2, log=True) == "2.00"
    expected = f"2.00 [{2 / spread:.2f}, {2 * spread:.2f}]"
    assert mean_of(logs, 2, log=True, interval=True) == expected


def test_arrivals_are_told_by_their_median_and_their_number() -> None:
    assert arrivals(np.array([1000.0, 3000.0, np.inf])) == ("3,000", "2 of 3")
    assert arrivals(np.array([1000.0, np.inf, np.inf])) == ("not reached", "1 of 3")


def test_values_share_their_origin() -> None:
    assert values_of("set before", {"a.b": "1", "c": "2"}) == {
        "a.b": Value("1", "set before"),
        "c": Value("2", "set before"),
    }


def test_means_share_their_origin_and_how_they_are_printed() -> None:
    samples = {"a": Sample((), lambda _: SEEDS), "b": Sample((), lambda _: -SEEDS)}
    assert means_of(NOTHING, "accuracy", samples, 1, signed=True, unit="pp") == {
        "a": Value("+3.0\u2009pp", "accuracy"),
        "b": Value("\u22123.0\u2009pp", "accuracy"),
    }


def test_a_cross_table_asks_the_same_of_every_row_and_column() -> None:
    table = Table.crossed(
        "Products", "times", {"two": 2, "three": 3}, {"×5": 5, "×7": 7}, lambda a, b: str(a * b)
    )
    assert table == Table(
        "Products", ("times", "×5", "×7"), (("two", "10", "14"), ("three", "15", "21"))
    )


def test_a_column_tells_what_its_head_says_of_every_row() -> None:
    table = Table.by_column(
        "Numbers",
        "number",
        {"two": 2, "three": 3},
        {"half": lambda n: f"{n / 2:g}", "square": lambda n: f"{n**2}"},
        "Exact.",
    )
    assert table.head == ("number", "half", "square")
    assert table.rows == (("two", "1", "4"), ("three", "1.5", "9"))
    assert (table.caption, table.note) == ("Numbers", "Exact.")


def test_seeds_are_those_of_the_trial_that_has_most_and_never_tuning() -> None:
    made_up = fabricated.records(STUDIES["alternatives"])
    records = Records("full", by_trial(made_up))
    assert records.n_seeds == 12
    assert (
        Records("full", {name: records.by_trial[name] for name in ("bn-tuning-0.1",)}).n_seeds == 0
    )
    first = dict(list(records.by_trial["bn"].items())[:3])
    assert Records("full", {"raw": records.by_trial["raw"], "bn": first}).n_seeds == 12


def test_a_row_has_a_dot_a_seed_the_mean_and_its_interval() -> None:
    row = seed_row("nets", "bn", SEEDS, cross="theory")
    assert (row.label, row.arm, row.cross, row.point) == ("nets", "bn", "theory", 3.0)
    assert (row.low, row.high) == pytest.approx((3 - HALF, 3 + HALF), abs=1e-4)
    logs = seed_row("nets", "bn", np.log(SEEDS), log=True)
    assert logs.values.tolist() == pytest.approx([2.0, 3.0, 4.0])
    assert logs.point == pytest.approx(24 ** (1 / 3))
    assert logs.low < logs.point < logs.high


def test_differences_are_rows_about_nothing() -> None:
    rows = (seed_row(name, "bn", SEEDS) for name in ("one", "other"))
    plot = differences("What BN adds", "300-100 ReLU net", "difference, pp", rows, decimals=1)
    assert (plot.title, plot.subtitle, plot.x_label) == (
        "What BN adds",
        "300-100 ReLU net",
        "difference, pp",
    )
    assert [row.label for row in plot.rows] == ["one", "other"]
    assert (plot.nothing, plot.decimals, plot.narrow) == (0.0, 1, True)


def test_a_row_of_what_judges_a_claim_has_its_interval() -> None:
    judged = paired(SEEDS, diverged=1)
    row = seed_row("nets", "bn", judged)
    assert (row.low, row.point, row.high) == (
        judged.interval.low,
        judged.interval.point,
        judged.interval.high,
    )
    assert row.values.tolist() == SEEDS.tolist()


def test_a_row_about_a_median_ends_where_its_numbers_end() -> None:
    row = usual("bn")[0].median_row(np.array([4.0, 1.0, 9.0, 2.0]), "rounds")
    assert (row.label, row.arm, row.low, row.point, row.high) == ("rounds", "bn", 1.0, 3.0, 9.0)
    assert row.values.tolist() == [4.0, 1.0, 9.0, 2.0]


def test_an_arm_has_its_colour_and_its_names_everywhere() -> None:
    arm = Arm("bn-last", "BN at the end", "last", "bn", dashed=True)
    row = arm.row(SEEDS)
    assert (row.label, row.arm) == ("BN at the end", "bn")
    assert arm.row(SEEDS, "another").label == "another"
    curve = arm.curve((1, 2, 3), [SEEDS])
    assert (curve.label, curve.arm, curve.dashed) == ("last", "bn", True)
    assert (curve.x.tolist(), curve.y.tolist()) == ([1.0, 2.0, 3.0], [[2.0, 3.0, 4.0]])
    assert arm.curve((1,), [[1]], "another").label == "another"
    assert not arm.curve((1,), [[1]], dashed=False).dashed
    assert Arm("x", "a net").curve((1,), [[1]], dashed=True).dashed
    assert Arm("x", "a net").curve((1,), [[1]]).label == "a net"


def test_the_curves_of_a_panel_are_called_as_it_calls_its_nets() -> None:
    raw, bn = usual("raw", "bn")
    by_title = {"One": {raw: "plain"}, "Both": {raw: "plain", bn: "BN"}}
    found = curves_of(by_title, lambda arm, label: arm.curve((1,), [[1]], label))
    assert {title: [curve.label for curve in curves] for title, curves in found.items()} == {
        "One": ["plain"],
        "Both": ["plain", "BN"],
    }
    assert [curve.arm for curve in found["Both"]] == ["raw", "bn"]


def test_panels_keep_the_order_of_curves_or_begin_with_the_longest() -> None:
    (raw,) = usual("raw")
    curves = [raw.curve((1,), [[1]], "short"), raw.curve((1, 2), [[1, 2]], "long")]
    (panel,) = panels({"Title": curves}, "accuracy, %", shelf=70.0)
    assert (panel.title, panel.y_label, panel.shelf) == ("Title", "accuracy, %", 70.0)
    assert [series.label for series in panel.series] == ["short", "long"]
    (panel,) = panels({"Title": curves}, "accuracy, %", longest_first=True)
    assert [series.label for series in panel.series] == ["long", "short"]


def in_percent(plot: Plot) -> Iterator[tuple[str, np.ndarray]]:
    """The rows and curves of a figure that is in per cent, each with its numbers."""
    if isinstance(plot, Dots) and plot.x_label.endswith("accuracy, %"):
        yield from ((row.label, row.values) for row in plot.rows)
    if isinstance(plot, Curves):
        for panel in plot.panels:
            if panel.y_label.endswith("accuracy, %"):
                yield from ((series.label, series.y) for series in panel.series)


def fractions(plots: Mapping[str, Plot]) -> list[tuple[str, str]]:
    """What is drawn as a fraction on an axis in per cent; nets do not fall to a tenth of chance."""
    return [
        (name, label)
        for name, plot in plots.items()
        for label, numbers in in_percent(plot)
        if np.nanmax(np.where(np.isfinite(numbers), numbers, np.nan)) <= 1
    ]


def test_a_row_of_fractions_among_per_cents_is_found() -> None:
    sound, faulty = (usual("bn")[0].row(paired(SEEDS / by), f"by {by}") for by in (1, 100))
    plot = Dots("", "", "test accuracy, %", (sound, faulty))
    assert fractions({"a": plot}) == [("a", "by 100")]


@pytest.mark.slow
def test_no_figure_mixes_fractions_and_per_cents() -> None:
    plots = {
        f"{study.study.edition.name}-{name}": plot
        for study in golden.report().editions()
        for name, plot in study.analysis.plots.items()
    }
    assert sum(bool([*in_percent(plot)]) for plot in plots.values()) > 40
    assert fractions(plots) == []
