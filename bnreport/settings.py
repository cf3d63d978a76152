"""What the trials of a study hold fixed and what they vary, read off the trials themselves."""

from collections.abc import Mapping, Sequence

from bnreport.study import Table
from bnreport.trials import AnyTrial

# What names a trial or says when it is looked at is no setting of its training.
ASIDE = {"name", "kind", "checks", "score_epochs", "evaluated", "structures"}
WORDS = {
    "net": "net",
    "learning_rate": "learning rate",
    "batch_size": "batch size",
    "replay_after": "epochs of one call of fit",
    "images": "training images",
    "normalized_inputs": "normalized inputs",
    "kernel_scale": "scale of the kernels",
    "weight_decay": "weight decay",
    "dropout_after": "dropout after",
}
MOST = 12


def settings_table(trials: Sequence[AnyTrial]) -> Table:
    """What all trials share and what differs, one row a setting."""
    flat = [_flat(trial.model_dump(mode="json", exclude=ASIDE)) for trial in trials]
    # A field at its default is left out of a trial that came before it.
    names = list(dict.fromkeys(name for trial in flat for name in trial))
    shared: list[tuple[str, str]] = []
    varied: list[tuple[str, str]] = []
    for name in names:
        values = list(dict.fromkeys(trial.get(name, "default") for trial in flat))
        row = (WORDS.get(name, name.replace("_", " ")), _said(values))
        (shared if len(values) == 1 else varied).append(row)
    rows = [(name, "fixed", said) for name, said in shared]
    rows += [(name, "varied", said) for name, said in varied]
    return Table("What was held fixed, and what was varied", ("setting", "", "value"), tuple(rows))


def _flat(settings: Mapping[str, object]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in settings.items():
        if isinstance(value, Mapping):
            found |= _flat(value)
        elif isinstance(value, list):
            found[name] = "-".join(str(item) for item in value) or "none"
        else:
            found[name] = f"{value:g}" if isinstance(value, float) else str(value)
    return found


def _said(values: Sequence[str]) -> str:
    if len(values) > MOST:
        return f"{values[0]} to {values[-1]}, {len(values)} values"
    return ", ".join(values)
