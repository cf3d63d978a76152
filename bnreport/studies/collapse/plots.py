"""The figures of the page: one panel for each kind of inputs, one curve for each normalizer."""

import numpy as np

from bnreport.plots import Arm, Curves, Panel, Plot, Scale, Series
from bnreport.studies.collapse.estimates import last
from bnreport.studies.collapse.runs import (
    DEPTHS,
    IMAGES,
    INPUTS,
    NORMALIZERS,
    SHALLOW,
    WIDTH,
    trial,
)
from bnreport.study import Records

# Curves keep the colours of their arms.
ARMS: dict[tuple[str, str], Arm] = {
    ("none", "raw"): "raw",
    ("none", "std"): "std",
    ("bn", "raw"): "bn",
    ("bn", "std"): "std-bn",
    ("ln", "raw"): "ln",
    ("ln", "std"): "ln",
}
LABELS = {"none": "none", "bn": "BN", "ln": "LN"}
PANELS = {"raw": "raw pixels", "std": "standardized inputs"}


def all_plots(records: Records) -> dict[str, Plot]:
    """The figures by name."""
    return {
        "cosine": _by_depth(
            records,
            "cosine",
            "How alike two images look to the last hidden layer",
            "mean cosine",
        ),
        "rank": _by_depth(
            records,
            "rank",
            "How many directions the activations of the last hidden layer use",
            "effective rank",
            scale="log",
        ),
    }


def _by_depth(
    records: Records,
    found: str,
    title: str,
    y_label: str,
    scale: Scale = "linear",
) -> Curves:
    def series(norm: str, inputs: str) -> Series:
        y = np.array([last(records, found, norm, depth, inputs) for depth in DEPTHS]).T
        # Layer normalization runs so close to no normalization that it would hide it.
        return Series(
            LABELS[norm], ARMS[norm, inputs], np.array(DEPTHS, float), y, dashed=norm == "ln"
        )

    seeds = len(records.trial(trial("none", SHALLOW, "raw")))
    return Curves(
        title=title,
        subtitle=f"{IMAGES} images before the first step, {WIDTH} ReLU units a layer. "
        f"Thin: {seeds} seeds; thick: mean; dashed: LN",
        x_label="hidden layers",
        x_scale="log",
        panels=tuple(
            Panel(
                title=PANELS[inputs],
                y_label=y_label,
                series=tuple(series(norm, inputs) for norm in NORMALIZERS),
                y_scale=scale,
                from_zero=scale == "linear",
            )
            for inputs in INPUTS
        ),
    )
