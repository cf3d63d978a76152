"""How much of what the nets differ by is due to each factor: eta squared, seed by seed."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from bnreport.studies.factorial.estimates import Floats, Take, loss
from bnreport.studies.factorial.runs import CELLS
from bnreport.study import Records

# In the order of the fields of a cell.
FACTORS = ("hidden BN", "activation", "initializer", "inputs")
LEVELS = tuple(len({cell[place] for cell in CELLS}) for place in range(len(FACTORS)))
REST = "all else"


def shares(table: Floats, factors: Sequence[str]) -> dict[str, float]:
    """The share of each factor, of each pair, and of all else in the sum of squares; they sum to 1.

    The share of a factor is that of its means over all other factors; the share of a pair is what
    the means by both add to the two.

    Args:
        table: one number a net, shape (levels of the first factor, levels of the second, …).
        factors: their names, in the order of the axes.
    """
    centred = table - table.mean()

    def means(*kept: int) -> Floats:
        others = tuple(axis for axis in range(table.ndim) if axis not in kept)
        return np.asarray(centred.mean(axis=others, keepdims=True), float)

    def share(effect: Floats) -> float:
        # Every cell has the effect of its levels; the table holds each as often.
        return float((effect**2).mean() / (centred**2).mean())

    found = {name: share(means(axis)) for axis, name in enumerate(factors)}
    for a, b in combinations(range(table.ndim), 2):
        found[f"{factors[a]} × {factors[b]}"] = share(means(a, b) - means(a) - means(b))
    return found | {REST: 1.0 - sum(found.values())}


def shares_by_seed(records: Records, take: Take = loss) -> dict[str, Floats]:
    """The shares within each seed, in per cent, (seeds,) by name."""
    cells = np.array([take(records.trial("-".join(cell))) for cell in CELLS])
    found = [shares(column.reshape(LEVELS), FACTORS) for column in cells.T]
    return {name: np.array([100 * each[name] for each in found]) for name in found[0]}
