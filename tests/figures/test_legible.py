"""The words of a figure can be read: the rule finds what hides them, and layouts keep to it."""

from collections.abc import Callable
from dataclasses import replace
from itertools import combinations, pairwise, product

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.text import Annotation
from matplotlib.transforms import Bbox

from bnreport.errors import PageError
from bnreport.figures.card import HEIGHT, MARGIN, WIDTH, sketch
from bnreport.figures.curve_names import write_names
from bnreport.figures.dot_rows import density
from bnreport.figures.drawing import draw, draw_legibly, drawn
from bnreport.figures.frame import balanced, log_axis, measured, style, wrapped
from bnreport.figures.heights import LINE, spread
from bnreport.figures.legible import faults
from bnreport.figures.palettes import LIGHT
from bnreport.figures.spots import LABEL, THICK, Spot, name
from bnreport.pages.social_card import ENDINGS, TITLES
from bnreport.presentation.formats import THIN
from bnreport.presentation.plots import Crosses, Curves, Dots, Panel, Row, Scale, Series
from tests.figures.test_figures import CURVES, DOTS

X = np.array([1.0, 2.0, 3.0])


def axes() -> tuple[Figure, Axes]:
    figure = Figure(figsize=(5, 3), dpi=72)
    ax = figure.add_axes((0.2, 0.2, 0.7, 0.7))
    ax.set(xlim=(0, 10), ylim=(0, 10))
    ax.spines[["top", "right"]].set_visible(False)
    return figure, ax


def crossed(ax: Axes) -> None:
    ax.text(5, 5, "one word")
    ax.text(5.2, 5, "another")


def struck(ax: Axes) -> None:
    ax.axhline(5)
    ax.text(5, 5, "raw", va="center")


def on_the_axis(ax: Axes) -> None:
    ax.text(5, 0, "momentum", va="center")


def on_a_curve(ax: Axes) -> None:
    ax.plot([0, 4, 10], [2, 6, 4], linewidth=THICK)
    ax.text(5, 5.6, "raw", va="center")


def cut_off(ax: Axes) -> None:
    ax.text(9, 5, "a name that is longer than the room")


def repeated(ax: Axes) -> None:
    ax.set_xticks([2, 5], ["0", "0"])


def hyphen(ax: Axes) -> None:
    ax.text(5, 5, "-0.50")


def exponent(ax: Axes) -> None:
    ax.text(5, 5, "4.0e+00")


def uncut(ax: Axes) -> None:
    ax.text(5, 5, "at 1500 steps")


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (crossed, "lies on"),
        (struck, "struck through"),
        (on_the_axis, "struck through"),
        (on_a_curve, "lies on a curve"),
        (cut_off, "cut off"),
        (repeated, "names 2 ticks"),
        (hyphen, "hyphen"),
        (exponent, "exponent"),
        (uncut, "lacks a comma"),
    ],
)
def test_what_cannot_be_read_is_found(fault: Callable[[Axes], None], told: str) -> None:
    figure, ax = axes()
    assert faults(figure) == []
    fault(ax)
    figure.draw_without_rendering()
    (found,) = faults(figure)
    assert told in found


def test_minus_signs_code_and_marks_on_a_line_are_no_faults() -> None:
    figure, ax = axes()
    ax.axvline(5)
    ax.text(5, 5, "●", ha="center")
    ax.text(7, 7, "\u22120.5")
    ax.text(7, 2, "axis=-1")
    ax.text(2, 2, "1,500 in 2018")
    ax.plot([0, 4, 10], [4, 6, 5], linewidth=THICK / 2)
    ax.text(1, 5, "over a run")
    assert faults(figure) == []


def test_a_figure_whose_words_collide_is_refused_among_the_sites_own() -> None:
    (panel,) = CURVES.panels
    wordy = replace(CURVES, panels=(replace(panel, title="A title without end " * 3),) * 3)
    with pytest.raises(PageError, match=r"figure 'Two nets'.*'A title.*' lies on 'A title"):
        draw_legibly(wordy, LIGHT)
    # Whoever brings other records still gets the page.
    assert "without end" in draw(wordy, LIGHT)


