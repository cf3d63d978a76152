"""A figure shows every run, says so in words, and is the same file every time."""

import gzip
import hashlib
import os
import re
import subprocess
import sys
from dataclasses import replace

import lxml.etree
import numpy as np
import pytest

from bnreport.figures.curve_axes import counted_ticks
from bnreport.figures.drawing import draw, draw_legibly
from bnreport.figures.palettes import DARK, LIGHT, Palette, recolored
from bnreport.figures.words import describe
from bnreport.presentation.plots import Crosses, Curves, Dots, Form, Panel, Plot, Row, Series
from tests.synthetic import NOTEBOOK, ROOT, TRUE, staged, study_report

EPOCHS = np.array([1.0, 2.0, 3.0])
BASELINE = np.array([[0.9, 0.7, 0.5], [0.8, 0.6, 0.4], [1.0, 0.8, 0.6], [0.9, 0.7, 0.5]])
CURVES = Curves(
    title="Two nets",
    subtitle="Toy data; n = 4 seeds",
    x_label="epoch",
    panels=(
        Panel(
            title="Training loss",
            y_label="loss",
            series=(
                Series("baseline", "raw", EPOCHS, BASELINE),
                Series("BN", "bn", EPOCHS, BASELINE - 0.25),
            ),
            marks=(Crosses("printed", EPOCHS, np.array([0.85, 0.65, 0.45])),),
            level=(0.2264, "start"),
        ),
    ),
)
DOTS = Dots(
    title="Seconds",
    subtitle="Toy data; n = 3 rounds",
    x_label="seconds per epoch",
    rows=(
        Row("baseline", "raw", np.array([1.0, 1.5, 2.0]), 1.2, 1.5, 1.8, (9.0,)),
        Row("BN", "bn", np.array([2.0, 2.5, 3.0]), 2.2, 2.5, 2.8),
    ),
    paired=True,
    decimals=2,
)


@pytest.mark.parametrize("plot", [CURVES, DOTS])
def test_a_recoloured_drawing_is_the_drawing_in_the_other_palette(plot: Plot) -> None:
    # What is referred to is named by a hash of its style, so of its colours, too.
    def unnamed(text: str) -> str:
        return re.sub(r'(id="|#)[mp][0-9a-f]{10}', r"\1", text)

    found = recolored(draw(plot, LIGHT), LIGHT, DARK)
    assert unnamed(found) == unnamed(draw(plot, DARK))
    assert not any(color in found for color in LIGHT.colors)


def fewer(series: Series) -> Series:
    """The series without its first run."""
    return replace(series, y=series.y[1:])


def lines(plot: Plot, color: str) -> int:
    """How many lines of that colour the drawing holds."""
    return len(re.findall(rf"<path [^>]*stroke: {color}\b", draw(plot, LIGHT)))


def test_every_run_adds_a_line_of_its_own_in_the_colour_of_its_net() -> None:
    (panel,) = CURVES.panels
    first, second = panel.series
    smaller = replace(CURVES, panels=(replace(panel, series=(fewer(first), second)),))
    change = {arm: lines(CURVES, c) - lines(smaller, c) for arm, c in LIGHT.arms.items()}
    assert change == dict.fromkeys(LIGHT.arms, 0) | {"raw": 1}


def test_a_single_run_is_one_line_without_a_band() -> None:
    (panel,) = CURVES.panels
    alone = replace(panel.series[0], y=BASELINE[:1])
    text = draw(replace(CURVES, panels=(replace(panel, series=(alone,)),)), LIGHT)
    assert "FillBetween" not in text
    assert "PolyCollection" not in text


def test_every_round_adds_a_dot_and_every_pair_a_line() -> None:
    rows = tuple(replace(row, values=np.delete(row.values, 1)) for row in DOTS.rows)
    smaller = replace(DOTS, rows=rows)
    dots = [draw(plot, LIGHT).count("<use ") for plot in (DOTS, smaller)]
    assert dots[0] - dots[1] == len(rows)
    assert lines(DOTS, LIGHT.faint) - lines(smaller, LIGHT.faint) == 1


def test_dots_of_one_value_are_stacked_so_that_they_can_be_counted() -> None:
    def heights(values: list[float]) -> list[str]:
        row = replace(DOTS.rows[0], values=np.array(values), published=())
        text = draw(replace(DOTS, rows=(row,), paired=False), LIGHT)
        dot = f"fill: {LIGHT.arms['raw']}; fill-opacity: 0.45"
        return re.findall(rf'<use [^>]*y="([\d.]+)" style="{dot}', text)

    assert len(set(heights([1.0, 1.5, 2.0]))) == 1
    assert len(set(heights([1.0, 1.0 + 1e-12, 1.0]))) == 3


