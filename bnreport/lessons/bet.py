"""The bet before the look: recorded sweeps of the learning rate, and how far a guess is off.

The script of the piece does the same arithmetic in the reader's browser.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from bnreport.errors import BnreportError
from bnreport.presentation.plots import Curves
from bnreport.randomness import generator
from bnreport.reference import Floats

# Shown before the bet, by colour, with the names that the picture gives them; and what is bet on.
SHOWN = {"raw": "raw pixels", "std": "standardized"}
HIDDEN = "bn"
SCORES = {"fresh": "by fresh statistics", "deployed": "by moving averages"}
# Accuracies in per cent are kept to the hundredth: of as many images, no two differ by less.
DIGITS = 2
# The lowest and the highest accuracy that can be bet on, and the step between two of them.
LOWEST, HIGHEST, STEP = 10, 95, 0.5
# Bets at random whose outcome the script must find again.
DRAWN = 4


@dataclass(frozen=True)
class Settled:
    """A bet compared with recorded runs, at each learning rate in percentage points.

    Attributes:
        median, lowest, highest: of the runs, (rates,).
        off: the bet less the median, (rates,).
        mean: how far it is off, whichever way, over the rates.
        within: at how many rates it lies within the span of the runs.
    """

    median: Floats
    lowest: Floats
    highest: Floats
    off: Floats
    mean: float
    within: int


def outcome(bet: Sequence[float], runs: Sequence[Sequence[float]]) -> Settled:
    """Compare a bet with the runs at each rate.

    Args:
        bet: accuracies in per cent, (rates,).
        runs: those of the runs, (rates, seeds).
    """
    recorded, guess = np.array(runs, dtype=float), np.array(bet, dtype=float)
    median = np.median(recorded, axis=1)
    lowest, highest = recorded.min(axis=1), recorded.max(axis=1)
    return Settled(
        median=median,
        lowest=lowest,
        highest=highest,
        off=guess - median,
        mean=float(np.abs(guess - median).mean()),
        within=int(((lowest <= guess) & (guess <= highest)).sum()),
    )


def sweep(plots: Mapping[str, Curves]) -> Mapping[str, object]:
    """The runs behind a study's figures of a sweep, by score, as the script is handed them.

    Args:
        plots: the figure of each score; its curves are arms by the learning rate, in per cent.

    Raises:
        BnreportError: when a figure lacks an arm, or has other rates than the next.
    """
    arms = {score: _arms(plot) for score, plot in plots.items()}
    rates = next(iter(arms.values()))[HIDDEN][0]
    for score, curves in arms.items():
        for arm in (*SHOWN, HIDDEN):
            if arm not in curves or curves[arm][0] != rates:
                raise BnreportError(
                    f"Expected the arm {arm!r} at the rates {rates} in the figure by {score!r}. "
                    f"Received: {sorted(curves)}. Give the figure of the whole sweep."
                )
    return {
        "rates": rates,
        "runs": {
            arm: {score: curves[arm][1] for score, curves in arms.items()}
            for arm in (*SHOWN, HIDDEN)
        },
    }


def _arms(plot: Curves) -> dict[str, tuple[list[float], list[list[float]]]]:
    """The rates of each arm of a figure, and its runs at each of them, (rates, seeds)."""
    return {
        series.arm: (
            [float(f"{rate:g}") for rate in series.x],
            np.round(series.y.T, DIGITS).tolist(),
        )
        for panel in plot.panels
        for series in panel.series
    }


def bet(nets: Mapping[str, Mapping[str, object]], at: float) -> Mapping[str, object]:
    """Hand the piece the sweep of each net by its name, and bets to weigh again.

    Args:
        nets: as `sweep` gives them; the first is the one to begin with.
        at: the learning rate to begin at.

    Raises:
        BnreportError: when a net was not trained at that rate.
    """
    for name, net in nets.items():
        rates: Sequence[float] = net["rates"]  # type: ignore[assignment]
        if at not in rates:
            raise BnreportError(
                f"Expected a learning rate of the {name} net: {rates}. Received: {at}."
            )
    return {
        "nets": nets,
        "start": {"net": next(iter(nets)), "score": next(iter(SCORES)), "rate": at},
        "shown": SHOWN,
        "scores": SCORES,
        "limits": [LOWEST, HIGHEST, STEP],
        "witnesses": [*_witnesses(nets)],
    }


def _witnesses(nets: Mapping[str, Mapping[str, object]]) -> Iterator[Mapping[str, object]]:
    rng = generator(0, "bets before the look")
    for name, net in nets.items():
        runs: Mapping[str, Mapping[str, Sequence[Sequence[float]]]] = net["runs"]  # type: ignore[assignment]
        for score in SCORES:
            for _ in range(DRAWN // 2):
                guess = rng.integers(2 * LOWEST, 2 * HIGHEST + 1, len(runs[HIDDEN][score])) / 2
                weighed = outcome(guess.tolist(), runs[HIDDEN][score])
                columns = (weighed.median, weighed.lowest, weighed.highest, weighed.off)
                yield {
                    "net": name,
                    "score": score,
                    "bet": guess.tolist(),
                    "expected": [
                        *(value for column in columns for value in column.tolist()),
                        weighed.mean,
                        weighed.within,
                    ],
                }
