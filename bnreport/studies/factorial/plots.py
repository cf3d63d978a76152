"""The figures of the page."""

from itertools import product

from bnreport.plots import Arm, Dots, Plot, Row
from bnreport.statistics import t_interval
from bnreport.studies.factorial.estimates import Floats, loss, mean_at
from bnreport.studies.factorial.runs import EPOCHS, INPUTS, RATE, RUNS
from bnreport.studies.factorial.shares import shares_by_seed
from bnreport.studies.factorial.tables import INITIALIZERS
from bnreport.study import Records

NET = f"300-100 nets, learning rate {RATE}, batches of 32, {EPOCHS} epochs"
WITH = {"plain": "no hidden BN", "hidden": "hidden BN"}
SHORT = {"leaky": "leaky", "relu": "ReLU"}
# Six kinds of nets by inputs and hidden layers; BN at the input is no arm of the other studies.
KINDS: dict[tuple[str, str], tuple[str, Arm]] = {
    ("raw", "plain"): ("raw", "raw"),
    ("raw", "hidden"): ("raw, hidden BN", "bn"),
    ("std", "plain"): ("std", "std"),
    ("std", "hidden"): ("std, hidden BN", "std-bn"),
    ("bn", "plain"): ("input BN", "neutral"),
    ("bn", "hidden"): ("input and hidden BN", "neutral"),
}


def all_plots(records: Records) -> dict[str, Plot]:
    """The figures by name."""
    return {
        "inputs": _inputs(records),
        "cells": _cells(records),
        "shares": _shares(records),
    }


def _inputs(records: Records) -> Dots:
    names = {inputs: name for name, inputs in INPUTS.items()}

    def row(inputs: str, hidden: str, arm: Arm) -> Row:
        values = mean_at(records, loss, inputs=inputs, hidden=hidden)
        return _row(f"{names[inputs]}, {WITH[hidden]}", arm, values)

    return Dots(
        title="Training loss by inputs, without and with BN in the hidden layers",
        subtitle=f"{NET}. A dot: mean of a seed's 4 nets (n = {_seeds(records)})",
        x_label="training loss in inference mode, nats",
        rows=tuple(row(*levels, arm) for levels, (_, arm) in KINDS.items()),
    )


def _cells(records: Records) -> Dots:
    def row(inputs: str, hidden: str, activation: str, initializer: str) -> Row:
        kind, arm = KINDS[inputs, hidden]
        values = loss(records.trial(f"{hidden}-{activation}-{initializer}-{inputs}"))
        net = f"{SHORT[activation]}, {INITIALIZERS[initializer]}"
        return _row(f"{kind}: {net}", arm, values)

    return Dots(
        title="Training loss of each of the 24 nets",
        subtitle=f"{NET}. A dot a seed (n = {_seeds(records)}), mean, 95% interval",
        x_label="training loss in inference mode, nats",
        rows=tuple(row(*kind, *net) for kind, net in product(KINDS, product(SHORT, INITIALIZERS))),
        narrow=True,
    )


def _shares(records: Records) -> Dots:
    return Dots(
        title="Share of each factor and each pair in how the 24 nets differ",
        subtitle=f"Eta squared of the training loss within a seed. A dot a seed (n = "
        f"{_seeds(records)}), mean and 95% interval",
        x_label="share of the sum of squares, %",
        rows=tuple(_row(name, "neutral", found) for name, found in shares_by_seed(records).items()),
        narrow=True,
        from_zero=True,
        decimals=1,
    )


def _row(label: str, arm: Arm, values: Floats) -> Row:
    mean = t_interval(values)
    return Row(label, arm, values, mean.low, mean.point, mean.high)


def _seeds(records: Records) -> int:
    return len(records.trial(RUNS[0].trial.name))