def test_a_logarithmic_axis_has_a_tick_at_each_setting_and_names_fewer_where_room_is_short() -> (
    None
):
    (panel,) = CURVES.panels
    series = tuple(replace(s, x=np.array([0.25, 1.0, 4.0])) for s in panel.series)
    alone = replace(CURVES, panels=(replace(panel, series=series),), x_scale="log")
    text = draw(alone, LIGHT)
    assert [f">{tick}<" in text for tick in ("1/4", "1", "4")] == [True, True, True]
    many = draw(replace(alone, panels=alone.panels * 5), LIGHT)
    assert [many.count(f">{tick}<") for tick in ("1/4", "1", "4")] == [5, 0, 5]


@pytest.mark.parametrize("form", ["wide", "phone"])
def test_ticks_of_linear_axes_have_commas_from_a_thousand_on(form: Form) -> None:
    (panel,) = CURVES.panels
    many = tuple(replace(s, x=1_000 * s.x**2, y=9_000 * s.y) for s in panel.series)
    curves = replace(CURVES, panels=(replace(panel, series=many, marks=(), level=None),), form=form)
    rows = tuple(replace(row, values=4_000 * row.values) for row in DOTS.rows)
    for plot in (curves, replace(DOTS, rows=rows, form=form)):
        text = draw_legibly(plot, LIGHT)
        assert len(re.findall(r">\d{1,2},\d{3}<", text)) >= 3
        assert not re.findall(r">\d{4,}<", text)
    # Below it they stay as they were.
    assert re.findall(r">0\.\d+<", draw_legibly(replace(CURVES, form=form), LIGHT))


def test_what_falls_in_the_course_of_a_run_is_read_from_left_to_right() -> None:
    (panel,) = CURVES.panels

    def ticks(x: list[float]) -> list[str]:
        series = tuple(replace(s, x=np.array(x)) for s in panel.series)
        plot = replace(CURVES, panels=(replace(panel, series=series, marks=()),), x_scale="log")
        root = lxml.etree.fromstring(draw(plot, LIGHT).encode())
        words = root.iterfind(".//{*}g[@id='matplotlib.axis_1']//{*}text")
        at = {w.text: float(str(w.get("x", re.findall(r"[\d.]+", str(w.get("transform")))[0])))
              for w in words}  # fmt: skip
        return sorted((t for t in at if t and t[0].isdigit()), key=lambda tick: at[tick])

    assert ticks([0.6, 0.3, 0.1]) == ["0.6", "0.3", "0.1"]
    assert ticks([0.1, 0.3, 0.6]) == ["0.1", "0.3", "0.6"]


def test_a_short_logarithmic_axis_has_more_than_one_tick() -> None:
    row = Row("ratio", "bn", np.array([0.9, 1.3]), 1.0, 1.1, 1.2)
    plot = replace(DOTS, rows=(row,), paired=False, x_scale="log")
    text = draw(plot, LIGHT)
    assert sum(f">{tick}<" in text for tick in ("0.8", "0.9", "1.0", "1.1", "1.2", "1.3")) > 2


@pytest.mark.parametrize("plot", [CURVES, DOTS])
def test_the_palettes_differ_in_colours_and_in_nothing_else(plot: Plot) -> None:
    def colourless(palette: Palette) -> str:
        # A marker's name is made from its style.
        return re.sub(r"#[0-9a-f]{6}\b|\bm[0-9a-f]{10}\b", "", draw(plot, palette))

    assert draw(plot, LIGHT) != draw(plot, DARK)
    assert colourless(LIGHT) == colourless(DARK)
    assert set(LIGHT.arms) == set(DARK.arms)
    for palette in (LIGHT, DARK):
        assert len(set(palette.arms.values())) == len(palette.arms)
        assert palette.arms["bn"] in draw(plot, palette)


@pytest.mark.parametrize("plot", [CURVES, DOTS])
def test_a_figure_is_text_that_stays_text_and_holds_no_date(plot: Curves | Dots) -> None:
    text = draw(plot, LIGHT)
    tree = lxml.etree.fromstring(text.encode())
    assert tree.tag == "{http://www.w3.org/2000/svg}svg"
    words = " ".join(tree.itertext())
    assert plot.title in words
    assert plot.subtitle in words
    assert plot.x_label in words
    assert "date" not in text
    assert not re.search(r"\b20[0-9]{2}-[0-9]{2}-[0-9]{2}", text)
    assert not re.search(r" +$", text, re.MULTILINE)


@pytest.mark.slow
def test_another_process_draws_the_same_bytes() -> None:
    program = (
        "import hashlib\n"
        "from bnreport.figures.palettes import DARK, LIGHT\n"
        "from bnreport.figures.drawing import draw\n"
        "from tests.figures.test_figures import CURVES, DOTS\n"
        "text = ''.join(draw(plot, p) for plot in (CURVES, DOTS) for p in (LIGHT, DARK))\n"
        "print(hashlib.sha256(text.encode()).hexdigest())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env=os.environ | {"PYTHONHASHSEED": "7", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
        timeout=600,
    )
    here = "".join(draw(plot, palette) for plot in (CURVES, DOTS) for palette in (LIGHT, DARK))
    assert done.stdout.strip() == hashlib.sha256(here.encode()).hexdigest()


