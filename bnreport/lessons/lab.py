"""Two small nets that learn two spirals, with batch normalization and without: the piece `lab`.

The draws come from integers, and all sums are taken in one order, so that a browser trains the very
same nets, to the last digit. Training is not stable against rounding: at a large rate, a difference
in the last digit would have become another net after a hundred steps.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, reduce

import numpy as np

from bnreport.lessons.chase import uniforms
from bnreport.presentation.formats import number
from bnreport.reference import (
    Floats,
    Forward,
    Trained,
    backward,
    forward,
    inference,
    moved,
)

# Points of the two spirals together, which turn once; how far noise moves a point, and the grid
# that it lies on, where no machine's cosine counts any more.
POINTS, TURNS, NOISE, GRID = 200, 1.0, 0.1, 256
# Units of a hidden layer; steps of a training, and those after which it is looked at; the weight of
# what was in stored averages, less than Keras' so that they do not lag; seeds that are repeated.
WIDTH, STEPS, EVERY, MOMENTUM, SEEDS = 8, 400, 10, 0.9, 10
# What a reader can set.
DEPTHS = (1, 2, 3, 4, 5, 6)
RATES = (0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0)
SIZES = (1, 2, 4, 8, 16, 32, 64, 128)
# So far the logarithm of an odds reaches: beyond, a share is 0 or 1.
_FAR = 60.0


@dataclass(frozen=True)
class Lab:
    """A net as it is built and trained.

    Attributes:
        depth: its hidden layers.
        rate: the learning rate.
        size: the points of a batch.
        normalized: whether its hidden layers have BN.
        steps: how many it takes.
    """

    depth: int = 4
    rate: float = 0.03
    size: int = 32
    normalized: bool = True
    steps: int = STEPS


@dataclass(frozen=True)
class Layer:
    """A dense layer of S nets, one for each seed, and the BN behind it.

    Attributes:
        weight: (S, inputs, units).
        shift: beta, or the bias where the layer has no BN, (S, units).
        scale: gamma, (S, units).
        mean, variance: the averages that BN stores, (S, units).
    """

    weight: Floats
    shift: Floats
    scale: Floats
    mean: Floats
    variance: Floats


# Hidden layers, and one of a single unit that gives the logarithm of the odds for the second class.
Net = tuple[Layer, ...]


@dataclass(frozen=True)
class Passed:
    """A layer in the forward pass of training.

    Attributes:
        x: what comes in, (N, S, inputs).
        batch: what BN did; None where there is none.
        output: what goes to the activation, (N, S, units).
    """

    x: Floats
    batch: Forward | None
    output: Floats


@dataclass(frozen=True)
class LayerGradient:
    """The gradients of a layer, of the shapes of the layer's own."""

    weight: Floats
    shift: Floats
    scale: Floats


@dataclass(frozen=True)
class Grade:
    """The grade of S nets on all points.

    Attributes:
        loss: the mean cross-entropy, (S,).
        right: how many points they call right, (S,).
    """

    loss: Floats
    right: Floats


@dataclass(frozen=True)
class Look:
    """S nets after some steps, by statistics of all points and by stored averages.

    Attributes:
        net: the nets.
        statistics: the mean and the variance of each hidden layer over all points, (S * units,).
        fresh, stored: how the nets do by either; the same without BN.
    """

    net: Net
    statistics: tuple[tuple[Floats, Floats], ...]
    fresh: Grade
    stored: Grade


def added(terms: Iterable[Floats]) -> Floats:
    """Add arrays one after the other, as a loop does: NumPy's own sums may take another order."""
    return reduce(np.add, terms)


def dense(x: Floats, weight: Floats) -> Floats:
    """Multiply (N, S, inputs) by the weights of each net, (S, inputs, units)."""
    return added(x[:, :, i, None] * weight[:, i] for i in range(weight.shape[1]))


