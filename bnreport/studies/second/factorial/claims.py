"""Claims on what each change adds, and on whether hidden BN is worth anything beside the inputs."""

from collections.abc import Mapping
from typing import Any

from bnreport.analysis.design import Judged, claim_form
from bnreport.analysis.ends import DEPLOYED, FRESH, SCORES
from bnreport.protocol.claims import Word
from bnreport.protocol.directions import Direction, check, less, more
from bnreport.studies.second.factorial.changes import (
    CHANGES,
    Alteration,
    accuracy,
    loss,
    overlap,
)
from bnreport.studies.second.factorial.runs import (
    BATCH_SIZE,
    EPOCHS,
    IMAGES,
    OWN,
    SEEDS,
    SHARED,
    SHARED_RATE,
)

AFTER = f"after {EPOCHS} epochs of {IMAGES:,} images of Fashion-MNIST"
FALLING = "at a rate that falls to zero"
AT = {
    OWN: f"{AFTER} {FALLING}, each net at its own best",
    SHARED: f"{AFTER}, all nets at one rate that falls from {SHARED_RATE:g} to zero",
}
COURSE = (
    f"{EPOCHS} epochs of {IMAGES:,} images in batches of {BATCH_SIZE}, plain gradient descent at a "
    "rate that rises over 5% of the steps and then falls to zero"
)
RATE = {
    OWN: "the rate chosen for each net by tuning runs of the same length, by validation accuracy",
    SHARED: f"the same full rate of {SHARED_RATE:g} for all nets",
}
IOFFE = (
    "Ioffe and Szegedy 2015 (arXiv 1502.03167), figure 3: Inception with BN needs 13.3 million "
    "steps where Inception needs 31.0 million at the same rate"
)
OVERLAP = (
    "Ioffe and Szegedy 2015 (arXiv 1502.03167), section 2: inputs with zero means and unit "
    "variances train faster, and BN does the same for each layer; that the two overlap is our "
    "inference"
)
LECUN = (
    "LeCun, Bottou, Orr and Müller 1998, Efficient BackProp, section 4.3: convergence is usually "
    "faster with inputs of mean zero and about equal covariances"
)
NOTEBOOK = "the notebook, whose two nets differ in this, too"
PAIR = "nets with and without BN after their hidden layers"
WORTH = "Is hidden BN worth anything beside normalized inputs?"
EACH = "Which of the notebook's changes does what?"
claim = claim_form(
    "factorial",
    unit="pp",
    margin=0.5,
    seeds=f"{SEEDS[0]}-{SEEDS[-1]}",
    decided="interval",
    known="known from the first edition",
)
# What each claim has of its own, by what follows the edition's number in its name; {} in a
# statement stands for the course of the rate, and for the score.
ASKED: Mapping[str, Mapping[str, Any]] = {
    "hidden-raw": {
        "label": "hidden BN, raw pixels",
        "question": EACH,
        "statement": "On raw pixels BN in the hidden layers raises the validation accuracy {}, {}.",
        "source": IOFFE,
        "arms": f"{PAIR}, on raw pixels",
        "headline": "bn-raw",
    },
    "hidden-std": {
        "label": "hidden BN, standardized",
        "question": WORTH,
        "statement": "On standardized inputs BN in the hidden layers raises the validation "
        "accuracy {}, {}.",
        "source": IOFFE,
        "arms": f"{PAIR}, on standardized inputs",
        "headline": "bn-std-gain",
    },
    "hidden-bn": {
        "label": "hidden BN, inputs through BN",
        "question": WORTH,
        "statement": "Behind a BN layer at the input BN in the hidden layers raises the validation "
        "accuracy {}, {}.",
        "source": IOFFE,
        "arms": f"{PAIR}, with BN at the input",
    },
    "overlap": {
        "label": "hidden BN, raw less standardized",
        "question": WORTH,
        "statement": "BN in the hidden layers raises the validation accuracy by more on raw pixels "
        "than on standardized inputs {}, {}.",
        "source": OVERLAP,
        "arms": f"{PAIR}, on raw pixels and on standardized inputs",
    },
    "inputs": {
        "label": "standardized inputs, no BN",
        "question": EACH,
        "statement": "Without any BN, standardized inputs raise the validation accuracy {}, {}.",
        "source": LECUN,
        "arms": "nets without BN on standardized inputs and on raw pixels",
    },
    "activation": {
        "label": "ReLU over LeakyReLU",
        "question": EACH,
        "statement": "Nets with ReLU reach a higher validation accuracy than nets with LeakyReLU "
        "{}, {}.",
        "source": NOTEBOOK,
        "arms": "nets with ReLU and with LeakyReLU (slope 0.3)",
    },
    "hidden-std-shared": {
        "label": "hidden BN, standardized, one rate",
        "question": WORTH,
        "statement": "On standardized inputs BN in the hidden layers raises the validation "
        "accuracy {}, {}.",
        "source": IOFFE,
        "arms": f"{PAIR}, on standardized inputs",
    },
    "loss-std": {
        "label": "hidden BN, standardized, loss",
        "question": WORTH,
        "statement": "On standardized inputs BN in the hidden layers lowers the training loss "
        "{}, {}.",
        "source": IOFFE,
        "arms": f"{PAIR}, on standardized inputs",
        "unit": "nats",
        # That of the first edition: about five per cent of its loss.
        "margin": 0.02,
    },
}
# After a pilot, at rates that nobody had tuned; all else "supported".
EXPECTED: Mapping[str, Word] = {
    "hidden-std": "underpowered",
    "hidden-bn": "underpowered",
    "hidden-std-shared": "not supported",
    "loss-std": "not supported",
}


