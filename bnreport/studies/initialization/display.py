"""What readers see of the claims in place of their frozen text: horizon and score.

The frozen statements on widths, and that on kernels too large, say "at least". What their rule
asks for in each setting is a mean that reaches the margin and an interval above zero.
"""

from bnreport.protocol.claims import Display
from bnreport.studies.initialization.runs import EPOCHS, LARGEST, LEARNING_RATE


def _wider(who: str, than: str) -> Display:
    return Display(
        statement=f"{who} learns well at more initial scales than {than}, by half a decade or more "
        f"in the mean of the seeds, after {EPOCHS} epoch at rate {LEARNING_RATE:g}, deployed with "
        "Keras' default moving averages."
    )


DISPLAY = {
    "initialization-width-raw": _wider("BN", "the net on raw pixels"),
    "initialization-width-std": _wider("BN on raw pixels", "standardized inputs without BN"),
    "initialization-width-std-bn": _wider(
        "On standardized inputs, too, a net with BN", "one without"
    ),
    "initialization-large": Display(
        statement=f"With BN, too, kernels that start {LARGEST:g} times too large cost two points "
        f"of accuracy or more in the mean of the seeds, after {EPOCHS} epoch at rate "
        f"{LEARNING_RATE:g}, deployed with Keras' default moving averages."
    ),
}
