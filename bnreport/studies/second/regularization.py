"""Does batch normalization regularize: more right answers at the same fresh training loss?

The second edition. On the way all arms have one constant rate and are compared where they fit the
training images equally well, by fresh statistics; at the end each has its own best rate, which
falls to zero.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np

from bnreport.analysis.arms import Arm, usual
from bnreport.analysis.cells import mean_of, values_of
from bnreport.analysis.charts import differences, panels
from bnreport.analysis.comparisons import Sample, runs_of
from bnreport.analysis.design import Judged, claim_form, study
from bnreport.analysis.ends import (
    DEPLOYED,
    FRESH,
    SCORES,
    ahead,
    arms_table,
    comparison,
    ranking,
)
from bnreport.analysis.matching import ahead_at_loss, at_loss, runs_at
from bnreport.analysis.metrics import unjudged
from bnreport.analysis.tuning import TunedRecipes
from bnreport.presentation import Curves, Dots, Table, Value
from bnreport.protocol.claims import Word
from bnreport.protocol.directions import Direction, check, more, read
from bnreport.protocol.optimization import LINEAR
from bnreport.protocol.scorings import Scoring
from bnreport.records.collection import Records

BATCH_SIZE, SHARED_RATE = 64, 0.1
FEW, MANY = 1024, 5120
# Training images, and epochs of them: as many steps with either number.
SIZES = {FEW: 60, MANY: 12}
STEPS = 960
# What a pilot of ten seeds asked for: of few images at the shared rate, and of all else.
SEEDS = {FEW: tuple(range(200, 248)), MANY: tuple(range(200, 224))}
END_SEEDS = SEEDS[MANY]
RAW, STD, BN, STD_BN = usual()
# So many images of a batch share a mean and a variance.
GHOST_32, GHOST_8 = (
    BN.variant(
        f"ghost-{size}",
        f"BN, groups of {size}",
        {"normalizer": "ghost", "groups": size},
        short=f"{size}",
        colour=colour,
    )
    for size, colour in {32: "neutral", 8: "gn"}.items()
)
# On raw pixels the loss of more images does not fall as far as that of other arms in these steps.
SHARED = {FEW: (RAW, STD, BN, STD_BN, GHOST_32, GHOST_8), MANY: (STD, BN, STD_BN, GHOST_8)}
# Marks along a run, from before the first arm falls to the levels until the last one has.
MARKS = {
    images: tuple(np.rint(np.geomspace(first, STEPS, 10)).astype(int).tolist())
    for images, first in {FEW: 30, MANY: 60}.items()
}
# Of the training loss, by images: in a pilot every run was above them at its first mark or soon
# after and fell through all of them by either score, raw pixels and groups of 8 last.
LEVELS = {FEW: (0.3, 0.2, 0.15), MANY: (0.4, 0.35, 0.3)}
TOLD = {
    images: f"losses from {max(levels):g} to {min(levels):g}" for images, levels in LEVELS.items()
}


def sized(arm: Arm, images: int) -> Arm:
    """An arm that has so many training images."""
    return arm.variant(f"{arm.name}-{images}", fields={"images": images, "epochs": SIZES[images]})


# The arms of the end, and the rates that their tuning runs choose.
RATES = {RAW: 0.1, STD: 0.3, BN: 0.1, STD_BN: 0.3, GHOST_8: 0.03}
OWN = {arm: sized(arm, FEW) for arm in RATES}
NETS = TunedRecipes(
    rates={OWN[arm]: rate for arm, rate in RATES.items()},
    setting={
        "batch_size": BATCH_SIZE,
        "schedule": LINEAR,
        "evaluated": (),
        "measures": (Scoring(name="end", parts=("train", "val")),),
    },
    full=END_SEEDS,
)


def shared(arm: Arm, images: int) -> str:
    """The name of an arm's runs at the shared rate."""
    return f"{arm.name}-{images}-shared"


