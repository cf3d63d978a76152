"""Do all images look alike to the last layer of a deep net, and does batch normalization help?"""

from dataclasses import replace
from functools import partial
from itertools import product

from bnreport.analysis.arms import usual
from bnreport.analysis.cells import mean_of, values_of
from bnreport.analysis.charts import panels
from bnreport.analysis.comparisons import Judge, Sample, runs_of
from bnreport.analysis.design import claim_form, study
from bnreport.analysis.grids import Sweep
from bnreport.presentation import Curves, Table, Value
from bnreport.protocol.checks import Probe
from bnreport.protocol.directions import Direction, check, less, more
from bnreport.records.collection import Records
from bnreport.statistics.wide_nets import cosine_after

WIDTH, IMAGES = 100, 128
DEPTHS = SHALLOW, *_, DEEP = (2, 5, 10, 20, 50)
ENDS = SHALLOW, DEEP
RAW, STD, BN, STD_BN, LN = usual("raw", "std", "bn", "std-bn", "ln")
# By the normalizer and the inputs. Layer normalization runs so close to no normalization that it
# would hide it.
ARMS = {
    "none": {"raw": RAW, "std": STD},
    "bn": {"raw": BN, "std": STD_BN},
    "ln": {"raw": replace(LN, dashed=True), "std": replace(LN, dashed=True, fields=STD.fields)},
}
NORMALIZERS = {"none": "none", "bn": "BN", "ln": "LN"}
INPUTS = {"raw": "raw pixels", "std": "standardized inputs"}
# The inputs of the normalized net and of the other; the third is what scaling the pixels can do.
BOTH = {"raw pixels": ("raw", "raw"), "standardized": ("std", "std")}
PAIRS = {**BOTH, "BN on raw, none on standardized": ("raw", "std")}


def named(norm: str, depth: int, inputs: str) -> str:
    """The name of a trial."""
    return f"{norm}-{depth}-{inputs}"


RUNS = tuple(
    ARMS[norm][inputs].runs(
        named(norm, depth, inputs),
        net={"hidden": (WIDTH,) * depth},
        learning_rate=0.01,
        epochs=0,
        batch_size=IMAGES,
        split="seed",
        checks=(Probe(name="last", steps=(0,), probe="similarity"),),
    )
    for depth, norm, inputs in product(DEPTHS, NORMALIZERS, INPUTS)
)


def last(measure: str, norm: str, depth: int, inputs: str) -> Sample:
    """The mean cosine ("cosine") or the effective rank ("rank") of a trial, (seeds,)."""
    return runs_of(named(norm, depth, inputs)).measured(f"last_{measure}")[:, 0]


# A net by its normalizer, its depth and its inputs.
Net = tuple[str, int, str]


def alike(one: Net, other: Net) -> Judge:
    """Judges how much more alike the images look to one net than to another."""
    return (last("cosine", *one) - last("cosine", *other)).contrast(lost=False)


def richer(one: Net, other: Net) -> Judge:
    """Judges how many times the effective rank of another net one has."""
    return last("rank", *one).ratio(last("rank", *other), lost=False)


SIMILAR, RANK = check("last_cosine", 0), check("last_rank", 0)


def closer(one: Net, other: Net) -> Direction:
    """Images are more alike to one net than to another."""
    return more(named(*one), named(*other), SIMILAR)


def apart(one: Net, other: Net) -> Direction:
    """Images are less alike to one net than to another."""
    return less(named(*one), named(*other), SIMILAR)


