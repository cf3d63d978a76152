"""The figures, tables and numbers of the page."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from bnreport.analysis.arms import Arm
from bnreport.analysis.cells import mean_of, means_of, values_of
from bnreport.analysis.charts import differences, panels
from bnreport.analysis.comparisons import Sample, runs_of
from bnreport.analysis.findings import reach
from bnreport.presentation.plots import Curves, Dots, Plot
from bnreport.presentation.tables import Table, Value
from bnreport.records.collection import Records
from bnreport.studies.finetuning.claims import lead, recalibration
from bnreport.studies.finetuning.runs import (
    ARMS,
    BN,
    DEPLOYED,
    FEW,
    FIRST_EPOCHS,
    FIRST_IMAGES,
    FRESH,
    FROZEN,
    GN,
    MANY,
    PICTURED,
    PLACED,
    RAW,
    SIZES,
    STEPS,
    STILL,
    TARGETS,
    TUNED,
    first,
    named,
    scored,
)

LABELS = {
    BN: "BN trained",
    FROZEN: "BN frozen",
    STILL: "statistics frozen",
    RAW: "no normalizer",
    GN: "GN, 4 groups",
}
SCORES = {FRESH: "fresh", DEPLOYED: "deployed"}
# Accuracies below are squeezed: failures leave room for the rest.
SHELF = 80.0


def pictured(sample: Sample) -> Sample:
    """The numbers of the seeds that all settings share."""
    return sample.map(lambda numbers: numbers[: len(PICTURED)])


def _leads(records: Records) -> Dots:
    return differences(
        title="BN trained, minus BN frozen",
        subtitle=f"Validation accuracy after {STEPS} steps of tuning; a dot a seed. Trained BN by "
        "fresh statistics and as deployed",
        x_label="percentage points",
        rows=tuple(
            (BN if by == FRESH else replace(BN, colour="neutral")).row(
                lead(BN, FROZEN, target, images, by)(records),
                f"{images:,} {target}, {word}",
            )
            for target in TARGETS
            for images in SIZES
            for by, word in SCORES.items()
        ),
    )


def _by_images(records: Records) -> Curves:
    ways = {"BN, recalibrated": BN, LABELS[RAW]: RAW, LABELS[GN]: GN}

    def leads(arm: Arm, target: str) -> np.ndarray:
        samples = [
            pictured(scored(arm, target, images)) - pictured(scored(FROZEN, target, images))
            for images in SIZES
        ]
        return np.array([sample(records) for sample in samples]).T

    by_target = {
        target: [arm.curve(SIZES, leads(arm, target), label) for label, arm in ways.items()]
        for target in TARGETS
    }
    return Curves(
        title="Ahead of frozen BN, by the number of images",
        subtitle=f"Points of validation accuracy after {STEPS} steps, the first {len(PICTURED)} "
        "seeds; above zero it was better not to freeze BN",
        x_label="images to tune on",
        x_scale="log",
        panels=panels(by_target, "percentage points", level=(0.0, "BN frozen")),
    )


def _rates(records: Records) -> Curves:
    by_title = {target: {PLACED[arm, target]: LABELS[arm] for arm in ARMS} for target in TARGETS}
    drawn = TUNED.panels(records, by_title, shelf=SHELF)
    return Curves(
        title=reach(
            drawn,
            SHELF,
            "Trained BN still reaches",
            {LABELS[BN]},
            "frozen BN",
            {LABELS[FROZEN]},
        ),
        subtitle=f"{MANY:,} images, {STEPS} steps, three tuning seeds; BN as it is scored",
        x_label="learning rate",
        x_scale="log",
        panels=drawn,
    )


def _accuracies(records: Records) -> Table:
    rows: dict[str, tuple[Arm, str]] = {
        "BN trained, recalibrated": (BN, FRESH),
        "BN trained, as deployed": (BN, DEPLOYED),
        "BN frozen": (FROZEN, DEPLOYED),
        "statistics frozen": (STILL, DEPLOYED),
        "no normalizer": (RAW, DEPLOYED),
        "group normalization": (GN, DEPLOYED),
    }

    def cell(arm: Arm, target: str, images: int, by: str) -> str:
        return mean_of(pictured(scored(arm, target, images, by))(records), 1)

    def anew(target: str, images: int) -> str:
        runs = runs_of(named(FROZEN, target, images))
        return mean_of(pictured(100 * runs.scored("end_fresh_val")[:, -1])(records), 1)

    places = [(target, images) for target in TARGETS for images in SIZES]
    return Table(
        "Validation accuracy after tuning, per cent",
        ("net", *(f"{images:,} {target}" for target, images in places)),
        (
            *(
                (name, *(cell(arm, target, images, by) for target, images in places))
                for name, (arm, by) in rows.items()
            ),
            ("BN frozen, recalibrated", *(anew(*place) for place in places)),
        ),
        note=f"Means over the first {len(PICTURED)} judged seeds. Recalibrated: by fresh "
        "statistics of the tuning images, everything else as it is.",
    )


def _neighbours(records: Records) -> Table:
    return TUNED.neighbours(
        records,
        {
            f"{LABELS[BN]} minus {LABELS[other]}, {target}": (
                PLACED[BN, target],
                PLACED[other, target],
            )
            for target in TARGETS
            for other in ARMS[1:]
        },
        f"At other rates: differences in points, {MANY:,} images",
        note="Both nets half a decade off their rates; means of three tuning seeds, unjudged.",
    )


def values(records: Records) -> Mapping[str, Value]:
    """The numbers of the prose that no claim judges."""
    places = [(target, images) for target in TARGETS for images in SIZES]
    few_less_many = {
        f"images.{target}": lead(BN, FROZEN, target, FEW) - lead(BN, FROZEN, target, MANY)
        for target in TARGETS
    }
    starts = {
        f"first.{arm.name}": 100 * runs_of(first(arm).name).scored("end_fresh_val")[:, -1]
        for arm in (BN, RAW, GN)
    }
    return {
        **means_of(
            records,
            "points by which trained BN is ahead of frozen BN on few images, less those on many; "
            "unjudged, with its 95% interval",
            few_less_many,
            2,
            unit="pp",
            signed=True,
            interval=True,
        ),
        **means_of(
            records,
            "points by which fresh statistics beat moving averages after tuning; unjudged",
            {f"recalibrated.{t}.{n}": recalibration(t, n) for t, n in places},
            2,
            unit="pp",
            signed=True,
        ),
        **means_of(
            records, "validation accuracy before tuning, on its own five classes", starts, 1
        ),
        **values_of(
            "set before the runs",
            {
                "steps": str(STEPS),
                "first.epochs": str(FIRST_EPOCHS),
                "first.images": f"{FIRST_IMAGES:,}",
                "left": f"{100 * 0.99**STEPS:.0f}%",
                **{
                    f"rate.{arm.name}.{target}": f"{TUNED.rates[PLACED[arm, target]]:g}"
                    for arm, target in PLACED
                },
            },
        ),
    }


TABLES: dict[str, Callable[[Records], Table]] = {
    "accuracies": _accuracies,
    "neighbors": _neighbours,
}
PLOTS: dict[str, Callable[[Records], Plot]] = {
    "leads": _leads,
    "images": _by_images,
    "rates": _rates,
}