RUNS = (
    *NETS.runs,
    *(
        sized(arm, images).recipes(
            SEEDS[images],
            shared(arm, images),
            learning_rate=SHARED_RATE,
            batch_size=BATCH_SIZE,
            evaluated=(),
            measures=(
                Scoring(name="path", steps=MARKS[images], parts=("train", "val"), images=5_000),
            ),
        )
        for images, arms in SHARED.items()
        for arm in arms
    ),
)


def matched(arm: Arm, images: int = FEW, by: str = FRESH, levels: tuple[float, ...] = ()) -> Sample:
    """The validation accuracy where an arm's training loss falls to the levels, by one score."""
    path, losses = f"path_{by}", levels or LEVELS[images]
    return at_loss(shared(arm, images), f"{path}_train_loss", f"{path}_val_accuracy", losses)


def ahead_on_the_way(one: Arm, other: Arm, images: int = FEW, by: str = FRESH) -> Any:
    """Judges by how many points an arm is more accurate than another at the same losses."""
    return ahead_at_loss(matched(one, images, by), matched(other, images, by))


def favoured(one: Arm, other: Arm, images: int, by: str) -> Direction:
    """Predicts that an arm is more accurate than another at the same losses."""
    pair, path = (shared(one, images), shared(other, images)), f"path_{by}"
    losses = read(pair, check(f"{path}_train_loss"))
    middle = float(np.exp(np.log(LEVELS[images]).mean()))
    return more(*pair, check(f"{path}_val_accuracy"), "matched", middle, beside=losses)


IOFFE = (
    "Ioffe and Szegedy 2015 (arXiv 1502.03167), section 3.4: BN regularizes, because each image is "
    "seen together with others of its batch"
)
LUO = (
    "Luo, Wang, Shao and Peng 2019 (arXiv 1809.00846), abstract: BN is a normalization by the "
    "population and an explicit regularization, a decay of gamma"
)
GHOSTS = (
    "Hoffer, Hubara and Soudry 2017 (arXiv 1705.08741), abstract: ghost batches make the "
    "generalization gap of large batches smaller; Summers and Dinneen 2020 (arXiv 1906.03548), "
    f"abstract: they regularize at small and medium batches, too; {LUO}"
)
matching = claim_form(
    "regularization",
    metric="validation accuracy where the loss on the training images has fallen to {}; "
    "interpolated on the loss's logarithm between checks at which it is lower than ever before. A "
    "pair with a run that never falls so far counts as a tie",
    unit="pp",
    decided="interval",
)
ending = claim_form(
    "regularization",
    metric=f"validation accuracy after {STEPS} steps of batches of {BATCH_SIZE}, plain gradient "
    "descent at a rate that rises over 5% of the steps and then falls to zero, the rate chosen by "
    "tuning runs of the same length, by fresh statistics",
    unit="pp",
    decided="interval",
)
# Who is compared on the way, by what follows the edition's number in a claim's name.
PAIRS: Mapping[str, tuple[Arm, Arm, int]] = {
    "same-std": (BN, STD, FEW),
    "same-raw": (BN, RAW, FEW),
    "same-std-bn": (STD_BN, STD, FEW),
    "same-ghost": (GHOST_8, BN, FEW),
    "same-std-many": (BN, STD, MANY),
    "same-ghost-many": (GHOST_8, BN, MANY),
}
ENDS: Mapping[str, tuple[Arm, Arm]] = {"end-std": (BN, STD), "end-ghost": (GHOST_8, BN)}
BETTER = "Is BN more accurate at the same training loss?"
NOISE = "Is it the noise of small groups?"
IN_THE_END = "Is it more accurate in the end?"
ASKED: Mapping[str, Mapping[str, Any]] = {
    "same-std": {
        "label": "BN over standardized",
        "question": BETTER,
        "statement": "BN is more accurate than standardized inputs without it",
        "source": f"{IOFFE}; {LUO}",
        "known": "known from the first edition",
    },
    "same-raw": {
        "label": "BN over raw",
        "question": BETTER,
        "statement": "BN is more accurate than raw pixels without it",
        "source": f"{IOFFE}; {LUO}",
        # At a constant rate the loss on raw pixels goes up and down, so that half a point is less
        # than 48 seeds tell from nothing: see the pilot.
        "margin": 1.0,
        "known": "known from the first edition",
    },
    "same-std-bn": {
        "label": "std. and BN over std.",
        "question": BETTER,
        "statement": "standardized inputs are more accurate with BN than without it",
        "source": f"{IOFFE}; {LUO}",
        "known": "new",
    },
    "same-ghost": {
        "label": "groups of 8 over 64",
        "question": NOISE,
        "statement": "BN over groups of 8 images is more accurate than over the batch of 64",
        "source": GHOSTS,
        "known": "known from the first edition",
    },
    "same-std-many": {
        "label": "BN over std., 5,120",
        "question": BETTER,
        "statement": "BN is more accurate than standardized inputs without it",
        "source": f"{IOFFE}; {LUO}",
        "known": "known from the first edition",
    },
    "same-ghost-many": {
        "label": "groups of 8 over 64, 5,120",
        "question": NOISE,
        "statement": "BN over groups of 8 images is more accurate than over the batch of 64",
        "source": GHOSTS,
        "known": "known from the first edition",
    },
    "end-std": {
        "label": "BN over std., end",
        "question": IN_THE_END,
        "statement": "BN is more accurate than standardized inputs without it",
        "source": IOFFE,
        "headline": "bn-over-std",
        "known": "known from the first edition",
    },
    "end-ghost": {
        "label": "groups of 8 over 64, end",
        "question": IN_THE_END,
        "statement": "BN over groups of 8 images is more accurate than over the batch of 64",
        "source": GHOSTS,
        "known": "known from the first edition",
    },
}

