"""The arms that studies of placement compare: BN before the activation, after it, and none."""

from collections.abc import Mapping
from dataclasses import replace

from bnreport.analysis.arms import Arm, usual

# Each activation with the start that is made for it.
STARTS = {"relu": "HeNormal", "tanh": "GlorotUniform"}
TITLES = {"relu": "ReLU", "tanh": "tanh"}
PLACES = ("before", "after")

_RAW, _STD, _BN, _STD_BN = usual()
_BEFORE, _AFTER = ({"normalizer": "batch", "placement": place} for place in PLACES)
# On raw pixels and on standardized inputs.
KINDS = {
    "raw": replace(_RAW, label="raw pixels, no BN"),
    "std": replace(_STD, label="standardized, no BN"),
    "before": replace(_BN, label="raw pixels, BN before", net=_BEFORE),
    "after": replace(_BN, label="raw pixels, BN after", dashed=True, net=_AFTER),
    "std-before": replace(_STD_BN, label="standardized, BN before", net=_BEFORE),
    "std-after": replace(_STD_BN, label="standardized, BN after", dashed=True, net=_AFTER),
}


def placed(rates: Mapping[str, tuple[float, float]]) -> dict[Arm, float]:
    """Each arm with its rate, first those with ReLU; their names are like "relu-std-before".

    Args:
        rates: that with ReLU and that with tanh, by kind.
    """
    return {
        arm.variant(
            f"{activation}-{kind}",
            f"{TITLES[activation]}: {arm.label}",
            net={"activation": activation, "initializer": start},
        ): rates[kind][place]
        for place, (activation, start) in enumerate(STARTS.items())
        for kind, arm in KINDS.items()
    }
