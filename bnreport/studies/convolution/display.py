"""What readers see of the claims in place of their frozen text.

The frozen statements on widths say "at least". What their rule asks for is a mean that reaches the
margin and an interval above zero.
"""

from bnreport.protocol.claims import Display


def _wider(than: str) -> Display:
    return Display(
        statement="In a small convolutional net, too, BN learns well at more learning rates than "
        f"{than}, by half a decade or more in the mean of the seeds."
    )


DISPLAY = {
    "convolution-width-raw": _wider("the net on raw pixels"),
    "convolution-width-std": _wider("standardized inputs without BN"),
}
