"""Does a convolutional net say the same? More filters, a falling rate, and fresh statistics."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np

from bnreport.analysis.arms import usual
from bnreport.analysis.cells import means_of, values_of
from bnreport.analysis.charts import panels
from bnreport.analysis.design import claim_form, study
from bnreport.analysis.ends import (
    DEPLOYED,
    FRESH,
    SCORES,
    Pair,
    ahead,
    arms_table,
    comparison,
    ended,
    leanings,
    ranking,
)
from bnreport.analysis.findings import best_at, reach
from bnreport.analysis.recipes import final
from bnreport.analysis.tuning import TunedRecipes
from bnreport.presentation import Curves, Dots, Table, Value
from bnreport.protocol.optimization import LINEAR
from bnreport.protocol.scorings import DEPLOYED as KEPT
from bnreport.protocol.scorings import Scoring
from bnreport.records.collection import Records

RAW, STD, BN, STD_BN, LN, TEN = usual("raw", "std", "bn", "std-bn", "ln", "gn")
GN = TEN.variant("gn", net={"groups": 4})
# Keras' layer normalization is one of the channels of each pixel; that of the papers is of a whole
# image, as group normalization in one group is.
WHOLE = GN.variant("gn-1", "group normalization, one group", dashed=True, net={"groups": 1})

IMAGES, EPOCHS, BATCH = 9_984, 3, 128
NETS = TunedRecipes(
    rates={RAW: 0.3, STD: 0.3, BN: 1.0, STD_BN: 1.0, LN: 1.0, GN: 1.0, WHOLE: 0.3},
    grid=(0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0),
    setting={
        "net": {"filters": (16, 32), "hidden": (64,)},
        "data": "fashion-mnist-14",
        "images": IMAGES,
        "epochs": EPOCHS,
        "batch_size": BATCH,
        "schedule": LINEAR,
        "measures": (Scoring(name="end"),),
        "evaluated": (),
    },
    full=tuple(range(200, 248)),
)

SAME = "Does a convolutional net say the same of BN?"
INSTEAD = "Does another normalizer do as well in a convolutional net?"
IOFFE = (
    "Ioffe and Szegedy 2015 (arXiv 1502.03167), figure 3: on ImageNet at most 72.7% with BN "
    "against 72.2% without at the same rate, and 74.8% with a larger rate and other changes"
)
GROUPS = "Wu and He 2018 (arXiv 1803.08494), section 4.1: ResNet-50 on ImageNet, 32 images a GPU, "
claim = claim_form(
    "convolution",
    statement=f"A small convolutional net is trained for {EPOCHS} epochs on {IMAGES:,} images of "
    "Fashion-MNIST, 14 by 14 pixels each, at a rate that falls to zero, each arm at its own best: "
    "{}",
    arms="{}, each at its best rate",
    metric=f"validation accuracy after {EPOCHS} epochs of {IMAGES:,} images in batches of {BATCH}, "
    "plain gradient descent at a rate that rises over 5% of the steps and then falls to zero, the "
    "rate chosen by tuning runs of the same length and score",
    unit="pp",
    # Not half a point, as elsewhere: after so few steps accuracies as deployed scatter too much for
    # 48 seeds to tell that, and both scores are to have one margin.
    margin=1.0,
    seeds=f"{NETS.full[0]}-{NETS.full[-1]}",
    decided="interval",
)
OLD, NEW = "known from the first edition", "new"
# What each claim asks of two arms, by its name; it is asked by both scores.
ASKED: Mapping[str, tuple[Pair, Mapping[str, Any]]] = {
    "bn-raw": (
        (BN, RAW),
        {
            "label": "BN over raw",
            "question": SAME,
            "statement": "BN is more accurate than raw pixels without it, {}.",
            "source": IOFFE,
            "arms": "BN and raw pixels",
            "kind": "difference",
            "known": OLD,
            "expected": {FRESH: "supported", DEPLOYED: "supported"},
            "headline": "bn-raw",
        },
    ),
    "bn-std": (
        (BN, STD),
        {
            "label": "BN like standardized",
            "question": SAME,
            "statement": "BN is as accurate as standardized inputs without it, within a point, {}.",
            "source": IOFFE,
            "arms": "BN and standardized inputs without BN",
            "known": OLD,
            "expected": {FRESH: "not supported", DEPLOYED: "underpowered"},
            "headline": "bn-std",
        },
    ),
    "std-bn": (
        (STD_BN, STD),
        {
            "label": "standardized: with BN like without",
            "question": SAME,
            "statement": "on standardized inputs a net with BN is as accurate as one without, "
            "within a point, {}.",
            "source": IOFFE,
            "arms": "standardized inputs with and without BN",
            "known": NEW,
            "expected": {FRESH: "not supported", DEPLOYED: "not supported"},
            "headline": "std-bn",
        },
    ),
    "ln": (
        (LN, BN),
        {
            "label": "layer norm like BN",
            "question": INSTEAD,
            "statement": "layer normalization over the channels of each pixel is as accurate as "
            "BN, within a point, {}.",
            "source": GROUPS + "1.7 pp more error than BN with layer normalization of whole images",
            "arms": "Keras' layer normalization and BN",
            "known": NEW,
            "expected": {FRESH: "not supported", DEPLOYED: "underpowered"},
            "headline": "ln",
        },
    ),
    "gn": (
        (GN, BN),
        {
            "label": "group norm like BN",
            "question": INSTEAD,
            "statement": "group normalization in 4 groups is as accurate as BN, within a "
            "point, {}.",
            "source": GROUPS + "24.1% error against 23.6% with BN",
            "arms": "group normalization (4 groups) and BN",
            "known": NEW,
            "expected": {FRESH: "not supported", DEPLOYED: "underpowered"},
        },
    ),
}
PAIRS = {name: pair for name, (pair, _) in ASKED.items()}
FAMILIES = {
    by: [
        comparison(
            claim,
            f"2-{name}",
            pair,
            by,
            **{"kind": "equivalence", **own, "expected": own["expected"][by]},
        )
        for name, (pair, own) in ASKED.items()
    ]
    for by in SCORES
}
# The level of the interval that decides each claim of a family.
LEVEL = 1 - 0.05 / len(ASKED)

# A seed below it learned little or diverged; a curve that went there would flatten all others.
FAILED = 70.0
PANELS = {
    "BN and standardized inputs": {RAW: "neither", STD: "std.", BN: "BN", STD_BN: "both"},
    "The normalizer": {RAW: "none", BN: "batch", LN: "layer", GN: "4 groups", WHOLE: "1 group"},
}
KIND = "16 and 32 filters, a dense layer of 64"


def _values(records: Records) -> dict[str, Value]:
    lags = {"lag": BN, "lag.std": STD_BN}
    lost = {name: ended(arm) - ended(arm, DEPLOYED) for name, arm in lags.items()}
    origin = "points of validation accuracy with the 95% interval, unjudged"
    shown = partial(means_of, records, origin, decimals=2, unit="pp", interval=True)
    deployed = {f"{name}-{DEPLOYED}": pair for name, pair in PAIRS.items()}
    steps = EPOCHS * IMAGES // BATCH
    given = {
        "epochs": str(EPOCHS),
        "images": f"{IMAGES:,}",
        "steps": str(steps),
        "start": f"{KEPT.momentum**steps:.0%}",
        "tuning": str(len(NETS.seeds)),
        **{f"rate.{arm.name}": f"{rate:g}" for arm, rate in NETS.rates.items()},
    }
    return {
        **leanings(records, PAIRS, level=LEVEL),
        **leanings(records, deployed, DEPLOYED, LEVEL),
        **shown(lost),
        **shown({"whole": ahead(WHOLE, BN), "whole.pixel": ahead(WHOLE, LN)}, signed=True),
        **values_of("set before the runs", given),
    }


def _beside(records: Records) -> Table:
    return NETS.neighbours(
        records,
        {own["label"]: pair for pair, own in ASKED.values()},
        "Would another rate have turned it? Points at neighboring rates",
        "The first arm minus the second, each half a decade below its rate, at it, and as far "
        f"above; means of {len(NETS.seeds)} tuning seeds by fresh statistics, not judged. Where an "
        "arm no longer trains, the difference is large.",
    )


def _tuning(records: Records) -> Curves:
    drawn = NETS.panels(records, PANELS, floor=FAILED)
    return Curves(
        title=reach(
            drawn,
            FAILED,
            "BN still reaches",
            {"BN", "batch"},
            "standardized inputs",
            {"std."},
        ),
        subtitle=f"By fresh statistics after {EPOCHS} epochs; the rate falls to zero. Three tuning "
        "seeds, thin, and their mean, thick. Left out: rates at which a seed stayed below "
        f"{FAILED:g}%",
        x_label="learning rate",
        x_scale="log",
        panels=drawn,
    )


def _sweep(records: Records, by: str) -> Curves:
    """The nets that the first page lets its readers bet on, at every rate that was tried."""
    curves = [
        arm.curve(
            NETS.grid,
            np.array([100 * final(records.tuning(NETS.tried(arm, r)), by) for r in NETS.grid]).T,
            arm.short,
        )
        for arm in (RAW, STD, BN)
    ]
    drawn = panels({"": curves}, "validation accuracy, %", shelf=FAILED)
    scored = "By fresh statistics" if by == FRESH else "By moving averages"
    best, others = (best_at(drawn, names) for names in ({BN.short}, {RAW.short, STD.short}))
    return Curves(
        title=f"{scored} BN does best at a rate of {best}, nets without it at {others}",
        subtitle=f"{KIND}; the rate falls to zero. Three tuning seeds, thin, and their mean, thick",
        x_label="learning rate",
        x_scale="log",
        panels=drawn,
    )


def _ranking(records: Records) -> Dots:
    return ranking(
        records,
        NETS,
        f"Validation accuracy after {EPOCHS} epochs, the highest mean first",
        f"{KIND}, batches of {BATCH}, tuned rates that fall to zero, by fresh statistics",
    )


SECOND = study(
    "convolution",
    [judged for family in FAMILIES.values() for judged in family],
    NETS.runs,
    number=2,
    families=tuple(tuple(judged.claim.id for judged in f) for f in FAMILIES.values()),
    values=_values,
    tables={"arms": partial(arms_table, nets=NETS), "beside": _beside},
    plots={
        "ranking": _ranking,
        "tuning": _tuning,
        "sweep": partial(_sweep, by=FRESH),
        "sweep-deployed": partial(_sweep, by=DEPLOYED),
    },
    check_tuning=NETS.check,
)
