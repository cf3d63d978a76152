"""Does it need to be batch normalization? The same arms by fresh statistics, at a falling rate."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from bnreport.analysis.arms import PARTS, Arm, usual
from bnreport.analysis.cells import mean_of, values_of
from bnreport.analysis.comparisons import ranked
from bnreport.analysis.design import Judged, claim_form, study
from bnreport.analysis.ends import DEPLOYED, FRESH, SCORES, ahead, arms_table, ended, ranking
from bnreport.analysis.findings import at_most, means, reach
from bnreport.analysis.tuning import TunedRecipes
from bnreport.presentation import Curves, Dots, Table, Value
from bnreport.protocol.directions import Direction, check, read
from bnreport.protocol.optimization import LINEAR
from bnreport.protocol.scorings import Scoring
from bnreport.records.collection import Records

RAW, STD, BN, STD_BN, LN, GN = usual("raw", "std", "bn", "std-bn", "ln", "gn")
CENTRED, SCALED, INPUT_BN, WS = PARTS

IMAGES, EPOCHS, BATCH = 20_480, 4, 128
STEPS = EPOCHS * IMAGES // BATCH
# What a pilot of ten seeds asked for to tell half a point from nothing: 24 seeds, and 48 between
# group normalization and BN, which part by very different amounts from seed to seed.
FEW, MANY = tuple(range(200, 224)), tuple(range(200, 248))
NETS = TunedRecipes(
    rates={
        RAW: 0.3,
        STD: 0.3,
        BN: 1.0,
        STD_BN: 1.0,
        LN: 0.3,
        GN: 0.3,
        CENTRED: 1.0,
        SCALED: 0.1,
        INPUT_BN: 0.3,
        WS: 1.0,
    },
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
RUNS = (
    *NETS.tuning_runs(*NETS.rates),
    *(NETS.judged_runs(arm, MANY if arm in (BN, GN) else FEW) for arm in NETS.rates),
)

# At the first of the seeds that judge.
scored = partial(ended, first=len(FEW))


NEEDED = "Does it need to be batch normalization?"
INSTEAD = "Does another normalizer do as well?"
ALONE = "Do the inputs do it alone?"
IOFFE = (
    "Ioffe and Szegedy 2015 (arXiv 1502.03167), figure 3: on ImageNet at most 72.7% with BN "
    "against 72.2% without at the same rate, and 74.8% with a larger rate and other changes"
)
GROUPS = "Wu and He 2018 (arXiv 1803.08494), section 4.1: ResNet-50 on ImageNet, 32 images a GPU, "
LECUN = (
    "LeCun, Bottou, Orr and Müller 1998, Efficient BackProp, section 4.3: convergence is usually "
    "faster if the average of each input is close to zero, and if all have about the same spread"
)
claim = claim_form(
    "alternatives",
    statement=f"After {EPOCHS} epochs of {IMAGES:,} images of Fashion-MNIST at a rate that falls "
    "to zero, each arm at its own best rate, {}",
    arms="{}, each at its best rate",
    metric=f"validation accuracy after {EPOCHS} epochs of {IMAGES:,} images in batches of {BATCH}, "
    "plain gradient descent at a rate that rises over 5% of the steps and then falls to zero, the "
    "rate chosen by tuning runs of the same length and score",
    unit="pp",
    margin=0.5,
    decided="interval",
    known="known from the first edition",
)
# What each claim asks of two arms, by its name; it is asked by fresh statistics, and where an arm
# has BN once more as deployed.
ASKED: Mapping[str, tuple[tuple[Arm, Arm], str, Mapping[str, Any]]] = {
    "bn-raw": (
        (BN, RAW),
        "BN is more accurate than the net on raw pixels",
        {
            "label": "BN over raw",
            "question": NEEDED,
            "source": IOFFE,
            "arms": "BN and raw pixels",
            "kind": "difference",
            "headline": "bn-raw",
            "expected": "supported",
        },
    ),
    "bn-std": (
        (BN, STD),
        "BN is as accurate as standardized inputs without it, within half a point",
        {
            "label": "BN like standardized",
            "question": NEEDED,
            "source": IOFFE,
            "arms": "BN and standardized inputs without BN",
            "headline": "bn-std",
            "expected": "not supported",
        },
    ),
    "std-bn": (
        (STD_BN, STD),
        "on standardized inputs a net with BN is as accurate as one without, within half a point",
        {
            "label": "standardized: with BN like without",
            "question": NEEDED,
            "source": IOFFE,
            "arms": "standardized inputs with and without BN",
            "headline": "std-bn",
            "expected": "supported",
        },
    ),
    "ln": (
        (LN, BN),
        "layer normalization is as accurate as BN, within half a point",
        {
            "label": "layer norm like BN",
            "question": INSTEAD,
            "source": "Ba, Kiros and Hinton 2016 (arXiv 1607.06450), figure 6: on MNIST it trains "
            "faster than BN at batches of 128 and 4; " + GROUPS + "1.7 pp more error than BN",
            "arms": "layer normalization and BN",
            "headline": "ln",
            "expected": "not supported",
        },
    ),
    "gn": (
        (GN, BN),
        "group normalization is as accurate as BN, within half a point",
        {
            "label": "group norm like BN",
            "question": INSTEAD,
            "source": GROUPS + "24.1% error against 23.6% with BN",
            "arms": "group normalization (10 groups) and BN",
            "expected": "supported",
        },
    ),
    "ws": (
        (WS, BN),
        "weight standardization alone is as accurate as BN, within half a point",
        {
            "label": "weight std. like BN",
            "question": INSTEAD,
            "source": "Qiao, Wang, Liu, Shen and Yuille 2019 (arXiv 1903.10520), abstract: "
            "together with group normalization it matches or outperforms BN with large batches; "
            "alone it is not proposed",
            "arms": "weight standardization and BN",
            "expected": "not supported",
        },
    ),
    "input-bn": (
        (INPUT_BN, STD),
        "BN of the inputs alone is as accurate as standardized inputs, within half a point",
        {
            "label": "input BN like standardized",
            "question": ALONE,
            "source": LECUN,
            "arms": "BN of the inputs and standardized inputs, both without BN in the hidden "
            "layers",
            "expected": "supported",
        },
    ),
    "centring": (
        (CENTRED, SCALED),
        "centred inputs make a net without BN more accurate than scaled inputs do",
        {
            "label": "centring over scaling",
            "question": ALONE,
            "source": LECUN,
            "arms": "inputs with mean zero and inputs with unit variance, both without BN",
            "kind": "difference",
            "expected": "supported",
        },
    ),
}
# Nets without BN have one score.
FAMILIES = {by: tuple(name for name in ASKED if by == FRESH or name != "centring") for by in SCORES}


def id_of(name: str, by: str) -> str:
    """The id of a claim by a score, after the study's name."""
    return f"2-{name}" + ("-deployed" if by == DEPLOYED else "")


