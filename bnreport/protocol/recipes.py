"""A training recipe: net, data, optimizer, schedule, and what is scored.

A study of the second edition declares its runs as recipes, directly or by its arms:

    from bnreport.analysis.arms import usual
    from bnreport.protocol.optimization import LINEAR, Optimizer
    from bnreport.protocol.runs import Runs
    from bnreport.protocol.scorings import END, Average, Drift, Scoring

    PATH = Scoring(name="path", steps=(100, 200, 400), by=("fresh", "m0.9"))
    SHARED = {
        "learning_rate": 0.1,
        "epochs": 5,
        "batch_size": 128,
        "images": 9_984,
        "optimizer": Optimizer(rule="momentum"),
        "schedule": LINEAR,
        "averages": (Average(momentum=0.9), Average(momentum=0.99, corrected=True)),
        "measures": (END, PATH, Drift(name="drift", steps=(100, 400), windows=(1, 10))),
    }
    RUNS = tuple(
        Runs(arm.recipe(net={"hidden": (300, 100)}, **SHARED), full=tuple(range(200, 224)))
        for arm in usual("raw", "bn")
    )

and reads them by `analysis.recipes`: `final(records.trial("bn"), "fresh")`. One that starts from
another run, with BN frozen, and one that is scored on noisy images, by four kinds of statistics:

    (bn,) = usual("bn")
    first = bn.recipe("first", classes=FIRST_FIVE, measures=(), **given)
    frozen = bn.recipe("frozen", classes=LAST_FIVE, start=first, frozen=("norm*",), **few)
    noisy = Scoring(
        name="noisy",
        parts=("test",),
        by=("deployed", "own", "batch-8", "class-8"),
        change=Change(kind="noise", amount=0.3),
    )
"""

from typing import ClassVar, Literal, Self

from pydantic import Field, model_validator

from bnreport.protocol.changes import Turns
from bnreport.protocol.checks import Part
from bnreport.protocol.data import FASHION_MNIST_NAME, data_named
from bnreport.protocol.frozen import Frozen, canonical, later
from bnreport.protocol.kinds import Traits
from bnreport.protocol.nets import Net
from bnreport.protocol.optimization import Optimizer, Schedule
from bnreport.protocol.residual import Residual
from bnreport.protocol.scorings import END, Average, Drift, Measure, Scoring


