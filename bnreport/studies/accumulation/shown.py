"""The figures, tables and numbers of the page."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from bnreport.analysis.arms import Arm
from bnreport.analysis.cells import mean_of, means_of, values_of
from bnreport.analysis.charts import panels
from bnreport.analysis.comparisons import Sample, runs_of
from bnreport.analysis.ends import DEPLOYED, FRESH, ahead, ended
from bnreport.analysis.findings import at_least, means
from bnreport.presentation import Curves, Dots, Table, Value
from bnreport.presentation.plots import Arm as Colour
from bnreport.presentation.plots import Plot
from bnreport.records.collection import Records
from bnreport.studies.accumulation.runs import (
    BATCH,
    BN,
    EPOCHS,
    GHOSTS,
    IMAGES,
    MANY,
    MOST,
    OTHERS,
    PARTED,
    PICTURED,
    RATE,
    RATES,
    SIZES,
    STANDARDIZED,
    STD,
    at_constant_rate,
    at_rate,
    matched,
    part,
)

# In those of two BN loses so much that nothing else would show beside it.
SHOWN = (32, 8)
# Without BN each net differs from itself in parts by rounding alone.
TWINS = [(arm, part(arm, 8)) for arm in OTHERS.values()]


def _loss(arm: Arm) -> Sample:
    """The final validation loss, (seeds,)."""
    return runs_of(arm).measured(f"end_{FRESH}_val_loss", np.inf)[:, -1]


def values(records: Records) -> dict[str, Value]:
    """Give what was set, accuracies, and how far rounding drives nets without BN apart."""
    apart = max(float(abs(_loss(one) - _loss(other))(records).max()) for one, other in TWINS)
    few = len(PICTURED)
    arms = {"bn": BN, **{f"bn.{size}": arm for size, arm in PARTED.items()}}
    constant = {
        f"constant.32.{by}": ended(at_constant_rate(PARTED[32]), by) for by in (FRESH, DEPLOYED)
    }
    lost = {
        f"lost.8.{rate:g}": ahead(at_rate(BN, rate), at_rate(PARTED[8], rate), first=few)
        for rate in RATES
    }
    return {
        **values_of(
            "set before the runs",
            {"rate": f"{RATE:g}", "epochs": str(EPOCHS), "images": f"{IMAGES:,}"},
        ),
        **values_of(
            "largest difference of the final validation loss between one batch and parts, without "
            "BN, over all seeds",
            {"rounding": f"{apart:.1g}"},
        ),
        **means_of(
            records,
            "accuracy in per cent by fresh statistics, mean",
            {name: ended(arm, first=len(MANY)) for name, arm in arms.items()}
            | {f"std-bn.{name}": ended(arm) for name, arm in STANDARDIZED.items()},
            1,
        ),
        **means_of(records, "accuracy in per cent at a constant rate, mean; unjudged", constant, 1),
        **means_of(
            records,
            "one batch minus parts of 8 by fresh statistics, mean of six seeds; unjudged",
            lost,
            1,
            unit="pp",
        ),
        **means_of(
            records,
            "ghost batches of 2 minus parts of 2, mean of six seeds; unjudged",
            {"ghosts.2": ahead(GHOSTS[2], PARTED[2], first=few)},
            1,
            signed=True,
            unit="pp",
        ),
    }


def _lost(records: Records) -> Dots:
    rows = [
        *((f"BN, {words(size)}", BN, ahead(BN, PARTED[size], first=len(MANY))) for size in SHOWN),
        *((f"{arm.label}, {words(8)}", arm, ahead(arm, part(arm, 8))) for arm in OTHERS.values()),
    ]
    return Dots(
        title="What parts cost",
        subtitle="Accuracy with each step of 128 images taken at once minus that in parts, by "
        f"fresh statistics; {EPOCHS} epochs; a dot a seed",
        x_label="percentage points lost",
        rows=tuple(arm.row(lost(records), label) for label, arm, lost in rows),
        nothing=0.0,
        decimals=2,
        narrow=True,
    )


def words(size: int) -> str:
    """The parts of a step in words."""
    return f"{BATCH // size} × {size}"


def _by_rate(records: Records) -> Curves:
    first = len(PICTURED)
    few = {"one batch": replace(BN, dashed=True), **{words(s): PARTED[s] for s in SIZES}}
    colours: dict[str, Colour] = {words(8): "std-bn", words(2): "neutral"}
    by_score = {
        title: [
            replace(arm, colour=colours.get(label, arm.colour)).curve(
                RATES,
                np.array([ended(at_rate(arm, rate), by, first)(records) for rate in RATES]).T,
                label,
            )
            for label, arm in few.items()
        ]
        for title, by in (("fresh statistics", FRESH), ("Keras' averages", DEPLOYED))
    }
    drawn = panels(by_score, "validation accuracy, %")
    whole, least = (means(drawn, label) for label in ("one batch", words(min(SIZES))))
    lost = [
        accuracy - of_parts[rate]
        for by_rate, of_parts in zip(whole, least, strict=True)
        for rate, accuracy in by_rate.items()
    ]
    if min(lost) > 0:
        finding = f"At each of {len(RATES)} rates parts of {min(SIZES)} lose at least "
        finding += f"{at_least(lost)} points"
    else:
        finding = f"Parts of {min(SIZES)} lose nothing at one rate at least"
    return Curves(
        title=finding,
        subtitle=f"BN on raw pixels, six seeds; the rate falls to zero. Elsewhere it is {RATE:g}",
        x_label="learning rate",
        x_scale="log",
        panels=drawn,
    )


def _all(records: Records) -> Table:
    few = len(PICTURED)

    def row(label: str, arm: Arm, size: int = 0, first: int | None = None) -> tuple[str, ...]:
        own = mean_of(ended(arm, matched(size).name, first)(records), 2) if size else ""
        scores = (mean_of(ended(arm, by, first)(records), 2) for by in (FRESH, DEPLOYED))
        return (label, *scores, own, str(len(ended(arm, first=first)(records))))

    return Table(
        "Every net: validation accuracy, %",
        ("net", "fresh", "averages, 0.99", "averages, matched", "seeds"),
        (
            row("BN, one batch", BN),
            *(row(f"BN, {words(size)}", arm, size) for size, arm in PARTED.items()),
            *(row(f"BN, ghost batches of {size}", arm) for size, arm in GHOSTS.items()),
            *(
                row(
                    f"BN on standardized inputs, {name}",
                    arm,
                    arm.fields.get("micro_batch", 0),
                    few,
                )
                for name, arm in STANDARDIZED.items()
            ),
            *(
                row(f"{label}, no BN, {name}", each)
                for label, arm in OTHERS.items()
                for name, each in (("one batch", arm), (words(8), part(arm, 8)))
            ),
            row(f"standardized, no BN, {words(2)}", part(STD, 2)),
            *(
                row(f"BN, {name}, constant rate", at_constant_rate(arm), size)
                for name, arm, size in (
                    ("one batch", BN, 0),
                    (words(32), PARTED[32], 32),
                    (words(8), PARTED[8], 8),
                )
            ),
        ),
        note=f"Means over the seeds at rate {RATE:g}, which falls to zero unless said; parts of 32 "
        f"and of 8 have {len(MOST)} seeds here and {len(MANY)} above. Matched: of momentum 0.99 to "
        "the power of one over the number of parts.",
    )


TABLES = {"all": _all}
PLOTS: Mapping[str, Callable[[Records], Plot]] = {"lost": _lost, "rates": _by_rate}
