"""What determines a run: the trial, the seed, the data and the profile."""

import hashlib
import json
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, model_validator

Profile: TypeAlias = Literal["full", "quick"]
Part: TypeAlias = Literal["train", "val", "test"]
Mode: TypeAlias = Literal["inference", "batch", "precise"]
Setting: TypeAlias = float | int | str | tuple[float, ...]


def later(default: Any, **limits: Any) -> Any:
    """A field that came after runs were recorded: at its default it is no part of an identity."""
    return Field(default=default, exclude_if=lambda value: value == default, **limits)


# From bare products, in two layouts, to the training of an epoch and all that a study scores.
LADDER = ("products", "best-products", "gather", "update", "train", "scored")
# Seconds since the start of a process, then two compile times, then a whole call with one run.
PHASES = ("imports", "data", "compiled", "epoch", "compile-first", "compile-second", "command")


class Frozen(BaseModel):
    """A value: immutable, and closed to fields that it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Net(Frozen):
    """The structure of a feed-forward net.

    A block is a dense layer, or before them a convolution of 3 by 3 with pooling of 2 by 2, with a
    normalizer before or after its activation. "ghost" normalizes over parts of a batch of `groups`
    images, "group" over `groups` groups of channels, "weight" standardizes the kernel instead, and
    "noisy" adds noise after batch normalization (Santurkar et al. 2018). `dropout` is the share of
    units that is dropped after every block, or after the last.
    """

    hidden: tuple[int, ...] = (300, 100)
    filters: tuple[int, ...] = ()
    activation: Literal["relu", "leaky_relu", "tanh", "sigmoid", "linear"] = "relu"
    initializer: Literal["HeNormal", "GlorotUniform"] = "HeNormal"
    normalizer: Literal["none", "batch", "layer", "group", "ghost", "noisy", "weight"] = "none"
    normalized_inputs: bool = False
    placement: Literal["before", "after"] = "before"
    groups: int = Field(default=10, gt=0)
    epsilon: float = Field(default=1e-3, ge=0)
    dropout: float = Field(default=0.0, ge=0, lt=1)
    dropout_after: Literal["every", "last"] = "every"


class Score(Frozen):
    """Loss and accuracy on a part of the images, after these steps; step 0 is the start.

    "inference" uses the moving averages of batch normalization, "batch" the statistics of batches
    of the trial's size, and "precise" statistics taken anew from `precise_images` of the training
    images (Wu and Johnson 2021, arXiv 2105.07576). `images` takes the first so many.
    """

    kind: Literal["score"] = "score"
    name: str
    steps: tuple[int, ...]
    part: Part = "val"
    mode: Mode = "inference"
    images: int | None = Field(default=None, gt=0)
    precise_images: int = Field(default=10_000, gt=0)

    @property
    def most(self) -> int:
        """The most images that go through the net at once."""
        return self.precise_images if self.mode == "precise" else 0


class Probe(Frozen):
    """What a function of `probes` finds after these steps, on a batch of images.

    The batch is the next one that the run trains on, or the first `images` of the training images.
    """

    kind: Literal["probe"] = "probe"
    name: str
    steps: tuple[int, ...]
    probe: str
    images: int | None = Field(default=None, gt=0)
    settings: dict[str, Setting] = Field(default_factory=dict)

    @property
    def most(self) -> int:
        """The most images that go through the net at once."""
        return self.images or 0


Check: TypeAlias = Annotated[Score | Probe, Field(discriminator="kind")]


class Trial(Frozen):
    """One hyperparameter setting of a training run, without its seed.

    Attributes:
        net: a structure, or the name of one of the notebook's.
        replay_after: the length of one call of `fit`: epoch `replay_after + e` sees the batches of
            epoch `e` again.
        score_epochs: the epochs after which every validation and test image is marked.
        inputs: pixels divided by 255, or centred and scaled by training statistics.
        split: the notebook's validation images, or as many drawn by the seed.
        images: how many training images the seed chooses; all of them by default.
        order: new batches each epoch, the first epoch's again, or its batches in a new order.
        kernel_scale: what the initial kernels are multiplied by; `scaled` says which.
        start: kernels as drawn, or each scaled so that its outputs have unit variance.
        momentum, noise, weight_decay: numbers of the normalizers and of the loss.
        evaluated: on which images loss and accuracy are taken after every epoch.
        checks: what else is measured, and when.
    """

    kind: Literal["train"] = "train"
    name: str
    net: str | Net
    learning_rate: float = Field(gt=0)
    epochs: int = Field(ge=0)
    batch_size: int = Field(default=32, gt=0)
    replay_after: int | None = Field(default=None, gt=0)
    score_epochs: tuple[int, ...] = ()
    inputs: Literal["raw", "std", "centred", "scaled", "std-scalar", "centred-scalar"] = later(
        "raw"
    )
    split: Literal["notebook", "seed"] = later("notebook")
    images: int | None = later(None, gt=0)
    order: Literal["fresh", "fixed", "fixed batches"] = later("fresh")
    kernel_scale: float = later(1.0, gt=0)
    scaled: Literal["all", "hidden"] = later("all")
    start: Literal["drawn", "unit variance"] = later("drawn")
    momentum: float = later(0.99, ge=0, lt=1)
    noise: float = later(1.0, ge=0)
    weight_decay: float = later(0.0, ge=0)
    evaluated: tuple[Part, ...] = later(("train", "val"))
    checks: tuple[Check, ...] = later(())

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if not self.epochs and not self.checks:
            raise ValueError("expected epochs or checks, received a trial that measures nothing")
        names = [check.name for check in self.checks]
        if len(set(names)) < len(names):
            raise ValueError(f"expected a name for each check, received {names}")
        return self

    @property
    def metrics(self) -> set[str]:
        """What the history of a run holds: Keras' running means, and evaluations after an epoch."""
        if not self.epochs:
            return set()
        return {"loss", "accuracy"} | {
            f"{part}_{metric}" for part in self.evaluated for metric in ("loss", "accuracy")
        }

    @property
    def length(self) -> int:
        """How many values a metric has."""
        return self.epochs

    @property
    def random(self) -> bool:
        """Whether the backend draws numbers in training: each backend draws others."""
        return isinstance(self.net, Net) and (
            self.net.dropout > 0 or self.net.normalizer == "noisy"
        )

    @property
    def program(self) -> str:
        """Canonical JSON of all but the name and the numbers: runs that share it train together."""
        numbers = {"name", "learning_rate", "kernel_scale", "momentum", "noise", "weight_decay"}
        shared = self.model_dump(mode="json", exclude=numbers)
        return canonical(shared | {"decays": self.weight_decay > 0})


