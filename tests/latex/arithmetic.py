"""The arithmetic of formulas: NumPy's, with shapes taken strictly."""

from collections.abc import Mapping, Sequence

import numpy as np

from tests.latex.setting import Setting, UnreadableError, Value


class Arguments(tuple[Value, ...]):
    """What stands in a parenthesis."""

    __slots__ = ()


def number(value: Value) -> Value:
    """A number or an array; a parenthesis of one is what it holds."""
    if isinstance(value, Arguments) and len(value) == 1:
        return number(value[0])
    if isinstance(value, (int, float, np.ndarray, np.number)):
        return np.asarray(value, np.float64)
    raise UnreadableError(f"Expected numbers. Received: {value!r}.")


def whole(value: Value) -> int:
    """A whole number."""
    found = number(value)
    if found.ndim or found != np.round(found):
        raise UnreadableError(f"Expected a whole number. Received: {value!r}.")
    return int(found)


def is_set(value: Value) -> bool:
    """Whether a value is a set of indices."""
    return isinstance(value, tuple) and not isinstance(value, Arguments)


def members(value: Value) -> Sequence[int]:
    """The indices of a set."""
    if not is_set(value):
        raise UnreadableError(f"Expected a set of indices. Received: {value!r}.")
    found: tuple[int, ...] = value
    return found


def picked(family: Value, places: Sequence[int]) -> Value:
    """The entry of a mapping, or the number of an array, counted from 1."""
    if isinstance(family, Mapping):
        if len(places) > 1 or places[0] not in family:
            raise UnreadableError(f"Expected one of {list(family)}. Received: {places}.")
        return family[places[0]]
    if len(places) > family.ndim:
        raise UnreadableError(f"Expected {family.ndim} indices. Received: {places}.")
    if not all(1 <= at <= size for at, size in zip(places, family.shape, strict=False)):
        raise UnreadableError(f"Expected places in {family.shape}. Received: {places}.")
    return family[tuple(at - 1 for at in places)]


def pair(*values: Value) -> Value:
    """Two numbers in no order."""
    return np.sort([number(value) for value in values])


def added(left: Value, right: Value) -> Value:
    """A sum of numbers of one kind; a column is added to each column of a matrix."""
    if left.ndim and right.ndim and left.ndim != right.ndim:
        raise UnreadableError(f"Expected like shapes. Received: {left.shape}, {right.shape}.")
    return left + right


def divided(above: Value, below: Value) -> Value:
    """A quotient, place by place for two vectors."""
    above, below = number(above), number(below)
    if below.ndim > 1 or (below.ndim and above.ndim and above.shape != below.shape):
        raise UnreadableError(f"Expected a number below. Received: shape {below.shape}.")
    return above / below


def multiplied(factors: Sequence[tuple[str, Value]]) -> Value:
    """The product, in which a function takes the parenthesis behind it."""
    found: list[tuple[str, Value]] = []
    rest = list(factors)
    while rest:
        sign, value = rest.pop(0)
        if callable(value):
            if not rest or rest[0][0] or not isinstance(rest[0][1], Arguments):
                raise UnreadableError("Expected a parenthesis behind a function.")
            value = value(*(number(one) for one in rest.pop(0)[1]))
        found.append((sign, value))
    first = found[0][1]
    if len(found) == 1 and is_set(first):
        return first
    made = number(first)
    for sign, value in found[1:]:
        made = divided(made, value) if sign == "/" else times(made, number(value))
    return made


def times(left: Value, right: Value) -> Value:
    """Place by place for two vectors; for matrices as these are multiplied."""
    if not left.ndim or not right.ndim or left.ndim == right.ndim == 1:
        return left * right
    made = left @ right
    return made[0, 0] if made.shape == (1, 1) else made


def transposed(value: Value) -> Value:
    """A matrix or a column, laid down."""
    found = number(value)
    if found.ndim != 2:
        raise UnreadableError("Expected a matrix or a column to transpose.")
    return found.T


def power(base: Value, exponent: Value) -> Value:
    """A power of numbers, place by place."""
    found = number(base)
    if found.ndim > 1:
        raise UnreadableError("Expected no matrix under a power.")
    return found ** number(exponent)


def size(value: Value) -> Value:
    """How many indices a set has, or a number without its sign."""
    return float(len(value)) if is_set(value) else np.abs(number(value))


def length(value: Value) -> Value:
    """The Euclidean length."""
    return np.linalg.norm(number(value))


def equal(left: Value, right: Value, setting: Setting) -> bool:
    """Whether two sides are equal; one number may equal each of an array."""
    if np.ndim(left) and np.ndim(right) and np.shape(left) != np.shape(right):
        return False
    return np.allclose(left, right, rtol=setting.tolerance, atol=setting.tolerance)


def compared(relation: str, left: Value, right: Value, setting: Setting) -> bool:
    """Whether a relation holds between two sides."""
    if relation in {"=", r"\leftarrow"}:
        return equal(left, right, setting)
    if relation == r"\approx":
        return np.shape(left) == np.shape(right) and np.allclose(
            left, right, rtol=setting.about, atol=0.0
        )
    if relation == r"\propto" or np.ndim(left) or np.ndim(right):
        raise UnreadableError("Expected numbers to compare.")
    slack = setting.tolerance * abs(float(right))
    ordered = {
        "<": left < right,
        ">": left > right,
        r"\le": left <= right + slack,
        r"\ge": left >= right - slack,
    }
    return bool(ordered[relation])
