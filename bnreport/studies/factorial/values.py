"""The numbers that the prose of the page names beside its claims."""

from itertools import product

from bnreport.formats import quantity
from bnreport.studies.factorial.estimates import loss, mean_at
from bnreport.studies.factorial.shares import REST, shares_by_seed
from bnreport.studies.factorial.tables import ACTIVATIONS, INITIALIZERS
from bnreport.study import Records, Value

SHARE = "share of the sum of squares of the training loss within a seed, mean over the seeds"
FALL = "by how much hidden BN lowers the training loss of a net on standardized inputs, mean"


def all_values(records: Records) -> dict[str, Value]:
    """The largest shares, and the least and the greatest fall on standardized inputs, by name."""
    return _largest(records) | _ends(records)


def _largest(records: Records) -> dict[str, Value]:
    means = {name: float(found.mean()) for name, found in shares_by_seed(records).items()}
    rest = means.pop(REST)
    first, second, third, *_ = sorted(means, key=lambda name: -means[name])
    named = {"first": first, "second": second, "third": third}
    return {
        "rest.share": Value(quantity(rest, 1, "%"), SHARE),
        **{place: Value(name, SHARE) for place, name in named.items()},
        **{f"{p}.share": Value(quantity(means[n], 0, "%"), SHARE) for p, n in named.items()},
    }


def _ends(records: Records) -> dict[str, Value]:
    falls = {}
    for activation, initializer in product(ACTIVATIONS, INITIALIZERS):
        net = {"activation": activation, "initializer": initializer, "inputs": "std"}
        plain, hidden = (
            mean_at(records, loss, hidden=level, **net) for level in ("plain", "hidden")
        )
        name = f"{ACTIVATIONS[activation]} and {INITIALIZERS[initializer]}"
        falls[name] = float((plain - hidden).mean())
    ends = {"least": min(falls, key=falls.__getitem__), "most": max(falls, key=falls.__getitem__)}
    return {
        **{end: Value(net, FALL) for end, net in ends.items()},
        **{
            f"{end}.fall": Value(quantity(falls[net], 3, "nats", signed=True), FALL)
            for end, net in ends.items()
        },
    }
