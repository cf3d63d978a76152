"""The numbers that the prose of the page names beside its claims."""

from bnreport.formats import quantity
from bnreport.studies.memorization.estimates import MEASURES, OTHER, gain
from bnreport.studies.memorization.plots import EVERY_ARM
from bnreport.studies.memorization.runs import BN
from bnreport.study import Records, Value

TRAINING, INFERENCE = "training batches", "inference mode"


def all_values(records: Records) -> dict[str, Value]:
    """What repetition adds in other batches, and less in inference mode without BN, by name."""
    found = {}
    for of in EVERY_ARM:
        if of in BN.values():
            other = gain(of, MEASURES[OTHER])(records).interval.point
            found[f"{of}.other"] = Value(_pp(other), "repeated less new batches, other batches")
        else:
            less = gain(of, MEASURES[TRAINING], less=MEASURES[INFERENCE])(records).interval.point
            found[f"{of}.less"] = Value(
                _pp(less), "repeated less new batches, training batches less inference mode"
            )
    return found


def _pp(points: float) -> str:
    return quantity(points, 2, "pp", signed=True)