# After the pilot, which was at rates that nobody had tuned; all else "not supported".
EXPECTED: Mapping[tuple[str, str], Word] = {
    ("same-std", FRESH): "supported",
    ("same-std-bn", FRESH): "supported",
    ("same-std-many", FRESH): "supported",
    ("same-std", DEPLOYED): "underpowered",
    ("same-std-bn", DEPLOYED): "underpowered",
    ("same-std-many", DEPLOYED): "underpowered",
    ("same-ghost-many", DEPLOYED): "underpowered",
}


def _given(name: str, seeds: tuple[int, ...], by: str) -> dict[str, Any]:
    """Give what a claim says beside what it compares."""
    return {
        "margin": 0.5,
        "seeds": f"{seeds[0]}-{seeds[-1]}",
        "expected": EXPECTED.get((name, by), "not supported"),
        **ASKED[name],
    }


def _on_the_way(name: str, by: str) -> Judged:
    """A claim on two arms at the shared rate, where both fit the training images equally well."""
    one, other, images = PAIRS[name]
    own, deployed = _given(name, SEEDS[images], by), by == DEPLOYED
    return matching(
        f"2-{name}" + (f"-{DEPLOYED}" if deployed else ""),
        by=ahead_on_the_way(one, other, images, by),
        ahead=favoured(one, other, images, by),
        score=by,
        arms=f"{one.label} and {other.label}, both at a constant rate of {SHARED_RATE:g}, "
        f"{images:,} training images",
        **{
            **own,
            "label": own["label"] + (f", {DEPLOYED}" if deployed else ""),
            "metric": f"{', '.join(f'{level:g}' for level in LEVELS[images])}, the mean over "
            f"these, loss and accuracy {SCORES[by]}",
            "statement": f"On the way of {STEPS} steps at a constant rate of {SHARED_RATE:g}, at "
            f"training {TOLD[images]} of {images:,} images of Fashion-MNIST, {own['statement']}, "
            f"loss and accuracy {SCORES[by]}.",
        },
    )


def _in_the_end(name: str, by: str) -> Judged:
    """A claim on two arms after the last step, each at its own best rate."""
    one, other = ENDS[name]
    own = _given(name, END_SEEDS, by)
    return comparison(
        ending,
        f"2-{name}",
        (OWN[one], OWN[other]),
        by,
        arms=f"{one.label} and {other.label}, each at its best rate, {FEW:,} training images",
        **{
            **own,
            "statement": f"After {STEPS} steps on {FEW:,} images of Fashion-MNIST at a rate that "
            f"falls to zero, each at its own best, {own['statement']}, {{}}.",
        },
    )


