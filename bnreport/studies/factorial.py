"""Which of the notebook's changes lowers the loss: BN, the activation, the initializer, the inputs?

The notebook's two nets differ in all four at once. Here every combination is trained, so that the
effect of one is a mean over the others, paired by the seed.
"""

from collections.abc import Callable, Sequence
from itertools import combinations, product
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from bnreport.analysis.cells import mean_of, values_of
from bnreport.analysis.charts import seed_row
from bnreport.analysis.comparisons import Sample, runs_of
from bnreport.analysis.design import claim_form, study
from bnreport.presentation import Dots, Table, Value
from bnreport.presentation.formats import quantity
from bnreport.protocol.checks import Score
from bnreport.protocol.directions import check, history, less, more
from bnreport.protocol.nets import Net
from bnreport.protocol.trials import Trial
from bnreport.records.collection import Records
from bnreport.studies.second.factorial import SECOND as SECOND_EDITION

RATE, EPOCHS, STEPS_OF_EPOCH = 0.01, 3, 1719
END = Score(name="train", steps=(EPOCHS * STEPS_OF_EPOCH,), part="train", images=10_000)
# The levels of each factor, and what tables call them; the inputs have their names of the claims.
HIDDEN = {"plain": "no", "hidden": "yes"}
ACTIVATIONS = {"leaky": "LeakyReLU", "relu": "ReLU"}
INITIALIZERS = {"he": "He", "glorot": "Glorot"}
INPUTS = {"raw": "raw pixels", "std": "standardized inputs", "bn": "inputs through BN"}
SETTINGS = {name: inputs for inputs, name in INPUTS.items()}
# What changes beside the inputs and BN, and shorter names of the activations.
PAIRS = tuple(product(ACTIVATIONS, INITIALIZERS))
SHORT = {"leaky": "leaky", "relu": "ReLU"}


class Cell(NamedTuple):
    """One of the nets, by its level of each factor."""

    hidden: str
    activation: str
    initializer: str
    inputs: str

    @property
    def name(self) -> str:
        """The name of its trial."""
        return "-".join(self)


CELLS = tuple(Cell(*levels) for levels in product(HIDDEN, ACTIVATIONS, INITIALIZERS, INPUTS))
# The notebook's two nets.
FIRST, SECOND = Cell("plain", "leaky", "he", "raw"), Cell("hidden", "relu", "glorot", "bn")
RUNS = tuple(
    Trial(
        name=cell.name,
        net=Net(
            activation="leaky_relu" if cell.activation == "leaky" else "relu",
            initializer="HeNormal" if cell.initializer == "he" else "GlorotUniform",
            normalizer="batch" if cell.hidden == "hidden" else "none",
            normalized_inputs=cell.inputs == "bn",
            placement="after",
        ),
        learning_rate=RATE,
        epochs=EPOCHS,
        inputs="std" if cell.inputs == "std" else "raw",
        split="seed",
        evaluated=("val",),
        checks=(END,),
    )
    for cell in CELLS
)

# A net that diverged knows nothing: each of ten classes gets a tenth.
LOST_LOSS = float(np.log(10))


def loss(cell: Cell) -> Sample:
    """The training loss at the end; that of guessing where a run diverged."""
    return runs_of(cell).measured(f"{END.name}_loss", LOST_LOSS)[:, -1]


def accuracy(cell: Cell) -> Sample:
    """The validation accuracy at the end, in per cent; chance where a run diverged."""
    return 100 * runs_of(cell).final()


def mean_at(take: Any = loss, **levels: str) -> Sample:
    """The mean of a number over all nets at these levels of their factors."""
    every = [take(cell) for cell in CELLS if levels.items() <= cell._asdict().items()]
    trials = tuple(name for sample in every for name in sample.trials)
    return Sample(trials, lambda records: np.mean([sample(records) for sample in every], axis=0))


def fall(factor: str, first: str, second: str, take: Any = loss, **levels: str) -> Sample:
    """The fall of a number from the first level of a factor to the second."""
    return mean_at(take, **{factor: first}, **levels) - mean_at(take, **{factor: second}, **levels)


def by_hidden(inputs: str, take: Any = loss, **levels: str) -> Sample:
    """The fall of it with BN in the hidden layers."""
    return fall("hidden", "plain", "hidden", take, inputs=inputs, **levels)


