"""The headlines that run in minutes, on a reader's own examples: runs, and claims on them.

They are asked as this study asks them of its data sets, of fewer seeds, rates and arms. Nothing
here is a study: it has no records in `results/` and no page of the site.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from bnreport.analysis.arms import Arm, usual
from bnreport.analysis.comparisons import Sample, runs_of
from bnreport.analysis.design import Judged, claim_form
from bnreport.analysis.judge import judge
from bnreport.analysis.ranges import least_of_the_best
from bnreport.analysis.tuning import fresh
from bnreport.analysis.verdicts import Verdict
from bnreport.protocol.directions import Direction, check, read
from bnreport.protocol.optimization import CONSTANT, LINEAR
from bnreport.protocol.recipes import Recipe
from bnreport.protocol.runs import TUNING_SEEDS
from bnreport.records.collection import Records
from bnreport.studies.datasets.claims import HEADLINES
from bnreport.studies.datasets.runs import (
    BATCH_SIZE,
    DEPLOYED,
    END,
    EPOCHS,
    FRESH,
    IMAGES,
    LAG_RATE,
    SCORES,
)

ARMS = usual("raw", "std", "bn", "ln")
# Whole decades, and half of them: a grid of four for as few tuning seeds as judge of an error.
RATES = (0.03, 0.1, 0.3, 1.0)
TUNED = TUNING_SEEDS[:2]
# As few pairs as may support a claim.
SEEDS = tuple(range(200, 212))
MARGIN = 0.5
# Epochs of the runs that tell how long all will take: see `trial_runs`.
TIMED = (1, 1, 5)
# By the headline's name: which arms, of which the first is predicted to be ahead or both alike.
PAIRS = {"bn-raw": ("bn", "raw"), "bn-std": ("bn", "std"), "ln": ("ln", "bn")}
# What is trained: a recipe and the seed of a run.
Wanted = Sequence[tuple[Recipe, int]]


def named(arm: str, kind: str | float) -> str:
    """The name of a recipe: by its rate, or by what else it is for."""
    return f"own-{arm}-{kind if isinstance(kind, str) else f'{kind:g}'}"


def _recipe(arm: Arm, kind: str | float, train: int, **own: Any) -> Recipe:
    given = {"epochs": EPOCHS, "batch_size": BATCH_SIZE, "schedule": LINEAR, "measures": (END,)}
    images = min(train, IMAGES)
    return arm.recipe(named(arm.name, kind), images=images, evaluated=(), **{**given, **own})


def tuning(train: int) -> Wanted:
    """The runs that choose the rate of each arm, of so many training examples."""
    return [
        (_recipe(arm, rate, train, learning_rate=rate), seed)
        for arm in ARMS
        for rate in RATES
        for seed in TUNED
    ]


def chosen(records: Records) -> Mapping[str, float]:
    """The rate of each arm that its tuning runs choose, the smallest of those that tie."""
    return {
        arm.name: least_of_the_best(
            {rate: fresh(records.tuning(named(arm.name, rate))) for rate in RATES}
        )
        for arm in ARMS
    }


def judged(train: int, rates: Mapping[str, float]) -> Wanted:
    """The runs that judge, each arm at its rate, and those whose averages lag."""
    (bn,) = usual("bn")
    recipes = [
        *(_recipe(arm, "best", train, learning_rate=rates[arm.name]) for arm in ARMS),
        _recipe(bn, "constant", train, learning_rate=LAG_RATE, schedule=CONSTANT),
    ]
    return [(recipe, seed) for recipe in recipes for seed in SEEDS]


def possible(train: int) -> Wanted:
    """Every run that may be wanted: those that judge follow from those that choose rates."""
    each = ({arm.name: rate for arm in ARMS} for rate in RATES)
    return [*tuning(train), *(pair for rates in each for pair in judged(train, rates))]


def trial_runs(train: int, steps: int) -> Wanted:
    """Short runs, three of each program: one that compiles, a short one and one of more epochs."""
    images = min(train, steps * BATCH_SIZE)
    return [
        (_recipe(arm, f"timed-{place}", images, learning_rate=RATES[0], epochs=epochs), SEEDS[0])
        for arm in ARMS
        for place, epochs in enumerate(TIMED)
    ]


def steps_of(wanted: Wanted) -> int:
    """The steps of all runs together."""
    return sum(recipe.steps for recipe, _ in wanted)


def count(train: int) -> tuple[int, int]:
    """Count all runs, and their steps."""
    both = [*tuning(train), *judged(train, {arm.name: RATES[0] for arm in ARMS})]
    return len(both), steps_of(both)


def claims(train: int, classes: int) -> tuple[Judged, ...]:
    """The claims, in the words of the headlines; by fresh statistics.

    Args:
        train: how many examples there are to train on.
        classes: how many classes they have; a run that diverged names one of them.
    """
    words = f"{min(train, IMAGES):,} examples of yours"
    form = claim_form(
        "own",
        question="Does it hold on your data?",
        source="the headlines of the study on other data",
        margin=MARGIN,
        unit="pp",
        seeds=f"{SEEDS[0]}-{SEEDS[-1]}",
        decided="interval",
        score=FRESH,
        known="new",
        expected="supported",
    )

    def claim(name: str, by: Sample, ahead: Direction, metric: str, **own: Any) -> Judged:
        head = HEADLINES[name]
        statement = head.statement.format(words, points=f"{MARGIN:g}")
        ending = "." if name == "lag" else f", {SCORES[FRESH]}."
        return form(
            name,
            by=by.contrast(),
            ahead=ahead,
            label=head.label,
            statement=f"{statement}{ending}",
            arms=head.arms,
            metric=metric,
            **{**dict(head.form), **own},
        )

    metric = f"validation accuracy after {EPOCHS} epochs in batches of {BATCH_SIZE}"
    steps = EPOCHS * math.ceil(min(train, IMAGES) / BATCH_SIZE)
    lag = (_reading("bn", "constant", by, steps) for by in (FRESH, DEPLOYED))
    return (
        *(
            claim(
                name,
                _scored(one, "best", FRESH, classes) - _scored(other, "best", FRESH, classes),
                Direction(*(_reading(arm, "best", FRESH, steps) for arm in (one, other))),
                f"{metric}, each arm at the best of {len(RATES)} rates that fall to zero",
            )
            for name, (one, other) in PAIRS.items()
        ),
        claim(
            "lag",
            _scored("bn", "constant", FRESH, classes)
            - _scored("bn", "constant", DEPLOYED, classes),
            Direction(*lag),
            f"{metric} at a constant rate of {LAG_RATE:g}",
            score="",
        ),
    )


def _scored(arm: str, kind: str, by: str, classes: int) -> Sample:
    """Validation accuracy at the end of a run, in per cent; chance of so many where it diverged."""
    runs = runs_of(named(arm, kind))
    return 100 * runs.measured(f"end_{by}_val_accuracy", lost=1 / classes)[:, -1]


def _reading(arm: str, kind: str, by: str, steps: int) -> Any:
    return read(named(arm, kind), check(f"end_{by}_val_accuracy", steps))


def accuracies(records: Records, classes: int) -> Mapping[str, Any]:
    """The accuracies of each arm at its rate by fresh statistics, in per cent, (seeds,)."""
    return {arm.name: _scored(arm.name, "best", FRESH, classes)(records) for arm in ARMS}


def verdicts(records: Records, train: int, classes: int) -> Sequence[Verdict]:
    """The verdict on each claim."""
    judged_by = claims(train, classes)
    estimates = {each.claim.id: each.by(records) for each in judged_by}
    by_id = judge([each.claim for each in judged_by], estimates, "full")
    return [by_id[each.claim.id] for each in judged_by]
