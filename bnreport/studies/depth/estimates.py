"""From records to what the claims are judged by."""

from collections.abc import Callable

from bnreport.estimates import Contrast, Estimate, Settings
from bnreport.samples import lead
from bnreport.studies.depth.runs import name
from bnreport.study import Records

# What each claim compares: activation, depths, and the arm that BN is compared with.
_COMPARED = {
    "depth-sigmoid-raw": ("sigmoid", (10, 20, 30), "raw"),
    "depth-sigmoid-std": ("sigmoid", (10, 20, 30), "std"),
    "depth-tanh-raw": ("tanh", (20, 30), "raw"),
    "depth-tanh-std": ("tanh", (20, 30), "std"),
    "depth-relu-raw": ("relu", (20, 30), "raw"),
    "depth-relu-std": ("relu", (20, 30), "std"),
}
_FROM, _TO = 2, 30


def _over(activation: str, depths: tuple[int, ...], of: str) -> Callable[[Records], Settings]:
    return lambda records: {
        f"depth {depth}": lead(
            records.trial(name(activation, depth, "bn")), records.trial(name(activation, depth, of))
        )
        for depth in depths
    }


def _decay(of: str) -> Callable[[Records], Contrast]:
    return lambda records: lead(
        records.trial(name("relu", _FROM, of)), records.trial(name("relu", _TO, of))
    )


ESTIMATES: dict[str, Callable[[Records], Estimate]] = {
    **{claim: _over(*compared) for claim, compared in _COMPARED.items()},
    "depth-decay": _decay("bn"),
    "depth-decay-std": _decay("std"),
}
