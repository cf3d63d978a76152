"""Does BN belong before or after the activation? By fresh statistics, at a falling rate."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from bnreport.analysis.cells import means_of, values_of
from bnreport.analysis.design import Judged, claim_form, study
from bnreport.analysis.ends import SCORES, Pair, ahead, arms_table, comparison, ranking
from bnreport.analysis.findings import reach
from bnreport.analysis.placed import PLACES, TITLES, placed
from bnreport.analysis.tuning import TunedRecipes
from bnreport.presentation import Curves, Dots, Table, Value
from bnreport.presentation.plots import Panel
from bnreport.protocol.optimization import LINEAR
from bnreport.protocol.scorings import Scoring
from bnreport.records.collection import Records

IMAGES, EPOCHS, BATCH = 20_480, 4, 128
# What a pilot of ten seeds asked for: 48 seeds to tell the places of BN with ReLU on raw pixels
# apart, and 24 for all else.
FEW, MANY = tuple(range(200, 224)), tuple(range(200, 248))

# The rates that the tuning runs find best, with ReLU and with tanh.
RATES = placed(
    {
        "raw": (0.3, 0.3),
        "std": (0.3, 1.0),
        "before": (1.0, 1.0),
        "after": (0.3, 1.0),
        "std-before": (1.0, 1.0),
        "std-after": (1.0, 1.0),
    }
)
ARMS = {arm.name: arm for arm in RATES}
NETS = TunedRecipes(
    rates=RATES,
    grid=(0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0),
    setting={
        "images": IMAGES,
        "epochs": EPOCHS,
        "batch_size": BATCH,
        "schedule": LINEAR,
        "measures": (Scoring(name="end"),),
        "evaluated": (),
    },
    full=FEW,
)
BEFORE_RELU = (ARMS["relu-before"], ARMS["relu-after"])
RUNS = (
    *NETS.tuning_runs(*NETS.rates),
    *(NETS.judged_runs(arm, MANY if arm in BEFORE_RELU else FEW) for arm in NETS.rates),
)

WHERE = "Does the place of BN matter?"
HELPS = "Does BN help at either place?"
FIRST = (
    "Ioffe and Szegedy 2015 (arXiv 1502.03167), section 3.2: BN comes before the nonlinearity, "
    "where the distribution is more likely to be symmetric"
)
LAST = (
    "Hasani and Khotanlou 2019 (arXiv 1912.04259), abstract: which place is best depends on the "
    "net; ducha-aiki/caffenet-benchmark on GitHub, batchnorm.md: CaffeNet with ReLU on ImageNet "
    "reaches 47.8% with BN before it and 49.3% with BN after it"
)
IOFFE = (
    "Ioffe and Szegedy 2015 (arXiv 1502.03167), figure 3: on ImageNet at most 72.7% with BN "
    "against 72.2% without at the same rate, and 74.8% with a larger rate and other changes"
)
# Between the places the margin of the first edition; over nets without BN that of most studies.
PLACE, GAIN = 0.3, 0.5
# What each activation favours, where the places were compared before and in a pilot.
BETTER = {"relu": PLACES, "tanh": PLACES[::-1]}
INPUTS = {"": "raw pixels", "std-": "standardized inputs"}
# What figures call nets without BN.
PLAIN = "no BN"
OLD, NEW = "known from the first edition", "new"

claim = claim_form(
    "placement",
    statement=f"After {EPOCHS} epochs of {IMAGES:,} images of Fashion-MNIST at a rate that falls "
    "to zero, each net at its own best rate, {}",
    arms="{}, each at its best rate",
    metric=f"validation accuracy after {EPOCHS} epochs of {IMAGES:,} images in batches of {BATCH}, "
    "plain gradient descent at a rate that rises over 5% of the steps and then falls to zero, the "
    "rate chosen by tuning runs of the same length and score",
    kind="difference",
    unit="pp",
    decided="interval",
)


def _places(activation: str, inputs: str) -> tuple[Pair, Mapping[str, Any]]:
    """Ask whether BN is better at the place that the activation favours."""
    title, (better, worse) = TITLES[activation], BETTER[activation]
    return (
        (ARMS[f"{activation}-{inputs}{better}"], ARMS[f"{activation}-{inputs}{worse}"]),
        {
            "label": f"{title}, {INPUTS[inputs].split()[0]}: {better} over {worse}",
            "question": WHERE,
            "statement": f"on {INPUTS[inputs]}, BN {better} {title} is more accurate than BN "
            f"{worse} it, {{}}.",
            "source": FIRST if activation == "relu" else LAST,
            "arms": f"BN {better} and {worse} {title}, {INPUTS[inputs]}",
            "margin": PLACE,
            "known": NEW if inputs else OLD,
            "expected": "supported",
        },
    )


def _over(activation: str, control: str) -> tuple[Mapping[str, Pair], Mapping[str, Any]]:
    """Ask whether BN on raw pixels is better than a net without it, at both places."""
    title, inputs = TITLES[activation], INPUTS["" if control == "raw" else "std-"]
    return (
        {p: (ARMS[f"{activation}-{p}"], ARMS[f"{activation}-{control}"]) for p in PLACES},
        {
            "label": f"{title}: BN over {inputs.split()[0]}",
            "question": HELPS,
            "statement": f"BN on raw pixels, before {title} and after it, is more accurate than "
            f"{inputs} without BN, {{}}.",
            "source": IOFFE,
            "arms": f"BN before and after {title}, and {inputs} without BN",
            "margin": GAIN,
            "known": OLD,
            "expected": "supported" if control == "raw" else "not supported",
        },
    )


# What each claim asks, by its name; it is asked by both scores.
ASKED = {
    f"{BETTER[activation][0]}-{inputs}{activation}": _places(activation, inputs)
    for inputs in INPUTS
    for activation in TITLES
} | {
    f"{control}-{activation}": _over(activation, control)
    for activation in TITLES
    for control in ("raw", "std")
}


def _claim(name: str, by: str) -> Judged:
    pairs, own = ASKED[name]
    seeds = MANY if pairs == BEFORE_RELU else FEW
    span = f"{seeds[0]}-{seeds[-1]}"
    return comparison(claim, f"2-{name}", pairs, by, len(seeds), seeds=span, **own)


FAMILIES = {by: [_claim(name, by) for name in ASKED] for by in SCORES}

NET = f"300-100 net, batches of {BATCH}, tuned rates that fall to zero"
# A seed below it learned little or diverged; a curve that went there would flatten all others.
FAILED = 80.0


def _later(activation: str, inputs: str) -> Pair:
    """BN after an activation, and before it."""
    return ARMS[f"{activation}-{inputs}after"], ARMS[f"{activation}-{inputs}before"]


def _values(records: Records) -> dict[str, Value]:
    gained = {
        f"std.{activation}.{place}": ahead(
            ARMS[f"{activation}-std-{place}"], ARMS[f"{activation}-std"], first=len(FEW)
        )
        for activation in TITLES
        for place in PLACES
    }
    rates = {f"rate.{arm.name}": f"{rate:g}" for arm, rate in NETS.rates.items()}
    given = {"epochs": str(EPOCHS), "images": f"{IMAGES:,}", "tuning": str(len(NETS.seeds))}
    return means_of(
        records,
        "points by which BN on standardized inputs is ahead of them without it, unjudged",
        gained,
        2,
        unit="pp",
        signed=True,
        interval=True,
    ) | values_of("set before the runs that judge", given | rates)


def _differences(records: Records) -> Dots:
    return Dots(
        title="BN after the activation, minus BN before it",
        subtitle=f"Validation accuracy after {EPOCHS} epochs, {NET}, by fresh statistics. A dot a "
        "seed, the mean and its 95% interval",
        x_label="pp; left of the line BN before is ahead, right of it BN after",
        rows=tuple(
            ARMS[f"{activation}-{inputs}after"].row(
                ahead(*_later(activation, inputs))(records), f"{title}, {words}"
            )
            for activation, title in TITLES.items()
            for inputs, words in INPUTS.items()
        ),
        decimals=2,
        nothing=0.0,
        narrow=True,
    )


def _normalized(drawn: Sequence[Panel]) -> str:
    """Say up to which rates nets learn with BN at either place, and without it."""
    named = {"BN before", "BN after"}
    return reach(drawn, FAILED, "On raw pixels BN reaches", named, "nets without it")


def _activated(drawn: Sequence[Panel]) -> str:
    """Say up to which rates nets learn without BN, by their activation."""
    plain = [
        replace(
            panel,
            series=tuple(replace(c, label=panel.title) for c in panel.series if c.label == PLAIN),
        )
        for panel in drawn
    ]
    subject = "Standardized, no BN: tanh reaches"
    return reach(plain, FAILED, subject, {TITLES["tanh"]}, TITLES["relu"])


def _rates(
    records: Records, inputs: str, without: str, finding: Callable[[Sequence[Panel]], str]
) -> Curves:
    kinds = {without: PLAIN, f"{inputs}before": "BN before", f"{inputs}after": "BN after"}
    by_title = {
        title: {ARMS[f"{activation}-{kind}"]: label for kind, label in kinds.items()}
        for activation, title in TITLES.items()
    }
    drawn = NETS.panels(records, by_title, floor=FAILED)
    return Curves(
        title=finding(drawn),
        subtitle=f"By fresh statistics; the rate falls to zero. {len(NETS.seeds)} tuning seeds, "
        f"thin, and their mean, thick. Left out: rates at which a seed stayed below {FAILED:g}%",
        x_label="learning rate",
        x_scale="log",
        panels=drawn,
    )


def _beside(records: Records) -> Table:
    pairs = {
        f"{title}, {words}": _later(activation, inputs)
        for activation, title in TITLES.items()
        for inputs, words in INPUTS.items()
    }
    return NETS.neighbours(
        records,
        pairs,
        "Would another rate have changed it? BN after minus BN before, in points",
        "Each half a decade below its rate, at it, and as far above; means of "
        f"{len(NETS.seeds)} tuning seeds by fresh statistics, not judged.",
    )


SECOND = study(
    "placement",
    [judged for family in FAMILIES.values() for judged in family],
    RUNS,
    number=2,
    families=tuple(tuple(judged.claim.id for judged in f) for f in FAMILIES.values()),
    values=_values,
    tables={"nets": partial(arms_table, nets=NETS), "beside": _beside},
    plots={
        "places": _differences,
        "accuracies": partial(
            ranking,
            nets=NETS,
            title=f"Validation accuracy after {EPOCHS} epochs, the highest mean first",
            subtitle=f"{NET}, by fresh statistics",
        ),
        "rates": partial(_rates, inputs="", without="raw", finding=_normalized),
        "standardized": partial(_rates, inputs="std-", without="std", finding=_activated),
    },
    check_tuning=NETS.check,
)