DANESHMAND = "Daneshmand, Kohler, Bach, Hofmann and Lucchi 2020 (arXiv 2003.01652)"
LUBANA = "Lubana, Dick and Tanaka 2021 (arXiv 2106.05956)"
WHERE = f"{IMAGES} images normalized as one batch, {WIDTH} ReLU units a layer from He"
claim = claim_form(
    "collapse",
    question="Does BN keep images apart in deep nets?",
    metric="mean cosine between the activations of two images in the last hidden layer. Before "
    f"the first step, {WHERE}",
    unit="cosine",
    margin=0.1,
    lost=False,
    expected="supported",
)
CLAIMS = (
    claim(
        "plain",
        by=lambda inputs, _: alike(("none", DEEP, inputs), ("none", SHALLOW, inputs)),
        ahead=lambda inputs, _: closer(("none", DEEP, inputs), ("none", SHALLOW, inputs)),
        in_each=BOTH,
        label=f"{DEEP} over {SHALLOW} layers, none",
        statement=f"Without normalization images look more alike after {DEEP} layers than "
        f"after {SHALLOW}.",
        source=f"{DANESHMAND}, abstract: the rank of the representations in nets without "
        "normalization collapses quickly with depth",
        arms=f"{DEEP} and {SHALLOW} hidden layers, no normalizer",
    ),
    claim(
        "cosine",
        by=lambda inputs, others: alike(("none", DEEP, others), ("bn", DEEP, inputs)),
        ahead=lambda inputs, others: apart(("bn", DEEP, inputs), ("none", DEEP, others)),
        in_each=PAIRS,
        label=f"none over BN, {DEEP} layers",
        statement=f"After {DEEP} layers, images look less alike with BN than without.",
        source=f"{DANESHMAND}, abstract: BN is an effective way to avoid the collapse of rank in "
        "linear and ReLU nets",
        arms=f"no normalizer and BN, {DEEP} hidden layers",
    ),
    claim(
        "rank",
        by=lambda inputs, others: richer(("bn", DEEP, inputs), ("none", DEEP, others)),
        ahead=lambda inputs, others: more(f"bn-{DEEP}-{inputs}", f"none-{DEEP}-{others}", RANK),
        in_each=PAIRS,
        label=f"BN over none, rank, {DEEP} layers",
        statement=f"After {DEEP} layers, the activations have a larger effective rank with BN than "
        "without.",
        source=f"{DANESHMAND}: with BN the rank of a linear net stays at least of the order of "
        "the square root of its width, which is 10 for 100 units; that rank is another measure "
        "than ours",
        arms=f"BN and no normalizer, {DEEP} hidden layers",
        scale="ratio",
        metric="effective rank of the last hidden layer's activations, exp of the entropy of their "
        f"normalized singular values (Roy and Vetterli 2007). Before the first step, {WHERE}",
        unit="x",
        margin=2.0,
    ),
    claim(
        "depth",
        by=lambda inputs, _: alike(("bn", DEEP, inputs), ("bn", SHALLOW, inputs)),
        ahead=lambda inputs, _: closer(("bn", DEEP, inputs), ("bn", SHALLOW, inputs)),
        in_each=BOTH,
        kind="equivalence",
        label=f"BN, {DEEP} against {SHALLOW} layers",
        statement=f"With BN, images look as alike after {DEEP} layers as after {SHALLOW}.",
        source=f"{DANESHMAND}, abstract: BN avoids the collapse that comes with depth",
        arms=f"{DEEP} and {SHALLOW} hidden layers, BN",
    ),
    claim(
        "layer",
        by=lambda inputs, others: alike(("none", DEEP, others), ("ln", DEEP, inputs)),
        ahead=lambda inputs, _: closer(("none", DEEP, inputs), ("ln", DEEP, inputs)),
        in_each=BOTH,
        kind="equivalence",
        label=f"none against LN, {DEEP} layers",
        statement=f"After {DEEP} layers, images look as alike with layer normalization as without.",
        source=f"{LUBANA}, abstract: the larger the group that is normalized, the less "
        "distinguishable the activations of different images, up to layer normalization",
        arms=f"no normalizer and layer normalization, {DEEP} hidden layers",
        margin=0.05,
    ),
    claim(
        "batch-layer",
        by=lambda inputs, others: alike(("ln", DEEP, others), ("bn", DEEP, inputs)),
        ahead=lambda inputs, others: apart(("bn", DEEP, inputs), ("ln", DEEP, others)),
        in_each=BOTH,
        label=f"LN over BN, {DEEP} layers",
        statement=f"After {DEEP} layers, images look less alike with BN than with layer "
        "normalization.",
        source=f"{LUBANA}, abstract: this explains slow training with layer normalization",
        arms=f"layer normalization and BN, {DEEP} hidden layers",
    ),
    claim(
        "shallow",
        by=lambda inputs, others: alike(("none", SHALLOW, others), ("bn", SHALLOW, inputs)),
        ahead=lambda inputs, others: apart(("bn", SHALLOW, inputs), ("none", SHALLOW, others)),
        in_each=PAIRS,
        label=f"none over BN, {SHALLOW} layers",
        statement=f"After {SHALLOW} layers, as many as the notebook has, images already look less "
        "alike with BN than without.",
        source="our own question: whether the collapse matters for a shallow net",
        arms=f"no normalizer and BN, {SHALLOW} hidden layers",
    ),
)

