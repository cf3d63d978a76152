"""The table of the page."""

from bnreport.arms import NAMES
from bnreport.formats import number
from bnreport.studies.memorization.estimates import MEASURES, measures_of
from bnreport.studies.memorization.runs import EPOCHS, LATE, RUNS
from bnreport.study import Records, Table

# The batches of each kind in words.
BATCHES = {"fresh": "new", "fixed": "repeated", "shuffled": "repeated in a new order"}


def all_tables(records: Records) -> dict[str, Table]:
    """The tables by name."""
    return {"accuracies": _accuracies(records)}


def _accuracies(records: Records) -> Table:
    rows = []
    for runs in RUNS:
        of, _, order = runs.trial.name.rpartition("-")
        found = records.trial(runs.trial.name)
        cells = (
            number(100 * take(found).mean(), 2) if name in measures_of(of) else "–"
            for name, take in MEASURES.items()
        )
        rows.append((NAMES[of], BATCHES[order], *cells))
    return Table(
        caption=f"Training and validation accuracy after {EPOCHS} epochs, %",
        head=("arm", "batches", *MEASURES),
        rows=tuple(rows),
        note="Means over the seeds. Training images in the batches that the net trains in, over "
        "the last epoch, as Keras prints it; after the last step in other batches; and after the "
        f"last step in inference mode. Validation: mean after the last {LATE} epochs, in inference "
        "mode. Without BN it makes no difference which batch an image is in.",
    )