def spirals(seeds: Sequence[int]) -> tuple[Floats, Floats]:
    """Draw the points of each seed, (POINTS, S, 2), and their class, 0 or 1, (POINTS,)."""
    draws = np.stack([uniforms(3 * seed, 3 * POINTS).reshape(-1, 3) for seed in seeds], axis=1)
    named = np.arange(POINTS) % 2
    radius = 0.05 + 0.95 * np.sqrt(draws[:, :, 0])
    angle = 2 * np.pi * TURNS * radius + np.pi * named[:, None]
    places = radius[:, :, None] * np.stack([np.cos(angle), np.sin(angle)], axis=2)
    # To both sides of zero the points reach about as far as standardized inputs do.
    noisy = 2 * (places + NOISE * (draws[:, :, 1:] - 0.5))
    return np.floor(GRID * noisy + 0.5) / GRID, named.astype(float)


def begun(depth: int, seeds: Sequence[int]) -> Net:
    """The nets before the first step, with He's uniform weights; the same with BN and without."""
    shapes = [(2, WIDTH), *[(WIDTH, WIDTH)] * (depth - 1), (WIDTH, 1)]
    count = sum(inputs * units for inputs, units in shapes)
    draws = np.stack([uniforms(3 * seed + 1, count) for seed in seeds])
    layers, start = [], 0
    for inputs, units in shapes:
        part = draws[:, start : start + inputs * units].reshape(-1, inputs, units)
        start += inputs * units
        zeros = np.zeros((len(seeds), units))
        weight = (2 * part - 1) * math.sqrt(6 / inputs)
        layers.append(Layer(weight, zeros, zeros + 1, zeros, zeros + 1))
    return tuple(layers)


def passed(net: Net, x: Floats, normalized: bool) -> list[Passed]:
    """Pass points through S nets as in training: BN takes the statistics of these points.

    Args:
        net: the nets.
        x: (N, S, 2).
        normalized: whether the hidden layers have BN.
    """
    passes = []
    for at, layer in enumerate(net):
        sums, batch = dense(x, layer.weight), None
        output = sums + layer.shift
        if normalized and at < len(net) - 1:
            # Features of all nets side by side: each has a mean of its own.
            batch = forward(_flat(sums), layer.scale.ravel(), layer.shift.ravel())
            output = batch.output.reshape(sums.shape)
        passes.append(Passed(x, batch, output))
        x = _positive(output, output)
    return passes


def slopes(net: Net, passes: Sequence[Passed], target: Floats) -> list[LayerGradient]:
    """The gradient of the mean cross-entropy, from the last layer to the first.

    Args:
        net: the nets.
        passes: their forward pass on N points.
        target: the class of each point, (N, S).
    """
    gradients: list[LayerGradient] = []
    arriving = ((share(passes[-1].output[:, :, 0]) - target) / len(target))[:, :, None]
    for at in range(len(net) - 1, -1, -1):
        layer, forth = net[at], passes[at]
        shift, scale, behind = added(arriving), np.zeros_like(layer.scale), arriving
        if forth.batch:
            back = backward(_flat(arriving), forth.batch)
            scale = back.gamma.reshape(scale.shape)
            behind = back.x.reshape(arriving.shape)
        weight = added(forth.x[:, :, :, None] * behind[:, :, None])
        gradients.insert(0, LayerGradient(weight, shift, scale))
        if at:
            below = dense(behind, layer.weight.swapaxes(1, 2))
            arriving = _positive(passes[at - 1].output, below)
    return gradients


def share(odds: Floats) -> Floats:
    """The logistic function, by an exponential of products and sums alone."""
    part = power(-np.abs(odds))
    return np.where(odds >= 0, 1, part) / (1 + part)


def power(exponent: Floats) -> Floats:
    """The exponential of what is not positive, the same on all machines: (e to x / 256) squared.

    The series ends after twelve terms, where it is exact to rounding; below -60 it stays.
    """
    small = np.maximum(exponent, -_FAR) / 256
    whole = np.ones_like(small)
    for k in range(12, 0, -1):
        whole = 1 + small * whole / k
    for _ in range(8):
        whole = whole * whole
    return whole


