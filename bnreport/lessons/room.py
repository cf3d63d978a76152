"""One example in a batch: who else is in the room, and where a small net puts it.

Two features of examples of three classes, each a normal cloud, pass through BN and one dense layer
with softmax. The draws come from integers alone, so that a browser draws the same.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from bnreport.lessons.chase import paired, uniforms
from bnreport.presentation.formats import number
from bnreport.reference import EPSILON, Floats, Trained, forward, inference

Places = NDArray[np.int64]

# The middle of each class, the deviation of its examples in both features, and the example that
# stays: it lies near the middle of its class.
CLASSES = "ABC"
CENTRES: Floats = np.array([[3, 3], [8, 9], [13, 4]], np.float64)
SPREAD = 2.2
FIXED: Floats = np.array([3, 3.5])
OWN = 0
# The examples of a batch, and so many batches that are drawn of a kind.
SIZES = (1, 2, 3, 4, 8, 16, 32)
BATCHES = 100
# Who else is there, as a reader chooses it.
ROOMS = {
    "anyone": "anyone",
    "own": "only A, its own class",
    "other": "only C",
    "copies": "copies of itself",
}
# So near to a corner, in both features, an example of two is said to land there.
NEAR = 0.1
# The class of all others where they are of one.
ALIKE = {"own": OWN, "other": 2, "copies": OWN}


@dataclass(frozen=True)
class Room:
    """A batch, and whose statistics normalize it.

    Attributes:
        company: the others that are there, a name of `ROOMS`.
        size: the examples of the batch, with the one that stays.
        seed: which of the batches, from 1.
        stored: whether stored averages take the place of the batch's statistics.
    """

    company: str = "anyone"
    size: int = 4
    seed: int = 8
    stored: bool = False


@dataclass(frozen=True)
class Classifier:
    """BN with statistics of all classes, as averages store them, and the dense layer behind it.

    Attributes:
        layer: of two features, gamma one and beta zero.
        weights: by class and feature, (3, 2).
        biases: by class, (3,).
    """

    layer: Trained
    weights: Floats
    biases: Floats


@dataclass(frozen=True)
class Seen:
    """A batch as the net sees it; the example that stays comes first.

    Attributes:
        mean, variance: what normalizes, (2,).
        places: the examples after BN, (N, 2).
        shares: how sure the net is of each class, (N, 3).
    """

    mean: Floats
    variance: Floats
    places: Floats
    shares: Floats

    @property
    def called(self) -> Places:
        """The class that the net names for each example, (N,)."""
        named: Places = self.shares.argmax(axis=1)
        return named


@cache
def net() -> Classifier:
    """The net that knows the classes: no other is right more often on mixed examples.

    For normal classes of one spread, Bayes' rule is a dense layer with softmax. It stands behind BN
    and is written for features that all classes together normalize.
    """
    mean = CENTRES.mean(axis=0)
    variance = CENTRES.var(axis=0) + SPREAD**2
    distances = CENTRES - mean
    return Classifier(
        Trained(np.ones(2), np.zeros(2), mean, variance),
        distances * np.sqrt(variance + EPSILON) / SPREAD**2,
        -(distances**2).sum(axis=1) / (2 * SPREAD**2),
    )


def batch(settings: Room) -> tuple[Floats, Places]:
    """Draw the batch: its examples, (N, 2), and their classes, (N,).

    A larger batch of the same seed has the examples of the smaller one, and more.
    """
    draws = uniforms(settings.seed, 3 * (SIZES[-1] - 1)).reshape(-1, 3)[: settings.size - 1]
    classes = np.floor(len(CLASSES) * draws[:, 0]).astype(int)
    if settings.company in ALIKE:
        classes = np.full_like(classes, ALIKE[settings.company])
    others = CENTRES[classes] + SPREAD * np.stack(paired(draws[:, 1], draws[:, 2]), axis=1)
    if settings.company == "copies":
        others = np.tile(FIXED, (len(others), 1))
    return np.vstack([FIXED, others]), np.concatenate([[OWN], classes])


def shares(places: Floats) -> Floats:
    """The softmax of the dense layer at places behind BN, (N, 3): the share of each class."""
    logits = places @ net().weights.T + net().biases
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    sure: Floats = powers / powers.sum(axis=1, keepdims=True)
    return sure


def look(settings: Room) -> Seen:
    """Pass a batch through the net."""
    x, _ = batch(settings)
    if settings.stored:
        layer = net().layer
        places = inference(x, layer)
        return Seen(layer.mean, layer.variance, places, shares(places))
    nodes = forward(x, np.ones(2), np.zeros(2)).nodes
    return Seen(nodes.mean, nodes.variance, nodes.shifted, shares(nodes.shifted))


def right(settings: Room) -> int:
    """The number of examples of a batch that the net calls by their class."""
    return int((look(settings).called == batch(settings)[1]).sum())


@cache
def repeated(room: str, size: int, stored: bool = False) -> tuple[Floats, tuple[int, ...]]:
    """Look at the example that stays in all batches of a kind.

    Returns:
        Where it lands, (BATCHES, 2), and how many of the batches call it by each class.
    """
    looks = [look(Room(room, size, seed, stored)) for seed in range(1, BATCHES + 1)]
    called = np.bincount([seen.called[0] for seen in looks], minlength=len(CLASSES))
    return np.array([seen.places[0] for seen in looks]), tuple(map(int, called))


def checked(settings: Room) -> list[float]:
    """All numbers of a batch that the script must find again."""
    seen = look(settings)
    _, counts = repeated(settings.company, settings.size, settings.stored)
    numbers = (seen.mean, seen.variance, seen.places, seen.shares, counts, right(settings))
    # The last digits of an exponential are those of a machine.
    return [round(float(value), 12) for part in numbers for value in np.ravel(part)]


def share_right(room: str, stored: bool = False) -> float:
    """The share of the examples of all largest batches that the net calls by their class."""
    size = SIZES[-1]
    batches = (Room(room, size, seed, stored) for seed in range(1, BATCHES + 1))
    return sum(map(right, batches)) / (size * BATCHES)


def counted() -> Mapping[str, str]:
    """The numbers that the page tells of such batches, by name."""

    def most(room: str) -> tuple[str, int]:
        """The class that most of the largest batches name, and how many do."""
        _, counts = repeated(room, SIZES[-1])
        return CLASSES[int(np.argmax(counts))], max(counts)

    pairs, calls = repeated("anyone", 2)
    two = dict(zip(CLASSES, calls, strict=True))
    # From a corner, where both features are one to either side.
    short = np.abs(pairs).min(axis=1)
    stored = look(Room(stored=True)).shares[0, OWN]
    return {
        "batches": f"{BATCHES}",
        "most": f"{SIZES[-1]}",
        "right": percent(share_right("anyone", stored=True)),
        "own.called": most("own")[0],
        "own.often": f"{most('own')[1]}",
        "own.right": percent(share_right("own")),
        **{f"two.{name}": f"{two[name]}" for name in CLASSES},
        "two.beside": f"{(short < 1 - NEAR).sum()}",
        "two.between": f"{(short < 0.5).sum()}",
        "copies.called": most("copies")[0],
        "stored.sure": f"over {percent(stored).strip('>')}",
    }


# ---- The picture: its places are those of docs/assets/pieces/room.js ----

_TONES = ("raw", "gn", "std")
_SIDE, _TOP, _LEFT, _RIGHT = 154.0, 42.0, 2.0, 172.0
# The lower left corner of what comes in, and how far it reaches; how far the normalized reach to
# either side: the narrower where it holds all.
_CORNER, _REACH = np.array([-3.0, -5.0]), 22.0
_LIMITS = (3.4, 6.0)
_BAR, _END, _ROWS = 124.0, 326.0, (206, 228, 250)


def drawing(settings: Room = Room()) -> dict[str, object]:
    """Work the picture of a batch: its parts in the picture's units, and its numbers in words."""
    (x, classes), seen = batch(settings), look(settings)
    cloud, counts = repeated(settings.company, settings.size, settings.stored)
    limit = next(reach for reach in _LIMITS if np.abs([*seen.places, *cloud]).max() < reach)
    stored = net().layer

    def coming(points: Floats) -> Floats:
        """Places of the left panel, (N, 2)."""
        share = (points - _CORNER) / _REACH
        return _placed(_LEFT, share)

    def normal(points: Floats) -> Floats:
        """Places of the right panel, (N, 2)."""
        return _placed(_RIGHT, (points + limit) / (2 * limit))

    called = CLASSES[seen.called[0]]
    middles = normal(limit / _LIMITS[0] * np.array([[-2.4, -2.4], [0, 2.7], [2.4, -2.4]]))
    return {
        "size": settings.size,
        "batches": BATCHES,
        "called": called,
        "sure": percent(seen.shares[0].max()),
        "counts": counts,
        "stored": percent(look(Room(stored=True)).shares[0, OWN]),
        "regions": [
            (tone, _line(normal(region)))
            for tone, region in zip(_TONES, regions(limit), strict=True)
        ],
        "letters": [*zip(_TONES, CLASSES, middles.tolist(), strict=True)],
        "boxes": {
            "stored": _line(coming(_box(stored.mean, stored.variance))),
            "batch": _line(coming(_box(seen.mean, seen.variance))),
            # What comes out varies by less than one, as far as epsilon counts.
            "result": _line(normal(_box(np.zeros(2), seen.variance / (seen.variance + EPSILON)))),
        },
        "cloud": "".join(_dots(normal(cloud))),
        "marks": [
            [
                (_TONES[which], _mark(which, *place))
                for which, place in zip(classes[1:], places[1:], strict=True)
            ]
            for places in (coming(x), normal(seen.places))
        ],
        "fixed": [coming(x)[0].tolist(), normal(seen.places)[0].tolist()],
        "bars": [
            *_bars(_ROWS[0], seen.shares[0]),
            *_bars(
                _ROWS[1], np.array(counts) / BATCHES, lambda part: f"{BATCHES * part:.0f} times"
            ),
            *_bars(_ROWS[2], look(Room(stored=True)).shares[0]),
        ],
    }


