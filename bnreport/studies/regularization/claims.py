"""The claims, margins and rules, written before the runs that judge them."""

from typing import Any

from bnreport.rules import DIFFERENCE, LOST, SEEDS_AND_IMAGES, SEEDS_ONLY, SETTINGS
from bnreport.studies.regularization.runs import (
    GHOST_BATCH,
    GHOST_IMAGES,
    GHOST_RATE,
    LEVEL,
    SIZES,
)
from bnreport.study import Claim, Word

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
BY_SIZE = tuple(f"{images:,} images" for images in SIZES)
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
        "settings": BY_SIZE,
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
