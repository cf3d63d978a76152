"""The compass trains what it says: its loss knows directions alone, and its turn rate and decay."""

import json
import math
from dataclasses import asdict, replace
from typing import Any

import numpy as np
import pytest

from bnreport.errors import BnreportError
from bnreport.lessons.chase import normals
from bnreport.lessons.compass import (
    EXAMPLES,
    LAST,
    LONGER,
    MIDDLE,
    REACH,
    RULER,
    SEEN,
    STEPS,
    Needle,
    Recorded,
    away,
    beside,
    direction,
    drawing,
    ended,
    fitting,
    gradient,
    length,
    path,
    predicted,
    recorded,
    rest,
    rounded,
    turn,
    turned,
    usual,
)
from bnreport.lessons.pieces import TURNED, compass
from bnreport.presentation.plots import Curves, Panel, Series
from bnreport.reference import Floats


def traded(settings: Needle) -> Needle:
    """Four times the rate, and a quarter of the decay."""
    return replace(settings, rate=4 * settings.rate, decay=settings.decay / 4)


def batch(seed: int = 3) -> tuple[Floats, Floats, Floats]:
    """Inputs, targets and a weight."""
    rng = np.random.default_rng(seed)
    return rng.normal(size=(EXAMPLES, 2)), rng.normal(size=EXAMPLES), rng.normal(size=2)


@pytest.mark.parametrize("normalized", [True, False])
def test_the_gradient_is_that_of_half_the_mean_squared_error(normalized: bool) -> None:
    x, target, weight = batch()

    def loss(at: Floats) -> float:
        output, _ = gradient(x, target, at, normalized)
        return float(np.mean((output - target) ** 2) / 2)

    step = 1e-6
    found = [
        (loss(weight + step * axis) - loss(weight - step * axis)) / (2 * step) for axis in np.eye(2)
    ]
    assert gradient(x, target, weight, normalized)[1] == pytest.approx(found, abs=1e-8)


def test_with_bn_the_loss_knows_the_direction_alone() -> None:
    x, target, weight = batch()
    output, slope = gradient(x, target, weight, True)
    assert weight @ slope == pytest.approx(0, abs=1e-12)
    for times in (0.125, 8.0):
        scaled, shrunk = gradient(x, target, times * weight, True)
        assert scaled == pytest.approx(output, abs=1e-12)
        assert shrunk == pytest.approx(slope / times, abs=1e-12)
    scaled, _ = gradient(x, target, 2 * weight, False)
    assert scaled == pytest.approx(2 * (x @ weight), abs=1e-12)
    assert abs(weight @ gradient(x, target, weight, False)[1]) > 0.01


def test_a_step_shrinks_the_weight_and_goes_downhill() -> None:
    settings = Needle(rate=0.5, decay=0.04, start=3.0, steps=2)
    way = path(settings)
    assert way.weight[0] == pytest.approx(3 * direction(170))
    for step in range(2):
        expected = 0.98 * way.weight[step] - 0.5 * way.gradient[step]
        assert way.weight[step + 1] == pytest.approx(expected, abs=1e-12)
    assert way.weight.shape == (3, 2)
    assert way.output.shape == (3, EXAMPLES)


def test_a_weight_is_multiplied_once_before_its_step() -> None:
    plain, longer = (path(Needle(times=times, at=5, steps=9)) for times in (1.0, 4.0))
    assert longer.weight[:5] == pytest.approx(plain.weight[:5])
    assert longer.weight[5] == pytest.approx(4 * plain.weight[5])
    assert longer.output[5] == pytest.approx(plain.output[5])
    assert longer.gradient[5] == pytest.approx(plain.gradient[5] / 4)
    assert turned(longer.weight[5:7]) == pytest.approx(turned(plain.weight[5:7]) / 16, rel=0.02)


