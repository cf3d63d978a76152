"""The table of the page, and the numbers of its prose."""

from bnreport.formats import number
from bnreport.studies.collapse.estimates import last
from bnreport.studies.collapse.runs import DEEP, DEPTHS, INPUTS, NORMALIZERS, SHALLOW, trial
from bnreport.studies.collapse.theory import after
from bnreport.study import Records, Table, Value

NAMES = {"none": "none", "bn": "BN", "ln": "LN"}
SHORT = {"raw": "raw", "std": "standardized"}
DECIMALS = {"cosine": 2, "rank": 1}


def _mean(records: Records, found: str, norm: str, depth: int, inputs: str) -> str:
    return number(float(last(records, found, norm, depth, inputs).mean()), DECIMALS[found])


def all_values(records: Records) -> dict[str, Value]:
    """The means by name, "<cosine or rank>.<trial>", and what theory makes of the shallow nets'."""
    means = {
        f"{found}.{trial(norm, depth, inputs)}": Value(
            _mean(records, found, norm, depth, inputs),
            f"mean of {len(records.trial(trial(norm, depth, inputs)))} seeds",
        )
        for found in DECIMALS
        for norm in NORMALIZERS
        for depth in DEPTHS
        for inputs in INPUTS
    }
    return means | {
        f"theory.{inputs}": Value(
            number(after(float(start.mean()), DEEP - SHALLOW), DECIMALS["cosine"]),
            f"{DEEP - SHALLOW} layers on from the mean after {SHALLOW}",
        )
        for inputs in INPUTS
        for start in [last(records, "cosine", "none", SHALLOW, inputs)]
    }


def all_tables(records: Records) -> dict[str, Table]:
    """The tables by name."""
    columns = [(found, depth) for found in DECIMALS for depth in (SHALLOW, DEEP)]
    rows = tuple(
        (
            f"{NAMES[norm]}, {SHORT[inputs]}",
            *(_mean(records, found, norm, depth, inputs) for found, depth in columns),
        )
        for inputs in INPUTS
        for norm in NORMALIZERS
    )
    return {
        "depths": Table(
            f"Mean cosine and effective rank after {SHALLOW} and after {DEEP} layers",
            ("normalizer, inputs", *(f"{found}, {depth}" for found, depth in columns)),
            rows,
            note="Means over the seeds, in the last hidden layer, before the first step. LN: layer "
            "normalization.",
        )
    }
