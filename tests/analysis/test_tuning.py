"""Rates that the tuning runs of recipes choose: which runs they ask for, and what they find."""

from collections.abc import Callable, Mapping, Sequence

import pytest

from bnreport.analysis.arms import usual
from bnreport.analysis.tuning import GRID, TunedRecipes
from bnreport.errors import RecordError
from bnreport.protocol.optimization import LINEAR
from bnreport.protocol.recipes import Recipe
from bnreport.protocol.runs import TUNING_SEEDS
from bnreport.protocol.scorings import END
from bnreport.protocol.trials import Identity
from bnreport.records.collection import Records
from bnreport.records.record import Record

RAW, BN = usual("raw", "bn")
FULL = (200, 201)
RATES = (0.03, 0.1, 0.3, 1.0)
NETS = TunedRecipes(
    {RAW: 0.3, BN: 0.1},
    RATES,
    {"epochs": 2, "images": 256, "schedule": LINEAR, "evaluated": ()},
    full=FULL,
)
# By rate, a tuning seed each.
EVEN = (0.5, 0.5, 0.5)
BEST_AT_A_THIRD = {0.03: EVEN, 0.1: (0.6, 0.6, 0.6), 0.3: (0.8, 0.7, 0.9), 1.0: EVEN}
BEST_AT_A_TENTH = {0.03: EVEN, 0.1: (0.9, 0.9, 0.9), 0.3: (0.7, 0.8, 0.9), 1.0: EVEN}
Scores = Mapping[float, Sequence[float]]
Given = Callable[[Scores, Scores], Records]


@pytest.fixture
def given(make_record: Callable[..., Record]) -> Given:
    """A function that returns records of raw pixels and BN with these fresh scores by rate."""

    def record(recipe: Recipe, seed: int, score: float) -> Record:
        of = {"trial": recipe, "seed": seed, "study": "s", "data": "d", "profile": "full"}
        identity = Identity.model_validate(of)
        lost = score < 0
        wrong = {
            f"end_{by}_{part}_{metric}": (None if lost else 0.25,)
            for by in ("deployed", "fresh")
            for part in ("val", "test")
            for metric in ("loss", "accuracy")
        }
        checks = wrong | ({} if lost else {"end_fresh_val_accuracy": (score,)})
        fields = {
            "id": identity.run_id,
            "identity": identity,
            "history": dict.fromkeys(recipe.metrics, (0.25, 0.25)),
            "scores": (),
            "checks": checks,
            "diverged": lost,
        }
        return make_record(seed=seed, **fields)

    def records(raw: Scores, bn: Scores) -> Records:
        return Records(
            "full",
            {
                NETS.tried(arm, rate): {
                    seed: record(NETS._trial(arm, NETS.tried(arm, rate), rate, {}), seed, value)
                    for seed, value in zip(TUNING_SEEDS, scores[rate], strict=True)
                }
                for arm, scores in ((RAW, raw), (BN, bn))
                for rate in scores
            },
        )

    return records


def test_tuning_runs_are_those_that_judge_at_other_rates_and_seeds() -> None:
    runs = {run.trial.name: run for run in NETS.runs}
    assert list(runs) == [
        *(f"raw-tuning-{rate}" for rate in ("0.03", "0.1", "0.3", "1")),
        *(f"bn-tuning-{rate}" for rate in ("0.03", "0.1", "0.3", "1")),
        "raw",
        "bn",
    ]
    tried, judged = runs["bn-tuning-0.1"], runs["bn"]
    assert (tried.full, tried.tuning) == ((), TUNING_SEEDS)
    assert (judged.full, judged.tuning) == (FULL, ())
    assert isinstance(judged.trial, Recipe)
    assert judged.trial.learning_rate == 0.1
    assert judged.trial.measures == (END,)
    assert tried.trial.model_copy(update={"name": "bn"}) == judged.trial
    assert NETS.judged_runs(RAW, (7,)).full == (7,)
    assert TunedRecipes({}).grid == GRID


def test_the_fresh_score_chooses(given: Given) -> None:
    records = given(BEST_AT_A_THIRD, BEST_AT_A_TENTH)
    assert NETS.accuracies(records, BN)[:, 0].tolist() == pytest.approx([50, 90, 70, 50])
    assert NETS.best(records, RAW).tolist() == pytest.approx([80, 70, 90])
    NETS.check(records)
    other = TunedRecipes({RAW: 0.3}, RATES, score=lambda runs: -NETS.score(runs))
    assert other.chosen(records, RAW) == 0.03


def test_a_tie_goes_to_the_smaller_rate(given: Given) -> None:
    # The standard error of .6, .8 and 1 is .1155: means from .6845 on are as good as theirs of .8.
    def chosen(beside: float) -> float:
        scores = {**BEST_AT_A_THIRD, 0.1: (beside,) * 3, 0.3: (0.6, 0.8, 1.0)}
        return NETS.chosen(given(BEST_AT_A_THIRD, scores), BN)

    assert (chosen(0.683), chosen(0.686)) == (0.3, 0.1)


def test_a_run_that_diverged_counts_as_chance(given: Given) -> None:
    scores = {**BEST_AT_A_TENTH, 0.3: (0.99, 0.99, -1.0)}
    records = given(BEST_AT_A_THIRD, scores)
    assert NETS.accuracies(records, BN)[2].tolist() == pytest.approx([99, 99, 10])
    NETS.check(records)


@pytest.mark.parametrize(
    ("bn", "said"),
    [
        (BEST_AT_A_THIRD, r"choose, 0\.3\. Received: 0\.1"),
        # Another has the highest mean, and lies at the end.
        ({**BEST_AT_A_TENTH, 1.0: (0.95, 0.8, 1.0)}, r"inside its grid\. Received: 0\.1 of"),
    ],
)
def test_rates_that_were_not_chosen_or_lie_at_an_end_are_refused(
    given: Given, bn: Scores, said: str
) -> None:
    with pytest.raises(RecordError, match=said):
        NETS.check(given(BEST_AT_A_THIRD, bn))


def test_a_best_rate_at_the_low_end_is_refused(given: Given) -> None:
    low = TunedRecipes({BN: 0.03}, RATES)
    with pytest.raises(RecordError, match="by two settings"):
        low.check(given(BEST_AT_A_THIRD, {**BEST_AT_A_THIRD, 0.03: (0.95, 0.95, 0.95)}))


def test_arms_are_compared_a_step_beside_their_rates_and_at_them(given: Given) -> None:
    table = NETS.neighbours(
        given(BEST_AT_A_THIRD, BEST_AT_A_TENTH), {"BN over raw": (BN, RAW)}, "Beside", "Unjudged."
    )
    assert (table.caption, table.note) == ("Beside", "Unjudged.")
    assert table.head == ("difference", "a step lower", "as chosen", "a step higher")
    # Raw pixels: 60, 80, 50 about their rate of .3; BN: 50, 90, 80 about .1.
    assert table.rows == (("BN over raw", "−10.00", "+10.00", "+30.00"),)
