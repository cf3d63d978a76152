"""What the study claims, frozen before the runs."""

from typing import Any

from bnreport.protocol.claims import Claim
from bnreport.protocol.rules import EXACT
from bnreport.studies.identities.runs import IMAGES, LAST

ROUNDING = "our own property test; what is left is the rounding of float32"
IOFFE = "Ioffe and Szegedy 2015 (arXiv 1502.03167)"


def _claim(name: str, **fields: Any) -> Claim:
    base = {
        "id": f"identities-{name}",
        "question": "What does BN do exactly?",
        "kind": "exact",
        "unit": "",
        "seeds": "100-111",
        "rule": EXACT,
        "expected": "supported",
    }
    return Claim.model_validate(base | fields)


WHEN = f", at the start and after {LAST} steps of training"

CLAIMS = (
    _claim(
        "bias-before",
        label="bias before BN",
        statement="The bias of a layer that BN follows at once is of no use: its gradient is zero.",
        source=f"{IOFFE}, section 3.2: the bias can be ignored, since subtracting the mean cancels "
        "it and beta takes its part",
        arms="the net with BN before its activations",
        metric="largest norm of the gradient by a hidden layer's bias, as a share of that by the "
        f"beta of its BN{WHEN}",
        margin=1e-4,
    ),
    _claim(
        "bias-after",
        label="bias before ReLU and BN",
        statement="The bias is of no use, either, where BN follows the activation, as in the "
        "notebook: its gradient is zero.",
        source="our own question: the notebook keeps the biases",
        arms="the nets with BN after their activations",
        metric="largest norm of the gradient by a hidden layer's bias, as a share of that by the "
        f"beta of its BN{WHEN}",
        margin=1e-4,
        expected="not supported",
    ),
    _claim(
        "folding",
        label="folding",
        statement="In inference BN can be removed: folded into the kernels and biases next to it, "
        "before or after the activation and at the inputs, it leaves the same net.",
        source=f"{IOFFE}, section 3.1: in inference the normalization is a linear transform of "
        "each activation",
        arms="nets with BN before and after their activations and the notebook's, each against its "
        "folded twin without BN",
        metric=f"largest difference of a logit over {IMAGES:,} images, in float32{WHEN}",
        unit="logit",
        margin=1e-4,
    ),
    _claim(
        "classes",
        label="folding, classes",
        statement=f"The folded net puts each of {IMAGES:,} images in the same class.",
        source=ROUNDING,
        arms="the same nets and their folded twins",
        metric=f"images of {IMAGES:,} that change their class, the most of any run{WHEN}",
        unit="images",
        margin=0.0,
    ),
    _claim(
        "scale-logits",
        label="scale of the weights, answers",
        statement="Without epsilon, the answers of a net with BN do not depend on the scale of "
        "its hidden weights.",
        source=f"{IOFFE}, section 3.3: BN(aWu) = BN(Wu)",
        arms="BN before the activations, epsilon 0",
        metric="largest change of a logit, in training mode, when the hidden kernels and biases "
        f"are multiplied by 0.01, 0.1, 10 and 100{WHEN}",
        unit="logit",
        margin=1e-4,
    ),
    _claim(
        "scale-gradient",
        label="scale of the weights, gradient",
        statement="Without epsilon, hidden weights that are c times as large have gradients of "
        "1/c the size.",
        source=f"{IOFFE}, section 3.3: larger weights lead to smaller gradients",
        arms="BN before the activations, epsilon 0",
        metric="largest distance from 1 of c times the norm of the gradient at c W divided by that "
        f"at W, for c of 0.01, 0.1, 10 and 100{WHEN}",
        margin=1e-4,
    ),
    _claim(
        "scale-epsilon",
        label="scale, Keras' epsilon",
        statement="With Keras' epsilon of 0.001, the answers do not depend on the scale of the "
        "hidden weights, either.",
        source="our own question: the identity of Ioffe and Szegedy leaves epsilon out",
        arms="BN before the activations, epsilon 0.001",
        metric="largest change of a logit, in training mode, when the hidden kernels and biases "
        f"are multiplied by 0.01, 0.1, 10 and 100{WHEN}",
        unit="logit",
        margin=1e-4,
        expected="not supported",
    ),
    _claim(
        "orthogonal",
        label="gradient and weights",
        statement="Without epsilon, the gradient of a hidden unit is orthogonal to its weights.",
        source="Li and Arora 2019 (arXiv 1910.07454), lemma 1, for losses that do not depend on "
        "the scale of the weights",
        arms="BN before the activations, epsilon 0",
        metric="largest cosine between a hidden unit's gradient and its weights, without the "
        f"sign{WHEN}",
        unit="cosine",
        margin=1e-5,
    ),
    _claim(
        "orthogonal-epsilon",
        label="the same, Keras' epsilon",
        statement="With Keras' epsilon of 0.001, the gradient of a hidden unit is orthogonal to "
        "its weights, too.",
        source="our own question: the identity leaves epsilon out",
        arms="BN before the activations, epsilon 0.001",
        metric="largest cosine between a hidden unit's gradient and its weights, without the "
        f"sign{WHEN}",
        unit="cosine",
        margin=1e-5,
        expected="not supported",
    ),
    _claim(
        "mates-training",
        label="batch-mates, training",
        statement="In training, what a net with BN answers for an image depends on that image "
        "alone.",
        source=f"{IOFFE}, section 3.4: a training example is seen with others of its batch, and "
        "the net no longer gives it one deterministic value",
        arms="nets with BN before and after their activations and the notebook's",
        metric="largest change of a logit of half a batch, normalized by the batch, when the "
        f"other half is inverted{WHEN}",
        unit="logit",
        margin=1e-4,
        expected="not supported",
    ),
    _claim(
        "mates-inference",
        label="batch-mates, inference",
        statement="In inference, what a net with BN answers for an image depends on that image "
        "alone.",
        source=f"{IOFFE}, section 3.1: in inference the output depends on the input only",
        arms="nets with BN before and after their activations and the notebook's",
        metric="largest change of a logit of half a batch, normalized by the moving averages, when "
        f"the other half is inverted{WHEN}",
        unit="logit",
        margin=1e-4,
    ),
    _claim(
        "alone",
        label="a batch of one",
        statement="For a batch of one image, BN in training mode answers beta, whatever the image.",
        source="our own property test: an image alone is its own mean",
        arms="nets with BN before and after their activations and the notebook's",
        metric=f"largest distance of an output of a hidden layer's BN from its beta{WHEN}",
        margin=1e-4,
    ),
)
