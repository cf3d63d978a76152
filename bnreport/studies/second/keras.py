"""What does one batch with a NaN do to a Keras net, and what to the averages of its BN?

The second edition asks what the first did not: small nets meet one batch in which a pixel is NaN,
infinite or too large, in training by `fit` and in a loop that skips steps.
"""

import math
from collections.abc import Mapping
from itertools import product
from typing import Any

import numpy as np

from bnreport.analysis.design import Judged, claim_form, study
from bnreport.analysis.keras_facts import BACKENDS, error_values, fact_runs, misses, on_both, right
from bnreport.presentation.formats import number
from bnreport.presentation.plots import Matrix, Tile
from bnreport.presentation.tables import Table, Value
from bnreport.protocol.facts import ANSWERED, AVERAGED, LINGER, NETS, SPOILED
from bnreport.records.collection import Records

SEED = 200
BOTH = " and ".join(BACKENDS.values())
NET_WORDS = dict(zip(NETS, ("no normalizer", "LN", "BN", "frozen BN"), strict=True))
WITHOUT = tuple(net for net in NETS if net != "batch")
# What skips the step of a batch whose gradients are not finite, and not what BN keeps.
SKIPPING = ("scaled", "skipped")
MOMENTUM = 0.99
WAY_WORDS = {
    "plain": "fit, SGD",
    "clipped": "fit, clipped gradients",
    "scaled": "fit, LossScaleOptimizer",
    "skipped": "a loop that skips the step",
    "dropped": "a loop that drops the batch whole",
}


def each(*words: tuple[str, ...] | str) -> tuple[str, ...]:
    """The names of facts by way, net and effect, without what spoils a batch."""
    choices = [(word,) if isinstance(word, str) else word for word in words]
    return tuple(map("_".join, product(*choices)))


def all_of(spoils: str, names: tuple[str, ...], value: float) -> dict[str, float]:
    """One number for each of these facts."""
    return {f"{spoils}_{name}": value for name in names}


def lasts(pixel: float) -> int:
    """Count good batches, of mean 0 and variance 1, until a pixel has left the variance."""
    mean, square = (pixel - 1) / LINGER.size, (pixel**2 + LINGER.size - 1) / LINGER.size
    excess = (1 - MOMENTUM) * (square - mean**2 - 1)
    return max(0, math.ceil(math.log(LINGER.within / excess) / math.log(MOMENTUM)))


SKIPS = (
    "Keras' source: LossScaleOptimizer returns the weights as they were where a gradient is not "
    "finite"
)
REPORT = "github.com/keras-team/keras/issues/9646, a report of NaN in the averages, of 2018"
OURS = "our own question"
form = claim_form(
    "keras",
    question="What does one spoiled batch do?",
    kind="exact",
    arms=f"small nets of Keras on {BOTH}, one of whose batches has a spoiled pixel",
    metric="facts that come out otherwise, of {}; each on both backends",
    unit="facts",
    margin=0.0,
    seeds=str(SEED),
    expected="supported",
    known="known from trying it out",
    source=OURS,
)


def claim(name: str, facts: Mapping[str, float], **own: Any) -> Judged:
    """A claim that these facts have these numbers."""
    return form(f"2-{name}", by=misses(facts), ahead=right(facts), **own)


