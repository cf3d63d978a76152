"""The arms that studies compare: a name, how it is shown, and how its nets differ from others."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from bnreport.analysis.charts import median_row, seed_row
from bnreport.analysis.metrics import Floats
from bnreport.errors import BnreportError
from bnreport.presentation.plots import Arm as Colour
from bnreport.presentation.plots import Row, Series
from bnreport.protocol.nets import Net
from bnreport.protocol.recipes import Recipe
from bnreport.protocol.residual import Residual
from bnreport.protocol.runs import Runs
from bnreport.protocol.trials import Trial
from bnreport.statistics.estimates import Contrast


@dataclass(frozen=True, eq=False)
class Arm:
    """A net of a study, or of several.

    Attributes:
        name: the name of its trial.
        label: its name in tables and beside dots.
        short: its name at the end of a curve; by default its label.
        colour: its colour in every figure.
        dashed: whether its curves are dashed.
        net: the fields of `Net` in which it differs from the net on raw pixels.
        fields: those of `Trial`.
    """

    name: str
    label: str
    short: str = ""
    colour: Colour = "neutral"
    dashed: bool = False
    net: Mapping[str, Any] = field(default_factory=dict)
    fields: Mapping[str, Any] = field(default_factory=dict)

    def variant(
        self,
        name: str,
        label: str = "",
        net: Mapping[str, Any] | None = None,
        fields: Mapping[str, Any] | None = None,
        **shown: Any,
    ) -> "Arm":
        """An arm that is like this one but for what is given.

        Args:
            name: its name.
            label: its label, where that is another one.
            net: fields of its `Net`, which go before this arm's own.
            fields: fields of its `Trial`, which do so, too.
            shown: how it is shown: its short name and its colour, or that its curves are dashed.
        """
        return replace(
            self,
            name=name,
            label=label or self.label,
            net={**self.net, **(net or {})},
            fields={**self.fields, **(fields or {})},
            **shown,
        )

    def trial(
        self, name: str | None = None, net: Mapping[str, Any] | None = None, **fields: Any
    ) -> Trial:
        """A trial of this arm.

        Args:
            name: the trial's name; by default the arm's.
            net: fields of its `Net`, such as hidden or activation; they go before the arm's own.
            fields: fields of its `Trial`, such as learning_rate and epochs; so do they.
        """
        return Trial(**self._given(name, net, fields))

    def structure(self, net: Mapping[str, Any] | None = None) -> Net:
        """Its net; the fields given go before the arm's own."""
        return Net.model_validate({**self.net, **(net or {})})

    def runs(
        self, name: str | None = None, net: Mapping[str, Any] | None = None, **fields: Any
    ) -> Runs:
        """The runs of such a trial, at the seeds of the claims."""
        return Runs(self.trial(name, net, **fields))

    def recipe(
        self, name: str | None = None, net: Mapping[str, Any] | None = None, **fields: Any
    ) -> Recipe:
        """A training recipe of this arm, for studies of the second edition.

        Args:
            name: the recipe's name; by default the arm's.
            net: fields of its `Net`, or with kind="residual" of its `Residual`; they go before the
                arm's own.
            fields: fields of its `Recipe`, such as optimizer and images; so do they.
        """
        return Recipe(**self._given(name, net, fields))

    def _given(
        self, name: str | None, net: Mapping[str, Any] | None, fields: Mapping[str, Any]
    ) -> dict[str, Any]:
        parts = {**self.net, **(net or {})}
        residual = parts.get("kind") == "residual"
        structure = Residual.model_validate(parts) if residual else self.structure(net)
        own = {"name": name or self.name, "net": structure}
        return own | {**self.fields, **fields}

    def recipes(
        self,
        seeds: tuple[int, ...],
        name: str | None = None,
        net: Mapping[str, Any] | None = None,
        **fields: Any,
    ) -> Runs:
        """The runs of such a recipe at these seeds."""
        return Runs(self.recipe(name, net, **fields), seeds)

    def row(
        self, values: Floats | Contrast, label: str = "", log: bool = False, **more: Any
    ) -> Row:
        """Its row of dots; see `seed_row`."""
        return seed_row(label or self.label, self.colour, values, log, **more)

    def median_row(self, values: Floats, label: str = "", **more: Any) -> Row:
        """Its row of dots about a median; see `charts.median_row`."""
        return median_row(label or self.label, self.colour, values, **more)

    def curve(
        self, x: ArrayLike, runs: ArrayLike, label: str = "", dashed: bool | None = None
    ) -> Series:
        """Its curves, one a run, over common places, (runs, places); dashed if it is or if told."""
        places, heights = np.asarray(x, float), np.asarray(runs, float)
        drawn = self.dashed if dashed is None else dashed
        return Series(label or self.short or self.label, self.colour, places, heights, drawn)


# Pixels as they are, pixels standardized by training statistics, and both once more with BN: these
# four every training study carries. Two other normalizers on pixels as they are.
_STD = {"inputs": "std"}
USUAL = {
    arm.name: arm
    for arm in (
        Arm("raw", "raw pixels", "raw", "raw"),
        Arm("std", "standardized inputs", "std.", "std", fields=_STD),
        Arm("bn", "BN", "BN", "bn", net={"normalizer": "batch"}),
        Arm(
            "std-bn",
            "standardized inputs and BN",
            "std., BN",
            "std-bn",
            net={"normalizer": "batch"},
            fields=_STD,
        ),
        Arm("ln", "layer normalization", "LN", "ln", net={"normalizer": "layer"}),
        Arm("gn", "group normalization", "GN", "gn", net={"normalizer": "group"}),
    )
}
# These do a part of what BN does: to the inputs alone, or to the kernels.
PARTS = (
    Arm("centred", "centered inputs", fields={"inputs": "centred"}),
    Arm("scaled", "scaled inputs", dashed=True, fields={"inputs": "scaled"}),
    Arm("input-bn", "BN of the inputs only", dashed=True, net={"normalized_inputs": True}),
    Arm("ws", "weight standardization", net={"normalizer": "weight"}),
)
# The notebook's two nets, whose structure `protocol.nets` names.
NOTEBOOK = {
    "baseline": Arm("baseline", "baseline", colour="raw"),
    "bn": Arm("bn", "BN", colour="bn"),
}
ARMS = ("raw", "std", "bn", "std-bn")


def usual(*names: str) -> tuple[Arm, ...]:
    """The usual arms of these names: by default the four that every training study carries.

    Raises:
        BnreportError: when none has a name.
    """
    if strange := [name for name in names if name not in USUAL]:
        raise BnreportError(
            f"Expected names of usual arms. Received: {', '.join(strange)}. Use some of: "
            f"{', '.join(USUAL)}."
        )
    return tuple(USUAL[name] for name in names or ARMS)