def percent(share: float) -> str:
    """A share in whole percent; what is not quite all is not rounded to it."""
    return ">99%" if 0.99 < share < 1 else f"{number(100 * share, 0)}%"


def regions(far: float) -> list[Floats]:
    """The parts of the plane behind BN in which the net names each class, by corners, (corners, 2).

    Args:
        far: how far the plane reaches to either side.
    """
    square = [np.array(corner) for corner in ((-far, -far), (far, -far), (far, far), (-far, far))]
    polygons = []
    for which in range(len(CLASSES)):
        corners = square
        for other in range(len(CLASSES)):
            if other != which:
                slope = net().weights[which] - net().weights[other]
                corners = [*_kept(corners, slope, net().biases[which] - net().biases[other])]
        polygons.append(np.array(corners))
    return polygons


def _kept(corners: list[Floats], slope: Floats, start: float) -> Iterator[Floats]:
    """The corners of a polygon that is cut along a line, on whose one side it stays."""
    for corner, following in zip(corners, [*corners[1:], corners[0]], strict=True):
        side, other_side = (float(slope @ place + start) for place in (corner, following))
        if side >= 0:
            yield corner
        if side * other_side < 0:
            yield corner + (following - corner) * side / (side - other_side)


def _placed(left: float, shares_of_side: Floats) -> Floats:
    """Shares of a panel's sides, from its lower left corner, as places that stay within it."""
    inside = np.clip(shares_of_side, 0, 1)
    return np.stack([left + _SIDE * inside[:, 0], _TOP + _SIDE * (1 - inside[:, 1])], axis=1)


