"""The fixes that the page on failures shows, as they stand there."""

from pathlib import Path
from typing import Any

import numpy as np

from tests.doctor.cases import Floats, Task

FOLDER = Path(__file__).parents[2] / "docs" / "learn" / "_code" / "failures"


def names(library: str) -> list[str]:
    """The fixes that there are for a library: "keras", "torch" or "flax"."""
    return sorted(path.name.split(".")[0] for path in FOLDER.glob(f"*.{library}.py"))


def run(name: str, library: str, space: dict[str, Any]) -> dict[str, Any]:
    """Run a fix among the names that a reader has; all names that there are afterwards."""
    path = FOLDER / f"{name}.{library}.py"
    exec(compile(path.read_text(encoding="utf-8"), str(path), "exec"), space)
    return space


def centered(train: Any, val: Any, given: Task) -> bool:
    """Whether both are small numbers in float32, as precise as the images before `far`."""
    mean = given.x.mean(axis=0)
    found = [np.allclose(x, y - mean, atol=1e-4) for x, y in ((train, given.x), (val, given.x_val))]
    return all(found) and train.dtype == val.dtype == np.float32


def far(x: Any) -> Floats:
    """The same images in float64, around a mean that leaves float32 no digit for them."""
    return np.asarray(x, np.float64) + 1e7


def three_differ(space: dict[str, Any]) -> bool:
    """Whether the scores are those of a net whose averages are near their start."""
    averages, batch, fresh = (float(space[f"by_{kind}"]) for kind in ("averages", "batch", "fresh"))
    return fresh > averages + 0.1 and abs(batch - fresh) < 0.05
