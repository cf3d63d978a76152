"""Say what three scores of the same images show of batch normalization, and what they leave open.

The rule is that of docs/downloads/bn_doctor.py, which sees each image. Three scores do not: how
often two of them are right about the same image is unknown. So each difference is weighed twice,
for the images that agree the most and for those that agree the least, and what lies between is
left open. The script of the piece applies what `rule` hands to it.
"""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from statistics import NormalDist
from typing import Literal, TypeAlias

Weight: TypeAlias = Literal["yes", "open", "no"]
Pair: TypeAlias = tuple[str, str]

# As in bn_doctor.py: a difference is no chance when it is so many standard errors and a sign test
# agrees; it matters from two points of accuracy on; smaller batches are tiny.
ERRORS, CHANCE, POINTS, TINY = 3.5, 2e-4, 0.02, 16
# Of fewer images the doctor says that they are few.
FEW = 100
# Up to so many images that differ the sign test is exact; beyond, so many deviations stand for it.
EXACT, DEVIATIONS = 1_000, NormalDist().inv_cdf(1 - CHANCE / 2)
LIBRARIES = ("Keras", "PyTorch", "Flax")
# The scores, as the reader enters them, and what a sentence calls them; the last may be missing.
SCORES = {
    "averages": "by the averages",
    "batch": "by their own batch",
    "fresh": "by fresh statistics",
    "printed": "as printed in training",
}
OPTIONAL = ("printed", "size")
# What a difference that counts says, by the score that is higher and the other one.
HIGHER: Mapping[Pair, str] = {
    ("fresh", "averages"): "By fresh statistics, the images score {gap} points more than by the "
    "averages",
    ("batch", "averages"): "By their own batch, the images score {gap} points more than by the "
    "averages",
    ("batch", "fresh"): "By their own batch, the images score {gap} points more than by fresh "
    "statistics",
    ("printed", "fresh"): "Training printed {gap} points more than these images score by fresh "
    "statistics",
    ("averages", "batch"): "By the averages, the images score {gap} points more than by their own "
    "batch",
}
# What no row describes, and is said beside whatever else is found.
BELOW: Pair = ("averages", "fresh")
# Whole numbers beside them, with the least and the most that make sense.
COUNTS = {
    "images": ("Images scored", 2, 10_000_000),
    "classes": ("Classes", 2, 1_000_000),
    "size": ("Batch size in training", 1, 10_000_000),
}
# A score, with a percent sign or without; a whole number; and what stands for no number at all.
SCORE = r"^([0-9]{1,3}(?:[.,][0-9]*)?|[.,][0-9]+) ?(%?)$"
WHOLE = r"^([0-9]{1,9}|[0-9]{1,3}([, ][0-9]{3}){1,2})$"
NOTHING = r"^[+-]?(nan|inf(inity)?)$"
# The most of what a reader typed that is repeated.
REPEATED = 20


@dataclass(frozen=True)
class Cause:
    """A likely cause: its anchor on the page and its title there, and when to suspect it.

    Attributes:
        anchor: the place on the page.
        title: its title there.
        why: what would speak for it, by library; one for all under "all".
        only: what must hold for it to be named at all: "chance", "tiny", "alone"; or "".
        first: what puts it before all others.
    """

    anchor: str
    title: str
    why: Mapping[str, str]
    only: str = ""
    first: str = ""


@dataclass(frozen=True)
class Pattern:
    """A row of the table: which scores are higher than which, and what that says.

    Attributes:
        name: as in bn_doctor.py.
        pattern: the row as the table has it; empty where the table has none.
        higher: pairs of scores of which the first must be higher.
        title: the finding, over the picture.
        meaning: what the row says.
        causes: in the order in which to look for them.
    """

    name: str
    pattern: str
    higher: tuple[Pair, ...]
    title: str
    meaning: str
    causes: tuple[Cause, ...] = ()


