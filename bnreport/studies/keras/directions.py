"""Which facts each claim reads, and the number at which it holds."""

from collections.abc import Iterable, Mapping

from bnreport.protocol.directions import Direction, exactly, history
from bnreport.protocol.facts import IMAGES, MODES, SIZES, STATES
from bnreport.studies.keras.runs import NUMBERS, REFERENCE, SWITCHES

_NO, _YES = 0.0, 1.0
_CALLED = ("none", "false", "evaluate")


def _facts(part: str, right: Mapping[str, float]) -> dict[str, Direction]:
    """Facts that both backends must find; a yes is missed by a no."""
    trials = [f"{part}-{backend}" for backend in ("tensorflow", "jax")]
    return {
        fact: exactly(trials, history(fact), value, more=value == _YES)
        for fact, value in right.items()
    }


def _in_inference(uses: Iterable[str]) -> dict[str, Direction]:
    """Uses that neither normalize by the batch nor move the averages."""
    return _facts("switches", {f"{use}_{what}": _NO for use in uses for what in ("batch", "moved")})


DIRECTIONS: Mapping[str, Mapping[str, Direction]] = {
    "keras-frozen": _in_inference(
        f"{state}_{mode}" for state in ("frozen", "parent") for mode in MODES
    ),
    "keras-thawed": _in_inference(("thawed_true", "thawed_fit")),
    "keras-evaluation": _in_inference(f"{state}_{mode}" for state in STATES for mode in _CALLED),
    "keras-told": _in_inference(("told-model_fit", "told-layer_fit")),
    "keras-method": _in_inference(("told-method_fit",)),
    "keras-compile": _facts(
        "switches",
        {
            f"uncompiled_fit_{what}": right
            for what, right in {"refused": _NO, "moved": _YES, "learned": _YES}.items()
        },
    ),
    "keras-biased": _facts(
        "numbers", {"averages_variance-dense": 1.25, "averages_variance-image": 1.25}
    ),
    "keras-left": _facts(
        "numbers", {f"left_after-{size}": 0.99 ** -(-IMAGES // size) for size in SIZES}
    ),
    "keras-one": _facts("numbers", {"few_one-refused": _YES}),
    "keras-backends": _facts("switches", dict.fromkeys(SWITCHES, _NO))
    | _facts("numbers", dict.fromkeys(NUMBERS, _NO)),
    "keras-reference": _facts("reference", dict.fromkeys(REFERENCE, 0.0)),
}
