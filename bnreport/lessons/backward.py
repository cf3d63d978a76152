"""The backward pass: the graph, the collapsed form, the projection, all worked on one batch."""

import math

import numpy as np

from bnreport.lessons.by_hand import BATCH, EXAMPLES, GAMMA, ORIGIN, short
from bnreport.presentation.formats import number, scientific, ten_to
from bnreport.presentation.tables import Analysis, Table, Value
from bnreport.reference import (
    EPSILON,
    Floats,
    Forward,
    backward,
    backward_by_nodes,
    forward,
    largest_difference,
    node_names,
)

# The loss rises with the first output, and with no other.
ARRIVING = (1.0, 0.0, 0.0, 0.0)
# Two of its numbers, as a batch of their own.
PAIR = BATCH[1:3]
# As many times as loud.
LOUDNESS = (0.01, 0.1, 1.0, 10.0, 100.0)


def batch_of_four(times: float = 1.0) -> Forward:
    """The batch of four, so many times as loud."""
    return forward(times * np.array(BATCH)[:, None], [GAMMA], [0.0])


def collapsed() -> Table:
    """The three terms of the collapsed form, example by example."""
    batch = batch_of_four()
    g, xhat = np.array(ARRIVING), batch.nodes.normalized[:, 0]
    centered = g - g.mean()
    rows = {
        "x̂": xhat,
        "g arrives": g,
        "minus its mean": centered,
        "minus its share along x̂": centered - xhat * (g * xhat).mean(),
        "times γ / √(σ² + ε)": backward(g[:, None], batch).x[:, 0],
    }
    head = ("step", *EXAMPLES, "sum", "along x̂")
    return Table(
        "The collapsed form, example by example",
        head,
        tuple(
            (name, *(number(v, 3) for v in values), near(values.sum()), near(values @ xhat))
            for name, values in rows.items()
        ),
        note=f"The loss rises with the first output alone. γ is {GAMMA:g}, ε is {EPSILON:g}.",
    )


def lost() -> dict[str, object]:
    """Work the parts of the gradient for their picture: what arrives, what is lost, what passes."""
    batch = batch_of_four()
    g, xhat = np.array(ARRIVING), batch.nodes.normalized[:, 0]
    factor = GAMMA / batch.nodes.deviation[0]
    parts = {
        "arrives": g,
        "shift": np.full(len(g), g.mean()),
        "stretch": xhat * (g * xhat).mean(),
        "passes": backward(g[:, None], batch).x[:, 0] / factor,
    }
    return {
        "x": [f"{value:g}" for value in BATCH],
        "mean": float(batch.nodes.mean[0]),
        "deviation": float(np.sqrt(batch.nodes.variance[0])),
        "factor": number(factor, 2),
        "examples": [*zip("ABCD", BATCH, strict=True)],
        "parts": {name: values.tolist() for name, values in parts.items()},
        "texts": {name: [number(value, 2) for value in values] for name, values in parts.items()},
    }


def near(value: float) -> str:
    """A number with three decimals, and a zero without rounding's sign."""
    return number(value if abs(value) > 1e-12 else 0.0, 3)


def reached() -> Table:
    """The value of every node in the forward pass, and the gradient that reaches it."""
    batch = batch_of_four()
    _, gradients = backward_by_nodes(np.array(ARRIVING)[:, None], batch)

    def listed(values: Floats, digits: int) -> str:
        return ", ".join(short_of(value, digits) for value in values.ravel())

    return Table(
        "The batch of four, node by node",
        ("node", "holds", "gradient that reaches it"),
        tuple(
            (name, listed(getattr(batch.nodes, name), 2), listed(getattr(gradients, name), 3))
            for name in node_names()
        ),
        note="Read the middle column downward and the right one upward.",
        text=True,
    )


def short_of(value: float, digits: int) -> str:
    """A number with at most so many decimals."""
    text = number(round(value, digits), digits)
    return text.rstrip("0").rstrip(".") if "." in text else text


def loud() -> Table:
    """The same batch at five volumes: its gradient shrinks as it grows."""
    g = np.array(ARRIVING)[:, None]
    rows = []
    for times in LOUDNESS:
        batch = batch_of_four(times)
        variance = batch.nodes.variance[0]
        rows.append(
            (
                f"{times:g} ×",
                f"{math.sqrt(variance):,.4g}",
                f"{float(np.linalg.norm(backward(g, batch).x)):.2g}",
                percent(EPSILON / (variance + EPSILON)),
            )
        )
    return Table(
        "The same batch, quieter and louder",
        ("loudness", "deviation σ", "length of the gradient", "share along x̂ that passes"),
        tuple(rows),
        note=f"γ is {GAMMA:g} throughout, and ε is {EPSILON:g}.",
    )


def percent(share: float) -> str:
    """A share in percent, with two digits that tell."""
    return "< 0.01%" if share < 1e-4 else f"{100 * share:.2g}%"


def checked(step: float = 1e-5) -> float:
    """The largest difference of `backward` from central differences, on numbers drawn at random."""
    rng = np.random.default_rng(1)
    x, dy = rng.normal(size=(2, 8, 3))
    gamma, beta = rng.normal(size=(2, 3))
    numerical = np.zeros_like(x)
    for place in np.ndindex(x.shape):
        change = np.zeros_like(x)
        change[place] = step
        rise = forward(x + change, gamma, beta).output - forward(x - change, gamma, beta).output
        numerical[place] = (dy * rise).sum() / (2 * step)
    return largest_difference(backward(dy, forward(x, gamma, beta)).x, numerical)


def below(error: float) -> str:
    """The power of ten above an error."""
    return ten_to(math.floor(math.log10(error)) + 1)


def through_a_pair() -> tuple[float, float]:
    """The length of the gradient that leaves a batch of two, and gamma over its deviation.

    What arrives asks for the first output alone, and has length 1.
    """
    pair = forward(np.array(PAIR)[:, None], [GAMMA], [0.0])
    leaving = backward(np.array([[1.0], [0.0]]), pair).x
    return float(np.linalg.norm(leaving)), float(GAMMA / pair.nodes.deviation[0])


def analyse() -> Analysis:
    """The graph, the projection, and one batch's gradients in numbers."""
    g = np.array(ARRIVING)[:, None]
    batch = batch_of_four()
    dx = backward(g, batch).x[:, 0]
    by_nodes, _ = backward_by_nodes(g, batch)
    tenfold = float(np.linalg.norm(backward(g, batch_of_four(10.0)).x) / np.linalg.norm(dx))
    passed, whole = through_a_pair()
    numbers = {
        "pair": scientific(passed),
        "pair.plain": number(whole, 2),
        "arriving": ", ".join(f"{value:g}" for value in ARRIVING),
        "factor": number(GAMMA / batch.nodes.deviation[0], 2),
        "plain": short(GAMMA * ARRIVING[0] / batch.nodes.deviation[0]),
        "first": number(dx[0], 3),
        "sum": short(float(np.abs(backward(np.ones_like(g), batch).x).max())),
        "others": ", ".join(number(value, 3) for value in dx[1:]),
        "tenfold": number(tenfold, 2),
        "step": "10⁻⁵",
        "check": below(checked()),
        "nodes": below(max(largest_difference(by_nodes.x[:, 0], dx), 1e-17)),
        "left": f"{float((batch.nodes.normalized**2).mean()):.5f}",
    }
    return Analysis(
        values={name: Value(text, ORIGIN) for name, text in numbers.items()},
        tables={"collapsed": collapsed(), "nodes": reached(), "loud": loud()},
        pictures={"lost": lost()},
    )