def _claim(name: str, by: str) -> Judged:
    (one, other), words, own = ASKED[name]
    seeds = MANY if name == "gn" else FEW
    ends = check(f"end_{by}_val_accuracy", STEPS)
    plain = name == "centring"
    shown: dict[str, Any] = {"label": own["label"] + (", deployed" if by == DEPLOYED else "")}
    return claim(
        id_of(name, by),
        by=ahead(one, other, by, len(seeds)).contrast(),
        ahead=Direction(read(one.name, ends), read(other.name, ends)),
        seeds=f"{seeds[0]}-{seeds[-1]}",
        score="" if plain else by,
        statement=words + ("." if plain else f", {SCORES[by]}."),
        **{"kind": "equivalence", **own, **shown},
    )


CLAIMS = tuple(_claim(name, by) for by, names in FAMILIES.items() for name in names)

# A seed below it learned little or diverged; a curve that went there would flatten all others.
FAILED = 80.0
BLUE = replace(INPUT_BN, colour="bn")
PANELS = {
    "normalizers": {
        "The normalizer": {RAW: "none", BN: "batch", LN: "layer", GN: "group", WS: "weights"},
        "BN and standardized inputs": {RAW: "neither", STD: "std.", BN: "BN", STD_BN: "both"},
    },
    "inputs": {
        "The inputs": {RAW: "raw", STD: "std.", CENTRED: "centered", SCALED: "scaled", BLUE: "BN"},
    },
}


