"""Does batch normalization regularize: more right answers at the same training loss?

Few training images, so that every net overfits. Their numbers are multiples of the batch: a last
batch of eight images would throw a net off just before it is measured.
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from bnreport.analysis.arms import usual
from bnreport.analysis.cells import mean_of, reached, values_of
from bnreport.analysis.charts import panels
from bnreport.analysis.comparisons import Sample, runs_of
from bnreport.analysis.design import claim_form, study
from bnreport.analysis.grids import Tuned
from bnreport.presentation import Curves, Dots, Table, Value
from bnreport.protocol.checks import Score
from bnreport.protocol.directions import check, more, score
from bnreport.records.collection import Records
from bnreport.studies.second.regularization import SECOND

RAW, STD, BN, STD_BN, LN = usual("raw", "std", "bn", "std-bn", "ln")
BATCH_SIZE = 32
# Training images, and epochs; and these in steps.
SIZES = {1024: 60, 5120: 30}
STEPS = {images: epochs * images // BATCH_SIZE for images, epochs in SIZES.items()}
# Keras' default, which every trial keeps.
MOMENTUM = BN.trial(learning_rate=1.0, epochs=1).momentum
# A training loss that all arms of the claims reached in pilots, dropout last; fixed beforehand.
LEVEL = 0.3
# The arms, and at 1024 and 5120 images the rates that the tuning runs find best.
RATES = {
    RAW: (0.1, 0.3),
    replace(STD, label="standardized"): (0.3, 0.01),
    BN: (0.03, 0.01),
    replace(STD_BN, label="standardized, BN"): (0.1, 0.03),
    LN: (0.01, 0.01),
    RAW.variant("dropout", "raw pixels, dropout", {"dropout": 0.5}, colour="neutral"): (0.1, 0.1),
    BN.variant("bn-dropout", "BN, dropout", {"dropout": 0.5}, colour="neutral"): (0.1, 0.1),
}
# The nets of the claims, whose test accuracy is compared after the last epoch, too; with names
# short enough for the end of a curve.
SHORT = {"raw": "raw", "std": "standardized", "bn": "BN"}


def checks(end: int) -> tuple[Score, ...]:
    """Loss and accuracy on training and test images after 16 steps that grow by one factor."""
    steps = tuple(int(step) for step in np.rint(np.geomspace(end // 48, end, 16)))
    train = Score(name="train", steps=steps, part="train")
    return train, Score(name="test", steps=steps, part="test")


NETS = {
    (arm.name, images): arm.variant(
        f"{arm.name}-{images}", fields={"score_epochs": (epochs,) if arm.name in SHORT else ()}
    )
    for arm in RATES
    for images, epochs in SIZES.items()
}
TUNED = {
    images: Tuned(
        rates={NETS[arm.name, images]: rates[place] for arm, rates in RATES.items()},
        grid=(0.003, 0.01, 0.03, 0.1, 0.3, 1.0),
        setting={"batch_size": BATCH_SIZE, "images": images, "split": "seed"},
        tuning={"epochs": epochs // 3, "evaluated": ("val",), "score_epochs": ()},
        judged={"epochs": epochs, "evaluated": (), "checks": checks(STEPS[images])},
    )
    for place, (images, epochs) in enumerate(SIZES.items())
}
# So many images share a mean.
GHOSTS = {
    size: BN.variant(f"ghost-{size}", net={"normalizer": "ghost", "groups": size})
    for size in (8, 32, 128, 512)
}
GHOST_IMAGES, GHOST_BATCH, GHOST_RATE, GHOST_EPOCHS = 5120, 512, 0.3, 40
RUNS = (
    *(run for (_, images), net in NETS.items() for run in TUNED[images].tuning_runs(net)),
    *(TUNED[images].judged_runs(net) for (_, images), net in NETS.items()),
    *(
        arm.runs(
            images=GHOST_IMAGES,
            batch_size=GHOST_BATCH,
            learning_rate=GHOST_RATE,
            epochs=GHOST_EPOCHS,
            split="seed",
            evaluated=(),
            checks=checks(GHOST_EPOCHS * GHOST_IMAGES // GHOST_BATCH),
        )
        for arm in GHOSTS.values()
    ),
)


def matched(trial: str, level: float = LEVEL) -> Sample:
    """The test accuracy in per cent where each run's training loss has fallen to a level."""
    return 100 * runs_of(trial).at_loss("train_loss", "test_accuracy", (level,))


