"""Say what determines a run: the trial, the seed, the data and the profile."""

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal, Self, TypeAlias, get_args

from pydantic import Field, model_validator

from bnreport.protocol.checks import Check, Part
from bnreport.protocol.data import data_named
from bnreport.protocol.datasets import Profile, data_digest
from bnreport.protocol.frozen import Frozen, canonical, digest, later
from bnreport.protocol.kinds import Traits
from bnreport.protocol.measurements import BenchTrial, FactsTrial, TimingTrial, ToyTrial
from bnreport.protocol.nets import Net
from bnreport.protocol.recipes import Recipe
from bnreport.protocol.scorings import Measure


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

    # The running means of an epoch average over its steps; a number taken after the last step may
    # land anywhere between two seeds.
    traits: ClassVar[Traits] = Traits(trains_together=True, compared=("loss", "accuracy"))

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
        """The metrics in a run's history: Keras' running means, and evaluations after an epoch."""
        if not self.epochs:
            return set()
        return {"loss", "accuracy"} | {
            f"{part}_{metric}" for part in self.evaluated for metric in ("loss", "accuracy")
        }

    @property
    def length(self) -> int:
        """The number of values of a metric."""
        return self.epochs

    @property
    def random(self) -> bool:
        """Say whether the backend draws numbers in training: each backend draws others."""
        return isinstance(self.net, Net) and (
            self.net.dropout > 0 or self.net.normalizer == "noisy"
        )

    @property
    def program(self) -> str:
        """Canonical JSON of all but the name and the numbers: runs that share it train together."""
        numbers = {"name", "learning_rate", "kernel_scale", "momentum", "noise", "weight_decay"}
        shared = self.model_dump(mode="json", exclude=numbers)
        return canonical(shared | {"decays": self.weight_decay > 0})


# The kinds that train a net.
Training: TypeAlias = Trial | Recipe
_Kinds: TypeAlias = Training | TimingTrial | ToyTrial | BenchTrial | FactsTrial
AnyTrial: TypeAlias = Annotated[_Kinds, Field(discriminator="kind")]
# Every kind of trial by its name.
KINDS: Mapping[str, type[_Kinds]] = {
    kind.model_fields["kind"].default: kind for kind in get_args(_Kinds)
}


def program(trial: AnyTrial) -> str:
    """Return what trials share whose runs execute the same: a name, where they train no net."""
    return trial.program if isinstance(trial, Training) else trial.name


def checks_of(trial: AnyTrial) -> tuple[Check | Measure, ...]:
    """Return what a trial measures in the middle of a run or at its end, if it trains a net."""
    return trial.checks if isinstance(trial, Training) else ()


def data_of(trial: AnyTrial, profile: Profile) -> str:
    """Return the digest of the data that a trial trains on at a profile.

    With the data of the runs that it starts from, where these are others.
    """
    if not isinstance(trial, Recipe):
        return data_digest(profile)
    names = (recipe.data for recipe in trial.lineage)
    digests = [*dict.fromkeys(data_named(name, profile).digest for name in names)]
    return digests[0] if len(digests) == 1 else digest({"data": digests})


class Identity(Frozen):
    """The values that must match for a record to answer a run."""

    study: str
    trial: AnyTrial
    seed: int
    data: str
    profile: Profile

    @property
    def run_id(self) -> str:
        """The first 16 hexadecimal digits of the SHA-256 of the identity's canonical JSON."""
        return digest(self.model_dump(mode="json"))[:16]
