"""The notebook measured again: which runs can have printed its numbers, and what runs print.

The notebook's eight printed epochs a net, its two closing accuracies and its epoch times are the
published data. Claims, margins and rules were written before the confirmatory runs; pilots at
other seeds informed them.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from bnreport.records import Record
from bnreport.statistics import Contrast, Fit, fit_of, paired
from bnreport.study import Analysis, Claim, Records, Runs, Study
from bnreport.trials import TimingTrial, Trial

# As printed by Keras: running means over the epoch for loss and accuracy, then validation.
METRICS = ("loss", "accuracy", "val_loss", "val_accuracy")
PUBLISHED_BASELINE = np.array(
    [
        (0.6904, 0.7692, 0.5013, 0.8304),
        (0.4829, 0.8314, 0.4335, 0.8530),
        (0.4414, 0.8444, 0.5291, 0.8022),
        (0.4177, 0.8540, 0.4014, 0.8662),
        (0.4023, 0.8590, 0.3872, 0.8652),
        (0.3862, 0.8648, 0.3791, 0.8716),
        (0.3754, 0.8678, 0.3742, 0.8694),
        (0.3657, 0.8704, 0.3912, 0.8604),
    ]
)
PUBLISHED_BN = np.array(
    [
        (0.2264, 0.9178, 0.3086, 0.8934),
        (0.2176, 0.9209, 0.3108, 0.8912),
        (0.2103, 0.9235, 0.3117, 0.8868),
        (0.1995, 0.9273, 0.3166, 0.8908),
        (0.1945, 0.9286, 0.2987, 0.8986),
        (0.1837, 0.9338, 0.3120, 0.8914),
        (0.1787, 0.9356, 0.3153, 0.8964),
        (0.1720, 0.9375, 0.3216, 0.8924),
    ]
)
PUBLISHED_FINAL = {"baseline": 0.8710, "bn": 0.9430}
PUBLISHED_SECONDS = {
    "baseline": np.array([10.0, 9.0, 8.0, 9.0, 9.0, 8.0, 8.0, 8.0]),
    "bn": np.array([13.0, 13.0, 13.0, 13.0, 13.0, 13.0, 14.0, 13.0]),
}
PRINTED_EPOCHS = 8
FIT_EPOCHS = 10

SEEDS = tuple(range(100, 120))
SWEEP_SEEDS = SEEDS[:12]
QUICK = (200, 201, 202)
SWEEP_RATES = (0.003, 0.03, 0.1, 0.3, 1.0)


def _sweep(rate: float) -> Runs:
    return Runs(
        Trial(name=f"bn-one-epoch-{rate:g}", net="bn", learning_rate=rate, epochs=1),
        SWEEP_SEEDS,
        QUICK,
    )


RUNS = (
    Runs(
        Trial(
            name="baseline-0.01",
            net="baseline",
            learning_rate=0.01,
            epochs=FIT_EPOCHS,
            score_epochs=(FIT_EPOCHS,),
        ),
        SEEDS,
        QUICK,
    ),
    Runs(
        Trial(
            name="baseline-0.001",
            net="baseline",
            learning_rate=0.001,
            epochs=FIT_EPOCHS,
            score_epochs=(FIT_EPOCHS,),
        ),
        SEEDS,
        QUICK,
    ),
    Runs(
        Trial(
            name="bn-0.01",
            net="bn",
            learning_rate=0.01,
            epochs=2 * FIT_EPOCHS,
            score_epochs=(FIT_EPOCHS, 2 * FIT_EPOCHS),
        ),
        SEEDS,
        QUICK,
    ),
    Runs(
        Trial(
            name="bn-0.01-replayed",
            net="bn",
            learning_rate=0.01,
            epochs=2 * FIT_EPOCHS,
            replay_after=FIT_EPOCHS,
            score_epochs=(2 * FIT_EPOCHS,),
        ),
        SEEDS,
        QUICK,
    ),
    Runs(
        Trial(
            name="bn-0.001",
            net="bn",
            learning_rate=0.001,
            epochs=FIT_EPOCHS,
            score_epochs=(FIT_EPOCHS,),
        ),
        SEEDS,
        QUICK,
    ),
    *(_sweep(rate) for rate in SWEEP_RATES),
    Runs(
        TimingTrial(name="timing", nets=("baseline", "bn"), learning_rate=0.01, rounds=12),
        (SEEDS[0],),
        (QUICK[0],),
    ),
)

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


def window(records: Sequence[Record], offset: int) -> NDArray[np.float64]:
    """The printed values that each run would have shown after `offset` epochs.

    Returns:
        Shape (runs, 32): eight epochs by four metrics, in the order of the published arrays.
    """
    span = slice(offset, offset + PRINTED_EPOCHS)
    return np.array(
        [np.stack([record.epochs(m)[span] for m in METRICS], axis=1).ravel() for record in records]
    )


def fits(published: NDArray[np.float64], records: Sequence[Record]) -> list[Fit]:
    """How well the published curve fits the runs at each possible offset, from 0 up."""
    last = len(records[0].history["loss"]) - PRINTED_EPOCHS
    return [fit_of(published.ravel(), window(records, k), k) for k in range(last + 1)]


def best(candidates: Sequence[Fit]) -> Fit:
    """The fit that is hardest to refuse: the largest p, then the smallest |z|."""
    return max(candidates, key=lambda fit: (fit.p, -fit.largest_z))


def accuracy_gain(records: Records, split: str) -> Contrast:
    """BN minus baseline after ten fresh epochs, in percentage points, over seeds and images."""
    cells = 100.0 * np.array(
        [
            bn.score(FIT_EPOCHS).marks(split).astype(float)
            - baseline.score(FIT_EPOCHS).marks(split)
            for bn, baseline in zip(
                records.trial("bn-0.01"), records.trial("baseline-0.01"), strict=True
            )
        ]
    )
    return paired(cells.mean(axis=1), cells=cells)


def first_losses(records: Records) -> dict[float, NDArray[np.float64]]:
    """The loss of the first epoch of fresh BN runs, by learning rate, one number a seed."""
    names = {0.001: "bn-0.001", 0.01: "bn-0.01"} | {
        rate: f"bn-one-epoch-{rate:g}" for rate in SWEEP_RATES
    }
    seeds = sorted(records.of[f"bn-one-epoch-{SWEEP_RATES[0]:g}"])
    return {
        rate: np.array([records.of[names[rate]][seed].epochs("loss")[0] for seed in seeds])
        for rate in sorted(names)
    }


def slowdown(record: Record, loop: str) -> NDArray[np.float64]:
    """By how many per cent an epoch of the BN net takes longer, one number a round."""
    return 100.0 * (record.epochs(f"{loop}_bn") / record.epochs(f"{loop}_baseline") - 1.0)


def estimates(records: Records) -> dict[str, Contrast | Fit]:
    """What the claims are judged by, by claim id."""
    baseline = {rate: records.trial(f"baseline-{rate}") for rate in ("0.01", "0.001")}
    new = fits(PUBLISHED_BN, records.trial("bn-0.01"))
    replayed = fits(PUBLISHED_BN, records.trial("bn-0.01-replayed"))
    # A diverged run has no loss to compare; it cannot have reached the published one.
    lowest = np.nanmin(np.array(list(first_losses(records).values())), axis=0)
    (timing,) = records.trial("timing")
    test = accuracy_gain(records, "test")
    return {
        "a-rate-0.01": fits(PUBLISHED_BASELINE, baseline["0.01"])[0],
        "a-rate-0.001": fits(PUBLISHED_BASELINE, baseline["0.001"])[0],
        "b-fresh": new[0],
        "b-any-rate": paired(lowest - PUBLISHED_BN[0, 0]),
        "b-new-batches": best(new[1:]),
        "b-replayed-batches": replayed[FIT_EPOCHS],
        "c-validation": accuracy_gain(records, "val"),
        "c-test": test,
        "c-printed-gap": test,
        "d-fit-time": paired(slowdown(timing, "fit")),
        "d-compiled-time": paired(slowdown(timing, "compiled")),
    }


def analyse(records: Records) -> Analysis:
    """Everything that the page of this study shows."""
    return Analysis(estimates=estimates(records))


STUDY = Study(
    name="notebook",
    title="The notebook measured again",
    page="studies/notebook.md",
    runs=RUNS,
    claims=CLAIMS,
    analyse=analyse,
    check=("baseline-0.01", "bn-0.01"),
)
