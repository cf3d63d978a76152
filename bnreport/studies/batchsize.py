"""How large must a batch be for batch normalization, and how many steps do its averages need?"""

import math
from dataclasses import replace

from bnreport.analysis.arms import usual
from bnreport.analysis.cells import mean_of, values_of
from bnreport.analysis.charts import panels
from bnreport.analysis.comparisons import Judge, runs_of
from bnreport.analysis.design import claim_form, study
from bnreport.analysis.grids import Sweep
from bnreport.analysis.metrics import unjudged
from bnreport.presentation import Curves, Table, Value
from bnreport.protocol.checks import Score
from bnreport.protocol.directions import Direction, check, history, read
from bnreport.records.collection import Records
from bnreport.studies.second.batchsize import SECOND

RAW, STD, BN, _, LN, GN = ARMS = usual("raw", "std", "bn", "std-bn", "ln", "gn")
SIZES = (2, 4, 8, 16, 32, 128, 512)
SMALL, LARGE = (2, 4), (32, 128, 512)
IMAGES, EPOCHS = 20_480, 2
# A multiple of every batch size: each accuracy by batch statistics comes from whole batches.
BY_BATCH = 2_048
MOMENTA = (0.9, 0.99, 0.999)
# The last is the end of an epoch.
STEPS = (20, 50, 100, 200, 400, 640)
EARLY, LATE = 100, 640


def rate(size: int) -> float:
    """The learning rate at a batch size: it grows with the root of the size."""
    return 0.05 * math.sqrt(size / 32)


