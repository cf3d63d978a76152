"""Name the nets without BN that nets with it are compared with, and set both side by side."""

from typing import NamedTuple

from bnreport.analysis.arms import Arm, usual

RAW, STD, BN, STD_BN = usual()


class Control(NamedTuple):
    """An arm that another one is compared with, and what labels and sentences call it."""

    arm: Arm
    short: str
    words: str


CONTROLS = (
    Control(RAW, "raw", "the net on raw pixels"),
    Control(STD, "standardized", "standardized inputs without BN"),
)
# The arms of each panel of a figure, and what their curves are called there.
BY_INPUTS = {
    "Raw pixels": {RAW: "raw", BN: "BN"},
    "Standardized inputs": {STD: "std.", STD_BN: "BN"},
}
