"""What is remembered while figures are laid out saves time and changes nothing."""

from dataclasses import replace
from itertools import pairwise

import pytest
from matplotlib.axis import Axis

from bnreport.figures import frame
from bnreport.figures.drawing import draw
from bnreport.figures.frame import measured, wrapped
from bnreport.figures.palettes import LIGHT
from bnreport.presentation.plots import Plot
from tests.figures.test_figures import CURVES, DOTS

TEXT = "Without BN the loss falls as far, To. AV. Yes: 1,719 steps in 8 epochs — or fewer"


def test_a_line_is_as_wide_as_its_words_and_the_spaces_between_them() -> None:
    for size, weight in ((9.0, "normal"), (12.0, "bold")):
        parts = [measured(word, size, weight) for word in TEXT.split()]
        spaces = (len(parts) - 1) * measured(" ", size, weight)
        assert measured(TEXT, size, weight) == pytest.approx(sum(parts) + spaces, abs=1e-9)


@pytest.mark.parametrize("room", [20.0, 90.0, 200.0, 300.0, 1000.0])
def test_a_line_takes_every_word_that_fits(room: float) -> None:
    lines = wrapped(TEXT, room, 9)
    assert " ".join(lines) == TEXT
    assert all(measured(line, 9) <= room for line in lines if " " in line)
    for line, after in pairwise(lines):
        assert measured(f"{line} {after.split()[0]}", 9) > room


@pytest.mark.parametrize("plot", [CURVES, DOTS, replace(CURVES, form="phone")])
def test_ticks_are_found_once_a_size_and_stand_where_they_would(
    plot: Plot, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = []
    update = Axis._update_ticks  # type: ignore[attr-defined]

    def counted(axis: Axis) -> object:
        looks.append(axis)
        return update(axis)

    monkeypatch.setattr(Axis, "_update_ticks", counted)
    once, few = draw(plot, LIGHT), len(looks)
    monkeypatch.setattr(frame, "REPEATED", ())
    assert draw(plot, LIGHT) == once
    assert few < (len(looks) - few) / 2
