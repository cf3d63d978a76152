"""Does dropout harm BN? Each net at its own best rate, which falls to zero.

The second edition: nets are scored by fresh statistics, which are taken without dropout, and by
Keras' moving averages, which saw it.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any

from bnreport.analysis.arms import Arm, usual
from bnreport.analysis.cells import mean_of, values_of
from bnreport.analysis.comparisons import Sample
from bnreport.analysis.design import Judged, claim_form, study
from bnreport.analysis.ends import (
    DEPLOYED,
    FRESH,
    SCORES,
    ahead,
    arms_table,
    comparison,
    ended,
    ranking,
)
from bnreport.analysis.findings import above, reach
from bnreport.analysis.metrics import unjudged
from bnreport.analysis.tuning import GRID, TunedRecipes
from bnreport.presentation import Curves, Dots, Table, Value
from bnreport.protocol.claims import Word
from bnreport.protocol.directions import check, more
from bnreport.protocol.optimization import LINEAR
from bnreport.protocol.scorings import Scoring
from bnreport.records.collection import Records

IMAGES, EPOCHS, BATCH_SIZE = 20_480, 6, 128
STEPS = EPOCHS * IMAGES // BATCH_SIZE
# What a pilot of ten seeds asked for to tell half a point from nothing.
SEEDS = tuple(range(200, 224))
SHARES = (0.2, 0.5)
RAW, STD, BN = usual("raw", "std", "bn")


def _dropped(arm: Arm, share: float, place: str, words: str) -> Arm:
    net = {"dropout": share, "dropout_after": place}
    return arm.variant(f"{arm.name}-{place}-{share:g}", f"{arm.label}, {share:g} {words}", net)


EVERY = {
    (arm, share): _dropped(arm, share, "every", "after every block")
    for arm in (RAW, STD, BN)
    for share in SHARES
    if arm is BN or share == max(SHARES)
}
LAST = {share: _dropped(BN, share, "last", "after the last block") for share in SHARES}
# Nets with BN by where dropout comes and how much.
WITH_BN = {
    "none": BN,
    **{f"every.{share:g}": EVERY[BN, share] for share in SHARES},
    **{f"last.{share:g}": LAST[share] for share in SHARES},
}
NETS = TunedRecipes(
    rates={
        RAW: 0.3,
        STD: 0.3,
        BN: 1.0,
        EVERY[RAW, 0.5]: 0.3,
        EVERY[STD, 0.5]: 0.3,
        EVERY[BN, 0.2]: 1.0,
        EVERY[BN, 0.5]: 3.0,
        LAST[0.2]: 1.0,
        LAST[0.5]: 1.0,
    },
    # BN with much dropout did best at the largest of seven rates, so that all nets got two more.
    grid=(*GRID, 10.0, 30.0),
    setting={
        "images": IMAGES,
        "epochs": EPOCHS,
        "batch_size": BATCH_SIZE,
        "schedule": LINEAR,
        "evaluated": (),
    },
    tuning={"measures": (Scoring(name="end", by=(FRESH,)),)},
    judged={"measures": (Scoring(name="end"),)},
    full=SEEDS,
)


def cost(arm: Arm, by: str = FRESH) -> Sample:
    """The points that dropout of a half after every block costs an arm."""
    return ahead(arm, EVERY[arm, 0.5], by)


LI = (
    "Li, Chen, Hu and Yang 2018 (arXiv 1801.05134): dropout before BN shifts the variance between "
    "training and inference; "
)
HARM = LI + (
    "DenseNet on CIFAR-100 falls from 77.42% to 68.55% with dropout of 0.5 in each bottleneck"
)
HARMLESS = LI + "after the last BN it does no harm"
PLACE = "Does the place of dropout matter?"
MORE = "Does dropout cost more with BN than without?"
claim = claim_form(
    "dropout",
    statement=f"After {EPOCHS} epochs of {IMAGES:,} images of Fashion-MNIST at a rate that falls "
    "to zero, each net at its own best rate, {}",
    metric=f"validation accuracy after {EPOCHS} epochs of {IMAGES:,} images in batches of "
    f"{BATCH_SIZE}, plain gradient descent at a rate that rises over 5% of the steps and then "
    "falls to zero, the rate chosen by tuning runs of the same length, by fresh statistics",
    unit="pp",
    margin=0.5,
    seeds=f"{SEEDS[0]}-{SEEDS[-1]}",
    decided="interval",
    known="known from the first edition",
)
# What claims on the place of dropout compare at each share: the net that counts as positive first.
PAIRS: Mapping[str, Mapping[float, tuple[Arm, Arm]]] = {
    "place": {share: (LAST[share], EVERY[BN, share]) for share in SHARES},
    "cost": {share: (BN, EVERY[BN, share]) for share in SHARES},
    "last": {share: (LAST[share], BN) for share in SHARES},
}
ASKED: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "place": (
        "BN with dropout of {:g} after the last block alone is more accurate than with dropout "
        "after every block",
        {
            "label": "after the last over every block, {:g}",
            "source": HARM,
            "arms": "BN with dropout after the last block and after every block",
        },
    ),
    "cost": (
        "dropout of {:g} after every block makes a net with BN less accurate",
        {
            "label": "BN over BN with dropout, {:g}",
            "source": HARM + "; ducha-aiki/caffenet-benchmark on GitHub, batchnorm.md: CaffeNet "
            "with BN on ImageNet reaches 51.3% without dropout, 52.7% with 0.2 and 49.9% with 0.5 "
            "in two layers",
            "arms": "BN without dropout and with dropout after every block",
        },
    ),
    "last": (
        "with dropout of {:g} after the last BN a net is as accurate as without dropout, within "
        "half a point",
        {
            "label": "dropout at the end like none, {:g}",
            "source": HARMLESS,
            "arms": "BN with dropout after the last block and without",
            "kind": "equivalence",
        },
    ),
}
# The pilot was at rates that nobody had tuned.
EXPECTED: Mapping[tuple[str, float], Word] = {
    ("place", 0.2): "not supported",
    ("cost", 0.2): "underpowered",
    ("last", 0.5): "underpowered",
}
CONTROLS = {RAW: "the net on raw pixels", STD: "standardized inputs without BN"}


def _claim(name: str, share: float, by: str) -> Judged:
    """A claim on two places of dropout, or on one and none."""
    words, own = ASKED[name]
    filled = {**own, "label": own["label"].format(share)}
    return comparison(
        claim,
        f"2-{name}-{100 * share:g}",
        PAIRS[name][share],
        by,
        question=PLACE,
        statement=words.format(share) + ", {}.",
        **{"expected": EXPECTED.get((name, share), "supported"), **filled},
    )


def _more(control: Arm, by: str) -> Judged:
    """Dropout of a half costs BN more than a net without it."""
    deployed, words = by == DEPLOYED, CONTROLS[control]
    lost = (BN.name, EVERY[control, 0.5].name), (EVERY[BN, 0.5].name, control.name)
    return claim(
        f"2-more-{control.name}" + (f"-{DEPLOYED}" if deployed else ""),
        by=(cost(BN, by) - cost(control, by)).contrast(),
        ahead=more(*lost, check(f"end_{by}_val_accuracy")),
        label=f"cost with BN over {control.short}" + (f", {DEPLOYED}" if deployed else ""),
        question=MORE,
        source=HARM,
        score=by,
        statement=f"dropout of 0.5 after every block costs a net with BN more accuracy than {words}"
        f", {SCORES[by]}.",
        arms=f"what dropout costs BN, and what it costs {words}",
        expected="supported" if control is RAW else "underpowered",
    )


FAMILIES = {
    by: (
        *(_claim(name, share, by) for name in ASKED for share in SHARES),
        *(_more(control, by) for control in CONTROLS),
    )
    for by in SCORES
}


def _values(records: Records) -> dict[str, Value]:
    """Give what was set, and what fresh statistics add to averages; no claim judges these."""
    values = values_of(
        "set before the runs that judge",
        {
            "images": f"{IMAGES:,}",
            "epochs": str(EPOCHS),
            "tuning": str(len(NETS.seeds)),
            **{f"rate.{arm.name}": f"{rate:g}" for arm, rate in NETS.rates.items()},
        },
    )
    for name, arm in WITH_BN.items():
        added = (ended(arm) - ended(arm, DEPLOYED)).contrast()(records).interval
        origin = f"{arm.label}: validation accuracy, fresh statistics less moving averages"
        values |= unjudged(f"shift.{name}", added, origin)
    for control in (RAW, STD):
        lost = cost(control).contrast()(records).interval
        origin = f"{control.label}: validation accuracy, no dropout less dropout of 0.5"
        values |= unjudged(f"cost.{control.name}", lost, origin, signed=False)
    half = ahead(EVERY[BN, 0.5], EVERY[STD, 0.5]).contrast()(records).interval
    origin = "dropout of 0.5 after every block, BN minus standardized inputs, fresh statistics"
    return values | unjudged("half.std", half, origin)


def _added(records: Records) -> Table:
    """Give what fresh statistics add to moving averages, net by net."""
    return Table.by_column(
        "Fresh statistics minus moving averages, in percentage points",
        "net and dropout",
        {arm.label: arm for arm in WITH_BN.values()},
        {
            "fresh, %": lambda arm: mean_of(ended(arm)(records), 2),
            "deployed, %": lambda arm: mean_of(ended(arm, DEPLOYED)(records), 2),
            "difference": lambda arm: mean_of(
                (ended(arm) - ended(arm, DEPLOYED))(records), 2, signed=True, interval=True
            ),
        },
        "Validation accuracies, means over the seeds, with the 95% interval of the difference; "
        "unjudged. Fresh statistics are taken without dropout, moving averages saw it.",
    )


def _beside(records: Records) -> Table:
    words = {
        "place": "after the last over every block, {:g}",
        "cost": "none over every block, {:g}",
        "last": "after the last block over none, {:g}",
    }
    return NETS.neighbours(
        records,
        {
            words[name].format(share): pair
            for name, pairs in PAIRS.items()
            for share, pair in pairs.items()
        },
        "Would another rate have turned it? Points at neighboring rates",
        "The first net minus the second, each half a decade below its rate, at it, and as far "
        f"above; means of {len(NETS.seeds)} tuning seeds by fresh statistics, not judged. Where a "
        "net no longer trains, the difference is large.",
    )


def _ranking(records: Records) -> Dots:
    return ranking(
        records,
        NETS,
        f"Validation accuracy after {EPOCHS} epochs, the highest mean first",
        f"300-100 ReLU net, batches of {BATCH_SIZE}, tuned rates that fall to zero, by fresh "
        "statistics",
    )


PANELS = {
    "without": {
        "Without BN": {
            RAW: "raw",
            EVERY[RAW, 0.5]: "raw, 0.5",
            STD: "std.",
            EVERY[STD, 0.5]: "std., 0.5",
        },
    },
    "with": {
        "After every block": {BN: "none", EVERY[BN, 0.2]: "0.2", EVERY[BN, 0.5]: "0.5"},
        "After the last": {BN: "none", LAST[0.2]: "0.2", LAST[0.5]: "0.5"},
    },
}


# A seed below it learned little or diverged; a curve that went there would flatten all others.
FAILED = 80.0


def _tuning(records: Records, which: str) -> Curves:
    drawn = NETS.panels(records, PANELS[which], floor=FAILED)
    if which == "with":
        dropped = {"0.2", "0.5"}
        title = reach(drawn, FAILED, "BN with dropout reaches", dropped, "without dropout")
    else:
        title = f"Without BN no net reaches {FAILED:g}% {above(drawn, FAILED)}, with dropout or not"
    return Curves(
        title=title,
        subtitle="By fresh statistics. Three tuning seeds, thin, and their mean, thick. Left out: "
        f"rates at which a seed stayed below {FAILED:g}%",
        x_label="learning rate",
        x_scale="log",
        panels=drawn,
    )


SECOND = study(
    "dropout",
    [judged for family in FAMILIES.values() for judged in family],
    NETS.runs,
    number=2,
    families=tuple(tuple(judged.claim.id for judged in f) for f in FAMILIES.values()),
    values=_values,
    tables={"arms": lambda records: arms_table(records, NETS), "added": _added, "beside": _beside},
    plots={"ranking": _ranking} | {f"tuning-{x}": partial(_tuning, which=x) for x in PANELS},
    check_tuning=NETS.check,
    words={
        "after the last over every block, 0.2": "0.2 after the last block over after every one",
        "after the last over every block, 0.5": "0.5 after the last block over after every one",
        "BN over BN with dropout, 0.2": "BN: no dropout over 0.2",
        "BN over BN with dropout, 0.5": "BN: no dropout over 0.5",
        "dropout at the end like none, 0.2": "BN: 0.2 at the end as none",
        "dropout at the end like none, 0.5": "BN: 0.5 at the end as none",
        "cost with BN over raw": "Cost of dropout: BN over raw",
        "cost with BN over std.": "Cost of dropout: BN over standardized",
    },
)
