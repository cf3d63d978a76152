"""What the study claims, frozen before the runs."""

from bnreport.protocol.claims import Claim, Word
from bnreport.protocol.rules import DIFFERENCE, LOST, SEEDS_ONLY, SETTINGS
from bnreport.studies.cost.runs import EVERY, IMAGES, LOOPS, RATE, ROUNDS, SIZES, THRESHOLD

_BATCHES = tuple(f"batch {size}" for size in SIZES)
_ALL = tuple(f"{loop}, batch {size}" for loop in LOOPS for size in SIZES)
_ROUNDS = (
    " A pair is a round, in which every net is timed once in each loop; the interval covers the "
    "rounds of one process on one machine."
)
_TIMES = (
    " The interval covers the seeds; the seconds of a step are the median of the rounds on one "
    "machine, and count as known."
)


def _slower(
    name: str,
    label: str,
    statement: str,
    arms: str,
    settings: tuple[str, ...],
    expected: Word,
    source: str,
) -> Claim:
    return Claim(
        id=f"cost-{name}",
        label=label,
        question="What does a normalizer cost in time?",
        statement=statement,
        source=source,
        kind="difference",
        scale="ratio",
        arms=arms,
        metric=f"seconds of {IMAGES:,} training images and 5,000 validation images",
        unit="x",
        margin=1.05,
        seeds=f"{ROUNDS} interleaved rounds in one process",
        settings=settings,
        rule=DIFFERENCE + SETTINGS + _ROUNDS,
        expected=expected,
    )


def _sooner(name: str, label: str, statement: str, arms: str, expected: Word) -> Claim:
    return Claim(
        id=f"cost-{name}",
        label=label,
        question="Does BN earn its time back?",
        statement=f"At learning rate {RATE:g}, {statement}",
        source="Ioffe and Szegedy 2015 (arXiv 1502.03167), figure 3: 13.3 against 31.0 million "
        "steps at the same rate; they count steps, not seconds",
        kind="difference",
        scale="ratio",
        arms=f"{arms}, at {RATE:g} and batches of 32",
        metric=f"steps until the validation accuracy, in inference mode every {EVERY} steps and "
        f"smoothed over three marks, reaches {THRESHOLD:.0%}, times the seconds of a step",
        unit="x",
        margin=1.25,
        seeds="100-111",
        settings=LOOPS,
        rule=DIFFERENCE + LOST + SETTINGS + SEEDS_ONLY + _TIMES,
        expected=expected,
    )


_BN_SLOW = (
    "Gitman and Ginsburg 2017 (arXiv 1709.08145), abstract: BN is a significant fraction of the "
    "time of training; keras issue 1309: 561 against 186 seconds an epoch on a processor"
)

CLAIMS = (
    _slower(
        "bn-fit",
        "BN over raw, fit",
        "In Keras' fit, an epoch takes longer with BN than without.",
        "BN and no normalizer",
        _BATCHES,
        "supported",
        _BN_SLOW,
    ),
    _slower(
        "bn-compiled",
        "BN over raw, compiled",
        "In one compiled program an epoch, an epoch takes longer with BN than without.",
        "BN and no normalizer",
        _BATCHES,
        "supported",
        _BN_SLOW,
    ),
    _slower(
        "ln",
        "layer norm over BN",
        "An epoch takes longer with layer normalization than with BN.",
        "layer normalization and BN",
        _ALL,
        "mixed",
        "tensorflow pull request 6205, a user's report: layer normalization takes nearly twice "
        "the time of BN at a small batch",
    ),
    _slower(
        "gn",
        "group norm over BN",
        "An epoch takes longer with group normalization than with BN.",
        "group normalization (10 groups) and BN",
        _ALL,
        "mixed",
        "mmdetection issue 317, a user's report: 5.4 images a second with group normalization "
        "against 7.7 with BN, in inference on a GPU",
    ),
    _sooner(
        "wall-raw",
        "BN over raw, in seconds",
        "BN reaches 85% in less time than the net on raw pixels.",
        "BN and raw pixels",
        "supported",
    ),
    _sooner(
        "wall-std",
        "BN over standardized, in seconds",
        "BN reaches 85% in less time than standardized inputs without BN.",
        "BN and standardized inputs without BN",
        "not supported",
    ),
    _sooner(
        "wall-std-bn",
        "BN on standardized, in seconds",
        "standardized inputs with BN reach 85% in less time than standardized inputs without.",
        "standardized inputs with and without BN",
        "not supported",
    ),
)
