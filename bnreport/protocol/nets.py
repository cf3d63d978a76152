"""The structure of a net, and the two nets of the notebook."""

from typing import Literal

from pydantic import Field

from bnreport.protocol.frozen import Frozen


class Net(Frozen):
    """The structure of a feed-forward net.

    A block is a dense layer, or before them a convolution of 3 by 3 with pooling of 2 by 2, with a
    normalizer before or after its activation. "ghost" normalizes over parts of a batch of `groups`
    images, "group" over `groups` groups of channels, "weight" standardizes the kernel instead, and
    "noisy" adds noise after batch normalization (Santurkar et al. 2018). "renorm" is Keras' batch
    renormalization, which ties a batch to the moving averages within limits (Ioffe 2017, arXiv
    1702.03275), and "rms" divides by the root of the mean square of an image's units (Zhang and
    Sennrich 2019, arXiv 1910.07467). `dropout` is the share of units that is dropped after every
    block, or after the last.
    """

    hidden: tuple[int, ...] = (300, 100)
    filters: tuple[int, ...] = ()
    activation: Literal["relu", "leaky_relu", "tanh", "sigmoid", "linear"] = "relu"
    initializer: Literal["HeNormal", "GlorotUniform"] = "HeNormal"
    normalizer: Literal[
        "none", "batch", "layer", "group", "ghost", "noisy", "weight", "renorm", "rms"
    ] = "none"
    normalized_inputs: bool = False
    placement: Literal["before", "after"] = "before"
    groups: int = Field(default=10, gt=0)
    epsilon: float = Field(default=1e-3, ge=0)
    dropout: float = Field(default=0.0, ge=0, lt=1)
    dropout_after: Literal["every", "last"] = "every"


# The notebook's two nets.
NETS = {
    # The slope of Keras 2, which the notebook ran on; Keras 3 has the same default.
    "baseline": Net(activation="leaky_relu", initializer="HeNormal"),
    "bn": Net(
        initializer="GlorotUniform", normalizer="batch", normalized_inputs=True, placement="after"
    ),
}


def structure(net: str | Net) -> Net:
    """The net of that name, or the net itself.

    Raises:
        ValueError: for another name.
    """
    if isinstance(net, Net):
        return net
    if net not in NETS:
        raise ValueError(f"Expected a net of {sorted(NETS)}. Received: net={net!r}.")
    return NETS[net]
