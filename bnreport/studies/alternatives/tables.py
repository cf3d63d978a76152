"""The table of the page, and the numbers in its prose."""

import numpy as np

from bnreport.arms import NAMES
from bnreport.formats import between, number
from bnreport.samples import Floats, accuracy, last
from bnreport.statistics import t_interval
from bnreport.studies.alternatives.runs import ARMS, EPOCHS, GRID, RATES, TUNING_EPOCHS, tuning
from bnreport.study import SEEDS, TUNING_SEEDS, Records, Table, Value

LABELS = NAMES | {
    "centred": "centred inputs",
    "scaled": "scaled inputs",
    "input-bn": "BN of the inputs only",
    "ws": "weight standardization",
    "glorot": "Glorot's initialization",
    "unit": "start with unit variance",
}


def ranked(records: Records) -> dict[str, Floats]:
    """The test accuracy of each arm in per cent, (seeds,), by arm, the highest mean first."""
    found = {of: 100 * accuracy(records.trial(of), "test", EPOCHS) for of in ARMS}
    return dict(sorted(found.items(), key=lambda item: -float(item[1].mean())))


def tuned(records: Records, of: str) -> Floats:
    """The validation accuracy of an arm's tuning runs in per cent, (rates, seeds)."""
    return np.array([100 * last(records.tuning(tuning(of, r)), "val_accuracy") for r in GRID])


def all_tables(records: Records) -> dict[str, Table]:
    """The tables by name."""
    return {"arms": _table(records)}


def all_values(records: Records) -> dict[str, Value]:
    """The numbers of the prose by name."""
    means = {of: float(values.mean()) for of, values in ranked(records).items()}
    highest, *_, lowest = means
    found = {
        "arms": str(len(means)),
        "first": LABELS[highest],
        "last": LABELS[lowest],
        "first.accuracy": number(means[highest], 2),
        "last.accuracy": number(means[lowest], 2),
        "apart": number(means[highest] - means[lowest], 2),
    }
    origin = f"mean test accuracies of {len(SEEDS)} seeds"
    setting = {"epochs": str(EPOCHS), "tuned": str(TUNING_EPOCHS), "tuning": str(len(TUNING_SEEDS))}
    return {
        **{name: Value(text, origin) for name, text in found.items()},
        **{name: Value(text, "set before the runs") for name, text in setting.items()},
    }


def _table(records: Records) -> Table:
    def row(of: str, values: Floats) -> tuple[str, ...]:
        test = t_interval(values)
        chosen = float(tuned(records, of)[GRID.index(RATES[of])].mean())
        return (
            LABELS[of],
            f"{RATES[of]:g}",
            number(chosen, 2),
            number(test.point, 2),
            between(test.low, test.high, 2),
        )

    return Table(
        "Every arm with the rate that was chosen for it, the highest mean first",
        ("arm", "learning rate", "validation accuracy, %", "test accuracy, %", "95% interval"),
        tuple(row(of, values) for of, values in ranked(records).items()),
        note=f"Validation: the mean of three tuning seeds after {TUNING_EPOCHS} epochs at the "
        f"chosen rate. Test: the mean of {len(SEEDS)} other seeds after {EPOCHS} epochs; its "
        "interval covers the seeds.",
    )
