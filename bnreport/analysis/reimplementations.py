"""Set the means of another implementation beside ours, and say whether they agree."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np

from bnreport.analysis.cells import mean_of, values_of
from bnreport.analysis.comparisons import Sample
from bnreport.analysis.metrics import Floats
from bnreport.presentation.formats import number
from bnreport.presentation.tables import Analysis, Table
from bnreport.records.collection import Records
from bnreport.records.reimplementation import By
from bnreport.statistics.intervals import t_interval


@dataclass(frozen=True)
class Pair:
    """The numbers of two implementations for one thing, by seed; each has seeds of its own."""

    ours: Floats
    theirs: Floats

    @property
    def spread(self) -> float:
        """The standard deviation of our runs across seeds."""
        return float(np.std(self.ours, ddof=1))

    @property
    def agrees(self) -> bool:
        """Say whether the means lie within one standard deviation of our runs."""
        return bool(abs(self.theirs.mean() - self.ours.mean()) <= self.spread)

    def exceeds(self, margin: float) -> bool:
        """Say whether the 95% interval of the other implementation lies above a margin."""
        return t_interval(self.theirs).low > margin


def agreeing(pairs: Collection[Pair]) -> str:
    """The number of pairs that agree, as "2 of 3"."""
    return f"{sum(pair.agrees for pair in pairs)} of {len(pairs)}"


def side_by_side(
    records: Records,
    library: str,
    headline: Mapping[tuple[str, int, By], Sample],
    others: Mapping[tuple[str, int, By], Sample],
    margin: float,
) -> Analysis:
    """Set costs against fresh statistics beside those in another library, if they are recorded.

    Args:
        records: our records and theirs.
        library: the library, as it writes its name.
        headline: what was repeated, by the statistics in words, the batch size, and the name that
            the other implementation has for these statistics.
        others: what it measured as well.
        margin: the gain that the claim on the headline asks for.
    """
    name = library.lower()
    if (theirs := records.reimplementations.get(name)) is None:
        return Analysis()

    def paired(samples: Mapping[tuple[str, int, By], Sample]) -> dict[str, Pair]:
        return {
            f"{words}, batches of {size}": Pair(sample(records), theirs.cost(size, by))
            for (words, size, by), sample in samples.items()
        }

    first, rest = paired(headline), paired(others)
    texts = {
        "seeds": str(len(theirs.seeds)),
        "agreeing": agreeing(first.values()),
        "others": agreeing(rest.values()),
        "above": f"{sum(pair.exceeds(margin) for pair in first.values())} of {len(first)}",
        "version": theirs.versions.get(name.removeprefix("py"), "").partition("+")[0],
    }
    return Analysis(
        values_of(
            f"accuracy by fresh statistics minus that by others, in Keras and in {library}; "
            "unjudged",
            {f"{name}.{key}": text for key, text in texts.items()},
        ),
        {name: _table(library, first | rest)},
    )


def _table(library: str, pairs: Mapping[str, Pair]) -> Table:
    return Table.by_column(
        "Points of accuracy lost against fresh statistics, in two libraries",
        "raw pixels, constant rate",
        pairs,
        {
            "Keras": lambda pair: mean_of(pair.ours, 2, signed=True, interval=True),
            library: lambda pair: mean_of(pair.theirs, 2, signed=True, interval=True),
            "SD of Keras' seeds": lambda pair: number(pair.spread, 2),
            "within one SD": lambda pair: "yes" if pair.agrees else "no",
        },
        note="Means and 95% intervals over the seeds, in percentage points.",
    )
