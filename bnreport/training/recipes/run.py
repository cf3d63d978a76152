"""Train a net by a recipe, and measure what it asks for."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from keras import ops
from numpy.typing import NDArray

from bnreport.protocol.data import data_named
from bnreport.protocol.datasets import Profile
from bnreport.protocol.recipes import Recipe
from bnreport.protocol.scorings import DEPLOYED
from bnreport.training.data import images_of
from bnreport.training.images import Dataset, standards
from bnreport.training.outcomes import Outcome, _finite, _numbers
from bnreport.training.placement import Pool, image_of, on_device, place
from bnreport.training.recipes import nets, optimizers, statistics
from bnreport.training.recipes.material import Material
from bnreport.training.recipes.measuring import Gauge
from bnreport.training.recipes.programs import EARLY, Design, Snapshot, compiled

# The largest value of a pixel before it is divided.
MOST = 255.0


@dataclass(frozen=True)
class Ended:
    """The variables that a run ends with, by "<layer>/<name>"; BN's statistics as deployed."""

    weights: nets.Named
    state: nets.Named


def follow(
    recipe: Recipe,
    seed: int,
    pool: Pool,
    tell: Callable[[int], None] = lambda epoch: None,
    before: Ended | None = None,
) -> Outcome:
    """Train by a recipe, and measure.

    Args:
        recipe: what to do.
        seed: what draws weights, batches, and the split.
        pool: the images on the device.
        tell: called with the number of each finished epoch.
        before: the end of the run that it starts from, if any.

    Raises:
        ValueError: when there are fewer training images than the recipe asks for, or the run to
            start from has another net.
    """
    run = Follower(recipe, seed, pool, before)
    run.measure()
    for epoch in range(1, recipe.epochs + 1):
        run.epoch(epoch)
        tell(epoch)
        if run.outcome.diverged:
            break
    return run.outcome


def follow_on(
    profile: Profile,
    recipe: Recipe,
    seed: int,
    own: Dataset,
    pools: dict[str, Pool],
    tell: Callable[[int], None] = lambda epoch: None,
) -> Outcome:
    """Train by a recipe on its data set, after the run that it starts from, if any.

    Args:
        profile: the quick one takes the digits in place of any data set.
        recipe: what to do.
        seed: what draws weights, batches, and the split.
        own: the images of the profile, which a process has anyway.
        pools: the images on the device, by data set; each is put there once.
        tell: called with the number of each finished epoch.
    """

    def pool_of(recipe: Recipe) -> Pool:
        data = data_named(recipe.data, profile)
        if data.name not in pools:
            pools[data.name] = place(images_of(data, own))
        return pools[data.name]

    before = ended(recipe.start, seed, pool_of) if recipe.start else None
    return follow(recipe, seed, pool_of(recipe), tell, before)


# Runs that others start from, by recipe, seed and images: each process trains one once.
_ended: dict[tuple[str, int, int], Ended] = {}


def ended(recipe: Recipe, seed: int, pool_of: Callable[[Recipe], Pool]) -> Ended:
    """Train the run that another starts from, unless this process has done so.

    Args:
        recipe: its recipe.
        seed: its seed.
        pool_of: gives the images of a recipe on the device.
    """
    pool = pool_of(recipe)
    key = recipe.model_dump_json(), seed, id(pool)
    if key not in _ended:
        before = ended(recipe.start, seed, pool_of) if recipe.start else None
        run = Follower(recipe, seed, pool, before)
        for epoch in range(1, recipe.epochs + 1):
            run.epoch(epoch)
        graph, snapshot = run.program.graph, run.snapshot
        averages = statistics.used(
            [np.asarray(value[0]) for value in snapshot.averages],
            statistics.renormalizes(graph),
            recipe.net.epsilon,
        )
        state = statistics.having(snapshot.state, run.program.places, averages)
        _ended[key] = Ended(
            dict(zip(nets.names(graph), map(np.asarray, snapshot.weights), strict=True)),
            dict(zip(nets.names(graph, trainable=False), map(np.asarray, state), strict=True)),
        )
    return _ended[key]


