"""What readers see of the claims in place of their frozen text: how near "nearly" is."""

from bnreport.studies.factorial.claims import MINOR
from bnreport.study import Display


def _near(nets: str) -> Display:
    return Display(
        statement=f"{nets} reach the same training loss to within {MINOR:g} nats, a margin that "
        "was set after a look at some of these nets."
    )


DISPLAY = {
    "factorial-activation": _near("Nets with LeakyReLU and with ReLU"),
    "factorial-initializer": _near("Nets that start by He and by Glorot"),
}
