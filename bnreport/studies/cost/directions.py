"""Who each claim predicts to be ahead, and in which numbers."""

from bnreport.protocol.directions import Direction, Reading, check, history, read
from bnreport.studies.cost.runs import CHECK, LOOPS, SIZES, THRESHOLD


def _slower(slow: str, fast: str, loop: str, size: int) -> Direction:
    """The slower net takes more seconds."""
    mine, other = (read("timing", history(f"{loop}_{net}_{size}")) for net in (slow, fast))
    return Direction(mine, other)


def _batches(slow: str, fast: str, loop: str) -> dict[str, Direction]:
    return {f"batch {size}": _slower(slow, fast, loop, size) for size in SIZES}


def _all(slow: str, fast: str) -> dict[str, Direction]:
    return {
        f"{loop}, batch {size}": _slower(slow, fast, loop, size) for loop in LOOPS for size in SIZES
    }


def _sooner(fast: str, slow: str) -> dict[str, Direction]:
    """The faster arm arrives after fewer steps; so it does when its steps take less time.

    The inputs cost no time: what is timed is the net on raw pixels, with BN and without.
    """
    curve = check(f"{CHECK.name}_accuracy")

    def side(of: str, loop: str) -> tuple[Reading, ...]:
        net = {"raw": "raw", "std": "raw", "bn": "bn", "std-bn": "bn"}[of]
        return read(of, curve) + read("timing", history(f"{loop}_{net}_32"), more=False)

    return {
        loop: Direction(side(fast, loop), side(slow, loop), measure="arrival", level=THRESHOLD)
        for loop in LOOPS
    }


DIRECTIONS = {
    "cost-bn-fit": _batches("bn", "raw", "fit"),
    "cost-bn-compiled": _batches("bn", "raw", "compiled"),
    "cost-ln": _all("ln", "bn"),
    "cost-gn": _all("gn", "bn"),
    "cost-wall-raw": _sooner("bn", "raw"),
    "cost-wall-std": _sooner("bn", "std"),
    "cost-wall-std-bn": _sooner("std-bn", "std"),
}