class Follower:
    """A run by a recipe, on its way."""

    def __init__(self, recipe: Recipe, seed: int, pool: Pool, before: Ended | None = None) -> None:
        if (before is None) != (recipe.start is None):
            raise ValueError(
                f"Expected the end of the run that {recipe.name!r} starts from, if any. Received: "
                f"{'none' if before is None else 'one'}. Call `follow_on`."
            )
        self.recipe, self.seed = recipe, seed
        self.program = compiled(Design.of(recipe, image_of(pool)))
        self.material = Material.of(recipe, seed, pool)
        self.parts = self.material.parts
        self.numbers = self._numbers()
        self.snapshot = self._start(before)
        own = [np.asarray(self.snapshot.state[place]) for place in self.program.places]
        self.gauge = Gauge(recipe, seed, self.program, self.material, self.numbers, own)
        self.done = 0
        self.outcome = Outcome()

    def _numbers(self) -> dict[str, Any]:
        momenta = [average.momentum for average in (DEPLOYED, *self.recipe.averages)]
        numbers: dict[str, Any] = {
            **optimizers.numbers_of(self.recipe.optimizer),
            "keep": momenta,
            # As Keras takes it: from the number in double precision.
            "take": [1.0 - momentum for momentum in momenta],
            "momentum": 0.0,
            "noise": self.recipe.noise,
        }
        if self.recipe.inputs == "undivided":
            numbers["shift"], numbers["factor"] = 0.0, MOST
        elif self.recipe.inputs != "raw":
            pixels = self.material.pixels[self.parts["train"]]
            numbers["shift"], numbers["factor"] = standards(pixels, self.recipe.inputs)
        return {name: on_device(np.asarray(value, np.float32)) for name, value in numbers.items()}

    def _start(self, before: Ended | None) -> Snapshot:
        recipe, graph = self.recipe, self.program.graph
        weights, state = nets.weights_of(recipe.net, graph, self.seed, recipe.kernel_scale)
        if before is not None:
            names = nets.names(graph, trainable=False)
            weights = nets.taken_over(weights, nets.names(graph), before.weights, recipe.head)
            state = nets.taken_over(state, names, before.state, recipe.head)
        weights, state = [*map(on_device, weights)], [*map(on_device, state)]
        own = [state[place] for place in statistics.averaged(graph)]
        averages = statistics.started(own, 1 + len(recipe.averages))
        return Snapshot(weights, state, optimizers.start(recipe.optimizer.rule, weights), averages)

    def epoch(self, epoch: int) -> None:
        """Train an epoch, stop for measures on the way, and evaluate."""
        recipe, material = self.recipe, self.material
        train = material.parts["train"]
        full, last = material.batches(recipe, self.seed, epoch)
        data = material.seen(recipe, self.seed, epoch, full)
        before, whole, steps = self.done, len(full), recipe.steps_of_an_epoch
        sums: Any = tuple(on_device(np.float32(0)) for _ in range(6 if recipe.bars else 3))
        wanted = {step - before for measure in recipe.checks for step in measure.stops}
        for stop in sorted({step for step in wanted if 0 < step < steps} | {steps}):
            sums = self._train(data, train[full], before, min(stop, whole), sums)
            sums = self._train(data, train[last][None], before + whole, stop - whole, sums)
            if stop < steps:
                self.measure()
        self._note(epoch, sums, full.size + last.size)
        if not self.outcome.diverged:
            self.measure()

    def _train(
        self, data: Any, batches: NDArray[np.int32], before: int, stop: int, sums: Any
    ) -> Any:
        """Take the steps of these batches that are not yet taken, and return the sums.

        Args:
            data: images and labels of the pool.
            batches: positions in the pool, (steps, images).
            before: how many steps of the run come before them.
            stop: before which of them to stop.
            sums: those of the epoch so far.
        """
        first = self.done - before
        if stop <= first:
            return sums
        shares = [
            self.recipe.schedule.share(before + step, self.recipe.steps)
            for step in range(1, len(batches) + 1)
        ]
        self.snapshot, sums = self.program.steps(
            self.snapshot,
            self.numbers,
            data,
            on_device(batches),
            on_device(np.asarray(shares, np.float32) * np.float32(self.recipe.learning_rate)),
            (on_device(np.int32(first)), on_device(np.int32(stop))),
            sums,
        )
        self.done = before + stop
        return sums

    def _note(self, epoch: int, sums: Any, images: int) -> None:
        """Write down the means of an epoch over its images, and what is evaluated after it."""
        total, hits, early, *bars = (float(ops.convert_to_numpy(value)) for value in sums)
        rows = {"loss": total / images, "accuracy": hits / images}
        if bars:
            # The bar of an epoch takes the last mean twice: after the last step, and at the end.
            shown = self.recipe.steps_of_an_epoch + 1
            rows["bar_loss"] = (bars[1] + rows["loss"]) / shown
            rows["bar_accuracy"] = (bars[2] + rows["accuracy"]) / shown
        for part in self.recipe.evaluated:
            loss, accuracy = self.gauge.deployed(part, self.snapshot, self.done)
            rows |= {f"{part}_loss": loss, f"{part}_accuracy": accuracy}
        for name, value in rows.items():
            self.outcome.history.setdefault(name, []).append(_finite(value))
        self.outcome.diverged = not all(map(np.isfinite, rows.values()))
        if epoch == 1 and images // self.recipe.batch_size >= EARLY:
            self.outcome.early_loss = _finite(early)

    def measure(self) -> None:
        """Measure what the recipe asks for after the steps that are taken."""
        for measure in self.recipe.checks:
            values = self.gauge.measure(measure, self.snapshot, self.done)
            for name, value in values.items():
                kept = self.outcome.checks.setdefault(f"{measure.name}_{name}", [])
                kept.append(_numbers(value))
                # After the last step nothing else would tell.
                self.outcome.diverged |= not np.all(np.isfinite(value))
