"""The pieces to touch: how each begins, and cases of the reference that its script must repeat.

A piece is a script in docs/assets/pieces. It works on its own arithmetic in the reader's browser,
and compares that with these cases as soon as it runs.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from functools import cache
from typing import TypeAlias

import numpy as np

from bnreport.lessons import compass as compasses
from bnreport.lessons import diagnosis, lab, pools, room
from bnreport.lessons.backward import ARRIVING
from bnreport.lessons.by_hand import BATCH, BETA, GAMMA, OUTLIER, PAIRS
from bnreport.lessons.chase import DEVIATION, IMAGES, MEAN, Settings, ended
from bnreport.lessons.inference import DRIFT
from bnreport.randomness import generator
from bnreport.reference import EPSILON, Floats, Trained, backward, forward, inference

# What a piece is handed: `start`, what else it shows, and `witnesses`.
Handed: TypeAlias = Mapping[str, object]

# The batches that the piece offers beside the first one; the text on one batch by hand has them.
STRANGE = {
    "One alone": BATCH[:1],
    "Two": PAIRS[0],
    "All equal": (5.0,) * 4,
    "An outlier": OUTLIER,
}
# Trainings of every kind, to be repeated.
TRAINED = (
    Settings(),
    Settings(momentum=0.9),
    Settings(speed=0.02),
    Settings(momentum=0.95, size=256, speed=0.05, falling=True, seed=2),
    Settings(momentum=0.999, size=1024, speed=0.01, epochs=3, anew=60),
    Settings(momentum=0.5, size=128, anew=430, seed=99),
)
# Steps enough in an epoch to reach what a steady drift leaves behind in the end.
DRIFTING = Settings(speed=DRIFT, size=32)
# As a layer stores them that has only ever met the first batch.
STORED = {"mean": float(np.mean(BATCH)), "variance": float(np.var(BATCH))}
# The examples, gamma, beta and epsilon of random cases.
DRAWN = ((3, 1.0, 0.0, EPSILON), (5, -0.5, 2.0, 1e-5), (8, 3.0, -1.0, 1.0))


@cache
def batch() -> Handed:
    """The batch that can be dragged: one feature of four examples, and the gradient of its loss."""
    return {
        "start": {
            "x": BATCH,
            "gamma": GAMMA,
            "beta": BETA,
            "power": round(math.log10(EPSILON)),
            "g": ARRIVING,
        },
        "stored": STORED,
        "strange": STRANGE,
        "witnesses": [*_batches()],
    }


def _batches() -> Iterator[Handed]:
    rng = generator(0, "the batch that can be dragged")
    for x in (BATCH, *STRANGE.values()):
        yield normalized(x, rng.normal(size=len(x)).round(2), GAMMA, BETA, EPSILON)
    for examples, *constants in DRAWN:
        x, g = rng.normal(size=(2, examples)).round(2)
        yield normalized((5 + 10 * x).round(1), g, *constants)
    yield at_inference(BATCH, rng.normal(size=len(BATCH)).round(2), GAMMA, BETA, EPSILON)


def normalized(
    x: Sequence[float] | Floats,
    g: Sequence[float] | Floats,
    gamma: float,
    beta: float,
    epsilon: float,
) -> Handed:
    """One feature of a batch, normalized by the batch: what comes out, and the gradient by x.

    Args:
        x: the feature, (N,).
        g: the gradient of the loss by the output, (N,).
        gamma: the scale.
        beta: the shift.
        epsilon: added to the variance.
    """
    layer = forward(np.reshape(x, (-1, 1)), [gamma], [beta], epsilon)
    return {
        **_given(x, g, gamma, beta, epsilon),
        "normalized": layer.nodes.normalized[:, 0].tolist(),
        "output": layer.output[:, 0].tolist(),
        "gradient": backward(np.reshape(g, (-1, 1)), layer).x[:, 0].tolist(),
    }


def at_inference(
    x: Sequence[float] | Floats,
    g: Sequence[float] | Floats,
    gamma: float,
    beta: float,
    epsilon: float,
) -> Handed:
    """The same with the stored mean and variance; no example hears of another.

    The gradient is that of the one multiplication that is left.
    """

    def output(gamma: float, beta: float) -> Floats:
        constants = gamma, beta, STORED["mean"], STORED["variance"]
        gammas, betas, means, variances = (np.array([value]) for value in constants)
        layer = Trained(gammas, betas, means, variances, epsilon)
        return inference(np.reshape(x, (-1, 1)), layer)[:, 0]

    slope = gamma / math.sqrt(STORED["variance"] + epsilon)
    return {
        **_given(x, g, gamma, beta, epsilon),
        "stored": STORED,
        "normalized": output(1.0, 0.0).tolist(),
        "output": output(gamma, beta).tolist(),
        "gradient": (slope * np.asarray(g)).tolist(),
    }


def _given(
    x: Sequence[float] | Floats,
    g: Sequence[float] | Floats,
    gamma: float,
    beta: float,
    epsilon: float,
) -> Handed:
    rows = {"x": np.asarray(x).tolist(), "g": np.asarray(g).tolist()}
    return {**rows, "gamma": gamma, "beta": beta, "epsilon": epsilon}


@cache
def averages() -> Handed:
    """The averages that chase a mean: the epoch of the lesson, and others to repeat."""
    start = Settings()
    return {
        "start": {"momentum": start.momentum, "size": start.size, "seed": start.seed},
        "drifting": {"speed": DRIFTING.speed, "size": DRIFTING.size},
        "images": IMAGES,
        "feature": {"mean": MEAN, "deviation": DEVIATION},
        "epsilon": EPSILON,
        "witnesses": [
            {"settings": asdict(settings), "expected": ended(settings)} for settings in TRAINED
        ],
    }


# Entries of every kind, to be diagnosed again: each row in each library, at chance, with tiny
# batches, as shares of 1; and what is refused.
ENTRIES: tuple[Mapping[str, str], ...] = (
    *(
        {**example, "library": library}
        for example in diagnosis.EXAMPLES.values()
        for library in diagnosis.LIBRARIES
    ),
    {"averages": "10", "batch": "95,5", "fresh": "95", "library": "Flax"},
    {"averages": "0.1", "batch": "0.11", "fresh": "0.1", "printed": "0.97", "size": "1"},
    {"averages": "80%", "batch": "79.9%", "fresh": "80.1%", "printed": "99%", "size": "8"},
    {"averages": "70%", "batch": "93%", "fresh": "72.5%"},
    {"averages": "70%", "batch": "93%", "fresh": "80%"},
    {"averages": "90%", "batch": "90%", "fresh": "40%"},
    {"averages": "92%", "images": "60"},
    {"averages": "60%", "batch": "62.2%", "fresh": "61%", "images": "10000000"},
    {"fresh": ""},
    {"fresh": "nan"},
    {"fresh": "<b>"},
    {"fresh": "9731"},
    {"fresh": "0.92", "batch": "93"},
    {"images": "1"},
    {"images": "10 000"},
)


@cache
def diagnoser() -> Handed:
    """The diagnoser: the rule as data, invented scores to begin with, and cases to repeat."""
    return {
        "start": diagnosis.START,
        "examples": diagnosis.EXAMPLES,
        "rule": diagnosis.rule(),
        "shown": [[*pair, label] for pair, label in diagnosis.SHOWN.items()],
        "words": diagnosis.WORDS,
        "widths": diagnosis.WIDTHS,
        "witnesses": [diagnosed({**diagnosis.START, **entry}) for entry in ENTRIES],
    }


def diagnosed(typed: Mapping[str, str]) -> Handed:
    """Diagnose entries: what is said of them, and each difference with both of its errors."""
    return {
        "typed": typed,
        "expected": asdict(diagnosis.diagnose(typed)),
        "numbers": diagnosis.differences(typed),
    }


# Trainings of a weight of every kind, to be repeated; one that differs does so soon.
TURNED = (
    compasses.Needle(steps=compasses.LAST),
    compasses.Needle(rate=3.2, decay=0.08, start=0.125, seed=2, steps=320),
    compasses.Needle(rate=0.05, decay=0.08, start=8.0, times=0.125, at=100, seed=3, steps=320),
    compasses.Needle(decay=0.0, start=1.0, times=8.0, at=40, steps=40),
    compasses.Needle(normalized=False, seed=4, steps=320),
    compasses.Needle(rate=3.2, decay=0.0, normalized=False, seed=5, steps=8),
)


@cache
def compass() -> Handed:
    """The compass: the training that it begins with, and others to repeat."""
    return {
        "start": asdict(compasses.Needle()),
        "seen": compasses.SEEN,
        "examples": compasses.EXAMPLES,
        "directions": {"beginning": compasses.BEGINNING, "best": compasses.BEST},
        "recorded": [],
        "witnesses": [
            {"settings": asdict(settings), "expected": _common(compasses.ended(settings))}
            for settings in TURNED
        ],
    }


def _common(values: list[float]) -> list[float]:
    """Keep the digits that all processors find: products of matrices differ in the last ones."""
    return [float(f"{value:.13g}") for value in values]


# Batches of every kind and size, to be drawn again.
LOOKED_AT = (
    room.Room(),
    room.Room(stored=True),
    *(
        room.Room(*company)
        for company in (
            ("anyone", 1, 1),
            ("anyone", 2, 100),
            ("anyone", 32, 5),
            ("own", 2, 7),
            ("own", 32, 9),
            ("other", 3, 2),
            ("other", 16, 1),
            ("copies", 8, 1),
        )
    ),
)


@cache
def neighbors() -> Handed:
    """The example that stays and whom it can meet, the net behind, and batches to look at again."""
    net = room.net()
    return {
        "start": asdict(room.Room()),
        "centres": room.CENTRES.tolist(),
        "spread": room.SPREAD,
        "fixed": room.FIXED.tolist(),
        "own": room.OWN,
        "alike": room.ALIKE,
        "sizes": room.SIZES,
        "batches": room.BATCHES,
        "rooms": room.ROOMS,
        "net": {
            "mean": net.layer.mean.tolist(),
            "variance": net.layer.variance.tolist(),
            "epsilon": net.layer.epsilon,
            "weights": net.weights.tolist(),
            "biases": net.biases.tolist(),
        },
        "witnesses": [
            {"settings": asdict(settings), "expected": room.checked(settings)}
            for settings in LOOKED_AT
        ],
    }


# Layers of every kind with every axis, and one number of each image; Keras refuses some of them.
SHARED = tuple(
    pools.Chosen(layer, layout, axis, groups, at)
    for layer, part in pools.LAYERS.items()
    for layout in pools.LAYOUTS
    for axis in pools.AXES
    for groups in (pools.GROUPS if part == "cut" else pools.GROUPS[:1])
    for at in ((0, 0, 0, 0), (1, 4, 2, 1))
    if axis != "all" or part == "averaged"
)


@cache
def sharing() -> Handed:
    """The array whose numbers share means, the layers and their arguments, and cases to repeat."""
    return {
        "start": asdict(pools.Chosen()),
        "sizes": pools.SIZES,
        "numbers": pools.numbers().ravel().astype(int).tolist(),
        "layouts": pools.LAYOUTS,
        "layers": pools.LAYERS,
        "axes": pools.AXES,
        "called": pools.NUMBERS,
        "groups": pools.GROUPS,
        "epsilons": pools.EPSILONS,
        "witnesses": [
            {"chosen": asdict(chosen), "expected": pools.checked(chosen)} for chosen in SHARED
        ],
    }


# Trainings at every depth, to be repeated; of few steps, so that no reader waits for them.
REPEATED = (
    (lab.Lab(steps=5), 1),
    (lab.Lab(depth=1, size=2, rate=0.3, steps=10), 2),
    (lab.Lab(depth=6, size=8, rate=3.0, steps=5), 3),
    (lab.Lab(depth=3, size=16, rate=0.3, steps=5), 4),
    (lab.Lab(depth=2, size=1, rate=1.0, steps=10), 5),
)


@cache
def live() -> Handed:
    """The two spirals, how nets begin and are trained on them, and trainings to be repeated."""
    start = lab.Lab()
    return {
        "start": {"depth": start.depth, "rate": start.rate, "size": start.size},
        "depths": lab.DEPTHS,
        "rates": lab.RATES,
        "sizes": lab.SIZES,
        "steps": lab.STEPS,
        "every": lab.EVERY,
        "width": lab.WIDTH,
        "points": lab.POINTS,
        "turns": lab.TURNS,
        "noise": lab.NOISE,
        "grid": lab.GRID,
        "momentum": lab.MOMENTUM,
        "epsilon": EPSILON,
        "seeds": lab.SEEDS,
        "margin": lab.MARGIN,
        "witnesses": [
            {"settings": asdict(settings) | {"seed": seed}, "expected": lab.checked(settings, seed)}
            for settings, seed in REPEATED
        ],
    }


# What each piece is handed, by its name, which is that of its script.
PIECES: Mapping[str, Callable[[], Handed]] = {
    "batch": batch,
    "averages": averages,
    "diagnoser": diagnoser,
    "compass": compass,
    "room": neighbors,
    "share": sharing,
    "lab": live,
}
