"""The runs: four arms and layer norm, with new and with repeated batches."""

from bnreport.arms import ARMS, arm
from bnreport.study import Runs
from bnreport.trials import Score, Trial

RATE, EPOCHS, BATCH_SIZE, STEPS_OF_EPOCH = 0.01, 10, 32, 1719
# The validation accuracy is averaged over so many last epochs: single epochs stray.
LATE = 3
END = (EPOCHS * STEPS_OF_EPOCH,)
MOVING = Score(name="moving", steps=END, part="train", images=10_000)
# Whole batches of images that were not together in training.
MATES = Score(name="mates", steps=END, part="train", mode="batch", images=312 * BATCH_SIZE)
# "shuffled" has the batches of "fixed" in a new order each epoch.
ORDERS = {"fresh": "fresh", "fixed": "fixed", "shuffled": "fixed batches"}
# The arms of each name in the claims.
INPUTS = {"raw pixels": "raw", "standardized inputs": "std"}
BN = {"raw pixels and BN": "bn", "standardized inputs and BN": "std-bn"}


def _trial(of: str, order: str) -> Trial:
    return arm(
        of,
        f"{of}-{order}",
        learning_rate=RATE,
        epochs=EPOCHS,
        batch_size=BATCH_SIZE,
        split="seed",
        order=ORDERS[order],
        evaluated=("val",),
        checks=(MOVING, MATES) if of in BN.values() else (MOVING,),
    )


RUNS = (
    *(Runs(_trial(of, order)) for of in (*ARMS, "ln") for order in ("fresh", "fixed")),
    Runs(_trial("bn", "shuffled")),
)