def panels(ends: list[float], level: float | None = None) -> Curves:
    (panel,) = CURVES.panels
    series = tuple(
        Series(f"arm {place}", "bn", X, np.array([[0.0, 0.5, end]]))
        for place, end in enumerate(ends)
    )
    word = None if level is None else (level, "chance")
    return replace(CURVES, panels=(replace(panel, series=series, marks=(), level=word),))


@pytest.mark.parametrize(
    ("ends", "level"),
    [
        ([0.5, 0.5, 0.5, 0.5], None),
        ([0.0, 0.001, 1.0], 0.0),
        ([0.0, 0.0, 0.0], None),
        ([1.0, 1.0, 1.0, 1.0, 1.0, 1.0], 1.0),
    ],
)
def test_names_of_curves_that_end_together_stay_apart(
    ends: list[float], level: float | None
) -> None:
    draw(panels(ends, level), LIGHT)
    draw(replace(panels(ends, level), panels=panels(ends, level).panels * 3), LIGHT)


def test_a_name_gives_way_to_one_that_is_there() -> None:
    _, ax = axes()
    spots = [Spot(5.0, 5.0, 0.0, up, "left") for up in (0.0, 2 * LABEL)]
    taken: list[Bbox] = []
    for text in ("one", "another"):
        name(ax, text, spots, taken, LIGHT.ink)
    first, second = taken
    assert not first.overlaps(second)
    assert first.y0 < second.y0


def test_a_name_goes_far_only_where_a_curve_lies_under_every_place_near_by() -> None:
    _, ax = axes()
    near = [Spot(5.0, 5.0, 0.0, up, "center") for up in (0.0, LABEL)]
    far = [Spot(5.0, 5.0, 0.0, 4 * LABEL, "center")]
    places = []
    for height in (5.0, 5.5):
        ax.plot([0, 5, 10], [5, height, 5], linewidth=THICK)
        taken: list[Bbox] = []
        name(ax, "raw", near, taken, LIGHT.ink, far=far)
        places.append(taken[0].y0 - ax.transData.transform((5.0, 5.0))[1])
    assert places[0] < 2 * LABEL < places[1]


@pytest.mark.parametrize(
    ("wanted", "lines"),
    [
        ([50.0, 50.0, 50.0], [50.0]),
        ([0.0, 0.0], []),
        ([100.0, 100.0, 100.0], [95.0]),
        ([10.0, 40.0, 90.0], []),
        ([48.0, 52.0], [50.0]),
    ],
)
def test_names_are_moved_apart_and_off_lines_and_no_further(
    wanted: list[float], lines: list[float]
) -> None:
    found = spread(wanted, lines, 0.0, 100.0)
    tiny = 1e-2
    assert all(b - a >= LABEL - tiny for a, b in pairwise(found))
    assert all(abs(place - line) >= LINE - tiny for place in found for line in lines)
    assert found[0] >= LABEL / 2 - tiny
    assert found[-1] <= 100.0 - LABEL / 2 + tiny
    if wanted == [10.0, 40.0, 90.0]:
        assert found == pytest.approx(wanted, abs=tiny)


def test_curves_that_all_end_at_zero_are_named_where_they_pass_a_height() -> None:
    steps = 10 ** np.linspace(0, 4, 101)
    curves = {0.9: "std", 0.99: "bn", 0.999: "raw"}
    series = tuple(
        Series(f"momentum {alpha:g}", arm, steps, alpha ** steps[None])  # type: ignore[arg-type]
        for alpha, arm in curves.items()
    )
    panel = Panel("", "weight", series, from_zero=True, named_at=0.5)
    plot = Curves("Forgetting", "By batches", "batches", (panel,), x_scale="log")
    draw(plot, LIGHT)
    with style(LIGHT):
        (ax,) = drawn(plot, LIGHT).axes
    places = {text.get_text(): text.xy for text in ax.texts}  # type: ignore[attr-defined]
    for alpha in curves:
        x, y = places[f"momentum {alpha:g}"]
        assert y == 0.5
        assert alpha**x == pytest.approx(0.5, abs=0.05)
    ticks = [text.get_text() for text in ax.get_xticklabels()]
    assert {"1", "10", "100", "1,000", "10,000"} <= set(ticks)
    # The axis ends where the data end.
    assert ax.spines["bottom"].get_bounds()[1] < 1.2 * steps[-1]


