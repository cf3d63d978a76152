"""The claims, margins and rules, written before the confirmatory runs; pilots informed them."""

from typing import Any

from bnreport.protocol.claims import Claim, Word
from bnreport.protocol.rules import DIFFERENCE, LOST, SEEDS_ONLY, SETTINGS
from bnreport.studies.shift.runs import CELLS

IOFFE = (
    "Ioffe and Szegedy 2015 (arXiv 1502.03167), abstract and section 2: BN reduces internal "
    "covariate shift, the change of the layers' inputs while the layers before them learn"
)
SANTURKAR = (
    "Santurkar et al. 2018 (arXiv 1805.11604), section 2.2, definition 2.1: VGG on CIFAR-10 and a "
    "deep linear net shift as much with BN as without, or more; curves, no number"
)
NOISE = (
    "Santurkar et al. 2018 (arXiv 1805.11604), section 2.1: with noise after BN the inputs of the "
    "layers of VGG are less stable than without BN, and it trains almost as well as with BN; "
    "curves, no number"
)
_AHEAD = (
    "distance of a layer's gradient on a batch before and after the layers before it take their "
    "step, relative to the gradient; mean over layers and the steps 40, 80, to 280"
)
_RECEIVED = (
    "how far the mean of what a unit's activation function receives moves in one step, in its "
    "standard deviations, on 1,000 images; mean over units, layers and the steps 40, 80, to 280"
)
_OUTPUTS = (
    "how far the mean of a unit of a dense layer moves in one step, before BN, in its standard "
    "deviations, on 1,000 images; mean over units, layers and the steps 40, 80, to 280"
)


def _claim(
    id_: str,
    label: str,
    statement: str,
    arms: str,
    metric: str,
    expected: Word,
    source: str,
    **more: Any,
) -> Claim:
    given: dict[str, Any] = {"scale": "ratio", "unit": "x", "margin": 1.25} | more
    return Claim(
        id=id_,
        label=label,
        question="Does BN reduce internal covariate shift, and is that why it helps?",
        statement=statement,
        source=source,
        kind="difference",
        arms=arms,
        metric=metric,
        seeds="100-111",
        rule=DIFFERENCE + LOST + SETTINGS + SEEDS_ONLY,
        expected=expected,
        settings=tuple(CELLS),
        **given,
    )


_EVERYWHERE = "in nets of 2 and of 8 layers at learning rates 0.01 and 0.1"

CLAIMS = (
    _claim(
        "shift-ahead-raw",
        "gradient, BN under raw",
        "With BN, a step of the layers before changes a layer's gradient less than on raw pixels, "
        f"{_EVERYWHERE}.",
        "raw pixels and BN",
        _AHEAD,
        "supported",
        IOFFE + ". The measure: " + SANTURKAR,
    ),
    _claim(
        "shift-ahead-std",
        "gradient, BN under standardized",
        "With BN, a step of the layers before changes a layer's gradient less than on standardized "
        f"inputs without BN, {_EVERYWHERE}.",
        "standardized inputs without BN, and BN",
        _AHEAD,
        "mixed",
        IOFFE + ". The measure: " + SANTURKAR,
    ),
    _claim(
        "shift-received-raw",
        "drift after BN, under raw",
        "With BN, the means of what the activation functions receive drift less than on raw "
        "pixels, "
        f"{_EVERYWHERE}.",
        "raw pixels and BN",
        _RECEIVED,
        "supported",
        IOFFE + "; no number is given",
    ),
    _claim(
        "shift-received-std",
        "drift after BN, under std.",
        "With BN, the means of what the activation functions receive drift less than on "
        "standardized inputs without BN, "
        f"{_EVERYWHERE}.",
        "standardized inputs without BN, and BN",
        _RECEIVED,
        "supported",
        IOFFE + "; no number is given",
    ),
    _claim(
        "shift-outputs-raw",
        "drift before BN, under raw",
        "In a net with BN, the means of what comes out of the dense layers, before BN, drift less "
        "than on raw pixels, "
        f"{_EVERYWHERE}.",
        "raw pixels and BN",
        _OUTPUTS,
        "supported",
        IOFFE + "; no number is given",
    ),
    _claim(
        "shift-outputs-std",
        "drift before BN, under std.",
        "In a net with BN, the means of what comes out of the dense layers, before BN, drift less "
        "than on standardized inputs without BN, "
        f"{_EVERYWHERE}.",
        "standardized inputs without BN, and BN",
        _OUTPUTS,
        "mixed",
        IOFFE + "; no number is given",
    ),
    _claim(
        "shift-noisy-drift",
        "drift, noisy BN over raw",
        "With noise after BN, the means of what the activation functions receive drift more than "
        f"on raw pixels, {_EVERYWHERE}.",
        "BN followed by noise, and raw pixels",
        _RECEIVED + "; the noise is part of what is received",
        "supported",
        NOISE,
    ),
    _claim(
        "shift-noisy-gain",
        "gain of noisy BN",
        "With noise after BN, a net keeps at least three quarters of what BN adds to the "
        f"validation accuracy on raw pixels, {_EVERYWHERE}.",
        "raw pixels, BN, and BN followed by noise",
        "by how much noisy BN's accuracy is above raw + .75 (BN - raw); validation accuracy after "
        "the second epoch, in inference mode and so without noise",
        "mixed",
        NOISE,
        scale="linear",
        unit="pp",
        margin=0.0,
    ),
)