NAN = Cause(
    "one-nan-batch",
    "One NaN batch",
    {"all": "if an average is NaN or infinite, so that every answer is the same"},
    only="chance",
    first="chance",
)
TWO_KINDS = Cause(
    "one-layer-two-kinds-of-input",
    "One layer, two kinds of input",
    {"all": "if one layer runs several times in a step, or meets two kinds of input in turn"},
)
MOVED = Cause(
    "data-that-moved",
    "Data that moved",
    {"all": "if images come from elsewhere, or are prepared in another way"},
)
# With the momentum that a library has by default.
_LAG = "if steps were few, or large to the end: by default {} keeps {} of the old average at each"
ROWS = (
    Pattern(
        "averages",
        "low, high, high",
        (("fresh", "averages"),),
        "Fresh statistics repair it",
        "The averages are wrong, and fresh statistics are better.",
        (
            NAN,
            Cause(
                "statistics-that-nobody-passed-on",
                "Statistics that nobody passed on",
                {
                    "Flax": "if averages are still 0 and 1, because what changed in batch_stats "
                    "was dropped"
                },
                first="chance",
            ),
            Cause(
                "stale-averages",
                "Stale averages",
                {
                    library: _LAG.format(library, kept)
                    for library, kept in (("Keras", 0.99), ("PyTorch", 0.9), ("Flax", 0.99))
                },
            ),
            Cause(
                "frozen-the-wrong-way",
                "Frozen the wrong way",
                {
                    "Keras": "if weights below a layer with trainable=False were trained on",
                    "PyTorch": "if weights below a layer in eval() were trained on",
                    "Flax": "if weights below a layer that uses its averages were trained on",
                },
            ),
            Cause(
                "averaged-weights",
                "Averaged weights",
                {"all": "if weights were averaged (EMA, SWA) and the statistics not taken again"},
            ),
            Cause(
                "dropout-before-it",
                "Dropout before it",
                {"all": "if dropout stands before BN, since the averages were taken under it"},
            ),
            Cause(
                "momentum-of-the-other-library",
                "Momentum of the other library",
                {
                    "Keras": "if a layer has momentum 0.1, and so forgets 90% at each step",
                    "PyTorch": "if a layer has momentum 0.99, and so forgets 99% at each step",
                    "Flax": "if a layer has momentum 0.1, and so forgets 90% at each step",
                },
            ),
            TWO_KINDS,
        ),
    ),
    Pattern(
        "data",
        "low, high, low",
        (("batch", "averages"), ("batch", "fresh")),
        "Only their own batch repairs it",
        "The data of this evaluation do not fit the statistics of training.",
        (
            MOVED,
            TWO_KINDS,
        ),
    ),
    Pattern(
        "unsettled",
        "",
        (("batch", "averages"),),
        "Fresh statistics leave it open",
        "Whether fresh statistics repair that is not settled. Score more images.",
    ),
    Pattern(
        "training",
        "low, low, low",
        (("printed", "fresh"),),
        "All three lie below what was printed",
        "That is overfitting, or batches of training that mislead, and these scores do not "
        "say which: score images of training three times as well.",
        (
            Cause(
                "question-2",
                "Overfitting, or other data",
                {"all": "if images of training are good by the averages"},
            ),
            Cause(
                "sorted-batches",
                "Sorted batches",
                {"all": "if a batch of training holds few classes"},
                first="chance",
            ),
            Cause(
                "a-last-batch-of-one",
                "A last batch of one",
                {"all": "your batches of one, in which an example is its own mean"},
                only="alone",
                first="alone",
            ),
            Cause(
                "tiny-batches",
                "Tiny batches",
                {"all": "your batches give a dense layer fewer than 16 values to take a mean of"},
                only="tiny",
                first="tiny",
            ),
            Cause(
                "the-same-batches-in-every-epoch",
                "The same batches in every epoch",
                {"all": "if batches are not reshuffled, the net may know them by heart"},
            ),
            TWO_KINDS,
        ),
    ),
    Pattern(
        "batches",
        "high, low, high",
        (("averages", "batch"),),
        "Only their own batch misleads",
        "Only batches of these images mislead, which is harmless in inference mode.",
        (
            Cause(
                "served-in-training-mode",
                "Served in training mode",
                {"all": "this is what it costs if the net is ever asked in training mode"},
            ),
        ),
    ),
)
TITLES = {
    "partly": "Fresh statistics repair part of it",
    "none": "No fault shown",
    "few": "Too few images to tell",
    "chance": "The net does not beat chance",
    "below": "Fresh statistics do worse",
    "open": "Too close to call",
    "refused": "One entry needs another look",
}
SAID = {
    "counts": "{higher}. {meaning}",
    "open": "{higher}, and with {images} images three scores leave open whether that is chance. "
    "Score more images, or let bn_doctor.py compare them one by one.",
    "sure": " This much is sure. {higher}.",
    "none": "These three scores show no fault of batch normalization. A difference counts from two "
    "points on.",
    "few": "{higher}, but with {images} images that may be chance. Score more images before you "
    "look for a fault.",
    "few, and no gap": "These three scores show no fault of batch normalization, but with {images} "
    "images only large differences can be seen. Score more images.",
    "chance": "By the averages, the net is no more than two points above chance, and the two other "
    "scores are hardly higher. These scores cannot show whether batch normalization is at fault: "
    "find out first why the net does not do better than a guess.",
    "unprinted": " If training prints much more, enter that as well.",
    "partly": " Their own batch is better still, so fresh statistics do not repair all of it.",
    "unrepaired": " Fresh statistics of images of training do not repair that.",
    "below": "By the averages, the images score {gap} points more than by fresh statistics. "
    "That gives no reason to blame the averages: ask whether the fresh statistics come from images "
    "of training, prepared as in training, without dropout.",
    "lead": "Look in this order; the scores alone do not distinguish these.",
    "lead one": "The place to look:",
    "lead open": "If it is no chance, this follows. {meaning}",
}
REFUSED = {
    "missing": "{Name}: no number yet. Enter an accuracy from 0 to 100%; the code above works it "
    "out.",
    "nothing": "{Name}: “{text}” is no accuracy, since an answer that is NaN counts as wrong. If "
    "outputs or a loss are NaN, an average may be NaN.",
    "no score": "{Name}: “{text}” is no accuracy. Enter a number from 0 to 100, such as 97.3.",
    "over": "{Name}: {text} is more than 100%. Enter an accuracy, and not a count or a loss.",
    "mixed": "{Name}: is {text} a share of 1, or percent? Other scores are above 1. Add the sign "
    "% where you mean it.",
    "whole": "{Name}: “{text}” is not understood. Enter a whole number from {low} to {high}.",
}
# What the piece begins with, and cases of each row: invented scores.
START = {
    "averages": "71%",
    "batch": "93%",
    "fresh": "92%",
    "printed": "",
    "images": "5000",
    "classes": "10",
    "size": "",
    "library": "Keras",
}
EXAMPLES = {
    "Averages": {},
    "Other data": {"fresh": "72%"},
    "All low": {"batch": "70.5%", "fresh": "71.2%", "printed": "98%", "size": "64"},
    "Only batches": {"averages": "92.5%", "batch": "61%"},
    "Sound": {"averages": "91.8%", "batch": "91.2%"},
    "Too close": {"averages": "88.6%", "batch": "91.6%", "fresh": "91.4%", "images": "500"},
}


