"""The tables of the page."""

from bnreport.analysis.metrics import checked
from bnreport.presentation.formats import number, scientific
from bnreport.presentation.tables import Table
from bnreport.records.collection import Records
from bnreport.studies.identities.estimates import Floats
from bnreport.studies.identities.parameters import NOTEBOOK, counted
from bnreport.studies.identities.runs import FACTORS


def all_tables(records: Records) -> dict[str, Table]:
    """The tables by name."""
    return {"parameters": _parameters(), "scaling": _scaling(records)}


def _parameters() -> Table:
    without = {count.layer: count.all for count in counted(NOTEBOOK["baseline"])}
    bn = counted(NOTEBOOK["bn"])
    rows = [
        (_words(count.layer), (without.get(count.layer, 0), count.all, count.trained, count.kept))
        for count in bn
    ]
    totals = tuple(sum(numbers[column] for _, numbers in rows) for column in range(4))
    return Table(
        "Parameters of the notebook's two nets",
        ("layer", "without BN", "with BN", "trained", "moving averages"),
        tuple(
            (name, *(f"{each:,}" for each in numbers))
            for name, numbers in [*rows, ("together", totals)]
        ),
    )


def _words(layer: str) -> str:
    """A layer's name as the page has it."""
    if layer == "norm0":
        return "BN of the inputs"
    kind, place = layer[:-1], layer[-1]
    return {"hidden": f"hidden layer {place}", "norm": "its BN"}.get(kind, layer)


def _scaling(records: Records) -> Table:
    nets = ("before-exact", "before")
    logits = [checked(records.trial(net), "scaling_logits").max(axis=(0, 1)) for net in nets]
    ratios = [checked(records.trial(net), "scaling_gradient") for net in nets]
    rows = tuple(
        (
            f"× {factor:g}",
            *(scientific(float(largest[place])) for largest in logits),
            *(_range(found[:, :, place]) for found in ratios),
        )
        for place, factor in enumerate(FACTORS)
    )
    return Table(
        "The hidden weights multiplied by a factor",
        (
            "weights",
            "logit, ε = 0",
            "logit, Keras",
            "slope, ε = 0",
            "slope, Keras",
        ),
        rows,
        note="Keras: ε = 0.001. Logit: the largest change of any run and image, in training mode; "
        "the identity asks for 0. Slope: the norm of the gradient by the hidden kernels, times the "
        "factor, as a share of that at the weights as they are; smallest to largest of all runs, "
        "at the start and after training; the identity asks for 1.",
    )


def _range(found: Floats) -> str:
    return " to ".join(number(float(end), 3) for end in (found.min(), found.max()))
