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

LARGE, SMALL, PARTS = "128", "4", "parts"
# The rates that most such nets did best at in the study `batchsize`, for either batch size.
SETTINGS: Mapping[str, Mapping[str, Any]] = {
    LARGE: {"batch_size": 128, "learning_rate": 0.3},
    SMALL: {"batch_size": 4, "learning_rate": 0.03},
    PARTS: {"batch_size": 128, "micro_batch": 4, "learning_rate": 0.3},
}
SEEDS = tuple(range(200, 224))
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
    modes = Scoring(name="mode", by=("deployed", by_batch(setting)), images=MODE_IMAGES)
    return at(arm, setting, rate).recipes(
        seeds,
        epochs=EPOCHS,
        images=IMAGES,
        schedule=LINEAR,
        evaluated=(),
        measures=(Scoring(name="end"), *((modes,) if arm in SEEING else ())),
    )


RUNS = (
    *(_runs(arm, setting, SEEDS) for setting in (LARGE, SMALL) for arm in ARMS),
    *(_runs(arm, PARTS, SEEDS) for arm in SEEING),
)
