"""What each claim is judged by: how much more accurate one arm is than another."""

from collections.abc import Callable

from bnreport.estimates import Contrast
from bnreport.samples import gain
from bnreport.studies.alternatives.runs import EPOCHS
from bnreport.study import Records


def _gain(treated: str, control: str) -> Callable[[Records], Contrast]:
    return lambda records: gain(records.trial(treated), records.trial(control), EPOCHS)


ESTIMATES = {
    "alternatives-bn-raw": _gain("bn", "raw"),
    "alternatives-bn-std": _gain("bn", "std"),
    "alternatives-ln": _gain("ln", "bn"),
    "alternatives-gn": _gain("gn", "bn"),
    "alternatives-ws": _gain("ws", "bn"),
    "alternatives-input-bn": _gain("input-bn", "std"),
    "alternatives-unit": _gain("unit", "raw"),
    "alternatives-centring": _gain("centred", "scaled"),
}