def answers(net: Net, x: Floats, statistics: Sequence[tuple[Floats, Floats]]) -> Floats:
    """The logarithms of the odds at inference, (N, S); without statistics, those without BN."""
    for at, layer in enumerate(net):
        sums = dense(x, layer.weight)
        output = sums + layer.shift
        if at < len(statistics):
            trained = Trained(layer.scale.ravel(), layer.shift.ravel(), *statistics[at])
            output = inference(_flat(sums), trained).reshape(sums.shape)
        x = _positive(output, output)
    return output[:, :, 0]


def stored(net: Net) -> list[tuple[Floats, Floats]]:
    """The averages that hidden layers store."""
    return [(layer.mean.ravel(), layer.variance.ravel()) for layer in net[:-1]]


def scored(odds: Floats, target: Floats) -> Grade:
    """Compare logarithms of odds, (N, S), with classes, (N, 1)."""
    lost = np.log1p(np.exp(-np.abs(odds))) + np.where(odds > 0, (1 - target) * odds, -target * odds)
    right = ((odds > 0) == (target > 0.5)).sum(axis=0)
    return Grade(added(lost) / len(odds), right.astype(float))


def looked(net: Net, x: Floats, target: Floats, normalized: bool) -> Look:
    """Look at nets on all points."""
    passes = passed(net, x, normalized)
    fresh = scored(passes[-1].output[:, :, 0], target)
    if not normalized:
        return Look(net, (), fresh, fresh)
    batches = [each.batch.nodes for each in passes if each.batch]
    statistics = tuple((nodes.mean, nodes.variance) for nodes in batches)
    return Look(net, statistics, fresh, scored(answers(net, x, stored(net)), target))


def stepped(net: Net, x: Floats, target: Floats, settings: Lab) -> Net:
    """The nets after a step of gradient descent on a batch."""
    passes = passed(net, x, settings.normalized)
    layers = []
    for layer, forth, slope in zip(net, passes, slopes(net, passes, target), strict=True):
        after = replace(
            layer,
            weight=layer.weight - settings.rate * slope.weight,
            shift=layer.shift - settings.rate * slope.shift,
            scale=layer.scale - settings.rate * slope.scale,
        )
        if forth.batch:
            mean, variance = forth.batch.nodes.mean, forth.batch.nodes.variance
            after = replace(
                after,
                mean=moved(layer.mean, mean.reshape(layer.mean.shape), MOMENTUM),
                variance=moved(layer.variance, variance.reshape(layer.mean.shape), MOMENTUM),
            )
        layers.append(after)
    return tuple(layers)


@cache
def path(settings: Lab, seeds: tuple[int, ...], every: int = EVERY) -> list[Look]:
    """Train nets, one for each seed.

    Returns:
        How they are at the start, and after every so many steps.
    """
    x, named = spirals(seeds)
    target, net = named[:, None], begun(settings.depth, seeds)
    count = settings.steps * settings.size
    picks = np.stack([np.floor(POINTS * uniforms(3 * seed + 2, count)) for seed in seeds], axis=1)
    batches = picks.astype(int).reshape(settings.steps, settings.size, len(seeds))
    looks = [looked(net, x, target, settings.normalized)]
    for step, drawn in enumerate(batches, 1):
        batch = np.take_along_axis(x, drawn[:, :, None], axis=0)
        net = stepped(net, batch, named[drawn], settings)
        if step % every == 0:
            looks.append(looked(net, x, target, settings.normalized))
    return looks


