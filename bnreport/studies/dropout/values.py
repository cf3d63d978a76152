"""The numbers that the prose of the page names beside its claims; no claim judges them."""

from bnreport.estimates import Contrast, paired
from bnreport.formats import number, quantity
from bnreport.samples import CHANCE, Floats, accuracy, checked, gain, lost, unjudged
from bnreport.studies.dropout.estimates import repaired
from bnreport.studies.dropout.runs import ANEW, EPOCHS, SHARES, between, last
from bnreport.study import Records, Value

# The two ways in which one trained net with BN is scored, by the name of its values.
DEPLOYED, PRECISE = "deployed", "anew"
WAYS = {
    DEPLOYED: "BN by moving averages of momentum 0.99",
    PRECISE: "BN by statistics from 10,000 training images",
}
# What the claims of the same name compare: by share of dropout, the favoured and the other net.
PAIRS = {
    "cost": {share: ("bn", between(share)) for share in SHARES},
    "place": {share: (last(share), between(share)) for share in SHARES},
    "last": {share: (last(share), "bn") for share in SHARES},
}


def score(records: Records, way: str, name: str) -> Floats:
    """Test accuracy of the nets of a trial after training, (seeds,); chance where a run diverged.

    The way says which statistics BN uses; a net without BN has one score in both.
    """
    found = records.trial(name)
    if way == PRECISE and "bn" in name:
        return checked(found, f"{ANEW.name}_accuracy", CHANCE)[:, -1]
    return accuracy(found, "test", EPOCHS)


def ahead(records: Records, way: str, better: str, worse: str) -> Contrast:
    """By how many percentage points the first trial is ahead of the second, scored in that way.

    The interval covers the seeds and not the images, so that both ways can be compared: the
    records hold the marks of single images for the moving averages alone.
    """
    difference = 100 * (score(records, way, better) - score(records, way, worse))
    return paired(difference, lost(records.trial(better), records.trial(worse)))


def all_values(records: Records) -> dict[str, Value]:
    """BN by both scores, what dropout does to the nets, and what the claims would find, by name.

    "anew-std" is BN by precise statistics minus standardized inputs, with "anew-std.interval";
    "anew-cost.0.2" is what the claim dropout-cost compares, at 0.2, by precise statistics.
    """
    found = {
        "repaired.none": Value(
            quantity(repaired(records, "bn").interval.point, 2, "pp", signed=True),
            "test accuracy, fresh statistics less moving averages, no dropout",
        ),
    }
    for of in ("raw", "std"):
        change = gain(records.trial(f"{of}-dropout-0.5"), records.trial(of), EPOCHS)
        found[f"change.{of}"] = Value(
            quantity(change.interval.point, 2, "pp", signed=True),
            "test accuracy, dropout of 0.5 less none",
        )
        found[f"{of}.accuracy"] = _mean(score(records, DEPLOYED, of), of)
    for way, words in WAYS.items():
        found[f"bn.{way}"] = _mean(score(records, way, "bn"), words)
        for of in ("raw", "std"):
            found |= unjudged(
                f"{way}-{of}",
                ahead(records, way, "bn", of).interval,
                f"test accuracy, {words} less {of}",
            )
        for name, pairs in PAIRS.items():
            for share, (better, worse) in pairs.items():
                found |= unjudged(
                    f"{way}-{name}.{share:g}",
                    ahead(records, way, better, worse).interval,
                    f"test accuracy, {better} less {worse}, {words}",
                )
    return found


def _mean(found: Floats, origin: str) -> Value:
    return Value(number(100 * float(found.mean()), 2), f"test accuracy, {origin}, mean, %")
