"""Trials that train no net of a study: timings, least squares, benchmark, facts of Keras."""

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from bnreport.protocol.frozen import Frozen, later
from bnreport.protocol.kinds import COSTS, LOGARITHMS, SECONDS, Traits
from bnreport.protocol.nets import Net

# From bare products, in two layouts, to the training of an epoch and all that a study scores.
LADDER = ("products", "best-products", "gather", "update", "train", "scored")
# Seconds since the start of a process, then two compile times, then a whole call with one run.
PHASES = ("imports", "data", "compiled", "epoch", "compile-first", "compile-second", "command")


class TimingTrial(Frozen):
    """Interleaved rounds in one process that time an epoch of each net, in two training loops.

    Attributes:
        nets: names of the notebook's nets, or of those in `structures`.
        structures: the nets of other names.
        batch_sizes: where there are several, each net is timed at each, in the same rounds.
        images: how many training images an epoch takes; all of them by default.
    """

    traits: ClassVar[Traits] = Traits(repeats=False, bounds=SECONDS)

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
        """The number of values of a metric."""
        return self.rounds


class ToyTrial(Frozen):
    """Least squares by gradient descent, plain and batch-normalized, at many rates.

    Attributes:
        dimensions: how many weights there are.
        condition: the largest eigenvalue of the Hessian, which is 1, divided by the smallest.
        rates: the learning rates.
        steps: how many steps are taken at each.
    """

    traits: ClassVar[Traits] = Traits(sees_images=False, bounds=LOGARITHMS)

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
        """The number of values of a metric: one for each rate."""
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

    # More where a second backend is installed.
    traits: ClassVar[Traits] = Traits(repeats=False, finds_more=True, bounds=COSTS)

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
        """The parts measured for each net on any machine; more with a second backend."""
        match self.part:
            case "loops":
                return ("fit", "fast-fit", "engine-one", "engine-all", *LADDER)
            case "lanes":
                return ("cores",)
            case "start-up":
                return PHASES
            case "runs" | "thousand":
                return tuple(
                    f"{quantity}-{n}" for quantity in ("seconds", "peak") for n in self.sizes
                )

    @property
    def metrics(self) -> set[str]:
        """Seconds, and megabytes for "peak", as "<measure>_<net>"."""
        return {f"{measure}_{net}" for measure in self.measures for net in self.nets}

    @property
    def length(self) -> int:
        """The number of values of a metric."""
        return self.rounds


class FactsTrial(Frozen):
    """A trial of what Keras' batch normalization does, found by running it on a backend.

    Attributes:
        part: "switches" calls the layer in every state and mode; "numbers" reads off what it keeps
            and refuses; "reference" compares it with the reference in NumPy; "spoiled" trains nets
            on one batch with a pixel that is not finite, or too large; "tuned" fits nets whose BN
            is to infer.
        backend: what Keras runs on, in a process of its own.
        facts: the names of what is found: 1 for yes, 0 for no, or a number.
    """

    # A fact is a yes or a no, or a number that another machine rounds otherwise.
    traits: ClassVar[Traits] = Traits(sees_images=False, tolerance=1e-5)

    kind: Literal["facts"] = "facts"
    name: str
    part: Literal["switches", "numbers", "reference", "spoiled", "tuned"]
    backend: Literal["tensorflow", "jax"]
    facts: tuple[str, ...] = Field(min_length=1)

    @property
    def metrics(self) -> set[str]:
        """The names of the facts."""
        return set(self.facts)

    @property
    def length(self) -> int:
        """The number of values of a fact."""
        return 1
