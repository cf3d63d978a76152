"""What the study claims, frozen before the record."""

from typing import Any

from bnreport.protocol.claims import Claim
from bnreport.protocol.rules import EXACT
from bnreport.studies.keras.runs import BACKENDS

BOTH = " and ".join(BACKENDS.values())
LAYER = "Keras' documentation of BatchNormalization"
GUIDE = "Keras' guide to transfer learning and fine-tuning"
IOFFE = "Ioffe and Szegedy 2015 (arXiv 1502.03167)"


def _claim(name: str, **fields: Any) -> Claim:
    base = {
        "id": f"keras-{name}",
        "question": "What does Keras do?",
        "kind": "exact",
        "arms": f"Keras' BatchNormalization on {BOTH}",
        "unit": "",
        "margin": 0.0,
        "seeds": "100",
        "rule": EXACT,
        "expected": "supported",
    }
    return Claim.model_validate(base | fields)


CLAIMS = (
    _claim(
        "frozen",
        label="a frozen layer",
        statement="A layer that is frozen, by itself or within a frozen model, is in inference "
        "mode whatever `training` says: it uses its moving averages and leaves them alone.",
        source=f"{LAYER}: setting trainable to False runs the layer in inference mode",
        metric="uses that normalize by the batch or move the averages, of calls with each value "
        "of `training`, of a fit and of an evaluation",
        unit="uses",
    ),
    _claim(
        "thawed",
        label="a layer thawed in a frozen model",
        statement="A layer that is made trainable again within a frozen model stays in inference "
        "mode.",
        source=f"{LAYER}: setting trainable on a model sets it on all inner layers; it does not "
        "say what holds when they differ",
        metric="uses that normalize by the batch or move the averages, of a call with "
        "`training=True` and of a fit",
        unit="uses",
        expected="not supported",
    ),
    _claim(
        "evaluation",
        label="evaluation",
        statement="Only training moves the averages: calls without `training=True` and "
        "evaluations leave them alone, trainable or not.",
        source=f"{LAYER}: inference mode is the default of a call",
        metric="uses that normalize by the batch or move the averages",
        unit="uses",
    ),
    _claim(
        "told",
        label="training=False in a functional model",
        statement="A trainable layer that a functional model calls with `training=False` stays "
        "in inference mode when the model is fitted.",
        source=f"{GUIDE}: keep the layers in inference mode by passing training=False when "
        "calling the base model",
        metric="fits that normalize by the batch or move the averages; the layer alone, and "
        "within a model of its own",
        unit="fits",
        expected="not supported",
    ),
    _claim(
        "method",
        label="training=False in a method",
        statement="A trainable layer that the `call` of a class calls with `training=False` "
        "stays in inference mode when the model is fitted.",
        source=f"{GUIDE}, as before; a class passes the argument itself",
        metric="fits that normalize by the batch or move the averages",
        unit="fits",
    ),
    _claim(
        "compile",
        label="freezing without compiling",
        statement="A layer that is frozen after its model was compiled trains on as before, "
        "until the model is compiled again.",
        source=f"{LAYER}: a changed trainable takes no effect until compile is called again",
        metric="fits that raise an error, or leave gamma, beta or the averages alone",
        unit="fits",
        expected="not supported",
    ),
    _claim(
        "biased",
        label="the variance that is kept",
        statement="The variance that Keras keeps is the biased one: it divides by the number of "
        "examples.",
        source=f"our own question: algorithm 2 of {IOFFE} corrects by m / (m - 1)",
        metric="largest distance of the kept variance of 1, 2, 3, 4 from 1.25, as features and "
        "as images",
        margin=1e-6,
    ),
    _claim(
        "left",
        label="the weight of the initial value",
        statement="There is no correction for the start: after k batches the initial value of a "
        "moving average weighs momentum to the power of k.",
        source=f"{LAYER}: the average is what it was times momentum, plus what the batch has times "
        "1 - momentum",
        metric="largest distance of the weight that is left from the power, after an epoch of "
        "Fashion-MNIST at each size of batches",
        margin=1e-5,
    ),
    _claim(
        "one",
        label="a batch of one",
        statement="Keras refuses to train on a batch of one example without further axes.",
        source="our own question: PyTorch refuses",
        metric="batches of one that are accepted",
        unit="batches",
        expected="not supported",
    ),
    _claim(
        "backends",
        label="both backends",
        statement=f"{BOTH} agree on every switch and number of this page.",
        source="our own question: Keras promises one layer on every backend",
        metric="facts that differ by more than 0.00001",
        unit="facts",
        expected="not supported",
    ),
    _claim(
        "reference",
        label="our NumPy and Keras",
        statement="Our reference in NumPy and Keras compute the same: forward, backward, "
        "inference and folding.",
        source="our own test of the formulas; what is left is the rounding of float32",
        metric="largest difference of a number, over batches of features and of images drawn "
        "at random",
        margin=1e-4,
    ),
)
