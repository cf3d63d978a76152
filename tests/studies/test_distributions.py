"""The picture of a net's numbers, from distributions that can be read off."""

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bnreport.analysis.arms import ARMS
from bnreport.presentation.plots import Dots
from bnreport.presentation.tables import Analysis
from bnreport.protocol.directions import check
from bnreport.studies import all_studies
from tests.directed import Directed

STUDY = all_studies()["distributions"]
LEVELS = np.linspace(-0.5, 0.5, 25)
ENTERING, OUTPUTS, UNITS = (check(f"spread_{place}") for place in ("entering", "outputs", "units"))


def spread(*seeds: list[list[float]], centre: float = 0.0) -> NDArray[np.float64]:
    """Even distributions of these widths, by seed, time and layer, about that place."""
    wide = np.array(seeds)[..., None] * LEVELS + centre
    return wide.reshape(*wide.shape[:2], -1)


def above(*counts: int) -> NDArray[np.float64]:
    """Distributions of eight units with so many of their 25 numbers above zero."""
    return np.concatenate([np.where(np.arange(25) < 25 - count, -1.0, 1.0) for count in counts])


@cache
def found() -> Analysis:
    """What the study shows of numbers that are the same in each arm but in two places."""
    same = [[1.0, 1.0], [1.0, 1.0]]
    given: dict[Any, Any] = {
        (of, quantity): spread(same, same, same) for of in ARMS for quantity in (ENTERING, OUTPUTS)
    }
    # By time, and by layer: at the start 2 and 4; trained 6, and 7, 8 and 12 in the three seeds.
    given["bn", ENTERING] = spread(
        *([[2.0, 4.0], [6.0, last]] for last in (7.0, 8.0, 12.0)), centre=3.0
    )
    given["bn", OUTPUTS] = spread(*([[20.0, 40.0], [60.0, 80.0]] for _ in range(3)), centre=5.0)
    none = above(*[12] * 8)
    # 25, 23, 2 and 0 of 25 above zero are one-sided: 90% of 25 are 22.5, and 22 and 3 fall short.
    sided = above(25, 23, 22, 3, 2, 12, 12, 0)
    for of, trained in (("raw", none), ("bn", sided)):
        given[of, UNITS] = np.array([[none, trained], [none, none], [none, none]])
    return STUDY.analyse(Directed(STUDY).given(given))


def test_a_width_is_the_mean_over_the_seeds_of_one_layer_at_one_time() -> None:
    values = found().values
    assert [
        values[f"entering.bn.{when}.{layer}"].text for when in ("start", "end") for layer in (1, 2)
    ] == ["2.0", "4.0", "6.0", "9.0"]
    assert values["outputs.bn.end.1"].text == "60.0"
    assert values["entering.raw.end.2"].text == "1.0"


def test_widths_differ_over_the_seeds_by_the_largest_share_of_their_mean() -> None:
    # From 7 to 12, about a mean of 9.
    assert found().values["seeds"].text == "56%"


def test_the_quantiles_span_the_middle_of_a_distribution() -> None:
    # From 0.02 to 0.98, which a normal distribution spans with 2 * 2.054 standard deviations.
    assert found().values["share"].text == "96%"
    assert found().values["bell"].text == "4.1"


def test_a_unit_is_sided_when_nine_tenths_of_it_lie_on_either_side() -> None:
    assert found().values["sided.bn"].text == "4"
    assert found().values["sided.raw"].text == "0"


def test_a_cell_holds_the_median_and_the_ends_of_the_mean_distribution() -> None:
    rows = {row[0]: row[1:] for row in found().tables["spread"].rows}
    # Layer by layer, before and after training; 3 is the middle of all.
    assert rows["BN"] == (
        "3.0 [2.0, 4.0]",
        "3.0 [0.0, 6.0]",
        "3.0 [1.0, 5.0]",
        "3.0 [\u22121.5, 7.5]",
    )


def test_figures_draw_the_last_layer_and_both_sides_of_bn() -> None:
    drawn = {}
    for name in ("entering", "before"):
        plot = found().plots[name]
        assert isinstance(plot, Dots)
        drawn[name] = {row.label: (row.low, row.point, row.high) for row in plot.rows}
    assert drawn["entering"]["BN, at the start"] == (1.0, 3.0, 5.0)
    assert drawn["entering"]["BN, trained"] == (-1.5, 3.0, 7.5)
    assert drawn["before"]["layer 1, trained, before BN"] == (-25.0, 5.0, 35.0)
    assert drawn["before"]["layer 2, at the start, after BN"] == (1.0, 3.0, 5.0)
    units = found().plots["units"]
    assert isinstance(units, Dots)
    assert [row.point for row in units.rows if row.arm == "bn"] == [1, 1, 1, -1, -1, -1, -1, -1]
