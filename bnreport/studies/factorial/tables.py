"""The table of the page."""

from bnreport.formats import number, with_interval
from bnreport.statistics import t_interval
from bnreport.studies.factorial.estimates import Take, accuracy, loss, mean_at
from bnreport.studies.factorial.runs import EPOCHS, FIRST, INPUTS, SECOND, Cell
from bnreport.study import Records, Table

# The levels of each factor in words.
HIDDEN = {"plain": "no", "hidden": "yes"}
ACTIVATIONS = {"leaky": "LeakyReLU", "relu": "ReLU"}
INITIALIZERS = {"he": "He", "glorot": "Glorot"}


def all_tables(records: Records) -> dict[str, Table]:
    """The tables by name."""
    return {"cells": _cells(records), "steps": _steps(records)}


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
    # "LeakyReLU" in four heads would push the last column out of the page.
    short = [activation.replace("LeakyReLU", "leaky") for activation in ACTIVATIONS.values()]
    nets = (f"{activation}, {i}" for activation in short for i in INITIALIZERS.values())
    return Table(
        caption=f"Training loss of all 24 nets after {EPOCHS} epochs, nats",
        head=("inputs", "hidden BN", *nets, "validation accuracy, %"),
        rows=tuple(rows),
        note="Means over the seeds, in inference mode; leaky is LeakyReLU. The last column is the "
        "mean over the row's four nets.",
    )


def _steps(records: Records) -> Table:
    """What each change does alone to the notebook's first net, and all four together."""
    steps = {
        "BN in the hidden layers": FIRST._replace(hidden=SECOND.hidden),
        "ReLU in place of LeakyReLU": FIRST._replace(activation=SECOND.activation),
        "Glorot in place of He": FIRST._replace(initializer=SECOND.initializer),
        "BN at the input": FIRST._replace(inputs=SECOND.inputs),
        "all four, the notebook's second net": SECOND,
    }
    rows = (
        (name, _change(records, cell, loss, 3), _change(records, cell, accuracy, 2))
        for name, cell in steps.items()
    )
    return Table(
        caption="What each change does alone to the notebook's first net",
        head=("change", "training loss, nats", "validation accuracy, pp"),
        rows=tuple(rows),
        note="Means of the paired differences, 95% intervals over the seeds; without a verdict.",
    )


def _change(records: Records, cell: Cell, take: Take, decimals: int) -> str:
    after, before = (take(records.trial("-".join(net))) for net in (cell, FIRST))
    return with_interval(t_interval(after - before), decimals, signed=True)
