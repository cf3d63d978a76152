"""A small net with BN in NumPy, trained on made data in mixed batches and in batches of one class.

The classes differ in their means and in how their features vary together. BN takes away the mean of
a batch of one class, but not the rest, and the net learns to read the class from that.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from bnreport.reference import Floats, Trained, backward, forward, inference, moved

Places = NDArray[np.int64]

CLASSES, FEATURES, UNITS, EXAMPLES = 4, 6, 24, 100
BATCH, STEPS, RATE, MOMENTUM = 64, 800, 0.5, 0.9
SEEDS = (0, 1, 2, 3)
# So many batches at the end count as what a training prints.
PRINTED = 100


@dataclass(frozen=True)
class Scores:
    """The share of right answers: as training prints it, and in inference on two sets."""

    printed: float
    trained: float
    fresh: float


class SmallNet:
    """Two layers, each of weights, BN and ReLU, and a softmax; it trains by plain SGD."""

    def __init__(self, rng: np.random.Generator) -> None:
        """Draw the weights: He's scale in front of ReLU."""
        sizes = (FEATURES, UNITS, UNITS)
        self.kernels = [
            rng.normal(0, np.sqrt(2 / before), (before, after)) for before, after in pairwise(sizes)
        ]
        self.norms = [
            Trained(np.ones(UNITS), np.zeros(UNITS), np.zeros(UNITS), np.ones(UNITS))
            for _ in self.kernels
        ]
        self.last = rng.normal(0, UNITS**-0.5, (UNITS, CLASSES))
        self.bias = np.zeros(CLASSES)

    def answers(self, x: Floats) -> Places:
        """The class of each example in inference, by the moving averages."""
        for kernel, norm in zip(self.kernels, self.norms, strict=True):
            x = np.maximum(inference(x @ kernel, norm), 0)
        chosen: Places = (x @ self.last + self.bias).argmax(axis=1)
        return chosen

    def step(self, x: Floats, y: Places) -> float:
        """One step on a batch, in training mode; the share that it had right before."""
        passed = []
        for place, (kernel, norm) in enumerate(zip(self.kernels, self.norms, strict=True)):
            normalized = forward(x @ kernel, norm.gamma, norm.beta)
            self.norms[place] = Trained(
                norm.gamma,
                norm.beta,
                moved(norm.mean, normalized.nodes.mean, MOMENTUM),
                moved(norm.variance, normalized.nodes.variance, MOMENTUM),
            )
            passed.append((x, normalized))
            x = np.maximum(normalized.output, 0)
        logits = x @ self.last + self.bias
        share = np.exp(logits - logits.max(axis=1, keepdims=True))
        share /= share.sum(axis=1, keepdims=True)
        wrong = (share - np.eye(CLASSES)[y]) / len(y)
        back = wrong @ self.last.T
        self.last -= RATE * x.T @ wrong
        self.bias -= RATE * wrong.sum(axis=0)
        for place in reversed(range(len(passed))):
            before, normalized = passed[place]
            gradients = backward(back * (normalized.output > 0), normalized)
            back = gradients.x @ self.kernels[place].T
            self.kernels[place] -= RATE * before.T @ gradients.x
            norm = self.norms[place]
            self.norms[place] = Trained(
                norm.gamma - RATE * gradients.gamma,
                norm.beta - RATE * gradients.beta,
                norm.mean,
                norm.variance,
            )
        return float((logits.argmax(axis=1) == y).mean())


def order(y: Places, mixed: bool, rng: np.random.Generator) -> Iterator[Places]:
    """Choose the examples of each batch: any of them, or examples of one class drawn by chance."""
    for _ in range(STEPS):
        candidates = np.arange(len(y)) if mixed else np.flatnonzero(y == rng.integers(CLASSES))
        yield rng.choice(candidates, BATCH, replace=False)


def scores(mixed: bool, seed: int, nudge: float = 0.0) -> Scores:
    """Train a net and score it.

    Args:
        mixed: whether batches are mixed, or of one class each.
        seed: draws the classes, the examples, the weights and the batches.
        nudge: added to all first weights, to see how far rounding carries.
    """
    rng = np.random.default_rng(seed)
    centers = rng.normal(size=(CLASSES, FEATURES))
    mixing = rng.normal(0, FEATURES**-0.5, (CLASSES, FEATURES, FEATURES))
    y = np.repeat(np.arange(CLASSES), EXAMPLES)

    def drawn() -> Floats:
        noise = rng.normal(size=(len(y), 1, FEATURES))
        examples: Floats = centers[y] + (noise @ mixing[y])[:, 0]
        return examples

    x, other = drawn(), drawn()
    net = SmallNet(rng)
    net.kernels[0] += nudge
    right = [net.step(x[chosen], y[chosen]) for chosen in order(y, mixed, rng)]
    return Scores(
        printed=float(np.mean(right[-PRINTED:])),
        trained=float((net.answers(x) == y).mean()),
        fresh=float((net.answers(other) == y).mean()),
    )


@cache
def means(mixed: bool) -> Scores:
    """The scores, as means over the seeds."""
    by_seed = [scores(mixed, seed) for seed in SEEDS]
    return Scores(
        *(
            float(np.mean(column))
            for column in zip(*(vars(s).values() for s in by_seed), strict=True)
        )
    )
