"""The structure of a residual net, and of the plain net of the same depth."""

from typing import Annotated, Literal, Self, TypeAlias

from pydantic import Field, model_validator

from bnreport.protocol.frozen import Frozen

Widths: TypeAlias = tuple[Annotated[int, Field(gt=0)], ...]


class Residual(Frozen):
    """A net of blocks, each two layers with a shortcut around them, convolutional or dense.

    One layer stands before the blocks and one after them: with `filters` (16, 32, 64) and 3 blocks
    a stage it is ResNet-20 (He et al. 2016, arXiv 1512.03385, section 4.2), whose three times
    three blocks hold 18 of its 20 layers. There the first layer of each stage but the first takes
    every second pixel, and shortcuts are the identity, with zeros for new channels (option A).

    Attributes:
        filters: of the convolutions of 3 by 3, stage by stage; none of a dense net.
        hidden: the units of a dense net, stage by stage.
        blocks: how many blocks each stage has.
        shortcut: the identity, or none, which makes the net a plain one.
        normalizer: what stands after each layer before its activation.
        groups: into how many groups "group" parts the channels; with 1 it normalizes over a whole
            image, which Keras' layer normalization, over channels at each place, does not.
        epsilon: what a normalizer adds to a variance.
        start: how a block begins. "drawn": by its kernels. "zero gamma": the second normalizer of
            a block begins at 0 (Goyal et al. 2017, arXiv 1706.02677, section 5.1). "skipinit": a
            factor at the end of the branch, which is learned, begins at 0 (De and Smith 2020, arXiv
            2002.10444). "fixup": biases and factors of one number each, and kernels that begin
            small or at 0 (Zhang et al. 2019, arXiv 1901.09321); see `training.residual`.
    """

    kind: Literal["residual"] = "residual"
    filters: Widths = (8, 16, 32)
    hidden: Widths = ()
    blocks: int = Field(default=3, gt=0)
    shortcut: Literal["identity", "none"] = "identity"
    normalizer: Literal["none", "batch", "layer", "group"] = "batch"
    groups: int = Field(default=4, gt=0)
    epsilon: float = Field(default=1e-3, ge=0)
    start: Literal["drawn", "zero gamma", "skipinit", "fixup"] = "drawn"

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if bool(self.filters) == bool(self.hidden):
            raise ValueError("expected either filters or hidden units, received both or neither")
        if self.start != "drawn" and self.shortcut == "none":
            raise ValueError(f"expected shortcuts for start={self.start!r}, received none")
        normalizes = self.normalizer != "none"
        if normalizes != {"drawn": normalizes, "zero gamma": True}.get(self.start, False):
            raise ValueError(
                "expected a normalizer for start='zero gamma' and none for 'skipinit' and 'fixup', "
                f"received {self.normalizer!r} for {self.start!r}"
            )
        if self.normalizer == "group" and any(width % self.groups for width in self.widths):
            raise ValueError(
                f"expected widths that {self.groups} groups part, received {self.widths}"
            )
        return self

    @property
    def widths(self) -> Widths:
        """The filters or units of each stage."""
        return self.filters or self.hidden

    @property
    def depth(self) -> int:
        """The number of layers with kernels: two in each block, the first and the last."""
        return 2 * self.branches + 2

    @property
    def branches(self) -> int:
        """The number of blocks."""
        return self.blocks * len(self.widths)

    @property
    def dropout(self) -> float:
        """The share of units that is dropped: none, as nets of the other kind may say."""
        return 0.0
