"""One test of many things: it names each that is at fault, and says what is wrong with it."""

from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

Thing = TypeVar("Thing")


def faulty(
    things: Mapping[str, Thing], faults: Callable[[Thing], Iterable[str]]
) -> dict[str, list[str]]:
    """What is wrong with each of many things, by name; those without a fault are left out.

    Raises:
        ValueError: when there are no things, so that none could be at fault.
    """
    if not things:
        raise ValueError("Expected things to look at. Received: none.")
    found = {name: list(faults(thing)) for name, thing in things.items()}
    return {name: told for name, told in found.items() if told}
