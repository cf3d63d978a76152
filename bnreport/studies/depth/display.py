"""What readers see of the claims in place of their frozen text: how long the nets were trained."""

from bnreport.studies.depth.values import STEPS
from bnreport.study import Display

_WITHIN = f"within one epoch of {STEPS} steps"


def _rescue(inputs: str) -> Display:
    return Display(
        statement="With sigmoids, BN trains nets of 10, 20 and 30 layers that do not train on "
        f"{inputs}, {_WITHIN}."
    )


DISPLAY = {
    "depth-sigmoid-raw": _rescue("raw pixels"),
    "depth-sigmoid-std": _rescue("standardized inputs"),
    "depth-decay": Display(
        statement=f"BN does not lift the limit of depth {_WITHIN}: with ReLU and BN, a net of 30 "
        "layers is then less accurate than one of 2."
    ),
}
