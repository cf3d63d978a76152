"""A matrix of words shows each word in its row and column, wide and on a phone."""

import re
from dataclasses import replace

import pytest
from matplotlib.patches import Rectangle

from bnreport.figures.drawing import draw, draw_legibly, drawn
from bnreport.figures.frame import style
from bnreport.figures.palettes import DARK, LIGHT, recolored
from bnreport.figures.words import describe
from bnreport.presentation.phone import COLUMN
from bnreport.presentation.plots import Form, Matrix, Tile, for_phone

MATRIX = Matrix(
    title="What the layer does",
    subtitle="Two states, three uses",
    columns=("layer(x)", "training=\nTrue", "fit"),
    rows=(
        ("A trainable layer", (Tile("inference"), Tile("drift", "bn"), Tile("training", "bn"))),
        ("A layer that was told otherwise, in a model", (None, None, Tile("training", "raw"))),
    ),
)
WORDS = ["inference", "drift", "training", "training"]


@pytest.mark.parametrize("form", ["wide", "phone"])
def test_each_tile_lies_below_its_column_and_beside_or_below_its_row(form: Form) -> None:
    plot = replace(MATRIX, form=form)
    draw_legibly(plot, LIGHT)
    with style(LIGHT, form):
        (ax,) = drawn(plot, LIGHT).axes
    places = {}
    tiles = []
    for text in ax.texts:
        found = text.get_text().replace("\n", " ")
        places[found] = text.get_position()
        if found in WORDS:
            tiles.append((found, *text.get_position()))
    assert [word for word, _, _ in tiles] == WORDS
    columns = [places[name][0] for name in ("layer(x)", "training= True", "fit")]
    assert [x for _, x, _ in tiles] == pytest.approx([*columns, columns[-1]])
    names = [places[name][1] for name, _ in MATRIX.rows]
    heights = [tiles[0][2], tiles[3][2]]
    # Downward is more. Wide a name is level with its tiles, on a phone it stands above them.
    gaps = [height - name for height, name in zip(heights, names, strict=True)]
    assert all(gap == pytest.approx(0) if form == "wide" else 10 < gap < 25 for gap in gaps)


def test_a_phone_gets_a_form_as_wide_as_its_column_whose_words_can_be_read() -> None:
    small = for_phone(MATRIX)
    text = draw_legibly(small, LIGHT)
    (width,) = re.findall(r'<svg[^>]* width="([\d.]+)pt"', text)
    assert float(width) * 4 / 3 == pytest.approx(COLUMN)
    sizes = [float(size) for size in re.findall(r"font(?:-size)?:[^;\"]*?([\d.]+)px", text)]
    assert min(sizes) * 4 / 3 >= 11


def test_a_matrix_in_words_names_row_column_and_tile() -> None:
    assert describe(MATRIX) == (
        "What the layer does. Two states, three uses. A trainable layer: layer(x) inference, "
        "training=True drift, fit training. A layer that was told otherwise, in a model: fit "
        "training."
    )


def test_a_matrix_is_the_same_in_the_colours_of_the_other_palette() -> None:
    assert recolored(draw(MATRIX, LIGHT), LIGHT, DARK) == draw(MATRIX, DARK)


def test_a_tile_of_three_lines_is_taller_than_its_words() -> None:
    rows = (
        ("Few words", (Tile("inference"), None, None, None, None)),
        ("Many words", (Tile("✗ training or error", "raw"), None, None, None, None)),
    )
    plot = replace(MATRIX, columns=("a", "b", "c", "d", "e"), rows=rows, form="phone")
    draw_legibly(plot, LIGHT)
    with style(LIGHT, "phone"):
        (ax,) = drawn(plot, LIGHT).axes
    few, many = [
        box.get_height() for box in ax.patches if isinstance(box, Rectangle) and box.get_fill()
    ][::2]
    (words,) = [text for text in ax.texts if "error" in text.get_text()]
    assert words.get_text().count("\n") == 2
    assert few < 3 * float(words.get_fontsize()) < many
