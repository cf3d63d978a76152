"""Does dropout harm batch normalization, where it comes before it and where it comes after?"""

from typing import Any

import numpy as np

from bnreport.analysis.arms import usual
from bnreport.analysis.cells import interval_of, mean_of, means_of
from bnreport.analysis.charts import panels
from bnreport.analysis.comparisons import runs_of
from bnreport.analysis.design import claim_form, study
from bnreport.analysis.metrics import unjudged
from bnreport.presentation import Curves, Dots, Table
from bnreport.protocol.checks import Probe, Score
from bnreport.protocol.directions import check, less, more, score
from bnreport.records.collection import Records
from bnreport.studies.second.dropout import SECOND as SECOND_EDITION

RATE, BATCH_SIZE, EPOCHS = 0.05, 128, 6
END = EPOCHS * 430
SHARES = (0.2, 0.5)
# The normalizer of the second block: the only one that dropout can come before in this net.
SECOND = 1
CHECKS = (
    Score(name="moving", steps=(END,), part="test"),
    Score(name="anew", steps=(END,), part="test", mode="precise"),
    Probe(name="shift", steps=(END,), probe="variances", images=5000),
)
RAW, STD, BN, STD_BN = USUAL = usual()
# After every block.
MIXED = {
    arm: arm.variant(
        f"{arm.name}-dropout-0.5", f"{arm.label}, 0.5 after every block", {"dropout": 0.5}
    )
    for arm in (RAW, STD)
}
# After every block, so also before the BN of the second; and after the last, behind the last BN.
BETWEEN, LAST = (
    {
        share: BN.variant(
            f"bn-{name}-{share:g}",
            f"BN, {share:g} after {where}",
            {"dropout": share, "dropout_after": place},
            dashed=place == "last",
        )
        for share in SHARES
    }
    for name, where, place in (
        ("between", "every block", "every"),
        ("last", "the last block", "last"),
    )
)
WITH_BN = (BN, STD_BN, *BETWEEN.values(), *LAST.values())
NETS = (*USUAL, *MIXED.values(), *BETWEEN.values(), *LAST.values())
RUNS = tuple(
    arm.runs(
        learning_rate=RATE,
        epochs=EPOCHS,
        batch_size=BATCH_SIZE,
        split="seed",
        evaluated=("val",),
        score_epochs=(EPOCHS,),
        checks=CHECKS if arm in WITH_BN else (),
    )
    for arm in NETS
)

# Which test images are right after training, and how many.
RIGHT = {arm: runs_of(arm).correct(EPOCHS) for arm in NETS}
DEPLOYED = {arm: runs_of(arm).accuracy(EPOCHS) for arm in NETS}
# By fresh statistics of training images without dropout; by moving averages once more.
ANEW = {arm: runs_of(arm).scored("anew")[:, -1] for arm in WITH_BN}
MOVING = {arm: runs_of(arm).scored("moving")[:, -1] for arm in WITH_BN}
REPAIRED = {arm: 100 * (ANEW[arm] - MOVING[arm]) for arm in WITH_BN}
# The variance that each BN meets in inference over the one it assumes, (seeds, layers). A run that
# diverged counts as no shift.
MET = {arm: runs_of(arm).measured("shift_ratio", lost=1.0)[:, -1] for arm in WITH_BN}

# For the directions: the test images, and what the second BN meets over what it assumes.
TEST = score("test", EPOCHS)
SHIFT = check("shift_ratio", END, layers=(SECOND,))

