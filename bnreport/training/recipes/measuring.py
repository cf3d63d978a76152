"""Measure what a recipe asks for in the middle of a run, or at its end."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from keras import ops
from numpy.typing import NDArray

from bnreport.protocol.checks import Part
from bnreport.protocol.recipes import Recipe
from bnreport.protocol.scorings import DEPLOYED, Drift, Scoring
from bnreport.training.placement import Pool, on_device
from bnreport.training.recipes import statistics
from bnreport.training.recipes.programs import Compiled, Snapshot

# Images are evaluated in parts of this size: one compiled program for all, and little memory.
EVALUATED = 2_500


@dataclass(frozen=True)
class Gauge:
    """Measures the net of one run, wherever it stands.

    Attributes:
        recipe: what the run follows.
        program: its compiled functions.
        pool: the images on the device.
        parts: the positions in the pool of each part.
        numbers: those of the run.
        windows: by drift and step the statistics where a window began.
    """

    recipe: Recipe
    program: Compiled
    pool: Pool
    parts: Mapping[Part, NDArray[np.int32]]
    numbers: Mapping[str, Any]
    windows: dict[tuple[str, int], list[NDArray[Any]]] = field(default_factory=dict)

    def scores(self, scoring: Scoring, snapshot: Snapshot, done: int) -> dict[str, float]:
        """Loss and accuracy by each of the statistics, on each of the parts."""
        scores: dict[str, float] = {}
        for by in scoring.by:
            # Without BN there is one score for all.
            if scores and not self.program.places:
                first = f"{scoring.by[0]}_"
                copied = {k: v for k, v in scores.items() if k.startswith(first)}
                scores |= {f"{by}_{k.removeprefix(first)}": v for k, v in copied.items()}
                continue
            values = self.by(by, scoring.taken, snapshot, done)
            for part in scoring.parts:
                loss, accuracy = self.score(part, snapshot, values, scoring.images)
                scores |= {f"{by}_{part}_loss": loss, f"{by}_{part}_accuracy": accuracy}
        return scores

    def by(self, name: str, images: int, snapshot: Snapshot, done: int) -> list[Any]:
        """Return the statistics of that name: mean and variance of each BN layer in turn.

        Args:
            name: one of those of `Scoring`.
            images: how many training images the statistics are taken of, where they are.
            snapshot: where the run stands.
            done: how many steps it has taken.
        """
        if not self.program.places:
            return []
        if name == "fresh":
            return self._fresh(images, snapshot)
        if name == "means":
            return self._means(images, snapshot)
        averages = {"deployed": DEPLOYED} | {each.name: each for each in self.recipe.averages}
        at = [*averages].index(name)
        values = [_array(value)[at] for value in snapshot.averages]
        return [*map(on_device, statistics.corrected(averages[name], values, done))]

    def _fresh(self, images: int, snapshot: Snapshot) -> list[Any]:
        return list(self._call(self.program.fresh, snapshot, self.parts["train"][:images]))

    def _means(self, images: int, snapshot: Snapshot) -> list[Any]:
        """Take whole batches; or one of all images, where they are fewer than a batch."""
        train = self.parts["train"][:images]
        size = min(self.recipe.batch_size, len(train))
        batches = train[: len(train) - len(train) % size].reshape(-1, size)
        return list(self._call(self.program.means, snapshot, batches))

    def _call(self, function: Callable[..., Any], snapshot: Snapshot, positions: Any) -> Any:
        return function(
            snapshot.weights, snapshot.state, self.numbers, self.pool.data, on_device(positions)
        )

    def score(
        self, part: Part, snapshot: Snapshot, values: list[Any], images: int | None = None
    ) -> tuple[float, float]:
        """Mean loss and accuracy on a part.

        Args:
            part: which.
            snapshot: where the run stands.
            values: the statistics that BN normalizes by.
            images: the first so many; all by default.
        """
        where = self.parts[part][:images]
        by = snapshot._replace(state=statistics.having(snapshot.state, self.program.places, values))
        losses, hits = 0.0, 0
        for start in range(0, len(where), EVALUATED):
            positions = where[start : start + EVALUATED]
            loss, right = self._call(self.program.evaluate, by, positions)
            losses += len(positions) * float(_array(loss))
            hits += int(_array(right).sum())
        return losses / len(where), hits / len(where)

    def drifts(self, drift: Drift, snapshot: Snapshot, done: int) -> dict[str, NDArray[Any]]:
        """Say how far statistics moved over windows that end here, and open those that begin."""
        begun = {w: done - w for w in drift.windows if done - w in drift.steps}
        if not begun and done not in drift.steps:
            return {}
        values = [_array(value).astype(float) for value in self._fresh(drift.images, snapshot)]
        changes: dict[str, NDArray[Any]] = {}
        for window, began in begun.items():
            before = self.windows[drift.name, began]
            moves = statistics.moves(before, values, self.recipe.net.epsilon)
            changes |= {f"{name}-{window}": move / window for name, move in moves.items()}
        if done in drift.steps:
            self.windows[drift.name, done] = values
        return changes


def _array(tensor: Any) -> NDArray[Any]:
    return np.asarray(ops.convert_to_numpy(tensor))
