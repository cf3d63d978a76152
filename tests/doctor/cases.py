"""Small tasks that a net learns in a second, and what a report must say in either library."""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from docs.downloads.bn_doctor import Report

Floats: TypeAlias = np.ndarray
CLASSES, SIDE = 6, 8
FEATURES = SIDE * SIDE


@dataclass(frozen=True)
class Task:
    """Training and validation images of noisy patterns, (n, 64), with their classes."""

    x: Floats
    y: Floats
    x_val: Floats
    y_val: Floats


def task(noise: float = 2.0, n: int = 1024, val: int = 600, shift: float = 12.0) -> Task:
    """Draw a task; its features are far from mean 0 and spread 1, so that averages matter.

    Args:
        noise: how noisy the images are; at 2 a net gets most of them right.
        n: how many there are to train on.
        val: and how many to validate on.
        shift: how far the features lie from 0, at most.
    """
    random = np.random.default_rng(7)
    patterns = random.normal(0, 1, (CLASSES, FEATURES))
    centres, scales = random.uniform(0, shift, FEATURES), random.uniform(0.5, 2, FEATURES)
    y = random.integers(0, CLASSES, n + val)
    x = centres + scales * (patterns[y] + noise * random.normal(0, 1, (n + val, FEATURES)))
    x = x.astype(np.float32)
    return Task(x[:n], y[:n], x[n:], y[n:])


def batches_of(given: Task, size: int, order: Floats | None = None) -> list[tuple[Floats, Floats]]:
    """The training images in batches, the last of which may be smaller."""
    x, y = (given.x, given.y) if order is None else (given.x[order], given.y[order])
    return [(x[i : i + size], y[i : i + size]) for i in range(0, len(x), size)]


def sorted_rows(given: Task, size: int) -> Floats:
    """Rows in an order in which each batch is of one class, and the classes take turns."""
    by_class = [np.flatnonzero(given.y == c) for c in range(CLASSES)]
    runs = [rows[i : i + size] for rows in by_class for i in range(0, len(rows) - size + 1, size)]
    random = np.random.default_rng(0)
    return np.concatenate([runs[i] for i in random.permutation(len(runs))])


def accused(report: Report) -> list[str]:
    """The anchors of all causes."""
    return [cause.anchor for cause in report.causes]


def suspected(report: Report) -> list[str]:
    """The anchors of all suspicions."""
    return [cause.anchor for cause in report.suspicions]


def check_sound(report: Report) -> None:
    """Hold a report on a sound net to it: nobody is accused, and nothing is suspected."""
    assert report.healthy, str(report)
    assert report.row in {None, "batches"}, str(report)
    assert not report.suspicions, str(report)
    assert not report.at_fault
