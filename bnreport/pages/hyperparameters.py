"""Tell what the trials of a study hold fixed and what they vary, read off the trials themselves."""

from collections.abc import Mapping, Sequence

from pydantic import BaseModel

from bnreport.presentation.formats import plain
from bnreport.presentation.tables import Table
from bnreport.protocol.changes import Turns
from bnreport.protocol.nets import Net
from bnreport.protocol.optimization import Optimizer, Schedule
from bnreport.protocol.recipes import Recipe
from bnreport.protocol.residual import Residual
from bnreport.protocol.scorings import Average
from bnreport.protocol.trials import AnyTrial, Trial

# What names a trial or says when it is looked at is no setting of its training.
ASIDE = {
    "name", "kind", "checks", "score_epochs", "evaluated", "structures", "facts", "measures"
}  # fmt: skip
# Shown of every net, even where nobody changed them; other settings only where somebody did.
ALWAYS = {
    "hidden",
    "activation",
    "initializer",
    "normalizer",
    "inputs",
    "learning_rate",
    "batch_size",
    "epochs",
    "images",
    "momentum",
    "epsilon",
    "data",
    "optimizer",
    "schedule",
    "split",
}
WORDS = {
    "hidden": "hidden layers",
    "filters": "filters of convolutions",
    "learning_rate": "learning rate",
    "batch_size": "batch size",
    "replay_after": "epochs of one call of fit",
    "images": "training images",
    "split": "validation images",
    "normalized_inputs": "BN at the input",
    "placement": "normalizer, at the activation",
    "kernel_scale": "factor of the kernels",
    "weight_decay": "weight decay",
    "dropout_after": "dropout after block",
    "momentum": "momentum of the averages",
    "schedule": "learning rate's course",
    "averages": "moving averages beside Keras'",
}
# A setting of a net whose name a recipe gives to another.
OWN = {"start": "initial_weights"}
VALUES = {
    ("images", "None"): "all",
    ("split", "seed"): "drawn by the seed",
    ("split", "notebook"): "the notebook's",
    ("replay_after", "None"): "no replay",
    ("start", "None"): "drawn",
    ("turns", "None"): "none",
}
OPTIMIZERS = {
    "sgd": "gradient descent",
    "momentum": "gradient descent with momentum {0.momentum:g}",
    "nesterov": "gradient descent with Nesterov's momentum {0.momentum:g}",
    "adam": "Adam ({0.beta_1:g}, {0.beta_2:g})",
    "adamw": "AdamW ({0.beta_1:g}, {0.beta_2:g})",
}
SCHEDULES = {"constant": "constant", "linear": "linear to zero"}
MOST = 12


def hyperparameter_table(trials: Sequence[AnyTrial]) -> Table:
    """Tell what all trials share and what differs, one row a setting."""
    flat = [_flat(trial) for trial in trials]
    usual = _usual()
    shared: list[tuple[str, str, str]] = []
    varied: list[tuple[str, str, str]] = []
    for name in dict.fromkeys(name for trial in flat for name in trial):
        values = list(dict.fromkeys(trial[name] for trial in flat if name in trial))
        if values == [usual.get(name)] and name not in ALWAYS:
            continue
        row = (WORDS.get(name, name.replace("_", " ")), _listed(values))
        (shared if len(values) == 1 else varied).append((row[0], "fixed", row[1]))
    rows = (*shared, *((name, "varied", text) for name, _, text in varied))
    return Table(
        "What was held fixed, and what was varied",
        ("setting", "fixed or varied", "value"),
        rows,
        text=True,
    )


def _usual() -> dict[str, str]:
    """The settings of a trial or a recipe as nobody changed them."""
    fields = {n: field for n, field in Recipe.model_fields.items() if not field.is_required()}
    recipe = {name: _text(name, field.default) for name, field in fields.items()}
    return recipe | _flat(Trial(name="usual", net=Net(), learning_rate=1.0, epochs=1))


def _flat(settings: BaseModel) -> dict[str, str]:
    texts: dict[str, str] = {}
    for name in type(settings).model_fields:
        value = getattr(settings, name)
        if name in ASIDE:
            continue
        if isinstance(value, Net | Residual):
            # A recipe has a start of its own: the run that it goes on from.
            texts |= {OWN.get(each, each): text for each, text in _flat(value).items()}
        else:
            texts[name] = value.name if isinstance(value, Recipe) else _text(name, value)
    return texts


def _text(name: str, value: object) -> str:
    """The value of a setting in words."""
    text = ("no", "yes")[value] if isinstance(value, bool) else _plain_text(value)
    return VALUES.get((name, text), text)


def _plain_text(value: object) -> str:
    if isinstance(value, Optimizer | Schedule | Turns):
        return _course(value)
    if isinstance(value, tuple) and value and isinstance(value[0], Average):
        return ", ".join(average.name for average in value)
    if isinstance(value, tuple):
        return _several(value)
    if isinstance(value, Mapping):
        return ", ".join(map(str, value)) or "none"
    if isinstance(value, float):
        # Nobody writes 0.00001 as programs do.
        return plain(value) if "e" in f"{value:g}" or value >= 1000 else f"{value:g}"
    return plain(value) if isinstance(value, int) else str(value)


def _several(values: tuple[object, ...]) -> str:
    """Put many into few words: equal ones by their number, a long series by its ends."""
    if len(values) > 4 and len({*values}) == 1:
        return f"{len(values)} of {values[0]}"
    if len(values) > MOST:
        return f"{_plain_text(values[0])} to {_plain_text(values[-1])}, {len(values)} values"
    return "-".join(map(str, values)) or "none"


def _course(value: Optimizer | Schedule | Turns) -> str:
    """Put into words how a recipe trains."""
    if isinstance(value, Optimizer):
        return OPTIMIZERS[value.rule].format(value) + _decay(value)
    if isinstance(value, Turns):
        places = {"batches": "second batch", "images": "second image of a batch"}
        return f"{value.change.kind} of every {places[value.of]}"
    rising = f" after {value.warmup:.0%} of warm-up" if value.warmup else ""
    return SCHEDULES[value.name] + rising


def _decay(optimizer: Optimizer) -> str:
    """Name the decay where there is one; AdamW always has a place for it."""
    if not optimizer.weight_decay and optimizer.rule != "adamw":
        return ""
    return f" with weight decay {optimizer.weight_decay:g}"


def _listed(values: Sequence[str]) -> str:
    if len(values) > MOST:
        return f"{values[0]} to {values[-1]}, {len(values)} values"
    return ", ".join(values)