class Recipe(Frozen):
    """One way to train a net, without its seed.

    Weights and batches come from the seed as those of a `Trial` do: the same net at the same seed
    begins with the same weights and sees the same batches.

    Attributes:
        net: its structure: a chain of layers, or a residual net.
        data: the name of its data set; the quick profile takes the digits in place of any other.
        learning_rate: the full height of the schedule.
        epochs: passes over the training images; a last, smaller batch is trained, too.
        batch_size: images a step.
        micro_batch: if any, a step takes its batch in parts of so many images, one after another,
            and follows the mean of their gradients. Each part is normalized by itself, and moves
            BN's averages once.
        optimizer, schedule: how weights follow their gradients.
        inputs: pixels divided by 255, not divided, or centred and scaled by training statistics.
        split: validation images drawn by the seed, or the notebook's.
        images: how many training images the seed chooses; 55,000 are all of Fashion-MNIST, 4,000
            all of a small data set.
        shifts: whether training images move by a pixel at most, anew each epoch, with background
            where they leave.
        turns: a second kind of training images, if any, in every second batch or place of one. The
            last batch of an epoch has none if it is smaller than the others, nor do the training
            images that statistics are taken of.
        classes: only images of these, which the net counts from 0; all by default.
        order: new batches each epoch, the first epoch's again, its batches in a new order,
            batches of one class each, or images sorted by class, the same each epoch.
        softmax: taken once, within the loss; or twice, where a net ends in a softmax and its loss
            takes its outputs for logits.
        bars: whether the history also has the means that progress bars of some releases print,
            "bar_loss" and "bar_accuracy".
        kernel_scale: what the initial kernels are multiplied by.
        noise: the strength of the noise in noisy nets.
        start: the run, at the same seed, whose weights and deployed statistics this one has first.
        head: of such a start whether the output layer is drawn anew or kept.
        frozen: patterns of the names of layers whose variables keep their start, such as "norm*".
            BN among them normalizes by the statistics of the start, as Keras has it.
        statistics: whether all other BN normalizes by batches while it trains, or by the start's.
        averages: moving averages that are carried beside that of Keras; they change no run.
        evaluated: on which images loss and accuracy are taken after every epoch, as deployed.
        measures: what is scored at the end and on the way.
    """

    # The running means of an epoch, as of a `Trial`.
    traits: ClassVar[Traits] = Traits(compared=("loss", "accuracy"))

    kind: Literal["recipe"] = "recipe"
    name: str
    net: Net | Residual
    data: str = later(FASHION_MNIST_NAME)
    learning_rate: float = Field(gt=0)
    epochs: int = Field(ge=0)
    batch_size: int = Field(default=128, gt=0)
    micro_batch: int = later(0, ge=0)
    optimizer: Optimizer = Optimizer()
    schedule: Schedule = Schedule()
    inputs: Literal[
        "raw", "undivided", "std", "centred", "scaled", "std-scalar", "centred-scalar"
    ] = later("raw")
    split: Literal["notebook", "seed"] = "seed"
    images: int = Field(gt=0)
    shifts: bool = later(False)
    turns: Turns | None = later(None)
    classes: tuple[int, ...] = later(())
    order: Literal["fresh", "fixed", "fixed batches", "one class", "sorted"] = later("fresh")
    softmax: Literal["once", "twice"] = later("once")
    bars: bool = later(False)
    kernel_scale: float = later(1.0, gt=0)
    noise: float = later(1.0, ge=0)
    start: "Recipe | None" = later(None)
    head: Literal["drawn", "kept"] = later("drawn")
    frozen: tuple[str, ...] = later(())
    statistics: Literal["batch", "start"] = later("batch")
    averages: tuple[Average, ...] = later(())
    evaluated: tuple[Part, ...] = later(("val",))
    measures: tuple[Measure, ...] = (END,)

    @model_validator(mode="after")
    def _whole(self) -> Self:
        for counted, names in (
            ("measure", [measure.name for measure in self.measures]),
            ("average", [average.name for average in self.averages]),
        ):
            if len(set(names)) < len(names):
                raise ValueError(f"expected a name for each {counted}, received {names}")
        known = {average.name for average in self.averages}
        scorings = [measure for measure in self.measures if isinstance(measure, Scoring)]
        asked = {by for scoring in scorings for by in scoring.by if by.startswith("m0")}
        if strange := sorted(asked - known):
            raise ValueError(f"expected scores by averages of {sorted(known)}, received {strange}")
        if not self.epochs and not self.measures:
            raise ValueError("expected epochs or measures, received a recipe that finds nothing")
        last = max((step for measure in self.measures for step in measure.stops), default=0)
        if last > self.steps:
            raise ValueError(f"expected measures within {self.steps} steps, received one at {last}")
        if self.start is None and (self.frozen or self.statistics == "start"):
            raise ValueError("expected a start to freeze layers or statistics of, received none")
        return self

    @model_validator(mode="after")
    def _of_whole_micro_batches(self) -> Self:
        if self.micro_batch and (
            self.batch_size % self.micro_batch or self.images % self.batch_size
        ):
            raise ValueError(
                f"expected whole batches of whole micro-batches, received {self.images} images in "
                f"batches of {self.batch_size} in parts of {self.micro_batch}"
            )
        return self

    @model_validator(mode="after")
    def _of_images_that_there_are(self) -> Self:
        data = data_named(self.data)
        if self.images > data.train:
            raise ValueError(
                f"expected at most {data.train} images of {data.name}, received {self.images}"
            )
        if self.shifts and min(data.image) == 1:
            raise ValueError(f"expected no shifts of {data.name}, whose images have one row")
        if self.shifts and self.turns:
            raise ValueError("expected shifts or turns of the training images, received both")
        parts = {part for m in self.measures if isinstance(m, Scoring) for part in m.parts}
        if "test" in parts and not data.test:
            raise ValueError(f"expected scores on val or train, received test of {self.data}")
        if strange := [label for label in self.classes if label not in range(data.classes)]:
            raise ValueError(f"expected classes below {data.classes}, received {strange}")
        return self

    @property
    def steps(self) -> int:
        """The number of steps of a run."""
        return self.epochs * self.steps_of_an_epoch

    @property
    def steps_of_an_epoch(self) -> int:
        """The number of steps of an epoch; of batches of one class as many as there surely are."""
        if self.order == "one class":
            return max(1, self.images // self.batch_size - self.outputs)
        return -(-self.images // self.batch_size)

    @property
    def parts_of_a_step(self) -> int:
        """The number of parts in which a step takes its batch; each moves BN's averages once."""
        return self.batch_size // (self.micro_batch or self.batch_size)

    @property
    def outputs(self) -> int:
        """The number of classes that the net tells apart."""
        return len(self.classes) or data_named(self.data).classes

    @property
    def metrics(self) -> set[str]:
        """The names of the history: running means of an epoch, and evaluations after it."""
        if not self.epochs:
            return set()
        taken = (*(f"{part}_" for part in self.evaluated), *(("bar_",) if self.bars else ()))
        return {f"{of}{metric}" for of in ("", *taken) for metric in ("loss", "accuracy")}

    @property
    def length(self) -> int:
        """The number of values of a metric."""
        return self.epochs

    @property
    def checks(self) -> tuple[Measure, ...]:
        """The measures with the steps after which they are taken: the last where they name none.

        A net without BN has no statistics that could drift.
        """
        return tuple(
            measure.at_the_end(self.steps)
            if isinstance(measure, Scoring) and not measure.steps
            else measure
            for measure in self.measures
            if self.has_bn or not isinstance(measure, Drift)
        )

    @property
    def has_bn(self) -> bool:
        """Say whether a layer of the net keeps statistics."""
        inputs = isinstance(self.net, Net) and self.net.normalized_inputs
        return inputs or self.net.normalizer in ("batch", "ghost", "noisy", "renorm")

    @property
    def lineage(self) -> "tuple[Recipe, ...]":
        """The recipe, and those whose runs it starts from, the latest first."""
        return (self, *(self.start.lineage if self.start else ()))

    @property
    def random(self) -> bool:
        """Say whether the backend draws numbers in training: each backend draws others."""
        return self.net.dropout > 0 or self.net.normalizer == "noisy"

    @property
    def program(self) -> str:
        """Canonical JSON of all but the name and the numbers: runs that share it do the same."""
        numbers = {"name", "learning_rate", "kernel_scale", "noise"}
        return canonical(self.model_dump(mode="json", exclude=numbers))
