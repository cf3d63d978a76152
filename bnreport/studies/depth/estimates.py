"""From records to what the claims are judged by."""

from collections.abc import Callable, Sequence

from bnreport.estimates import Contrast, Estimate, Settings, paired
from bnreport.records import Record
from bnreport.samples import last, lost
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


def gain(treated: Sequence[Record], control: Sequence[Record]) -> Contrast:
    """By how many percentage points of validation accuracy the treated arm is ahead."""
    ahead = last(treated, "val_accuracy") - last(control, "val_accuracy")
    return paired(100 * ahead, lost(treated, control))


def _over(activation: str, depths: tuple[int, ...], of: str) -> Callable[[Records], Settings]:
    return lambda records: {
        f"depth {depth}": gain(
            records.trial(name(activation, depth, "bn")), records.trial(name(activation, depth, of))
        )
        for depth in depths
    }


def _decay(of: str) -> Callable[[Records], Contrast]:
    return lambda records: gain(
        records.trial(name("relu", _FROM, of)), records.trial(name("relu", _TO, of))
    )


ESTIMATES: dict[str, Callable[[Records], Estimate]] = {
    **{claim: _over(*compared) for claim, compared in _COMPARED.items()},
    "depth-decay": _decay("bn"),
    "depth-decay-std": _decay("std"),
}
