"""What the study claims, frozen before the runs."""

from bnreport.rules import DIFFERENCE, EQUIVALENCE, LOST, SEEDS_AND_IMAGES
from bnreport.studies.alternatives.runs import BATCH, EPOCHS
from bnreport.study import Claim, Word

_NEEDED = "Does it need to be batch normalization?"
_INSTEAD = "Does another normalizer do as well?"
_START = "Do the inputs or the start do it alone?"
_IOFFE = (
    "Ioffe and Szegedy 2015 (arXiv 1502.03167), figure 3: on ImageNet at most 72.7% with BN "
    "against 72.2% without at the same rate, and 74.8% with a larger rate and other changes"
)
_GROUPS = "Wu and He 2018 (arXiv 1803.08494), section 4.1: ResNet-50 on ImageNet, 32 images a GPU, "
_LECUN = (
    "LeCun, Bottou, Orr and Müller 1998, Efficient BackProp, section 4.3: convergence is usually "
    "faster if the average of each input is close to zero, and if all have about the same spread"
)


def _claim(
    question: str,
    name: str,
    label: str,
    statement: str,
    arms: str,
    expected: Word,
    source: str,
    same: bool = False,
) -> Claim:
    return Claim(
        id=f"alternatives-{name}",
        label=label,
        question=question,
        statement=f"With each arm at its own best learning rate, {statement}",
        source=source,
        kind="equivalence" if same else "difference",
        arms=f"{arms}, each at its best rate",
        metric=f"test accuracy after {EPOCHS} epochs, batches of {BATCH}",
        unit="pp",
        margin=0.5,
        seeds="100-111",
        rule=(EQUIVALENCE if same else DIFFERENCE) + LOST + SEEDS_AND_IMAGES,
        expected=expected,
    )


CLAIMS = (
    _claim(
        _NEEDED,
        "bn-raw",
        "BN over raw",
        "BN is more accurate than the net on raw pixels.",
        "BN and raw pixels",
        "supported",
        _IOFFE,
    ),
    _claim(
        _NEEDED,
        "bn-std",
        "BN over standardized",
        "BN is more accurate than standardized inputs without BN.",
        "BN and standardized inputs without BN",
        "not supported",
        _IOFFE,
    ),
    _claim(
        _INSTEAD,
        "ln",
        "layer norm like BN",
        "layer normalization is as accurate as BN.",
        "layer normalization and BN",
        "underpowered",
        "Ba, Kiros and Hinton 2016 (arXiv 1607.06450), figure 6: on MNIST it trains faster than "
        "BN at batches of 128 and 4; " + _GROUPS + "1.7 pp more error than BN",
        same=True,
    ),
    _claim(
        _INSTEAD,
        "gn",
        "group norm like BN",
        "group normalization is as accurate as BN.",
        "group normalization (10 groups) and BN",
        "underpowered",
        _GROUPS + "24.1% error against 23.6% with BN",
        same=True,
    ),
    _claim(
        _INSTEAD,
        "ws",
        "weight std. like BN",
        "weight standardization alone is as accurate as BN.",
        "weight standardization and BN",
        "not supported",
        "Qiao, Wang, Liu, Shen and Yuille 2019 (arXiv 1903.10520), abstract: together with group "
        "normalization it matches or outperforms BN with large batches; alone it is not proposed",
        same=True,
    ),
    _claim(
        _START,
        "input-bn",
        "input BN like standardized",
        "BN of the inputs alone is as accurate as standardized inputs.",
        "BN of the inputs and standardized inputs, both without BN in the hidden layers",
        "supported",
        _LECUN,
        same=True,
    ),
    _claim(
        _START,
        "unit",
        "unit variance over raw",
        "a start at which every layer has outputs of unit variance makes the net on raw pixels "
        "more accurate.",
        "kernels scaled by the first batch and kernels as drawn, both on raw pixels",
        "not supported",
        "Mishkin and Matas 2016 (arXiv 1511.06422), abstract: nets that start so are as accurate "
        "as with standard methods or more; here without the orthogonal start",
    ),
    _claim(
        _START,
        "centring",
        "centring over scaling",
        "centred inputs make the net more accurate than scaled inputs do.",
        "inputs with mean zero and inputs with unit variance, both without BN",
        "supported",
        _LECUN,
    ),
)