# Each measure: how it is printed, and its words and its scale in a figure.
DECIMALS = {"cosine": 2, "rank": 1}
FIGURES = {
    "cosine": ("How alike two images look to the last hidden layer", "mean cosine", "linear"),
    "rank": (
        "How many directions the activations of the last hidden layer use",
        "effective rank",
        "log",
    ),
}


def _mean(records: Records, measure: str, norm: str, depth: int, inputs: str) -> str:
    return mean_of(last(measure, norm, depth, inputs)(records), DECIMALS[measure])


def _values(records: Records) -> dict[str, Value]:
    """The means, "<cosine or rank>.<trial>", and what theory makes of the shallow nets'."""
    means = {
        f"{measure}.{named(*net)}": _mean(records, measure, *net)
        for measure in DECIMALS
        for net in product(NORMALIZERS, DEPTHS, INPUTS)
    }
    start = {inputs: last("cosine", "none", SHALLOW, inputs)(records).mean() for inputs in INPUTS}
    theory = {
        f"theory.{inputs}": mean_of(cosine_after(cosine, DEEP - SHALLOW), DECIMALS["cosine"])
        for inputs, cosine in start.items()
    }
    return values_of(f"mean of {records.n_seeds} seeds", means) | values_of(
        f"{DEEP - SHALLOW} layers on from the mean after {SHALLOW}", theory
    )


def _depths(records: Records) -> Table:
    return Table.crossed(
        f"Mean cosine and effective rank after {SHALLOW} and after {DEEP} layers",
        "normalizer, inputs",
        {
            f"{NORMALIZERS[norm]}, {INPUTS[inputs].split()[0]}": (norm, inputs)
            for inputs, norm in product(INPUTS, NORMALIZERS)
        },
        {f"{measure}, {depth}": (measure, depth) for measure, depth in product(DECIMALS, ENDS)},
        lambda net, shown: _mean(records, shown[0], net[0], shown[1], net[1]),
        "Means over the seeds, in the last hidden layer, before the first step. LN: layer "
        "normalization.",
    )


def _by_depth(records: Records, measure: str) -> Curves:
    """A panel for each kind of inputs, a curve for each normalizer."""
    title, y_label, y_scale = FIGURES[measure]
    curves = {
        panel: [
            Sweep({depth: last(measure, norm, depth, inputs) for depth in DEPTHS}).curve(
                records, ARMS[norm][inputs], label
            )
            for norm, label in NORMALIZERS.items()
        ]
        for inputs, panel in INPUTS.items()
    }
    return Curves(
        title=title,
        subtitle=f"{IMAGES} images before the first step, {WIDTH} ReLU units a layer. "
        f"Thin: {records.n_seeds} seeds; thick: mean; dashed: LN",
        x_label="hidden layers",
        x_scale="log",
        panels=panels(curves, y_label, y_scale=y_scale, from_zero=y_scale == "linear"),
    )


STUDY = study(
    "collapse",
    CLAIMS,
    RUNS,
    title="Images that look alike",
    chapter="Mechanisms",
    question="Do deep nets confuse all images at the start, and does batch normalization help?",
    values=_values,
    tables={"depths": _depths},
    plots={measure: partial(_by_depth, measure=measure) for measure in FIGURES},
)
