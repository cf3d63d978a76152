"""One batch by hand: four numbers through every step, and the batches that are strange."""

import numpy as np

from bnreport.presentation.formats import number, plain, scientific
from bnreport.presentation.tables import Analysis, Table, Value
from bnreport.reference import EPSILON, Floats, forward

ORIGIN = "worked by bnreport/reference.py"
# Whole numbers with a whole mean and a whole standard deviation.
BATCH = (3.0, 9.0, 11.0, 17.0)
EXAMPLES = ("first", "second", "third", "fourth")
GAMMA, BETA = 2.0, 1.0
# What is added to all of them, or multiplies them.
SHIFT, STRETCH = 100.0, 10.0
PAIRS = ((3.0, 17.0), (9.9, 10.1), (9.99, 10.01))
OUTLIER = (3.0, 9.0, 11.0, 1000.0)


def steps(gamma: float = GAMMA, beta: float = BETA) -> dict[str, Floats]:
    """The batch after each step, by its name in the table, (4,) each."""
    batch = forward(np.array(BATCH)[:, None], [gamma], [beta])
    return {
        "what comes in, x": np.array(BATCH),
        "minus the mean": batch.nodes.centered[:, 0],
        "that, squared": batch.nodes.squared[:, 0],
        "divided by the deviation, x̂": batch.nodes.normalized[:, 0],
        "times γ": batch.nodes.scaled[:, 0],
        "plus β, y": batch.nodes.shifted[:, 0],
    }


def moved(*x: float) -> float:
    """The largest change of an output where these numbers come in place of the batch's, (4,)."""
    outputs = (forward(np.array(b)[:, None], [GAMMA], [BETA]).output for b in (BATCH, x))
    one, other = outputs
    return float(np.abs(one - other).max())


def normalized(*x: float) -> Floats:
    """A batch of one feature after its normalization, (N,)."""
    return forward(np.array(x)[:, None], [1.0], [0.0]).nodes.normalized[:, 0]


def stages() -> dict[str, object]:
    """Work the numbers of the batch where they are drawn: by stage in words, and by example."""
    nodes = forward(np.array(BATCH)[:, None], [GAMMA], [BETA]).nodes
    rows = {
        "What comes in": np.array(BATCH),
        "Normalized": nodes.normalized[:, 0],
        f"Times {GAMMA:g}, plus {BETA:g}": nodes.shifted[:, 0],
    }
    return {
        "mean": float(nodes.mean[0]),
        "deviation": float(np.sqrt(nodes.variance[0])),
        "bound": float(np.sqrt(len(BATCH) - 1)),
        "stages": [
            {"label": label, "texts": [short(value) for value in values]}
            for label, values in rows.items()
        ],
        "examples": [*zip("ABCD", np.array([*rows.values()]).T.tolist(), strict=True)],
    }


def short(value: float) -> str:
    """A number as people write it: at most two decimals, and none that are zero."""
    text = number(value, 2)
    return text.rstrip("0").rstrip(".") if "." in text else text


def listed(values: Floats, decimals: int = 2) -> str:
    """Numbers in one cell."""
    # Zero has no sign.
    return ", ".join(number(v, decimals, signed=round(v, decimals) != 0) for v in values)


def worked() -> Table:
    """Every step, example by example."""
    return Table(
        "Every step of a batch of four, example by example",
        ("step", *EXAMPLES),
        tuple((name, *(number(v, 2) for v in values)) for name, values in steps().items()),
        note=f"γ is {GAMMA:g} and β is {BETA:g}, ε is {EPSILON:g}.",
    )


def strange() -> Table:
    """Normalize batches that have no ordinary spread."""
    batches: dict[str, tuple[float, ...]] = {
        "one alone": (7.0,),
        "two far apart": PAIRS[0],
        "two near": PAIRS[1],
        "two all but equal": PAIRS[2],
        "four that are equal": (5.0,) * 4,
        "three, and an outlier": OUTLIER,
    }
    rows = (
        (name, ", ".join(plain(x) for x in batch), listed(normalized(*batch)))
        for name, batch in batches.items()
    )
    return Table(
        "What is left of strange batches",
        ("batch", "what comes in", "x̂"),
        tuple(rows),
        note=f"The output is γ x̂ + β. ε is {EPSILON:g}, as in Keras.",
        text=True,
    )


def analyse() -> Analysis:
    """The batch in numbers and in a picture, and the strange batches."""
    nodes = forward(np.array(BATCH)[:, None], [GAMMA], [BETA]).nodes
    x, outlier = nodes.normalized[:, 0], normalized(*OUTLIER)
    numbers = {
        "batch": ", ".join(f"{value:g}" for value in BATCH),
        "gamma": f"{GAMMA:g}",
        "beta": f"{BETA:g}",
        "mean": short(nodes.mean[0]),
        "squares": " + ".join(short(value) for value in nodes.squared[:, 0]),
        "variance": short(nodes.variance[0]),
        "deviation": number(nodes.deviation[0], 4),
        "first": number(nodes.centered[0, 0], 0),
        "first.normalized": number(x[0], 2),
        "first.output": number(nodes.shifted[0, 0], 2),
        "spread": number(float(np.std(nodes.shifted)), 2),
        "shifted": scientific(moved(*(value + SHIFT for value in BATCH))),
        "stretched": scientific(moved(*(value * STRETCH for value in BATCH))),
        "far": number(normalized(*PAIRS[0])[1], 2),
        "closer": number(normalized(*BATCH[1:3])[1], 2),
        "near": number(normalized(*PAIRS[1])[1], 2),
        "equal": number(normalized(*PAIRS[2])[1], 2),
        "outlier.itself": number(outlier[-1], 3),
        "outlier.bound": number(np.sqrt(len(OUTLIER) - 1), 3),
        "outlier.after": number(outlier[2] - outlier[0], 2),
        "regular.after": number(x[2] - x[0], 1),
    }
    return Analysis(
        values={name: Value(text, ORIGIN) for name, text in numbers.items()},
        tables={"steps": worked(), "strange": strange()},
        pictures={"stages": stages()},
    )
