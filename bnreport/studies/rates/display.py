"""What readers see of the claims in place of their frozen text: horizon, protocol and score."""

from bnreport.studies.rates.runs import EPOCHS, RATES
from bnreport.study import Display

_SCORED = (
    f"at the best of {len(RATES)} learning rates by seed, on the validation images that also "
    f"choose it, after {EPOCHS} epochs, deployed with Keras' default moving averages"
)

DISPLAY = {
    "rates-best-raw": Display(
        statement=f"BN is more accurate than the net on raw pixels, {_SCORED}."
    ),
    "rates-best-std": Display(
        statement=f"BN is more accurate than standardized inputs without BN, {_SCORED}."
    ),
}
