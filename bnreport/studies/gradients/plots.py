"""The figures of the page."""

import numpy as np

from bnreport.plots import Arm, Curves, Dots, Panel, Plot, Row, Series
from bnreport.statistics import t_interval
from bnreport.studies.gradients.claims import RAW
from bnreport.studies.gradients.estimates import Floats, factors, sizes
from bnreport.studies.gradients.runs import (
    DEPTH,
    LARGE,
    RATES,
    SMALL,
    STEPS,
    THEORY,
    TRAINED_BATCH,
    WIDTH,
    start,
    trained,
)
from bnreport.study import Records

ARMS: dict[str, tuple[str, Arm]] = {"none": ("none", "raw"), "bn": ("BN", "bn"), "ln": ("LN", "ln")}
NET = f"{DEPTH} layers of {WIDTH} units"


def all_plots(records: Records) -> dict[str, Plot]:
    """The figures by name."""
    return {
        "smooth": _layers(records, "sigmoid and tanh", ("sigmoid", "tanh")),
        "relu": _layers(records, "ReLU", ("ReLU from He", "ReLU from Glorot")),
        "factors": _factors(records),
        "training": _training(records),
    }


def _layers(records: Records, of_what: str, names: tuple[str, ...]) -> Curves:
    def series(of: str, norm: str) -> Series:
        label, arm = ARMS[norm]
        back = sizes(records, start(of, norm, SMALL))[:, 0, ::-1] / np.log(10)
        return Series(label, arm, np.arange(1.0, DEPTH + 1), back)

    return Curves(
        title=f"The size of gradients on their way back, {of_what}",
        subtitle=f"{NET}, raw pixels, batches of {SMALL}, at the start. Thin lines: "
        f"{_seeds(records)} seeds; thick: mean",
        x_label="layers back from the output",
        panels=tuple(
            Panel(
                title=name,
                y_label="norm, as a power of ten",
                series=tuple(series(RAW[name][0], norm) for norm in ("none", "bn")),
            )
            for name in names
        ),
    )


def _factors(records: Records) -> Dots:
    rows = []
    for name, (of, _) in RAW.items():
        rows += [_row(records, f"{name}, {ARMS[n][0]}", start(of, n, SMALL), n) for n in ARMS]
    wide = f"ReLU from He, BN, batches of {LARGE}"
    rows.append(_row(records, wide, start("relu-he", "bn", LARGE), "bn", (THEORY,)))
    return Dots(
        title="The factor by which gradients change per layer back",
        subtitle=f"{NET}, raw pixels, batches of {SMALL} unless said, before the first step. A dot "
        f"a seed (n = {_seeds(records)}), the mean and its 95% interval below",
        x_label="factor per layer",
        rows=tuple(rows),
        nothing=1.0,
        x_scale="log",
        decimals=2,
    )


def _row(
    records: Records, label: str, trial: str, norm: str, theory: tuple[float, ...] = ()
) -> Row:
    found = factors(records, trial)[:, 0]
    interval = t_interval(found)
    low, point, high = np.exp([interval.low, interval.point, interval.high]).tolist()
    return Row(label, ARMS[norm][1], np.exp(found), low, point, high, theory, cross="theory")


def _training(records: Records) -> Curves:
    # A logarithmic axis has no place for step 0: gradients belong to the step that comes next.
    coming = np.array(STEPS, float) + 1

    def series(norm: str, rate: float) -> Series:
        found = unbroken(np.exp(factors(records, trained(norm, rate))))
        return Series(f"rate {rate:g}", ARMS[norm][1], coming[: found.shape[1]], found)

    return Curves(
        title="The factor per layer while a net trains",
        subtitle=f"{NET}, ReLU from He, raw pixels, batches of {TRAINED_BATCH}. Thin lines: "
        f"{_seeds(records)} seeds; thick: mean",
        x_label="step that takes the gradients",
        x_scale="log",
        panels=tuple(
            Panel(title, "factor per layer", tuple(series(norm, rate) for rate in RATES))
            for norm, title in (("bn", "With BN"), ("none", "Without"))
        ),
    )


def unbroken(found: Floats) -> Floats:
    """The steps up to the first at which the gradients of a run are lost, (seeds, steps)."""
    known = np.isfinite(found).all(axis=0)
    return found[:, : int(known.cumprod().sum())]


def _seeds(records: Records) -> int:
    return len(records.trial(trained("bn", RATES[0])))
