"""A claim's line shows each seed, the interval and the margin, on the axis of its unit."""

import re
from dataclasses import astuple, replace

import numpy as np
import pytest

from bnreport.analysis.verdicts import Finding, Verdict
from bnreport.pages.strips import (
    BAR,
    BEYOND,
    EDGE,
    FAR,
    RADIUS,
    WIDTH,
    Axis,
    axes,
    axis_of,
    scale,
    strip,
)
from bnreport.protocol.claims import Claim
from bnreport.statistics.intervals import Interval
from tests.analysis.test_judge import DIFFERENCE as CLAIM

MIDDLE = WIDTH / 2
PAIRS = ("pp", "linear", "seeds")
PP = CLAIM.model_copy(update={"unit": "pp", "margin": 0.5, "scale": "linear"})
RATIO = CLAIM.model_copy(update={"unit": "x", "margin": 1.25, "scale": "ratio"})


def finding(*values: float) -> Finding:
    mean = float(np.mean([value for value in values if np.isfinite(value)]))
    return Finding(
        "supported", Interval(mean - 0.5, mean, mean + 0.5, len(values), "t"), 0.01, values=values
    )


def verdict(claim: Claim, *values: float) -> Verdict:
    found = finding(*values)
    i = found.interval
    return Verdict(claim, "supported", i.point, i.low, i.high, 0.01, i.n, findings={"": found})


def test_an_axis_goes_from_the_least_to_the_largest_and_holds_no_effect() -> None:
    found = axes([verdict(PP, 1.0, 3.0), verdict(PP, 2.0, 4.0), verdict(RATIO, -1.0, 0.2)])
    assert found[PAIRS] == Axis(0.0, 4.0)
    assert astuple(found[("x", "ratio", "seeds")])[:2] == pytest.approx((-1.0, np.log(1.25)))


def test_runs_that_never_arrived_lie_beyond_all_others() -> None:
    axis = axes([verdict(PP, 1.0, 4.0, np.inf)])[PAIRS]
    assert astuple(axis)[:2] == pytest.approx((0.0, 4.0 * (1 + BEYOND)))
    assert axis.at(np.inf) == WIDTH - EDGE
    assert axis.at(4.0) < WIDTH - EDGE


def test_a_few_claims_far_beyond_the_others_do_not_shrink_these_to_a_spot() -> None:
    near = verdict(PP, 0.2, 0.8), verdict(PP, 0.4, 1.2)
    axis = axes([*near, verdict(PP, 15.0, 20.0)])[PAIRS]
    assert list(axis.breaks) == pytest.approx([1.3])
    assert axis.at(1.3) == WIDTH - EDGE - FAR
    assert axis.at(1.3) < axis.at(15.0) < axis.at(20.0) == WIDTH - EDGE
    assert f'break" d="M{axis.at(1.3)} 0V' in strip(PP, finding(1.0), axis)
    ends = ["0.00\u2009pp", "+1.3", "+20.0"]
    assert re.findall(r">([^<>]+)</text>", scale(PP, axis)) == ends


def test_where_names_have_no_room_the_ends_of_an_axis_keep_theirs() -> None:
    axis = replace(axes([verdict(PP, 0.0, 11.3)])[PAIRS], low=-2.5, high=74.0, near=(-2.0, 60.0))
    names = re.findall(r">([^<>]+)</text>", scale(PP, axis))
    assert {"−2.5", "+74.0"} <= {*names}


@pytest.mark.parametrize("far", [(1.0, 4.0), (-3.0, 4.0)])
def test_one_scale_serves_where_effects_are_alike(far: tuple[float, float]) -> None:
    axis = axes([verdict(PP, 0.2, 1.0), verdict(PP, *far), verdict(PP, 1.0, 2.0)])[PAIRS]
    assert not axis.breaks


def test_most_claims_set_the_scale() -> None:
    axis = axes([verdict(PP, 0.2), verdict(PP, 18.0), verdict(PP, 20.0)])[PAIRS]
    assert not axis.breaks


def test_a_side_that_goes_as_far_as_most_claims_keeps_their_scale() -> None:
    axis = axes([verdict(PP, -0.9, 1.2), verdict(PP, 0.4), verdict(PP, -20.0)])[PAIRS]
    assert axis.breaks == (-1.2,)
    assert axis.at(axis.low) == EDGE
    assert axis.at(-1.2) == EDGE + FAR
    assert axis.at(axis.high) == WIDTH - EDGE


