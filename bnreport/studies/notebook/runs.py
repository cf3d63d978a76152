"""The trials of the study and the seeds at which they train."""

from bnreport.protocol.measurements import TimingTrial
from bnreport.protocol.runs import Runs
from bnreport.protocol.trials import Trial
from bnreport.studies.notebook.published import FIT_EPOCHS

SEEDS = tuple(range(100, 120))
SWEEP_SEEDS = SEEDS[:12]
FOLLOW_UP_SEEDS = tuple(range(120, 200))
QUICK = (200, 201, 202)
SWEEP_RATES = (0.003, 0.03, 0.1, 0.3, 1.0)


def _trial(name: str, net: str, rate: float, epochs: int, replay_after: int | None = None) -> Trial:
    """A setting whose images are scored where a call of `fit` ends; a replay only at its end."""
    calls = range(FIT_EPOCHS, epochs + 1, FIT_EPOCHS)
    return Trial(
        name=name,
        net=net,
        learning_rate=rate,
        epochs=epochs,
        replay_after=replay_after,
        score_epochs=tuple(calls)[-1:] if replay_after else tuple(calls),
    )


RUNS = (
    Runs(_trial("baseline-0.01", "baseline", 0.01, FIT_EPOCHS), SEEDS, QUICK),
    Runs(_trial("baseline-0.001", "baseline", 0.001, FIT_EPOCHS), SEEDS, QUICK),
    Runs(_trial("bn-0.01", "bn", 0.01, 2 * FIT_EPOCHS), SEEDS, QUICK),
    Runs(_trial("bn-0.01-replayed", "bn", 0.01, 2 * FIT_EPOCHS, FIT_EPOCHS), SEEDS, QUICK),
    Runs(_trial("bn-0.001", "bn", 0.001, FIT_EPOCHS), SEEDS, QUICK),
    *(
        Runs(_trial(f"bn-one-epoch-{rate:g}", "bn", rate, 1), SWEEP_SEEDS, QUICK)
        for rate in SWEEP_RATES
    ),
    Runs(
        # The same setting once more, at seeds of its own; only its history is looked at.
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
