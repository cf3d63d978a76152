"""What determines a run: the trial, the seed, the data and the profile."""

import hashlib
import json
from collections.abc import Mapping
from typing import Annotated, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

Profile: TypeAlias = Literal["full", "quick"]


class Frozen(BaseModel):
    """A value: immutable, and closed to fields that it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Trial(Frozen):
    """One hyperparameter setting of a training run, without its seed.

    `replay_after` names the length of one call of `fit`: epoch `replay_after + e` then sees the
    batches of epoch `e` again. `score_epochs` are the epochs after which every validation and
    test image is marked right or wrong.
    """

    kind: Literal["train"] = "train"
    name: str
    net: str
    learning_rate: float = Field(gt=0)
    epochs: int = Field(gt=0)
    batch_size: int = Field(default=32, gt=0)
    replay_after: int | None = Field(default=None, gt=0)
    score_epochs: tuple[int, ...] = ()

    @property
    def metrics(self) -> set[str]:
        """What the history of a run holds: Keras' running means, and evaluations after an epoch."""
        return {"loss", "accuracy", "train_loss", "train_accuracy", "val_loss", "val_accuracy"}

    @property
    def length(self) -> int:
        """How many values a metric has."""
        return self.epochs


class TimingTrial(Frozen):
    """Interleaved rounds in one process that time an epoch of each net, in two training loops."""

    kind: Literal["timing"] = "timing"
    name: str
    nets: tuple[str, ...]
    learning_rate: float = Field(gt=0)
    rounds: int = Field(gt=0)
    batch_size: int = Field(default=32, gt=0)

    @property
    def metrics(self) -> set[str]:
        """Seconds of each contender, "<loop>_<net>": Keras' fit and our compiled epoch."""
        return {f"{loop}_{net}" for net in self.nets for loop in ("fit", "compiled")}

    @property
    def length(self) -> int:
        """How many values a metric has."""
        return self.rounds


AnyTrial: TypeAlias = Annotated[Trial | TimingTrial, Field(discriminator="kind")]


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