CLAIMS = (
    claim(
        "inference",
        all_of("mates", each(("inference",), NETS), 1.0),
        label="NaN in inference mode",
        statement="In inference mode an image with a NaN spoils its own answer and no other, with "
        "BN as without.",
        metric="the answers that are NaN in a batch of eight",
    ),
    claim(
        "training",
        all_of("mates", ("training_batch",), 8.0)
        | all_of("mates", each(("training",), WITHOUT), 1.0),
        label="NaN in training mode",
        statement="In training mode an image with a NaN spoils all answers of its batch under BN, "
        "and its own alone without a normalizer, under LN and under frozen BN.",
        metric="the answers that are NaN in a batch of eight",
    ),
    claim(
        "plain",
        all_of("nan", each(("plain", "clipped"), NETS, "answers"), 1.0),
        label="NaN in a plain fit",
        statement="After one batch with a NaN in a fit by SGD, with clipped gradients or without, "
        "every answer is NaN, in nets with BN and without alike.",
        metric="the share of answers that are NaN",
    ),
    claim(
        "weights",
        all_of("nan", each(SKIPPING, NETS, ("weights", "later")), 0.0),
        label="weights where the step is skipped",
        statement="Where the step of that batch is skipped, since gradients are not finite, "
        "training ends as if the batch had never come: the same weights, and the same "
        "loss in the next epoch, with BN too.",
        metric="the shares of weights and of later losses that differ from those of a net that "
        "never saw the batch",
        source=SKIPS,
    ),
    claim(
        "averages",
        all_of("nan", each(SKIPPING, ("batch",), ("answers", "averages")), 1.0)
        | {"stays_found": 1.0},
        label="averages where the step is skipped",
        statement="Where only the step is skipped, all moving averages of BN are NaN, and with "
        "them every answer in inference mode.",
        metric="the shares of averages and of answers to good images that are NaN",
        source=REPORT,
    ),
    claim(
        "others",
        all_of("nan", each(SKIPPING, WITHOUT, "answers"), 0.0)
        | all_of("nan", each(SKIPPING, ("frozen",), "averages"), 0.0),
        label="other nets where the step is skipped",
        statement="Where the step is skipped, a net without a normalizer, with LN or with frozen "
        "BN goes on to answer.",
        metric="the shares of answers that are NaN, and of frozen averages that differ",
    ),
    claim(
        "stays",
        {"stays_batches": 1.0, "stays_momentum": 1.0},
        label="good batches afterwards",
        statement="Neither a thousand good batches nor one at a momentum of 0 mends averages that "
        "are NaN.",
        metric="the share of averages that are NaN",
        source="NaN times any number, 0 too, is NaN (IEEE 754)",
    ),
    claim(
        "mended",
        {"stays_zero": 0.0, "stays_zero-answers": 0.0, "stays_zero-off": 0.0},
        label="set to 0, then a good batch",
        statement="Averages that are set to 0 first, and then take a good batch at a momentum of "
        "0, are those of that batch, and the net answers again.",
        metric="the shares of averages and answers that are NaN, and the largest difference from "
        "the batch's own statistics, in parts of the largest of them",
    ),
    claim(
        "dropped",
        all_of("nan", each(("dropped",), NETS, ("weights", "later", "answers")), 0.0)
        | all_of("nan", each(("dropped",), AVERAGED, "averages"), 0.0),
        label="the batch dropped whole",
        statement="A loop that skips the averages with the step ends as if the batch had never "
        "come, averages and all.",
        metric="the shares of weights, averages and later losses that differ from those of a net "
        "that never saw the batch, and of answers that are NaN",
    ),
    claim(
        "infinity",
        all_of("infinity", each(("plain",), NETS, "answers"), 1.0)
        | all_of("infinity", each(("scaled",), ("batch",), ("answers", "averages")), 1.0)
        | all_of("infinity", each(("scaled",), WITHOUT, "answers"), 0.0)
        | all_of("infinity", each(("scaled",), NETS, ("weights", "later")), 0.0),
        label="a pixel that is infinite",
        statement="An infinite pixel does what a NaN does: all is lost in a plain fit, and where "
        "the step is skipped BN's averages alone.",
        metric="the shares of answers that are NaN, and of weights, averages and later losses "
        "that differ from those of a net that never saw the batch",
    ),
    claim(
        "overflow",
        all_of("overflow", each(SPOILED["overflow"], NETS, ("lost", "answers")), 0.0)
        | all_of("overflow", each(SPOILED["overflow"], ("batch",), "same"), 1.0)
        | all_of("overflow", each(SPOILED["overflow"], WITHOUT, "same"), 1 / ANSWERED),
        label="a pixel of 1e30",
        statement="A pixel of 1e30, which is finite, makes no loss and no answer NaN; but from "
        "then on a net with BN gives every image the same answer in inference mode, and "
        "no other net does.",
        metric="the shares of losses and answers that are NaN, and of answers that are the first "
        "one's",
    ),
    claim(
        "scale",
        {"scale_weights": 0.0, "scale_moved": 1.0, "scale_averages": 0.0},
        label="a step skipped for its scale",
        statement="A step over good images that loss scaling skips, since its scale is too large, "
        "leaves the averages finite: it moves them as any batch does.",
        metric="the shares of weights and averages that the step changes, and of averages that "
        "are NaN",
    ),
    claim(
        "lingers",
        {f"lingers_{pixel}": float(lasts(pixel)) for pixel in LINGER.pixels},
        label="a pixel that is large",
        statement="A large pixel of one batch leaves the moving variance as fast as momentum to "
        "the power of the batches falls, and no faster.",
        metric="the good batches until the variance is within a tenth of its own, after one pixel "
        "of 10, 100, 1,000 or 10,000",
        source="Keras' documentation of BatchNormalization: the average is what it was times "
        "momentum, plus what the batch has times 1 - momentum",
    ),
)


def share(records: Records, spoils: str, way: str, net: str, effect: str) -> list[float]:
    """A share on both backends."""
    (answers,) = on_both(records, [f"{spoils}_{way}_{net}_{effect}"])
    return [float(value) for value in answers]


def fate(records: Records, spoils: str, way: str, net: str) -> tuple[str, ...]:
    """Say what becomes of a net, in a word or two for each backend that differs."""
    facts = ("answers", "weights", "same")
    answers = zip(*(share(records, spoils, way, net, fact) for fact in facts), strict=True)
    return tuple(dict.fromkeys(_fate(*each) for each in answers))


def _fate(answers: float, weights: float, same: float) -> str:
    if answers:
        return "all NaN" if weights == 1 else "averages NaN"
    if same == 1:
        return "one answer"
    return "answers" if weights else "unharmed"