def test_a_strip_has_a_dot_a_seed_at_its_effect_and_the_interval_around_the_mean() -> None:
    axis = Axis(-4.0, 4.0)
    text = strip(PP, finding(-2.0, 0.0, 2.0), axis)
    dots = [float(x) for x in re.findall(r'<circle[^>]* cx="([\d.]+)"', text)]
    way = (WIDTH - 2 * EDGE) / 8
    assert dots == [pytest.approx(MIDDLE + way * x, abs=0.06) for x in (-2, 0, 2)]
    (low, high, point) = re.findall(r'interval" d="M([\d.]+) \d+H([\d.]+)M([\d.]+) ', text)[0]
    assert float(point) == MIDDLE
    assert float(high) - MIDDLE == pytest.approx(0.5 * way, abs=0.06)
    assert MIDDLE - float(low) == pytest.approx(0.5 * way, abs=0.06)


def test_seeds_of_one_effect_lie_above_one_another() -> None:
    text = strip(PP, finding(*([1.0] * 9), 2.0), Axis(-4.0, 4.0))
    dots = re.findall(r'<circle[^>]* cx="([\d.]+)" cy="([\d.]+)"', text)
    assert len({*dots}) == 10
    heights = sorted(float(y) for _, y in dots[:9])
    assert heights[4] == pytest.approx(float(dots[9][1]), abs=0.1)
    assert heights[0] >= RADIUS
    assert heights[-1] + RADIUS <= BAR - 3


def test_the_scale_changes_at_the_widest_gap_between_claims() -> None:
    near = [verdict(PP, 0.2), verdict(PP, 0.6), verdict(PP, 1.0)]
    far = [verdict(PP, reach) for reach in (8.0, 20.0, 60.0, 61.0, 62.0)]
    axis = axes([*near, *far])[PAIRS]
    assert list(axis.breaks) == pytest.approx([1.5])
    # Where effects rise without a gap one scale shows them all.
    steady = [verdict(PP, 0.5 * 1.5**k) for k in range(9)]
    assert not axes(steady)[PAIRS].breaks


@pytest.mark.parametrize(("kind", "left"), [("difference", 0.0), ("equivalence", -0.5)])
def test_the_band_holds_the_effects_below_the_margin(kind: str, left: float) -> None:
    axis = Axis(-4.0, 4.0)
    claim = PP.model_copy(update={"kind": kind})
    x, width = re.findall(r'band" x="([\d.]+)" width="([\d.]+)"', strip(claim, finding(1.0), axis))[
        0
    ]
    assert float(x) == axis.at(left)
    assert float(x) + float(width) == pytest.approx(axis.at(0.5), abs=0.11)


def test_a_claim_without_a_margin_has_no_band() -> None:
    claim = PP.model_copy(update={"margin": None})
    assert "strip__band" not in strip(claim, finding(1.0), Axis(-1.0, 1.0))


def test_the_axis_names_its_ends_and_the_effect_that_is_none_as_people_read_them() -> None:
    ratio = scale(RATIO, Axis(float(np.log(0.5)), float(np.log(4.0))))
    assert re.findall(r">([^<>]+)</text>", ratio) == [
        f"{x}\u2009×" for x in ("0.50", "1.00", "4.00")
    ]
    # An end so near to it would be written over it.
    points = scale(PP, Axis(-0.1, 4.0))
    assert re.findall(r">([^<>]+)</text>", points) == ["0.00\u2009pp", "+4.0"]


def test_no_strip_has_a_colour_of_its_own() -> None:
    text = strip(PP, finding(1.0, 2.0), Axis(-4.0, 4.0)) + scale(PP, Axis(-4.0, 4.0))
    assert not re.search(r"#[0-9a-f]{3}|rgb|fill=|stroke=|style=", text)


def test_names_of_an_axis_never_touch() -> None:
    # Zero in the middle, where the scale changes on either side of it, and both ends.
    axis = Axis(-21.82, 66.52, (-5.6, 5.6))
    text = scale(PP, axis)
    names = re.findall(r'<text x="([\d.]+)"[^>]*anchor="(\w+)">([^<]+)', text)
    assert [name for *_, name in names] == ["−21.8", "−5.6", "0.00\u2009pp", "+5.6", "+66.5"]
    edges = []
    for place, anchor, name in names:
        start = float(place) - {"start": 0, "middle": 0.5, "end": 1}[anchor] * 7 * len(name)
        edges += [start, start + 7 * len(name)]
    assert edges == sorted(edges)


def test_times_and_seeds_have_axes_of_their_own() -> None:
    times = verdict(RATIO.model_copy(update={"seeds": "24 rounds"}), 0.1, 0.2)
    found = axes([times, verdict(RATIO, -1.0, 2.0)])
    assert found["x", "ratio", "rounds"].high == pytest.approx(0.65)
    assert found["x", "ratio", "seeds"].high == 2.0


def test_a_setting_that_no_line_draws_stretches_no_axis() -> None:
    two = PP.model_copy(update={"settings": ("near", "far")})
    findings = {"near": finding(0.2, 0.4), "far": finding(30.0, 40.0)}
    both = replace(verdict(two, 0.2, 0.4), findings=findings, setting="near")
    assert axes([both])[PAIRS].high == pytest.approx(0.8)
    assert axis_of(both).high == 40.0
