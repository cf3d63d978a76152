"""What readers see of the claims in place of their frozen text: horizon, protocol and score.

The frozen statements on widths and limits say "at least". What their rule asks for is a mean that
reaches the margin and an interval above zero, on a grid of rates.
"""

from bnreport.studies.rates.runs import EPOCHS, RATES
from bnreport.study import Display

_DEPLOYED = f"after {EPOCHS} epochs, deployed with Keras' default moving averages"
_SCORED = (
    f"at the best of {len(RATES)} learning rates by seed, on the validation images that also "
    f"choose it, {_DEPLOYED}"
)
_STD = "standardized inputs without BN"


def _wider(who: str, than: str) -> Display:
    return Display(
        statement=f"{who} learns well at more learning rates than {than}, by half a decade or more "
        f"in the mean of the seeds, {_DEPLOYED}."
    )


def _higher(than: str) -> Display:
    return Display(
        statement=f"The highest of {len(RATES)} learning rates, each about three times the last, "
        f"at which BN learns is twice that of {than} or more, {_DEPLOYED}."
    )


DISPLAY = {
    "rates-width-raw": _wider("BN", "the net on raw pixels"),
    "rates-width-std": _wider("BN on raw pixels", _STD),
    "rates-width-std-bn": _wider("On standardized inputs, too, a net with BN", "one without"),
    "rates-width-ln": _wider("BN", "layer normalization"),
    "rates-highest-raw": _higher("the net on raw pixels"),
    "rates-highest-std": _higher(_STD),
    "rates-best-raw": Display(
        statement=f"BN is more accurate than the net on raw pixels, {_SCORED}."
    ),
    "rates-best-std": Display(statement=f"BN is more accurate than {_STD}, {_SCORED}."),
}
