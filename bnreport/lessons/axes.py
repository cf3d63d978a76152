"""What shares a mean: the pools of five normalizers, and one number under each."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bnreport.formats import number
from bnreport.plots import Arm, Box, Cells, Diagram, Path, Shape, Words
from bnreport.study import Analysis, Table, Value

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

# The picture: so many images and channels, and the side of a square in inches.
ROWS, COLUMNS, SIDE = 3, 4, 0.33


@dataclass(frozen=True)
class Normalizer:
    """A normalizer by what shares a statistic: a block of images by channels, with all pixels.

    Attributes:
        label: its name.
        tone: its colour.
        images: whether all images share, or each has its own.
        channels: "one", "some" (a group) or "all".
        centres: whether the mean is subtracted.
        axes: what is averaged over, in a convolution.
        dense: the same in a dense layer.
        line: what a block is, in words.
    """

    label: str
    tone: Arm
    images: bool
    channels: str
    axes: str
    dense: str
    line: str
    centres: bool = True

    def block(self, images: int, channels: int, groups: int) -> tuple[int, int]:
        """How many images and how many channels share a statistic."""
        wide = {"one": 1, "some": channels // groups, "all": channels}[self.channels]
        return (images if self.images else 1), wide

    def pool(self, x: Floats, groups: int) -> Floats:
        """The numbers that share a statistic with the first, in order; x (images, channels, …)."""
        images, channels = self.block(len(x), x.shape[1], groups)
        return x[:images, :channels].ravel()


NORMALIZERS = (
    Normalizer("BatchNorm", "bn", True, "one", "N, H, W", "N", "a channel, all images"),
    Normalizer("LayerNorm", "ln", False, "all", "H, W, C", "C", "an image, all channels"),
    Normalizer("InstanceNorm", "std", False, "one", "H, W", "nothing", "one image, one channel"),
    Normalizer("GroupNorm", "gn", False, "some", "H, W, C/G", "C/G", "an image, a group"),
    Normalizer("RMSNorm", "raw", False, "all", "H, W, C", "C", "as LayerNorm, no mean", False),
)


def normalized(value: float, pool: Floats, centres: bool) -> tuple[float, float, float]:
    """The mean that is subtracted, what is divided by, and what the value becomes; no epsilon."""
    mean = float(pool.mean()) if centres else 0.0
    scale = float(np.sqrt(((pool - mean) ** 2).mean()))
    return mean, scale, (value - mean) / scale


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
    """How many numbers each layer trains, and how many more it keeps, as Keras counts them.

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


def _grid(kind: Normalizer | None, left: float, top: float) -> list[Shape]:
    """One table of squares: the pool of its first square in colour, all pools outlined."""
    label = kind.label if kind else "BatchNorm, in use"
    line = kind.line if kind else "stored numbers"
    down, across = kind.block(ROWS, COLUMNS, 2) if kind else (0, 0)
    tones = tuple(
        tuple(kind.tone if kind and r < down and c < across else None for c in range(COLUMNS))
        for r in range(ROWS)
    )
    middle = left + COLUMNS * SIDE / 2
    shapes: list[Shape] = [
        Words((middle, top + 0.42), label, kind.tone if kind else "bn", bold=True),
        Words((middle, top + 0.17), line, size=9),
        Cells((left, top), SIDE, tones),
    ]
    if kind:
        shapes += [
            _outline(left + c * SIDE, top - r * SIDE, across * SIDE, down * SIDE)
            for r in range(0, ROWS, down)
            for c in range(0, COLUMNS, across)
        ]
    return shapes


def _outline(left: float, top: float, width: float, height: float) -> Path:
    x = np.array([0, width, width, 0, 0]) + left
    y = np.array([0, 0, -height, -height, 0]) + top
    return Path(x, y)


def _pools_drawn() -> Diagram:
    width, gap, step = 3.5, 1.74, 1.78
    left, top = 0.32, 2 * step + 1.2
    shapes: list[Shape] = []
    for place, kind in enumerate((*NORMALIZERS, None)):
        down, across = divmod(place, 2)
        shapes += _grid(kind, left + across * gap, top - down * step)
    shapes += [
        Words((left - 0.08, top - (r + 0.5) * SIDE), f"{r + 1}", size=9, align="right")
        for r in range(ROWS)
    ]
    shapes += [
        Words((left + (c + 0.5) * SIDE, top - ROWS * SIDE - 0.12), "ABCD"[c], size=9)
        for c in range(COLUMNS)
    ]
    alt = (
        "Six tables of squares, with a row for each of three images and a column for each of four "
        "channels. In color are the squares that share a statistic with the first. "
        "BatchNorm: the first column. LayerNorm: the first row. InstanceNorm: the first square "
        "alone. GroupNorm: the first two squares of the first row. RMSNorm: the first row. "
        "BatchNorm in use: none, since it takes stored numbers."
    )
    return Diagram(
        "Which numbers share a mean?",
        "Rows are images, columns channels; a square is all pixels of one.",
        width,
        top + 0.62,
        tuple(shapes),
        alt,
    )


def _axis_drawn() -> Diagram:
    rows = (
        ("axis=-1 on channels_last", "NHWC", 3, "bn", "a mean for each channel: right"),
        ("axis=-1 on channels_first", "NCHW", 3, "raw", "a mean for each column of pixels: wrong"),
        ("axis=1 on channels_first", "NCHW", 1, "bn", "a mean for each channel: right"),
    )
    names = {"N": "images", "H": "height", "W": "width", "C": "channels"}
    shapes: list[Shape] = []
    tones: dict[str, Arm] = {"bn": "bn", "raw": "raw"}
    for place, (code, order, kept, tone, verdict) in enumerate(rows):
        middle = 2.85 - place * 1.2
        shapes.append(Words((0.1, middle + 0.38), code, bold=True, align="left"))
        shapes += [
            Box(
                (0.49 + 0.84 * i, middle),
                names[letter],
                0.78,
                0.38,
                tones[tone] if i == kept else "neutral",
                filled=i == kept,
            )
            for i, letter in enumerate(order)
        ]
        shapes.append(Words((0.1, middle - 0.36), verdict, tones[tone], 9, align="left"))
    alt = (
        "Three shapes of an array, with the axis that BatchNormalization keeps in color. "
        "axis=-1 on images, height, width, channels keeps the channels: right. axis=-1 on images, "
        "channels, height, width keeps the width: wrong. axis=1 on the same keeps the channels: "
        "right."
    )
    return Diagram(
        "The axis that is kept",
        "All other axes are averaged over.",
        3.5,
        3.5,
        tuple(shapes),
        alt,
    )


def analyse() -> Analysis:
    """Work the numbers, tables and pictures of the page."""
    pool = NORMALIZERS[0].pool(EXAMPLE, 2)
    counted = parameters(CHANNELS, HEIGHT * WIDTH)
    origin = "worked by this page's code"
    by_image = counted["LayerNormalization(axis=(1, 2, 3))"][0]
    return Analysis(
        values={
            "pool": Value(", ".join(f"{v:g}" for v in pool), origin),
            "effective": Value(f"{IMAGES * HEIGHT * WIDTH:,}", origin),
            "by-pixel": Value(f"{counted['LayerNormalization()'][0]:,}", origin),
            "by-image": Value(f"{by_image:,}", origin),
            "flat": Value(f"{2 * CHANNELS * HEIGHT * WIDTH:,}", origin),
        },
        tables={
            "example": _example(),
            "worked": _worked(),
            "pools": _pools(),
            "keras": _keras(),
        },
        plots={"pools": _pools_drawn(), "axis": _axis_drawn()},
    )
