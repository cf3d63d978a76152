"""Read the numbers of runs by a recipe: final scores, scores along the run, and drift."""

from collections.abc import Sequence

import numpy as np

from bnreport.analysis.metrics import CHANCE, Floats, checked, lost
from bnreport.records.record import Record
from bnreport.statistics.estimates import Contrast, paired


def final(records: Sequence[Record], by: str, part: str = "val", scoring: str = "end") -> Floats:
    """The accuracy at the end of a run, (seeds,); chance for a run that diverged.

    Args:
        records: runs of one recipe.
        by: the statistics of BN: "fresh", "deployed", or an average such as "m0.9".
        part: on which images.
        scoring: the name of the recipe's scoring.
    """
    last = checked(records, f"{scoring}_{by}_{part}_accuracy", CHANCE)[:, -1]
    return np.where([record.diverged for record in records], CHANCE, last)


def path(records: Sequence[Record], by: str, part: str = "val", scoring: str = "path") -> Floats:
    """The accuracies at the marks of a scoring, (seeds, marks); chance from where a run is lost.

    The arguments are those of `final`.
    """
    return checked(records, f"{scoring}_{by}_{part}_accuracy", CHANCE)


def ahead(
    treated: Sequence[Record],
    control: Sequence[Record],
    by: str = "fresh",
    part: str = "val",
    scoring: str = "end",
) -> Contrast:
    """The points of final accuracy by which one arm is ahead of another, seed by seed.

    With diverged runs, counted at chance, signs judge. The arguments are those of `final`.
    """
    difference = final(treated, by, part, scoring) - final(control, by, part, scoring)
    return paired(100 * difference, lost(treated, control))


def gap(records: Sequence[Record], by: str = "deployed", part: str = "val") -> Contrast:
    """The points of final accuracy that statistics cost against fresh ones of the same run."""
    difference = final(records, "fresh", part) - final(records, by, part)
    return paired(100 * difference, lost(records))
