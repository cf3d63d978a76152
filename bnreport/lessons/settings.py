"""Placement, bias, epsilon, momentum: what each setting changes, in numbers."""

from collections.abc import Callable, Mapping

import numpy as np

from bnreport.lessons.inference import SIZES, batches, halved
from bnreport.presentation.formats import number
from bnreport.presentation.tables import Analysis, Table, Value
from bnreport.reference import EPSILON, Floats, forward

ORIGIN = "worked by the code of this page"
TORCH_EPSILON = 1e-5
MOMENTA = (0.9, 0.99, 0.999)
DEVIATIONS = (1.0, 0.1, 0.03, 0.01, 0.003)
# So much of the initial value may be left after an epoch.
REST = 0.01
ACTIVATIONS: Mapping[str, Callable[[Floats], Floats]] = {
    "none (linear)": lambda z: z,
    "ReLU": lambda z: np.maximum(z, 0),
    "leaky ReLU": lambda z: np.where(z > 0, z, 0.3 * z),
    "tanh": np.tanh,
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
}


def absorbed(activation: Callable[[Floats], Floats], gamma: float, beta: float = 0.5) -> float:
    """The largest difference of two layers: with gamma, and with gamma moved into the next one.

    The first is w a(gamma x + beta), the second (gamma w) a(x + beta / gamma), for w = 1.
    """
    xhat = np.linspace(-3, 3, 61)
    with_it, without = activation(gamma * xhat + beta), gamma * activation(xhat + beta / gamma)
    return float(np.abs(with_it - without).max())


def scales() -> Table:
    """Say whether the next layer can do the work of gamma, by the activation between."""

    def cell(activation: Callable[[Floats], Floats], gamma: float) -> str:
        off = absorbed(activation, gamma)
        return "the same" if off < 1e-9 else f"up to {number(off, 2)} apart"

    return Table(
        "Gamma moved into the next layer: the same function?",
        ("activation", "γ = 2", "γ = −2"),
        tuple(
            (name, cell(activation, 2.0), cell(activation, -2.0))
            for name, activation in ACTIVATIONS.items()
        ),
        note="Worked for normalized inputs from −3 to 3 and β = 0.5; β becomes β / γ.",
        text=True,
    )


def spread(deviation: float, epsilon: float) -> float:
    """The standard deviation that a batch has after normalization, worked on a batch of two."""
    x = np.array([[-deviation], [deviation]])
    return float(forward(x, np.ones(1), np.zeros(1), epsilon).output.std())


def halved_at(epsilon: float) -> float:
    """The spread of a feature of which normalization makes a half, where it should make 1."""
    return float(np.sqrt(epsilon / 3))


def epsilons() -> Table:
    """The spread left of one, by the spread of the inputs and by epsilon."""
    return Table(
        "The spread of a feature after normalization",
        ("spread before", f"ε = {EPSILON:g} (Keras)", "ε = 0.00001 (PyTorch)"),
        tuple(
            (
                f"{deviation:g}",
                *(number(spread(deviation, epsilon), 3) for epsilon in (EPSILON, TORCH_EPSILON)),
            )
            for deviation in DEVIATIONS
        ),
        note="Spread: the standard deviation. Without epsilon every number would be 1.",
    )


def momenta() -> Table:
    """One momentum in the words of both libraries, and how far back it looks."""
    return Table(
        "The same momentum, in two conventions",
        ("Keras", "PyTorch", "half is new after", "looks back about"),
        tuple(
            (
                f"{keras:g}",
                f"{1 - keras:.3g}",
                f"{number(halved(keras), 0)} batches",
                f"{1 / (1 - keras):,.0f} batches",
            )
            for keras in MOMENTA
        ),
    )


def most() -> Table:
    """The largest momentum that forgets its start in an epoch, by the size of its batches."""
    return Table(
        "The largest momentum that forgets its start within an epoch",
        ("batch size", "batches", "Keras", "PyTorch"),
        tuple(
            (
                f"{size:,}",
                f"{batches(size):,}",
                number(most_at(size), 3),
                number(1 - most_at(size), 3),
            )
            for size in SIZES
        ),
        note="At most a hundredth of the initial value is left after 55,000 images.",
    )


def most_at(size: int) -> float:
    """The largest momentum of which an epoch in batches of that size leaves `REST` at most."""
    return float(REST ** (1 / batches(size)))


def trembling(new: float) -> float:
    """The scatter of a moving average of independent batches, in the scatter of one batch.

    Args:
        new: the share that each batch adds; 1 less Keras' momentum.
    """
    return float(np.sqrt(new / (2 - new)))


def analyse() -> Analysis:
    """The numbers, tables and pictures of the page."""
    numbers = {
        "keras.epsilon": f"{EPSILON:g}",
        "torch.epsilon": "0.00001",
        "halved.keras": number(halved_at(EPSILON), 3),
        "halved.torch": number(halved_at(TORCH_EPSILON), 4),
        "tremble": number(trembling(0.9) / trembling(0.1), 1),
    }
    return Analysis(
        values={name: Value(text, ORIGIN) for name, text in numbers.items()},
        tables={
            "scales": scales(),
            "epsilons": epsilons(),
            "momenta": momenta(),
            "most": most(),
        },
    )
