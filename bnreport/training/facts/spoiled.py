"""Find what one batch with a pixel that is not finite, or too large, does to nets and averages."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from bnreport.protocol.facts import AVERAGED, LEARNED, LINGER, NETS, SPOILED
from bnreport.training.facts.courses import (
    LATER,
    SIZE,
    UNITS,
    cost,
    course,
    flat,
    images,
    net,
    scaled,
)
from bnreport.training.facts.layer import called, kept, layer

# A loss a hundred times as large, by the weight of its images, has gradients that are no numbers of
# float32 once they are scaled so.
TOO_LARGE_A_SCALE, HEAVY = 3e38, 100.0
# Good batches after the spoiled one.
MANY = 1_000
VALUES: Mapping[str, float] = {"nan": np.nan, "infinity": np.inf, "overflow": 1e30}
# Rounding, and nothing else, makes smaller differences between two runs of one program.
ALIKE = 1e-5


def _strange(numbers: Any) -> float:
    """The share that is not finite."""
    return float(np.mean(~np.isfinite(numbers)))


def _apart(numbers: Any, others: Any) -> float:
    """The share that differs by more than rounding; what is not finite does."""
    with np.errstate(invalid="ignore"):
        return 1 - float(np.mean(np.abs(np.subtract(numbers, others)) <= ALIKE))


def _mates(seed: int) -> Iterator[tuple[str, float]]:
    """The answers that are not finite in a batch of eight, one image of which has a NaN."""
    x, _ = images(seed, "answered", SIZE)
    x[3, 2] = np.nan
    for name in NETS:
        for mode, training in {"inference": False, "training": True}.items():
            strange = ~np.isfinite(called(net(name, seed), x, training)).all(axis=1)
            yield f"{mode}_{name}", float(strange.sum())


def _spoiled(value: str) -> Callable[[int], Iterator[tuple[str, float]]]:
    """Compare a net with one that never saw the batch, by way and net: shares of 1.

    "weights", "averages": what differs. "later": the loss of the later epoch differs. "lost":
    losses of the two epochs that are not finite. "answers": those that are not finite, to good
    images. "same": the same answer as to the first image.
    """

    def found(seed: int) -> Iterator[tuple[str, float]]:
        for way in SPOILED[value]:
            for name in NETS:
                was, ought = (course(name, way, v, seed) for v in (VALUES[value], None))
                facts = {
                    "weights": _apart(was.weights, ought.weights),
                    "later": _apart(was.losses[1:], ought.losses[1:]),
                    "lost": _strange(was.losses),
                    "answers": _strange(was.answers),
                    "same": 1 - _apart(was.answers, was.answers[:1]),
                }
                for what in LEARNED:
                    yield f"{way}_{name}_{what}", facts[what]
                if name in AVERAGED:
                    yield f"{way}_{name}_averages", _apart(was.averages, ought.averages)

    return found


def _stays(seed: int) -> Iterator[tuple[str, float]]:
    """The share of averages that is not finite, after good batches and after what might mend it."""
    model = course("batch", "scaled", np.nan, seed).model
    norm, (x, _) = model.layers[1], images(seed, "later", LATER * SIZE)
    yield "found", _strange(flat(kept(norm)))
    for start in range(MANY):
        called(model, x[(start % LATER) * SIZE :][:SIZE], True)
    yield "batches", _strange(flat(kept(norm)))
    norm.momentum = 0.0
    called(model, x, True)
    yield "momentum", _strange(flat(kept(norm)))
    for average in (norm.moving_mean, norm.moving_variance):
        average.assign(np.zeros(UNITS))
    called(model, x, True)
    yield "zero", _strange(flat(kept(norm)))
    before = called(model.layers[0], x)
    right = flat([before.mean(0), before.var(0)])
    yield "zero-off", float((np.abs(flat(kept(norm)) - right) / np.abs(right).max()).max())
    yield "zero-answers", _strange(called(model, x))


def _scale(seed: int) -> Iterator[tuple[str, float]]:
    """A step over good images that is skipped, since its loss was scaled beyond all numbers."""
    model = net("batch", seed)
    model.compile(scaled(initial_scale=TOO_LARGE_A_SCALE), cost())
    x, y = images(seed, "later", LATER * SIZE)
    weights, averages = (
        flat(variables) for variables in (model.trainable_variables, kept(model.layers[1]))
    )
    heavy = np.full(len(x), HEAVY, np.float32)
    model.fit(x, y, batch_size=len(x), epochs=1, sample_weight=heavy, verbose=0)
    yield "weights", _apart(flat(model.trainable_variables), weights)
    yield "moved", _apart(flat(kept(model.layers[1])), averages)
    yield "averages", _strange(flat(kept(model.layers[1])))


def _lingers(_: int) -> Iterator[tuple[str, float]]:
    """Count good batches, of mean 0 and variance 1, until the variance is near its own again."""
    good = np.tile(np.array([[1.0], [-1.0]], np.float32), (LINGER.size // 2, 1))
    for pixel in LINGER.pixels:
        norm, bad, batches = layer(), good.copy(), 0
        bad[0] = pixel
        called(norm, bad, True)
        while kept(norm)[1][0] > 1 + LINGER.within:
            called(norm, good, True)
            batches += 1
        yield f"{pixel}", batches


GROUPS: Mapping[str, Callable[[int], Iterator[tuple[str, float]]]] = {
    "mates": _mates,
    **{value: _spoiled(value) for value in SPOILED},
    "stays": _stays,
    "scale": _scale,
    "lingers": _lingers,
}


def spoiled(group: str, seed: int) -> Iterator[tuple[str, float]]:
    """Yield what a spoiled batch does: "<group>_<what>"."""
    for name, value in GROUPS[group](seed):
        yield f"{group}_{name}", value
