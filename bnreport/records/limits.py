"""Say between which numbers a measurement must lie."""

from collections.abc import Sequence
from functools import lru_cache
from typing import TypeAlias

from bnreport.protocol.kinds import Bounds

Number: TypeAlias = float | None

# What a float32 holds: a net on its way to infinity comes near before it diverges.
LARGEST = 3.4028235e38
# The share of something, whatever it is a share of; a cosine may be off by its rounding.
SHARES = ("accuracy", "agreement", "dead")
COSINE = 1.001


# Asked for each metric of each record, and nearly always the same.
@lru_cache(maxsize=1024)
def limits_of(name: str) -> Bounds:
    """The numbers between which a measurement must lie, by its name."""
    if name.endswith(SHARES):
        return 0.0, 1.0
    if name.endswith("cosine"):
        return -COSINE, COSINE
    return (0.0 if name.endswith("loss") else -LARGEST), LARGEST


def check_limits(name: str, values: Sequence[Number], limits: Bounds) -> None:
    """Refuse a number that lies outside of its limits."""
    known = [value for value in values if value is not None] if None in values else values
    if not known:
        return
    for value in (min(known), max(known)):  # type: ignore[type-var]
        if not limits[0] <= value <= limits[1]:  # type: ignore[operator]
            raise ValueError(
                f"expected {name} from {limits[0]:g} to {limits[1]:g}, received {value:g}"
            )