def checked(settings: Lab, seed: int) -> list[float]:
    """All numbers of a training that the script must find again, without BN and with it.

    Returns:
        The first gradient of the first layer, the loss before and after all steps, by stored
        averages, too, and the weights of the last layer then; of either net.
    """
    x, named = spirals([seed])
    net = begun(settings.depth, [seed])
    first = np.floor(POINTS * uniforms(3 * seed + 2, settings.size)).astype(int)
    parts = []
    for normalized in (False, True):
        slope = slopes(net, passed(net, x[first], normalized), named[first][:, None])[0]
        start, end = path(replace(settings, normalized=normalized), (seed,), settings.steps)
        parts += [slope.weight, slope.shift, *([slope.scale] if normalized else [])]
        parts += [start.fresh.loss, end.fresh.loss, end.stored.loss, end.net[-1].weight]
    return [float(value) for part in parts for value in part.ravel()]


# ---- What the page tells ----

ALL = tuple(range(1, SEEDS + 1))
# By so many points at most differ two nets that are said to be level; by so many at least, two of
# which one is said to be ahead.
CLOSE, MARGIN = POINTS // 100, POINTS // 40
# Another setting than the first one, as the page asks of it.
ASKED: Mapping[str, Lab] = {
    "own": Lab(rate=0.3),
    "fast": Lab(rate=3.0),
    "small": Lab(size=2),
}


def rights(settings: Lab, seeds: tuple[int, ...] = ALL) -> tuple[Floats, Floats]:
    """Count the points that are right in the end, without BN and with it, (S,) each."""
    without, within = (
        path(replace(settings, normalized=each), seeds, settings.steps)[-1].fresh.right
        for each in (False, True)
    )
    return without, within


def counted() -> Mapping[str, str]:
    """The numbers that the page tells of ten seeds, by name."""
    start = Lab()
    setting = {
        "points": POINTS,
        "chance": POINTS // 2,
        "width": WIDTH,
        "depth": start.depth,
        "steps": STEPS,
        "seeds": SEEDS,
        "close": CLOSE,
        "size": start.size,
        "rate": start.rate,
        "momentum": MOMENTUM,
    }
    texts = {name: f"{value:g}" for name, value in setting.items()}
    for name, settings in {"start": start, **ASKED}.items():
        without, within = rights(settings)
        texts |= {
            f"{name}.rate": f"{settings.rate:g}",
            f"{name}.size": f"{settings.size}",
            f"{name}.without": _to(without),
            f"{name}.with": _to(within),
            f"{name}.chance": f"{int((without == POINTS // 2).sum())}",
            f"{name}.level": f"{int((np.abs(without - within) <= CLOSE).sum())}",
            f"{name}.ahead": f"{int((within - without >= MARGIN).sum())}",
            f"{name}.behind": f"{int((without - within >= MARGIN).sum())}",
        }
    return texts


def _to(counts: Floats) -> str:
    """The least and the most, in words."""
    low, high = f"{counts.min():g}", f"{counts.max():g}"
    return low if low == high else f"{low} to {high}"


# ---- The picture: its places are those of docs/assets/pieces/lab.js ----

# A panel reaches 2.3 to each side. There no point lies midway between two decimals, which Python
# and a browser would round to either side; nor do the steps of the chart, of 7.2 each.
_SIDE, _LEFTS, _HIGH, _REACH, _CELLS = 154, (2, 172), 42, 2.3, 28
_LEFT, _WIDE, _TOP, _BOTTOM, _MOST = 32, 288, 226, 298, 1.0
_TONES, _NAMES = ("std", "bn"), ("without BN", "with BN")