def at_level(treated: tuple[str, ...], control: str) -> Any:
    """Predicts who has more test accuracy at the same training loss, by names of trials."""
    losses = more((*treated, control), (), check("train_loss")).favoured
    return more(treated, control, check("test_accuracy"), "matched", LEVEL, beside=losses)


# By arm and images: which test images are right in the end, and the loss of all.
RIGHT = {
    (arm, images): runs_of(f"{arm}-{images}").correct(epochs)
    for arm in SHORT
    for images, epochs in SIZES.items()
}
LOSS = {key: runs_of(net).measured("test_loss", lost=np.inf)[:, -1] for key, net in NETS.items()}

IOFFE = (
    "Ioffe and Szegedy 2015 (arXiv 1502.03167), section 3.4: BN regularizes, because each image is "
    "seen together with others of its batch; dropout can be removed or reduced"
)
LUO = (
    "Luo, Wang, Shao and Peng 2019 (arXiv 1809.00846), abstract: BN is a normalization by the "
    "population and an explicit regularization, a decay of gamma"
)
LENGTHS = " or ".join(f"{epochs} epochs of {images:,} images" for images, epochs in SIZES.items())
NO_BN = {"raw": "the net on raw pixels", "std": "standardized inputs without BN"}
# The settings of a claim, by the arm that another is compared with.
BY_SIZE = {
    control: {f"{images:,} images": (control, images) for images in SIZES} for control in NO_BN
}
matching = claim_form(
    "regularization",
    statement=f"At a training loss of {LEVEL:g}, {{}}.",
    metric="test accuracy at the moment when the loss on the training images, in inference mode, "
    f"has fallen to {LEVEL:g}; interpolated on the loss's logarithm between checks at which it is "
    "lower than ever before. A pair in which a run never falls so far counts as a tie",
    unit="pp",
    margin=0.5,
)
ending = claim_form(
    "regularization",
    statement="After the last epoch, BN {}.",
    arms="BN and {}, each at its best rate",
)

