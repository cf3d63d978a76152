"""Name what a recipe measures: scores by several statistics of BN, and how fast these drift."""

from typing import Annotated, Literal, Self, TypeAlias

from pydantic import Field, model_validator

from bnreport.protocol.changes import Change
from bnreport.protocol.checks import Part
from bnreport.protocol.frozen import Frozen, later

# Along a run statistics are taken anew at no more marks, from no more images; at its end from more.
MOST_MARKS, MARK_IMAGES, END_IMAGES = 24, 2_048, 10_240

Steps: TypeAlias = tuple[Annotated[int, Field(ge=0)], ...]
Statistics: TypeAlias = Annotated[
    str,
    Field(pattern=r"^(deployed|fresh|means|own|(batch|class)-[1-9]\d*|m0(\.\d+)?(-corrected)?)$"),
]
METRICS = ("loss", "accuracy")
# Those that no average of a recipe gives.
TAKEN = {"fresh", "means", "own"}


class Average(Frozen):
    """A moving average of BN's batch statistics that is carried beside a run.

    Attributes:
        momentum: the share of the average that a step keeps.
        corrected: whether what is left of the start value (mean 0, variance 1) is taken out, as
            Adam does it (Kingma and Ba 2015, arXiv 1412.6980): after t steps with momentum m
            (average - m^t start) / (1 - m^t).
    """

    momentum: float = Field(ge=0, lt=1)
    corrected: bool = later(False)

    @property
    def name(self) -> str:
        """The name of scores by it: "m0.9", or "m0.9-corrected"."""
        return f"m{self.momentum:g}" + ("-corrected" if self.corrected else "")


# What Keras keeps by default.
DEPLOYED = Average(momentum=0.99)


class Scoring(Frozen):
    """Loss and accuracy in inference mode, by several statistics of the same weights.

    The statistics of BN are called "deployed" (Keras' default moving averages), "fresh" (of the
    training images, layer by layer: see `training.recipes.statistics`), "means" (plain means of
    the statistics of whole batches, as PyTorch's `update_bn`), or by an average of the recipe,
    "m0.9". On images that are changed there are also "own" (as fresh ones, of the images that are
    scored), "batch-8" (of each batch of 8 of them) and "class-8" (the same, the images sorted by
    class). A net without BN has one score, which stands for all.

    Attributes:
        name: what the numbers begin with: "end" gives "end_fresh_val_accuracy".
        steps: after which steps; none: after the last.
        by: the statistics.
        parts: on which images.
        images: the first so many of each part; all by default.
        change: what is done to the images that are scored.
        fresh_images: the first so many training images, of which statistics are taken anew; by
            default as many as may be, at the end or along the run.
    """

    kind: Literal["scoring"] = "scoring"
    name: str = Field(pattern=r"^[a-z0-9-]+$")
    steps: Steps = ()
    by: tuple[Statistics, ...] = Field(default=("deployed", "fresh"), min_length=1)
    parts: tuple[Part, ...] = Field(default=("val",), min_length=1)
    images: int | None = Field(default=None, gt=0)
    change: Change | None = later(None)
    fresh_images: int | None = later(None, gt=0)

    @model_validator(mode="after")
    def _few(self) -> Self:
        most, where = (MARK_IMAGES, "along") if self.steps else (END_IMAGES, "at the end of")
        if self.taken > most:
            raise ValueError(
                f"expected at most {most} fresh_images {where} a run, received {self.taken}"
            )
        if TAKEN & set(self.by) and len(self.steps) > MOST_MARKS:
            raise ValueError(f"expected at most {MOST_MARKS} marks, received {len(self.steps)}")
        return self

    @property
    def taken(self) -> int:
        """The number of training images that statistics are taken of."""
        return self.fresh_images or (MARK_IMAGES if self.steps else END_IMAGES)

    def at_the_end(self, steps: int) -> Self:
        """The same with the step after which it is taken, in a run of so many."""
        return self.model_copy(update={"steps": (steps,), "fresh_images": self.taken})

    @property
    def stops(self) -> Steps:
        """The steps after which a run stops for it."""
        return self.steps

    @property
    def quantities(self) -> tuple[str, ...]:
        """The names of its numbers, after its own."""
        return tuple(
            f"{by}_{part}_{metric}" for by in self.by for part in self.parts for metric in METRICS
        )


class Drift(Frozen):
    """The distance by which the inputs of BN layers drift, on images that stay the same.

    Statistics of a training batch would mostly show which images are in it. So those at both ends
    of a window are taken from the first `images` training images, layer by layer as fresh ones are.
    Of the units of a layer the mean is recorded, one number for each layer, divided by the window.

    Attributes:
        name: what the numbers begin with.
        steps: where windows begin.
        windows: their lengths in steps. What only goes to and fro shows in short ones alone.
        images: how many training images.
    """

    kind: Literal["moves"] = "moves"
    name: str = Field(pattern=r"^[a-z0-9-]+$")
    steps: Steps = Field(min_length=1, max_length=MOST_MARKS)
    windows: tuple[Annotated[int, Field(gt=0)], ...] = Field(default=(1,), min_length=1)
    images: int = Field(default=512, gt=0, le=MARK_IMAGES)

    @property
    def stops(self) -> Steps:
        """The steps after which a run stops for it."""
        ends = (step + window for step in self.steps for window in self.windows)
        return (*self.steps, *ends)

    @property
    def quantities(self) -> tuple[str, ...]:
        """The names of its numbers, after its own.

        "mean": |change of the mean| in standard deviations; "spread": |change of the standard
        deviation's natural logarithm|; "growth": the same with its sign.
        """
        return tuple(
            f"{move}-{window}" for window in self.windows for move in ("mean", "spread", "growth")
        )