def _ahead(records: Records, name: str) -> dict[str, str]:
    """Name the arm of a claim with the higher mean, and that with the lower."""
    pair, *_ = ASKED[name]
    worse, better = sorted(pair, key=lambda arm: float(scored(arm)(records).mean()))
    return {f"{name}.ahead": better.label, f"{name}.behind": worse.label}


def _values(records: Records) -> dict[str, Value]:
    accuracies = ranked(records, {arm: scored(arm) for arm in NETS.rates})
    first, *_, last = accuracies
    measured = {
        "first": first.label,
        "last": last.label,
        "apart": mean_of(accuracies[first].mean() - accuracies[last].mean(), 2),
        "lag": mean_of((scored(BN) - scored(BN, DEPLOYED))(records), 2, unit="pp", signed=True),
    }
    for name in ASKED:
        measured |= _ahead(records, name)
    given = {
        "rate.bn": f"{NETS.rates[BN]:g}",
        "arms": str(len(NETS.rates)),
        "epochs": str(EPOCHS),
        "steps": str(STEPS),
        "images": f"{IMAGES:,}",
        "tuning": str(len(NETS.seeds)),
    }
    origin = f"mean validation accuracies by fresh statistics, {len(FEW)} seeds"
    return values_of(origin, measured) | values_of("set before the runs", given)


def _beside(records: Records) -> Table:
    return NETS.neighbours(
        records,
        {own["label"]: pair for pair, _, own in ASKED.values()},
        "Would another rate have turned it? Points at neighboring rates",
        "The first arm minus the second, each half a decade below its rate, at it, and as far "
        f"above; means of {len(NETS.seeds)} tuning seeds by fresh statistics, not judged. Where an "
        "arm no longer trains, the difference is large.",
    )


def _ranking(records: Records) -> Dots:
    return ranking(
        records,
        NETS,
        f"Validation accuracy after {EPOCHS} epochs, the highest mean first",
        f"300-100 ReLU net, batches of {BATCH}, tuned rates that fall to zero, by fresh statistics",
    )


def _tuning(records: Records, which: str) -> Curves:
    drawn = NETS.panels(records, PANELS[which], floor=FAILED)
    if which == "normalizers":
        title = reach(
            drawn,
            FAILED,
            "BN still reaches",
            {"batch", "BN"},
            "other normalizers",
            {"layer", "group", "weights"},
        )
    else:
        (once,), (by_batch,) = (means(drawn, name) for name in ("std.", "BN"))
        # Where both have no rate in common, a hundred points are all that is known.
        apart = [abs(once[rate] - by_batch[rate]) for rate in once if rate in by_batch] or [100.0]
        most = at_most(apart, 1)
        title = f"BN of the inputs stays within {most} points of standardizing them"
    return Curves(
        title=title,
        subtitle=f"By fresh statistics after {EPOCHS} epochs; the rate falls to zero. Three tuning "
        "seeds, thin, and their mean, thick. Left out: rates at which a seed stayed below "
        f"{FAILED:g}%",
        x_label="learning rate",
        x_scale="log",
        panels=drawn,
    )


SECOND = study(
    "alternatives",
    CLAIMS,
    RUNS,
    number=2,
    families=tuple(
        tuple(f"alternatives-{id_of(name, by)}" for name in names) for by, names in FAMILIES.items()
    ),
    values=_values,
    tables={"arms": partial(arms_table, nets=NETS), "beside": _beside},
    plots={"ranking": _ranking} | {which: partial(_tuning, which=which) for which in PANELS},
    check_tuning=NETS.check,
)
