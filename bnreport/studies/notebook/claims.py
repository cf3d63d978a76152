"""The claims, margins and rules, written before the confirmatory runs; pilots informed them."""

from bnreport.protocol.claims import Claim, Word

_WHICH_RATE = "Which learning rate produced the published baseline curve?"
_WHICH_RUN = "What kind of run does the published BN curve show?"
_WHAT_PRINTED = "What should the notebook have printed after ten fresh epochs?"
_HOW_LONG = "How much longer does an epoch of the BN net take?"

_PRINTED = "the notebook's printed epochs 1 to 8"
_FIT_RULE = (
    "The statistic is the largest |z| over the 32 printed values (8 epochs, 4 metrics). Each fresh "
    "run, left out in turn, shows how large it gets by chance. Supported (the curve passes for one "
    "of these runs) when the rank p is at least .05, not supported below, underpowered with fewer "
    "than 20 runs."
)
_DIFFERENCE_RULE = (
    "Supported when the two-sided p, adjusted by Holm over the study's differences, is below .05, "
    "the 95% interval lies above zero and its mean reaches the margin. Not supported when the "
    "interval lies below the margin. Otherwise, or with fewer than 12 pairs, underpowered."
)
_IMAGES_TOO = " The interval covers the seeds and the images; p covers the seeds."
_FOLLOW_UP = (
    "added after the first twenty seeds had refused the curve at 0.01 for the validation of epoch "
    "3, and before any of its own eighty seeds was trained."
)


def _fit(name: str, question: str, statement: str, arms: str, expected: Word, **more: str) -> Claim:
    """A claim that a published curve passes for one more of our runs."""
    usual = {
        "source": _PRINTED,
        "metric": "loss, accuracy, val_loss, val_accuracy",
        "seeds": "100-119",
        "rule": _FIT_RULE,
    }
    return Claim.model_validate(
        {
            "id": name,
            "question": question,
            "statement": statement,
            "kind": "fit",
            "arms": arms,
            "unit": "largest |z|",
            "expected": expected,
        }
        | usual
        | more
    )


def _gain(name: str, statement: str, images: str, margin: float, expected: Word) -> Claim:
    """A claim on the accuracy of the BN net over that of the baseline."""
    return Claim(
        id=name,
        question=_WHAT_PRINTED,
        statement=statement,
        source="the notebook's closing accuracies, 0.8710 and 0.9430",
        kind="difference",
        arms="BN minus baseline at 0.01, epoch 10",
        metric=f"{images} accuracy, inference mode",
        unit="pp",
        margin=margin,
        seeds="100-119",
        rule=_DIFFERENCE_RULE + _IMAGES_TOO,
        expected=expected,
    )


def _slower(name: str, statement: str) -> Claim:
    """A claim on the time of an epoch."""
    return Claim(
        id=name,
        question=_HOW_LONG,
        statement=statement,
        source="the notebook's epoch times, 8 to 10 s and 13 to 14 s",
        kind="difference",
        arms="seconds per epoch, BN over baseline, minus one",
        metric="wall-clock time of an epoch with validation",
        unit="%",
        margin=25.0,
        seeds="12 interleaved rounds in one process",
        rule=_DIFFERENCE_RULE,
        expected="supported",
    )


CLAIMS = (
    _fit(
        "a-rate-0.01",
        _WHICH_RATE,
        "The published baseline curve passes for a fresh run at learning rate 0.01.",
        "baseline at 0.01",
        "supported",
        source=_PRINTED + "; 0.01 is the default of Keras' SGD",
    ),
    _fit(
        "a-rate-0.001",
        _WHICH_RATE,
        "The published baseline curve passes for a fresh run at learning rate 0.001.",
        "baseline at 0.001",
        "not supported",
        source=_PRINTED + "; 0.001 is the rate in the notebook's code",
    ),
    _fit(
        "a-follow-up",
        _WHICH_RATE,
        "Among eighty new seeds at learning rate 0.01, the published baseline curve passes for "
        "a fresh run.",
        "baseline at 0.01, new seeds",
        "supported",
        seeds="120-199",
        amended=_FOLLOW_UP,
    ),
    _fit(
        "a-follow-up-training",
        _WHICH_RATE,
        "Among eighty new seeds at learning rate 0.01, the published training loss and "
        "accuracy of the baseline pass for those of a fresh run.",
        "baseline at 0.01, new seeds",
        "supported",
        metric="loss, accuracy",
        seeds="120-199",
        rule=_FIT_RULE + " Here over the 16 printed training values.",
        amended=_FOLLOW_UP,
    ),
    _fit(
        "b-fresh",
        _WHICH_RUN,
        "The published BN curve passes for the first epochs of a fresh run.",
        "BN at 0.01, epochs 1-8",
        "not supported",
    ),
    Claim(
        id="b-any-rate",
        question=_WHICH_RUN,
        statement=(
            "At the best of seven learning rates, a fresh BN run still has a higher loss in its "
            "first epoch than the published 0.2264."
        ),
        source=_PRINTED,
        kind="difference",
        arms="lowest first-epoch loss over the rates 0.001 to 1, minus the published one",
        metric="loss of epoch 1",
        unit="loss",
        margin=0.1,
        seeds="100-111",
        rule=_DIFFERENCE_RULE,
        expected="supported",
    ),
    _fit(
        "b-new-batches",
        _WHICH_RUN,
        "The published BN curve passes for a run continued on new batches, whatever the epoch "
        "at which the printout starts (2 to 13).",
        "BN at 0.01 continued to epoch 20 on new batches",
        "not supported",
        rule=_FIT_RULE + " Of the twelve starting epochs the one with the largest p counts.",
    ),
    _fit(
        "b-replayed-batches",
        _WHICH_RUN,
        "The published BN curve passes for a second call of fit on replayed batches: epochs 11 "
        "to 18 of a run whose epoch 11 sees the batches of epoch 1 again.",
        "BN at 0.01 continued to epoch 20 on replayed batches",
        "supported",
    ),
    _gain(
        "c-validation",
        "After ten fresh epochs the BN net is more accurate on the validation images.",
        "validation",
        0.5,
        "supported",
    ),
    _gain(
        "c-test",
        "After ten fresh epochs the BN net is more accurate on the test images.",
        "test",
        0.5,
        "supported",
    ),
    _gain(
        "c-printed-gap",
        "After ten fresh epochs the BN net leads on the test images by the 7.2 pp between the "
        "notebook's two closing accuracies.",
        "test",
        7.2,
        "not supported",
    ),
    _slower(
        "d-fit-time",
        "In Keras' fit, an epoch of the BN net takes longer than one of the baseline.",
    ),
    _slower(
        "d-compiled-time",
        "In one compiled program an epoch, an epoch of the BN net takes longer than one of the "
        "baseline.",
    ),
)
