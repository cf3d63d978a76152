"""The runs: every combination of hidden BN, activation, initializer and inputs."""

from itertools import product
from typing import NamedTuple

from bnreport.study import Runs
from bnreport.trials import Net, Score, Trial

RATE, EPOCHS, STEPS_OF_EPOCH = 0.01, 3, 1719
END = Score(name="train", steps=(EPOCHS * STEPS_OF_EPOCH,), part="train", images=10_000)


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
# The notebook's two nets.
FIRST, SECOND = Cell("plain", "leaky", "he", "raw"), Cell("hidden", "relu", "glorot", "bn")
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
