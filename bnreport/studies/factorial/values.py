"""The numbers that the prose of the page names beside its claims."""

from bnreport.formats import quantity
from bnreport.studies.factorial.shares import REST, shares_by_seed
from bnreport.study import Records, Value

ORIGIN = "share of the sum of squares of the training loss within a seed, mean over the seeds"


def all_values(records: Records) -> dict[str, Value]:
    """The largest shares with their names, by name."""
    means = {name: float(found.mean()) for name, found in shares_by_seed(records).items()}
    rest = means.pop(REST)
    first, second, *_ = sorted(means, key=lambda name: -means[name])
    return {
        "first": Value(first, ORIGIN),
        "first.share": Value(_percent(means[first]), ORIGIN),
        "second": Value(second, ORIGIN),
        "second.share": Value(_percent(means[second]), ORIGIN),
        "rest.share": Value(_percent(rest), ORIGIN),
    }


def _percent(share: float) -> str:
    return quantity(share, 0, "%")
