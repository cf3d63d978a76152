"""What each claim is judged by: counts of uses that break it, and distances from a number."""

from collections.abc import Callable, Iterable

from bnreport.protocol.facts import IMAGES, LATE, MODES, SIZES, STATES
from bnreport.records.collection import Records
from bnreport.statistics.estimates import Estimate, Exact
from bnreport.studies.keras.runs import BACKENDS, NUMBERS, REFERENCE, SWITCHES, trial

# The momentum of a layer whose maker says nothing; `analyse` shows what Keras says.
MOMENTUM = 0.99
# Where two backends may differ by rounding.
ROUNDING = 1e-5
TRAINS = ("true", "fit")
FOUR = 1.25


def found(records: Records, part: str, backend: str, fact: str) -> float:
    """A fact of a backend."""
    (record,) = records.trial(trial(part, backend))
    return float(record.epochs(fact)[0])


def yes(value: float) -> bool:
    """Whether a fact that is a yes or a no is a yes."""
    return value >= 0.5


def steps(size: int) -> int:
    """The batches of an epoch of Fashion-MNIST's training images; the last may be smaller."""
    return -(-IMAGES // size)


def left(size: int, momentum: float = MOMENTUM) -> float:
    """The weight of the initial value of a moving average after such an epoch."""
    return float(momentum ** steps(size))


def _uses(records: Records, uses: Iterable[str]) -> Exact:
    """The uses, "<state>_<mode>", that normalize by the batch or move the averages."""
    broken = [
        any(
            yes(found(records, "switches", backend, f"{use}_{what}")) for what in ("batch", "moved")
        )
        for use in uses
        for backend in BACKENDS
    ]
    return Exact(float(sum(broken)), len(broken))


def _compile(records: Records) -> Exact:
    stays = [
        not yes(found(records, "switches", backend, f"{LATE[0]}_fit_refused"))
        and all(
            yes(found(records, "switches", backend, f"{LATE[0]}_fit_{what}"))
            for what in ("moved", "learned")
        )
        for backend in BACKENDS
    ]
    return Exact(float(stays.count(False)), len(stays))


def _numbers(records: Records, right: dict[str, float]) -> Exact:
    errors = [
        abs(found(records, "numbers", backend, name) - value)
        for name, value in right.items()
        for backend in BACKENDS
    ]
    return Exact(max(errors), len(errors))


def _accepted(records: Records) -> Exact:
    accepted = [
        not yes(found(records, "numbers", backend, "few_one-refused")) for backend in BACKENDS
    ]
    return Exact(float(sum(accepted)), len(accepted))


def _backends(records: Records) -> Exact:
    facts = [("switches", name) for name in SWITCHES] + [("numbers", name) for name in NUMBERS]
    return Exact(float(sum(differs(records, *fact) for fact in facts)), len(facts))


def differs(records: Records, part: str, fact: str) -> bool:
    """Whether the backends part on a fact by more than rounding."""
    one, other = (found(records, part, backend, fact) for backend in BACKENDS)
    return abs(one - other) > ROUNDING


def _reference(records: Records) -> Exact:
    errors = [
        found(records, "reference", backend, name) for name in REFERENCE for backend in BACKENDS
    ]
    return Exact(max(errors), len(errors))


ESTIMATES: dict[str, Callable[[Records], Estimate]] = {
    "keras-frozen": lambda records: _uses(
        records, [f"{state}_{mode}" for state in ("frozen", "parent") for mode in MODES]
    ),
    "keras-thawed": lambda records: _uses(records, [f"thawed_{mode}" for mode in TRAINS]),
    "keras-evaluation": lambda records: _uses(
        records, [f"{state}_{mode}" for state in STATES for mode in MODES if mode not in TRAINS]
    ),
    "keras-told": lambda records: _uses(records, ["told-model_fit", "told-layer_fit"]),
    "keras-method": lambda records: _uses(records, ["told-method_fit"]),
    "keras-compile": _compile,
    "keras-biased": lambda records: _numbers(
        records, {f"averages_variance-{inputs}": FOUR for inputs in ("dense", "image")}
    ),
    "keras-left": lambda records: _numbers(
        records, {f"left_after-{size}": left(size) for size in SIZES}
    ),
    "keras-one": _accepted,
    "keras-backends": _backends,
    "keras-reference": _reference,
}
