"""When it fails: the way from a symptom to its cause, and causes worked in small numbers."""

import math

import numpy as np

from bnreport.formats import number, ten_to
from bnreport.lessons import sorted_batches as company
from bnreport.plots import Arm, Arrow, Box, Diagram, Path, Shape, Words
from bnreport.reference import MOMENTUM, Trained, inference, moved
from bnreport.study import Analysis, Table, Value

# The questions of the chart, the answer that ends the search, and what it has found.
QUESTIONS = (
    ("1. Does an answer change\nwith its batch-mates?", "yes", "Served in\ntraining mode"),
    ("2. Are training images bad,\ntoo, in inference mode?", "no", "Overfitting,\nor other data"),
    ("3. Is it good again\nafter recalibration?", "yes", "The averages\nare wrong"),
    ("4. Are batches tiny,\nsorted, or of one kind?", "yes", "Batches unlike\nthe data"),
    ("5. Do the same batches\ncome in every epoch?", "yes", "Batches learned\nby heart"),
    ("6. Wrong axis, padding,\nor a constant feature?", "yes", "Wrong numbers\nshare a mean"),
)
OTHER = {"yes": "no", "no": "yes"}
EPSILONS = (1e-3, 1e-5)
# 55,000 images in batches of 32.
STEPS_AN_EPOCH = 1719
SHARES = (0.0, 0.25, 0.5, 0.75)
# The means of two kinds of input with spread 1, and for how many steps one layer meets both.
KINDS, KINDS_STEPS = (0.0, 10.0), 5_000
LARGE = (10.0, 1e3, 1e5, 1e7)


def flow() -> Diagram:
    """The chart: down while the cause is not found, to the right once it is."""
    step, high, wide, left, right = 1.0, 0.56, 2.05, 1.05, 3.1
    height = step * (len(QUESTIONS) + 1) + high + 0.1
    levels = [height - high / 2 - 0.05 - step * place for place in range(len(QUESTIONS) + 2)]
    start, end = "Fine in training,\nbad in evaluation", "Not batch normalization:\ncompare layers"
    shapes: list[Shape] = [
        Box((left, levels[0]), start, wide, high, filled=True),
        Box((left, levels[-1]), end, wide, high),
    ]
    going_on = ["", *(OTHER[answer] for _, answer, _ in QUESTIONS)]
    for above, below, word in zip(levels, levels[1:], going_on, strict=False):
        shapes.append(Arrow((left, above - high / 2), (left, below + high / 2), word))
    for level, (question, answer, cause) in zip(levels[1:], QUESTIONS, strict=False):
        shapes += [
            Box((left, level), question, wide, high),
            Arrow((left + wide / 2, level), (right - 0.65, level), answer, "bn"),
            Box((right, level), cause, 1.3, high, "bn", filled=True),
        ]
    told = "; ".join(
        f"{question.replace(chr(10), ' ')} {answer.capitalize()}: {cause.replace(chr(10), ' ')}"
        for question, answer, cause in QUESTIONS
    )
    return Diagram(
        title="From the symptom to the cause",
        subtitle="Cheap questions first.",
        width=3.8,
        height=height,
        shapes=tuple(shapes),
        alt=f"A chart of six questions, one below the other. {told}. "
        "Otherwise: not batch normalization; compare both nets layer by layer.",
    )


def classes(apart: float) -> dict[str, tuple[float, float]]:
    """Where two classes lie after BN of one feature: the distance from 0, and the spread.

    Each class has variance 1 and lies `apart` from 0, one on either side.
    """
    within, whole = 1.0, 1.0 + apart**2
    return {
        "mixed": (apart / math.sqrt(whole), math.sqrt(within / whole)),
        # A batch of one class takes its own mean away.
        "sorted": (0.0, 1.0),
        # The averages hold the mean of both classes, and the variance within one.
        "inference": (apart / math.sqrt(within), 1.0),
    }


def tenths(share: float, up: bool) -> str:
    """A share to the tenth below it or above it: so much holds whatever the rounding of a sum."""
    return f"under {math.ceil(10 * share):.0f}0%" if up else f"over {math.floor(10 * share):.0f}0%"


def in_company() -> Table:
    """What a small net reaches in mixed batches and in batches of one class."""
    rows = []
    for name, mixed in (("mixed", True), ("of one class", False)):
        found = company.means(mixed)
        up = not mixed
        shown = (tenths(found.printed, False), tenths(found.trained, up), tenths(found.fresh, up))
        rows.append((name, *shown))
    return Table(
        "A small net, trained in mixed batches and in batches of one class each",
        ("batches", "printed", "same images", "new images"),
        tuple(rows),
        note="Right answers: as training prints them, then in inference on the images trained on "
        f"and on new ones. Means of {len(company.SEEDS)} nets; with {company.CLASSES} classes "
        f"chance is {1 / company.CLASSES:.0%}. Two layers of {company.UNITS} units with BN, "
        f"{company.STEPS} steps, Keras' momentum {company.MOMENTUM}. Given to the tenth: "
        "in sorted batches nets differ with the last digit of every sum.",
        text=True,
    )


def two_kinds(means: tuple[float, float] = KINDS) -> tuple[Trained, tuple[float, float]]:
    """What one layer keeps of two kinds of input, and where their means come out in inference.

    Both kinds have variance 1, and take turns.
    """
    mean, variance = np.zeros(1), np.ones(1)
    for _ in range(KINDS_STEPS):
        for kind in means:
            mean, variance = moved(mean, kind), moved(variance, 1.0)
    kept = Trained(np.ones(1), np.zeros(1), mean, variance)
    first, second = (float(inference([[kind]], kept)[0, 0]) for kind in means)
    return kept, (first, second)


