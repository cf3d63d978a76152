"""Scale and weight decay."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from bnreport import reference
from bnreport.lessons.balance import lengths, settled, turns
from bnreport.lessons.compass import LAST, Needle, away, beside, drawing, length, turn
from bnreport.lessons.compass import STEPS as STEPS_OF_UNIT
from bnreport.presentation.formats import number, plain
from bnreport.presentation.plots import Arm, Curves, Panel, Series
from bnreport.presentation.tables import Analysis, Table, Value
from bnreport.randomness import generator

Floats = NDArray[np.float64]

# One unit behind 200 examples of ten features, and a loss that weighs its outputs at random.
EXAMPLES, INPUTS = 200, 10
FACTORS = (0.01, 1.0, 100.0)
RATE, STEPS = 0.1, 20_000
DECAYS = (0.0, 0.001, 0.01)
MARKS = np.arange(0, STEPS + 1, 400)


@dataclass(frozen=True)
class Unit:
    """A unit with BN and a loss on it: `x` (examples, inputs), `weigh` (examples,)."""

    x: Floats
    weigh: Floats
    epsilon: float

    def outputs(self, w: Floats) -> Floats:
        """The outputs of the unit after BN, (examples,)."""
        return self._forward(w).output[:, 0]

    def gradient(self, w: Floats) -> Floats:
        """The gradient of the weighted sum of the outputs by the weights, (inputs,)."""
        back = reference.backward(self.weigh[:, None], self._forward(w))
        return np.asarray(self.x.T @ back.x[:, 0], float)

    def _forward(self, w: Floats) -> reference.Forward:
        return reference.forward((self.x @ w)[:, None], [1.0], [0.0], self.epsilon)


def example(epsilon: float) -> tuple[Unit, Floats]:
    """The worked unit and its weights."""
    rng = generator(0, "lesson scale")
    x = rng.normal(size=(EXAMPLES, INPUTS))
    weigh = rng.normal(size=EXAMPLES) / EXAMPLES
    return Unit(x, weigh, epsilon), rng.normal(size=INPUTS) / np.sqrt(INPUTS)


def analyse() -> Analysis:
    """The identities on one unit, and the length of its weights over many steps."""
    return Analysis(
        values=dict(chain(_values(), _trained())),
        tables={"identities": _identities()},
        plots={"recursion": _recursion()},
        pictures={
            "steps": {"triangles": [_triangle(length) for length in (1, 2)]},
            "compass": drawing(),
        },
    )


def _values() -> Iterator[tuple[str, Value]]:
    for name, times in (("short", 1), ("longer", 2)):
        degrees = f"{_triangle(times)['turn']}°"
        yield f"turn.{name}", Value(degrees, f"arctan of the step over the length {times}")
    yield (
        "free",
        Value(number(float(lengths(RATE, 0.0, STEPS)[-1]), 1), f"length after {STEPS:,} steps"),
    )
    for decay in DECAYS[1:]:
        length = settled(RATE, decay)
        yield f"length.{decay:g}", Value(number(length, 2), "where the recursion stays")
        angle = float(turns(length, RATE))
        yield f"turn.{decay:g}", Value(number(angle, 2) + "°", "arctan of rate slope / length²")
        rule = float(np.degrees(np.sqrt(2 * RATE * decay)))
        yield f"rule.{decay:g}", Value(number(rule, 2) + "°", "square root of 2 rate decay")


def _trained() -> Iterator[tuple[str, Value]]:
    """Yield what becomes of the compass's unit at other settings."""
    start = Needle()
    settings = {
        "start": start,
        "long": replace(start, start=4 * start.start),
        "traded": replace(start, rate=4 * start.rate, decay=start.decay / 4),
        "plain": replace(start, normalized=False),
        "plain.traded": replace(
            start, normalized=False, rate=4 * start.rate, decay=start.decay / 4
        ),
    }
    for name, each in settings.items():
        origin = f"root mean square over the last {LAST} of {STEPS_OF_UNIT:,} steps"
        yield f"unit.{name}.turn", Value(number(turn(each), 1) + "°", origin)
        yield f"unit.{name}.length", Value(number(length(each), 2), origin)
        if not each.normalized:
            yield f"unit.{name}.off", Value(number(away(each), 2), origin)
            yield (
                f"unit.{name}.slope",
                Value(number(beside(each), 2), f"gradient / length, {origin}"),
            )
    given = {
        "rate": start.rate,
        "decay": start.decay,
        "begins": start.start,
        "longer": 4 * start.start,
        "steps": STEPS_OF_UNIT,
        "last": LAST,
    }
    for name, value in given.items():
        yield f"unit.{name}", Value(f"{value:,}".removesuffix(".0"), "set for the unit")


def _identities() -> Table:
    rows = []
    for epsilon in (0.0, reference.EPSILON):
        unit, w = example(epsilon)
        base = np.linalg.norm(unit.gradient(w))
        for factor in FACTORS:
            scaled = factor * w
            slope = unit.gradient(scaled)
            size = float(np.linalg.norm(slope))
            change = reference.largest_difference(unit.outputs(scaled), unit.outputs(w))
            cosine = float(abs(slope @ scaled) / (size * np.linalg.norm(scaled)))
            texts = (_small(change), number(float(factor * size / base), 3), _small(cosine))
            rows.append((f"ε\u00a0=\u00a0{epsilon:g}, α\u00a0=\u00a0{factor:g}", *texts))
    return Table(
        "One unit with its weights multiplied by α",
        (
            "epsilon and factor",
            "largest change of an output",
            "α × gradient, beside α = 1",
            "cosine with the weights",
        ),
        tuple(rows),
        "Computed with NumPy in 64 bits. What is below 10⁻¹² is rounding and shown as 0.",
    )


def _small(value: float) -> str:
    return (
        "0" if value < 1e-12 else plain(float(f"{value:.1g}")) if value < 1e-3 else number(value, 3)
    )


def _triangle(length: int) -> dict[str, object]:
    """Weights of that length, their step at right angles to them, and how far it turns them."""
    step = 0.5 / length
    turn = float(np.degrees(np.arctan(step / length)))
    return {"length": length, "step": step, "turn": number(turn, 0)}


def _recursion() -> Curves:
    def series(of_length: bool) -> tuple[Series, ...]:
        arms: tuple[Arm, ...] = ("neutral", "bn", "std")
        curves = []
        for decay, arm in zip(DECAYS, arms, strict=True):
            name = f"decay {decay:g}" if decay else "no decay"
            length = lengths(RATE, decay, STEPS)[MARKS]
            y = length if of_length else turns(length, RATE)
            curves.append(Series(name, arm, MARKS / 1000, y[None, :]))
        return tuple(curves)

    return Curves(
        title="Without decay weights grow and turn ever less",
        subtitle=f"The recursion in the text, learning rate {RATE:g}, the gradient of length "
        "1 / ‖w‖ at right angles to w",
        x_label="thousand steps",
        panels=(
            Panel("length of the weights", "‖w‖", series(True), from_zero=True),
            Panel("turn in one step", "degrees", series(False), y_scale="log"),
        ),
    )
