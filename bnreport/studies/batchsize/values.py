"""The numbers that the prose of the page names beside its claims; no claim judges them."""

from bnreport.analysis.metrics import Floats, lost, unjudged
from bnreport.presentation.formats import number, with_interval
from bnreport.presentation.tables import Table, Value
from bnreport.records.collection import Records
from bnreport.statistics.estimates import paired
from bnreport.statistics.intervals import Interval
from bnreport.studies.batchsize.estimates import accuracy, precise
from bnreport.studies.batchsize.runs import SIZES, named

# The two ways in which one trained net with BN is scored, by the name of its values.
DEPLOYED, PRECISE = "deployed", "precise"
WAYS = {
    DEPLOYED: "moving averages of momentum 0.99",
    PRECISE: "statistics from 10,000 training images",
}


def score(records: Records, way: str, size: int) -> Floats:
    """Validation accuracy of the trained nets with BN, scored in one of the ways, (seeds,)."""
    return precise(records, size) if way == PRECISE else accuracy(records, "bn", size)


def ahead(records: Records, way: str, of: str, size: int) -> Interval:
    """By how many percentage points BN, scored in that way, is ahead of an arm without it."""
    difference = 100 * (score(records, way, size) - accuracy(records, of, size))
    return paired(
        difference, lost(records.trial(named("bn", size)), records.trial(named(of, size)))
    ).interval


def all_values(records: Records) -> dict[str, Value]:
    """BN by both scores, and how far it is ahead of nets without it, by name.

    "precise-std.512" is BN by precise statistics minus standardized inputs at 512 images, with
    "precise-std.512.interval"; "precise.512" is the accuracy itself.
    """
    found: dict[str, Value] = {}
    for size in SIZES:
        at = f"validation accuracy at {size} images a batch"
        for way, words in WAYS.items():
            mean = 100 * float(score(records, way, size).mean())
            found[f"{way}.{size}"] = Value(number(mean, 1), f"{at}, BN by {words}, mean, %")
            for of in ("raw", "std"):
                found |= unjudged(
                    f"{way}-{of}.{size}",
                    ahead(records, way, of, size),
                    f"{at}, BN by {words} less {of}",
                )
        for of in ("raw", "std"):
            mean = 100 * float(accuracy(records, of, size).mean())
            found[f"{of}.{size}"] = Value(number(mean, 1), f"{at}, {of}, mean, %")
    return found


def scores(records: Records) -> Table:
    """BN minus standardized inputs by either score of the same nets, a row a batch size."""

    def cell(way: str, size: int) -> str:
        return with_interval(ahead(records, way, "std", size), 2, signed=True)

    return Table(
        "BN minus standardized inputs by both scores, in percentage points",
        ("images in a batch", "deployed", "fresh"),
        tuple((str(size), cell(DEPLOYED, size), cell(PRECISE, size)) for size in SIZES),
        note="Validation accuracy, with 95% intervals over the seeds. Deployed: BN by moving "
        "averages of momentum 0.99. Fresh: the same nets with BN by statistics of 10,000 training "
        "images; of these a claim judges the row of two images alone. Nets without BN keep no "
        "statistics and have one score.",
    )