class Slopes(Frozen):
    """The norms of the loss's gradient by each kernel, layer by layer, in training mode.

    Attributes:
        name: what the numbers begin with.
        steps: after which steps.
        images: of the first so many training images.
    """

    kind: Literal["slopes"] = "slopes"
    name: str = Field(pattern=r"^[a-z0-9-]+$")
    steps: Steps = Field(min_length=1)
    images: int = Field(default=512, gt=0, le=MARK_IMAGES)

    @property
    def stops(self) -> Steps:
        """The steps after which a run stops for it."""
        return self.steps

    @property
    def quantities(self) -> tuple[str, ...]:
        """The names of its numbers, after its own."""
        return ("weights",)


class Branches(Frozen):
    """The size of what enters each sum of a residual net: its branch, and its shortcut.

    The root mean square over images, places and units, block by block, in training mode.

    Attributes:
        name: what the numbers begin with.
        steps: after which steps.
        images: of the first so many training images.
    """

    kind: Literal["branches"] = "branches"
    name: str = Field(pattern=r"^[a-z0-9-]+$")
    steps: Steps = Field(min_length=1)
    images: int = Field(default=512, gt=0, le=MARK_IMAGES)

    @property
    def stops(self) -> Steps:
        """The steps after which a run stops for it."""
        return self.steps

    @property
    def quantities(self) -> tuple[str, ...]:
        """The names of its numbers, after its own."""
        return ("branch", "shortcut")


class Rotations(Frozen):
    """The length of each kernel's rows, and the angle by which a step turns them, layer by layer.

    A row is what a unit or a channel multiplies its inputs by. Of the rows of a kernel the root
    mean square is taken: of their lengths at a mark, and of the angles, in radians, by which each
    of the steps after it turns them.

    Attributes:
        name: what the numbers begin with.
        steps: the marks, after so many steps.
        following: how many steps after a mark are taken together.
    """

    kind: Literal["rotations"] = "rotations"
    name: str = Field(pattern=r"^[a-z0-9-]+$")
    steps: Steps = Field(min_length=1, max_length=MOST_MARKS)
    following: int = Field(default=1, gt=0)

    def taken(self, step: int) -> range:
        """The steps after which kernels are looked at for a mark, the mark first."""
        return range(step, step + self.following + 1)

    @property
    def stops(self) -> Steps:
        """The steps after which a run stops for it."""
        return tuple(sorted({taken for step in self.steps for taken in self.taken(step)}))

    @property
    def quantities(self) -> tuple[str, ...]:
        """The names of its numbers, after its own."""
        return ("length", "turn")


class Averaged(Frozen):
    """Scores of an average of the weights on the way, which no training touches.

    All trainable variables are averaged: over the last `span` steps before a mark, taken every few
    steps. BN then normalizes by statistics taken "fresh" with the averaged weights, by those that
    are "deployed" with the weights of the mark, or by the "averaged" ones: the same mean of the
    deployed statistics. A net without BN has one score, which stands for all.

    Attributes:
        name: what the numbers begin with.
        steps: after which steps the average so far is scored.
        span: over how many steps it reaches back.
        every: how many steps lie between weights that it takes, the last of them the mark's.
        momentum: what weights of a step count less than those taken after them, as in a moving
            average without its start; 1 for a plain mean (Izmailov et al. 2018, arXiv 1803.05407).
        parts: on which images.
    """

    kind: Literal["averaged"] = "averaged"
    name: str = Field(pattern=r"^[a-z0-9-]+$")
    steps: Steps = Field(min_length=1, max_length=MOST_MARKS)
    span: int = Field(gt=0)
    every: int = Field(default=1, gt=0)
    momentum: float = Field(default=1.0, gt=0, le=1)
    parts: tuple[Part, ...] = Field(default=("val",), min_length=1)

    @model_validator(mode="after")
    def _within_the_run(self) -> Self:
        if self.span > min(self.steps):
            raise ValueError(f"expected marks from step {self.span} on, received {self.steps}")
        return self

    def taken(self, step: int) -> range:
        """The steps whose weights are in the average at a mark, the latest first."""
        return range(step, step - self.span, -self.every)

    @property
    def stops(self) -> Steps:
        """The steps after which a run stops for it."""
        return tuple(sorted({taken for step in self.steps for taken in self.taken(step)}))

    @property
    def quantities(self) -> tuple[str, ...]:
        """The names of its numbers, after its own."""
        return tuple(
            f"{by}_{part}_{metric}"
            for by in ("deployed", "fresh", "averaged")
            for part in self.parts
            for metric in METRICS
        )


Measure: TypeAlias = Annotated[
    Scoring | Drift | Slopes | Branches | Rotations | Averaged, Field(discriminator="kind")
]
END = Scoring(name="end", parts=("val", "test"))
