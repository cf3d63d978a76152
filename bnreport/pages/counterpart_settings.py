"""The settings in which dense nets differ from a convolutional one, by their trials."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from bnreport.presentation.formats import counted
from bnreport.protocol.nets import Net
from bnreport.protocol.optimization import CONSTANT, LINEAR
from bnreport.protocol.recipes import Recipe
from bnreport.protocol.residual import Residual
from bnreport.protocol.scorings import DEPLOYED
from bnreport.protocol.trials import Trial

# The training images of Fashion-MNIST once 5,000 are put aside for validation.
ALL_IMAGES = 55_000
Trained: TypeAlias = Trial | Recipe


@dataclass(frozen=True)
class Arms:
    """The trials with BN that claims stand on, and the title of their study with its edition."""

    title: str
    trials: tuple[Trained, ...]


def differences(dense: Sequence[Arms], convolutional: Sequence[Arms]) -> list[tuple[str, str, str]]:
    """Tell what both kinds of net were trained with: a name, then each kind's setting."""
    described = (
        ("net", _nets),
        ("trained", _length),
        ("learning rate", _schedule),
        ("last batch of an epoch", _last),
        ("BN's averages", _averages),
    )
    return [
        (aspect, _by_title(dense, describe), _by_title(convolutional, describe))
        for aspect, describe in described
    ]


def _by_title(compared: Sequence[Arms], describe: Callable[[Sequence[Trained]], str]) -> str:
    """The setting of each study by its name; without the name where all have the same."""
    by_title: dict[str, list[Trained]] = {}
    for arms in compared:
        by_title.setdefault(arms.title, []).extend(arms.trials)
    texts = {title: describe(trials) for title, trials in by_title.items()}
    if len({*texts.values()}) == 1:
        return next(iter(texts.values()))
    return "; ".join(f"{title}: {text}" for title, text in texts.items())


def _nets(trials: Sequence[Trained]) -> str:
    return "; ".join(dict.fromkeys(_net(trial.net) for trial in trials))


def _net(net: str | Net | Residual) -> str:
    assert isinstance(net, Net)
    filters = " and ".join(map(str, net.filters))
    units = " and ".join(map(str, net.hidden))
    return f"{filters} filters, then {units} units" if filters else f"{units} units"


def _length(trials: Sequence[Trained]) -> str:
    epochs = _range([trial.epochs for trial in trials])
    images = _range([_images(trial) for trial in trials])
    sizes = _range([trial.batch_size for trial in trials])
    steps = _range([trial.epochs * (_images(trial) // trial.batch_size) for trial in trials])
    many = "epoch" if epochs == "1" else "epochs"
    return f"{epochs} {many} of {images} images, {steps} whole batches of {sizes}"


def _schedule(trials: Sequence[Trained]) -> str:
    names = {t.schedule.name if isinstance(t, Recipe) else CONSTANT.name for t in trials}
    words = {CONSTANT.name: "constant", LINEAR.name: "falling"}
    return " and ".join(words[name] for name in sorted(names))


def _images(trial: Trained) -> int:
    return trial.images or ALL_IMAGES


def _last(trials: Sequence[Trained]) -> str:
    """The number of images in the last batch of an epoch where it is not a whole one."""
    short = sorted(
        {
            (trial.batch_size, _images(trial) % trial.batch_size)
            for trial in trials
            if _images(trial) % trial.batch_size
        }
    )
    texts = [f"{counted(left, 'image')} at batches of {size}" for size, left in short]
    return "; ".join(texts) or "a whole one"


def _averages(trials: Sequence[Trained]) -> str:
    by_size = {
        trial.batch_size: trial.momentum if isinstance(trial, Trial) else DEPLOYED.momentum
        for trial in trials
    }
    if len(values := {*by_size.values()}) == 1:
        return f"momentum {values.pop():g}, Keras' default, so that they lag behind the weights"
    each = ", ".join(f"{by_size[size]:g} at batches of {size}" for size in sorted(by_size))
    return f"momentum {each}"


def _range(values: Sequence[int]) -> str:
    low, high = min(values), max(values)
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"
