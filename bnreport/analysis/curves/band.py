"""The band: what recorded runs printed, epoch by epoch, under each story that can be told."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from bnreport.analysis.curves.reading import DECIMALS, METRICS

# As many epochs of a log are compared.
EPOCHS = 10
SCALE = 10**DECIMALS


@dataclass(frozen=True)
class Shelf:
    """Runs of one trial as they were printed.

    Attributes:
        seeds: their seeds.
        runs: the numbers, (runs, epochs, metrics), in the order of `METRICS`, rounded.
    """

    seeds: tuple[int, ...]
    runs: NDArray[np.float64]


@dataclass(frozen=True)
class Story:
    """A story of what a run may have been.

    Attributes:
        kind: "fresh", or what else was done.
        net: "baseline" or "bn".
        rate: its learning rate.
        shelves: where its runs stand.
        after: how many epochs its runs had before those that are kept; it is told of no other
            length of a call of `fit`. 0 where that does not matter.
        on: whether it begins where a first call of `fit` ends, however many epochs that has.
    """

    kind: str
    net: str
    rate: float
    shelves: tuple[str, ...]
    after: int = 0
    on: bool = False

    @property
    def name(self) -> str:
        """Its name among all stories."""
        return f"{self.net} {self.kind} {self.rate:g}"


@dataclass(frozen=True)
class Window:
    """The first numbers that the runs of a story print: their seeds, and (runs, numbers)."""

    seeds: tuple[int, ...]
    numbers: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Band:
    """All stories and their runs, and how many runs of a trial diverged.

    Attributes:
        stories: in the order in which they are told.
        shelves: the runs, by name.
        diverged: by story, told here or not, in how many runs the loss stopped being a number, and
            of how many.
    """

    stories: tuple[Story, ...]
    shelves: Mapping[str, Shelf]
    diverged: Mapping[Story, tuple[int, int]]

    def window(self, story: Story, metrics: Sequence[str], epochs: int, called: int) -> Window:
        """The first epochs of a story's runs; none where its runs are too short.

        Args:
            story: the story.
            metrics: which numbers.
            epochs: how many epochs.
            called: how many epochs a call of `fit` had before.
        """
        start = called if story.on else 0
        columns = [METRICS.index(metric) for metric in metrics]
        seeds: list[int] = []
        parts = [np.empty((0, epochs * len(columns)))]
        if story.after and called != story.after:
            return Window((), parts[0])
        for name in story.shelves:
            shelf = self.shelves[name]
            part = shelf.runs[:, start : start + epochs][:, :, columns]
            if part.shape[1] == epochs:
                seeds += shelf.seeds
                parts.append(part.reshape(len(part), -1))
        return Window(tuple(seeds), np.concatenate(parts))


def packed(band: Band) -> Mapping[str, object]:
    """The band as whole numbers for a script: of each shelf a middle run, and steps from it."""

    def shelf(kept: Shelf) -> Mapping[str, object]:
        whole = np.rint(kept.runs * SCALE).astype(int)
        middle = np.rint(np.median(whole, axis=0)).astype(int)
        return {
            "seeds": list(kept.seeds),
            "epochs": whole.shape[1],
            "middle": middle.ravel().tolist(),
            "steps": (whole - middle).reshape(len(whole), -1).tolist(),
        }

    def plain(story: Story) -> Mapping[str, object]:
        return {**asdict(story), "shelves": list(story.shelves)}

    return {
        "metrics": list(METRICS),
        "scale": SCALE,
        "stories": [plain(story) for story in band.stories],
        "shelves": {name: shelf(kept) for name, kept in band.shelves.items()},
        "diverged": [[plain(story), *counts] for story, counts in band.diverged.items()],
    }
