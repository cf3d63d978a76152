"""The accuracies of a run after its last step, by both kinds of statistics of BN."""

from collections.abc import Iterator

from bnreport.protocol.checks import Score
from bnreport.protocol.data import FASHION_MNIST_NAME, data_named
from bnreport.protocol.nets import Net, structure
from bnreport.protocol.recipes import Recipe
from bnreport.protocol.scorings import Scoring
from bnreport.protocol.trials import Training, Trial
from bnreport.records.record import Record

DEPLOYED, FRESH = "deployed", "fresh"
KEPT = ("batch", "ghost", "noisy", "renorm")
# How a check of the first edition names the statistics that it scores by.
MODES = {"inference": DEPLOYED, "precise": FRESH}


def final_scores(record: Record) -> dict[str, float]:
    """The accuracies on whole parts of the images after the last step, by "<statistics>_<part>".

    A net that keeps no statistics has one score, which stands for both. A run that diverged has
    none.
    """
    trial = record.identity.trial
    if record.diverged or not isinstance(trial, Training):
        return {}
    accuracies = dict(
        _scored(record, trial) if isinstance(trial, Recipe) else _checked(record, trial)
    )
    if not _keeps_statistics(trial):
        for name, score in [*accuracies.items()]:
            accuracies.setdefault(name.replace(DEPLOYED, FRESH), score)
    return accuracies


def _scored(record: Record, trial: Recipe) -> Iterator[tuple[str, float]]:
    if trial.epochs:
        yield from _after_the_last_epoch(record, trial)
    for check in trial.checks:
        if not isinstance(check, Scoring) or check.change or check.images:
            continue
        if check.steps and check.steps[-1] == trial.steps:
            for by in {DEPLOYED, FRESH} & {*check.by}:
                for part in {"val", "test"} & {*check.parts}:
                    values = record.steps(f"{check.name}_{by}_{part}_accuracy")
                    yield f"{by}_{part}", float(values[-1])


def _checked(record: Record, trial: Trial) -> Iterator[tuple[str, float]]:
    if not trial.epochs:
        return
    yield from _after_the_last_epoch(record, trial)
    for score in record.scores:
        if score.epoch == trial.epochs:
            for part in ("val", "test"):
                yield f"{DEPLOYED}_{part}", float(score.marks(part).mean())
    images = trial.images or data_named(FASHION_MNIST_NAME, record.identity.profile).train
    last = trial.epochs * -(-images // trial.batch_size)
    for check in trial.checks:
        if not isinstance(check, Score) or check.images or check.part == "train":
            continue
        if check.mode in MODES and last in check.steps:
            values = record.steps(f"{check.name}_accuracy")
            yield f"{MODES[check.mode]}_{check.part}", float(values[check.steps.index(last)])


def _after_the_last_epoch(record: Record, trial: Training) -> Iterator[tuple[str, float]]:
    for part in ("val", "test"):
        if part in trial.evaluated:
            yield f"{DEPLOYED}_{part}", float(record.epochs(f"{part}_accuracy")[-1])


def _keeps_statistics(trial: Training) -> bool:
    net = structure(trial.net) if isinstance(trial, Trial) else trial.net
    return net.normalizer in KEPT or (isinstance(net, Net) and net.normalized_inputs)
