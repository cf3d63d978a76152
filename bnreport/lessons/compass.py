"""The direction and the length of one weight: the training that the piece `compass` shows.

A unit with two inputs is trained on batches of its own, with batch normalization and without. With
it the loss depends on the direction of the weight alone. The draws come from integers, so that a
browser draws the same.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from bnreport.errors import BnreportError
from bnreport.lessons.balance import settled, turns
from bnreport.lessons.chase import normals
from bnreport.presentation.formats import number
from bnreport.presentation.plots import Curves
from bnreport.reference import Floats, backward, forward

# Examples of a batch; steps of a training, as many as our recorded nets took; and the steps over
# which a turn is averaged at its end and along it.
EXAMPLES, STEPS, LAST, SPAN = 8, 1280, 320, 32
# The directions in which a weight begins, and that is best, in degrees.
BEGINNING, BEST = 170, 60
# Beyond this length a training has diverged.
FAR = 1e6


@dataclass(frozen=True)
class Needle:
    """A weight, and how it is trained.

    Attributes:
        rate: the learning rate.
        decay: what a step takes off the weight, over the weight and the rate.
        start: the length of the weight before the first step.
        normalized: whether the unit has batch normalization.
        times: what the weight is multiplied by, once.
        at: after how many steps; -1 for never.
        seed: of the draws.
        steps: how many are taken.
    """

    rate: float = 0.2
    decay: float = 0.02
    start: float = 2.0
    normalized: bool = True
    times: float = 1.0
    at: int = -1
    seed: int = 1
    steps: int = STEPS


@dataclass(frozen=True)
class Path:
    """A training, before each step and after the last; it ends early where it diverges.

    Attributes:
        weight: the weight, (steps + 1, 2).
        output: the outputs for the batch of the step that follows, (steps + 1, EXAMPLES).
        gradient: the gradient of its loss by the weight, (steps + 1, 2).
    """

    weight: Floats
    output: Floats
    gradient: Floats

    @property
    def length(self) -> Floats:
        """The length of the weight, (steps + 1,)."""
        return np.asarray(np.hypot(*self.weight.T), float)

    @property
    def slope(self) -> Floats:
        """The length of the gradient where the weight has length one, (steps + 1,).

        Without normalization it is no such thing, and depends on the length.
        """
        return np.asarray(np.hypot(*self.gradient.T) * self.length, float)


def gradient(x: Floats, target: Floats, weight: Floats, normalized: bool) -> tuple[Floats, Floats]:
    """Compute a unit's outputs for a batch, and the gradient of half their mean squared error.

    Epsilon is zero, or the length would matter a little.

    Args:
        x: the inputs, (N, 2).
        target: what each output should be, (N,).
        weight: the weight, (2,).
        normalized: whether the unit has batch normalization.
    """
    sums = x @ weight
    if not normalized:
        return sums, x.T @ (sums - target) / len(x)
    layer = forward(sums[:, None], [1.0], [0.0], epsilon=0.0)
    output = layer.output[:, 0]
    arriving = (output - target)[:, None] / len(x)
    return output, x.T @ backward(arriving, layer).x[:, 0]


@lru_cache(maxsize=32)
def path(settings: Needle) -> Path:
    """Train: each step takes a batch of its own, the decay and the gradient off the weight."""
    best, weight = direction(BEST), settings.start * direction(BEGINNING)
    points = []
    for step, (x, noise) in enumerate(_batches(settings)):
        if step == settings.at:
            weight = settings.times * weight
        if not math.hypot(*weight) < FAR:
            break
        output, slope = gradient(x, x @ best + noise, weight, settings.normalized)
        points.append((weight, output, slope))
        weight = (1 - settings.rate * settings.decay) * weight - settings.rate * slope
    weights, outputs, slopes = (np.array(column) for column in zip(*points, strict=True))
    return Path(weights, outputs, slopes)


def direction(degrees: float) -> Floats:
    """The vector of length one in a direction."""
    return np.array([math.cos(math.radians(degrees)), math.sin(math.radians(degrees))])


def _batches(settings: Needle) -> Iterator[tuple[Floats, Floats]]:
    """Yield inputs and noise of the targets, standard normal, for each step and one more."""
    count = settings.steps + 1
    draws = normals(settings.seed, 3 * EXAMPLES * count).reshape(count, EXAMPLES, 3)
    for batch in draws:
        yield batch[:, :2], batch[:, 2]


def turned(weight: Floats) -> Floats:
    """The angle in degrees by which each step turned the weight, (steps,), of (steps + 1, 2)."""
    (x, y), (u, v) = weight[:-1].T, weight[1:].T
    return np.asarray(np.degrees(np.abs(np.arctan2(x * v - y * u, x * u + y * v))), float)


def usual(values: Floats) -> float:
    """The root mean square."""
    return float(np.sqrt(np.mean(np.square(values))))


def turn(settings: Needle) -> float:
    """The turn in the last steps, in degrees, root mean square."""
    return usual(turned(path(settings).weight)[-LAST:])


def length(settings: Needle) -> float:
    """The length of the weight at the last steps, root mean square."""
    return usual(path(settings).length[-LAST:])


def away(settings: Needle) -> float:
    """The distance of the weight from the best one in the last steps, root mean square.

    The best one has length one; with normalization any length does.
    """
    return usual(np.hypot(*(path(settings).weight[-LAST:] - direction(BEST)).T))


def beside(settings: Needle) -> float:
    """The length of the gradient over that of the weight in the last steps, root mean square."""
    way = path(settings)
    return usual((np.hypot(*way.gradient.T) / way.length)[-LAST:])


def rest(settings: Needle) -> float:
    """The length at which decay balances the steps of the second half of a training."""
    slopes = path(settings).slope[STEPS // 2 :]
    return settled(settings.rate, settings.decay, usual(slopes))


def predicted(settings: Needle) -> float:
    """The turn in degrees at which rate and decay balance, whatever the gradient."""
    return float(turns(settled(settings.rate, settings.decay), settings.rate))


def ended(settings: Needle) -> list[float]:
    """The weight at the end, its outputs, the gradient, how it turned, and where it would rest."""
    way = path(settings)
    row = [*way.weight[-1], *way.output[-1], *way.gradient[-1]]
    row.append(usual(turned(way.weight)[-LAST:]))
    if settings.decay:
        row += [settled(settings.rate, settings.decay, usual(way.slope)), predicted(settings)]
    return [float(value) for value in row]


# ---- Recorded nets ----


@dataclass(frozen=True)
class Recorded:
    """Trained nets of one rate and one decay, in their first hidden layer.

    Attributes:
        rate, decay: as for `Needle`.
        normalized: with batch normalization or without.
        seeds: how many nets they are.
        steps: after how many steps they were looked at.
        length, turn: the mean over the nets of a unit's length there, and of its turn in a step, in
            degrees; of the units, and of the turns of eight steps, the root mean square.
    """

    rate: float
    decay: float
    normalized: bool
    seeds: int
    steps: Sequence[int]
    length: Sequence[float]
    turn: Sequence[float]

    @property
    def slope(self) -> float:
        """The length of a gradient, at length one, that turns weights of the last length so far."""
        return math.tan(math.radians(self.turn[-1])) * self.length[-1] ** 2 / self.rate


def recorded(curves: Mapping[str, Curves], product: float) -> list[Recorded]:
    """Read the trained nets off a study's figures of lengths and turns.

    Args:
        curves: the figures "length" and "turn", of the same nets in the same order; a curve is
            named by its rate, and says where it has no decay.
        product: the rate times the decay of all the others.

    Raises:
        BnreportError: when the figures are not of the same nets.
    """
    lengths, angles = ([*_named(curves[name])] for name in ("length", "turn"))
    if [name for name, *_ in lengths] != [name for name, *_ in angles]:
        raise BnreportError(
            "Expected the same nets in the figures of lengths and of turns. Received: "
            f"{[name for name, *_ in lengths]} and {[name for name, *_ in angles]}."
        )
    nets = []
    for ((normalized, label), steps, sizes), (_, _, degrees) in zip(lengths, angles, strict=True):
        rate, _, free = label.partition(", ")
        nets.append(
            Recorded(
                rate=float(rate),
                decay=0.0 if free else float(f"{product / float(rate):.6g}"),
                normalized=normalized,
                seeds=len(sizes),
                steps=[round(1000 * step) for step in steps],
                length=_short(sizes.mean(axis=0)),
                turn=_short(degrees.mean(axis=0)),
            )
        )
    return nets


def _named(figure: Curves) -> Iterator[tuple[tuple[bool, str], Floats, Floats]]:
    for panel in figure.panels:
        for series in panel.series:
            yield (panel.title.startswith("with BN"), series.label), series.x, series.y


def _short(values: Floats) -> list[float]:
    return [float(f"{value:.4g}") for value in values]


# ---- The picture, in its own units; the places are those of docs/assets/pieces/compass.js ----

# The middle of the compass, and how far it reaches to the right, the left, up and down; by how much
# its gradient is drawn longer, and how long its ruler is at most; the axis of outputs; and of the
# two charts the left ends, the width, top and bottom. Both axes of a chart run over these powers of
# ten. In steps of eight no place in a chart lies midway between two decimals, which Python and a
# browser would round to either side.
MIDDLE, REACH, LONGER, RULER = (92, 124), (70, 88, 92, 44), 2, 50
OUTPUTS, UNIT = 250, 24
LEFTS, WIDTH, TOP, BOTTOM = (28, 196), 128, 202, 264
LOW, HIGH = -1, 1
# A training is shown at this step, and by every so many steps.
SEEN, STRIDE = 640, 4


def drawing(nets: Sequence[Recorded] = ()) -> dict[str, object]:
    """Work the picture that the piece begins with.

    Args:
        nets: the recorded nets, of which those of the same rate and decay are shown.
    """
    settings = Needle()
    way = path(settings)
    resting, angle = rest(settings), predicted(settings)
    scale = fitting([*way.weight, (resting, -resting)])
    steps = np.array([*range(0, SEEN, STRIDE), SEEN])
    weight, slope, size = way.weight[SEEN], way.gradient[SEEN], way.length[SEEN]
    spans = turned(way.weight).reshape(-1, SPAN)
    middles = SPAN * (np.arange(len(spans)) + 0.5)
    whole = np.arange(0, STEPS + 1, 2 * STRIDE)
    wanted = settings.rate, settings.decay, settings.normalized
    alike = [net for net in nets if (net.rate, net.decay, net.normalized) == wanted]
    ruler = rounded(scale)
    return {
        "ruler": (f"{ruler:g}", scale * ruler),
        "seen": SEEN,
        "steps": f"{STEPS:,}",
        "length": number(size, 2),
        "effective": number(settings.rate / size**2, 2),
        "gradient": number(math.hypot(*slope), 2),
        "turn": number(turned(way.weight)[SEEN], 1),
        "resting": number(resting, 2),
        "predicted": number(angle, 1),
        "circle": scale * resting,
        "best": _at(direction(BEST), fitting([direction(BEST)])),
        "trail": _line(_at(point, scale) for point in way.weight[steps]),
        "tip": _at(weight, scale),
        "slope": _at(weight - LONGER * slope, scale),
        "outputs": [OUTPUTS + UNIT * float(value) for value in way.output[SEEN]],
        "lengths": _line(_placed(0, whole, way.length[whole])),
        "turns": _line(_placed(1, middles, [usual(span) for span in spans])),
        "levels": [_up(resting), _up(angle)],
        "seeds": sum(net.seeds for net in alike),
        "shorter": [net.slope < usual(way.slope[STEPS // 2 :]) for net in alike],
        "dots": [
            place
            for net in alike
            for chart, values in enumerate((net.length, net.turn))
            for place in _placed(chart, net.steps, values)
        ],
        "here": [*_placed(0, [SEEN], [size]), *_placed(1, [SEEN], [usual(spans[SEEN // SPAN])])],
    }


def fitting(vectors: Iterable[Sequence[float] | Floats]) -> float:
    """The units of the picture to a length of one, so that the compass holds all of the vectors."""
    x, y = np.array([*vectors]).T
    ends = x.max(), -x.min(), y.max(), -y.min()
    return float(min(reach / end for reach, end in zip(REACH, ends, strict=True) if end > 0))


def rounded(scale: float) -> float:
    """The longest round length that a ruler shows, at so many units of the picture to one."""
    power = 10.0 ** math.floor(math.log10(RULER / scale))
    return power * next(times for times in (5, 2, 1) if times * power * scale <= RULER)


def _at(vector: Floats, scale: float) -> tuple[float, float]:
    """The place of a vector on the compass."""
    return MIDDLE[0] + scale * float(vector[0]), MIDDLE[1] - scale * float(vector[1])


def _up(value: float) -> float:
    return BOTTOM - (BOTTOM - TOP) * (math.log10(value) - LOW) / (HIGH - LOW)


def _placed(
    chart: int, steps: Iterable[float], values: Iterable[float]
) -> Iterator[tuple[float, float]]:
    """Yield the places of values in one of the two charts."""
    for step, value in zip(steps, values, strict=True):
        yield LEFTS[chart] + WIDTH * float(step) / STEPS, _up(value)


def _line(places: Iterable[tuple[float, float]]) -> str:
    return "M" + " ".join(f"{x:.1f} {y:.1f}" for x, y in places)
