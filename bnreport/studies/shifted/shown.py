"""The figures, tables and numbers of the page."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from bnreport.analysis.cells import means_of
from bnreport.analysis.findings import means
from bnreport.analysis.metrics import last
from bnreport.presentation import Curves, Dots, Table, Value
from bnreport.presentation.plots import Plot
from bnreport.records.collection import Records
from bnreport.studies.shifted.runs import (
    BEST,
    BN,
    EPOCHS,
    LABELS,
    LN,
    NET,
    RATE,
    RAW,
    SORTED,
    STD,
    printed,
    scored,
)

# How one net that trained in batches of one class is scored, by what a figure calls it.
SCORES = {
    "training accuracy, as printed": printed(NET),
    "new images, batches of one class": scored(NET, "class-32", "company"),
    "new images, mixed batches": scored(NET, "batch-32", "company"),
    "new images, moving averages": scored(NET, "deployed"),
    "new images, fresh statistics": scored(NET, "fresh"),
}
OTHERS = {
    "layer normalization": SORTED[LN],
    "standardized inputs": SORTED[STD],
    "raw pixels": SORTED[RAW],
}


def values(records: Records) -> Mapping[str, Value]:
    """Give the accuracies of all nets on the images that each claim is about."""
    whole = {
        "printed": printed(NET),
        "company": scored(NET, "class-32", "company"),
        "apart": scored(NET, "batch-32", "company"),
        "deployed": scored(NET, "deployed"),
        "fresh": scored(NET, "fresh"),
        **{arm.name: scored(SORTED[arm].name, "fresh") for arm in (RAW, STD, LN)},
    }
    few = {
        f"few.{kind}": scored("bn", "batch-8", kind) - scored("bn", "fresh", kind)
        for kind in LABELS
    }
    inverted = {
        f"inverted.{by}": scored("bn", by, "inversion") for by in ("fresh", "own", "deployed")
    }
    turns = {
        f"{trial}.{by}.{kind}": scored(trial, by, kind)
        for trial in ("bn-batches", "bn-images", "ln-batches")
        for by in ("own", "deployed")
        for kind in ("first", "second")
    }
    return {
        **means_of(records, "accuracy in per cent after batches of one class, mean", whole, 1),
        **means_of(
            records,
            "accuracy by own batches of 8 minus that by fresh statistics, mean; unjudged",
            few,
            1,
            signed=True,
            unit="pp",
        ),
        **means_of(records, "accuracy in per cent on inverted images, mean", inverted, 1),
        **means_of(records, "accuracy in per cent on one kind of images, mean", turns, 1),
    }


def _by_change(records: Records) -> Table:
    """Every net on every kind of images; BN by all of its statistics."""
    columns = {
        "raw": ("raw", "fresh"),
        "standardized": ("std", "fresh"),
        "LN": ("ln", "fresh"),
        "BN, averages": ("bn", "deployed"),
        "BN, fresh": ("bn", "fresh"),
        "BN, own": ("bn", "own"),
        "of 8": ("bn", "batch-8"),
        "of 8, one class": ("bn", "class-8"),
    }
    return Table.crossed(
        "Accuracy on images as they are and on changed ones, %",
        "images",
        {label: name for name, label in LABELS.items()},
        columns,
        lambda kind, column: f"{scored(*column, kind)(records).mean():.1f}",
        note=f"Means over the seeds, at rate {RATE:g}, which was not tuned: compare the columns of "
        "BN with each other. Own: statistics of all images that are scored. Of 8: of their batch "
        "of 8 images, mixed or sorted by class.",
    )


def _in_company(records: Records) -> Dots:
    ours = tuple(BN.row(sample(records), f"BN: {label}") for label, sample in SCORES.items())
    others = tuple(
        arm.row(scored(arm.name, "fresh")(records), f"{label}: new images")
        for label, arm in OTHERS.items()
    )
    return Dots(
        title="Trained in batches of one class",
        subtitle=f"Each net at the best of seven rates; {EPOCHS} epochs; a dot a seed",
        x_label="accuracy, %",
        rows=ours + others,
        decimals=1,
        from_zero=True,
        narrow=True,
    )


def _by_own_statistics(records: Records) -> Dots:
    ways = {"own": "all images", "batch-8": "batches of 8"}
    return Dots(
        title="What own statistics change",
        subtitle="Accuracy by statistics of the images that are scored minus that by fresh "
        "statistics of training images, one net; a dot a seed",
        x_label="percentage points gained",
        rows=tuple(
            BN.row(
                (scored("bn", by, kind) - scored("bn", "fresh", kind))(records), f"{label}, {words}"
            )
            for kind, label in LABELS.items()
            for by, words in ways.items()
        ),
        nothing=0.0,
        decimals=1,
        narrow=True,
    )


def _by_kind(records: Records) -> Dots:
    nets = {
        "BN in turns, averages": (BN, "bn-batches", "deployed"),
        "BN in turns, own statistics": (BN, "bn-batches", "own"),
        "BN, both in a batch, averages": (BN, "bn-images", "deployed"),
        "BN, both in a batch, own": (BN, "bn-images", "own"),
        "LN in turns": (LN, "ln-batches", "deployed"),
    }
    kinds = {"first": "as they are", "second": "inverted"}
    return Dots(
        title="One layer, two kinds of images",
        subtitle=f"Validation images as they are, and inverted; rate {RATE:g}; a dot a seed",
        x_label="accuracy, %",
        rows=tuple(
            arm.row(scored(trial, by, kind)(records), f"{label}: {name}")
            for label, (arm, trial, by) in nets.items()
            for kind, name in kinds.items()
        ),
        decimals=1,
        narrow=True,
    )


def _by_rate(records: Records) -> Curves:
    arms = {arm: arm.short for arm in BEST.rates}
    as_printed = replace(BEST, score=lambda runs: 100 * last(runs, "accuracy"))
    drawn = (
        *(
            replace(panel, y_label="training accuracy, %")
            for panel in as_printed.panels(records, {"as training prints": arms})
        ),
        *BEST.panels(records, {"new images, by fresh statistics": arms}),
    )
    printed, worth = (max(mean.values()) for mean in means(drawn, BN.short))
    return Curves(
        title=f"In batches of one class BN prints up to {printed:.1f}% and scores up to "
        f"{worth:.1f}%",
        subtitle="Means of the tuning seeds; chance is 10%",
        x_label="learning rate",
        x_scale="log",
        panels=drawn,
    )


def _beside(records: Records) -> Table:
    pairs = {
        "LN minus BN": (SORTED[LN], SORTED[BN]),
        "standardized minus BN": (SORTED[STD], SORTED[BN]),
    }
    return BEST.neighbours(
        records,
        pairs,
        "Percentage points by which others are ahead of BN, and at the rates beside",
        note="By fresh statistics, at the tuning seeds; both nets one step off their rates.",
    )


TABLES = {"changes": _by_change, "beside": _beside}
PLOTS: Mapping[str, Callable[[Records], Plot]] = {
    "sorted": _in_company,
    "own": _by_own_statistics,
    "kinds": _by_kind,
    "rates": _by_rate,
}
