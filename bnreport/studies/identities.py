"""What does batch normalization do exactly, whatever the data and the weights, and what not?"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bnreport.analysis.cells import values_of
from bnreport.analysis.comparisons import Sample, runs_of
from bnreport.analysis.design import claim_form, study
from bnreport.presentation.formats import plain, scientific
from bnreport.presentation.plots import Dots, Row
from bnreport.presentation.tables import Table
from bnreport.protocol.checks import Probe
from bnreport.protocol.directions import check, exactly, read
from bnreport.protocol.nets import NETS, Net
from bnreport.protocol.parameters import counted
from bnreport.protocol.trials import Trial
from bnreport.records.collection import Records
from bnreport.statistics.estimates import Exact

Floats = NDArray[np.float64]

# So many images are answered by a net and by its folded twin.
IMAGES, BATCH = 10_000, 32
LAST = -(-IMAGES // BATCH)
# Not powers of two, by which floating point would multiply without rounding.
FACTORS = (0.01, 0.1, 10.0, 100.0)
BEFORE = Net(normalizer="batch")


def probe(name: str, **more: Any) -> Probe:
    """A probe at the start, and after an epoch, when the averages and beta are no longer Keras'."""
    return Probe(name=name, steps=(0, LAST), probe=name, **more)


def trial(name: str, net: Net | str, *checks: Probe) -> Trial:
    """A net that trains for an epoch and is checked before and after."""
    return Trial(
        name=name,
        net=net,
        learning_rate=0.01,
        epochs=1,
        batch_size=BATCH,
        images=IMAGES,
        split="seed",
        evaluated=("val",),
        checks=checks,
    )


OTHERS = (probe("biases"), probe("folding", images=IMAGES), probe("mates"))
SCALING = probe("scaling", settings={"factors": FACTORS})
RUNS = (
    trial("before", BEFORE, *OTHERS, SCALING),
    # Without epsilon a batch of one is divided by zero.
    trial("before-exact", Net(normalizer="batch", epsilon=0.0), SCALING),
    trial("after", Net(normalizer="batch", placement="after"), *OTHERS),
    # The notebook's: BN of the inputs and after each activation.
    trial("notebook", "bn", *OTHERS),
)
# Those with Keras' epsilon, which the words of most claims name.
THREE = ("before", "after", "notebook")


def everywhere(quantity: str, *nets: str) -> Sample:
    """The numbers of a check in some nets, (seeds, checks): by net, by step, by layer or factor."""
    parts = [runs_of(net).measured(quantity) for net in nets]

    def side_by_side(records: Records) -> Floats:
        rows = (part(records) for part in parts)
        return np.concatenate([each.reshape(len(each), -1) for each in rows], axis=1)

    return Sample(nets, side_by_side)


def biases(*nets: str) -> Sample:
    """The gradient by a bias as a share of that by the beta of its BN."""
    return everywhere("biases_bias", *nets) / everywhere("biases_beta", *nets)


IOFFE = "Ioffe and Szegedy 2015 (arXiv 1502.03167)"
OF_THREE = "nets with BN before and after their activations and the notebook's"
OF_SCALED = (
    "largest change of a logit, in training mode, when the hidden kernels and biases are "
    "multiplied by 0.01, 0.1, 10 and 100"
)
OF_BIAS = (
    "largest norm of the gradient by a hidden layer's bias, as a share of that by the beta of its "
    "BN"
)
OF_COSINE = "largest cosine between a hidden unit's gradient and its weights, without the sign"
claim = claim_form(
    "identities",
    question="What does BN do exactly?",
    kind="exact",
    metric=f"{{}}, at the start and after {LAST} steps of training",
    unit="",
    margin=1e-4,
    expected="supported",
)


def identity(name: str, errors: Sample, **own: Any) -> tuple[Any, Sample]:
    """A claim and its errors, the largest of which judges it, over all seeds and checks."""

    def largest(records: Records) -> Exact:
        all_of_them = errors(records)
        return Exact(float(all_of_them.max()), all_of_them.size)

    return claim(name, by=largest, **own), errors


