"""What readers see of the claims in place of their frozen text: horizon, protocol and score."""

from bnreport.studies.alternatives.runs import EPOCHS
from bnreport.study import Display

_SCORED = (
    f"on the test images after {EPOCHS} epochs at a constant rate, deployed with Keras' default "
    "moving averages; each arm's rate was chosen on tuning seeds"
)

DISPLAY = {
    "alternatives-bn-raw": Display(
        statement=f"BN is more accurate than the net on raw pixels, {_SCORED}."
    ),
    "alternatives-bn-std": Display(
        statement=f"BN is more accurate than standardized inputs without BN, {_SCORED}."
    ),
}
