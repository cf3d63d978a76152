"""Does batch normalization reach an accuracy in fewer steps, and does it need to be BN?"""

from collections.abc import Callable

import numpy as np

from bnreport.arms import ARMS, NAMES, arm
from bnreport.directions import Direction, check, more
from bnreport.estimates import Contrast
from bnreport.plots import Arm, Curves, Panel, Series
from bnreport.rules import DIFFERENCE, LOST, SEEDS_ONLY
from bnreport.samples import check_chosen, checked, speedup, steps_of, steps_to
from bnreport.study import TUNING_SEEDS, Analysis, Claim, Records, Runs, Study, Table, Value, Word
from bnreport.trials import Score

SAME_RATE = 0.01
GRID = (0.003, 0.01, 0.03, 0.1, 0.3, 1.0)
# What the tuning runs found best; `check_chosen` holds it to them.
RATES = {"raw": 0.1, "std": 0.03, "bn": 0.03, "std-bn": 0.1}
EPOCHS, TUNING_EPOCHS = 10, 3
STEPS_OF_EPOCH = 1719
# An accuracy that every arm reached in the pilots; fixed before the runs.
THRESHOLD = 0.87
EVERY = 200
CHECK = Score(name="val", steps=tuple(range(0, EPOCHS * STEPS_OF_EPOCH, EVERY)))


def tuning(of: str, rate: float) -> str:
    """The name of a tuning trial."""
    return f"{of}-tuning-{rate:g}"


RUNS = (
    *(
        Runs(
            arm(
                of,
                tuning(of, rate),
                learning_rate=rate,
                epochs=TUNING_EPOCHS,
                split="seed",
                evaluated=("val",),
            ),
            full=(),
            tuning=TUNING_SEEDS,
        )
        for of in ARMS
        for rate in GRID
    ),
    *(
        Runs(
            arm(
                of,
                f"{of}-{which}",
                learning_rate=rate,
                epochs=EPOCHS,
                split="seed",
                evaluated=("val",),
                score_epochs=(EPOCHS,),
                checks=(CHECK,),
            )
        )
        for of in ARMS
        for which, rate in (("same", SAME_RATE), ("best", RATES[of]))
    ),
)


def _claim(name: str, label: str, statement: str, arms: str, expected: Word) -> Claim:
    return Claim(
        id=name,
        label=label,
        question="Does a net with BN learn in fewer steps?",
        statement=statement,
        source="Ioffe and Szegedy 2015, figure 3: 13.3 against 31.0 million steps, 2.3 times as "
        "fast at the same rate and 14 times with a larger rate and other changes",
        kind="difference",
        scale="ratio",
        arms=arms,
        metric=f"steps until the validation accuracy, in inference mode every {EVERY} steps and "
        f"smoothed over three marks, reaches {THRESHOLD:.0%}",
        unit="x",
        margin=1.25,
        seeds="100-111",
        rule=DIFFERENCE + LOST + SEEDS_ONLY,
        expected=expected,
    )


CLAIMS = (
    _claim(
        "speed-same-raw",
        "BN over raw, rate 0.01",
        "At learning rate 0.01, BN reaches 87% in fewer steps than the net on raw pixels.",
        "BN and raw pixels, both at 0.01",
        "supported",
    ),
    _claim(
        "speed-same-std",
        "BN over standardized, rate 0.01",
        "At learning rate 0.01, BN reaches 87% in fewer steps than standardized inputs without BN.",
        "BN and standardized inputs without BN, both at 0.01",
        "not supported",
    ),
    _claim(
        "speed-best-raw",
        "BN over raw, best rates",
        "With each arm at its own best learning rate, BN reaches 87% in fewer steps than the net "
        "on raw pixels.",
        "BN and raw pixels, each at its best rate",
        "supported",
    ),
    _claim(
        "speed-best-std",
        "BN over standardized, best rates",
        "With each arm at its own best learning rate, BN reaches 87% in fewer steps than "
        "standardized inputs without BN.",
        "BN and standardized inputs without BN, each at its best rate",
        "not supported",
    ),
)