class NotUnderstoodError(ValueError):
    """An entry that is none of what was asked for; the message says what to enter.

    `kind` is a key of `REFUSED`.
    """

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


@dataclass(frozen=True)
class Entered:
    """Numbers that a reader entered: shares of right answers, and counts."""

    scores: Mapping[str, float | None]
    images: int
    classes: int
    size: int | None
    library: str


@dataclass(frozen=True)
class Weighed:
    """A difference of two scores of the same images.

    Attributes:
        gap: the first less the second, as a share, as they were typed.
        least: its standard error, where both are right about the same images as often as can be.
        most: the same, where that is as seldom as can be.
        weight: whether it is a difference: "yes" and "no" hold for any such images.
    """

    gap: float
    least: float
    most: float
    weight: Weight


@dataclass(frozen=True)
class Diagnosis:
    """A finding from three scores.

    Attributes:
        outcome: the name of a row, or a key of `TITLES`.
        title: the finding.
        sentence: what is said of it.
        lead: what is said above the causes.
        causes: anchor, title and what would speak for it, in the order in which to look.
    """

    outcome: str
    title: str
    sentence: str
    lead: str = ""
    causes: tuple[tuple[str, str, str], ...] = ()


def read(texts: Mapping[str, str]) -> Entered:
    """Read what a reader typed: accuracies as percent or as shares of 1, and whole numbers.

    Args:
        texts: by the names of `SCORES` and `COUNTS`, and "library"; what is missing is empty.

    Raises:
        NotUnderstoodError: when a score is missing, or an entry is no number of its kind.
    """
    typed = {name: texts.get(name, "").strip() for name in (*SCORES, *COUNTS)}
    numbers = {name: _number(name, typed[name]) for name in SCORES}
    plain = [entry[0] for entry in numbers.values() if entry and not entry[1]]
    shares = max(plain, default=100) <= 1
    scores: dict[str, float | None] = {}
    for name, entry in numbers.items():
        if entry is None:
            scores[name] = None
            continue
        value, percent = entry
        if not percent and not shares and 0 < value <= 1:
            raise _refused("mixed", name, typed[name])
        score = value if shares and not percent else value / 100
        if score > 1:
            raise _refused("over", name, typed[name])
        scores[name] = score
    images, classes, size = (_whole(name, typed[name]) for name in COUNTS)
    assert images is not None
    assert classes is not None
    library = texts.get("library", "")
    return Entered(scores, images, classes, size, library if library in LIBRARIES else LIBRARIES[0])


