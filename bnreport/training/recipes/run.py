"""Train a net by a recipe, and measure what it asks for."""

from collections.abc import Callable, Mapping
from typing import Any, cast

import numpy as np
from keras import ops
from numpy.typing import NDArray

from bnreport.protocol.data import Data
from bnreport.protocol.recipes import Recipe
from bnreport.protocol.scorings import DEPLOYED, Drift
from bnreport.protocol.trials import Trial
from bnreport.training.augmentation import shifted, shifts
from bnreport.training.batches import batches
from bnreport.training.data import images_of
from bnreport.training.images import Dataset, standards
from bnreport.training.outcomes import Outcome, _finite, _numbers
from bnreport.training.placement import Pool, image_of, on_device, parts, place
from bnreport.training.recipes import optimizers, statistics
from bnreport.training.recipes.measuring import Gauge
from bnreport.training.recipes.nets import weights_of
from bnreport.training.recipes.programs import EARLY, Design, Snapshot, compiled


def follow(
    recipe: Recipe, seed: int, pool: Pool, tell: Callable[[int], None] = lambda epoch: None
) -> Outcome:
    """Train by a recipe, and measure.

    Args:
        recipe: what to do.
        seed: what draws weights, batches, and the split.
        pool: the images on the device.
        tell: called with the number of each finished epoch.

    Raises:
        ValueError: when there are fewer training images than the recipe asks for.
    """
    run = Follower(recipe, seed, pool)
    run.measure()
    for epoch in range(1, recipe.epochs + 1):
        run.epoch(epoch)
        tell(epoch)
        if run.outcome.diverged:
            break
    return run.outcome


def follow_on(
    data: Data,
    recipe: Recipe,
    seed: int,
    own: Dataset,
    pools: dict[str, Pool],
    tell: Callable[[int], None] = lambda epoch: None,
) -> Outcome:
    """Train by a recipe on a data set, which is put on the device once.

    Args:
        data: the data set.
        recipe: what to do.
        seed: what draws weights, batches, and the split.
        own: the images of the profile, which a process has anyway.
        pools: the images on the device, by data set.
        tell: called with the number of each finished epoch.
    """
    if data.name not in pools:
        pools[data.name] = place(images_of(data, own))
    return follow(recipe, seed, pools[data.name], tell)


class Follower:
    """A run by a recipe, on its way."""

    def __init__(self, recipe: Recipe, seed: int, pool: Pool) -> None:
        self.recipe, self.seed, self.pool = recipe, seed, pool
        self.program = compiled(Design.of(recipe, image_of(pool)))
        # What it asks of a trial recipes have, too.
        self.parts = parts(cast(Trial, recipe), seed, pool)
        self.numbers = self._numbers()
        self.gauge = Gauge(recipe, self.program, pool, self.parts, self.numbers)
        self.snapshot = self._start()
        self.done = 0
        self.outcome = Outcome()
        if len(self.parts["train"]) != recipe.images:
            raise ValueError(
                f"Expected {recipe.images} training images for {recipe.name!r}. Received: "
                f"{len(self.parts['train'])}. Lower its `images`."
            )

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
        if self.recipe.inputs != "raw":
            pixels = self.pool.pixels[self.parts["train"]]
            numbers["shift"], numbers["factor"] = standards(pixels, self.recipe.inputs)
        return {name: on_device(np.asarray(value, np.float32)) for name, value in numbers.items()}

    def _start(self) -> Snapshot:
        recipe, graph = self.recipe, self.program.graph
        weights, state = (
            [*map(on_device, values)]
            for values in weights_of(recipe.net, graph, self.seed, recipe.kernel_scale)
        )
        own = [state[place] for place in self.program.places]
        averages = statistics.started(own, 1 + len(recipe.averages))
        return Snapshot(weights, state, optimizers.start(recipe.optimizer.rule, weights), averages)

    def epoch(self, epoch: int) -> None:
        """Train an epoch, stop for measures on the way, and evaluate."""
        recipe, train = self.recipe, self.parts["train"]
        full, last = batches(recipe.order, self.seed, epoch, recipe.images, recipe.batch_size)
        data = self._moved(epoch) if recipe.shifts else self.pool.data
        before, whole, steps = self.done, len(full), recipe.steps // recipe.epochs
        sums: Any = tuple(on_device(np.float32(0)) for _ in range(3))
        wanted = {step - before for measure in recipe.checks for step in measure.stops}
        for stop in sorted({step for step in wanted if 0 < step < steps} | {steps}):
            sums = self._train(data, train[full], before, min(stop, whole), sums)
            sums = self._train(data, train[last][None], before + whole, stop - whole, sums)
            if stop < steps:
                self.measure()
        self._note(epoch, sums)
        if not self.outcome.diverged:
            self.measure()

    def _moved(self, epoch: int) -> Any:
        """Move the training images as the seed says, and leave all others."""
        pixels, train = self.pool.pixels.copy(), self.parts["train"]
        by = shifts(self.seed, epoch, len(pixels))[train]
        pixels[train] = shifted(pixels[train], by)
        return on_device(pixels), self.pool.data[1]

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

    def _note(self, epoch: int, sums: Any) -> None:
        """Write down the means of an epoch and what is evaluated after it."""
        total, hits, early = (float(ops.convert_to_numpy(value)) for value in sums)
        images = self.recipe.images
        rows = {"loss": total / images, "accuracy": hits / images}
        for part in self.recipe.evaluated:
            by = self.gauge.by("deployed", 0, self.snapshot, self.done)
            loss, accuracy = self.gauge.score(part, self.snapshot, by)
            rows |= {f"{part}_loss": loss, f"{part}_accuracy": accuracy}
        for name, value in rows.items():
            self.outcome.history.setdefault(name, []).append(_finite(value))
        self.outcome.diverged = not all(map(np.isfinite, rows.values()))
        if epoch == 1 and images // self.recipe.batch_size >= EARLY:
            self.outcome.early_loss = _finite(early)

    def measure(self) -> None:
        """Measure what the recipe asks for after the steps that are taken."""
        for measure in self.recipe.checks:
            values: Mapping[str, Any] = {}
            if isinstance(measure, Drift):
                values = self.gauge.drifts(measure, self.snapshot, self.done)
            elif self.done in measure.steps:
                values = self.gauge.scores(measure, self.snapshot, self.done)
            for name, value in values.items():
                kept = self.outcome.checks.setdefault(f"{measure.name}_{name}", [])
                kept.append(_numbers(value))
                # After the last step nothing else would tell.
                self.outcome.diverged |= not np.all(np.isfinite(value))