def _faster(which: str, fast: str, slow: str) -> Callable[[Records], Contrast]:
    return lambda records: speedup(
        records.trial(f"{fast}-{which}"), records.trial(f"{slow}-{which}"), CHECK.name, THRESHOLD
    )


ESTIMATES = {
    "speed-same-raw": _faster("same", "bn", "raw"),
    "speed-same-std": _faster("same", "bn", "std"),
    "speed-best-raw": _faster("best", "bn", "raw"),
    "speed-best-std": _faster("best", "bn", "std"),
}


def _sooner(which: str, other: str) -> Direction:
    curve = check(f"{CHECK.name}_accuracy")
    return more(f"bn-{which}", f"{other}-{which}", curve, "arrival", THRESHOLD)


# Who each claim predicts to be ahead: the arm whose curve arrives first.
DIRECTIONS = {
    "speed-same-raw": _sooner("same", "raw"),
    "speed-same-std": _sooner("same", "std"),
    "speed-best-raw": _sooner("best", "raw"),
    "speed-best-std": _sooner("best", "std"),
}


def check_tuning(records: Records) -> None:
    """Refuse rates that the tuning runs did not find best."""
    check_chosen(records, RATES, {of: {r: tuning(of, r) for r in GRID} for of in ARMS})


def analyse(records: Records) -> Analysis:
    """The curves, and how many steps each arm took."""
    origin = "set before the runs"
    return Analysis(
        values={
            "rate": Value(f"{SAME_RATE:g}", origin),
            "threshold": Value(f"{THRESHOLD:.0%}", origin),
            "every": Value(str(EVERY), origin),
        },
        tables={"steps": _table(records)},
        plots={which: _plot(records, which) for which in ("same", "best")},
    )


def _plot(records: Records, which: str) -> Curves:
    def series(of: Arm) -> Series:
        found = records.trial(f"{of}-{which}")
        return Series(
            NAMES[of], of, steps_of(found, "val")[1:], 100 * checked(found, "val_accuracy")[:, 1:]
        )

    rate = "at learning rate 0.01" if which == "same" else "each arm at its tuned rate"
    return Curves(
        title="Validation accuracy by step, " + rate,
        subtitle="300-100 ReLU net, batches of 32, 10 epochs. Thin lines: 12 seeds; thick: mean",
        x_label="step",
        x_scale="log",
        panels=(
            Panel(
                title="",
                y_label="validation accuracy, %",
                series=tuple(series(of) for of in ("raw", "std", "bn", "std-bn")),
                level=(100 * THRESHOLD, "threshold"),
            ),
        ),
    )


def _table(records: Records) -> Table:
    rows = []
    for which in ("same", "best"):
        for of in ARMS:
            found = records.trial(f"{of}-{which}")
            steps = steps_to(found, CHECK.name, THRESHOLD)
            there = int(np.isfinite(steps).sum())
            median = float(np.median(steps))
            rows.append(
                (
                    NAMES[of],
                    f"{SAME_RATE if which == 'same' else RATES[of]:g}",
                    f"{median:,.0f}" if np.isfinite(median) else "not reached",
                    f"{there} of {len(found)}",
                )
            )
    return Table(
        "Steps until the validation accuracy reaches the threshold",
        ("arm", "learning rate", "median steps", "runs that reached it"),
        tuple(rows),
    )


STUDY = Study(
    name="speed",
    title="Convergence speed",
    page="studies/speed.md",
    chapter="Benefits",
    question="Does batch normalization reach an accuracy in fewer steps, and does it take BN?",
    runs=RUNS,
    claims=CLAIMS,
    estimates=ESTIMATES,
    directions=DIRECTIONS,
    analyse=analyse,
    check_tuning=check_tuning,
)