def _number(name: str, text: str) -> tuple[float, bool] | None:
    """Read a score and whether it is written as percent."""
    if not text and name in OPTIONAL:
        return None
    if not text:
        raise _refused("missing", name, text)
    if re.match(NOTHING, text.lower()):
        raise _refused("nothing", name, text)
    match = re.match(SCORE, text)
    if match is None:
        raise _refused("no score", name, text)
    return float(match[1].replace(",", ".")), bool(match[2])


def _whole(name: str, text: str) -> int | None:
    if not text and name in OPTIONAL:
        return None
    _, low, high = COUNTS[name]
    number = re.sub("[, ]", "", text)
    if not re.match(WHOLE, text) or not low <= int(number) <= high:
        raise _refused("whole", name, text)
    return int(number)


def _refused(kind: str, name: str, text: str) -> NotUnderstoodError:
    label, low, high = COUNTS.get(name, (_upper(SCORES.get(name, "")), 0, 0))
    shown = text if len(text) <= REPEATED else f"{text[:REPEATED]}…"
    words = {"Name": label, "text": shown, "low": f"{low:,}", "high": f"{high:,}"}
    return NotUnderstoodError(kind, REFUSED[kind].format_map(words))


def _upper(words: str) -> str:
    return words[:1].upper() + words[1:]


# ---- Differences ----


def weigh(first: float, second: float, images: int) -> Weighed:
    """Weigh the difference of two scores, whatever images they are right about.

    Args:
        first: the share of right answers by one kind of statistics.
        second: by another, of the same images.
        images: how many images, at least 2.
    """
    one, other = (math.floor(share * images + 0.5) for share in (first, second))
    # Right by the first alone are at least as many as it has more, and at most all whom the other
    # has wrong.
    least, most = ((up, up - one + other) for up in (max(one - other, 0), min(one, images - other)))
    weight: Weight = "no"
    if _counts(*least, images):
        weight = "yes" if _counts(*most, images) else "open"
    return Weighed(first - second, _error(*least, images), _error(*most, images), weight)


def _error(up: int, down: int, images: int) -> float:
    """The standard error of a mean difference, of images that speak for it and against it."""
    mean = (up - down) / images
    return math.sqrt(max(up + down - images * mean * mean, 0.0) / (images - 1) / images)


def _counts(up: int, down: int, images: int) -> bool:
    """Tell whether a difference is more than chance, and large enough to matter."""
    mean, error = (up - down) / images, _error(up, down, images)
    return mean >= POINTS and mean > ERRORS * error and uneven(up, down)


def uneven(up: int, down: int) -> bool:
    """Tell whether so uneven signs are no chance."""
    n, few = up + down, min(up, down)
    if n > EXACT:
        return abs(up - down) - 1 > DEVIATIONS * math.sqrt(n)
    ways, total = 1.0, 0.0
    for k in range(few + 1):
        total += ways
        ways = ways * (n - k) / (k + 1)
    return n > 0 and 2 * total / 2.0**n < CHANCE


# ---- The diagnosis ----


