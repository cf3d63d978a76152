"""The stories that recorded runs tell of a printed curve, and the runs that tell each of them.

No run was trained for it: these are the histories of this study and of the notebook's. What is not
recorded has no story: other rates than two, a mistake at the smaller rate, an older progress bar at
that rate, a replay after another number of epochs.
"""

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from bnreport.analysis.curves.band import EPOCHS, SCALE, Band, Shelf, Story
from bnreport.analysis.curves.reading import METRICS
from bnreport.protocol.nets import NETS
from bnreport.records.collection import Records
from bnreport.records.record import Record

RATE, SMALL = 0.01, 0.001
# Seeds whose fresh runs make the band; those of the others are laid over it.
BANDED = range(200, 240)
BARS = range(200, 220)
MISTAKEN = ("undivided", "softmax", "sorted")


def band(mistakes: Records, notebook: Records) -> Band:
    """The band of both nets.

    Args:
        mistakes: the records of this study.
        notebook: those of the notebook's.
    """
    shelves = {
        name: shelf
        for net in NETS
        for name, shelf in _shelves(net, mistakes, notebook).items()
        if shelf.seeds
    }
    stories = (story for net in NETS for story in _stories(net))
    diverged = {
        Story(kind, net, RATE, ()): (sum(run.diverged for run in runs), len(runs))
        for net in NETS
        for kind in MISTAKEN
        for runs in [mistakes.trial(f"{net}-{kind}")]
    }
    recorded = tuple(story for story in stories if shelves.keys() >= {*story.shelves})
    return Band(recorded, shelves, diverged)


def _stories(net: str) -> Iterator[Story]:
    """Yield the stories of a net; one whose runs all diverged has no shelf, and is not told."""
    yield Story("fresh", net, RATE, (f"{net}-fresh", f"{net}-on"))
    yield Story("fresh", net, SMALL, (f"{net}-slow",))
    yield Story("continued", net, RATE, (f"{net}-on",), on=True)
    yield Story("replayed", net, RATE, (f"{net}-replayed",), after=EPOCHS)
    for kind in ("bar", *MISTAKEN):
        yield Story(kind, net, RATE, (f"{net}-{kind}",))


def _shelves(net: str, mistakes: Records, notebook: Records) -> dict[str, Shelf]:
    """The printed numbers of the runs of a net."""
    fresh = mistakes.by_trial[f"{net}-fresh"]
    return {
        f"{net}-fresh": _shelf(_at_seeds(fresh, BANDED)),
        f"{net}-on": _shelf(mistakes.by_trial[f"{net}-continued"]),
        f"{net}-slow": _shelf(notebook.by_trial[f"{net}-{SMALL:g}"]),
        f"{net}-replayed": _shelf(mistakes.by_trial[f"{net}-replayed"]),
        f"{net}-bar": _shelf(_at_seeds(fresh, BARS), bar=True),
        **{f"{net}-{kind}": _shelf(mistakes.by_trial[f"{net}-{kind}"]) for kind in MISTAKEN},
    }


def held_out(mistakes: Records, notebook: Records) -> Mapping[Story, Shelf]:
    """The fresh runs that the band does not hold, by the story that they tell."""
    held: dict[Story, Shelf] = {}
    for net in NETS:
        fresh = mistakes.by_trial[f"{net}-fresh"]
        runs = {seed: run for seed, run in fresh.items() if seed not in BANDED}
        for trial in (f"{net}-{RATE:g}", f"{net}-{RATE:g}-follow-up"):
            runs |= notebook.by_trial.get(trial, {})
        shelf = _shelf(runs)
        held[Story("fresh", net, RATE, ())] = shelf
    return held


def _at_seeds(runs: Mapping[int, Record], seeds: range) -> dict[int, Record]:
    return {seed: run for seed, run in sorted(runs.items()) if seed in seeds}


def _shelf(runs: Mapping[int, Record], bar: bool = False) -> Shelf:
    whole = {seed: printed(run, bar) for seed, run in sorted(runs.items()) if not run.diverged}
    if not whole:
        return Shelf((), np.empty((0, EPOCHS, len(METRICS))))
    shortest = min(len(run) for run in whole.values())
    numbers = np.stack([run[:shortest] for run in whole.values()])
    return Shelf(tuple(whole), numbers)


def printed(run: Record, bar: bool = False) -> NDArray[np.float64]:
    """The numbers that a run prints, (epochs, metrics), of `History` or of an older progress bar.

    A bar differs in the numbers of training alone.
    """
    names = [f"bar_{m}" if bar and not m.startswith("val_") else m for m in METRICS]
    exact = np.stack([run.epochs(name) for name in names], axis=1)
    rounded: NDArray[np.float64] = np.floor(exact * SCALE + 0.5) / SCALE
    return rounded
