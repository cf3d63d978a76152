"""Who each claim predicts to be ahead, and in which numbers."""

from bnreport.directions import Direction, Quantity, check, more, read
from bnreport.studies.gradients.claims import EVERY, RELU, SIGMOID, WIDE
from bnreport.studies.gradients.runs import DEPTH, LARGE, RATES, SMALL, THEORY, start, trained


def _norms(step: int = 0, depth: int = DEPTH) -> Quantity:
    """The gradients' norms by the outputs of the hidden layers."""
    return check("slopes_outputs", step, layers=range(depth))


def _nearer(near: str, far: str, where: dict[str, tuple[str, str]]) -> dict[str, Direction]:
    return {
        name: more(
            start(of, near, SMALL, inputs), start(of, far, SMALL, inputs), _norms(), "nearness"
        )
        for name, (of, inputs) in where.items()
    }


def _after(step: int) -> dict[str, Direction]:
    """After a step the factor of a net is nearer to 1 than before the first."""

    def direction(trial: str) -> Direction:
        return Direction(read(trial, _norms(step)), read(trial, _norms(0)), measure="nearness")

    return {f"rate {rate:g}": direction(trained("bn", rate)) for rate in RATES}


DIRECTIONS = {
    "gradients-improve": _nearer("bn", "none", EVERY),
    "gradients-sigmoid": _nearer("bn", "none", SIGMOID),
    "gradients-explode": _nearer("none", "bn", RELU),
    "gradients-theory": {
        name: more(
            start("relu-he", "bn", LARGE, inputs, depth), (), _norms(depth=depth), "slope", THEORY
        )
        for name, (inputs, depth) in WIDE.items()
    },
    "gradients-batch": {
        name: more(
            start(of, "bn", SMALL, inputs), start(of, "bn", LARGE, inputs), _norms(), "slope"
        )
        for name, (of, inputs) in RELU.items()
    },
    "gradients-layer": _nearer("ln", "bn", RELU),
    "gradients-one-step": _after(1),
    "gradients-later": _after(400),
}
