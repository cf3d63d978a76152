"""Show what shares a mean: the pools of five normalizers, and one number under each."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bnreport.lessons import pools
from bnreport.presentation.formats import joined, number
from bnreport.presentation.tables import Analysis, Table, Value

Floats = NDArray[np.float64]

# Two images of four channels with two pixels each: (images, channels, pixels).
EXAMPLE: Floats = np.array(
    [
        [[1, 3], [2, 6], [10, 14], [0, 4]],
        [[5, 7], [4, 0], [12, 20], [8, 4]],
    ],
    np.float64,
)
# The layer whose numbers the tables count: images, height, width, channels, groups.
IMAGES, HEIGHT, WIDTH, CHANNELS, GROUPS = 32, 14, 14, 64, 8


@dataclass(frozen=True)
class Normalizer:
    """A normalizer by what shares a statistic: a block of images by channels, with all pixels.

    Attributes:
        label: its name.
        images: whether all images share, or each has its own.
        channels: "one", "some" (a group) or "all".
        centres: whether the mean is subtracted.
        axes: what is averaged over, in a convolution.
        dense: the same in a dense layer.
    """

    label: str
    images: bool
    channels: str
    axes: str
    dense: str
    centres: bool = True

    def block(self, images: int, channels: int, groups: int) -> tuple[int, int]:
        """The number of images and the number of channels that share a statistic."""
        wide = {"one": 1, "some": channels // groups, "all": channels}[self.channels]
        return (images if self.images else 1), wide

    def pool(self, x: Floats, groups: int) -> Floats:
        """The numbers that share a statistic with the first, in order; x (images, channels, …)."""
        images, channels = self.block(len(x), x.shape[1], groups)
        return x[:images, :channels].ravel()


NORMALIZERS = (
    Normalizer("BatchNorm", True, "one", "N, H, W", "N"),
    Normalizer("LayerNorm", False, "all", "H, W, C", "C"),
    Normalizer("InstanceNorm", False, "one", "H, W", "nothing"),
    Normalizer("GroupNorm", False, "some", "H, W, C/G", "C/G"),
    Normalizer("RMSNorm", False, "all", "H, W, C", "C", False),
)


def normalized(value: float, pool: Floats, centres: bool) -> tuple[float, float, float]:
    """The mean that is subtracted, what is divided by, and what the value becomes; no epsilon."""
    mean = float(pool.mean()) if centres else 0.0
    scale = float(np.sqrt(((pool - mean) ** 2).mean()))
    return mean, scale, (value - mean) / scale


def positive() -> list[str]:
    """Name the normalizers under which the first number of the example stays positive."""
    pools = {kind: kind.pool(EXAMPLE, 2) for kind in NORMALIZERS}
    return [k.label for k, pool in pools.items() if normalized(pool[0], pool, k.centres)[2] > 0]


def _worked() -> Table:
    rows = []
    for kind in NORMALIZERS:
        pool = kind.pool(EXAMPLE, 2)
        mean, scale, result = normalized(pool[0], pool, kind.centres)
        rows.append(
            (
                kind.label,
                number(result, 3),
                number(mean, 2) if kind.centres else "none",
                number(scale, 3),
                ", ".join(f"{v:g}" for v in pool),
            )
        )
    head = ("normalizer", "the 1 becomes", "mean", "divided by", "its pool")
    return Table("The first number of image 1, under each normalizer", head, tuple(rows))


def _example() -> Table:
    rows = tuple(
        (f"{i}", *(", ".join(f"{v:g}" for v in pixels) for pixels in image))
        for i, image in enumerate(EXAMPLE, start=1)
    )
    channels = tuple(f"channel {c}" for c in range(1, EXAMPLE.shape[1] + 1))
    return Table(
        "Two images, four channels, two pixels each", ("image", *channels), rows, text=True
    )


def _pools() -> Table:
    rows = []
    for kind in NORMALIZERS:
        images, channels = kind.block(IMAGES, CHANNELS, GROUPS)
        count = (IMAGES // images) * (CHANNELS // channels)
        rows.append(
            (
                kind.label,
                kind.axes,
                kind.dense,
                f"{count:,}",
                f"{images * channels * HEIGHT * WIDTH:,}",
                "stored averages" if kind.images else "the same",
            )
        )
    head = (
        "normalizer",
        "averages over",
        "in a dense layer",
        "pools",
        "numbers in each",
        "at inference",
    )
    return Table(
        f"What is averaged. Pools for {IMAGES} images of {HEIGHT} by {WIDTH} pixels with "
        f"{CHANNELS} channels, {GROUPS} groups",
        head,
        tuple(rows),
        "N images, H by W pixels, C channels, G groups. At inference: what it divides by.",
    )


def parameters(channels: int, pixels: int) -> dict[str, tuple[int, int]]:
    """The numbers that each layer trains, and those that it only keeps, as Keras counts them.

    Args:
        channels: how many channels there are.
        pixels: height times width.
    """
    both = 2 * channels
    return {
        "BatchNormalization()": (both, both),
        "LayerNormalization()": (both, 0),
        "LayerNormalization(axis=(1, 2, 3))": (both * pixels, 0),
        "GroupNormalization(groups=-1)": (both, 0),
        f"GroupNormalization(groups={GROUPS})": (both, 0),
        "RMSNormalization()": (channels, 0),
    }


# What Keras averages over with these arguments, on (N, H, W, C), and the common name.
KERAS = (
    ("N, H, W", "BatchNorm"),
    ("C, at each pixel", "LayerNorm, by pixel"),
    ("H, W, C", "LayerNorm, by image"),
    ("H, W", "InstanceNorm"),
    ("H, W, C/G", "GroupNorm"),
    ("C, at each pixel", "RMSNorm, by pixel"),
)


def _keras() -> Table:
    counted = parameters(CHANNELS, HEIGHT * WIDTH)
    rows = tuple(
        (name, common, axes, f"{trained:,}", f"{kept:,}")
        for (name, (trained, kept)), (axes, common) in zip(counted.items(), KERAS, strict=True)
    )
    head = ("Keras", "is", "averages over", "trained", "kept")
    return Table(
        f"Parameters of Keras' layers after a convolution with {CHANNELS} channels and "
        f"{HEIGHT} by {WIDTH} pixels",
        head,
        rows,
        "Trained: gamma and beta. Kept: moving averages, which no gradient changes.",
    )


def _shared() -> dict[str, int]:
    """The sizes and counts of pools of which the page asks before they are lit."""
    batch, trap, pixel, image, instance = (
        pools.pool(chosen)
        for chosen in (
            pools.Chosen(),
            pools.Chosen(layout="channels_first"),
            pools.Chosen("LayerNorm"),
            pools.Chosen("GroupNorm", groups=1),
            pools.Chosen("GroupNorm", groups=pools.CHANNELS),
        )
    )
    return {
        "share.channels": pools.CHANNELS,
        "share.batch.pools": batch.pools,
        "share.batch.size": batch.size,
        "share.trap.pools": trap.pools,
        "share.trap.size": trap.size,
        "share.pixel": pixel.size,
        "share.image": image.size,
        "share.instance": instance.size,
    }


def analyse() -> Analysis:
    """Work the numbers, tables and pictures of the page."""
    pool = NORMALIZERS[0].pool(EXAMPLE, 2)
    counted = parameters(CHANNELS, HEIGHT * WIDTH)
    origin = "worked by this page's code"
    by_image = counted["LayerNormalization(axis=(1, 2, 3))"][0]
    return Analysis(
        values={
            "pool": Value(", ".join(f"{v:g}" for v in pool), origin),
            "positive": Value(joined(positive(), "and"), origin),
            "alone": Value(f"{HEIGHT * WIDTH:,}", origin),
            "effective": Value(f"{IMAGES * HEIGHT * WIDTH:,}", origin),
            "by-pixel": Value(f"{counted['LayerNormalization()'][0]:,}", origin),
            "by-image": Value(f"{by_image:,}", origin),
            **{name: Value(f"{count}", origin) for name, count in _shared().items()},
            "flat": Value(f"{2 * CHANNELS * HEIGHT * WIDTH:,}", origin),
        },
        tables={
            "example": _example(),
            "worked": _worked(),
            "pools": _pools(),
            "keras": _keras(),
        },
        pictures={"share": pools.drawing()},
    )