def drawing(settings: Lab = Lab(), seed: int = 1) -> dict[str, object]:
    """Work the picture that the piece begins with: both nets after all steps, and their losses."""
    x, named = spirals([seed])
    seeds = (seed,)
    paths = [path(replace(settings, normalized=each), seeds) for each in (False, True)]
    ends = [looks[-1] for looks in paths]
    grid = _corners()
    regions = [
        region(answers(end.net, grid, end.statistics).reshape(_CELLS + 1, -1), left)
        for end, left in zip(ends, _LEFTS, strict=True)
    ]
    dots = [[_dots(x[named == each, 0], left) for each in (1, 0)] for left in _LEFTS]
    losses = [[float(look.fresh.loss[0]) for look in looks] for looks in paths]
    curves = [_line(_placed(i, loss) for i, loss in enumerate(each)) for each in losses]
    right = [int(end.fresh.right[0]) for end in ends]
    return {
        "right": right,
        "points": POINTS,
        "steps": STEPS,
        "more": right[1] - right[0] >= MARGIN,
        "panels": [*zip(_TONES, _NAMES, _LEFTS, right, regions, dots, strict=True)],
        "losses": [number(each[-1], 2) for each in losses],
        "chance": _up(math.log(2)),
        "curves": [*zip(_TONES, curves, strict=True)],
        "ends": [_placed(len(each) - 1, each[-1]) for each in losses],
    }


def region(values: Floats, left: float) -> str:
    """Outline where values at the corners of cells are positive: rows of whole cells, and parts.

    Args:
        values: (rows + 1, columns + 1), the first row on top.
        left: where the panel begins.
    """
    edge, parts = _SIDE / _CELLS, []
    for row in range(_CELLS):
        whole = 0
        for column in range(_CELLS + 1):
            around = []
            if column < _CELLS:
                for down, across in ((0, 0), (0, 1), (1, 1), (1, 0)):
                    place = left + edge * (column + across), _HIGH + edge * (row + down)
                    around.append((float(values[row + down, column + across]), *place))
            inside = sum(value > 0 for value, *_ in around)
            if inside == 4:
                whole += 1
                continue
            if whole:
                corner = f"M{left + edge * (column - whole):.1f} {_HIGH + edge * row:.1f}"
                parts.append(f"{corner}h{edge * whole:.1f}v{edge:.1f}h{-edge * whole:.1f}Z")
            whole = 0
            if inside:
                parts.append(_line(_cut(around)) + "Z")
    return "".join(parts)


def _cut(around: Sequence[tuple[float, float, float]]) -> Iterator[tuple[float, float]]:
    """The corners of the positive part of a cell, where values change in proportion."""
    for (value, x, y), (other, u, v) in zip(around, [*around[1:], around[0]], strict=True):
        if value > 0:
            yield x, y
        if (value > 0) != (other > 0):
            share_of_edge = value / (value - other)
            yield x + (u - x) * share_of_edge, y + (v - y) * share_of_edge


def _corners() -> Floats:
    """The corners of all cells, (corners, 1, 2)."""
    across = (2 * np.arange(_CELLS + 1) / _CELLS - 1) * _REACH
    down = (1 - 2 * np.arange(_CELLS + 1) / _CELLS) * _REACH
    y, x = np.meshgrid(down, across, indexing="ij")
    return np.stack([x, y], axis=-1).reshape(-1, 1, 2)


def _dots(places: Floats, left: float) -> str:
    across = left + (_SIDE * (places[:, 0] + _REACH)) / (2 * _REACH)
    down = _HIGH + _SIDE - (_SIDE * (places[:, 1] + _REACH)) / (2 * _REACH)
    return "".join(f"M{x:.1f} {y:.1f}h0" for x, y in zip(across, down, strict=True))


def _up(loss: float) -> float:
    return _BOTTOM - ((_BOTTOM - _TOP) * min(loss, _MOST)) / _MOST


def _placed(look: int, loss: float) -> tuple[float, float]:
    return _LEFT + (_WIDE * EVERY * look) / STEPS, _up(loss)


def _line(places: Iterable[tuple[float, float]]) -> str:
    return "M" + " ".join(f"{x:.1f} {y:.1f}" for x, y in places)


def _flat(values: Floats) -> Floats:
    return values.reshape(len(values), -1)


def _positive(output: Floats, values: Floats) -> Floats:
    """Values where an output is positive, and zero elsewhere: ReLU, and its gradient."""
    return np.where(output > 0, values, 0.0)