def test_turns_are_angles_whichever_way() -> None:
    found = turned(np.array([[1.0, 0.0], [0.0, 2.0], [3.0, 3.0], [-3.0, -3.0]]))
    assert found == pytest.approx([90, 45, 180])


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_with_bn_rate_and_decay_alone_set_the_turn(seed: int) -> None:
    start = Needle(seed=seed)
    assert turn(start) == pytest.approx(predicted(start), rel=0.1)
    # Wherever it starts, and as the product is the same: the very same way.
    for other in (Needle(seed=seed, start=8.0), traded(start)):
        assert turn(other) == pytest.approx(turn(start), abs=1e-3)
    assert length(traded(start)) == pytest.approx(2 * length(start), rel=1e-3)
    assert length(start) == pytest.approx(rest(start), rel=0.1)
    # Without it they do not.
    plain = Needle(seed=seed, normalized=False)
    assert turn(traded(plain)) > 4 * turn(plain)


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_without_bn_a_larger_rate_throws_the_weight_to_longer_gradients(seed: int) -> None:
    plain = Needle(seed=seed, normalized=False)
    wild = traded(plain)
    assert away(wild) > 2 * away(plain)
    # Beside the weight they explain what the rate leaves of the turn.
    times = wild.rate / plain.rate * beside(wild) / beside(plain)
    assert turn(wild) / turn(plain) == pytest.approx(times, rel=0.4)
    for each in (plain, wild):
        # Of noise of variance 1 and of the distance, for normal inputs of two features.
        expected = 2 / EXAMPLES + (EXAMPLES + 3) / EXAMPLES * away(each) ** 2
        assert usual(np.hypot(*path(each).gradient[-LAST:].T)) ** 2 == pytest.approx(
            expected, rel=0.25
        )


def test_the_prediction_is_the_root_of_twice_the_product() -> None:
    assert predicted(Needle()) == pytest.approx(math.degrees(math.sqrt(2 * 0.004)), rel=0.005)


def test_without_decay_no_step_makes_a_weight_shorter_with_bn() -> None:
    free = path(Needle(decay=0.0))
    assert (np.diff(free.length) > 0).all()
    assert len(free.weight) == STEPS + 1


def test_a_large_rate_diverges_without_bn_and_not_with_it() -> None:
    wild = Needle(rate=3.2)
    assert len(path(replace(wild, normalized=False)).weight) < 40
    assert len(path(wild).weight) == STEPS + 1
    assert length(wild) < 5


def test_the_cases_hold_both_kinds_and_one_that_is_multiplied() -> None:
    assert {settings.normalized for settings in TURNED} == {True, False}
    assert max(settings.at for settings in TURNED) > 0
    assert {len(ended(settings)) for settings in TURNED} == {13, 15}


def test_a_case_holds_the_digits_that_all_processors_find() -> None:
    handed: Any = compass()
    cases = {json.dumps(case["settings"]): case["expected"] for case in handed["witnesses"]}
    for settings in TURNED:
        found = cases[json.dumps(asdict(settings))]
        assert found == [float(f"{value:.13g}") for value in ended(settings)]
        assert found == pytest.approx(ended(settings), abs=6e-10)


def test_the_compass_holds_what_it_is_to_hold() -> None:
    scale = fitting([(2.0, 1.0), (-1.0, -0.5)])
    assert scale == min(REACH[0] / 2, REACH[1], REACH[2], REACH[3] / 0.5)
    for vector in ((1.0, 0.0), (-1.0, 0.0), (0.0, 1.0), (0.0, -1.0)):
        assert fitting([vector]) in REACH
    x, y = MIDDLE
    assert x - REACH[1] > 0
    assert y + REACH[3] < 175


@pytest.mark.parametrize(
    ("scale", "length"), [(1.0, 50), (60.0, 0.5), (44.0, 1), (20.0, 2), (10.0, 5), (0.3, 100)]
)
def test_a_ruler_has_a_round_length_and_fits(scale: float, length: float) -> None:
    assert rounded(scale) == pytest.approx(length)
    assert RULER / 2.5 - 1e-9 <= scale * rounded(scale) <= RULER


