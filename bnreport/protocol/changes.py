"""Changes of images: those that a net was not trained on, and a second kind that it was."""

from typing import Literal, Self

from pydantic import Field, model_validator

from bnreport.protocol.frozen import Frozen


class Change(Frozen):
    """A change of the pixels of images, which lie in 0..1 and are not yet standardized.

    Attributes:
        kind: "noise" adds independent normal noise, "dim" multiplies, which lowers the contrast,
            "inversion" subtracts from 1, "blur" smooths by a Gaussian.
        amount: the standard deviation of the noise, in pixel values; the factor; the standard
            deviation of the Gaussian, in pixels. An inversion has none.
    """

    kind: Literal["noise", "dim", "inversion", "blur"]
    amount: float = Field(default=0.0, ge=0)

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if (self.kind == "inversion") != (self.amount == 0):
            raise ValueError(
                f"expected an amount of noise, dim and blur alone, received {self.kind!r} "
                f"with amount {self.amount}"
            )
        return self


class Turns(Frozen):
    """A second kind of training images, which take turns with images as they are.

    Attributes:
        change: what makes an image one of the second kind.
        of: every second batch is of the second kind, or in each batch every second image.
    """

    change: Change
    of: Literal["batches", "images"] = "batches"