LOSSES = check("train_loss", *END.steps)


def nets(*levels: str) -> tuple[str, ...]:
    """The names of all nets that have these levels."""
    return tuple(cell.name for cell in CELLS if set(levels) <= set(cell))


NOTEBOOK = "the notebook, whose two nets differ in this, too"
PAIR = "nets with and without BN after their hidden layers"
# Less than half of what BN did in the pilots.
MINOR = 0.03
SHARED: dict[str, Any] = {
    "question": "Which of the notebook's changes lowers the loss?",
    "metric": f"training loss after {EPOCHS} epochs, in inference mode on {END.images:,} training "
    "images, averaged within a seed over the nets that differ in the other factors",
    "unit": "nats",
}
# About five per cent of the loss.
claim = claim_form("factorial", margin=0.02, **SHARED)
same = claim_form(
    "factorial",
    kind="equivalence",
    margin=MINOR,
    lost=False,
    source=NOTEBOOK,
    shown=f"{{}} reach the same training loss to within {MINOR:g} nats, a margin that was set "
    "after a look at some of these nets.",
    expected="supported",
    **SHARED,
)

CLAIMS = (
    *(
        claim(
            f"hidden-{inputs}",
            by=by_hidden(inputs).contrast(),
            ahead=less(nets("hidden", inputs), nets("plain", inputs), LOSSES),
            label=f"Hidden BN, {label}",
            statement=f"{where}, BN in the hidden layers lowers the training loss.",
            source="Ioffe and Szegedy 2015 (arXiv 1502.03167), figure 3: Inception with BN needs "
            "13.3 million steps where Inception needs 31.0 million at the same rate",
            arms=f"{PAIR}, {how}",
            expected=expected,
        )
        for inputs, label, where, how, expected in (
            ("raw", "raw pixels", "On raw pixels", "on raw pixels", "supported"),
            (
                "std",
                "standardized",
                "On standardized inputs",
                "on standardized inputs",
                "not supported",
            ),
            (
                "bn",
                "inputs through BN",
                "Behind a BN layer at the input, as in the notebook",
                "with BN at the input",
                "not supported",
            ),
        )
    ),
    claim(
        "inputs",
        by=fall("inputs", "raw", "std", hidden="plain").contrast(),
        ahead=less(nets("plain", "std"), nets("plain", "raw"), LOSSES),
        label="Standardized inputs, no BN",
        statement="Without any BN, standardized inputs lower the training loss.",
        source="LeCun, Bottou, Orr and Müller 1998, Efficient BackProp, section 4.3: convergence "
        "is usually faster with inputs of mean zero and about equal covariances",
        arms="nets without BN on raw pixels and on standardized inputs",
        expected="supported",
    ),
    claim(
        "interaction",
        by=(by_hidden("raw") - by_hidden("std")).contrast(),
        ahead=less(
            nets("hidden", "raw") + nets("plain", "std"),
            nets("plain", "raw") + nets("hidden", "std"),
            LOSSES,
        ),
        label="Hidden BN, raw less standardized",
        statement="BN in the hidden layers lowers the training loss by more on raw pixels than on "
        "standardized inputs.",
        source="Ioffe and Szegedy 2015 (arXiv 1502.03167), section 2: inputs with zero means "
        "and unit variances train faster, and BN does the same for each layer; that the two "
        "overlap is our inference",
        arms=f"{PAIR}, on raw pixels and on standardized inputs",
        expected="supported",
    ),
    same(
        "activation",
        by=fall("activation", "leaky", "relu").contrast(),
        ahead=more(nets("leaky"), nets("relu"), LOSSES),
        label="LeakyReLU less ReLU",
        statement="Nets with LeakyReLU and with ReLU reach nearly the same training loss.",
        shown="Nets with LeakyReLU and with ReLU",
        arms="nets with LeakyReLU (slope 0.3) and with ReLU",
    ),
    same(
        "initializer",
        by=fall("initializer", "he", "glorot").contrast(),
        ahead=more(nets("he"), nets("glorot"), LOSSES),
        label="He less Glorot",
        statement="Nets that start by He and by Glorot reach nearly the same training loss.",
        shown="Nets that start by He and by Glorot",
        arms="nets that start by He (normal) and by Glorot (uniform)",
    ),
    claim(
        "validation",
        by=lambda inputs: (-by_hidden(inputs, accuracy)).contrast(),
        ahead=lambda inputs: more(
            nets("hidden", inputs), nets("plain", inputs), history("val_accuracy", EPOCHS)
        ),
        in_each=SETTINGS,
        label="Hidden BN, validation",
        statement="BN in the hidden layers raises the validation accuracy, whatever is done to the "
        "inputs.",
        source=NOTEBOOK,
        arms=PAIR,
        metric=f"validation accuracy after {EPOCHS} epochs, in inference mode, averaged within a "
        "seed over activations and initializers",
        unit="pp",
        margin=0.5,
        expected="mixed",
    ),
)