WRONG = "Does dropout make BN's statistics wrong?"
PLACE = "Does the place of dropout matter?"
LI = (
    "Li, Chen, Hu and Yang 2018 (arXiv 1801.05134): dropout before BN shifts the variance between "
    "training and inference; "
)
HARM = LI + (
    "DenseNet on CIFAR-100 falls from 77.42% to 68.55% with dropout of 0.5 in each bottleneck"
)
HARMLESS = LI + "after the last BN it does no harm"
BY_SHARE = {f"dropout {share:g}": share for share in SHARES}
shifted = claim_form(
    "dropout",
    question=WRONG,
    arms="the variance that BN assumes and the one it meets, dropout {}",
    metric="variance of the second BN's inputs in inference on 5,000 training images, divided "
    "by its moving variance, the mean over units",
    unit="x",
    scale="ratio",
    margin=1.1,
    expected="supported",
)
claim = claim_form(
    "dropout",
    metric=f"test accuracy after {EPOCHS} epochs at learning rate {RATE:g}, batches of "
    f"{BATCH_SIZE}",
    unit="pp",
    margin=0.5,
    interval="seeds and images",
)

CLAIMS = (
    shifted(
        "shift-between",
        by=lambda share: (-MET[BETWEEN[share]][:, SECOND].map(np.log)).contrast(),
        ahead=lambda share: less(f"bn-between-{share:g}", (), SHIFT, level=1.0),
        in_each=BY_SHARE,
        label="shift behind dropout",
        statement="Behind dropout BN expects a variance that is larger than the one it meets in "
        "inference.",
        source=LI + "figure 1 shows it for each BN of a DenseNet",
        arms="after every block",
    ),
    shifted(
        "shift-last",
        by=lambda share: (-MET[LAST[share]][:, SECOND].map(np.log)).contrast(),
        ahead=lambda share: less(f"bn-last-{share:g}", (), SHIFT, level=1.0),
        in_each=BY_SHARE,
        kind="equivalence",
        label="none after the last BN",
        statement="Where dropout comes after the last BN, BN meets the variance that it expects.",
        source=HARMLESS,
        arms="after the last block",
    ),
    claim(
        "anew",
        by=lambda share: REPAIRED[BETWEEN[share]].contrast(),
        ahead=lambda share: more(
            f"bn-between-{share:g}",
            f"bn-between-{share:g}",
            check("anew_accuracy", END),
            than=check("moving_accuracy", END),
        ),
        in_each=BY_SHARE,
        label="statistics taken anew",
        called="Fresh statistics over moving averages, behind dropout",
        question=WRONG,
        statement="Behind dropout BN is more accurate with statistics taken anew without dropout.",
        shown="Behind dropout, BN is more accurate with fresh statistics, computed without "
        "dropout, than with its moving averages.",
        source=LI + "which makes inference unstable and more predictions wrong",
        arms="BN with dropout after every block: statistics of 10,000 training images taken anew, "
        "and moving averages",
        interval="seeds",
        expected="not supported",
    ),
    claim(
        "place",
        by=lambda share: (100 * (RIGHT[LAST[share]] - RIGHT[BETWEEN[share]])).contrast(),
        ahead=lambda share: more(f"bn-last-{share:g}", f"bn-between-{share:g}", TEST),
        in_each=BY_SHARE,
        label="after the last over between",
        question=PLACE,
        statement="BN with dropout only after the last block is more accurate than with dropout "
        "after every block.",
        source=HARM,
        arms="BN with dropout after the last block and after every block",
        expected="mixed",
    ),
    claim(
        "cost",
        by=lambda share: (100 * (RIGHT[BN] - RIGHT[BETWEEN[share]])).contrast(),
        ahead=lambda share: more("bn", f"bn-between-{share:g}", TEST),
        in_each=BY_SHARE,
        label="BN over BN with dropout",
        question=PLACE,
        statement="Dropout after every block makes a net with BN less accurate.",
        source=HARM + "; ducha-aiki/caffenet-benchmark on GitHub, batchnorm.md: CaffeNet with BN "
        "on ImageNet reaches 51.3% without dropout, 52.7% with 0.2 and 49.9% with 0.5 in two "
        "layers",
        arms="BN without dropout and with dropout after every block",
        expected="mixed",
    ),
    claim(
        "last",
        by=lambda share: (100 * (RIGHT[LAST[share]] - RIGHT[BN])).contrast(),
        ahead=lambda share: more(f"bn-last-{share:g}", "bn", TEST),
        in_each=BY_SHARE,
        label="dropout at the end over none",
        question=PLACE,
        statement="Dropout after the last BN makes a net with BN more accurate.",
        source=HARMLESS,
        arms="BN with dropout after the last block and without",
        expected="not supported",
    ),
    *(
        claim(
            f"more-{control.name}",
            by=(
                100 * ((RIGHT[BN] - RIGHT[BETWEEN[0.5]]) - (RIGHT[control] - RIGHT[MIXED[control]]))
            ).contrast(),
            ahead=more(
                ("bn", f"{control.name}-dropout-0.5"), ("bn-between-0.5", control.name), TEST
            ),
            label=f"cost with BN over {short}",
            question="Does dropout cost more with BN than without?",
            statement="Dropout of 0.5 after every block costs a net with BN more accuracy than "
            f"{words}.",
            source=HARM,
            arms=f"what dropout costs BN, and what it costs {words}",
            expected=expected,
        )
        for control, short, words, expected in (
            (RAW, "raw", "the net on raw pixels", "underpowered"),
            (STD, "standard.", "standardized inputs without BN", "not supported"),
        )
    ),
)