def diagnose(texts: Mapping[str, str]) -> Diagnosis:
    """Say what a reader's scores show.

    Args:
        texts: what was typed, see `read`.
    """
    try:
        entered = read(texts)
    except NotUnderstoodError as error:
        refused = Diagnosis("refused", TITLES["refused"], str(error))
        if error.kind != "nothing":
            return refused
        place = NAN.anchor, NAN.title, NAN.why["all"]
        return replace(refused, lead=SAID["lead one"], causes=(place,))
    gaps = {pair: _weighed(entered, pair) for pair in HIGHER}
    chance = _share(entered, "averages") <= 1 / entered.classes + POINTS
    weights = {row.name: _least([gaps[pair].weight for pair in row.higher]) for row in ROWS}
    row = next((row for row in ROWS if weights[row.name] != "no"), None)
    below = _weighed(entered, BELOW)
    if row is None or (row.name == "training" and below.weight == "yes"):
        return _rowless(entered, gaps, below, chance)
    causes = tuple(_causes(row, entered, chance))
    if weights[row.name] == "open":
        pair = next(pair for pair in row.higher if gaps[pair].weight == "open")
        sentence = _sentence("open", pair, gaps[pair], entered)
        sure = next((pair for pair, gap in gaps.items() if gap.weight == "yes"), None)
        if sure is not None:
            sentence += _sentence("sure", sure, gaps[sure], entered)
        lead = SAID["lead open"].format_map({"meaning": row.meaning})
        return Diagnosis("open", TITLES["open"], sentence, lead, causes)
    title = row.title
    sentence = _sentence("counts", row.higher[0], gaps[row.higher[0]], entered, row.meaning)
    if row.name == "averages" and gaps["batch", "fresh"].weight == "yes":
        title, sentence = TITLES["partly"], sentence + SAID["partly"]
        causes += ((MOVED.anchor, MOVED.title, MOVED.why["all"]),)
    if row.name == "data":
        sentence += SAID["unrepaired"]
    if below.weight == "yes":
        sentence += " " + SAID["below"].format_map({"gap": points(below.gap)})
    lead = SAID["lead" if len(causes) > 1 else "lead one"] if causes else ""
    return Diagnosis(row.name, title, sentence, lead, causes)


def differences(texts: Mapping[str, str]) -> list[float]:
    """Weigh each pair of `HIGHER`: the gap and both errors of each; nothing where one is refused.

    Args:
        texts: what was typed, see `read`.
    """
    try:
        entered = read(texts)
    except NotUnderstoodError:
        return []
    gaps = (_weighed(entered, pair) for pair in HIGHER)
    return [number for gap in gaps for number in (gap.gap, gap.least, gap.most)]


def _sentence(kind: str, pair: Pair, gap: Weighed, entered: Entered, meaning: str = "") -> str:
    """One sentence on a pair of scores."""
    higher = HIGHER[pair].format_map({"gap": points(gap.gap)})
    words = {"higher": higher, "meaning": meaning, "images": f"{entered.images:,}"}
    return SAID[kind].format_map(words)


def _rowless(
    entered: Entered, gaps: Mapping[Pair, Weighed], below: Weighed, chance: bool
) -> Diagnosis:
    """Say what scores show that no row describes."""
    if below.weight == "yes":
        sentence = SAID["below"].format_map({"gap": points(below.gap)})
        return Diagnosis("below", TITLES["below"], sentence)
    # A difference that would be a fault of its own, if it were no chance; in whole images, too.
    widest = max((row.higher[0] for row in ROWS), key=lambda pair: gaps[pair].gap)
    if gaps[widest].gap >= POINTS + 1 / entered.images:
        return Diagnosis("few", TITLES["few"], _sentence("few", widest, gaps[widest], entered))
    if chance:
        return Diagnosis("chance", TITLES["chance"], SAID["chance"])
    outcome, kind = ("few", "few, and no gap") if entered.images < FEW else ("none", "none")
    sentence = SAID[kind].format_map({"images": entered.images})
    if entered.scores["printed"] is None:
        sentence += SAID["unprinted"]
    return Diagnosis(outcome, TITLES[outcome], sentence)


def _share(entered: Entered, name: str) -> float:
    share = entered.scores[name]
    assert share is not None
    return share


def _weighed(entered: Entered, pair: Pair) -> Weighed:
    """Weigh a pair; a score that may be missing is higher than none."""
    first, second = (entered.scores[name] for name in pair)
    if first is None or second is None:
        return Weighed(0.0, 0.0, 0.0, "no")
    return weigh(first, second, entered.images)


