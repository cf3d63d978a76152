"""Say what is measured in the middle of a run: scores and probes."""

from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from bnreport.protocol.frozen import Frozen

Part: TypeAlias = Literal["train", "val", "test"]
Mode: TypeAlias = Literal["inference", "batch", "precise"]
Setting: TypeAlias = float | int | str | tuple[float, ...]


class Score(Frozen):
    """Loss and accuracy on a part of the images, after these steps; step 0 is the start.

    "inference" uses the moving averages of batch normalization, "batch" the statistics of batches
    of the trial's size, and "precise" statistics taken anew from `precise_images` of the training
    images (Wu and Johnson 2021, arXiv 2105.07576). `images` takes the first so many.
    """

    kind: Literal["score"] = "score"
    name: str
    steps: tuple[int, ...]
    part: Part = "val"
    mode: Mode = "inference"
    images: int | None = Field(default=None, gt=0)
    precise_images: int = Field(default=10_000, gt=0)

    @property
    def most(self) -> int:
        """The most images that go through the net at once."""
        return self.precise_images if self.mode == "precise" else 0


class Probe(Frozen):
    """A function of `probes` and the steps after which it looks at a batch of images.

    The batch is the next one that the run trains on, or the first `images` of the training images.
    """

    kind: Literal["probe"] = "probe"
    name: str
    steps: tuple[int, ...]
    probe: str
    images: int | None = Field(default=None, gt=0)
    settings: dict[str, Setting] = Field(default_factory=dict)

    @property
    def most(self) -> int:
        """The most images that go through the net at once."""
        return self.images or 0


Check: TypeAlias = Annotated[Score | Probe, Field(discriminator="kind")]