@pytest.mark.parametrize(
    ("left", "right"), [*product([1e-9, 0.002, 0.2, 0.9], [1.3, 20, 3000, 1e6])]
)
@pytest.mark.parametrize("room", [120.0, 300.0])
def test_a_logarithmic_axis_has_ticks_that_differ_and_do_not_touch(
    left: float, right: float, room: float
) -> None:
    figure = Figure(figsize=(room / 72, 3), dpi=72)
    ax = figure.add_axes((0, 0.3, 1, 0.6))
    ax.set_xscale("log")
    ax.set_xlim(left, right)
    log_axis(ax, room)
    figure.draw_without_rendering()
    found = [fault for fault in faults(figure) if "cut off" not in fault]
    assert found == []
    assert len(ax.get_xticklabels()) >= 2


@pytest.mark.parametrize("least", [0.052, 0.055, 0.06])
def test_on_a_phone_the_first_tick_of_a_logarithmic_axis_is_whole_or_has_no_name(
    least: float,
) -> None:
    plot = effects([[least, 0.9], [0.2, 0.4]], x_scale="log", centre="median", form="phone")
    draw_legibly(plot, LIGHT)


def effects(values: list[list[float]], **changes: object) -> Dots:
    rows = tuple(
        Row(f"claim {place}", "neutral", np.array(v), min(v), float(np.mean(v)), max(v))
        for place, v in enumerate(values)
    )
    return replace(DOTS, rows=rows, paired=False, **changes)  # type: ignore[arg-type]


def test_the_line_of_no_effect_crosses_no_number() -> None:
    for scale, nothing, values in (
        ("linear", 0.0, [[-0.1, 0.1], [-0.02, 0.0], [0.01, 0.03], [-4.0, 5.0]]),
        ("log", 1.0, [[0.9, 1.1], [0.99, 1.0], [1.01, 1.02], [0.2, 2000.0]]),
    ):
        draw(effects(values, nothing=nothing, x_scale=scale), LIGHT)


@pytest.mark.parametrize("printed", [1.0, 1.95, 3.0, 1.5])
def test_the_word_for_a_printed_number_stays_within_and_off_other_numbers(printed: float) -> None:
    rows = tuple(replace(row, published=(printed,), cross="printed here") for row in DOTS.rows)
    draw(replace(DOTS, rows=rows * 2), LIGHT)


def test_the_number_of_a_narrow_row_stands_in_a_column_that_names_it() -> None:
    plot = effects([[0.1, 0.2, 3.6], [0.5, 1.0, 1.1]], centre="median", decimals=2)
    with style(LIGHT):
        (ax,) = drawn(plot, LIGHT).axes
    right = {text.get_text(): text.xy[0] for text in ax.texts}  # type: ignore[attr-defined]
    # In the fraction of the axes: beside no dot.
    assert right == {"1.30": 1.0, "0.87": 1.0, "median": 1.0}


def test_a_hump_is_the_density_of_its_quantiles() -> None:
    x = np.linspace(-6, 6, 1201)
    quantiles = np.array([-1.5, -0.9, -0.5, -0.2, 0.0, 0.2, 0.5, 0.9, 1.5])
    found = density(quantiles, x)
    assert np.trapezoid(found, x) == pytest.approx(1.0, abs=1e-3)
    assert x[found.argmax()] == pytest.approx(0.0, abs=0.05)
    assert np.trapezoid(density(2 * quantiles, x), x) == pytest.approx(1.0, abs=1e-3)
    assert density(2 * quantiles, x).max() == pytest.approx(found.max() / 2, rel=1e-2)


def test_humps_draw_no_dots() -> None:
    plot = effects([[0.1, 0.2, 3.6], [0.5, 1.0, 1.1]], centre="median", decimals=2)
    dot = "fill-opacity: 0.45"
    found = [draw(replace(plot, humps=humps), LIGHT).count(dot) for humps in (False, True)]
    assert found == [6, 0]