# The two ways in which a trained net is scored, by the name of its values; without BN both are one.
WAYS = {
    "deployed": ("BN by moving averages of momentum 0.99", DEPLOYED),
    "anew": ("BN by statistics from 10,000 training images", DEPLOYED | ANEW),
}
# What the records can answer by either score: the favoured net, the other, and the words.
LATE = "dropout of {:g} after the last block, ahead of "
COMPARED = {
    "raw": (BN, RAW, ""),
    "std": (BN, STD, "no dropout: BN, ahead of standardized inputs"),
    **{
        f"cost.{share:g}": (BN, net, f"no dropout, ahead of dropout of {share:g} after every block")
        for share, net in BETWEEN.items()
    },
    **{
        f"place.{share:g}": (net, BETWEEN[share], LATE.format(share) + "after every block")
        for share, net in LAST.items()
    },
    **{
        f"last.{share:g}": (net, BN, LATE.format(share) + "no dropout")
        for share, net in LAST.items()
    },
}
# These vary by seeds and not by images, so that both ways can be compared: the records hold the
# marks of single images for the moving averages alone.
AHEAD = {
    (way, name): 100 * (accuracy[one] - accuracy[other])
    for way, (_, accuracy) in WAYS.items()
    for name, (one, other, _) in COMPARED.items()
}


def _values(records: Records) -> dict[str, Any]:
    """The effects of dropout and of fresh statistics, and both scores; no claim judges these."""
    points: dict[str, Any] = {"decimals": 2, "signed": True, "unit": "pp"}
    values = means_of(
        records,
        "test accuracy, dropout of 0.5 less none",
        {f"change.{arm.name}": 100 * (RIGHT[net] - RIGHT[arm]) for arm, net in MIXED.items()},
        **points,
    ) | means_of(
        records,
        "test accuracy, fresh statistics less moving averages, no dropout",
        {"repaired.none": REPAIRED[BN]},
        **points,
    )
    means = {f"{arm.name}.accuracy": (arm.name, DEPLOYED[arm]) for arm in MIXED} | {
        f"bn.{way}": (words, accuracy[BN]) for way, (words, accuracy) in WAYS.items()
    }
    for name, (net, sample) in means.items():
        values |= means_of(records, f"test accuracy, {net}, mean, %", {name: 100 * sample}, 2)
    for (way, name), ahead in AHEAD.items():
        (one, other, _), (words, _) = COMPARED[name], WAYS[way]
        nets = f"{one.name} minus {other.name}, {words}"
        if other in (RAW, STD):
            nets = f"{words} minus {other.name}"
        interval = ahead.contrast()(records).interval
        values |= unjudged(f"{way}-{name}", interval, f"test accuracy, {nets}")
    return values


