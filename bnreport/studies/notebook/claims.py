"""The claims, margins and rules, written before the confirmatory runs; pilots informed them."""

from bnreport.study import Claim

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
_PRINTED = "the notebook's printed epochs 1 to 8"
_FOLLOW_UP = (
    "added after the first twenty seeds had refused the curve at 0.01 for the validation of epoch "
    "3, and before any of its own eighty seeds was trained."
)
_IMAGES_TOO = " The interval covers the seeds and the images; p covers the seeds."

CLAIMS = (
    Claim(
        id="a-rate-0.01",
        question="Which learning rate produced the published baseline curve?",
        statement="The published baseline curve passes for a fresh run at learning rate 0.01.",
        source=_PRINTED + "; 0.01 is the default of Keras' SGD",
        kind="fit",
        arms="baseline at 0.01",
        metric="loss, accuracy, val_loss, val_accuracy",
        unit="largest |z|",
        seeds="100-119",
        rule=_FIT_RULE,
        expected="supported",
    ),
    Claim(
        id="a-rate-0.001",
        question="Which learning rate produced the published baseline curve?",
        statement="The published baseline curve passes for a fresh run at learning rate 0.001.",
        source=_PRINTED + "; 0.001 is the rate in the notebook's code",
        kind="fit",
        arms="baseline at 0.001",
        metric="loss, accuracy, val_loss, val_accuracy",
        unit="largest |z|",
        seeds="100-119",
        rule=_FIT_RULE,
        expected="not supported",
    ),
    Claim(
        id="a-follow-up",
        question="Which learning rate produced the published baseline curve?",
        statement=(
            "Among eighty new seeds at learning rate 0.01, the published baseline curve passes for "
            "a fresh run."
        ),
        source=_PRINTED,
        kind="fit",
        arms="baseline at 0.01, new seeds",
        metric="loss, accuracy, val_loss, val_accuracy",
        unit="largest |z|",
        seeds="120-199",
        rule=_FIT_RULE,
        expected="supported",
        amended=_FOLLOW_UP,
    ),
    Claim(
        id="a-follow-up-training",
        question="Which learning rate produced the published baseline curve?",
        statement=(
            "Among eighty new seeds at learning rate 0.01, the published training loss and "
            "accuracy of the baseline pass for those of a fresh run."
        ),
        source=_PRINTED,
        kind="fit",
        arms="baseline at 0.01, new seeds",
        metric="loss, accuracy",
        unit="largest |z|",
        seeds="120-199",
        rule=_FIT_RULE + " Here over the 16 printed training values.",
        expected="supported",
        amended=_FOLLOW_UP,
    ),
    Claim(
        id="b-fresh",
        question="What kind of run does the published BN curve show?",
        statement="The published BN curve passes for the first epochs of a fresh run.",
        source=_PRINTED,
        kind="fit",
        arms="BN at 0.01, epochs 1-8",
        metric="loss, accuracy, val_loss, val_accuracy",
        unit="largest |z|",
        seeds="100-119",
        rule=_FIT_RULE,
        expected="not supported",
    ),
    Claim(
        id="b-any-rate",
        question="What kind of run does the published BN curve show?",
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
    Claim(
        id="b-new-batches",
        question="What kind of run does the published BN curve show?",
        statement=(
            "The published BN curve passes for a run continued on new batches, whatever the epoch "
            "at which the printout starts (2 to 13)."
        ),
        source=_PRINTED,
        kind="fit",
        arms="BN at 0.01 continued to epoch 20 on new batches",
        metric="loss, accuracy, val_loss, val_accuracy",
        unit="largest |z|",
        seeds="100-119",
        rule=_FIT_RULE + " Of the twelve starting epochs the one with the largest p counts.",
        expected="not supported",
    ),
    Claim(
        id="b-replayed-batches",
        question="What kind of run does the published BN curve show?",
        statement=(
            "The published BN curve passes for a second call of fit on replayed batches: epochs 11 "
            "to 18 of a run whose epoch 11 sees the batches of epoch 1 again."
        ),
        source=_PRINTED,
        kind="fit",
        arms="BN at 0.01 continued to epoch 20 on replayed batches",
        metric="loss, accuracy, val_loss, val_accuracy",
        unit="largest |z|",
        seeds="100-119",
        rule=_FIT_RULE,
        expected="supported",
    ),
    Claim(
        id="c-validation",
        question="What should the notebook have printed after ten fresh epochs?",
        statement="After ten fresh epochs the BN net is more accurate on the validation images.",
        source="the notebook's closing accuracies, 0.8710 and 0.9430",
        kind="difference",
        arms="BN minus baseline at 0.01, epoch 10",
        metric="validation accuracy, inference mode",
        unit="pp",
        margin=0.5,
        seeds="100-119",
        rule=_DIFFERENCE_RULE + _IMAGES_TOO,
        expected="supported",
    ),
    Claim(
        id="c-test",
        question="What should the notebook have printed after ten fresh epochs?",
        statement="After ten fresh epochs the BN net is more accurate on the test images.",
        source="the notebook's closing accuracies, 0.8710 and 0.9430",
        kind="difference",
        arms="BN minus baseline at 0.01, epoch 10",
        metric="test accuracy, inference mode",
        unit="pp",
        margin=0.5,
        seeds="100-119",
        rule=_DIFFERENCE_RULE + _IMAGES_TOO,
        expected="supported",
    ),
    Claim(
        id="c-printed-gap",
        question="What should the notebook have printed after ten fresh epochs?",
        statement=(
            "After ten fresh epochs the BN net leads on the test images by the 7.2 pp between the "
            "notebook's two closing accuracies."
        ),
        source="the notebook's closing accuracies, 0.8710 and 0.9430",
        kind="difference",
        arms="BN minus baseline at 0.01, epoch 10",
        metric="test accuracy, inference mode",
        unit="pp",
        margin=7.2,
        seeds="100-119",
        rule=_DIFFERENCE_RULE + _IMAGES_TOO,
        expected="not supported",
    ),
    Claim(
        id="d-fit-time",
        question="How much longer does an epoch of the BN net take?",
        statement="In Keras' fit, an epoch of the BN net takes longer than one of the baseline.",
        source="the notebook's epoch times, 8 to 10 s and 13 to 14 s",
        kind="difference",
        arms="seconds per epoch, BN over baseline, minus one",
        metric="wall-clock time of an epoch with validation",
        unit="%",
        margin=25.0,
        seeds="12 interleaved rounds in one process",
        rule=_DIFFERENCE_RULE,
        expected="supported",
    ),
    Claim(
        id="d-compiled-time",
        question="How much longer does an epoch of the BN net take?",
        statement=(
            "In one compiled program an epoch, an epoch of the BN net takes longer than one of the "
            "baseline."
        ),
        source="the notebook's epoch times, 8 to 10 s and 13 to 14 s",
        kind="difference",
        arms="seconds per epoch, BN over baseline, minus one",
        metric="wall-clock time of an epoch with validation",
        unit="%",
        margin=25.0,
        seeds="12 interleaved rounds in one process",
        rule=_DIFFERENCE_RULE,
        expected="supported",
    ),
)
