"""The backward pass: the graph, the collapsed form, the projection, all worked on one batch."""

import math
from itertools import pairwise

import numpy as np

from bnreport.formats import number, ten_to
from bnreport.lessons.by_hand import BATCH, EXAMPLES, GAMMA, ORIGIN, short
from bnreport.plots import Arrow, Box, Diagram, Path, Shape, Words
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
from bnreport.study import Analysis, Table, Value

# The loss rises with the first output, and with no other.
ARRIVING = (1.0, 0.0, 0.0, 0.0)
# As many times as loud.
LOUDNESS = (0.01, 0.1, 1.0, 10.0, 100.0)

# Each node: what it computes, and its local derivatives.
NODES = (
    ("mean", "mean of x", "1/N to each x"),
    ("centered", "x − mean", "1 to x,  −1 to the mean"),
    ("squared", "centered²", "2 · centered"),
    ("variance", "mean of squared", "1/N to each square"),
    ("deviation", "√(variance + ε)", "1 / (2 · deviation)"),
    ("inverse", "1 / deviation", "−1 / deviation²"),
    ("normalized", "centered · inverse", "inverse to centered,\ncentered to inverse"),
    ("scaled", "γ · normalized", "γ to normalized,\nnormalized to γ"),
    ("shifted", "scaled + β = y", "1 to scaled,  1 to β"),
)


def made(times: float = 1.0) -> Forward:
    """The batch of four, so many times as loud."""
    return forward(times * np.array(BATCH)[:, None], [GAMMA], [0.0])


def graph() -> Diagram:
    """The nine nodes from top to bottom, what skips some, and what each passes back."""
    middle, wide, high, apart, right = 1.55, 1.56, 0.42, 0.74, 2.6
    height = apart * (len(NODES) + 1) + 0.35
    levels = [height - 0.3 - apart * place for place in range(len(NODES) + 1)]
    left, edge = middle - wide / 2, 0.25
    shapes: list[Shape] = [
        Box((middle, levels[0]), "x", 0.6, 0.36, "raw", filled=True),
        Words((right, levels[0]), "name, and what it passes back:", size=9, align="left"),
    ]
    for above, below in pairwise(levels):
        gap = 0.18 if above == levels[0] else high / 2
        shapes.append(Arrow((middle, above - gap), (middle, below + high / 2)))
    for (name, formula, derivative), level in zip(NODES, levels[1:], strict=True):
        lift = 0.08 * derivative.count("\n")
        shapes += [
            Box((middle, level), formula, wide, high, "bn", filled=True),
            Words((right, level + 0.1 + lift), name, "bn", bold=True, align="left"),
            Words((right, level - 0.1 - lift / 2), derivative, size=9, align="left"),
        ]
    # What skips nodes goes by way of the left edge: x past the mean, centered past its square.
    skips = ((levels[0], levels[2], middle - 0.3), (levels[2] - 0.1, levels[7], left))
    for lane, (start, end, begin) in zip((edge + 0.2, edge), skips, strict=True):
        top = end + 0.1 if end == levels[2] else end
        shapes += [
            Path(np.array([begin, lane, lane]), np.array([start, start, top])),
            Arrow((lane, top), (left, top)),
        ]
    for name, level in (("γ", levels[8]), ("β", levels[9])):
        shapes += [
            Box((0.28, level), name, 0.36, 0.36, "raw", filled=True),
            Arrow((0.46, level), (left, level)),
        ]
    told = "; ".join(
        f"{place}. {name} is {formula} and passes back {derivative}".replace("\n", " ")
        for place, (name, formula, derivative) in enumerate(NODES, start=1)
    )
    return Diagram(
        title="Nine nodes, and what each passes back",
        subtitle="Forward along the arrows, backward against them.",
        width=4.7,
        height=height,
        shapes=tuple(shapes),
        alt="A chain of nine nodes from x down to the output. x feeds the mean and the centered "
        f"values; the centered values feed their square and the normalized values. {told}.",
    )


