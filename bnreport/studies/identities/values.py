"""The numbers of the page's prose."""

from bnreport.presentation.formats import scientific
from bnreport.presentation.tables import Value
from bnreport.records.collection import Records
from bnreport.studies.identities.estimates import ERRORS
from bnreport.studies.identities.parameters import NOTEBOOK, counted
from bnreport.studies.identities.runs import BEFORE


def all_values(records: Records) -> dict[str, Value]:
    """The numbers by name: "<claim>.error", and how many parameters the nets hold."""
    errors = {name: of(records) for name, of in ERRORS.items()}
    return {
        f"{name}.error": Value(scientific(float(found.max())), f"largest of {found.size} checks")
        for name, found in errors.items()
    } | _parameters()


def _parameters() -> dict[str, Value]:
    without, bn = (counted(NOTEBOOK[name]) for name in ("baseline", "bn"))
    counts = {
        "without": sum(count.all for count in without),
        "bn": sum(count.all for count in bn),
        "trained": sum(count.trained for count in bn),
        "added": sum(count.all for count in bn) - sum(count.all for count in without),
        "kept": sum(count.kept for count in bn),
        "idle": sum(BEFORE.hidden),
    }
    return {
        f"parameters.{name}": Value(f"{count:,}", "counted from the structure of the net")
        for name, count in counts.items()
    }
