"""Which stories a curve fits: distances by hand, stories that part and stories that do not."""

import numpy as np
import pytest

from bnreport.analysis.curves.band import EPOCHS, Band, Shelf, Story, packed
from bnreport.analysis.curves.judging import (
    FLOOR,
    Compass,
    healthy,
    judge,
    largest,
    left_out,
    root,
    sets,
    z_of,
)
from bnreport.analysis.curves.reading import METRICS, PrintedRun
from bnreport.analysis.curves.scoring import accused, confusions, scores, separated
from bnreport.randomness import generator

RUNS = 20
# Where the numbers of each story lie; the last two lie on each other.
CENTRES = {"fresh": 0.5, "bar": 0.7, "continued": 0.2, "replayed": 0.2}
FRESH, BAR, ON, AGAIN = (Story(kind, "bn", 0.01, (kind,)) for kind in CENTRES)


def shelf(kind: str, seed: int, runs: int = RUNS) -> Shelf:
    rng = generator(seed, kind)
    numbers = CENTRES[kind] + 0.01 * rng.normal(size=(runs, EPOCHS, len(METRICS)))
    first = 200 + 1000 * seed
    return Shelf(tuple(range(first, first + runs)), numbers.round(4))


BAND = Band((FRESH, BAR, ON, AGAIN), {kind: shelf(kind, 0) for kind in CENTRES}, {FRESH: (0, 5)})


def curve(numbers: np.ndarray, metrics: tuple[str, ...] = METRICS, **fields: object) -> PrintedRun:
    return PrintedRun(metrics, tuple(map(tuple, numbers.tolist())), **fields)  # type: ignore[arg-type]


def another(kind: str, epochs: int = 8) -> PrintedRun:
    return curve(shelf(kind, 1, 1).runs[0, :epochs])


def test_distances_by_hand() -> None:
    runs = np.array([[0.0, 1.0], [2.0, 1.0], [4.0, 1.0]])
    # A mean of 2, an SD of 2, of one more run: 2 times the root of 4/3.
    expected = [4 / (2 * np.sqrt(4 / 3)), 0.5 / (FLOOR * np.sqrt(4 / 3))]
    assert z_of(np.array([6.0, 1.5]), runs) == pytest.approx(expected)
    # Each among the other two: means of 3, 2 and 1, SDs of the root of 2, of 8 and of 2.
    far = 3 / np.sqrt(2 * 1.5)
    assert left_out(runs)[:, 0] == pytest.approx([-far, 0, far])
    assert left_out(runs)[:, 1] == pytest.approx([0, 0, 0])
    assert root(np.array([[3.0, 4.0], [0.0, 0.0]])) == pytest.approx([np.sqrt(12.5), 0])
    assert largest(np.array([[3.0, -4.0], [0.0, 0.0]])) == pytest.approx([4, 0])


def test_left_out_is_what_leaving_out_finds() -> None:
    runs = shelf("fresh", 0).runs.reshape(RUNS, -1)
    found = left_out(runs)
    for i in range(RUNS):
        assert found[i] == pytest.approx(z_of(runs[i], np.delete(runs, i, axis=0)))


@pytest.mark.parametrize(
    ("kind", "outcome", "fitting", "possible"),
    [
        ("fresh", "healthy", {FRESH}, set()),
        ("bar", "stories", {BAR}, set()),
        ("continued", "stories", {ON, AGAIN}, set()),
    ],
)
def test_a_run_of_a_story_fits_it(
    kind: str, outcome: str, fitting: set[Story], possible: set[Story]
) -> None:
    verdict = judge(another(kind), BAND)
    assert (verdict.outcome, {*verdict.fitting}) == (outcome, fitting)
    assert {*verdict.possible} == possible
    assert verdict.honest == (FRESH,)
    assert verdict.epochs == 8
    distances = [entry.distance for entry in verdict.compared]
    assert distances == sorted(distances)


def test_a_story_that_is_not_told_apart_stays_possible() -> None:
    off = np.array(another("continued").epochs)
    # One that the story next to it would refuse.
    for step in np.linspace(0, 0.02, 60):
        verdict = judge(curve(off + step), BAND)
        if len(verdict.fitting) == 1:
            break
    assert len(verdict.fitting) == 1
    assert {*verdict.fitting, *verdict.possible} == {ON, AGAIN}


def test_it_is_open_where_a_healthy_story_is_not_told_apart() -> None:
    twin = Story("undivided", "bn", 0.01, ("twin",))
    # Twice as wide a spread: what lies outside of the one lies within the other.
    wide = shelf("fresh", 2)
    shelves = {"fresh": shelf("fresh", 0), "twin": Shelf(wide.seeds, 2 * wide.runs - 0.5)}
    band = Band((FRESH, twin), shelves, {})
    verdict = judge(curve(2 * np.array(another("fresh").epochs) - 0.5), band)
    assert verdict.fitting == (twin,)
    assert (verdict.outcome, verdict.possible) == ("open", (FRESH,))


