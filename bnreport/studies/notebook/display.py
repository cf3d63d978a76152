"""What readers see of the claims beside their frozen text: which verdict is withdrawn, and why."""

from bnreport.protocol.claims import Display

DISPLAY = {
    "b-new-batches": Display(
        statement="The published BN curve passes for a run continued on new batches, for some "
        "epoch from 2 to 13 at which the printout starts."
    ),
    "d-fit-time": Display(
        withdrawn="the verdict hangs on one round of twelve, which stalled: by the median of the "
        "rounds, or without that one, the effect lies below the margin, so the time has to be "
        "taken again"
    ),
}
