"""What readers see of the claims in place of their frozen text: the horizon, and what was changed.

The drift was announced over the 40 steps between two marks (commit e8559b0) and measured in one
step (46064ab), before any judged run.
"""

import re

from bnreport.protocol.claims import Display
from bnreport.studies.shift.claims import CLAIMS

DRIFTS = tuple(claim.id for claim in CLAIMS if " drift " in claim.statement)
_CHANGED = (
    "the drift was announced over 40 steps and is measured in one. Over 40 steps, a pilot showed, "
    "a net on raw pixels drifts as far as the noise shifts it in one, so that the noise would not "
    "stand out. The page shows both."
)


def _in_one_step(statement: str) -> str:
    """The statement with its horizon, which the frozen text leaves to the metric."""
    return re.sub(r" drift (less|more) ", r" drift \1 in one step ", statement, count=1)


DISPLAY = {
    claim.id: Display(statement=_in_one_step(claim.statement), changed=_CHANGED)
    for claim in CLAIMS
    if claim.id in DRIFTS
}
