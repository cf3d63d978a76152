"""Does a net with BN reach an accuracy in fewer steps, when it is scored by fresh statistics?

The second edition: nets on fewer images, in larger batches, and over fewer steps than in the first.
Every run is scored twice, by statistics taken anew at each mark and by Keras' moving averages.
"""

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

import numpy as np

from bnreport.analysis.arms import Arm, usual
from bnreport.analysis.cells import arrivals, values_of
from bnreport.analysis.charts import panels
from bnreport.analysis.comparisons import Sample, runs_of
from bnreport.analysis.design import Form, Judged, claim_form, study
from bnreport.analysis.metrics import passed
from bnreport.analysis.tuning import TunedRecipes
from bnreport.presentation import Curves, Table, Value
from bnreport.protocol.claims import Word
from bnreport.protocol.directions import check, more
from bnreport.protocol.scorings import Scoring
from bnreport.records.collection import Records

IMAGES, EPOCHS, BATCH_SIZE = 20_480, 8, 128
STEPS = EPOCHS * IMAGES // BATCH_SIZE
# What a pilot of ten seeds asked for; arms that no claim asks about are pictures.
SEEDS, PICTURED = tuple(range(200, 224)), 6
# Each mark is so much later than the one before, in the same ratio throughout.
MARKS = tuple(np.round(np.geomspace(20, STEPS, 24)).astype(int).tolist())
PATH = Scoring(name="path", steps=MARKS, images=2_500)
# An accuracy that every arm reached in the pilot, and those that a table shows beside it.
THRESHOLD = 0.81
BESIDE = (0.79, 0.81, 0.83, 0.85)

SAME_RATE = 0.03
RAW, STD, BN, STD_BN = usual()
BEST = TunedRecipes(
    rates={RAW: 0.1, STD: 0.3, BN: 1.0, STD_BN: 0.1},
    setting={
        "epochs": EPOCHS,
        "images": IMAGES,
        "batch_size": BATCH_SIZE,
        "evaluated": (),
    },
    tuning={
        "measures": (Scoring(name="end", by=("fresh",)), PATH.model_copy(update={"by": ("fresh",)}))
    },
    judged={"measures": (PATH,)},
    full=SEEDS,
)
# At one rate, and each arm at its best.
RATES = {"same": dict.fromkeys(BEST.rates, SAME_RATE), "best": BEST.rates}


def named(arm: Arm, which: str = "") -> str:
    """The name of a trial that judges, at that choice of rates where there are several."""
    return f"{arm.name}-{which}" if which else arm.name


CONTROLS = {RAW: "raw pixels", STD: "standardized inputs without BN"}
CALLED = {BN: "BN", RAW: "raw pixels", STD: "standardized"}
CLAIMED = (BN, *CONTROLS)
RUNS = (
    *BEST.tuning_runs(*BEST.rates),
    *(
        arm.recipes(
            SEEDS if arm in CLAIMED else SEEDS[:PICTURED],
            named(arm, which),
            learning_rate=rate,
            **BEST.setting,
            **BEST.judged,
        )
        for which, rates in RATES.items()
        for arm, rate in rates.items()
    ),
)
SCORES = {"fresh": "by fresh statistics", "deployed": "by Keras' moving averages"}
LABELS = {RAW: "raw", STD: "standardized"}
AT = {"same": f"rate {SAME_RATE:g}", "best": "best rates"}
EXPECTED: dict[tuple[str, Arm, str], Word] = {
    ("same", STD, "fresh"): "not supported",
    ("same", STD, "deployed"): "not supported",
    ("best", STD, "deployed"): "not supported",
}
# At best rates runs scatter so much that 48 seeds would not tell a quarter more from nothing.
MARGINS = {"same": 1.25, "best": 1.5}
WHERE = {
    "same": f"At a constant rate of {SAME_RATE:g}",
    "best": "At constant rates, each arm's own best",
}


def score(by: str) -> str:
    """The name of that score along a run."""
    return f"{PATH.name}_{by}_val"


def steps(arm: Arm, which: str, by: str, threshold: float = THRESHOLD) -> Sample:
    """The steps that an arm takes to an accuracy."""
    return runs_of(named(arm, which)).passed(score(by), threshold)