def test_a_curve_that_fits_nothing_is_accused_of_nothing() -> None:
    verdict = judge(curve(np.full((4, 4), 0.9)), BAND)
    assert (verdict.outcome, verdict.fitting, verdict.possible) == ("none", (), ())


def test_validation_alone_may_fit() -> None:
    numbers = np.array(another("fresh").epochs)
    numbers[:, :2] = 0.95
    verdict = judge(curve(numbers), BAND)
    assert (verdict.outcome, verdict.fitting) == ("validation", (FRESH,))
    alone = judge(curve(numbers[:, 2:], METRICS[2:]), BAND)
    assert (alone.outcome, alone.fitting) == ("healthy", (FRESH,))


def test_numbers_that_are_none_end_it() -> None:
    numbers = np.array(another("fresh").epochs)
    numbers[2, 0] = np.nan
    verdict = judge(curve(numbers, first=3), BAND)
    assert (verdict.outcome, verdict.lost, verdict.compared) == ("diverged", 5, ())


def test_what_was_meant_is_healthy_and_a_log_that_counts_on_is_meant_to_go_on() -> None:
    assert healthy(FRESH, None)
    assert healthy(FRESH, 0.01)
    assert not healthy(FRESH, 0.001)
    assert not healthy(BAR, None)
    assert not healthy(ON, None)
    assert healthy(ON, None, first=11)
    assert not healthy(FRESH, None, first=11)
    assert judge(another("fresh"), BAND, rate=0.001).outcome == "stories"
    assert judge(another("fresh"), BAND, net="baseline").outcome == "none"


def test_a_story_that_goes_on_begins_where_the_first_call_ended() -> None:
    long = np.arange(20.0)[None, :, None] + shelf("fresh", 3).runs.mean(axis=1, keepdims=True)
    on = Story("continued", "bn", 0.01, ("on",), on=True)
    again = Story("replayed", "bn", 0.01, ("again",), after=10)
    shelves = {"on": Shelf(shelf("fresh", 3).seeds, long), "again": shelf("replayed", 0)}
    band = Band((on, again), shelves, {})
    assert band.window(on, ("loss",), 3, 5).numbers.round()[0] == pytest.approx([5.5, 6.5, 7.5], 1)
    assert len(band.window(on, ("loss",), 10, 10).seeds) == RUNS
    assert band.window(on, ("loss",), 10, 11).seeds == ()
    assert len(band.window(again, ("loss",), 3, 10).seeds) == RUNS
    assert band.window(again, ("loss",), 3, 5).seeds == ()
    assert {*Compass(band, ("loss",), 3, 5).windows} == {on}


def test_a_seed_is_left_out_of_every_story() -> None:
    compass = Compass(BAND, METRICS, 8)
    numbers = compass.windows[FRESH].numbers[0]
    seed = compass.windows[FRESH].seeds[0]
    assert compass.compared(FRESH, numbers, seed).n == RUNS - 1
    assert compass.compared(BAR, numbers, seed).n == RUNS - 1
    assert compass.compared(BAR, numbers, 17).n == RUNS


def test_rules_are_set_by_some_seeds_and_scored_by_others() -> None:
    assert [seed for seed in range(200, 206) if sets(seed)] == [200, 202, 204]
    assert [seed for seed in range(200, 206) if scores(seed)] == [201, 203, 205]
    by_story = {found.story: found for found in confusions(BAND, "bn")}
    assert {found.n for found in by_story.values()} == {RUNS // 2}
    assert by_story[FRESH].alone >= 9
    assert by_story[FRESH].named[BAR] == 0
    assert by_story[ON].alone == 0
    assert by_story[ON].named[AGAIN] >= 9
    assert separated(BAND, "bn", 8, root) == (5, 6)
    held = {Story("fresh", "bn", 0.01, ()): shelf("fresh", 1)}
    (healthy_runs,) = accused(BAND, held)
    assert healthy_runs.n == RUNS // 2 + RUNS
    assert healthy_runs.count <= 3
    strange = {Story("fresh", "bn", 0.01, ()): shelf("bar", 1)}
    assert accused(BAND, strange)[0].count >= RUNS


def test_a_run_is_scored_without_itself() -> None:
    # Far from all others, it fits only a band that it is in.
    odd = shelf("fresh", 0)
    odd.runs[1] += 0.2
    band = Band((FRESH,), {**BAND.shelves, "fresh": odd}, {})
    (fresh,) = confusions(band, "bn")
    assert fresh.named[FRESH] <= fresh.n - 1
    assert judge(curve(odd.runs[1]), band).outcome == "healthy"


def test_the_band_is_packed_without_loss() -> None:
    handed = packed(BAND)
    kept: dict[str, dict[str, object]] = handed["shelves"]  # type: ignore[assignment]
    for name, shelf_ in BAND.shelves.items():
        middle, steps = (np.array(kept[name][key]) for key in ("middle", "steps"))
        runs = ((middle + steps) / handed["scale"]).reshape(shelf_.runs.shape)
        assert runs == pytest.approx(shelf_.runs, abs=1e-12)
    assert [story["kind"] for story in handed["stories"]] == [*CENTRES]  # type: ignore[attr-defined]