def _by(name: str, by: str) -> Any:
    """Find what judges a claim, by a score."""
    match name:
        case "overlap":
            return overlap(by=by).contrast()
        case "hidden-std-shared":
            return CHANGES["hidden-std"].adds(accuracy, SHARED, by).contrast()
        case "loss-std":
            return (-CHANGES["hidden-std"].adds(loss, by=by)).contrast()
        case _:
            return CHANGES[name].adds(by=by).contrast()


def _ahead(name: str, by: str) -> Direction:
    """Say who is predicted to be ahead."""
    end = check(f"end_{by}_val_accuracy")

    def after(change: Alteration, which: str = OWN) -> Direction:
        return more(change.trials(change.after, which), change.trials(change.before, which), end)

    hidden = CHANGES["hidden-std"]
    match name:
        case "overlap":
            return after(CHANGES["hidden-raw"]).beyond(after(hidden))
        case "hidden-std-shared":
            return after(hidden, SHARED)
        case "loss-std":
            fit = check(f"end_{by}_train_loss")
            return less(hidden.trials("hidden"), hidden.trials("plain"), fit)
        case _:
            return after(CHANGES[name])


def _claim(name: str, by: str) -> Judged:
    own, which = ASKED[name], SHARED if name.endswith("shared") else OWN
    measure = "training loss" if name.startswith("loss") else "validation accuracy"
    ending = f"-{by}" if by == DEPLOYED else ""
    return claim(
        f"2-{name}{ending}",
        by=_by(name, by),
        ahead=_ahead(name, by),
        metric=f"{measure} after {COURSE}, {RATE[which]}, averaged within a seed over the nets "
        "that differ in the other factors",
        score=by,
        expected=EXPECTED.get(name, "supported"),
        **{
            **own,
            "label": own["label"] + (f", {DEPLOYED}" if by == DEPLOYED else ""),
            "statement": own["statement"].format(AT[which], SCORES[by]),
        },
    )


FAMILIES = {
    # Nets without BN have one score.
    by: tuple(_claim(name, by) for name in ASKED if by == FRESH or name != "inputs")
    for by in SCORES
}