CLAIMS = (
    *(
        matching(
            f"same-{control}",
            by=lambda other, n: (matched(f"bn-{n}") - matched(f"{other}-{n}")).contrast(ties=True),
            ahead=lambda other, n: at_level((f"bn-{n}",), f"{other}-{n}"),
            in_each=BY_SIZE[control],
            label=f"BN over {short}, same loss",
            question="Does BN generalize better at the same training loss?",
            statement=f"BN is more accurate on test images than {NO_BN[control]}",
            source=f"{IOFFE}; {LUO}",
            arms=f"BN and {NO_BN[control]}, each at its best rate",
            expected="not supported",
        )
        for control, short in (("raw", "raw"), ("std", "standard."))
    ),
    *(
        ending(
            f"end-{control}",
            by=lambda other, n: (100 * (RIGHT["bn", n] - RIGHT[other, n])).contrast(),
            ahead=lambda other, n: more(f"bn-{n}", f"{other}-{n}", score("test", SIZES[n])),
            in_each=BY_SIZE[control],
            label=f"BN over {short}, end",
            question="Does BN generalize better in the end?",
            statement=f"is more accurate on test images than {NO_BN[control]}",
            source=IOFFE,
            arms=NO_BN[control],
            metric=f"test accuracy after {LENGTHS}",
            unit="pp",
            margin=0.5,
            interval="seeds and images",
            expected="not supported",
        )
        for control, short in (("raw", "raw"), ("std", "standardized"))
    ),
    *(
        ending(
            f"loss-{control}",
            by=lambda other, n: LOSS["bn", n].ratio(LOSS[other, n]),
            ahead=lambda other, n: more(f"bn-{n}", f"{other}-{n}", check("test_loss", STEPS[n])),
            in_each=BY_SIZE[control],
            label=f"test loss, BN over {short}",
            question="Does BN overfit?",
            statement=f"has a higher test loss than {NO_BN[control]}",
            source=IOFFE + "; it predicts the contrary",
            arms=NO_BN[control],
            metric=f"cross-entropy on the test images after {LENGTHS}",
            unit="x",
            scale="ratio",
            margin=1.1,
            expected=expected,
        )
        for control, short, expected in (
            ("raw", "raw", "mixed"),
            ("std", "standard.", "not supported"),
        )
    ),
    matching(
        "dropout",
        by=lambda other, n: (matched(f"dropout-{n}") - matched(f"{other}-{n}")).contrast(ties=True),
        ahead=lambda other, n: at_level((f"dropout-{n}",), f"raw-{n}"),
        in_each=BY_SIZE["raw"],
        label="dropout over none, same loss",
        question="Does what is known to regularize do so here?",
        statement="dropout of 0.5 makes the net on raw pixels more accurate on test images",
        source="Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov 2014, JMLR 15, "
        "abstract: dropout significantly reduces overfitting",
        arms="raw pixels with dropout after every block and without, each at its best rate",
        expected="underpowered",
    ),
    matching(
        "ghosts",
        by=((matched("ghost-8") + matched("ghost-32")) / 2 - matched("ghost-512")).contrast(
            ties=True
        ),
        ahead=at_level(("ghost-8", "ghost-32"), "ghost-512"),
        label="ghosts of 8, 32 over 512",
        question="Is it the noise of small batches?",
        statement="BN over ghost batches of 8 and 32 images is more accurate on test images than "
        "BN over the whole batch of 512",
        source="Hoffer, Hubara and Soudry 2017 (arXiv 1705.08741), abstract: ghost batches make "
        "the generalization gap of large batches smaller; Summers and Dinneen 2020 (arXiv "
        f"1906.03548), abstract: they regularize at small and medium batches, too; {LUO}",
        arms=f"the mean of ghost batches of 8 and 32, and whole batches of {GHOST_BATCH}; "
        f"{GHOST_IMAGES:,} images, learning rate {GHOST_RATE:g}",
        expected="not supported",
    ),
)

# The losses of the curves, falling.
LEVELS = (0.6, 0.45, LEVEL, 0.2, 0.15, 0.1, 0.07, 0.05, 0.03)
NET = f"300-100 net, batches of {BATCH_SIZE}, each at its tuned rate"
ENDS = {size: 100 * runs_of(arm).scored("test")[:, -1] for size, arm in GHOSTS.items()}


def _values(records: Records) -> dict[str, Value]:
    """The ghosts in the end, and how far apart the rates of the claims' arms are."""
    few, whole = (ENDS[8] + ENDS[32]) / 2, ENDS[GHOST_BATCH]
    scatter = np.ptp([ENDS[8](records), ENDS[32](records)])
    origin = "mean test accuracy after the last epoch"
    means = {"ghosts.few": mean_of(few(records), 2), "ghosts.whole": mean_of(whole(records), 2)}
    ahead = {"ghosts.end": mean_of((few - whole)(records), 2, signed=True, unit="pp")}
    values = (
        values_of(origin, means)
        | values_of(f"{origin}, ghosts less whole", ahead)
        | values_of(
            "test accuracy after the last epoch, ghosts of 8 and of 32, highest run less lowest",
            {"ghosts.scatter": mean_of(scatter, 1)},
        )
        | values_of("Keras' default, which every trial here keeps", {"momentum": f"{MOMENTUM:g}"})
    )
    by_size = {
        images: {label: tuned.rates[NETS[arm, images]] for arm, label in SHORT.items()}
        for images, tuned in TUNED.items()
    }
    apart = {n: max(rates.values()) / min(rates.values()) for n, rates in by_size.items()}
    widest = max(apart, key=apart.__getitem__)
    return values | values_of(
        "the rates that the tuning runs found best",
        {
            "rates.apart": mean_of(apart[widest], 0),
            "rates.images": f"{widest:,}",
            "rates.told": ", ".join(f"{rate:g} for {x}" for x, rate in by_size[widest].items()),
        },
    )