class TimingTrial(Frozen):
    """Interleaved rounds in one process that time an epoch of each net, in two training loops.

    Attributes:
        nets: names of the notebook's nets, or of those in `structures`.
        structures: the nets of other names.
        batch_sizes: where there are several, each net is timed at each, in the same rounds.
        images: how many training images an epoch takes; all of them by default.
    """

    kind: Literal["timing"] = "timing"
    name: str
    nets: tuple[str, ...]
    learning_rate: float = Field(gt=0)
    rounds: int = Field(gt=0)
    batch_size: int = Field(default=32, gt=0)
    structures: dict[str, Net] = later({})
    batch_sizes: tuple[Annotated[int, Field(gt=0)], ...] = later(())
    images: int | None = later(None, gt=0)

    @model_validator(mode="after")
    def _named(self) -> Self:
        if strange := set(self.structures) - set(self.nets):
            raise ValueError(f"expected structures of nets that are timed, received {strange}")
        return self

    @property
    def arms(self) -> dict[str, tuple[str | Net, int]]:
        """Net and batch size by name: "<net>", or "<net>_<size>" where there are several sizes."""
        nets = {name: self.structures.get(name, name) for name in self.nets}
        if not self.batch_sizes:
            return {name: (net, self.batch_size) for name, net in nets.items()}
        return {
            f"{name}_{size}": (net, size) for size in self.batch_sizes for name, net in nets.items()
        }

    @property
    def metrics(self) -> set[str]:
        """Seconds of each contender, "<loop>_<arm>": Keras' fit and our compiled epoch."""
        return {f"{loop}_{arm}" for arm in self.arms for loop in ("fit", "compiled")}

    @property
    def length(self) -> int:
        """How many values a metric has."""
        return self.rounds