IDENTITIES = (
    identity(
        "bias-before",
        errors=biases("before"),
        # None by a bias, beside that by the beta of its BN.
        ahead=replace(
            exactly("before", check("biases_bias"), 0.0),
            beside=read("before", check("biases_beta")),
        ),
        label="bias before BN",
        statement="The bias of a layer that BN follows at once is of no use: its gradient is zero.",
        source=f"{IOFFE}, section 3.2: the bias can be ignored, since subtracting the mean cancels "
        "it and beta takes its part",
        arms="the net with BN before its activations",
        metric=OF_BIAS,
    ),
    identity(
        "bias-after",
        errors=biases("after", "notebook"),
        ahead=replace(
            exactly(("after", "notebook"), check("biases_bias"), 0.0),
            beside=read(("after", "notebook"), check("biases_beta")),
        ),
        label="bias before ReLU and BN",
        statement="The bias is of no use, either, where BN follows the activation, as in the "
        "notebook: its gradient is zero.",
        source="our own question: the notebook keeps the biases",
        arms="the nets with BN after their activations",
        metric=OF_BIAS,
        expected="not supported",
    ),
    identity(
        "folding",
        errors=abs(everywhere("folding_difference", *THREE)),
        ahead=exactly(THREE, check("folding_difference"), 0.0),
        label="folding",
        statement="In inference BN can be removed: folded into the kernels and biases next to it, "
        "before or after the activation and at the inputs, it leaves the same net.",
        source=f"{IOFFE}, section 3.1: in inference the normalization is a linear transform of "
        "each activation",
        arms=f"{OF_THREE}, each against its folded twin without BN",
        metric=f"largest difference of a logit over {IMAGES:,} images, in float32",
        unit="logit",
    ),
    identity(
        "classes",
        errors=(IMAGES * (-everywhere("folding_agreement", *THREE) + 1)).map(np.rint),
        ahead=exactly(THREE, check("folding_agreement"), 1.0, more=True),
        label="folding, classes",
        statement=f"The folded net puts each of {IMAGES:,} images in the same class.",
        source="our own property test; what is left is the rounding of float32",
        arms="the same nets and their folded twins",
        metric=f"images of {IMAGES:,} that change their class, the most of any run",
        unit="images",
        margin=0.0,
    ),
    identity(
        "scale-logits",
        errors=abs(everywhere("scaling_logits", "before-exact")),
        ahead=exactly("before-exact", check("scaling_logits"), 0.0),
        label="scale of the weights, answers",
        statement="Without epsilon, the answers of a net with BN do not depend on the scale of "
        "its hidden weights.",
        source=f"{IOFFE}, section 3.3: BN(aWu) = BN(Wu)",
        arms="BN before the activations, epsilon 0",
        metric=OF_SCALED,
        unit="logit",
    ),
    identity(
        "scale-gradient",
        errors=abs(everywhere("scaling_gradient", "before-exact") - 1.0),
        ahead=exactly("before-exact", check("scaling_gradient"), 1.0),
        label="scale of the weights, gradient",
        statement="Without epsilon, hidden weights that are c times as large have gradients of "
        "1/c the size.",
        source=f"{IOFFE}, section 3.3: larger weights lead to smaller gradients",
        arms="BN before the activations, epsilon 0",
        metric="largest distance from 1 of c times the norm of the gradient at c W divided by that "
        "at W, for c of 0.01, 0.1, 10 and 100",
    ),
    identity(
        "scale-epsilon",
        errors=abs(everywhere("scaling_logits", "before")),
        ahead=exactly("before", check("scaling_logits"), 0.0),
        label="scale, Keras' epsilon",
        statement="With Keras' epsilon of 0.001, the answers do not depend on the scale of the "
        "hidden weights, either.",
        source="our own question: the identity of Ioffe and Szegedy leaves epsilon out",
        arms="BN before the activations, epsilon 0.001",
        metric=OF_SCALED,
        unit="logit",
        expected="not supported",
    ),
    identity(
        "orthogonal",
        errors=abs(everywhere("scaling_cosine", "before-exact")),
        ahead=exactly("before-exact", check("scaling_cosine"), 0.0),
        label="gradient and weights",
        statement="Without epsilon, the gradient of a hidden unit is orthogonal to its weights.",
        source="Li and Arora 2019 (arXiv 1910.07454), lemma 1, for losses that do not depend on "
        "the scale of the weights",
        arms="BN before the activations, epsilon 0",
        metric=OF_COSINE,
        unit="cosine",
        margin=1e-5,
    ),
    identity(
        "orthogonal-epsilon",
        errors=abs(everywhere("scaling_cosine", "before")),
        ahead=exactly("before", check("scaling_cosine"), 0.0),
        label="the same, Keras' epsilon",
        statement="With Keras' epsilon of 0.001, the gradient of a hidden unit is orthogonal to "
        "its weights, too.",
        source="our own question: the identity leaves epsilon out",
        arms="BN before the activations, epsilon 0.001",
        metric=OF_COSINE,
        unit="cosine",
        margin=1e-5,
        expected="not supported",
    ),
    identity(
        "mates-training",
        errors=abs(everywhere("mates_batch", *THREE)),
        ahead=exactly(THREE, check("mates_batch"), 0.0),
        label="batch-mates, training",
        statement="In training, what a net with BN answers for an image depends on that image "
        "alone.",
        source=f"{IOFFE}, section 3.4: a training example is seen with others of its batch, and "
        "the net no longer gives it one deterministic value",
        arms=OF_THREE,
        metric="largest change of a logit of half a batch, normalized by the batch, when the "
        "other half is inverted",
        unit="logit",
        expected="not supported",
    ),
    identity(
        "mates-inference",
        errors=abs(everywhere("mates_inference", *THREE)),
        ahead=exactly(THREE, check("mates_inference"), 0.0),
        label="batch-mates, inference",
        statement="In inference, what a net with BN answers for an image depends on that image "
        "alone.",
        source=f"{IOFFE}, section 3.1: in inference the output depends on the input only",
        arms=OF_THREE,
        metric="largest change of a logit of half a batch, normalized by the moving averages, when "
        "the other half is inverted",
        unit="logit",
    ),
    identity(
        "alone",
        errors=abs(everywhere("mates_alone", *THREE)),
        ahead=exactly(THREE, check("mates_alone"), 0.0),
        label="a batch of one",
        statement="For a batch of one image, BN in training mode answers beta, whatever the image.",
        source="our own property test: an image alone is its own mean",
        arms=OF_THREE,
        metric="largest distance of an output of a hidden layer's BN from its beta",
    ),
)

