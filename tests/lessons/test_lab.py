"""Two nets learn two spirals: as they should, as Keras does, and in a browser to the last digit."""

import json
import re
import subprocess
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bnreport.lessons import analysis_of, lab
from bnreport.lessons.chase import uniforms
from bnreport.lessons.lab import ALL, ASKED, POINTS, SEEDS, WIDTH, Lab, Net
from bnreport.lessons.pieces import REPEATED, live
from bnreport.reference import EPSILON, Floats
from tests.pages.test_board_rule import NODE
from tests.synthetic import DOCS

RUNNER = Path(__file__).with_name("lab.mjs")
PIECES = DOCS / "assets" / "pieces"
NAMES = ("weight", "shift", "scale")
# A training of each kind; the last two go far at rates at which any rounding would grow.
SHOWN = (
    (Lab(steps=20), 1),
    (Lab(depth=2, size=2, rate=0.3, normalized=False, steps=20), 2),
    (Lab(depth=6, rate=3.0, size=8, steps=200), 3),
    (Lab(depth=6, rate=0.3, normalized=False, steps=400), 4),
)


# ---- The task ----


def test_points_lie_on_two_spirals_and_on_a_grid() -> None:
    x, named = lab.spirals([1, 2])
    assert x.shape == (POINTS, 2, 2)
    assert named.tolist() == [0, 1] * (POINTS // 2)
    assert (x[:, 0] != x[:, 1]).any()
    assert (x[:, :1] == lab.spirals([1])[0]).all()
    assert (np.round(x * lab.GRID) == x * lab.GRID).all()
    # Without the noise they lie where their radius says, each class half a turn behind the other.
    radius = 0.05 + 0.95 * np.sqrt(uniforms(3, 3 * POINTS).reshape(-1, 3)[:, 0])
    angle = 2 * np.pi * radius + np.pi * named
    expected = 2 * radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    assert np.abs(x[:, 0] - expected).max() < lab.NOISE + 1 / lab.GRID
    assert np.abs(x[:, 0] - expected).max() > lab.NOISE / 2
    # Inputs are about as large as standardized ones.
    assert np.abs(x.mean(axis=0)).max() < 0.2
    assert x.std(axis=0) == pytest.approx(np.ones((2, 2)), abs=0.15)


def test_nets_begin_with_he_s_weights_the_same_with_bn_and_without() -> None:
    net = lab.begun(6, ALL)
    assert [layer.weight.shape for layer in net] == [
        (SEEDS, inputs, units) for inputs, units in [(2, WIDTH), *[(WIDTH, WIDTH)] * 5, (WIDTH, 1)]
    ]
    for layer in net:
        inputs = layer.weight.shape[1]
        assert np.abs(layer.weight).max() < np.sqrt(6 / inputs)
        assert layer.weight.var() == pytest.approx(2 / inputs, rel=0.25)
        assert not layer.shift.any()
        assert (layer.scale == 1).all()
    assert (net[0].weight[0] != net[0].weight[1]).any()
    # No number is drawn twice.
    drawn = [layer.weight[0].ravel() / np.sqrt(6 / layer.weight.shape[1]) for layer in net]
    assert len({*np.concatenate(drawn).tolist()}) == sum(map(len, drawn))


def test_an_exponential_of_sums_and_products_is_one() -> None:
    x = -np.concatenate([[0, 1e-9], np.linspace(0, 60, 1000)])
    assert lab.power(x) == pytest.approx(np.exp(x), rel=1e-13)
    assert lab.power(np.array([-1e300, -np.inf])) == pytest.approx(np.exp(-60.0) * np.ones(2))
    odds = np.array([-1e9, -30.0, -1.0, 0.0, 1.0, 30.0, 1e9])
    assert lab.share(odds) == pytest.approx([0, 0, 0.2689414, 0.5, 0.7310586, 1, 1], abs=1e-7)
    assert lab.share(odds) + lab.share(-odds) == pytest.approx(np.ones(7), abs=1e-15)


def test_a_loss_by_hand() -> None:
    score = lab.scored(np.array([[np.log(3)], [np.log(3)], [-800.0]]), np.array([[1.0], [0], [0]]))
    assert score.loss == pytest.approx([(np.log(4 / 3) + np.log(4)) / 3])
    assert score.right.tolist() == [2]


# ---- Gradients ----


def moved(net: Net, at: int, name: str, place: tuple[int, ...], by: float) -> Net:
    """The nets with one number moved."""
    values = getattr(net[at], name).copy()
    values[place] += by
    return (*net[:at], replace(net[at], **{name: values}), *net[at + 1 :])


@pytest.mark.parametrize("normalized", [True, False])
def test_gradients_are_those_of_finite_differences(normalized: bool) -> None:
    seeds, little = (4, 7), 1e-6
    x, named = lab.spirals(seeds)
    x, target = x[:40], named[:40, None] * np.ones(2)
    # Away from the start, where biases and gammas are all alike.
    net = lab.path(Lab(depth=3, rate=0.3, normalized=normalized, steps=30), seeds)[-1].net
    found = lab.slopes(net, lab.passed(net, x, normalized), target)

    def loss(net: Net) -> Floats:
        return lab.scored(lab.passed(net, x, normalized)[-1].output[:, :, 0], target).loss

    rng, checked = np.random.default_rng(2), 0
    for at, layer in enumerate(net):
        for name in NAMES if normalized and at < 3 else NAMES[:2]:
            shape = getattr(layer, name).shape
            for place in {tuple(map(int, rng.integers(shape))) for _ in range(12)}:
                up, down = (loss(moved(net, at, name, place, by)) for by in (little, -little))
                expected = (up - down)[place[0]] / (2 * little)
                assert getattr(found[at], name)[place] == pytest.approx(expected, abs=1e-8)
                # The other net does not hear of it.
                assert (up - down)[1 - place[0]] == 0
                checked += abs(expected) > 1e-4
    assert checked > 40


def test_a_step_goes_down_the_gradient_and_moves_the_averages() -> None:
    settings, seeds = Lab(rate=0.5), (2, 3)
    x, named = lab.spirals(seeds)
    batch, target, net = x[:16], named[:16, None] * np.ones(2), lab.begun(4, seeds)
    passes = lab.passed(net, batch, True)
    after = lab.stepped(net, batch, target, settings)
    for at, slope in enumerate(lab.slopes(net, passes, target)):
        for name in NAMES:
            expected = getattr(net[at], name) - 0.5 * getattr(slope, name)
            assert getattr(after[at], name) == pytest.approx(expected, abs=1e-15)
    sums = lab.dense(batch, net[0].weight)
    assert after[0].mean == pytest.approx(0.1 * sums.mean(axis=0))
    assert after[0].variance == pytest.approx(0.9 + 0.1 * sums.var(axis=0))
    plain = lab.stepped(net, batch, target, replace(settings, normalized=False))
    assert not plain[0].mean.any()


def test_nets_side_by_side_are_those_that_are_trained_alone() -> None:
    for settings in (Lab(steps=30), Lab(depth=2, normalized=False, steps=30)):
        both = lab.path(settings, (5, 6))
        for which, seed in enumerate((5, 6)):
            alone = lab.path(settings, (seed,))
            assert [look.fresh.loss[0] for look in alone] == [
                look.fresh.loss[which] for look in both
            ]
        assert len(both) == 4


def test_inference_by_statistics_of_all_points_is_the_pass_that_took_them() -> None:
    x, named = lab.spirals([1])
    look = lab.path(Lab(steps=50), (1,))[-1]
    odds = lab.passed(look.net, x, True)[-1].output[:, :, 0]
    assert lab.answers(look.net, x, look.statistics) == pytest.approx(odds, abs=1e-12)
    kept = lab.answers(look.net, x, lab.stored(look.net))
    assert lab.scored(kept, named[:, None]).loss == look.stored.loss
    assert np.abs(kept - odds).max() > 0.01
    # Without BN there is nothing to store.
    plain = lab.path(Lab(steps=50, normalized=False), (1,))[-1]
    expected = lab.passed(plain.net, x, False)[-1].output[:, :, 0]
    assert (lab.answers(plain.net, x, plain.statistics) == expected).all()


@pytest.mark.train
@pytest.mark.parametrize("normalized", [True, False])
def test_keras_trains_the_same_net(normalized: bool) -> None:
    tf = pytest.importorskip("tensorflow")
    import keras

    settings, seed = Lab(depth=3, rate=0.3, size=16, normalized=normalized, steps=40), 3
    x, named = lab.spirals([seed])
    net, layers = lab.begun(settings.depth, [seed]), []
    for at, layer in enumerate(net):
        last = at == settings.depth
        dense = keras.layers.Dense(
            layer.weight.shape[2], use_bias=last or not normalized, dtype="float64"
        )
        layers.append(dense)
        if normalized and not last:
            layers.append(
                keras.layers.BatchNormalization(
                    momentum=lab.MOMENTUM, epsilon=EPSILON, dtype="float64"
                )
            )
        if not last:
            layers.append(keras.layers.ReLU(dtype="float64"))
    model = keras.Sequential([keras.Input((2,), dtype="float64"), *layers])
    dense_layers = [layer for layer in layers if isinstance(layer, keras.layers.Dense)]
    for layer, dense in zip(net, dense_layers, strict=True):
        dense.set_weights([layer.weight[0], *[w * 0 for w in dense.get_weights()[1:]]])
    optimizer = keras.optimizers.SGD(settings.rate)
    count = settings.steps * settings.size
    picks = np.floor(POINTS * uniforms(3 * seed + 2, count)).astype(int)
    for batch in picks.reshape(settings.steps, -1):
        with tf.GradientTape() as tape:
            odds = model(tf.constant(x[batch, 0]), training=True)[:, 0]
            loss = tf.reduce_mean(
                tf.nn.sigmoid_cross_entropy_with_logits(tf.constant(named[batch]), odds)
            )
        variables = model.trainable_variables
        optimizer.apply(tape.gradient(loss, variables), variables)
    end = lab.path(settings, (seed,), settings.steps)[-1]
    found = np.asarray(model(tf.constant(x[:, 0]), training=False))
    expected = lab.answers(end.net, x, lab.stored(end.net) if normalized else ())
    assert found == pytest.approx(expected, abs=1e-6)


# ---- The script in a browser's engine ----


def layers_of(net: Any, normalized: bool) -> list[float]:
    """All numbers of a net or of its gradient, as the script lists them."""
    names = [NAMES[: 3 if normalized and at + 1 < len(net) else 2] for at in range(len(net))]
    parts = [getattr(layer, name) for layer, each in zip(net, names, strict=True) for name in each]
    return [float(value) for part in parts for value in part.ravel()]


@pytest.fixture(scope="module")
def scripted(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """What the script makes of the trainings above."""
    folder = tmp_path_factory.mktemp("lab")
    (folder / "handed.json").write_text(json.dumps(live()), encoding="utf-8")
    cases = [asdict(settings) | {"seed": seed} for settings, seed in SHOWN]
    (folder / "cases.json").write_text(json.dumps(cases), encoding="utf-8")
    scripts = (PIECES / "shared.js", PIECES / "lab.js")
    given = (folder / "handed.json", folder / "cases.json")
    command = [*map(str, (NODE, RUNNER, *scripts, *given))]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def test_the_script_draws_the_same_points_weights_and_batches(
    scripted: list[dict[str, Any]],
) -> None:
    for (settings, seed), seen in zip(SHOWN, scripted, strict=True):
        x, _ = lab.spirals([seed])
        assert seen["points"] == x.ravel().tolist()
        assert seen["start"] == layers_of(lab.begun(settings.depth, [seed]), settings.normalized)
        picks = np.floor(POINTS * uniforms(3 * seed + 2, 40)).astype(int)
        assert seen["picks"] == picks.tolist()


def test_the_gradient_of_the_script_is_the_reference_s_and_that_of_finite_differences(
    scripted: list[dict[str, Any]],
) -> None:
    for (settings, seed), seen in zip(SHOWN, scripted, strict=True):
        x, named = lab.spirals([seed])
        net = lab.begun(settings.depth, [seed])
        passes = lab.passed(net, x, settings.normalized)
        expected = lab.slopes(net, passes, named[:, None])
        assert seen["slopes"] == layers_of(expected, settings.normalized)
        assert seen["differences"] == pytest.approx(seen["slopes"], abs=1e-7)
        assert np.abs(seen["slopes"]).max() > 0.01


def test_the_script_trains_the_same_nets_to_the_last_digit(scripted: list[dict[str, Any]]) -> None:
    for (settings, seed), seen in zip(SHOWN, scripted, strict=True):
        looks = lab.path(settings, (seed,))
        assert seen["end"] == layers_of(looks[-1].net, settings.normalized)
        losses = [float(of.loss[0]) for look in looks for of in (look.fresh, look.stored)]
        # A loss that is shown takes the machine's own exponential and logarithm.
        assert seen["losses"] == pytest.approx(losses, abs=1e-12)
        rights = [int(of.right[0]) for look in looks for of in (look.fresh, look.stored)]
        assert seen["rights"] == rights


def test_the_script_draws_the_same_regions(scripted: list[dict[str, Any]]) -> None:
    for (settings, _), seen in zip(SHOWN, scripted, strict=True):
        values = np.sin(np.arange(29 * 29)).reshape(29, 29) + settings.normalized
        assert seen["area"] == lab.region(values, 2)


# ---- The picture ----


def areas(path: str) -> float:
    """The area of closed lines in the notation of `region`, by the formula of the shoelace."""
    whole = 0.0
    for part in path.strip("M").split("M"):
        start, *moves = re.findall(r"[hv-]?-?[\d.]+", part.replace("h", " h").replace("v", " v"))
        if "h" in part:
            sizes = [float(move[1:]) for move in moves if move[0] in "hv"]
            whole += abs(sizes[0] * sizes[1])
        else:
            places = np.array([start, *moves], float).reshape(-1, 2)
            x, y = places.T
            whole += abs(x @ np.roll(y, 1) - y @ np.roll(x, 1)) / 2
    return whole


def test_a_region_is_where_values_are_positive() -> None:
    across, down = np.meshgrid(np.linspace(-1, 1, 29), np.linspace(1, -1, 29))
    assert lab.region(-np.ones((29, 29)), 2) == ""
    assert areas(lab.region(np.ones((29, 29)), 2)) == pytest.approx(154**2)
    # A half, and a disc of three quarters of the panel's side.
    assert areas(lab.region(across, 2)) == pytest.approx(154**2 / 2, rel=0.001)
    disc = areas(lab.region(0.75**2 - across**2 - down**2, 172))
    assert disc == pytest.approx(np.pi * (0.75 * 77) ** 2, rel=0.01)
    # The left upper corner, and no other.
    corner = np.full((29, 29), -1.0)
    corner[0, 0] = 1.0
    assert lab.region(corner, 2) == "M2.0 42.0 4.8 42.0 2.0 44.8Z"


def test_the_picture_shows_both_nets_in_the_end() -> None:
    drawn: Any = lab.drawing()
    ends = [lab.path(Lab(normalized=each), (1,))[-1] for each in (False, True)]
    assert drawn["right"] == [int(end.fresh.right[0]) for end in ends]
    assert drawn["more"]
    assert drawn["losses"] == [f"{end.fresh.loss[0]:.2f}" for end in ends]
    x, _ = lab.spirals([1])
    for _, name, left, right, region, dots in drawn["panels"]:
        assert right == drawn["right"]["without" not in name]
        assert region.startswith("M")
        assert [each.count("M") for each in dots] == [POINTS // 2] * 2
        # A coloured region holds about as much as the net calls full.
        which = ends["without" not in name]
        odds = lab.answers(which.net, lab._corners(), which.statistics)
        assert areas(region) / 154**2 == pytest.approx((odds > 0).mean(), abs=0.03)
        place = re.match(r"M([\d.]+) ([\d.]+)h0", dots[1])
        assert place is not None
        assert float(place[1]) == pytest.approx(left + 77 * (1 + x[0, 0, 0] / 2.3), abs=0.06)
        assert float(place[2]) == pytest.approx(42 + 77 * (1 - x[0, 0, 1] / 2.3), abs=0.06)
    for (_, curve), (across, down), end in zip(drawn["curves"], drawn["ends"], ends, strict=True):
        assert len(curve.split()) == 2 * (lab.STEPS // lab.EVERY + 1)
        assert curve.endswith(f"{across:.1f} {down:.1f}")
        assert across == 320
        assert down == pytest.approx(298 - 72 * float(end.fresh.loss[0]))


# ---- What the page says ----


def test_cases_to_repeat_hold_every_kind_and_small_batches() -> None:
    assert {settings.depth for settings, _ in REPEATED} >= {1, 4, 6}
    assert {settings.size for settings, _ in REPEATED} >= {1, 2, 32}
    for settings, seed in REPEATED:
        # A gradient with and without a scale, three losses and the last weights of either net.
        assert len(lab.checked(settings, seed)) == 2 * (3 * WIDTH + 3 + WIDTH) + WIDTH
    handed: Any = live()
    for case in handed["witnesses"]:
        assert np.isfinite(case["expected"]).all()


@pytest.mark.slow
def test_what_the_page_says_of_ten_seeds_holds() -> None:
    told, every = lab.counted(), f"{SEEDS}"
    # One that is ahead is so by the margin of the piece's title.
    for name, settings in {"own": ASKED["own"], "small": ASKED["small"]}.items():
        plain, bn = lab.rights(settings)
        assert int(told[f"{name}.ahead"]) == sum(bn[i] >= plain[i] + 5 for i in range(SEEDS))
    assert (told["own.ahead"], told["own.behind"]) == ("1", "0")
    assert told["start.ahead"] == told["fast.ahead"] == told["small.behind"] == every
    assert told["fast.chance"] == every
    # At ten times the first rate nothing is left of the lead, where both nets learn.
    assert int(told["own.level"]) + int(told["own.chance"]) == SEEDS
    assert int(told["own.level"]) >= 8
    without, within = lab.rights(ASKED["own"])
    assert (without[np.abs(without - within) <= lab.CLOSE] > 0.98 * POINTS).all()
    assert told["fast.without"] == told["chance"]
    assert (lab.rights(ASKED["fast"])[1] > 0.8 * POINTS).all()
    named = {name.removeprefix("lab.") for name in analysis_of("why").values if "lab." in name}
    assert named == {*told}
    assert told["small.size"] == "2"
    assert float(told["own.rate"]) == pytest.approx(10 * float(told["rate"]))
    assert float(told["fast.rate"]) == pytest.approx(100 * float(told["rate"]))


def test_at_a_large_rate_relu_is_zero_throughout_a_layer_without_bn() -> None:
    settings = replace(ASKED["fast"], normalized=False)
    end = lab.path(settings, ALL, settings.steps)[-1]
    x, named = lab.spirals(ALL)
    passes = lab.passed(end.net, x, False)
    outputs = [each.output for each in passes[:-1]]
    silent = np.array([(output <= 0).all(axis=(0, 2)) for output in outputs])
    assert silent.any(axis=0).all()
    odds = passes[-1].output[:, :, 0]
    assert (odds == odds[0]).all()
    # Below that layer no gradient arrives.
    slopes = lab.slopes(end.net, passes, named[:, None] * np.ones(SEEDS))
    assert not slopes[0].weight.any()


def test_rates_depths_and_batches_that_can_be_set_are_those_of_the_page() -> None:
    handed: Any = live()
    for name, values in (("depths", lab.DEPTHS), ("rates", lab.RATES), ("sizes", lab.SIZES)):
        assert handed[name] == values
        assert [*values] == sorted(values)
    for settings in (Lab(), *ASKED.values()):
        assert settings.depth in lab.DEPTHS
        assert settings.rate in lab.RATES
        assert settings.size in lab.SIZES
