"""On a phone a figure has a form of its own: its panels stacked, its names above what they name."""

import re
from dataclasses import replace

import numpy as np
import pytest

from bnreport.figures.drawing import draw, draw_legibly, drawn
from bnreport.figures.frame import style
from bnreport.figures.palettes import LIGHT
from bnreport.presentation.phone import COLUMN
from bnreport.presentation.plots import Curves, Dots, Row, for_phone
from tests.figures.test_figures import CURVES, DOTS

LONG = replace(
    CURVES,
    panels=tuple(
        replace(
            CURVES.panels[0],
            title=title,
            series=tuple(
                replace(
                    series,
                    label=f"{series.label} with a name that no end of a curve has room for"[:30],
                )
                for series in CURVES.panels[0].series
            ),
        )
        for title in ("First", "Second")
    ),
)
NARROW = replace(DOTS, narrow=True, paired=False)
MEDIANS = replace(DOTS, centre="median", paired=False)
EFFECTS = Dots(
    title="1 of 2 claims supported, 1 undecided",
    subtitle="A dot a seed",
    x_label="pp; left of the line BN before its activation is ahead, right of it BN after it",
    rows=tuple(
        Row(label, "neutral", np.array([-1.0, 0.5, 2.0]), -0.5, 0.5, 1.5, band=(0.0, 0.5))
        for label in (
            "BN over raw pixels",
            "a claim with a long name, in a setting with a long name",
        )
    ),
    nothing=0.0,
)
PLOTS: dict[str, Curves | Dots] = {
    "curves": CURVES,
    "long names": LONG,
    "dots": DOTS,
    "narrow": NARROW,
    "medians": MEDIANS,
    "effects": EFFECTS,
}
# Pixels of text as it is shown, and a point in pixels.
LEAST, POINT = 11, 4 / 3
# How a dot is told from the other marks.
DOT = 0.45


@pytest.mark.parametrize("plot", PLOTS.values(), ids=PLOTS)
def test_the_form_for_a_phone_is_as_wide_as_its_column_and_every_word_can_be_read(
    plot: Curves | Dots,
) -> None:
    text = draw_legibly(for_phone(plot), LIGHT)
    (width,) = re.findall(r'<svg[^>]* width="([\d.]+)pt"', text)
    assert float(width) * POINT == pytest.approx(COLUMN)
    sizes = [float(size) for size in re.findall(r"font(?:-size)?:[^;\"]*?([\d.]+)px", text)]
    assert sizes
    assert min(sizes) * POINT >= LEAST


def test_panels_stand_one_below_the_other_and_share_the_width() -> None:
    with style(LIGHT, "phone"):
        first, second = (ax.get_position() for ax in drawn(for_phone(LONG), LIGHT).axes)
    assert first.y0 > second.y1
    assert first.width == pytest.approx(second.width)
    assert first.width > 0.75


def test_names_too_long_for_the_end_of_a_curve_stand_above_the_axes() -> None:
    names = [series.label for series in LONG.panels[0].series]
    with style(LIGHT, "phone"):
        figure = drawn(for_phone(LONG), LIGHT)
    for ax in figure.axes:
        key = ax.get_legend()
        assert key is not None
        assert [text.get_text() for text in key.get_texts()] == names
        assert [text.get_color() for text in key.get_texts()] == [
            LIGHT.arms["raw"],
            LIGHT.arms["bn"],
        ]
        assert key.get_window_extent().y0 >= ax.get_window_extent().y1


@pytest.mark.parametrize("name", ["dots", "narrow", "medians", "effects"])
def test_the_name_of_a_row_stands_above_its_dots_and_leaves_them_the_width(name: str) -> None:
    plot = for_phone(PLOTS[name])
    assert isinstance(plot, Dots)
    with style(LIGHT, "phone"):
        (ax,) = drawn(plot, LIGHT).axes
    assert ax.get_position().width > 0.75
    assert not ax.get_yticks().size
    # Dots are drawn from the lowest row upward.
    dots = [np.asarray(line.get_ydata()) for line in ax.lines if line.get_alpha() == DOT]
    heights = [float(np.mean(height)) for height in dots]
    names = {text.get_text().replace("\n", " "): text for text in ax.texts}
    rows = zip(plot.rows, sorted(heights, reverse=True), strict=True)
    above = [names[row.label].xy[1] - height for row, height in rows]  # type: ignore[attr-defined]
    assert all(0.2 < height < 0.6 for height in above)


@pytest.mark.slow
def test_the_wide_form_is_what_it_was() -> None:
    for plot in PLOTS.values():
        assert draw(plot, LIGHT) != draw(for_phone(plot), LIGHT)
        assert plot.form == "wide"
