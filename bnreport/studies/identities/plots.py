"""The figure of the page."""

import numpy as np

from bnreport.presentation.formats import plain
from bnreport.presentation.plots import Dots, Row
from bnreport.protocol.claims import Claim
from bnreport.records.collection import Records
from bnreport.studies.identities.claims import CLAIMS
from bnreport.studies.identities.estimates import ERRORS

# A logarithmic axis has no zero: an error of zero is drawn here.
FLOOR = 1e-9


def errors(records: Records) -> Dots:
    """The largest error of each seed beside the tolerance of each claim."""
    return Dots(
        title="The largest error of each seed, claim by claim",
        subtitle=f"A dot a seed (n = {len(records.trial('before'))}), over one to three nets; "
        "named: the largest. Shaded: within the tolerance",
        x_label=f"largest error, in the unit of its claim (0 is drawn at {plain(FLOOR)})",
        rows=tuple(_row(claim, records) for claim in CLAIMS),
        centre="largest",
        x_scale="log",
    )


def _row(claim: Claim, records: Records) -> Row:
    by_seed = ERRORS[claim.id](records).max(axis=1)
    drawn = np.maximum(by_seed, FLOOR)
    return Row(
        label=claim.label,
        arm="bn",
        values=drawn,
        low=float(drawn.min()),
        point=float(by_seed.max()),
        high=float(drawn.max()),
        band=(FLOOR, claim.margin) if claim.margin else None,
    )
