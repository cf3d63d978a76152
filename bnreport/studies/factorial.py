"""Which of the notebook's changes lowers the loss: BN, the activation, the initializer, the inputs?

The notebook's two nets differ in all four at once. Here every combination is trained, so that the
effect of one is a mean over the others, paired by the seed.
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import product
from typing import Any, Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from bnreport.estimates import Contrast, Estimate, Settings, paired
from bnreport.records import Record
from bnreport.rules import DIFFERENCE, EQUIVALENCE, LOST, SEEDS_ONLY, SETTINGS
from bnreport.samples import checked, last, lost
from bnreport.study import Analysis, Claim, Records, Runs, Study
from bnreport.trials import Net, Score, Trial

Floats = NDArray[np.float64]
# From the records of a trial one number a seed.
Take: TypeAlias = Callable[[Sequence[Record]], Floats]

RATE, EPOCHS, STEPS_OF_EPOCH = 0.01, 3, 1719
END = Score(name="train", steps=(EPOCHS * STEPS_OF_EPOCH,), part="train", images=10_000)
# A net that diverged knows nothing: each of ten classes gets a tenth.
LOST_LOSS = float(np.log(10))
# About five per cent of the loss, and less than half of what BN did in the pilots.
LEAST, MINOR = 0.02, 0.03


class Cell(NamedTuple):
    """One of the nets, by its level of each factor; the levels make the name of its trial."""

    hidden: str
    activation: str
    initializer: str
    inputs: str


CELLS = tuple(
    Cell(*levels)
    for levels in product(
        ("plain", "hidden"), ("leaky", "relu"), ("he", "glorot"), ("raw", "std", "bn")
    )
)
# The inputs by their names in the claims.
INPUTS = {"raw pixels": "raw", "standardized inputs": "std", "inputs through BN": "bn"}


def _trial(cell: Cell) -> Trial:
    return Trial(
        name="-".join(cell),
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


RUNS = tuple(Runs(_trial(cell)) for cell in CELLS)

LOSS = (
    f"training loss after {EPOCHS} epochs, in inference mode on {END.images:,} training images, "
    "averaged within a seed over the nets that differ in the other factors"
)
IOFFE = (
    "Ioffe and Szegedy 2015 (arXiv 1502.03167), figure 3: Inception with BN needs 13.3 million "
    "steps where Inception needs 31.0 million at the same rate"
)
LECUN = (
    "LeCun, Bottou, Orr and Müller 1998, Efficient BackProp, section 4.3: convergence is usually "
    "faster with inputs of mean zero and about equal covariances"
)
NOTEBOOK = "the notebook, whose two nets differ in this, too"
HIDDEN = "nets with and without BN after their hidden layers"


def _claim(name: str, kind: Literal["difference", "equivalence"], **more: Any) -> Claim:
    """A claim, by default on the training loss and expected to be supported."""
    usual = {
        "id": f"factorial-{name}",
        "kind": kind,
        "question": "Which of the notebook's changes lowers the loss?",
        "metric": LOSS,
        "unit": "nats",
        "margin": LEAST if kind == "difference" else MINOR,
        "seeds": "100-111",
        "rule": (DIFFERENCE + LOST if kind == "difference" else EQUIVALENCE)
        + (SETTINGS if "settings" in more else "")
        + SEEDS_ONLY,
        "expected": "supported",
    }
    return Claim.model_validate(usual | more)


CLAIMS = (
    _claim(
        "hidden-raw",
        "difference",
        label="Hidden BN, raw pixels",
        statement="On raw pixels, BN in the hidden layers lowers the training loss.",
        source=IOFFE,
        arms=f"{HIDDEN}, on raw pixels",
    ),
    _claim(
        "hidden-std",
        "difference",
        label="Hidden BN, standardized",
        statement="On standardized inputs, BN in the hidden layers lowers the training loss.",
        source=IOFFE,
        arms=f"{HIDDEN}, on standardized inputs",
        expected="not supported",
    ),
    _claim(
        "hidden-bn",
        "difference",
        label="Hidden BN, inputs through BN",
        statement="Behind a BN layer at the input, as in the notebook, BN in the hidden layers "
        "lowers the training loss.",
        source=IOFFE,
        arms=f"{HIDDEN}, with BN at the input",
        expected="not supported",
    ),
    _claim(
        "inputs",
        "difference",
        label="Standardized inputs, no BN",
        statement="Without any BN, standardized inputs lower the training loss.",
        source=LECUN,
        arms="nets without BN on raw pixels and on standardized inputs",
    ),
    _claim(
        "interaction",
        "difference",
        label="Hidden BN, raw less standardized",
        statement="BN in the hidden layers lowers the training loss by more on raw pixels than on "
        "standardized inputs.",
        source="Ioffe and Szegedy 2015 (arXiv 1502.03167), section 2: inputs with zero means "
        "and unit variances train faster, and BN does the same for each layer; that the two "
        "overlap is our inference",
        arms=f"{HIDDEN}, on raw pixels and on standardized inputs",
    ),
    _claim(
        "activation",
        "equivalence",
        label="LeakyReLU less ReLU",
        statement="Nets with LeakyReLU and with ReLU reach nearly the same training loss.",
        source=NOTEBOOK,
        arms="nets with LeakyReLU (slope 0.3) and with ReLU",
    ),
    _claim(
        "initializer",
        "equivalence",
        label="He less Glorot",
        statement="Nets that start by He and by Glorot reach nearly the same training loss.",
        source=NOTEBOOK,
        arms="nets that start by He (normal) and by Glorot (uniform)",
    ),
    _claim(
        "validation",
        "difference",
        label="Hidden BN, validation",
        statement="BN in the hidden layers raises the validation accuracy, whatever is done to the "
        "inputs.",
        source=NOTEBOOK,
        arms=HIDDEN,
        metric=f"validation accuracy after {EPOCHS} epochs, in inference mode, averaged within a "
        "seed over activations and initializers",
        unit="pp",
        margin=0.5,
        settings=tuple(INPUTS),
        expected="mixed",
    ),
)


def loss(records: Sequence[Record]) -> Floats:
    """The training loss at the end, (seeds,); that of guessing where a run diverged."""
    return checked(records, f"{END.name}_loss", LOST_LOSS)[:, -1]


def accuracy(records: Sequence[Record]) -> Floats:
    """The validation accuracy at the end, in per cent, (seeds,); chance where a run diverged."""
    return 100 * last(records, "val_accuracy")


def cells_at(**levels: str) -> list[str]:
    """The names of the trials at these levels of their factors."""
    return ["-".join(cell) for cell in CELLS if levels.items() <= cell._asdict().items()]


def mean_at(records: Records, take: Take, **levels: str) -> Floats:
    """The mean of a number over all nets at these levels, (seeds,)."""
    found = [take(records.trial(name)) for name in cells_at(**levels)]
    return np.asarray(np.mean(found, axis=0), float)


def _fall(
    factor: str, first: str, second: str, take: Take = loss, **levels: str
) -> Callable[[Records], Contrast]:
    """By how much a number falls from the first level of a factor to the second."""

    def estimate(records: Records) -> Contrast:
        before, after = {factor: first} | levels, {factor: second} | levels
        names = cells_at(**before) + cells_at(**after)
        fall = mean_at(records, take, **before) - mean_at(records, take, **after)
        return paired(fall, lost(*(records.trial(name) for name in names)))

    return estimate


def _hidden(inputs: str, take: Take = loss) -> Callable[[Records], Contrast]:
    return _fall("hidden", "plain", "hidden", take, inputs=inputs)


def _interaction(records: Records) -> Contrast:
    raw, std = _hidden("raw")(records), _hidden("std")(records)
    difference = np.subtract(raw.values, std.values)
    names = cells_at(inputs="raw") + cells_at(inputs="std")
    return paired(difference, lost(*(records.trial(name) for name in names)))


def _validation(records: Records) -> Settings:
    def negative(found: Sequence[Record]) -> Floats:
        return -accuracy(found)

    return {name: _hidden(inputs, negative)(records) for name, inputs in INPUTS.items()}


ESTIMATES: Mapping[str, Callable[[Records], Estimate]] = {
    "factorial-hidden-raw": _hidden("raw"),
    "factorial-hidden-std": _hidden("std"),
    "factorial-hidden-bn": _hidden("bn"),
    "factorial-inputs": _fall("inputs", "raw", "std", hidden="plain"),
    "factorial-interaction": _interaction,
    "factorial-activation": _fall("activation", "leaky", "relu"),
    "factorial-initializer": _fall("initializer", "he", "glorot"),
    "factorial-validation": _validation,
}

STUDY = Study(
    name="factorial",
    title="Changes beside BN",
    page="studies/factorial.md",
    chapter="The notebook",
    question="Which of the notebook's changes lowers the loss: BN, or what changed beside it?",
    runs=RUNS,
    claims=CLAIMS,
    estimates=ESTIMATES,
    analyse=lambda _: Analysis(),
)
