"""The table of the page, and the numbers in its prose."""

import numpy as np

from bnreport.formats import number, quantity
from bnreport.samples import checked
from bnreport.studies.regularization.estimates import matched
from bnreport.studies.regularization.plots import DRAWN, NETS, final, reached
from bnreport.studies.regularization.runs import GHOST_BATCH, LEVEL, RATES, RUNS, SIZES
from bnreport.study import Records, Table, Value
from bnreport.trials import Trial

MOMENTUM = next(runs.trial.momentum for runs in RUNS if isinstance(runs.trial, Trial))


def all_tables(records: Records) -> dict[str, Table]:
    """The tables by name."""
    return {
        "nets": Table(
            "Every net: at the same training loss, and after the last epoch",
            (
                "net",
                "images",
                "rate",
                f"test accuracy at loss {LEVEL:g}, %",
                "at the end, %",
                "test loss at the end",
                "training loss at the end",
            ),
            tuple(_row(records, of, images) for images in SIZES for of in NETS),
            note="Means over the seeds; the training loss is the median. Diverged runs count as "
            "chance.",
        )
    }


def all_values(records: Records) -> dict[str, Value]:
    """How ghost batches do after the last epoch, by name."""
    eight, thirty_two, whole = (100 * final(records, size) for size in (8, 32, GHOST_BATCH))
    more = float(((eight + thirty_two) / 2 - whole).mean())
    origin = "mean test accuracy after the last epoch"
    ends = np.concatenate([eight, thirty_two])
    return _rates() | {
        "ghosts.scatter": Value(
            number(float(np.ptp(ends)), 1),
            "test accuracy after the last epoch, ghosts of 8 and of 32, highest run less lowest",
        ),
        "ghosts.end": Value(quantity(more, 2, "pp", signed=True), origin + ", ghosts less whole"),
        "ghosts.few": Value(number(float(((eight + thirty_two) / 2).mean()), 2), origin),
        "ghosts.whole": Value(number(float(whole.mean()), 2), origin),
    }


def _rates() -> dict[str, Value]:
    """How far apart the rates of the claims' arms are at the same number of images."""
    sets = {images: {of: RATES[of][images] for of in DRAWN} for images in SIZES}
    widest = max(sets, key=lambda images: max(sets[images].values()) / min(sets[images].values()))
    rates = sets[widest]
    told = (f"{rate:g} for {label}" for of, label in DRAWN.items() for rate in [rates[of]])
    origin = "the rates that the tuning runs found best"
    return {
        "rates.apart": Value(number(max(rates.values()) / min(rates.values()), 0), origin),
        "rates.images": Value(f"{widest:,}", origin),
        "rates.told": Value(", ".join(told), origin),
        "momentum": Value(f"{MOMENTUM:g}", "Keras' default, which every trial here keeps"),
    }


def _row(records: Records, of: str, images: int) -> tuple[str, ...]:
    found = records.trial(f"{of}-{images}")
    same = 100 * reached(matched(found))
    ends = {
        name: checked(found, name, lost)[:, -1]
        for name, lost in (("test_accuracy", 0.1), ("test_loss", np.inf), ("train_loss", np.inf))
    }
    level = number(float(same.mean()), 2) if len(same) else "never"
    if 0 < len(same) < len(found):
        level += f" ({len(same)} of {len(found)})"
    return (
        NETS[of][0],
        f"{images:,}",
        f"{RATES[of][images]:g}",
        level,
        number(100 * float(ends["test_accuracy"].mean()), 2),
        number(float(ends["test_loss"].mean()), 3),
        number(float(np.median(ends["train_loss"])), 4),
    )