def projection() -> Diagram:
    """A gradient, its shadow on the plane of 1 and xhat, and what stands upright on it."""
    start = np.array([1.8, 0.95])
    ones, xhat, up = np.array([1.9, 0.12]), np.array([0.62, 0.78]), np.array([0.0, 1.75])

    def at(along: float, across: float, above: float) -> tuple[float, float]:
        x, y = start + along * ones + across * xhat + above * up
        return float(x), float(y)

    corners = [at(a, b, 0) for a, b in ((-0.65, -0.7), (1.1, -0.7), (1.1, 0.9), (-0.65, 0.9))]
    corners.append(corners[0])
    floor_x, floor_y = (np.array(values) for values in zip(*corners, strict=True))
    origin, tip, foot, left = at(0, 0, 0), at(0.5, 0.55, 1), at(0.5, 0.55, 0), at(0, 0, 1)
    return Diagram(
        title="What passes is what stands upright",
        subtitle="A room of N dimensions, of which three are drawn.",
        width=4.7,
        height=3.35,
        shapes=(
            Path(floor_x, floor_y, filled=True),
            Arrow(origin, at(0.95, 0, 0)),
            Words((at(0.95, 0, 0)[0] - 0.45, at(0.95, 0, 0)[1] - 0.22), "1, alike for all"),
            Arrow(origin, at(0, 0.82, 0)),
            Words((at(0, 0.82, 0)[0] + 0.16, at(0, 0.82, 0)[1] + 0.02), "x̂"),
            Arrow(origin, tip, tone="raw"),
            Words((tip[0] + 0.12, tip[1] + 0.02), "g arrives", "raw", align="left"),
            Arrow(origin, foot, tone="raw", dashed=True),
            Words((foot[0] + 0.1, foot[1] + 0.04), "lost", "raw", align="left"),
            Path(np.array([tip[0], foot[0]]), np.array([tip[1], foot[1]]), dashed=True),
            Arrow(origin, left, tone="bn"),
            Words((left[0] - 0.1, left[1] - 0.12), "passes,\ntimes γ / σ", "bn", align="right"),
            Path(np.array([left[0], tip[0]]), np.array([left[1], tip[1]]), dashed=True),
        ),
        alt="A gradient g stands slanted over a floor that is spanned by two directions: 1, which "
        "is alike for all examples, and x-hat. Its shadow on the floor is lost. The upright part "
        "passes, times gamma over sigma.",
    )


def collapsed() -> Table:
    """The three terms of the collapsed form, example by example."""
    done = made()
    g, xhat = np.array(ARRIVING), done.nodes.normalized[:, 0]
    centered = g - g.mean()
    rows = {
        "x̂": xhat,
        "g arrives": g,
        "minus its mean": centered,
        "minus its share along x̂": centered - xhat * (g * xhat).mean(),
        "times γ / √(σ² + ε)": backward(g[:, None], done).x[:, 0],
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


def near(value: float) -> str:
    """A number with three decimals, and a zero without rounding's sign."""
    return number(value if abs(value) > 1e-12 else 0.0, 3)


def reached() -> Table:
    """What every node holds in the forward pass, and the gradient that reaches it."""
    done = made()
    _, gradients = backward_by_nodes(np.array(ARRIVING)[:, None], done)

    def told(held: Floats, digits: int) -> str:
        return ", ".join(short_of(value, digits) for value in held.ravel())

    return Table(
        "The batch of four, node by node",
        ("node", "holds", "gradient that reaches it"),
        tuple(
            (name, told(getattr(done.nodes, name), 2), told(getattr(gradients, name), 3))
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
        done = made(times)
        variance = done.nodes.variance[0]
        rows.append(
            (
                f"{times:g} ×",
                f"{math.sqrt(variance):,.4g}",
                f"{float(np.linalg.norm(backward(g, done).x)):.2g}",
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
    found = np.zeros_like(x)
    for place in np.ndindex(x.shape):
        change = np.zeros_like(x)
        change[place] = step
        rise = forward(x + change, gamma, beta).output - forward(x - change, gamma, beta).output
        found[place] = (dy * rise).sum() / (2 * step)
    return largest_difference(backward(dy, forward(x, gamma, beta)).x, found)


def below(error: float) -> str:
    """The power of ten above an error."""
    return ten_to(math.floor(math.log10(error)) + 1)


def analyse() -> Analysis:
    """The graph, the projection, and one batch's gradients in numbers."""
    g = np.array(ARRIVING)[:, None]
    done = made()
    dx = backward(g, done).x[:, 0]
    by_nodes, _ = backward_by_nodes(g, done)
    tenfold = float(np.linalg.norm(backward(g, made(10.0)).x) / np.linalg.norm(dx))
    numbers = {
        "arriving": ", ".join(f"{value:g}" for value in ARRIVING),
        "factor": number(GAMMA / done.nodes.deviation[0], 2),
        "plain": short(GAMMA * ARRIVING[0] / done.nodes.deviation[0]),
        "first": number(dx[0], 3),
        "others": ", ".join(number(value, 3) for value in dx[1:]),
        "tenfold": number(tenfold, 2),
        "step": "10⁻⁵",
        "check": below(checked()),
        "nodes": below(max(largest_difference(by_nodes.x[:, 0], dx), 1e-17)),
        "left": f"{float((done.nodes.normalized**2).mean()):.5f}",
    }
    return Analysis(
        values={name: Value(text, ORIGIN) for name, text in numbers.items()},
        tables={"collapsed": collapsed(), "nodes": reached(), "loud": loud()},
        plots={"graph": graph(), "projection": projection()},
    )