def _nets(records: Records) -> Table:
    tested = {arm: 100 * DEPLOYED[arm](records) for arm in NETS}

    fresh = {arm: mean_of(100 * ANEW[arm](records).mean(), 2) for arm in WITH_BN}
    assumed = {arm: f"{mean_of(1 / MET[arm](records)[:, SECOND], 2)} ×" for arm in WITH_BN}
    return Table.by_column(
        f"Test accuracy after {EPOCHS} epochs, and what BN assumes",
        "net and dropout",
        {arm.label: arm for arm in NETS},
        {
            "deployed, %": lambda arm: mean_of(tested[arm], 2),
            "95% interval": lambda arm: interval_of(tested[arm], 2),
            "fresh, %": lambda arm: fresh.get(arm, "–"),
            "assumes": lambda arm: assumed.get(arm, "–"),
        },
        "Means over the seeds, which the intervals cover. Deployed: by BN's moving averages. "
        "Fresh: by statistics of 10,000 training images without dropout. Assumes: the moving "
        "variance of the second BN, in multiples of the variance that it meets in inference.",
    )


def _scores(records: Records) -> Table:
    """The results of three claims and one question by either score of the same nets."""
    return Table.crossed(
        "The same trained nets by both scores, in percentage points of test accuracy",
        "nets with BN",
        {words: name for name, (_, _, words) in COMPARED.items() if words},
        {"deployed": "deployed", "fresh, unjudged": "anew"},
        lambda name, way: mean_of(AHEAD[way, name](records), 2, signed=True, interval=True),
        "Differences with 95% intervals over the seeds alone; the claims' own intervals cover the "
        "test images too. No claim was made of the right column.",
    )


def _accuracy(records: Records) -> Curves:
    nets = {
        "raw": {0.0: RAW, 0.5: MIXED[RAW]},
        "standardized": {0.0: STD, 0.5: MIXED[STD]},
        "BN": {0.0: BN, **BETWEEN},
        "BN, after the last": {0.0: BN, **LAST},
    }
    curves = [
        by_share[0.5].curve(
            list(by_share),
            np.array([100 * DEPLOYED[arm](records) for arm in by_share.values()]).T,
            label,
        )
        for label, by_share in nets.items()
    ]
    return Curves(
        title="Test accuracy by the share of outputs that dropout sets to zero",
        subtitle=f"300-100 ReLU net, batches of {BATCH_SIZE}, {EPOCHS} epochs. Thin lines: "
        f"{records.n_seeds} seeds; thick: mean and its 95% interval. Dropout after every block; "
        "dashed: after the last block alone",
        x_label="share dropped",
        panels=panels({"": curves}, "test accuracy, %"),
    )


def _shift(records: Records) -> Dots:
    most = SHARES[-1]
    rows = {
        "second BN, no dropout": MET[BN][:, SECOND],
        **{f"second BN, {p:g} after every block": MET[BETWEEN[p]][:, SECOND] for p in SHARES},
        **{f"second BN, {p:g} after the last": MET[LAST[p]][:, SECOND] for p in SHARES},
        f"first BN, {most:g} after every block": MET[BETWEEN[most]][:, SECOND - 1],
    }
    return Dots(
        title="How many times BN assumes the variance that it meets",
        subtitle="Moving variance over the variance of the inputs in inference, mean over units. "
        f"A dot a seed (n = {records.n_seeds}); bars: mean and 95% interval",
        x_label="variance that BN assumes, in multiples of the one it meets",
        rows=tuple(BN.row(1 / ratio(records), label) for label, ratio in rows.items()),
        nothing=1.0,
        decimals=2,
    )


STUDY = study(
    "dropout",
    CLAIMS,
    RUNS,
    title="Dropout",
    chapter="Limits and costs",
    question="Does dropout harm batch normalization, before it and after it?",
    values=_values,
    tables={"nets": _nets, "scores": _scores},
    plots={"accuracy": _accuracy, "shift": _shift},
    later=(SECOND_EDITION,),
)
