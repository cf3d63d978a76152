"""Measure what a recipe asks for in the middle of a run, or at its end."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from keras import ops
from numpy.typing import NDArray

from bnreport.protocol.checks import Part
from bnreport.protocol.recipes import Recipe
from bnreport.protocol.scorings import (
    DEPLOYED,
    Averaged,
    Branches,
    Drift,
    Measure,
    Rotations,
    Scoring,
    Slopes,
)
from bnreport.randomness import Indices
from bnreport.training.changes import sorted_by_class
from bnreport.training.placement import on_device
from bnreport.training.recipes import nets, statistics
from bnreport.training.recipes.material import Material, Pair
from bnreport.training.recipes.programs import Compiled, Snapshot
from bnreport.training.recipes.trails import EMPTY, Trail, Turning, rows

# Images are evaluated in parts of this size: one compiled program for all, and little memory.
EVALUATED = 2_500


@dataclass(frozen=True)
class Scored:
    """Images that are scored: all that there are, and the positions and classes of these."""

    pair: Pair
    positions: Indices
    labels: NDArray[np.int32]


@dataclass(frozen=True)
class Gauge:
    """Measures the net of one run, wherever it stands.

    Attributes:
        recipe: what the run follows.
        seed: its seed.
        program: its compiled functions.
        material: its images.
        numbers: its numbers on the device.
        start: the statistics of BN that its averages began with.
        windows: by drift and step the statistics where a window began.
        turnings: by rotations and mark how far rows have turned so far.
        trails: by average and mark what it has taken so far.
    """

    recipe: Recipe
    seed: int
    program: Compiled
    material: Material
    numbers: Mapping[str, Any]
    start: Sequence[NDArray[Any]]
    windows: dict[tuple[str, int], list[NDArray[Any]]] = field(default_factory=dict)
    turnings: dict[tuple[str, int], Turning] = field(default_factory=dict)
    trails: dict[tuple[str, int], Trail] = field(default_factory=dict)

    def measure(self, measure: Measure, snapshot: Snapshot, done: int) -> Mapping[str, Any]:
        """Take what a measure wants after so many steps, by its name; nothing if it wants none."""
        match measure:
            case Drift():
                return self.drifts(measure, snapshot, done)
            case Rotations():
                return self.rotations(measure, snapshot, done)
            case Averaged():
                return self.averaged(measure, snapshot, done)
        return self.found(measure, snapshot, done) if done in measure.steps else {}

    def found(
        self, measure: Scoring | Slopes | Branches, snapshot: Snapshot, done: int
    ) -> Mapping[str, Any]:
        """Take what a measure of one moment finds."""
        if isinstance(measure, Slopes):
            return {"weights": self.slopes(measure, snapshot)}
        if isinstance(measure, Branches):
            sizes = self._first(self.program.branches, measure.images, snapshot)
            return dict(zip(measure.quantities, sizes.T, strict=True))
        return self.scores(measure, snapshot, done)

    def scores(self, scoring: Scoring, snapshot: Snapshot, done: int) -> dict[str, float]:
        """Loss and accuracy by each of the statistics, on each of the parts."""
        images = {part: self.images(scoring, part) for part in scoring.parts}
        scores: dict[str, float] = {}
        for by in scoring.by:
            # Without BN there is one score for all.
            same = bool(scores) and not self.program.places
            for part in scoring.parts:
                if same:
                    first = f"{scoring.by[0]}_{part}"
                    loss, accuracy = scores[f"{first}_loss"], scores[f"{first}_accuracy"]
                else:
                    loss, accuracy = self.score(by, images[part], scoring.taken, snapshot, done)
                scores |= {f"{by}_{part}_loss": loss, f"{by}_{part}_accuracy": accuracy}
        return scores

    def images(self, scoring: Scoring, part: Part) -> Scored:
        """Return the images of a part that are scored, changed where the scoring says so."""
        positions = self.material.parts[part][: scoring.images]
        labels = self.material.labels[positions]
        if scoring.change is None:
            return Scored(self.material.pair, positions, labels)
        pair = self.material.changed(part, scoring.images, scoring.change, self.seed)
        return Scored(pair, np.arange(len(positions), dtype=np.int32), labels)

    def deployed(self, part: Part, snapshot: Snapshot, done: int) -> tuple[float, float]:
        """Mean loss and accuracy on a part by Keras' moving averages."""
        return self.score("deployed", self.images(Scoring(name="part"), part), 0, snapshot, done)

    def score(
        self, by: str, images: Scored, taken: int, snapshot: Snapshot, done: int
    ) -> tuple[float, float]:
        """Mean loss and accuracy by some statistics.

        Args:
            by: their name, as `Scoring` has it.
            images: the images.
            taken: how many images statistics are taken of, where they are.
            snapshot: where the run stands.
            done: how many steps it has taken.
        """
        kind, _, size = by.partition("-")
        if kind in ("batch", "class"):
            order = sorted_by_class(images.labels) if kind == "class" else slice(None)
            batches = Scored(images.pair, images.positions[order], images.labels)
            return self._evaluate(self.program.by_batch, batches, snapshot, int(size))
        values = self.statistics(by, images, taken, snapshot, done) if self.program.places else []
        state = statistics.having(snapshot.state, self.program.places, values)
        where = snapshot._replace(state=state)
        return self._evaluate(self.program.evaluate, images, where, EVALUATED)

    def statistics(
        self, by: str, images: Scored, taken: int, snapshot: Snapshot, done: int
    ) -> list[Any]:
        """Return the statistics of a name: mean and variance of each BN layer in turn."""
        if by == "fresh":
            return self._fresh(taken, snapshot)
        if by == "own":
            positions = images.positions[:taken]
            return list(self._call(self.program.fresh, snapshot, images.pair, positions))
        if by == "means":
            return self._means(taken, snapshot)
        averages = {"deployed": DEPLOYED} | {each.name: each for each in self.recipe.averages}
        at = [*averages].index(by)
        values = [_array(value)[at] for value in snapshot.averages]
        moves = done * self.recipe.parts_of_a_step
        mended = statistics.corrected(averages[by], values, self.start, moves)
        deviations = statistics.renormalizes(self.program.graph)
        return [*map(on_device, statistics.used(mended, deviations, self.recipe.net.epsilon))]

    def _fresh(self, images: int, snapshot: Snapshot) -> list[Any]:
        positions = self.material.parts["train"][:images]
        return list(self._call(self.program.fresh, snapshot, self.material.pair, positions))

    def _means(self, images: int, snapshot: Snapshot) -> list[Any]:
        """Take whole batches; or one of all images, where they are fewer than a batch."""
        train = self.material.parts["train"][:images]
        size = min(self.recipe.batch_size, len(train))
        batches = train[: len(train) - len(train) % size].reshape(-1, size)
        return list(self._call(self.program.means, snapshot, self.material.pair, batches))

    def _call(
        self, function: Callable[..., Any], snapshot: Snapshot, pair: Pair, positions: Any
    ) -> Any:
        where = on_device(positions)
        return function(snapshot.weights, snapshot.state, self.numbers, pair, where)

    def _evaluate(
        self, program: Callable[..., Any], images: Scored, snapshot: Snapshot, size: int
    ) -> tuple[float, float]:
        losses, hits = 0.0, 0
        for start in range(0, len(images.positions), size):
            positions = images.positions[start : start + size]
            loss, right = self._call(program, snapshot, images.pair, positions)
            losses += len(positions) * float(_array(loss))
            hits += int(_array(right).sum())
        return losses / len(images.positions), hits / len(images.positions)

    def slopes(self, slopes: Slopes, snapshot: Snapshot) -> NDArray[Any]:
        """Return the norm of the loss's gradient by each kernel."""
        return self._first(self.program.slopes, slopes.images, snapshot)

    def _first(self, program: Callable[..., Any], images: int, snapshot: Snapshot) -> NDArray[Any]:
        """Return what a program finds on the first so many training images."""
        positions = self.material.parts["train"][:images]
        return _array(self._call(program, snapshot, self.material.pair, positions))

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

    def rotations(
        self, rotations: Rotations, snapshot: Snapshot, done: int
    ) -> dict[str, NDArray[Any]]:
        """Note how far the step to here turned rows, and sum up where a mark's last step ends."""
        marks = [step for step in rotations.steps if done in rotations.taken(step)]
        if not marks:
            return {}
        here = [
            rows(_array(weight))
            for weight, name in zip(snapshot.weights, nets.names(self.program.graph), strict=True)
            if name.endswith("/kernel")
        ]
        found: dict[str, NDArray[Any]] = {}
        for mark in marks:
            key = rotations.name, mark
            before = self.turnings.get(key)
            self.turnings[key] = before.onto(here) if before else Turning(tuple(here))
            if done == rotations.taken(mark)[-1]:
                whole = self.turnings.pop(key)
                found = {"length": whole.length, "turn": whole.turn}
        return found

    def averaged(self, averaged: Averaged, snapshot: Snapshot, done: int) -> dict[str, float]:
        """Add the weights of this step to averages that take them, and score one that is whole."""
        for mark in averaged.steps:
            if done in averaged.taken(mark):
                trail = self.trails.get((averaged.name, mark), EMPTY)
                here = map(_array, (*snapshot.weights, *snapshot.averages))
                self.trails[averaged.name, mark] = trail.and_then(here, averaged.momentum)
        if done not in averaged.steps:
            return {}
        values = [*map(on_device, self.trails.pop((averaged.name, done)).mean)]
        trained = len(snapshot.weights)
        mean = snapshot._replace(weights=values[:trained])
        last = Scoring(name=averaged.name, parts=averaged.parts).at_the_end(done)
        scores = self.scores(last, mean, done)
        of_both = last.model_copy(update={"by": ("deployed",)})
        both = self.scores(of_both, mean._replace(averages=values[trained:]), done)
        return scores | {f"averaged_{name.partition('_')[2]}": x for name, x in both.items()}


def _array(tensor: Any) -> NDArray[Any]:
    return np.asarray(ops.convert_to_numpy(tensor))
