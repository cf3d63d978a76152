"""The images of a run: which train, validate and test, and what is done to them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

from bnreport.protocol.changes import Change, Turns
from bnreport.protocol.checks import Part
from bnreport.protocol.recipes import Recipe
from bnreport.protocol.trials import Trial
from bnreport.randomness import Indices, generator
from bnreport.training.augmentation import shifted, shifts
from bnreport.training.batches import batches
from bnreport.training.changes import changed, one_class_batches, sorted_by_class
from bnreport.training.data import of_classes
from bnreport.training.placement import Pool, on_device, parts

# Images and labels on the device.
Pair: TypeAlias = tuple[Any, Any]


@dataclass(frozen=True)
class Material:
    """The images of a run.

    Attributes:
        pixels: of all images of the pool.
        labels: their classes, as the net counts them; -1 of those that it does not know.
        pair: both on the device.
        parts: the positions in the pool of the images of each part.
    """

    pixels: NDArray[np.float32]
    labels: NDArray[np.int32]
    pair: Pair
    parts: Mapping[Part, Indices]

    @classmethod
    def of(cls, recipe: Recipe, seed: int, pool: Pool) -> "Material":
        """Take the images of a run of a recipe.

        Raises:
            ValueError: when fewer train than the recipe asks for.
        """
        labels, pair = np.asarray(pool.data[1]), pool.data
        if recipe.classes:
            labels = np.full(len(labels), -1, np.int32)
            whole = recipe.model_copy(update={"images": None})
            where = parts(cast(Trial, whole), seed, pool)
            for part, positions in where.items():
                kept, classes = of_classes(np.asarray(pool.data[1]), positions, recipe.classes)
                where[part], labels[kept] = kept, classes
            where["train"] = generator(seed, "subset").permutation(where["train"])[: recipe.images]
            pair = (pool.data[0], on_device(labels))
        else:
            # What it asks of a trial recipes have, too.
            where = parts(cast(Trial, recipe), seed, pool)
        if len(where["train"]) != recipe.images:
            raise ValueError(
                f"Expected {recipe.images} training images for {recipe.name!r}. Received: "
                f"{len(where['train'])}. Lower its `images`."
            )
        return cls(pool.pixels, labels, pair, where)

    def changed(self, part: Part, images: int | None, change: Change, seed: int) -> Pair:
        """Change the first so many images of a part."""
        where = self.parts[part][:images]
        return on_device(changed(self.pixels[where], change, seed)), on_device(self.labels[where])

    def shifted(self, seed: int, epoch: int) -> Pair:
        """Move the training images by a pixel at most, as the epoch has it; leave all others."""
        pixels, train = self.pixels.copy(), self.parts["train"]
        by = shifts(seed, epoch, len(pixels))[train]
        pixels[train] = shifted(pixels[train], by)
        return on_device(pixels), self.pair[1]

    def turned(self, turns: Turns, seed: int, batches: Indices) -> Pair:
        """Make every second batch, or place in a batch, one of changed images.

        Args:
            turns: the change, and of what every second has it.
            seed: what draws it.
            batches: places among the training images, (batches, images).
        """
        second = batches[1::2] if turns.of == "batches" else batches[:, 1::2]
        pixels, where = self.pixels.copy(), self.parts["train"][second.ravel()]
        pixels[where] = changed(pixels[where], turns.change, seed)
        return on_device(pixels), self.pair[1]

    def seen(self, recipe: Recipe, seed: int, epoch: int, batches: Indices) -> Pair:
        """Return the images as the whole batches of an epoch show them."""
        if recipe.turns:
            return self.turned(recipe.turns, seed, batches)
        return self.shifted(seed, epoch) if recipe.shifts else self.pair

    def batches(self, recipe: Recipe, seed: int, epoch: int) -> tuple[Indices, Indices]:
        """The places among the training images of an epoch's whole batches, and of the last one."""
        train = self.parts["train"]
        if recipe.order == "sorted":
            by_class = sorted_by_class(self.labels[train])
            whole = len(by_class) - len(by_class) % recipe.batch_size
            return by_class[:whole].reshape(-1, recipe.batch_size), by_class[whole:]
        if recipe.order != "one class":
            return batches(recipe.order, seed, epoch, len(train), recipe.batch_size)
        full = one_class_batches(self.labels[train], recipe.batch_size, seed, epoch)
        return full[: recipe.steps_of_an_epoch], np.zeros(0, np.int32)
