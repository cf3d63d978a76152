"""Score the rules by runs that did not set them: which stories are confused, who is accused."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from bnreport.analysis.curves.band import EPOCHS, Band, Shelf, Story
from bnreport.analysis.curves.judging import (
    Compass,
    Distance,
    Fitted,
    judge,
    sets,
)
from bnreport.analysis.curves.reading import METRICS, PrintedRun


def scores(seed: int) -> bool:
    """Say whether the runs of a seed score the rules, and did not set them."""
    return not sets(seed)


@dataclass(frozen=True)
class Confusion:
    """The answers about the runs of one story.

    Attributes:
        story: what they are.
        n: how many were laid over the band, each without the runs of its seed.
        named: how often each story was named, alone or with others.
        alone: how often the true one was named, and no other.
    """

    story: Story
    n: int
    named: Mapping[Story, int]
    alone: int


def confusions(band: Band, net: str, epochs: int = EPOCHS) -> list[Confusion]:
    """Lay the runs of each story of a net over all others; those of seeds that score.

    Args:
        band: the band.
        net: "baseline" or "bn", which the logs are said to be.
        epochs: how many epochs a log holds.
    """
    stories = [story for story in band.stories if story.net == net]
    return [_confusion(band, story, stories, epochs) for story in stories]


def _confusion(band: Band, true: Story, stories: Sequence[Story], epochs: int) -> Confusion:
    window = band.window(true, METRICS, epochs, EPOCHS)
    answers = [
        {*verdict.fitting, *verdict.possible}
        for seed, numbers in zip(window.seeds, window.numbers, strict=True)
        if scores(seed)
        for verdict in [judge(_curve(numbers, epochs), band, true.net, without=seed)]
        if verdict.outcome != "validation"
    ]
    n = sum(map(scores, window.seeds))
    named = {story: sum(story in names for names in answers) for story in stories}
    return Confusion(true, n, named, sum(names == {true} for names in answers))


def _curve(numbers: np.ndarray, epochs: int) -> PrintedRun:
    """A log of all four numbers, which says nothing of its net and its rate."""
    rows = tuple(map(tuple, numbers.reshape(epochs, len(METRICS)).tolist()))
    return PrintedRun(METRICS, rows, planned=EPOCHS)


@dataclass(frozen=True)
class Accused:
    """A count of healthy logs, and of those that were accused of anything, or fitted nothing."""

    story: Story
    count: int
    n: int


def accused(band: Band, held: Mapping[Story, Shelf], epochs: int = EPOCHS) -> list[Accused]:
    """Lay healthy runs over the band, which are said to be of no net and of no rate.

    Those that the band does not hold, and of those that it holds the ones of seeds that score, each
    without the runs of its seed.

    Args:
        band: the band.
        held: runs that it does not hold.
        epochs: how many epochs a log holds.
    """
    counts: dict[Story, list[bool]] = {}
    for story, verdict in _healthy(band, held, epochs):
        counts.setdefault(story, []).append(verdict.outcome != "healthy")
    return [Accused(story, sum(blamed), len(blamed)) for story, blamed in counts.items()]


def _healthy(
    band: Band, held: Mapping[Story, Shelf], epochs: int
) -> Iterator[tuple[Story, Fitted]]:
    for story in band.stories:
        if story.kind != "fresh":
            continue
        window = band.window(story, METRICS, epochs, EPOCHS)
        for seed, numbers in zip(window.seeds, window.numbers, strict=True):
            if scores(seed):
                yield story, judge(_curve(numbers, epochs), band, without=seed)
        for other, shelf in held.items():
            if other.name == story.name:
                for run in shelf.runs[:, :epochs]:
                    yield story, judge(_curve(run, epochs), band)


def separated(band: Band, net: str, epochs: int, distance: Distance) -> tuple[int, int]:
    """Count the pairs of stories of a net that a distance tells apart, and all of them.

    By seeds that set: it is how the distance was chosen.
    """
    stories = tuple(story for story in band.stories if story.net == net)
    compass = Compass(band, METRICS, epochs, EPOCHS, distance, stories)
    pairs = [(one, other) for i, one in enumerate(stories) for other in stories[:i]]
    return sum(compass.told_apart(*pair) for pair in pairs), len(pairs)
