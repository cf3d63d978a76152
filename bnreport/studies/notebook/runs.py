"""The trials of the study and the seeds at which they train."""

from bnreport.studies.notebook.published import FIT_EPOCHS
from bnreport.study import Runs
from bnreport.trials import TimingTrial, Trial

SEEDS = tuple(range(100, 120))
SWEEP_SEEDS = SEEDS[:12]
FOLLOW_UP_SEEDS = tuple(range(120, 200))
QUICK = (200, 201, 202)
SWEEP_RATES = (0.003, 0.03, 0.1, 0.3, 1.0)


def _sweep(rate: float) -> Runs:
    return Runs(
        Trial(name=f"bn-one-epoch-{rate:g}", net="bn", learning_rate=rate, epochs=1),
        SWEEP_SEEDS,
        QUICK,
    )


RUNS = (
    Runs(
        Trial(
            name="baseline-0.01",
            net="baseline",
            learning_rate=0.01,
            epochs=FIT_EPOCHS,
            score_epochs=(FIT_EPOCHS,),
        ),
        SEEDS,
        QUICK,
    ),
    Runs(
        Trial(
            name="baseline-0.001",
            net="baseline",
            learning_rate=0.001,
            epochs=FIT_EPOCHS,
            score_epochs=(FIT_EPOCHS,),
        ),
        SEEDS,
        QUICK,
    ),
    Runs(
        Trial(
            name="bn-0.01",
            net="bn",
            learning_rate=0.01,
            epochs=2 * FIT_EPOCHS,
            score_epochs=(FIT_EPOCHS, 2 * FIT_EPOCHS),
        ),
        SEEDS,
        QUICK,
    ),
    Runs(
        Trial(
            name="bn-0.01-replayed",
            net="bn",
            learning_rate=0.01,
            epochs=2 * FIT_EPOCHS,
            replay_after=FIT_EPOCHS,
            score_epochs=(2 * FIT_EPOCHS,),
        ),
        SEEDS,
        QUICK,
    ),
    Runs(
        Trial(
            name="bn-0.001",
            net="bn",
            learning_rate=0.001,
            epochs=FIT_EPOCHS,
            score_epochs=(FIT_EPOCHS,),
        ),
        SEEDS,
        QUICK,
    ),
    *(_sweep(rate) for rate in SWEEP_RATES),
    Runs(
        Trial(
            name="baseline-0.01-follow-up",
            net="baseline",
            learning_rate=0.01,
            epochs=FIT_EPOCHS,
        ),
        FOLLOW_UP_SEEDS,
        QUICK,
    ),
    Runs(
        TimingTrial(name="timing", nets=("baseline", "bn"), learning_rate=0.01, rounds=12),
        (SEEDS[0],),
        (QUICK[0],),
    ),
)