def _nets(records: Records) -> Table:
    def row(arm: str, label: str, images: int) -> tuple[str, ...]:
        net = NETS[arm, images]
        fallen, few = reached(matched(net.name)(records))
        train = runs_of(net).measured("train_loss", lost=np.inf)[:, -1](records)
        return (
            label,
            f"{images:,}",
            f"{TUNED[images].rates[net]:g}",
            mean_of(fallen, 2) + f" ({few})" * bool(few) if len(fallen) else "never",
            mean_of(100 * runs_of(net).scored("test")[:, -1](records), 2),
            mean_of(LOSS[arm, images](records), 3),
            mean_of(np.median(train), 4),
        )

    at_level = f"test accuracy at loss {LEVEL:g}, %"
    in_the_end = ("at the end, %", "test loss at the end", "training loss at the end")
    return Table(
        "Every net: at the same training loss, and after the last epoch",
        ("net", "images", "rate", at_level, *in_the_end),
        tuple(row(arm.name, arm.label, images) for images in SIZES for arm in RATES),
        note="Means over the seeds; the training loss is the median. Diverged runs count as "
        "chance.",
    )


def _fit(records: Records) -> Curves:
    def curve(net: Any, label: str) -> Any:
        by_level = {level: matched(net.name, level)(records) for level in LEVELS}
        # A mean over fewer seeds than before would jump.
        whole = {x: y for x, y in by_level.items() if np.isfinite(y).all()}
        return net.curve(list(whole), np.array(list(whole.values())).T, label)

    curves = {
        f"{n:,} training images": [curve(NETS[arm, n], label) for arm, label in SHORT.items()]
        for n in SIZES
    }
    return Curves(
        title="Test accuracy by how well the training images are fitted",
        subtitle=f"{NET}. Thin: {records.n_seeds} seeds; thick: mean, 95% interval",
        x_label="training loss, falling",
        x_scale="log",
        panels=panels(curves, "test accuracy, %", longest_first=True),
    )


def _same(records: Records, images: int) -> Dots:
    return _dots(
        records,
        {arm.label: (arm, matched(f"{arm.name}-{images}")) for arm in RATES},
        f"Test accuracy at a training loss of {LEVEL:g}, {images:,} images",
        f"{NET}. A dot a seed (n = {records.n_seeds}), the mean and its 95% interval",
    )


def _ghosts(records: Records) -> Dots:
    nets: dict[str, Any] = {
        f"ghosts of {size}, loss {LEVEL:g}": (arm, matched(arm.name))
        for size, arm in GHOSTS.items()
    }
    nets |= {
        f"ghosts of {size}, the end": (replace(arm, colour="neutral"), ENDS[size])
        for size, arm in GHOSTS.items()
    }
    return _dots(
        records,
        nets,
        f"Test accuracy of ghost batches at loss {LEVEL:g}, and in the end",
        f"BN, batches of {GHOST_BATCH}, rate {GHOST_RATE:g}, {GHOST_IMAGES:,} images, "
        f"{GHOST_EPOCHS} epochs. A dot a seed (n = {records.n_seeds}), mean, 95% interval",
    )


def _dots(records: Records, nets: Mapping[str, Any], title: str, subtitle: str) -> Dots:
    """A row for each net of which more than one seed falls to the level."""
    rows = []
    for label, (arm, sample) in nets.items():
        fallen, few = reached(sample(records))
        if len(fallen) > 1:
            rows.append(arm.row(fallen, label + f" ({few} runs)" * bool(few)))
    return Dots(title, subtitle, "test accuracy, %", tuple(rows), decimals=2, narrow=True)


STUDY = study(
    "regularization",
    CLAIMS,
    RUNS,
    title="Regularization",
    chapter="Benefits",
    question="Does batch normalization make a net that has few images generalize better?",
    values=_values,
    tables={"nets": _nets},
    plots={
        "fit": _fit,
        **{f"same-{images}": partial(_same, images=images) for images in SIZES},
        "ghosts": _ghosts,
    },
    check_tuning=Tuned.check_each(TUNED.values()),
    later=(SECOND,),
)