def matrix(records: Records) -> Matrix:
    """Show what becomes of each net, by what spoils the batch and how it is trained."""
    shown = [("nan", way, f"NaN: {words}") for way, words in WAY_WORDS.items()]
    shown += [("infinity", "scaled", f"infinite: {WAY_WORDS['scaled']}")]
    shown += [("overflow", "plain", f"1e30: {WAY_WORDS['plain']}")]
    return Matrix(
        title="What one spoiled pixel does to a net",
        subtitle="Each net saw one batch with one such pixel, and good ones before and after. "
        "All NaN: weights and answers; averages NaN: the weights are sound, and no "
        "answer is a number. One answer: all images get the same. Answers: each image gets its "
        "own, from other weights. Unharmed: as if the batch had never come. The same on "
        f"{BOTH}, unless a tile names two",
        columns=tuple(NET_WORDS.values()),
        rows=tuple(
            (words, tuple(_tile(fate(records, spoils, way, net)) for net in NETS))
            for spoils, way, words in shown
        ),
    )


def _tile(fates: tuple[str, ...]) -> Tile:
    sound = {*fates} <= {"unharmed", "answers"}
    return Tile(" or ".join(fates), "neutral" if sound else "raw")


def in_percent(shares: list[float]) -> str:
    """A share, of each backend that differs."""
    return " or ".join(dict.fromkeys(f"{number(100 * value, 0)}%" for value in shares))


def of_bn(records: Records) -> Table:
    """Say how far the net with BN is from one that never saw the batch, by way."""
    facts = ("weights", "later", "averages", "answers")
    return Table(
        "The net with BN after a batch with a NaN, compared with the same net without that batch",
        (
            "trained by",
            "weights that differ",
            "later losses that differ",
            "averages that differ",
            "answers that are NaN",
        ),
        tuple(
            (words, *(in_percent(share(records, "nan", way, "batch", fact)) for fact in facts))
            for way, words in WAY_WORDS.items()
        ),
        text=True,
    )


def counts(
    records: Records,
    caption: str,
    head: tuple[str, ...],
    rows: Mapping[str, tuple[str, ...]],
    note: str = "",
) -> Table:
    """Numbers of facts, a row of them each."""
    return Table(
        caption,
        head,
        tuple(
            (
                words,
                *(
                    " or ".join(dict.fromkeys(f"{v:,.0f}" for v in on))
                    for on in on_both(records, names)
                ),
            )
            for words, names in rows.items()
        ),
        note,
    )


def mates(records: Records) -> Table:
    """Count the answers that one NaN spoils in a batch of eight."""
    modes = {"inference": "inference mode", "training": "training mode"}
    return counts(
        records,
        "Answers that are NaN in a batch of eight, one of whose images has a NaN",
        ("mode", *NET_WORDS.values()),
        {words: tuple(f"mates_{mode}_{net}" for net in NETS) for mode, words in modes.items()},
    )


def lingering(records: Records) -> Table:
    """Count the batches that a large pixel stays."""
    return counts(
        records,
        "How long one large pixel stays in the moving variance",
        ("pixel", "good batches"),
        {f"{pixel:,}": (f"lingers_{pixel}",) for pixel in LINGER.pixels},
        note=f"Of one feature in one batch of {LINGER.size}; all others are 1 or −1. Counted "
        f"until the variance is at most {1 + LINGER.within:g} instead of 1, at a momentum of "
        f"{MOMENTUM}.",
    )


def mending(records: Records) -> Table:
    """Say which averages are still NaN after what might mend them."""
    tried = {
        "found": "nothing",
        "batches": "a thousand good batches",
        "momentum": "a good batch at a momentum of 0",
        "zero": "set to 0, then a good batch at a momentum of 0",
    }
    return Table(
        "Averages that are NaN, after what might mend them",
        ("after", *BACKENDS.values()),
        tuple(
            (words, *(in_percent([float(v)]) for v in on_both(records, [f"stays_{name}"])[0]))
            for name, words in tried.items()
        ),
        text=True,
    )


def values(records: Records) -> dict[str, Value]:
    """The numbers of prose."""
    stays = {f"lasts.{pixel}": on_both(records, [f"lingers_{pixel}"]) for pixel in LINGER.pixels}
    return error_values(CLAIMS, records) | {
        name: Value(f"{np.max(batches):,.0f}", "good batches, the larger of both backends")
        for name, batches in stays.items()
    }


SECOND = study(
    "keras",
    CLAIMS,
    fact_runs(("spoiled",), SEED),
    number=2,
    values=values,
    tables={"bn": of_bn, "mates": mates, "lingers": lingering, "mending": mending},
    plots={"fates": matrix},
    code=(
        "protocol/facts.py",
        *(f"training/facts/{name}.py" for name in ("ask", "courses", "layer", "spoiled")),
    ),
)
