"""Tell the processes of the benchmark how to set themselves up, and what to do."""

from dataclasses import dataclass
from pathlib import Path

from bnreport.protocol.datasets import Profile


@dataclass(frozen=True)
class Task:
    """The work of one process in one round; equal tasks share what is compiled."""

    implementation: str
    net: str
    seed: int
    epochs: int
    learning_rate: float
    batch_size: int
    lanes: int = 1


@dataclass(frozen=True)
class Place:
    """The set-up of a process of a crew; with one thread it keeps to one core of its own.

    Keras' `fit` needs no images on the device, and the memory they take there.
    """

    backend: str
    threads: int | None
    profile: Profile
    folder: Path | None
    on_device: bool = True
