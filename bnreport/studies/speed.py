"""Does batch normalization reach an accuracy in fewer steps, and does it need to be BN?"""

from functools import partial
from typing import Any

from bnreport.analysis.arms import usual
from bnreport.analysis.cells import arrivals, values_of
from bnreport.analysis.charts import panels
from bnreport.analysis.comparisons import runs_of, sooner
from bnreport.analysis.design import claim_form, study
from bnreport.analysis.grids import Tuned
from bnreport.presentation import Curves, Table, Value
from bnreport.protocol.checks import Score
from bnreport.protocol.directions import check, more
from bnreport.records.collection import Records
from bnreport.studies.second.speed import SECOND
from bnreport.studies.third.speed import THIRD

EPOCHS, TUNING_EPOCHS = 10, 3
STEPS_OF_EPOCH = 1719
# An accuracy that every arm reached in the pilots; fixed before the runs.
THRESHOLD = 0.87
EVERY = 200
CHECK = Score(name="val", steps=tuple(range(0, EPOCHS * STEPS_OF_EPOCH, EVERY)))
SETTING: dict[str, Any] = {"split": "seed", "evaluated": ("val",)}

SAME_RATE = 0.01
RAW, STD, BN, STD_BN = usual()
BEST = Tuned(
    rates={RAW: 0.1, STD: 0.03, BN: 0.03, STD_BN: 0.1},
    grid=(0.003, 0.01, 0.03, 0.1, 0.3, 1.0),
    setting=SETTING,
    tuning={"epochs": TUNING_EPOCHS},
)
# At one rate, and each arm at its best.
RATES = {"same": dict.fromkeys(BEST.rates, SAME_RATE), "best": BEST.rates}


RUNS = (
    *BEST.tuning_runs(*BEST.rates),
    *(
        arm.runs(
            f"{arm.name}-{which}",
            learning_rate=rates[arm],
            epochs=EPOCHS,
            score_epochs=(EPOCHS,),
            checks=(CHECK,),
            **SETTING,
        )
        for arm in BEST.rates
        for which, rates in RATES.items()
    ),
)

claim = claim_form(
    "speed",
    question="Does a net with BN learn in fewer steps?",
    source="Ioffe and Szegedy 2015, figure 3: 13.3 against 31.0 million steps, 2.3 times as "
    "fast at the same rate and 14 times with a larger rate and other changes",
    scale="ratio",
    metric=f"steps until the validation accuracy, in inference mode every {EVERY} steps and "
    f"smoothed over three marks, reaches {THRESHOLD:.0%}",
    unit="x",
    margin=1.25,
)
CURVE = check(f"{CHECK.name}_accuracy")

CLAIMS = (
    claim(
        "same-raw",
        by=sooner("bn-same", "raw-same", CHECK.name, THRESHOLD),
        ahead=more("bn-same", "raw-same", CURVE, "arrival", THRESHOLD),
        label="BN over raw, rate 0.01",
        statement="At learning rate 0.01, BN reaches 87% in fewer steps than the net on raw "
        "pixels.",
        arms="BN and raw pixels, both at 0.01",
        headline="steps-raw",
        expected="supported",
    ),
    claim(
        "same-std",
        by=sooner("bn-same", "std-same", CHECK.name, THRESHOLD),
        ahead=more("bn-same", "std-same", CURVE, "arrival", THRESHOLD),
        label="BN over standardized, rate 0.01",
        statement="At learning rate 0.01, BN reaches 87% in fewer steps than standardized inputs "
        "without BN.",
        arms="BN and standardized inputs without BN, both at 0.01",
        headline="steps-std",
        expected="not supported",
    ),
    claim(
        "best-raw",
        by=sooner("bn-best", "raw-best", CHECK.name, THRESHOLD),
        ahead=more("bn-best", "raw-best", CURVE, "arrival", THRESHOLD),
        label="BN over raw, best rates",
        statement="With each arm at its own best learning rate, BN reaches 87% in fewer steps "
        "than the net on raw pixels.",
        arms="BN and raw pixels, each at its best rate",
        expected="supported",
    ),
    claim(
        "best-std",
        by=sooner("bn-best", "std-best", CHECK.name, THRESHOLD),
        ahead=more("bn-best", "std-best", CURVE, "arrival", THRESHOLD),
        label="BN over standardized, best rates",
        statement="With each arm at its own best learning rate, BN reaches 87% in fewer steps "
        "than standardized inputs without BN.",
        arms="BN and standardized inputs without BN, each at its best rate",
        expected="not supported",
    ),
)


def _values(_: Records) -> dict[str, Value]:
    given = {"rate": f"{SAME_RATE:g}", "threshold": f"{THRESHOLD:.0%}", "every": str(EVERY)}
    return values_of("set before the runs", given)


def _curves(records: Records, which: str, rate: str) -> Curves:
    # The first mark is before the first step.
    curves = [
        arm.curve(
            CHECK.steps[1:],
            100 * runs_of(f"{arm.name}-{which}").measured("val_accuracy")(records)[:, 1:],
            arm.label,
        )
        for arm in BEST.rates
    ]
    return Curves(
        title="Validation accuracy by step, " + rate,
        subtitle=f"300-100 ReLU net, batches of 32, 10 epochs. Thin lines: {records.n_seeds} "
        "seeds; thick: mean",
        x_label="step",
        x_scale="log",
        panels=panels({"": curves}, "validation accuracy, %", level=(100 * THRESHOLD, "threshold")),
    )


def _steps(records: Records) -> Table:
    return Table(
        "Steps until the validation accuracy reaches the threshold",
        ("arm", "learning rate", "median steps", "runs that reached it"),
        tuple(
            (
                arm.label,
                f"{rate:g}",
                *arrivals(
                    runs_of(f"{arm.name}-{which}").steps_until(CHECK.name, THRESHOLD)(records)
                ),
            )
            for which, rates in RATES.items()
            for arm, rate in rates.items()
        ),
    )


STUDY = study(
    "speed",
    CLAIMS,
    RUNS,
    title="Convergence speed",
    chapter="Benefits",
    question="Does batch normalization reach an accuracy in fewer steps, and does it take BN?",
    values=_values,
    tables={"steps": _steps},
    plots={
        "same": partial(_curves, which="same", rate="at learning rate 0.01"),
        "best": partial(_curves, which="best", rate="each arm at its tuned rate"),
    },
    check_tuning=BEST.check,
    later=(SECOND, THIRD),
)