# What claims of this edition and of the third share.
ASKED: Mapping[str, Any] = {
    "question": "Does a net with BN learn in fewer steps, at a constant rate?",
    "source": "Ioffe and Szegedy 2015, figure 3: 13.3 against 31.0 million steps, 2.3 times as "
    "fast at the same rate and 14 times with a larger rate and other changes",
    "scale": "ratio",
    "metric": f"steps, of at most {STEPS:,} of {BATCH_SIZE} images, until the validation accuracy "
    f"passes {THRESHOLD:.0%}: where the rising curve does that is nearest to the accuracies at "
    f"{len(MARKS)} marks, smoothed over three",
    "unit": "x",
    "decided": "interval",
}
claim = claim_form(
    "speed",
    **ASKED,
    seeds=f"{SEEDS[0]}-{SEEDS[-1]}",
    known="known from the first edition",
)


def stated(where: str, control: Arm, by: str) -> str:
    """The statement that BN arrives before a control, at rates that are so chosen, by a score."""
    return (
        f"{where}, BN, scored {SCORES[by]}, reaches {THRESHOLD:.0%} in fewer steps than "
        f"{CONTROLS[control]}, within {STEPS:,} steps on Fashion-MNIST."
    )


def earlier(
    form: Form,
    name: str,
    control: Arm,
    by: str,
    *,
    which: str = "",
    at: str,
    where: str,
    **own: Any,
) -> Judged:
    """A claim that BN on raw pixels arrives before a control, by that score.

    Args:
        form: makes the claim.
        name: what stands in its id between the study and the control.
        control: the arm without BN.
        by: the score of the nets with BN.
        which: the choice of rates in the names of the trials, where there are several.
        at: the same in its label and of its arms.
        where: the same in its statement.
        own: what else the claim has of its own.
    """
    ending = "" if by == "fresh" else f"-{by}"
    curve = check(f"{score(by)}_accuracy")
    return form(
        f"{name}-{control.name}{ending}",
        by=steps(control, which, by).ratio(steps(BN, which, by), lost=False),
        ahead=more(named(BN, which), named(control, which), curve, "arrival", THRESHOLD),
        label=f"BN over {LABELS[control]}, {at}, {by}",
        statement=stated(where, control, by),
        arms=f"BN and {CONTROLS[control]}, {at}",
        score=by,
        **own,
    )


def _claim(which: str, control: Arm, by: str) -> Judged:
    # Arrival is judged, and final accuracy had chosen the rates that are called best.
    shown = {
        "called": f"BN over {LABELS[control]}, rates by final accuracy, {by}",
        "shown": stated("At constant rates that final accuracy chose for each arm", control, by),
    }
    return earlier(
        claim,
        f"2-{which}",
        control,
        by,
        which=which,
        at=AT[which],
        where=WHERE[which],
        margin=MARGINS[which],
        expected=EXPECTED.get((which, control, by), "supported"),
        **({"headline": f"steps-{control.name}"} if which == "same" else shown),
    )


FAMILIES = {
    by: [_claim(which, control, by) for which in RATES for control in CONTROLS] for by in SCORES
}


def given(**more: str) -> dict[str, Value]:
    """Give what was set before the runs that judge, of this edition and of the third."""
    shared = {"threshold": f"{THRESHOLD:.0%}", "marks": str(len(MARKS)), "steps": f"{STEPS:,}"}
    return values_of("set before the runs that judge", {**shared, **more})


def _values(_: Records) -> dict[str, Value]:
    best = {f"best.{arm.name}": f"{rate:g}" for arm, rate in BEST.rates.items()}
    return given(rate=f"{SAME_RATE:g}", **best)


