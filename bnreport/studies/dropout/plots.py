"""The figures of the page."""

import numpy as np

from bnreport.plots import Arm, Curves, Dots, Panel, Plot, Row, Series
from bnreport.samples import Floats, accuracy
from bnreport.statistics import t_interval
from bnreport.studies.dropout.estimates import met
from bnreport.studies.dropout.runs import BATCH_SIZE, EPOCHS, SECOND, SHARES, between, last
from bnreport.study import Records

NET = f"300-100 ReLU net, batches of {BATCH_SIZE}, {EPOCHS} epochs"
# The curves: their arm, and by the share that is dropped the trials on them.
NETS: dict[str, tuple[Arm, dict[float, str]]] = {
    "raw": ("raw", {0.0: "raw", 0.5: "raw-dropout-0.5"}),
    "standardized": ("std", {0.0: "std", 0.5: "std-dropout-0.5"}),
    "BN": ("bn", {0.0: "bn", **{share: between(share) for share in SHARES}}),
    "BN, after the last": ("bn", {0.0: "bn", **{share: last(share) for share in SHARES}}),
}


def all_plots(records: Records) -> dict[str, Plot]:
    """The figures by name."""
    return {"accuracy": _accuracy(records), "shift": _shift(records)}


def _accuracy(records: Records) -> Curves:
    def series(label: str, of: Arm, names: dict[float, str]) -> Series:
        found = [100 * accuracy(records.trial(name), "test", EPOCHS) for name in names.values()]
        dashed = last(SHARES[0]) in names.values()
        return Series(label, of, np.array(list(names)), np.array(found).T, dashed)

    return Curves(
        title="Test accuracy by the share of outputs that dropout sets to zero",
        subtitle=f"{NET}. Thin lines: {_seeds(records)} seeds; thick: mean and its 95% interval. "
        "Dropout after every block; dashed: after the last block alone",
        x_label="share dropped",
        panels=(
            Panel(
                title="",
                y_label="test accuracy, %",
                series=tuple(series(label, of, names) for label, (of, names) in NETS.items()),
            ),
        ),
    )


def _shift(records: Records) -> Dots:
    def row(label: str, name: str, layer: int = SECOND) -> Row:
        values: Floats = 1 / met(records, name)[:, layer]
        mean = t_interval(values)
        return Row(label, "bn", values, mean.low, mean.point, mean.high)

    return Dots(
        title="How many times BN assumes the variance that it meets",
        subtitle=f"Moving variance over the variance of the inputs in inference, mean over units. "
        f"A dot a seed (n = {_seeds(records)}); bars: mean and 95% interval",
        x_label="variance that BN assumes, in multiples of the one it meets",
        rows=(
            row("second BN, no dropout", "bn"),
            *(row(f"second BN, {share:g} after every block", between(share)) for share in SHARES),
            *(row(f"second BN, {share:g} after the last", last(share)) for share in SHARES),
            row(
                f"first BN, {SHARES[-1]:g} after every block", between(SHARES[-1]), layer=SECOND - 1
            ),
        ),
        nothing=1.0,
        decimals=2,
    )


def _seeds(records: Records) -> int:
    return len(records.trial("bn"))
