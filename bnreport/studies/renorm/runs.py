"""The runs of the study: six nets in batches of 128 and of 4, two of them in parts of 4, too."""

from collections.abc import Mapping
from typing import Any

from bnreport.analysis.arms import Arm, usual
from bnreport.protocol.optimization import LINEAR
from bnreport.protocol.runs import Runs
from bnreport.protocol.scorings import Scoring

IMAGES, EPOCHS = 20_480, 2
RAW, STD, BN, LN = usual("raw", "std", "bn", "ln")
RENORM = Arm("renorm", "batch renormalization", "renorm.", "std-bn", net={"normalizer": "renorm"})
RMS = Arm("rms", "RMSNorm", "RMSNorm", "gn", net={"normalizer": "rms"})
ARMS = (RAW, STD, BN, RENORM, LN, RMS)
# These see the batch.
SEEING = (BN, RENORM)

LARGE, SMALL, PARTS, LONG = "128", "4", "parts", "long"
# The rates that most such nets did best at in the study `batchsize`, for either batch size.
SETTINGS: Mapping[str, Mapping[str, Any]] = {
    LARGE: {"batch_size": 128, "learning_rate": 0.3},
    SMALL: {"batch_size": 4, "learning_rate": 0.03},
    PARTS: {"batch_size": 128, "micro_batch": 4, "learning_rate": 0.3},
    # For a picture: does what averages lack at their start matter in a longer run?
    LONG: {"batch_size": 128, "learning_rate": 0.3, "epochs": 4 * EPOCHS},
}
# Half a decade below and above, for pictures.
BESIDE = {LARGE: (0.1, 1.0), SMALL: (0.01, 0.1)}
# What a pilot of six seeds asked for to tell from nothing half a point between nets, and two points
# between two modes of a net with BN.
MOST = tuple(range(200, 248))
MANY, FEW = MOST[:24], MOST[:12]
# Settings that no claim asks about are pictures.
PICTURED = MOST[:6]
# Validation images on which training mode and inference mode are compared.
MODE_IMAGES = 2_048


def at(arm: Arm, setting: str, rate: float | None = None) -> Arm:
    """An arm in one of the settings, at its rate or at another."""
    fields = dict(SETTINGS[setting])
    name = f"{arm.name}-{setting}"
    if rate is not None:
        name, fields["learning_rate"] = f"{name}-at-{rate:g}", rate
    return arm.variant(name, fields=fields)


def seen(setting: str) -> int:
    """The number of images that a layer normalizes together in training."""
    fields = SETTINGS[setting]
    return int(fields.get("micro_batch", fields["batch_size"]))


def by_batch(setting: str) -> str:
    """The name of the score in training mode: every batch as large as those that trained."""
    return f"batch-{seen(setting)}"


def _runs(arm: Arm, setting: str, seeds: tuple[int, ...], rate: float | None = None) -> Runs:
    placed = at(arm, setting, rate)
    modes = Scoring(name="mode", by=("deployed", by_batch(setting)), images=MODE_IMAGES)
    given: Mapping[str, Any] = {
        "epochs": EPOCHS,
        "images": IMAGES,
        "schedule": LINEAR,
        "evaluated": (),
        "measures": (Scoring(name="end"), *((modes,) if arm in SEEING else ())),
    }
    return placed.variant(placed.name, fields={**given, **placed.fields}).recipes(seeds)


SEEDS: Mapping[str, Mapping[Arm, tuple[int, ...]]] = {
    LARGE: {RAW: PICTURED, STD: PICTURED, BN: FEW, RENORM: FEW, LN: MANY, RMS: MANY},
    SMALL: {RAW: PICTURED, STD: MOST, BN: MOST, RENORM: MOST, LN: MOST, RMS: MANY},
    PARTS: {BN: MANY, RENORM: MANY},
    LONG: {BN: PICTURED, RENORM: PICTURED},
}
RUNS = (
    *(
        _runs(arm, setting, seeds)
        for setting, by_arm in SEEDS.items()
        for arm, seeds in by_arm.items()
    ),
    *(
        _runs(arm, setting, PICTURED, rate)
        for setting, rates in BESIDE.items()
        for rate in rates
        for arm in SEEING
    ),
)