# In the order of the fields of a cell.
FACTORS = ("hidden BN", "activation", "initializer", "inputs")
LEVELS = tuple(len({cell[place] for cell in CELLS}) for place in range(len(FACTORS)))
REST = "all else"


def shares(table: NDArray[np.float64], factors: Sequence[str]) -> dict[str, float]:
    """The share of each factor, of each pair, and of all else in the sum of squares; they sum to 1.

    The share of a factor is that of its means over all other factors; the share of a pair is what
    the means by both add to the two. The share is called eta squared.

    Args:
        table: one number a net, shape (levels of the first factor, levels of the second, …).
        factors: their names, in the order of the axes.
    """
    centred = table - table.mean()

    def means(*kept: int) -> NDArray[np.float64]:
        others = tuple(axis for axis in range(table.ndim) if axis not in kept)
        return np.asarray(centred.mean(axis=others, keepdims=True), float)

    def share(effect: NDArray[np.float64]) -> float:
        # Every cell has the effect of its levels; the table holds each as often.
        return float((effect**2).mean() / (centred**2).mean())

    share_of = {name: share(means(axis)) for axis, name in enumerate(factors)}
    for a, b in combinations(range(table.ndim), 2):
        share_of[f"{factors[a]} × {factors[b]}"] = share(means(a, b) - means(a) - means(b))
    return share_of | {REST: 1.0 - sum(share_of.values())}


def shares_by_seed(records: Records) -> dict[str, NDArray[np.float64]]:
    """The shares in the training loss within each seed, in per cent, (seeds,) by name."""
    cells = np.array([loss(cell)(records) for cell in CELLS])
    by_seed = [shares(column.reshape(LEVELS), FACTORS) for column in cells.T]
    return {name: np.array([100 * each[name] for each in by_seed]) for name in by_seed[0]}


def _values(records: Records) -> dict[str, Value]:
    """The largest shares and what all leave; the ends of the fall on standardized inputs."""
    means = {name: float(by_seed.mean()) for name, by_seed in shares_by_seed(records).items()}
    rest = means.pop(REST)
    largest = dict(
        zip(("first", "second", "third"), sorted(means, key=means.__getitem__)[::-1], strict=False)
    )
    falls = {
        f"{ACTIVATIONS[activation]} and {INITIALIZERS[initializer]}": by_hidden(
            "std", activation=activation, initializer=initializer
        )(records).mean()
        for activation, initializer in PAIRS
    }
    ends = {"least": min(falls, key=falls.__getitem__), "most": max(falls, key=falls.__getitem__)}
    return values_of(
        "share of the sum of squares of the training loss within a seed, mean over the seeds",
        {"rest.share": quantity(rest, 1, "%")}
        | largest
        | {f"{place}.share": quantity(means[name], 0, "%") for place, name in largest.items()},
    ) | values_of(
        "by how much hidden BN lowers the training loss of a net on standardized inputs, mean",
        ends
        | {
            f"{end}.fall": quantity(falls[net], 3, "nats", signed=True) for end, net in ends.items()
        },
    )


def _all_cells(records: Records) -> Table:
    # "LeakyReLU" in four heads would push the last column out of the page.
    heads = (
        f"{SHORT[activation]}, {INITIALIZERS[initializer]}" for activation, initializer in PAIRS
    )
    return Table(
        caption=f"Training loss of all 24 nets after {EPOCHS} epochs, nats",
        head=("inputs", "hidden BN", *heads, "validation accuracy, %"),
        rows=tuple(
            (
                name,
                word,
                *(mean_of(loss(Cell(hidden, *pair, inputs))(records), 3) for pair in PAIRS),
                mean_of(mean_at(accuracy, hidden=hidden, inputs=inputs)(records), 1),
            )
            for inputs, name in INPUTS.items()
            for hidden, word in HIDDEN.items()
        ),
        note="Means over the seeds, in inference mode; leaky is LeakyReLU. The last column is the "
        "mean over the row's four nets.",
    )


