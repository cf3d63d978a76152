"""Who each claim predicts to be ahead, and in which numbers."""

from bnreport.directions import Direction, Measure, Quantity, check, less
from bnreport.studies.landscape.runs import CELLS, SHARES, name

# The marks after which a net has trained.
_DURING = (50, 150, 300)


def _smoother(than: str, quantity: Quantity, measure: Measure) -> dict[str, Direction]:
    """BN has less of what makes a loss rough."""
    return {
        where: less(name(depth, "bn", rate), name(depth, than, rate), quantity, measure)
        for where, (depth, rate) in CELLS.items()
    }


_MEASURED: dict[str, tuple[Quantity, Measure]] = {
    "beta": (check("along_beta", *_DURING), "largest"),
    "share": (check("share_relative", *_DURING, layers=(SHARES.index(0.03),)), "each"),
    "range": (check("along_loss", *_DURING), "range"),
    "start": (check("along_beta", 0), "largest"),
}

DIRECTIONS = {
    f"landscape-{what}-{than}": _smoother(than, *measured)
    for what, measured in _MEASURED.items()
    for than in ("raw", "std")
}