def large_mean(mean: float) -> tuple[float, float]:
    """The largest error of BN in float32 on 256 numbers around a mean, with spread 1.

    First when each number is multiplied and the multiplied mean subtracted, then when the mean is
    subtracted first. The mean and the variance are right in both, but for their rounding.
    """
    x = np.random.default_rng(0).normal(mean, 1.0, 256).astype(np.float32)
    exact = x.astype(np.float64)
    right = (exact - exact.mean()) / exact.std()
    middle, slope = np.float32(exact.mean()), np.float32(1 / exact.std())
    both = (x * slope - middle * slope, (x - middle) * slope)
    first, second = (float(np.abs(made - right).max()) for made in both)
    return first, second


def large_means() -> Table:
    """What is lost at a large mean, by the order of the two operations."""
    return Table(
        "The largest error of a normalized number in float32, by the mean of a feature of spread 1",
        ("mean", "multiplied first", "subtracted first"),
        tuple(
            (
                f"{mean:,.0f}",
                *(
                    power(error) if error < 0.001 else number(error, 3)
                    for error in large_mean(mean)
                ),
            )
            for mean in LARGE
        ),
        note="256 numbers drawn at random; mean and variance from float64.",
    )


def sorted_batches(apart: float) -> Diagram:
    """Two classes after BN, with mixed and with sorted batches."""
    x = np.linspace(-4.4, 4.4, 121)
    titles = {
        "mixed": "Mixed batches",
        "sorted": "Sorted batches, in training",
        "inference": "Sorted batches, in inference",
    }
    shapes: list[Shape] = []
    for place, (name, (distance, spread)) in enumerate(classes(apart).items()):
        ground = 2.6 - place * 1.15
        shapes += [
            Words((0.1, ground + 0.72), titles[name], bold=True, align="left"),
            Path(np.array([0.1, 4.3]), np.full(2, ground)),
        ]
        # The dashed curve lies over the other, so that both show where they are one.
        both: tuple[tuple[int, Arm], ...] = ((1, "bn"), (-1, "neutral"))
        for side, tone in both:
            bell = np.exp(-0.5 * ((x - side * distance) / spread) ** 2) / spread
            shapes.append(Path(2.2 + x * 0.46, ground + 0.26 * bell, tone, dashed=side < 0))
        shapes.append(Words((2.2, ground - 0.12), "0", size=9))
    return Diagram(
        title="What sorted batches do to two classes",
        subtitle="One feature after BN; each curve is a class.",
        width=4.4,
        height=3.4,
        shapes=tuple(shapes),
        alt="One feature of two classes after batch normalization. With mixed batches the classes "
        "lie apart. With sorted batches both lie at 0 in training, one on the other, and far "
        "apart in inference.",
    )


def padded(share: float, mean: float = 1.0, variance: float = 1.0) -> tuple[float, float]:
    """Mean and variance of a feature of which a share of the places is filled with zeros."""
    kept = 1 - share
    return kept * mean, kept * (variance + mean**2) - (kept * mean) ** 2


def power(value: float) -> str:
    """A small number as one digit and a power of ten."""
    digit, exponent = f"{value:.0e}".split("e")
    return f"{digit} × {ten_to(int(exponent))}"


def analyse() -> Analysis:
    """The chart, the picture of sorted batches, and padding and constant features in numbers."""
    origin = "worked by the code of this page"
    left_over = MOMENTUM**STEPS_AN_EPOCH
    gains = [1 / math.sqrt(left_over + epsilon) for epsilon in EPSILONS]
    apart = classes(2.0)
    kept, (first, second) = two_kinds()
    between = float(np.var(KINDS))
    rows = []
    for share in SHARES:
        mean, variance = padded(share)
        real = (1 - mean) / math.sqrt(variance)
        rows.append(
            (f"{share:.0%}", number(mean, 2), number(variance, 2), number(real, 2, signed=True))
        )
    return Analysis(
        values={
            "constant.left": Value(power(left_over), origin),
            "constant.steps": Value(f"{STEPS_AN_EPOCH:,}", origin),
            "constant.gain": Value(number(gains[0], 0), origin),
            "constant.gain-torch": Value(number(gains[1], 0), origin),
            "constant.half": Value(number(0.5 * gains[0], 0), origin),
            "company.batch": Value(str(company.BATCH), origin),
            "kinds.apart": Value(number(KINDS[1], 0), origin),
            "kinds.mean": Value(number(float(kept.mean[0]), 1), origin),
            "kinds.variance": Value(number(float(kept.variance[0]), 0), origin),
            "kinds.mixture": Value(number(1 + between, 0), origin),
            "kinds.first": Value(number(first, 1, signed=True), origin),
            "kinds.second": Value(number(second, 1, signed=True), origin),
            "sorted.mixed": Value(number(apart["mixed"][0], 2), origin),
            "sorted.inference": Value(number(apart["inference"][0], 0), origin),
        },
        tables={
            "padding": Table(
                "What zeros do to a feature whose real places have mean 1 and variance 1",
                ("share of zeros", "mean", "variance", "a real place of 1 becomes"),
                tuple(rows),
            ),
            "company": in_company(),
            "large": large_means(),
        },
        plots={"flow": flow(), "sorted": sorted_batches(2.0)},
    )