def _least(weights: Sequence[Weight]) -> Weight:
    return "no" if "no" in weights else "open" if "open" in weights else "yes"


def points(gap: float) -> str:
    """A difference in percentage points, as text."""
    # What lies halfway is rounded up, also where its binary fraction is a little less.
    return f"{math.floor(abs(gap) * 1000 + 0.5 + 1e-9) / 10:.1f}".removesuffix(".0")


def _causes(row: Pattern, entered: Entered, chance: bool) -> Iterator[tuple[str, str, str]]:
    size = entered.size
    holds = {
        "chance": chance,
        "alone": size == 1,
        "tiny": size is not None and size < TINY,
    }
    named = [
        (cause, cause.why.get(entered.library, cause.why.get("all")))
        for cause in row.causes
        if not cause.only or holds[cause.only]
    ]
    for cause, why in sorted(named, key=lambda pair: not holds.get(pair[0].first, False)):
        if why is not None:
            yield cause.anchor, cause.title, why


# ---- What the page is handed ----


def rule() -> dict[str, object]:
    """The rule as data, for the script that applies it."""
    return {
        "limits": {
            "errors": ERRORS,
            "chance": CHANCE,
            "points": POINTS,
            "tiny": TINY,
            "few": FEW,
            "exact": EXACT,
            "deviations": DEVIATIONS,
            "repeated": REPEATED,
        },
        "patterns": {"score": SCORE, "whole": WHOLE, "nothing": NOTHING},
        "libraries": LIBRARIES,
        "scores": SCORES,
        "higher": [[*pair, clause] for pair, clause in HIGHER.items()],
        "below": BELOW,
        "optional": OPTIONAL,
        "counts": COUNTS,
        "rows": [asdict(row) for row in ROWS],
        "titles": TITLES,
        "said": SAID,
        "refused": REFUSED,
        "nan": [NAN.anchor, NAN.title, NAN.why["all"]],
        "moved": [MOVED.anchor, MOVED.title, MOVED.why["all"]],
    }


# ---- The picture ----

# Its places are those of docs/assets/pieces/diagnoser.js. Pairs that it shows, with their labels.
SHOWN: Mapping[Pair, str] = {
    ("fresh", "averages"): "fresh − averages",
    ("batch", "averages"): "batch − averages",
    ("batch", "fresh"): "batch − fresh",
}
WORDS: Mapping[Weight, str] = {"yes": "counts", "open": "open", "no": "no"}
# What the axis of differences shows to either side, in points: the least that holds all.
WIDTHS = (5, 10, 20, 50, 100)


def drawing() -> dict[str, object]:
    """Work the picture of the scores that the piece begins with, in the picture's units."""
    entered = read(START)
    scores = [
        (label, share)
        for label, share in zip(SCORES.values(), entered.scores.values(), strict=True)
    ]
    gaps = {pair: _weighed(entered, pair) for pair in SHOWN}
    reach = max(100 * (abs(gap.gap) + ERRORS * gap.most) for gap in gaps.values())
    width = next((width for width in WIDTHS if reach <= width), WIDTHS[-1])

    def along(value: float) -> float:
        return 190 + 76 * min(max(100 * value / width, -1), 1)

    return {
        "title": diagnose(START).title,
        "scores": [
            (label, 112 + 168 * share, f"{points(share)}%")
            for label, share in scores
            if share is not None
        ],
        "chance": 112 + 168 / entered.classes,
        "gaps": [
            {
                "label": SHOWN[pair],
                "at": along(gap.gap),
                "ends": [
                    (along(gap.gap - ERRORS * error), along(gap.gap + ERRORS * error))
                    for error in (gap.most, gap.least)
                ],
                "word": WORDS[weight],
            }
            for pair, gap in gaps.items()
            for weight in (_either(entered, pair),)
        ],
        "marks": [(along(mark / 100), mark) for mark in (-width, 0, width)],
        "least": [along(-POINTS), along(POINTS)],
        "heard": diagnose(START).sentence,
    }


def _either(entered: Entered, pair: Pair) -> Weight:
    """Tell whether two scores differ, whichever is higher."""
    weights = {_weighed(entered, (a, b)).weight for a, b in (pair, pair[::-1])}
    return "yes" if "yes" in weights else "open" if "open" in weights else "no"