FAMILIES = {
    by: (
        *(_on_the_way(name, by) for name in PAIRS),
        *(_in_the_end(name, by) for name in ENDS),
    )
    for by in SCORES
}
# The levels at which figures read the accuracy, falling, by images.
SHOWN = {FEW: (0.4, 0.3, 0.2, 0.15, 0.1, 0.07, 0.05), MANY: (0.4, 0.35, 0.3, 0.25, 0.2, 0.15, 0.1)}
CURVES = {
    FEW: {
        "With BN and without": (RAW, STD, BN, STD_BN),
        "Groups of a batch of 64": (BN, GHOST_32, GHOST_8),
    },
    MANY: {
        "With BN and without": (STD, BN, STD_BN),
        "Groups of a batch of 64": (BN, GHOST_8),
    },
}


def _values(records: Records) -> dict[str, Value]:
    """Give what was set, and how the arms that no claim compares stand."""
    values = values_of(
        "set before the runs that judge",
        {
            "rate": f"{SHARED_RATE:g}",
            "steps": str(STEPS),
            "images": f"{FEW:,}",
            "more": f"{MANY:,}",
            "batch": str(BATCH_SIZE),
            "levels": TOLD[FEW],
            "levels.many": TOLD[MANY],
            **{f"rate.{arm.name}": f"{NETS.rates[own]:g}" for arm, own in OWN.items()},
        },
    )
    others = {
        "ghost-32": ahead_on_the_way(GHOST_32, BN),
        "std-bn-many": ahead_on_the_way(STD_BN, STD, MANY),
    }
    for name, judge in others.items():
        origin = "validation accuracy at the same training losses, fresh statistics"
        values |= unjudged(name, judge(records).interval, origin)
    fitted = [100 * runs_of(own).scored("end_fresh_train")[:, -1](records) for own in NETS.rates]
    values |= values_of(
        "accuracy on the training images after the last step, the lowest of the nets' means",
        {"fitted": mean_of(min(fitted, key=np.mean), 1)},
    )
    place = NETS.grid.index(RATES[STD])
    alike = [NETS.accuracies(records, OWN[arm])[place] for arm in (BN, STD)]
    values |= values_of(
        "BN less standardized inputs in the end, both at the rate of standardized inputs, mean of "
        "the tuning seeds by fresh statistics",
        {"alike": mean_of(alike[0] - alike[1], 2, signed=True, unit="pp")},
    )
    spread = {by: runs_at(matched(GHOST_8, by=by)(records))[0] for by in SCORES}
    return values | values_of(
        "groups of 8 at the same losses, highest run less lowest, points of accuracy",
        {f"spread.{by}": mean_of(np.ptp(x), 1) for by, x in spread.items() if len(x)},
    )


def _steps(records: Records, arm: Arm, images: int) -> float:
    losses = runs_of(shared(arm, images)).measured("path_fresh_train_loss", lost=np.inf)(records)
    first = (losses <= min(LEVELS[images])).argmax(axis=1)
    return float(np.median(np.array(MARKS[images])[first]))


def _nets(records: Records) -> Table:
    def row(arm: Arm, images: int) -> tuple[str, ...]:
        scores = (runs_at(matched(arm, images, by)(records)) for by in SCORES)
        cells = (
            mean_of(accuracies, 2) + f" ({few})" * bool(few) if len(accuracies) else "never"
            for accuracies, few in scores
        )
        return (arm.label, f"{images:,}", *cells, f"{_steps(records, arm, images):,.0f}")

    return Table(
        "Validation accuracy at the same training losses",
        ("net", "images", "fresh, %", "deployed, %", "steps"),
        tuple(row(arm, images) for images, arms in SHARED.items() for arm in arms),
        note=f"Means over the seeds, and over {TOLD[FEW]} of {FEW:,} images and {TOLD[MANY]} of "
        f"{MANY:,}. In brackets: how many runs fell to the last one, where not all did. Deployed: "
        "loss and accuracy by moving averages. Steps: the median mark at which the fresh loss is "
        "first below the last of these.",
    )