def curves(
    records: Records, which: str = "", *, rate: str, arms: Iterable[Arm] = tuple(BEST.rates)
) -> Curves:
    """The accuracies of arms along their runs, by either score, at that choice of rates."""
    by_score = {
        f"Scored {words}": [
            arm.curve(
                MARKS,
                100 * runs_of(named(arm, which)).scored(score(by))(records),
                arm.short,
            )
            for arm in arms
        ]
        for by, words in SCORES.items()
    }
    return Curves(
        title="Validation accuracy by step, " + rate,
        subtitle=f"300-100 ReLU net, batches of {BATCH_SIZE}, constant rate. Thin lines: "
        f"{records.n_seeds} seeds; thick: mean",
        x_label="step",
        x_scale="log",
        panels=panels(by_score, "validation accuracy, %", level=(100 * THRESHOLD, "threshold")),
    )


def _race(records: Records) -> Curves:
    """The nets that claims compare, at one rate and by one score: what the first page shows."""
    of_arm = {
        arm: 100 * runs_of(named(arm, "same")).scored(score("fresh"))(records) for arm in CLAIMED
    }
    return Curves(
        title=f"Validation accuracy by step, at a learning rate of {SAME_RATE:g}",
        subtitle=f"Dense nets on Fashion-MNIST, batches of {BATCH_SIZE}; BN scored by fresh "
        "statistics",
        x_label="training step",
        x_scale="log",
        panels=panels(
            {"": [arm.curve(MARKS, runs, CALLED[arm]) for arm, runs in of_arm.items()]},
            "validation accuracy, %",
            level=(100 * THRESHOLD, "goal"),
        ),
    )


def arrivals_table(
    records: Records, by: str, rates: Mapping[str, Mapping[Arm, float]] = RATES
) -> Table:
    """The steps to several accuracies by a score, at each choice of rates."""
    return Table(
        f"Median steps until the validation accuracy, scored {SCORES[by]}, reaches a threshold",
        ("arm", "rate", *(f"{threshold:.0%}" for threshold in BESIDE), f"reached {THRESHOLD:.0%}"),
        tuple(
            (
                arm.label,
                f"{rate:g}",
                *(arrivals(steps(arm, which, by, level)(records))[0] for level in BESIDE),
                arrivals(steps(arm, which, by)(records))[1],
            )
            for which, chosen in rates.items()
            for arm, rate in chosen.items()
        ),
        "No claim judges the thresholds beside that of the claims.",
    )


def tuned_table(
    records: Records, tuned: TunedRecipes = BEST, chosen_by: str = "final accuracy"
) -> Table:
    """The arrivals at every rate of the grid: at the chosen ones, and at those beside them."""

    def cell(arm: Arm, rate: float) -> str:
        runs = records.tuning(tuned.tried(arm, rate))
        return arrivals(passed(runs, score("fresh"), THRESHOLD))[0] + (
            " *" if tuned.rates[arm] == rate else ""
        )

    return Table.crossed(
        f"Median steps to {THRESHOLD:.0%} by fresh statistics, at every rate that was tried",
        "arm",
        {arm.label: arm for arm in tuned.rates},
        {f"{rate:g}": rate for rate in tuned.grid},
        cell,
        f"Of three tuning seeds, unjudged. Stars mark the rates that {chosen_by} chose.",
    )


def _tuning(records: Records) -> Curves:
    bn, std, raw = (f"{BEST.rates[arm]:g}" for arm in (BN, STD, RAW))
    return Curves(
        title=f"Final accuracy chose {bn} for BN, {std} for standardized, {raw} for raw pixels",
        subtitle=f"Fresh statistics after {STEPS:,} steps at a constant rate. Thin lines: three "
        "tuning seeds",
        x_label="learning rate",
        x_scale="log",
        panels=BEST.panels(records, {"": {arm: arm.short for arm in BEST.rates}}, floor=60.0),
    )


SECOND = study(
    "speed",
    [judged for family in FAMILIES.values() for judged in family],
    RUNS,
    number=2,
    families=FAMILIES.values(),
    values=_values,
    tables={**{by: partial(arrivals_table, by=by) for by in SCORES}, "tuned": tuned_table},
    plots={
        "same": partial(curves, which="same", rate=f"at a learning rate of {SAME_RATE:g}"),
        "best": partial(curves, which="best", rate="each arm at its tuned rate"),
        "tuning": _tuning,
        "race": _race,
    },
    check_tuning=BEST.check,
)
