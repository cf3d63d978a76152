"""Who each claim predicts to be ahead, and in which numbers."""

from bnreport.directions import Direction, check, less, more
from bnreport.studies.collapse.runs import BOTH, DEEP, PAIRS, SHALLOW, trial

_COSINE, _RANK = check("last_cosine", 0), check("last_rank", 0)


def _deeper(norm: str) -> dict[str, Direction]:
    """Images are more alike in the deep net."""
    return {
        name: more(trial(norm, DEEP, inputs), trial(norm, SHALLOW, inputs), _COSINE)
        for name, (inputs, _) in BOTH.items()
    }


def _apart(
    norm: str, other: str, depth: int, pairs: dict[str, tuple[str, str]]
) -> dict[str, Direction]:
    """Images are less alike with one normalizer than with another, or with none."""
    return {
        name: less(trial(norm, depth, mine), trial(other, depth, inputs), _COSINE)
        for name, (mine, inputs) in pairs.items()
    }


DIRECTIONS = {
    "collapse-plain": _deeper("none"),
    "collapse-cosine": _apart("bn", "none", DEEP, PAIRS),
    "collapse-rank": {
        name: more(trial("bn", DEEP, mine), trial("none", DEEP, inputs), _RANK)
        for name, (mine, inputs) in PAIRS.items()
    },
    "collapse-depth": _deeper("bn"),
    "collapse-layer": {
        name: more(trial("none", DEEP, inputs), trial("ln", DEEP, inputs), _COSINE)
        for name, (inputs, _) in BOTH.items()
    },
    "collapse-batch-layer": _apart("bn", "ln", DEEP, BOTH),
    "collapse-shallow": _apart("bn", "none", SHALLOW, PAIRS),
}