def test_curves_in_words_hold_the_means_of_the_data() -> None:
    text = describe(CURVES)
    assert text.startswith("Two nets. Toy data; n = 4 seeds.")
    assert "baseline goes from 0.9 at epoch 1 to 0.5 at 3" in text
    assert "BN goes from 0.65 at epoch 1 to 0.25 at 3" in text
    assert "printed numbers go from 0.85 at epoch 1 to 0.45 at 3" in text
    assert "start: 0.2264" in text


def test_places_that_were_worked_out_are_told_in_four_digits() -> None:
    (panel,) = CURVES.panels
    marks = (Crosses("printed", EPOCHS, np.array([1.2936599, 0.5, 0.054582544])),)
    worked = replace(panel, marks=marks, level=(0.222222222, "start"))
    plot = replace(CURVES, panels=(worked,))
    told = describe(plot)
    assert "from 1.294 at epoch 1 to 0.05458 at 3" in told
    assert "start: 0.2222" in told
    assert "start: 0.2222<" in draw(plot, LIGHT)


def test_dots_in_words_hold_mean_interval_range_and_the_printed_number() -> None:
    text = describe(DOTS)
    assert "baseline 1.50 on average, 95% interval 1.20 to 1.80, runs from 1.00 to 2.00" in text
    assert "printed 9" in text
    assert "BN 2.50 on average" in text


def test_curves_that_end_early_are_drawn_as_far_as_they_go() -> None:
    (panel,) = CURVES.panels
    lost = BASELINE.copy()
    lost[1, 2] = np.nan
    series = replace(panel.series[0], y=lost)
    plot = replace(CURVES, panels=(replace(panel, series=(series,)),))
    assert "<svg" in draw(plot, LIGHT)


def test_narrow_rows_take_less_room_and_keep_their_dots_means_and_intervals() -> None:
    broad, narrow = (replace(DOTS, paired=False, narrow=n) for n in (False, True))
    heights = [
        float(re.findall(r'height="([\d.]+)pt"', draw(p, LIGHT))[0]) for p in (broad, narrow)
    ]
    assert heights[1] < heights[0]
    assert describe(narrow) == describe(broad)
    assert lines(narrow, LIGHT.arms["bn"]) == lines(broad, LIGHT.arms["bn"])
    assert draw(narrow, LIGHT).count("<use ") == draw(broad, LIGHT).count("<use ")


def test_errors_of_any_size_are_named_by_the_largest_over_an_axis_of_powers_of_ten() -> None:
    tiny = Row("exact", "bn", np.array([1e-8, 5e-6]), 1e-8, 5e-6, 5e-6, band=(1e-9, 1e-4))
    large = Row("not exact", "bn", np.array([2.0, 7.96]), 2.0, 7.96, 7.96, band=(1e-9, 1e-4))
    plot = replace(DOTS, rows=(tiny, large), paired=False, centre="largest", x_scale="log")
    words = [*lxml.etree.fromstring(draw(plot, LIGHT).encode()).itertext()]
    assert {"5.0 × 10⁻⁶", "8.0", "10⁻⁸", "0.01"} <= {word.strip() for word in words}
    assert "exact at most 5.0 × 10⁻⁶, shaded up to 0.0001" in describe(plot)


@pytest.mark.slow
def test_the_figures_of_the_study_are_small_and_say_how_many_runs_they_show() -> None:
    plots = study_report().analysis.plots
    files = staged(TRUE).files
    for name, plot in plots.items():
        n = re.search(r"n = \d+", plot.subtitle)
        assert n, name
        assert n.group() in describe(plot)
        for palette in (LIGHT, DARK):
            text = files[f"figures/{NOTEBOOK.name}-{name}-{palette.name}.svg"]
            assert len(gzip.compress(text.encode())) < 30_000, name
            assert n.group() in " ".join(lxml.etree.fromstring(text.encode()).itertext()), name


@pytest.mark.parametrize(
    ("last", "scale", "ticks"),
    [
        (10, 30.0, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]),
        # Where names would touch, round numbers alone.
        (10, 9.0, [2, 4, 6, 8, 10]),
        (10, 5.0, [1, 5, 10]),
        (100, 4.0, [1, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100]),
        (3, 30.0, [1, 2, 3]),
    ],
)
def test_an_axis_that_counts_has_round_numbers_that_do_not_touch(
    last: int, scale: float, ticks: list[int]
) -> None:
    assert counted_ticks(last, scale, 10.0) == ticks


def test_names_of_two_lines_one_below_the_other_have_more_room() -> None:
    long = "a name of a row that is too long for one line beside the axes"
    narrow = replace(DOTS, narrow=True, paired=False)

    def height(*labels: str) -> float:
        rows = (replace(DOTS.rows[0], label=label) for label in labels)
        text = draw(replace(narrow, rows=tuple(rows)), LIGHT)
        return float(re.findall(r'<svg[^>]* height="([\d.]+)pt"', text)[0])

    assert height(long, "a", long, "b") == height("a", "b", "c", "d")
    assert height(long, long, "a", "b") > height("a", "b", "c", "d")
