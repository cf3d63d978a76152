"""Does batch normalization regularize: does it answer more test images at the same training loss?

Few training images, so that every net overfits. Their numbers are multiples of the batch: a last
batch of eight images would throw a net off just before it is measured.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bnreport.arms import arm
from bnreport.estimates import Contrast, Estimate, log_ratio, paired
from bnreport.records import Record
from bnreport.rules import DIFFERENCE, LOST, SEEDS_AND_IMAGES, SEEDS_ONLY, SETTINGS
from bnreport.samples import CHANCE, checked, gain, lost
from bnreport.study import TUNING_SEEDS, Analysis, Claim, Records, Runs, Study, Word
from bnreport.trials import Score, Trial

Floats = NDArray[np.float64]

# Training images, and epochs.
SIZES = {1024: 60, 5120: 30}
BATCH_SIZE = 32
GRID = (0.003, 0.01, 0.03, 0.1, 0.3, 1.0)
# The net of each arm, beside what `arms` gives it.
ALL_ARMS: dict[str, tuple[str, dict[str, Any]]] = {
    "raw": ("raw", {}),
    "std": ("std", {}),
    "bn": ("bn", {}),
    "std-bn": ("std-bn", {}),
    "ln": ("ln", {}),
    "dropout": ("raw", {"dropout": 0.5}),
    "bn-dropout": ("bn", {"dropout": 0.5}),
}
# What the tuning runs find best, by images; `check_chosen` holds it to them.
RATES = {
    "raw": {1024: 0.1, 5120: 0.1},
    "std": {1024: 0.1, 5120: 0.1},
    "bn": {1024: 0.1, 5120: 0.1},
    "std-bn": {1024: 0.1, 5120: 0.1},
    "ln": {1024: 0.1, 5120: 0.1},
    "dropout": {1024: 0.1, 5120: 0.1},
    "bn-dropout": {1024: 0.1, 5120: 0.1},
}
# The test accuracy of these is compared after the last epoch, too.
ENDED = ("raw", "std", "bn")
GHOSTS = (8, 32, 128, 512)
GHOST_IMAGES, GHOST_BATCH, GHOST_RATE, GHOST_EPOCHS = 5120, 512, 0.3, 40
# A training loss that all arms of the claims reached in pilots, dropout last; fixed beforehand.
LEVEL = 0.3
CHECKS = 16


def tuning(of: str, images: int, rate: float) -> str:
    """The name of a tuning trial."""
    return f"{of}-{images}-tuning-{rate:g}"


def checks(end: int, first: int) -> tuple[Score, Score]:
    """Loss and accuracy on training and test images after steps that grow by one factor."""
    steps = tuple(int(step) for step in np.rint(np.geomspace(first, end, CHECKS)))
    return Score(name="train", steps=steps, part="train"), Score(
        name="test", steps=steps, part="test"
    )


def _trial(of: str, name: str, images: int, **more: Any) -> Trial:
    base, net = ALL_ARMS[of]
    return arm(base, name, net=net, images=images, batch_size=BATCH_SIZE, split="seed", **more)


def _judged(of: str, images: int, epochs: int) -> Trial:
    end = epochs * images // BATCH_SIZE
    return _trial(
        of,
        f"{of}-{images}",
        images,
        learning_rate=RATES[of][images],
        epochs=epochs,
        evaluated=(),
        score_epochs=(epochs,) if of in ENDED else (),
        checks=checks(end, end // 48),
    )


def _ghost(size: int) -> Trial:
    end = GHOST_EPOCHS * GHOST_IMAGES // GHOST_BATCH
    return arm(
        "raw",
        f"ghost-{size}",
        net={"normalizer": "ghost", "groups": size},
        images=GHOST_IMAGES,
        batch_size=GHOST_BATCH,
        learning_rate=GHOST_RATE,
        epochs=GHOST_EPOCHS,
        split="seed",
        evaluated=(),
        checks=checks(end, end // 48),
    )


RUNS = (
    *(
        Runs(
            _trial(
                of,
                tuning(of, images, rate),
                images,
                learning_rate=rate,
                epochs=epochs // 3,
                evaluated=("val",),
            ),
            full=(),
            tuning=TUNING_SEEDS,
        )
        for of in ALL_ARMS
        for images, epochs in SIZES.items()
        for rate in GRID
    ),
    *(Runs(_judged(of, images, epochs)) for of in ALL_ARMS for images, epochs in SIZES.items()),
    *(Runs(_ghost(size)) for size in GHOSTS),
)

_IOFFE = (
    "Ioffe and Szegedy 2015 (arXiv 1502.03167), section 3.4: BN regularizes, because each image is "
    "seen together with others of its batch; dropout can be removed or reduced"
)
_LUO = (
    "Luo, Wang, Shao and Peng 2019 (arXiv 1809.00846), abstract: BN is a normalization by the "
    "population and an explicit regularization, a decay of gamma"
)
_GHOSTS = (
    "Hoffer, Hubara and Soudry 2017 (arXiv 1705.08741), abstract: ghost batches make the "
    "generalization gap of large batches smaller; Summers and Dinneen 2020 (arXiv 1906.03548), "
    "abstract: they regularize at small and medium batches, too"
)
_LENGTHS = " or ".join(f"{epochs} epochs of {images:,} images" for images, epochs in SIZES.items())
_BY_SIZE = tuple(f"{images:,} images" for images in SIZES)
_MATCHED = (
    f"test accuracy at the moment when the loss on the training images, in inference mode, has "
    f"fallen to {LEVEL:g}; interpolated on the loss's logarithm between checks at which it is "
    "lower than ever before. A pair in which a run never falls so far counts as a tie"
)
_SAME = "Does BN generalize better at the same training loss?"
_END = "Does BN generalize better in the end?"


def _claim(**fields: Any) -> Claim:
    common: dict[str, Any] = {
        "kind": "difference",
        "unit": "pp",
        "margin": 0.5,
        "seeds": "100-111",
        "settings": _BY_SIZE,
    }
    return Claim(**(common | fields))


def _matched(name: str, label: str, words: str, expected: Word) -> Claim:
    return _claim(
        id=f"regularization-same-{name}",
        label=label,
        question=_SAME,
        statement=f"At a training loss of {LEVEL:g}, BN is more accurate on test images than "
        f"{words}.",
        source=f"{_IOFFE}; {_LUO}",
        arms=f"BN and {words}, each at its best rate",
        metric=_MATCHED,
        rule=DIFFERENCE + LOST + SETTINGS + SEEDS_ONLY,
        expected=expected,
    )


def _ended(name: str, label: str, words: str, expected: Word) -> Claim:
    return _claim(
        id=f"regularization-end-{name}",
        label=label,
        question=_END,
        statement=f"After the last epoch, BN is more accurate on test images than {words}.",
        source=_IOFFE,
        arms=f"BN and {words}, each at its best rate",
        metric=f"test accuracy after {_LENGTHS}",
        rule=DIFFERENCE + LOST + SETTINGS + SEEDS_AND_IMAGES,
        expected=expected,
    )


def _surer(name: str, label: str, words: str, expected: Word) -> Claim:
    return _claim(
        id=f"regularization-loss-{name}",
        label=label,
        question="Does BN overfit?",
        statement=f"After the last epoch, BN has a higher test loss than {words}.",
        source=_IOFFE + "; it predicts the contrary",
        arms=f"BN and {words}, each at its best rate",
        metric=f"cross-entropy on the test images after {_LENGTHS}",
        unit="x",
        scale="ratio",
        margin=1.1,
        rule=DIFFERENCE + LOST + SETTINGS + SEEDS_ONLY,
        expected=expected,
    )


_RAW, _STD = "the net on raw pixels", "standardized inputs without BN"
CLAIMS = (
    _matched("raw", "BN over raw, same loss", _RAW, "not supported"),
    _matched("std", "BN over standard., same loss", _STD, "not supported"),
    _ended("raw", "BN over raw, end", _RAW, "not supported"),
    _ended("std", "BN over standardized, end", _STD, "not supported"),
    _surer("raw", "test loss, BN over raw", _RAW, "mixed"),
    _surer("std", "test loss, BN over standard.", _STD, "not supported"),
    _claim(
        id="regularization-dropout",
        label="dropout over none, same loss",
        question="Does what is known to regularize do so here?",
        statement=f"At a training loss of {LEVEL:g}, dropout of 0.5 makes the net on raw pixels "
        "more accurate on test images.",
        source="Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov 2014, JMLR 15, "
        "abstract: dropout significantly reduces overfitting",
        arms="raw pixels with dropout after every block and without, each at its best rate",
        metric=_MATCHED,
        rule=DIFFERENCE + LOST + SETTINGS + SEEDS_ONLY,
        expected="underpowered",
    ),
    _claim(
        id="regularization-ghosts",
        label="ghosts of 8, 32 over 512",
        question="Is it the noise of small batches?",
        statement=f"At a training loss of {LEVEL:g}, BN over ghost batches of 8 and 32 images is "
        "more accurate on test images than BN over the whole batch of 512.",
        source=f"{_GHOSTS}; {_LUO}",
        arms=f"the mean of ghost batches of 8 and 32, and whole batches of {GHOST_BATCH}; "
        f"{GHOST_IMAGES:,} images, learning rate {GHOST_RATE:g}",
        metric=_MATCHED,
        settings=(),
        rule=DIFFERENCE + LOST + SEEDS_ONLY,
        expected="not supported",
    ),
)


def matched(found: Sequence[Record], level: float = LEVEL) -> Floats:
    """The test accuracy at which each run's training loss has fallen to a level, (seeds,).

    NaN where it never does, chance where the run diverged before it did.
    """
    losses, accuracies = checked(found, "train_loss"), checked(found, "test_accuracy")
    values = []
    for record, loss, accuracy in zip(found, losses, accuracies, strict=True):
        # Spikes in a falling curve say nothing about the net that the level describes.
        falls = loss < np.fmin.accumulate(np.append(np.inf, loss[:-1]))
        if not (loss[falls] <= level).any():
            values.append(CHANCE if record.diverged else np.nan)
            continue
        depth = -np.log(loss[falls])
        values.append(float(np.interp(-np.log(level), depth, accuracy[falls])))
    return np.array(values)


def compare(treated: Floats, control: Floats, diverged: int) -> Contrast:
    """The contrast in percentage points; a pair with a run that has no accuracy is a tie."""
    differences = 100 * (treated - control)
    missing = np.isnan(differences)
    return paired(np.where(missing, 0.0, differences), diverged, censored=int(missing.sum()))


def _same(treated: str, control: str) -> Callable[[Records, int], Contrast]:
    def estimate(records: Records, images: int) -> Contrast:
        mine, other = (records.trial(f"{of}-{images}") for of in (treated, control))
        return compare(matched(mine), matched(other), lost(mine, other))

    return estimate


def _in_the_end(control: str) -> Callable[[Records, int], Contrast]:
    return lambda records, images: gain(
        records.trial(f"bn-{images}"), records.trial(f"{control}-{images}"), SIZES[images]
    )


def _test_loss(control: str) -> Callable[[Records, int], Contrast]:
    def estimate(records: Records, images: int) -> Contrast:
        arms = [records.trial(f"{of}-{images}") for of in ("bn", control)]
        bn, other = (checked(found, "test_loss", np.inf)[:, -1] for found in arms)
        return log_ratio(bn, other, lost(*arms))

    return estimate


def _by_size(
    estimate: Callable[[Records, int], Contrast],
) -> Callable[[Records], Mapping[str, Contrast]]:
    return lambda records: {
        setting: estimate(records, images) for setting, images in zip(_BY_SIZE, SIZES, strict=True)
    }


def ghosts(records: Records) -> Contrast:
    """By how many percentage points small ghost batches are better than whole batches."""
    arms = [records.trial(f"ghost-{size}") for size in (8, 32, GHOST_BATCH)]
    eight, thirty_two, whole = (matched(found) for found in arms)
    return compare((eight + thirty_two) / 2, whole, lost(*arms))


ESTIMATES: Mapping[str, Callable[[Records], Estimate]] = {
    **{
        f"regularization-{name}-{control}": _by_size(estimate(control))
        for control in ("raw", "std")
        for name, estimate in (
            ("same", lambda control: _same("bn", control)),
            ("end", _in_the_end),
            ("loss", _test_loss),
        )
    },
    "regularization-dropout": _by_size(_same("dropout", "raw")),
    "regularization-ghosts": ghosts,
}

STUDY = Study(
    name="regularization",
    title="Regularization",
    page="studies/regularization.md",
    chapter="Benefits",
    question="Does batch normalization make a net that has few images generalize better?",
    runs=RUNS,
    claims=CLAIMS,
    estimates=ESTIMATES,
    analyse=lambda _: Analysis(),
)