class ToyTrial(Frozen):
    """Least squares by gradient descent, plain and batch-normalized, at many rates.

    Attributes:
        dimensions: how many weights there are.
        condition: the largest eigenvalue of the Hessian, which is 1, divided by the smallest.
        rates: the learning rates.
        steps: how many steps are taken at each.
    """

    kind: Literal["toy"] = "toy"
    name: str
    dimensions: int = Field(gt=1)
    condition: float = Field(ge=1)
    rates: tuple[Annotated[float, Field(gt=0)], ...] = Field(min_length=1)
    steps: int = Field(gt=0)

    @property
    def metrics(self) -> set[str]:
        """The decimal logarithm of what is left of the excess loss, for both ways to descend."""
        return {"gd", "bngd"}

    @property
    def length(self) -> int:
        """How many values a metric has: one for each rate."""
        return len(self.rates)


class BenchTrial(Frozen):
    """One part of the benchmark, each number measured once a round.

    Attributes:
        part: "loops" times training loops and bare matrix products; "lanes" one run per core
            against runs vectorized in one process; "start-up" what comes before the first epoch;
            "runs" whole calls by their number of runs; "thousand" the same with tiny runs.
        sizes: the numbers of runs that are tried.
        apart: contenders have processes of their own, on the second backend, too, where one is
            installed; otherwise one process does everything in turn.
    """

    kind: Literal["bench"] = "bench"
    name: str
    part: Literal["loops", "lanes", "start-up", "runs", "thousand"]
    nets: tuple[str, ...]
    rounds: int = Field(gt=0)
    sizes: tuple[int, ...] = ()
    apart: bool = True
    learning_rate: float = Field(default=0.01, gt=0)
    batch_size: int = Field(default=32, gt=0)

    @property
    def measures(self) -> tuple[str, ...]:
        """What is measured for each net on any machine; more where a second backend is there."""
        match self.part:
            case "loops":
                return ("fit", "fast-fit", "engine-one", "engine-all", *LADDER)
            case "lanes":
                return ("cores",)
            case "start-up":
                return PHASES
            case "runs" | "thousand":
                return tuple(f"{what}-{n}" for what in ("seconds", "peak") for n in self.sizes)

    @property
    def metrics(self) -> set[str]:
        """Seconds, and megabytes for "peak", as "<measure>_<net>"."""
        return {f"{measure}_{net}" for measure in self.measures for net in self.nets}

    @property
    def length(self) -> int:
        """How many values a metric has."""
        return self.rounds


class FactsTrial(Frozen):
    """What Keras' batch normalization does, found by running it on a backend.

    Attributes:
        part: "switches" calls the layer in every state and mode; "numbers" reads off what it keeps
            and refuses; "reference" compares it with the reference in NumPy.
        backend: what Keras runs on, in a process of its own.
        facts: the names of what is found: 1 for yes, 0 for no, or a number.
    """

    kind: Literal["facts"] = "facts"
    name: str
    part: Literal["switches", "numbers", "reference"]
    backend: Literal["tensorflow", "jax"]
    facts: tuple[str, ...] = Field(min_length=1)

    @property
    def metrics(self) -> set[str]:
        """The names of the facts."""
        return set(self.facts)

    @property
    def length(self) -> int:
        """How many values a fact has."""
        return 1


AnyTrial: TypeAlias = Annotated[
    Trial | TimingTrial | ToyTrial | BenchTrial | FactsTrial, Field(discriminator="kind")
]


def repeats(trial: AnyTrial) -> bool:
    """Whether another run of the trial finds the same numbers again; a time never comes back."""
    return trial.kind in ("train", "toy", "facts")


class Identity(Frozen):
    """What must match for a record to answer a run."""

    study: str
    trial: AnyTrial
    seed: int
    data: str
    profile: Profile

    @property
    def run_id(self) -> str:
        """The first 16 hexadecimal digits of the SHA-256 of the identity's canonical JSON."""
        return digest(self.model_dump(mode="json"))[:16]


def canonical(value: Mapping[str, object]) -> str:
    """One line of JSON with sorted keys and no spaces; NaN is an error."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)


def digest(value: Mapping[str, object]) -> str:
    """The SHA-256 of a value's canonical JSON, in hexadecimal."""
    return hashlib.sha256(canonical(value).encode()).hexdigest()