def test_the_picture_shows_the_unit_at_its_step() -> None:
    drawn: Any = drawing()
    way = path(Needle())
    (tip, slope), weight = (np.array(drawn[name]) for name in ("tip", "slope")), way.weight[SEEN]
    arm, fall = tip - MIDDLE, slope - tip
    assert math.degrees(math.atan2(-arm[1], arm[0])) == pytest.approx(
        math.degrees(math.atan2(weight[1], weight[0]))
    )
    assert arm @ fall == pytest.approx(0, abs=1e-9)
    # Upward on the page is downward in numbers.
    downhill = -LONGER * math.hypot(*arm) / math.hypot(*weight) * way.gradient[SEEN]
    assert fall == pytest.approx(downhill * (1, -1))
    assert drawn["dots"] == []


@pytest.mark.train
def test_keras_trains_the_same_weight() -> None:
    tf = pytest.importorskip("tensorflow")
    import keras

    settings = Needle(rate=0.8, decay=0.04, start=0.5, steps=30)
    way, draws = path(settings), normals(settings.seed, 31 * EXAMPLES * 3).reshape(31, EXAMPLES, 3)
    # Keras' epsilon may not be zero.
    dense = keras.layers.Dense(1, use_bias=False, dtype="float64")
    norm = keras.layers.BatchNormalization(
        center=False, scale=False, epsilon=1e-14, dtype="float64"
    )
    net = keras.Sequential([keras.Input((2,), dtype="float64"), dense, norm])
    dense.set_weights([way.weight[0][:, None]])
    optimizer = keras.optimizers.SGD(settings.rate, weight_decay=settings.decay)
    for step, batch_of in enumerate(draws):
        assert dense.get_weights()[0][:, 0] == pytest.approx(way.weight[step], abs=1e-4)
        x, target = tf.constant(batch_of[:, :2]), batch_of[:, :2] @ direction(60) + batch_of[:, 2]
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean((net(x, training=True)[:, 0] - target) ** 2) / 2
        slopes = tape.gradient(loss, net.trainable_weights)
        assert slopes[0][:, 0].numpy() == pytest.approx(way.gradient[step], abs=1e-4)
        optimizer.apply(slopes, net.trainable_weights)


# ---- Recorded nets ----


def figure(y: float, labels: tuple[str, ...] = ("0.2", "0.2, none")) -> Curves:
    """A figure of two nets each with BN and without, two seeds, looked at twice."""
    series = tuple(
        Series(label, "bn", np.array([0.0, 0.64]), np.array([[1.0, y], [3.0, y]]))
        for label in labels
    )
    panels = (Panel("with BN: so", "", series), Panel("without BN: so", "", series[:1]))
    return Curves(title="", subtitle="", x_label="", panels=panels)


def test_recorded_nets_are_read_off_the_figures() -> None:
    first, free, plain = recorded({"length": figure(0.5), "turn": figure(7.0)}, 0.004)
    assert first == Recorded(0.2, 0.02, True, 2, [0, 640], [2.0, 0.5], [2.0, 7.0])
    assert (free.rate, free.decay, free.normalized) == (0.2, 0.0, True)
    assert (plain.decay, plain.normalized) == (0.02, False)
    drawn: Any = drawing([first, free, plain])
    assert drawn["seeds"] == 2
    assert first.slope == pytest.approx(math.tan(math.radians(7)) * 0.25 / 0.2)
    assert drawn["shorter"] == [True]
    longer: Any = drawing([replace(first, length=[2.0, 3.0])])
    assert longer["shorter"] == [False]
    assert len(drawn["dots"]) == 4
    assert drawn["dots"][0][0] < drawn["dots"][1][0] < drawn["dots"][2][0]


def test_figures_of_other_nets_are_refused() -> None:
    with pytest.raises(BnreportError, match="same nets"):
        recorded({"length": figure(1.0), "turn": figure(1.0, ("0.2",))}, 0.004)