# A logarithmic axis has no zero: an error of zero is drawn here.
FLOOR = 1e-9


def _values(records: Records) -> dict[str, Any]:
    """The parameters of the notebook's nets, and the largest error of each claim."""
    plain, bn = (counted(net) for net in NETS.values())
    without, both = (sum(layer.all for layer in net) for net in (plain, bn))
    counts = {
        "without": without,
        "bn": both,
        "trained": sum(layer.trained for layer in bn),
        "added": both - without,
        "kept": sum(layer.kept for layer in bn),
        "idle": sum(BEFORE.hidden),
    }
    values = values_of(
        "counted from the structure of the net",
        {f"parameters.{name}": f"{count:,}" for name, count in counts.items()},
    )
    for judged, errors in IDENTITIES:
        each = errors(records)
        text = {f"{judged.claim.id}.error": scientific(float(each.max()))}
        values |= values_of(f"largest of {each.size} checks", text)
    return values


def _parameters(_: Records) -> Table:
    plain, bn = (counted(net) for net in NETS.values())
    without = {layer.layer: layer.all for layer in plain}
    counts = [(without.get(each.layer, 0), each.all, each.trained, each.kept) for each in bn]
    rows = zip((_words(each.layer) for each in bn), counts, strict=True)
    together = ("together", np.sum(counts, axis=0).tolist())
    return Table(
        "Parameters of the notebook's two nets",
        ("layer", "without BN", "with BN", "trained", "moving averages"),
        tuple((name, *(f"{count:,}" for count in row)) for name, row in (*rows, together)),
    )


def _words(layer: str) -> str:
    """A layer's name as the page has it."""
    if layer == "norm0":
        return "BN of the inputs"
    kind, place = layer[:-1], layer[-1]
    return {"hidden": f"hidden layer {place}", "norm": "its BN"}.get(kind, layer)


def _scaling(records: Records) -> Table:
    def logit(net: str) -> Callable[[int], str]:
        largest = runs_of(net).measured("scaling_logits")(records).max(axis=(0, 1))
        return lambda place: scientific(float(largest[place]))

    def slope(net: str) -> Callable[[int], str]:
        slopes = runs_of(net).measured("scaling_gradient")(records)
        return lambda place: f"{slopes[..., place].min():.3f} to {slopes[..., place].max():.3f}"

    return Table.by_column(
        "The hidden weights multiplied by a factor",
        "weights",
        {f"× {factor:g}": place for place, factor in enumerate(FACTORS)},
        {
            "logit, ε = 0": logit("before-exact"),
            "logit, Keras": logit("before"),
            "slope, ε = 0": slope("before-exact"),
            "slope, Keras": slope("before"),
        },
        note="Keras: ε = 0.001. Logit: the largest change of any run and image, in training mode; "
        "the identity asks for 0. Slope: the norm of the hidden kernels' gradient, times the "
        "factor, as a share of that at the weights as they are; smallest to largest of all runs, "
        "at the start and after training; the identity asks for 1.",
    )


def _errors(records: Records) -> Dots:
    """The largest error of each seed beside the tolerance of each claim."""

    def row(label: str, tolerance: float | None, largest: Floats) -> Row:
        drawn = np.maximum(largest, FLOOR)
        low, high = float(drawn.min()), float(drawn.max())
        band = (FLOOR, tolerance) if tolerance else None
        return Row(label, "bn", drawn, low, float(largest.max()), high, band=band)

    held = [
        bool(sample(records).max() <= (judged.claim.margin or 0.0)) for judged, sample in IDENTITIES
    ]
    return Dots(
        title=f"On every seed {sum(held)} of {len(held)} sentences hold",
        subtitle=f"A dot a seed (n = {records.n_seeds}), over one to three nets; "
        "named: the largest. Shaded: within the tolerance",
        x_label=f"largest error, in the unit of its claim (0 is drawn at {plain(FLOOR)})",
        rows=tuple(
            row(judged.claim.label, judged.claim.margin, sample(records).max(axis=1))
            for judged, sample in IDENTITIES
        ),
        centre="largest",
        x_scale="log",
    )


STUDY = study(
    "identities",
    [judged for judged, _ in IDENTITIES],
    RUNS,
    title="What holds exactly",
    chapter="Facts",
    question="What does batch normalization do exactly, whatever the data and the weights?",
    values=_values,
    tables={"parameters": _parameters, "scaling": _scaling},
    plots={"errors": _errors},
)
