"""Find what was known of the answer to a claim before its runs, by the records of pilots.

A claim says itself what its authors knew, and is frozen with that word. Many were frozen as "new",
since no earlier edition had asked them, after a pilot had trained their nets. Who counts how often
an expectation came true must leave these out, so what is shown is worked out from the records.
"""

import datetime as dt
from collections.abc import Iterable, Set
from typing import Literal

from bnreport.protocol.claims import Claim
from bnreport.protocol.frozen import canonical
from bnreport.protocol.trials import AnyTrial
from bnreport.records.record import Record

# How many of the nets that a claim compares a pilot had trained before it was frozen.
Piloted = Literal["", "some", "all"]

# When claims that had been frozen as new were first shown as known from a pilot.
CORRECTED = dt.date(2026, 11, 29)
KNOWN: dict[Piloted, str] = {"all": "known from a pilot", "some": "known in part from a pilot"}
# A net that was tried at another rate, or was measured otherwise, has been seen.
_ASIDE = {"name", "learning_rate", "measures", "evaluated", "checks", "score_epochs"}


def tried_before(pilots: Iterable[Record], frozen: Set[str]) -> set[str]:
    """The nets that pilots trained before the claims were frozen, each in its conditions.

    Args:
        pilots: the records of the pilots.
        frozen: the digests of the claims; a pilot that names one of them came after.
    """
    return {
        _conditions(record.identity.trial)
        for record in pilots
        if record.provenance.claims not in frozen
    }


def piloted(trials: Iterable[AnyTrial], tried: Set[str]) -> Piloted:
    """Say how many of the nets that a claim compares were tried before it was frozen."""
    seen = [_conditions(trial) in tried for trial in trials]
    if not any(seen):
        return ""
    return "all" if all(seen) else "some"


def known_of(claim: Claim, seen: Piloted) -> str:
    """Say what was known of the answer: as the claim says it, unless a pilot belies it."""
    return KNOWN[seen] if claim.known == "new" and seen else claim.known


def _conditions(trial: AnyTrial) -> str:
    return canonical(trial.model_dump(mode="json", exclude=_ASIDE))
