"""What the study claims, frozen before the runs."""

from typing import Any, Literal

from bnreport.rules import DIFFERENCE, EQUIVALENCE, LOST, SEEDS_ONLY, SETTINGS
from bnreport.studies.factorial.runs import END, EPOCHS, INPUTS
from bnreport.study import Claim

# About five per cent of the loss, and less than half of what BN did in the pilots.
LEAST, MINOR = 0.02, 0.03

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