def _steps(records: Records) -> Table:
    """The effect of each change alone on the notebook's first net, and of all four together."""

    def change(take: Any, decimals: int) -> Callable[[Cell], str]:
        return lambda cell: mean_of(
            (take(cell) - take(FIRST))(records), decimals, signed=True, interval=True
        )

    return Table.by_column(
        "What each change does alone to the notebook's first net",
        "change",
        {
            "BN in the hidden layers": FIRST._replace(hidden=SECOND.hidden),
            "ReLU in place of LeakyReLU": FIRST._replace(activation=SECOND.activation),
            "Glorot in place of He": FIRST._replace(initializer=SECOND.initializer),
            "BN at the input": FIRST._replace(inputs=SECOND.inputs),
            "all four, the notebook's second net": SECOND,
        },
        {
            "training loss, nats": change(loss, 3),
            "validation accuracy, pp": change(accuracy, 2),
        },
        "Means of the paired differences, 95% intervals over the seeds; without a verdict.",
    )


NETS = f"300-100 nets, learning rate {RATE}, batches of 32, {EPOCHS} epochs"
# Six kinds of nets by inputs and hidden layers; BN at the input is no arm of the other studies.
KINDS: dict[tuple[str, str], Any] = {
    ("raw", "plain"): ("raw", "raw"),
    ("raw", "hidden"): ("raw, hidden BN", "bn"),
    ("std", "plain"): ("std", "std"),
    ("std", "hidden"): ("std, hidden BN", "std-bn"),
    ("bn", "plain"): ("input BN", "neutral"),
    ("bn", "hidden"): ("input and hidden BN", "neutral"),
}


def _inputs(records: Records) -> Dots:
    rows = (
        seed_row(
            f"{INPUTS[inputs]}, {'no hidden BN' if hidden == 'plain' else 'hidden BN'}",
            colour,
            mean_at(inputs=inputs, hidden=hidden)(records),
        )
        for (inputs, hidden), (_, colour) in KINDS.items()
    )
    return Dots(
        title="Training loss by inputs, without and with BN in the hidden layers",
        subtitle=f"{NETS}. A dot: mean of a seed's 4 nets (n = {records.n_seeds})",
        x_label="training loss in inference mode, nats",
        rows=tuple(rows),
    )


def _cells(records: Records) -> Dots:
    rows = (
        seed_row(
            f"{kind}: {SHORT[pair[0]]}, {INITIALIZERS[pair[1]]}",
            colour,
            loss(Cell(hidden, *pair, inputs))(records),
        )
        for (inputs, hidden), (kind, colour) in KINDS.items()
        for pair in PAIRS
    )
    return Dots(
        title="Training loss of each of the 24 nets",
        subtitle=f"{NETS}. A dot a seed (n = {records.n_seeds}), mean, 95% interval",
        x_label="training loss in inference mode, nats",
        rows=tuple(rows),
        narrow=True,
    )


def _shares(records: Records) -> Dots:
    by_name = shares_by_seed(records)
    inputs, hidden = (f"{by_name[name].mean():.0f}%" for name in ("inputs", "hidden BN"))
    return Dots(
        title=f"Of how the 24 nets differ, inputs explain {inputs} and hidden BN {hidden}",
        subtitle=f"Eta squared of the training loss within a seed. A dot a seed (n = "
        f"{records.n_seeds}), mean and 95% interval",
        x_label="share of the sum of squares, %",
        rows=tuple(seed_row(name, "neutral", values) for name, values in by_name.items()),
        narrow=True,
        from_zero=True,
        decimals=1,
    )


STUDY = study(
    "factorial",
    CLAIMS,
    RUNS,
    title="Changes besides BN",
    chapter="The notebook",
    question="Which of the notebook's changes lowers the loss: BN, or what changed besides it?",
    values=_values,
    tables={"cells": _all_cells, "steps": _steps},
    plots={"inputs": _inputs, "cells": _cells, "shares": _shares},
    later=(SECOND_EDITION,),
)