def _box(mean: Floats, variance: Floats) -> Floats:
    """The corners of one deviation to either side of a mean."""
    signs = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]])
    corners: Floats = mean + signs * np.sqrt(variance)
    return corners


def _line(places: Iterable[Iterable[float]]) -> str:
    return "M" + " ".join(f"{x:.1f} {y:.1f}" for x, y in places) + "Z"


def _dots(places: Floats) -> Iterator[str]:
    """Dots around places, to the pixel: the larger, the more lie there."""
    for (x, y), count in Counter((round(x), round(y)) for x, y in places).items():
        # Rounded first, as a browser is told it.
        far = round(1.3 * math.cbrt(count), 1)
        arc = f"a{far:.1f} {far:.1f} 0 1 0"
        yield f"M{x - far:.1f} {y:.1f}{arc} {2 * far:.1f} 0{arc} {-2 * far:.1f} 0Z"


def _mark(which: int, x: float, y: float) -> str:
    """The sign of a class around a place: a circle, a square, a triangle."""
    return (
        f"M{x - 3.2:.1f} {y:.1f}a3.2 3.2 0 1 0 6.4 0a3.2 3.2 0 1 0 -6.4 0Z",
        f"M{x - 2.9:.1f} {y - 2.9:.1f}h5.8v5.8h-5.8Z",
        f"M{x - 3.6:.1f} {y + 2.9:.1f}h7.2l-3.6 -6.4Z",
    )[which]


def _bars(
    row: int, parts: Floats, words: Callable[[float], str] = percent
) -> Iterator[tuple[str, str, tuple[float, float], str]]:
    """A row of shares: of each class that has one, its tone, bar, middle and label."""
    start = _BAR
    for tone, letter, share in zip(_TONES, CLASSES, parts, strict=True):
        end = start + (_END - _BAR) * share
        if end - start > 1:
            label = f"{letter} {words(share)}" if end - start > 60 else ""
            bar = f"M{start:.1f} {row}H{end:.1f}V{row + 16}H{start:.1f}Z"
            yield tone, bar, (float(start + end) / 2, row + 8), label
        start = end