def _scores(size: int) -> tuple[Score, ...]:
    """One BN net after training, measured in ways other than by its moving averages."""
    end = (EPOCHS * IMAGES // size,)
    return (
        Score(name="batch", steps=end, mode="batch", images=BY_BATCH),
        Score(name="precise", steps=end, mode="precise"),
        Score(name="train", steps=end, part="train", images=5_000),
    )


RUNS = (
    *(
        arm.runs(
            f"{arm.name}-{size}",
            learning_rate=rate(size),
            batch_size=size,
            epochs=EPOCHS,
            evaluated=("val",),
            checks=_scores(size) if arm is BN else (),
            images=IMAGES,
            split="seed",
        )
        for arm in ARMS
        for size in SIZES
    ),
    *(
        BN.runs(
            f"momentum-{momentum:g}",
            learning_rate=rate(32),
            momentum=momentum,
            epochs=1,
            evaluated=(),
            checks=(
                Score(name="moving", steps=STEPS),
                Score(name="precise", steps=STEPS, mode="precise"),
                Score(name="batch", steps=STEPS, mode="batch", images=BY_BATCH),
            ),
            images=IMAGES,
            split="seed",
        )
        for momentum in MOMENTA
    ),
)


# Validation accuracy after training, by batch size: of a net with BN by its moving averages, and of
# BN scored in other ways, "precise" say by statistics of training images.
DEPLOYED = {
    arm.name: Sweep({size: runs_of(f"{arm.name}-{size}").final() for size in SIZES}) for arm in ARMS
}
SCORED = {
    way: Sweep({size: runs_of(f"bn-{size}").scored(way)[:, -1] for size in SIZES})
    for way in ("precise", "batch", "train")
}


def over(better: str, worse: str, size: int) -> Judge:
    """Judges by how many percentage points one arm is more accurate than another."""
    return (100 * (DEPLOYED[better][size] - DEPLOYED[worse][size])).contrast()


def lag(step: int) -> Judge:
    """Judges by how many points fresh statistics are better than moving averages after a step."""
    runs, place = runs_of("momentum-0.99"), STEPS.index(step)
    return (100 * (runs.scored("precise") - runs.scored("moving"))[:, place]).contrast()


END = history("val_accuracy", EPOCHS)


def higher(better: str, worse: str, size: int) -> Direction:
    """One arm is more accurate than another."""
    return Direction(read(f"{better}-{size}", END), read(f"{worse}-{size}", END))


def fresh(size: int) -> Direction:
    """The lead of statistics of training images after the last step over the net's own averages."""
    precise = read(f"bn-{size}", check("precise_accuracy", EPOCHS * IMAGES // size))
    return Direction(precise, read(f"bn-{size}", END))


def sooner(step: int) -> Direction:
    """The same after a step."""
    precise, moving = (
        read("momentum-0.99", check(f"{which}_accuracy", step)) for which in ("precise", "moving")
    )
    return Direction(precise, moving)


WU_JOHNSON = (
    "Wu and Johnson 2021 (arXiv 2105.07576), section 3, on exponential moving averages and "
    "PreciseBN"
)
METRIC = (
    "validation accuracy in inference mode after 2 epochs of 20,480 images at a learning rate of "
    "0.05 times the root of batch size / 32"
)
PRECISE = f"{METRIC}; statistics taken anew from 10,000 training images after training"
size_claim = claim_form(
    "batchsize",
    question="What does BN lose on small batches?",
    source="Wu and He 2018 (arXiv 1803.08494), abstract and figure 1: BN has an error of 23.6% "
    "with batches of 32 images a GPU and 34.7% with 2, group normalization 24.1% with both "
    "(ResNet-50, ImageNet)",
    metric=METRIC,
    unit="pp",
    margin=0.5,
    expected="supported",
)
repair = claim_form(
    "batchsize",
    question="Do better statistics at inference repair what BN loses?",
    source=WU_JOHNSON,
    unit="pp",
    expected="supported",
)
lag_claim = claim_form(
    "batchsize",
    question="How many steps do the moving averages of BN lag behind?",
    source=WU_JOHNSON,
    arms="BN with precise statistics and with its moving averages of momentum 0.99, one net",
    metric="validation accuracy after {} steps of 32 images at learning rate 0.05; statistics "
    "taken anew from 10,000 training images against moving averages",
    unit="pp",
    margin=1.0,
    expected="supported",
)

CLAIMS = (
    size_claim(
        "small",
        by=lambda arm, size: over(arm, "bn", size),
        ahead=lambda arm, size: higher(arm, "bn", size),
        in_each={f"{arm}, {size}": (arm, size) for arm in ("raw", "std") for size in SMALL},
        label="No BN over BN, small batches",
        statement="With batches of 2 and of 4 images, BN is less accurate than a net without BN, "
        "be it on raw pixels or on standardized inputs.",
        arms="raw pixels and standardized inputs without BN, each minus BN",
        headline="small",
    ),
    size_claim(
        "large-raw",
        by=lambda size: over("bn", "raw", size),
        ahead=lambda size: higher("bn", "raw", size),
        in_each={str(size): size for size in LARGE},
        label="BN over raw, large batches",
        statement="With batches of 32, 128 and 512 images, BN is more accurate than the net on raw "
        "pixels.",
        arms="BN and raw pixels",
        headline="bn-raw",
    ),
    size_claim(
        "large-std",
        by=lambda size: over("bn", "std", size),
        ahead=lambda size: higher("bn", "std", size),
        in_each={str(size): size for size in LARGE},
        label="BN over standardized, large",
        statement="With batches of 32, 128 and 512 images, BN is more accurate than standardized "
        "inputs without BN.",
        arms="BN and standardized inputs without BN",
        expected="not supported",
        headline="bn-over-std",
    ),
    size_claim(
        "others",
        by=lambda arm: over(arm, "bn", 2),
        ahead=lambda arm: higher(arm, "bn", 2),
        in_each={"ln": "ln", "gn": "gn"},
        label="Layer, group norm. over BN at 2",
        statement="With batches of 2 images, layer normalization and group normalization are each "
        "more accurate than BN.",
        arms="layer normalization and group normalization of 10 groups, each minus BN",
    ),
    repair(
        "precise-512",
        by=(100 * (SCORED["precise"][512] - DEPLOYED["bn"][512])).contrast(),
        ahead=fresh(512),
        label="Precise over moving at 512",
        statement="With batches of 512 images, precise statistics make the trained BN net more "
        "accurate than its moving averages do.",
        arms="BN with precise statistics and with its moving averages of momentum 0.99, one net",
        metric=f"{PRECISE}, against moving averages over 80 steps",
        margin=1.0,
    ),
    repair(
        "precise-2",
        by=lambda arm: (100 * (DEPLOYED[arm][2] - SCORED["precise"][2])).contrast(),
        ahead=lambda arm: Direction(read(f"{arm}-2", END), fresh(2).favoured),
        in_each={"raw": "raw", "std": "std"},
        label="No BN over precise BN at 2",
        statement="With batches of 2 images, precise statistics do not repair BN: it stays less "
        "accurate than a net without BN, be it on raw pixels or on standardized inputs.",
        arms="raw pixels and standardized inputs without BN, each minus BN with precise statistics",
        metric=PRECISE,
        margin=0.5,
        headline="small",
    ),
    lag_claim(
        "lag",
        by=lag(EARLY),
        ahead=sooner(100),
        about="100",
        label="Lag after 100 steps",
        statement="After 100 steps, moving averages of momentum 0.99 make a BN net less accurate "
        "than precise statistics do.",
    ),
    lag_claim(
        "caught-up",
        by=lag(LATE),
        ahead=sooner(640),
        about="640",
        kind="equivalence",
        lost=False,
        label="Lag after 640 steps",
        statement="After 640 steps, moving averages of momentum 0.99 and precise statistics give a "
        "BN net the same accuracy within 1 pp.",
    ),
)

# The two ways in which one trained net with BN is scored, by the name of its values.
WAYS = {
    "deployed": ("moving averages of momentum 0.99", DEPLOYED["bn"]),
    "precise": ("statistics from 10,000 training images", SCORED["precise"]),
}
# By how many percentage points BN, scored in that way, is ahead of an arm without it.
AHEAD = {
    (way, arm, size): 100 * (accuracy[size] - DEPLOYED[arm][size])
    for way, (_, accuracy) in WAYS.items()
    for arm in ("raw", "std")
    for size in SIZES
}


def _values(records: Records) -> dict[str, Value]:
    """BN by both scores, and how far it is ahead of nets without it; no claim judges these.

    "precise-std.512" is BN by precise statistics minus standardized inputs at 512 images, with
    "precise-std.512.interval"; "precise.512" is the accuracy itself.
    """
    scores = {way: (f"BN by {words}", accuracy) for way, (words, accuracy) in WAYS.items()}
    scores |= {arm: (arm, DEPLOYED[arm]) for arm in ("raw", "std")}
    at = "validation accuracy at {} images a batch, {}"
    values: dict[str, Value] = {}
    for name, (words, accuracy) in scores.items():
        for size in SIZES:
            mean = mean_of(100 * accuracy[size](records).mean(), 1)
            values |= values_of(at.format(size, f"{words}, mean, %"), {f"{name}.{size}": mean})
    for (way, arm, size), ahead in AHEAD.items():
        words = at.format(size, f"BN by {WAYS[way][0]} minus {arm}")
        values |= unjudged(f"{way}-{arm}.{size}", ahead.contrast()(records).interval, words)
    return values


def _by_arm(records: Records) -> Table:
    return Table.crossed(
        "Mean validation accuracy in %, by the images in a batch",
        "arm",
        {arm.label: DEPLOYED[arm.name] for arm in ARMS}
        | {"BN, fresh statistics": SCORED["precise"]},
        {str(size): size for size in SIZES},
        lambda accuracy, size: mean_of(100 * accuracy[size](records).mean(), 1),
    )


def _by_score(records: Records) -> Table:
    def cell(size: int, way: str) -> str:
        difference = AHEAD[way, "std", size].contrast()(records)
        return mean_of(difference, 2, signed=True, interval=True)

    return Table.crossed(
        "BN minus standardized inputs by both scores, in percentage points",
        "images in a batch",
        {str(size): size for size in SIZES},
        {"deployed": "deployed", "fresh": "precise"},
        cell,
        "Validation accuracy, with 95% intervals over the seeds. Deployed: BN by moving averages "
        "of momentum 0.99. Fresh: the same nets with BN by statistics of 10,000 training images; "
        "of these a claim judges the row of two images alone. Nets without BN keep no statistics "
        "and have one score.",
    )


# The colours of one net with BN that is normalized in several ways.
ANEW = replace(BN, colour="std-bn", dashed=True)
BY_ITS_BATCH = replace(BN, colour="neutral")
TRAINING = replace(BN, dashed=True)


def _by_size(records: Records) -> Curves:
    curves = [(100 * DEPLOYED[arm.name]).curve(records, arm, arm.label) for arm in ARMS]
    return Curves(
        title="Validation accuracy by batch size",
        subtitle="300-100 ReLU net, two epochs of 20,480 images, inference mode. Thin lines: "
        f"{records.n_seeds} seeds; thick: mean and its 95% interval",
        x_label="images in a batch",
        x_scale="log",
        panels=panels({"": curves}, "validation accuracy, %"),
    )


def _by_statistics(records: Records) -> Curves:
    ways = (
        (BN, DEPLOYED["bn"], "moving averages"),
        (ANEW, SCORED["precise"], "fresh statistics"),
        (BY_ITS_BATCH, SCORED["batch"], "batch statistics"),
        (TRAINING, SCORED["train"], "training images, moving"),
    )
    curves = [(100 * accuracy).curve(records, arm, label) for arm, accuracy, label in ways]
    return Curves(
        title="The same trained nets with BN, normalized in different ways",
        subtitle="Validation images but for the last. Fresh: statistics of 10,000 "
        "training images. Batch: in batches of the size that the net trained on. n = "
        f"{records.n_seeds}",
        x_label="images in a batch",
        x_scale="log",
        panels=panels({"": curves}, "accuracy, %"),
    )


def _by_step(records: Records) -> Curves:
    ways = ((BN, "moving", "moving averages"), (ANEW, "precise", "fresh statistics"))
    by_title = {
        f"momentum {momentum:g}": [
            arm.curve(STEPS, 100 * runs_of(f"momentum-{momentum:g}").scored(way)(records), label)
            for arm, way, label in ways
        ]
        for momentum in MOMENTA
    }
    return Curves(
        title="How long the moving averages lag behind",
        subtitle="One BN net, batches of 32, by its moving averages and by fresh statistics "
        f"of 10,000 training images. n = {records.n_seeds}",
        x_label="step",
        x_scale="log",
        panels=panels(by_title, "validation accuracy, %"),
    )


STUDY = study(
    "batchsize",
    CLAIMS,
    RUNS,
    title="Batch size and moving averages",
    chapter="Limits and costs",
    question="How large must a batch be for batch normalization, and do its averages keep up?",
    values=_values,
    tables={"sizes": _by_arm, "scores": _by_score},
    plots={"sizes": _by_size, "statistics": _by_statistics, "lag": _by_step},
    later=(SECOND,),
)