def test_a_hump_on_a_phone_stays_below_the_name_of_its_row() -> None:
    plot = effects([[0.1, 0.2, 3.6], [0.5, 1.0, 1.1]], centre="median", humps=True)
    with style(LIGHT, "phone"):
        figure = drawn(replace(plot, form="phone"), LIGHT)
        (ax,) = figure.axes
        figure.canvas.draw()
        names = [text.get_window_extent() for text in ax.texts if text.get_fontweight() == "bold"]
    humps = [area.get_window_extent() for area in ax.collections]
    assert len(names) == len(humps) == 2
    for hump in humps:
        assert not any(hump.y0 < name.y0 < hump.y1 for name in names)


def test_a_shelf_squeezes_what_failed_and_keeps_the_rest_apart() -> None:
    y = np.array([[80.0, 85.0, 10.0]])
    panel = Panel("", "accuracy", (Series("raw", "raw", X, y),), shelf=70.0)
    with style(LIGHT):
        (ax,) = drawn(Curves("Rates", "Shaded: squeezed", "rate", (panel,)), LIGHT).axes
    at = {value: ax.transData.transform((1.0, value))[1] for value in (10.0, 70.0, 80.0, 85.0)}
    assert at[10.0] < at[70.0] < at[80.0] < at[85.0]
    assert at[85.0] - at[80.0] > at[70.0] - at[10.0]


@pytest.mark.parametrize("shaded", [True, False])
def test_what_is_good_is_tinted_from_its_level_up_if_it_is_to_be(shaded: bool) -> None:
    y = np.array([[80.0, 85.0, 10.0]])
    curves = (Series("raw", "raw", X, y),)
    panel = Panel("", "accuracy", curves, level=(82.0, "good from"), shaded=shaded)
    with style(LIGHT):
        (ax,) = drawn(Curves("Scales", "Tinted: good", "scale", (panel,)), LIGHT).axes
    tinted = [box for box in ax.patches if isinstance(box, Rectangle)]
    assert len(tinted) == shaded
    for box in tinted:
        assert box.get_y() == 82.0
        assert box.get_y() + box.get_height() == pytest.approx(ax.get_ylim()[1])


@pytest.mark.parametrize("scale", ["linear", "log"])
def test_a_level_is_named_between_curves_that_run_along_both_ends(scale: Scale) -> None:
    x = np.arange(1.0, 101.0)
    y = np.where((x < 12) | (x > 45), 82.0, 88.0) if scale == "linear" else np.full(100, 88.0)
    if scale == "log":
        y[(x < 3) | (x > 25)] = 82.0
    # A curve for either side of the level, along its first and its last part.
    curves = tuple(Series(f"{up}", "bn", x, (y + up)[None]) for up in (0.4, -0.4))
    panel = Panel("", "accuracy", curves, level=(82.0, "good from"))
    with style(LIGHT):
        (ax,) = drawn(Curves("Rates", "Two nets", "rate", (panel,), x_scale=scale), LIGHT).axes
    (word,) = (text for text in ax.texts if text.get_text().startswith("good from"))
    assert word.get_horizontalalignment() == "center"


@pytest.mark.parametrize("dashed", [False, True])
def test_the_name_of_a_level_leaves_room_around_a_curve_whatever_single_runs_do(
    dashed: bool,
) -> None:
    x = np.arange(1.0, 11.0)
    # The mean lies close above the level, with no run near, and then far, with most runs near.
    near = np.repeat([[3.9], [-2.1]], 12, axis=0)
    far = np.repeat([[0.75], [2.75]], [18, 6], axis=0)
    runs = np.where(x < 6, near, far)
    below = Series("std", "std", x, np.full((1, 10), 0.1))
    panel = Panel(
        "",
        "difference",
        (Series("BN", "bn", x, runs, dashed=dashed), below),
        level=(0.5, "margin"),
    )
    for form in ("wide", "phone"):
        with style(LIGHT, form):
            plot = Curves("Gain", "Two nets", "epoch", (panel,), form=form)
            figure = drawn(plot, LIGHT)
            figure.draw_without_rendering()
            (ax,) = figure.axes
            (word,) = (text for text in ax.texts if text.get_text() == "margin: 0.5")
            letters = word.get_window_extent()
        for line in ax.lines:
            if line.get_linewidth() == 2:
                path = line.get_transform().transform_path(line.get_path())
                room = 1 + line.get_linewidth() / 2
                assert not path.intersects_bbox(letters.padded(room, room - 2), filled=False), form


