"""The table of the page."""

from bnreport.formats import number
from bnreport.studies.factorial.estimates import accuracy, loss, mean_at
from bnreport.studies.factorial.runs import EPOCHS, INPUTS
from bnreport.study import Records, Table

# The levels of each factor in words.
HIDDEN = {"plain": "no", "hidden": "yes"}
ACTIVATIONS = {"leaky": "LeakyReLU", "relu": "ReLU"}
INITIALIZERS = {"he": "He", "glorot": "Glorot"}


def all_tables(records: Records) -> dict[str, Table]:
    """The tables by name."""
    return {"cells": _cells(records)}


def _cells(records: Records) -> Table:
    rows = []
    for name, inputs in INPUTS.items():
        for hidden, word in HIDDEN.items():
            levels = {"hidden": hidden, "inputs": inputs}
            losses = (
                mean_at(records, loss, activation=activation, initializer=initializer, **levels)
                for activation in ACTIVATIONS
                for initializer in INITIALIZERS
            )
            right = mean_at(records, accuracy, **levels).mean()
            cells = (number(float(found.mean()), 3) for found in losses)
            rows.append((name, word, *cells, number(float(right), 1)))
    nets = (f"{a}, {i}" for a in ACTIVATIONS.values() for i in INITIALIZERS.values())
    return Table(
        caption=f"Training loss of all 24 nets after {EPOCHS} epochs, nats",
        head=("inputs", "hidden BN", *nets, "validation accuracy, %"),
        rows=tuple(rows),
        note="Means over the seeds, in inference mode. The last column is the mean over the row's "
        "four nets.",
    )
