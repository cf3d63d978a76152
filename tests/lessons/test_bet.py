"""The bet before the look is compared with recorded runs by their median and their span."""

from typing import Any

import numpy as np
import pytest

from bnreport.errors import BnreportError
from bnreport.lessons.bet import HIGHEST, LOWEST, SCORES, bet, outcome, sweep
from bnreport.presentation.plots import Arm, Curves, Panel, Series

RATES = [0.1, 0.3, 1.0]
# Of two seeds; the first accuracy is more exact than what is kept.
RUNS: dict[Arm, list[list[float]]] = {
    "raw": [[70.004, 80.0, 10.0], [72.0, 82.0, 10.0]],
    "std": [[75.0, 84.0, 10.0], [77.0, 86.0, 12.0]],
    "bn": [[74.0, 85.0, 88.0], [76.0, 87.0, 90.0]],
}


def curves(*arms: Arm, rates: list[float] = RATES) -> Curves:
    """A figure of those arms."""
    series = tuple(Series(arm, arm, np.array(rates), np.array(RUNS[arm])) for arm in arms)
    return Curves("t", "s", "x", (Panel("", "y", series[:1]), Panel("", "y", series[1:])))


WHOLE = curves("raw", "std", "bn")


def test_an_outcome_by_hand() -> None:
    found = outcome([75, 90, 88.0], [[74, 76, 75], [85, 87, 85], [88, 90, 80]])
    assert found.median.tolist() == [75, 85, 88]
    assert found.lowest.tolist() == [74, 85, 80]
    assert found.highest.tolist() == [76, 87, 90]
    assert found.off.tolist() == [0, 5, 0]
    assert found.mean == pytest.approx(5 / 3)
    assert found.within == 2
    # Between the two runs in the middle; an end of the span lies within it.
    even = outcome([76.0], [[74, 76]])
    assert (even.median.tolist(), even.within) == ([75], 1)
    assert outcome([70.0], [[74, 76]]).mean == 5


def test_a_sweep_is_what_figures_show_by_rate_and_seed() -> None:
    net: Any = sweep({"fresh": WHOLE, "deployed": WHOLE})
    assert net["rates"] == RATES
    assert net["runs"].keys() == RUNS.keys()
    assert net["runs"]["raw"]["fresh"] == [[70.0, 72.0], [80.0, 82.0], [10.0, 10.0]]
    assert net["runs"]["bn"]["deployed"][2] == [88.0, 90.0]


def test_a_figure_that_lacks_an_arm_or_a_rate_is_refused() -> None:
    with pytest.raises(BnreportError, match="Expected the arm 'std'"):
        sweep({"fresh": curves("raw", "bn")})
    other = curves("raw", "std", "bn", rates=[0.1, 0.3, 3.0])
    with pytest.raises(BnreportError, match="in the figure by 'deployed'"):
        sweep({"fresh": WHOLE, "deployed": other})


def test_a_rate_to_begin_at_that_nobody_trained_at_is_refused() -> None:
    with pytest.raises(BnreportError, match=r"Received: 0\.2"):
        bet({"small": sweep(dict.fromkeys(SCORES, WHOLE))}, 0.2)


def test_bets_to_weigh_again_are_of_every_net_and_score() -> None:
    net = sweep(dict.fromkeys(SCORES, WHOLE))
    handed: Any = bet({"small": net, "large": net}, 0.3)
    assert handed["start"] == {"net": "small", "score": "fresh", "rate": 0.3}
    witnesses = handed["witnesses"]
    assert {(w["net"], w["score"]) for w in witnesses} == {
        (name, score) for name in ("small", "large") for score in SCORES
    }
    for witness in witnesses:
        assert all(LOWEST <= value <= HIGHEST for value in witness["bet"])
        runs: Any = net["runs"]
        expected = outcome(witness["bet"], runs["bn"][witness["score"]])
        assert witness["expected"][-2:] == [expected.mean, expected.within]
        assert len(witness["expected"]) == 4 * len(RATES) + 2
