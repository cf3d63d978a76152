"""Does dropout harm BN? Each net at its own best rate, which falls to zero.

The second edition: nets are scored by fresh statistics, which are taken without dropout, and by
Keras' moving averages, which saw it.
"""

from bnreport.analysis.arms import Arm, usual
from bnreport.analysis.comparisons import Sample, runs_of
from bnreport.analysis.design import study
from bnreport.analysis.tuning import TunedRecipes
from bnreport.protocol.optimization import LINEAR
from bnreport.protocol.scorings import Scoring

IMAGES, EPOCHS, BATCH_SIZE = 20_480, 6, 128
STEPS = EPOCHS * IMAGES // BATCH_SIZE
SEEDS = tuple(range(200, 224))
SHARES = (0.2, 0.5)
FRESH, DEPLOYED = "fresh", "deployed"
RAW, STD, BN = usual("raw", "std", "bn")


def _dropped(arm: Arm, share: float, place: str, words: str) -> Arm:
    net = {"dropout": share, "dropout_after": place}
    return arm.variant(f"{arm.name}-{place}-{share:g}", f"{arm.label}, {share:g} {words}", net)


EVERY = {
    (arm, share): _dropped(arm, share, "every", "after every block")
    for arm in (RAW, STD, BN)
    for share in SHARES
    if arm is BN or share == max(SHARES)
}
LAST = {share: _dropped(BN, share, "last", "after the last block") for share in SHARES}
NETS = TunedRecipes(
    rates={
        RAW: 0.3,
        STD: 0.3,
        BN: 1.0,
        EVERY[RAW, 0.5]: 0.3,
        EVERY[STD, 0.5]: 0.3,
        EVERY[BN, 0.2]: 1.0,
        EVERY[BN, 0.5]: 0.3,
        LAST[0.2]: 1.0,
        LAST[0.5]: 1.0,
    },
    setting={
        "images": IMAGES,
        "epochs": EPOCHS,
        "batch_size": BATCH_SIZE,
        "schedule": LINEAR,
        "evaluated": (),
    },
    tuning={"measures": (Scoring(name="end", by=(FRESH,)),)},
    judged={"measures": (Scoring(name="end"),)},
    full=SEEDS,
)


def scored(arm: Arm, by: str = FRESH) -> Sample:
    """Validation accuracy at the end in per cent; without BN there is one score."""
    return 100 * runs_of(arm).scored(f"end_{by}_val")[:, -1]


def cost(arm: Arm, by: str = FRESH) -> Sample:
    """The points that dropout of a half after every block costs an arm."""
    return scored(arm, by) - scored(EVERY[arm, 0.5], by)


RUNS = tuple(NETS.judged_runs(arm) for arm in NETS.rates)
SECOND = study("dropout", (), RUNS, number=2, announced=True)