def _fit(records: Records, images: int) -> Curves:
    def curve(arm: Arm, label: str) -> Any:
        by_level = {x: 100 * matched(arm, images, levels=(x,))(records) for x in SHOWN[images]}
        # A mean over fewer seeds than before would jump.
        whole = {x: y for x, y in by_level.items() if np.isfinite(y).all()}
        return arm.curve([*whole], np.array([*whole.values()]).T, label)

    def named(arm: Arm, title: str) -> str:
        return str(BATCH_SIZE) if arm is BN and title.startswith("Groups") else arm.short

    curves = {
        title: [curve(arm, named(arm, title)) for arm in arms]
        for title, arms in CURVES[images].items()
    }
    return Curves(
        title=f"Validation accuracy by training loss, {images:,} images",
        subtitle=f"Batches of {BATCH_SIZE}, constant rate {SHARED_RATE:g}, both by fresh "
        f"statistics. Thin: {len(SEEDS[images])} seeds; thick: mean, 95% interval",
        x_label="training loss, falling",
        x_scale="log",
        panels=panels(curves, "validation accuracy, %", longest_first=True),
    )


def _leads(records: Records) -> Dots:
    judges = {name: (pair[0], ahead_on_the_way(*pair)) for name, pair in PAIRS.items()}
    judges |= {
        name: (one, ahead(OWN[one], OWN[other]).contrast()) for name, (one, other) in ENDS.items()
    }
    return differences(
        "Who is more accurate at the same training loss, and in the end",
        f"First net less second, by fresh statistics, a dot a seed. {FEW:,} images, or {MANY:,}, "
        f"where both fit alike at rate {SHARED_RATE:g}; end: after the last step, at own rates",
        "percentage points of validation accuracy",
        (arm.row(judge(records), ASKED[name]["label"]) for name, (arm, judge) in judges.items()),
    )


def _ranking(records: Records) -> Dots:
    return ranking(
        records,
        NETS,
        f"Validation accuracy after {STEPS} steps, the highest mean first",
        f"300-100 ReLU net, {FEW:,} images, batches of {BATCH_SIZE}, tuned rates that fall to "
        "zero, by fresh statistics",
    )


def _beside(records: Records) -> Table:
    return NETS.neighbours(
        records,
        {ASKED[name]["label"]: (OWN[one], OWN[other]) for name, (one, other) in ENDS.items()},
        "Would another rate have turned it? Points at neighbouring rates",
        "The first net less the second, each half a decade below its rate, at it, and as far "
        f"above; means of {len(NETS.seeds)} tuning seeds by fresh statistics, not judged. Where a "
        "net no longer trains, the difference is large.",
    )


def _tuning(records: Records) -> Curves:
    with_bn = {arm: "64" if arm is BN else arm.short for arm in (BN, STD_BN, GHOST_8)}
    titles = {
        "Without BN": {OWN[arm]: arm.short for arm in (RAW, STD)},
        "With BN": {OWN[arm]: label for arm, label in with_bn.items()},
    }
    return Curves(
        title=f"Validation accuracy by learning rate, {FEW:,} images",
        subtitle="By fresh statistics. Three tuning seeds, thin, and their mean, thick. Left out: "
        "rates at which a seed stayed below 70%",
        x_label="learning rate",
        x_scale="log",
        panels=NETS.panels(records, titles, floor=70.0),
    )


SECOND = study(
    "regularization",
    [judged for family in FAMILIES.values() for judged in family],
    RUNS,
    number=2,
    families=tuple(FAMILIES.values()),
    values=_values,
    tables={
        "nets": _nets,
        "arms": lambda records: arms_table(records, NETS),
        "beside": _beside,
    },
    plots={
        "leads": _leads,
        "fit": partial(_fit, images=FEW),
        "fit-many": partial(_fit, images=MANY),
        "ranking": _ranking,
        "tuning": _tuning,
    },
    check_tuning=NETS.check,
)
