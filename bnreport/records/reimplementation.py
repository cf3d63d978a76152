"""Read what another implementation of a study found: a small JSON file of accuracies by run.

A program in `replicas/` writes it, and shares no code with this package. So the file is read like
one that a stranger has sent: each field is checked, and its digest is worked out anew.
"""

from collections import defaultdict
from pathlib import Path
from typing import Annotated, Literal, Self, TypeAlias

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, PositiveFloat, PositiveInt, ValidationError, model_validator

from bnreport.errors import RecordError
from bnreport.protocol.frozen import Frozen, digest
from bnreport.records.record import Token
from bnreport.records.store import DECODER, reasons

# Statistics by which a net is scored: fresh, moving averages, PyTorch's `update_bn`.
By: TypeAlias = Literal["fresh", "m0.9", "m0.99", "update_bn"]
Share: TypeAlias = Annotated[float, Field(ge=0, le=1)]

# Some dozens of runs have a few thousand characters.
LONGEST = 200_000
# An interval needs two.
FEWEST_SEEDS = 2


class ReimplementedRun(Frozen):
    """One trained net: its validation accuracy by each kind of statistics."""

    accuracy: Annotated[dict[By, Share], Field(min_length=4)]
    batch_size: PositiveInt
    seed: Annotated[int, Field(ge=0)]


class ReimplementedProtocol(Frozen):
    """The settings that all runs share."""

    epochs: PositiveInt
    epsilon: PositiveFloat
    images: PositiveInt
    images_of_statistics: PositiveInt
    rate: PositiveFloat
    validation_images: PositiveInt
    widths: tuple[PositiveInt, ...]


class Reimplementation(Frozen):
    """The runs of another implementation, at the same seeds for each batch size."""

    protocol: ReimplementedProtocol
    runs: tuple[ReimplementedRun, ...]
    versions: dict[Token, Token]

    @model_validator(mode="after")
    def _crossed(self) -> Self:
        seeds = defaultdict(list)
        for run in self.runs:
            seeds[run.batch_size].append(run.seed)
        if any(len(set(of_size)) < len(of_size) for of_size in seeds.values()):
            raise ValueError("a run is there twice")
        if len(self.seeds) < FEWEST_SEEDS:
            raise ValueError(f"fewer than {FEWEST_SEEDS} seeds")
        if any(set(of_size) != set(self.seeds) for of_size in seeds.values()):
            raise ValueError("batch sizes have not the same seeds")
        return self

    @property
    def seeds(self) -> tuple[int, ...]:
        """The seeds, rising."""
        return tuple(sorted({run.seed for run in self.runs}))

    def cost(self, batch_size: int, by: By) -> NDArray[np.float64]:
        """The percentage points by which fresh statistics beat others in one net, by seed.

        Raises:
            RecordError: when there are no runs at this batch size.
        """
        runs = [run for run in self.runs if run.batch_size == batch_size]
        if not runs:
            raise RecordError(
                f"Expected one of the batch sizes {sorted({run.batch_size for run in self.runs})} "
                f"of another implementation. Received: {batch_size}. Use one of these, or run its "
                "program in replicas/ at this size, too."
            )
        runs.sort(key=lambda run: run.seed)
        return np.array([100 * (run.accuracy["fresh"] - run.accuracy[by]) for run in runs])


def read(path: Path) -> Reimplementation:
    """Read such a file.

    Raises:
        RecordError: when it is damaged, or altered after it was written.
    """
    try:
        if path.stat().st_size > LONGEST:
            raise ValueError(f"{path.stat().st_size:,} bytes")
        content = DECODER.decode(path.read_text(encoding="utf-8"))
        if not isinstance(content, dict):
            raise ValueError("no object")
        written, own = content.pop("digest", None), digest(content)
        if written != own:
            raise ValueError(f"another digest than that of its content, {own[:16]}…")
        return Reimplementation.model_validate(content)
    except (ValueError, ValidationError, RecursionError, OverflowError) as error:
        raise RecordError(
            f"Expected what another implementation of a study found, with its digest, in {path}. "
            f"Received: {reasons(error)}. Restore the file from version control, or run its "
            "program in replicas/ again."
        ) from error