def test_lines_wrap_at_their_measured_width() -> None:
    text = "Wide Words With Many Marks " * 6
    lines = wrapped(text, 200, 9)
    assert " ".join(lines) == text.strip()
    assert all(measured(line, 9) <= 200 for line in lines)
    assert all(measured(f"{one} {other.split()[0]}", 9) > 200 for one, other in pairwise(lines))


def test_a_number_and_its_unit_stay_in_one_line() -> None:
    text = f"Raw pixels need 3.12{THIN}× the steps"
    room = measured("Raw pixels need 3.12", 9) + 1
    assert wrapped(text, room, 9) == ["Raw pixels need", f"3.12{THIN}× the steps"]


def test_a_name_in_two_lines_leaves_no_word_alone() -> None:
    text = "No BN over BN, small batches, raw, 2"
    alone = wrapped(text, measured(text, 10) - 1, 10)
    assert alone[1] == "2"
    even = balanced(text, measured(text, 10) - 1, 10)
    assert len(even) == 2
    assert len(even[1]) > len(even[0]) / 3


# The lengths of the bars; every sentence that can come out is the title once.
RATIOS = [(1.0, 3.12, 0.92), (1.0, 1.0, 1.0), (1.0, 40.0, 0.05), (1.0, 0.2, 123.4)]


@pytest.mark.parametrize("ratios", RATIOS)
@pytest.mark.parametrize("key", TITLES)
def test_the_card_is_legible_whatever_came_out(key: str, ratios: tuple[float, ...]) -> None:
    title = "\n".join(said[key].format(f"{ratios[1]:.2f} ×") for said in (TITLES, ENDINGS))
    names = ("with BN", "on raw pixels", "standardized once")
    bars = [(name, ratio, "#b85000") for name, ratio in zip(names, ratios, strict=True)]
    with style(LIGHT):
        figure = sketch(title, bars, "Steps to one accuracy, by fresh statistics. " * 3)
        assert faults(figure) == []
        (ax,) = figure.axes
        boxes = [text.get_window_extent() for text in ax.texts]
        parts = [part.get_window_extent() for part in ax.patches]
    assert not any(one.overlaps(other) for one, other in combinations([*boxes, *parts], 2))
    assert {*names} <= {text.get_text() for text in ax.texts}
    widths = [part.get_width() for part in ax.patches if isinstance(part, Rectangle)]
    assert [w / widths[0] for w in widths] == pytest.approx([r / ratios[0] for r in ratios])
    assert all(box.x0 >= MARGIN - 4 and box.x1 <= WIDTH - MARGIN + 4 for box in boxes)
    assert all(box.y0 > 0 and box.y1 < HEIGHT for box in boxes)


def test_a_card_without_a_finding_has_its_name() -> None:
    with style(LIGHT):
        figure = sketch("Batch normalization, explained and measured", (), "")
        assert faults(figure) == []
        assert len(figure.axes[0].patches) == 0


def test_printed_numbers_are_named_where_no_curve_runs_by() -> None:
    x = np.array([1.0, 2.0, 3.0])
    # The first cross and the last lie among the runs, the second above all of them.
    runs = np.linspace(0.5, 1.5, 40)[:, None] * np.ones(3)
    panel = Panel(
        title="Accuracy",
        y_label="accuracy",
        series=(Series("BN", "bn", x, runs),),
        marks=(Crosses("printed", x, np.array([1.0, 3.0, 1.0])),),
    )
    _, ax = axes()
    ax.plot([0.0, 2.0, 4.0], runs.T)
    ax.set(xlim=(0, 4), ylim=(0, 4))
    write_names(ax, panel, LIGHT, ends=False)
    assert [text.xy for text in ax.texts if isinstance(text, Annotation)] == [(2.0, 3.0)]
