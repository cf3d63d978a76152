"""The claims, margins and rules, written before the confirmatory runs; pilots informed them."""

from bnreport.rules import DIFFERENCE, LOST, SEEDS_ONLY, SETTINGS
from bnreport.study import Claim, Word

# From chance to trainable, in pp: the least difference of a net that trains and one that does not.
RESCUE = 40.0
# The least difference in accuracy worth saying of two nets that may both train, in pp.
GAIN = 2.0

IOFFE = (
    "Ioffe and Szegedy 2015 (arXiv 1502.03167), figure 3: Inception with sigmoids reaches "
    "69.8% on ImageNet with BN and stays at chance without it"
)
JACOBIANS = (
    "Ioffe and Szegedy 2015 (arXiv 1502.03167), section 3.3: BN may bring the singular values of "
    "the layers' Jacobians close to 1, which would help gradients through; a conjecture without a "
    "number"
)
YANG = (
    "Yang et al. 2019 (arXiv 1902.08129), abstract and figure 3: BN makes gradients explode, and "
    "BN nets without skip connections that are deeper than about 50 layers do not train on MNIST"
)


def _claim(
    id_: str,
    label: str,
    statement: str,
    arms: str,
    depths: tuple[int, ...],
    expected: Word,
    margin: float = GAIN,
    source: str = JACOBIANS,
) -> Claim:
    settings = tuple(f"depth {depth}" for depth in depths) if len(depths) > 1 else ()
    return Claim(
        id=id_,
        label=label,
        question="Does BN train nets that are too deep without it?",
        statement=statement,
        source=source,
        kind="difference",
        arms=arms,
        metric="validation accuracy after one epoch of 20,000 images, each net at its best rate",
        unit="pp",
        margin=margin,
        seeds="100-111",
        rule=DIFFERENCE + LOST + (SETTINGS if settings else "") + SEEDS_ONLY,
        expected=expected,
        settings=settings,
    )


CLAIMS = (
    _claim(
        "depth-sigmoid-raw",
        "sigmoid, BN over raw",
        "With sigmoids, BN trains nets of 10, 20 and 30 layers that do not train on raw pixels.",
        "BN and raw pixels, 10, 20 and 30 sigmoid layers",
        (10, 20, 30),
        "supported",
        RESCUE,
        IOFFE,
    ),
    _claim(
        "depth-sigmoid-std",
        "sigmoid, BN over standardized",
        "With sigmoids, BN trains nets of 10, 20 and 30 layers that do not train on standardized "
        "inputs.",
        "BN and standardized inputs without BN, 10, 20 and 30 sigmoid layers",
        (10, 20, 30),
        "supported",
        RESCUE,
        IOFFE,
    ),
    _claim(
        "depth-tanh-raw",
        "tanh, BN over raw",
        "With tanh, nets of 20 and 30 layers are more accurate with BN than on raw pixels.",
        "BN and raw pixels, 20 and 30 tanh layers",
        (20, 30),
        "supported",
    ),
    _claim(
        "depth-tanh-std",
        "tanh, BN over standardized",
        "With tanh, nets of 20 and 30 layers are more accurate with BN than on standardized "
        "inputs without BN.",
        "BN and standardized inputs without BN, 20 and 30 tanh layers",
        (20, 30),
        "not supported",
    ),
    _claim(
        "depth-relu-raw",
        "ReLU, BN over raw",
        "With ReLU, nets of 20 and 30 layers are more accurate with BN than on raw pixels.",
        "BN and raw pixels, 20 and 30 ReLU layers",
        (20, 30),
        "supported",
    ),
    _claim(
        "depth-relu-std",
        "ReLU, BN over standardized",
        "With ReLU, nets of 20 and 30 layers are more accurate with BN than on standardized "
        "inputs without BN.",
        "BN and standardized inputs without BN, 20 and 30 ReLU layers",
        (20, 30),
        "supported",
    ),
    _claim(
        "depth-decay",
        "ReLU and BN, 2 over 30 layers",
        "BN does not lift the limit of depth: with ReLU and BN, a net of 30 layers is less "
        "accurate than one of 2.",
        "BN with 2 and with 30 ReLU layers",
        (),
        "supported",
        source=YANG,
    ),
    _claim(
        "depth-decay-std",
        "ReLU and standardized, 2 over 30",
        "Depth costs accuracy without BN, too: with ReLU and standardized inputs, a net of 30 "
        "layers is less accurate than one of 2.",
        "standardized inputs without BN, with 2 and with 30 ReLU layers",
        (),
        "supported",
        source=YANG,
    ),
)
