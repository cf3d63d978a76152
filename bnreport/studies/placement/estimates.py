"""From records to what the claims are judged by."""

from collections.abc import Callable, Mapping

from bnreport.estimates import Contrast, Estimate
from bnreport.samples import gain
from bnreport.studies.placement.runs import ACTIVATIONS, EPOCHS, PLACES
from bnreport.study import Records


def _gain(treated: str, control: str) -> Callable[[Records], Contrast]:
    return lambda records: gain(records.trial(treated), records.trial(control), EPOCHS)


def _at_both(activation: str, control: str) -> Callable[[Records], Mapping[str, Contrast]]:
    return lambda records: {
        place: gain(
            records.trial(f"{activation}-{place}"),
            records.trial(f"{activation}-{control}"),
            EPOCHS,
        )
        for place in PLACES
    }


ESTIMATES: Mapping[str, Callable[[Records], Estimate]] = {
    "placement-same-relu": _gain("relu-after", "relu-before"),
    "placement-same-tanh": _gain("tanh-after", "tanh-before"),
    "placement-before-relu": _gain("relu-before", "relu-after"),
    "placement-after-tanh": _gain("tanh-after", "tanh-before"),
    **{
        f"placement-{control}-{activation}": _at_both(activation, control)
        for activation in ACTIVATIONS
        for control in ("raw", "std")
    },
}
