"""Judges the published claims again: `python verify.py SITE`, with NumPy and SciPy alone.

SITE is a folder or an archive (zip or tar) of the site, or of its data alone. From the numbers in
values.csv and images.csv and the rules of the methods page this program works out every word,
effect, interval and p anew, and compares them with claims.json: the word that the rule gives, and
the one that readers see with what qualifies or corrects it; the level of each interval, and the
effect that so many pairs detect. Tests decide the claims of the first edition, and one interval
decides all later ones. Printed numbers fit where their rank among the runs is not too small, and an
identity holds where its largest error is within its margin.

It takes as published: the error of an identity, which has no values; how many runs were lost; that
a verdict was withdrawn, for which it asks a reason; and of a fit what is beside its rank. Whether
the values are those of the runs is for metrics.py to say. The files are held against SHA256SUMS.txt
before they are read. Any difference is said, and so is a file that cannot be read; both end the
program with status 1. It shares no code with what made the site, and needs Python 3.11, NumPy 1.26
and SciPy 1.12, or later.
"""

import csv
import hashlib
import io
import json
import math
import re
import sys
import tarfile
import warnings
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, stats

Claim: TypeAlias = Mapping[str, Any]
Floats: TypeAlias = NDArray[np.float64]
# A claim and one of its settings; "" is that of a claim that has none.
Setting: TypeAlias = tuple[str, str]

ALPHA = 0.05
LEAST_PAIRS, LEAST_RUNS = 12, 20
# The signs of more pairs cannot all be flipped; of so many the t test says the same.
MOST_FLIPPED = 24
POWER = 0.8
# How an interval is found.
BY_MEAN, BY_RANKS, CROSSED = "t", "median, sign test", "seeds and images"
# What a claim may say of how it is judged.
WORDS = {
    "decided": {"tests", "interval"},
    "scale": {"linear", "ratio"},
    "centre": {"mean", "median"},
}
# Why words of the first edition were corrected.
CORRECTIONS = (
    "a claim that must hold in every setting is refuted by one",
    "the intervals lie below zero, but p after Holm is not below .05",
)
SUMS = "SHA256SUMS.txt"
SUM = re.compile(r"([0-9a-f]{64})  (\S.*)")
# A number as the tables write it; what has no end is one, and what is none is not.
WRITTEN = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|[+-]?inf", re.ASCII | re.IGNORECASE)
# Published numbers have ten significant digits.
TOLERANCE = 1e-6
# A line that is said has no more signs.
LONGEST = 300
# What reading and reckoning with damaged files may end in.
DAMAGE = (
    ArithmeticError, AttributeError, EOFError, LookupError, MemoryError, OSError, RuntimeError,
    TypeError, ValueError, csv.Error, tarfile.TarError, zipfile.BadZipFile, zlib.error,
)  # fmt: skip
# What Python says of these is of its own parts; readers are told what it means.
MEANT: Sequence[tuple[tuple[type[Exception], ...], str]] = (
    ((UnicodeError,), "no text in UTF-8"),
    ((RecursionError,), "nested too deeply"),
    ((MemoryError,), "too large for the memory"),
    ((OverflowError,), "a number is too large"),
    ((AttributeError, IndexError, TypeError), "a value is missing, or of a kind that is wrong"),
)
TEXT, NUMBER, COUNT, LIST = (str,), (int, float), (int,), (list,)
NONE = (type(None),)
# What each claim must hold, and each of its settings.
SETTING_FIELDS: Mapping[str, tuple[type, ...]] = {
    "setting": TEXT + NONE,
    "verdict": TEXT,
    "effect": NUMBER + NONE,
    "low": NUMBER + NONE,
    "high": NUMBER + NONE,
    "interval": TEXT + NONE,
    "p": NUMBER + NONE,
    "n": COUNT,
    "diverged": COUNT,
    "censored": COUNT,
    "detectable": NUMBER + NONE,
}
FIELDS: Mapping[str, tuple[type, ...]] = {
    **SETTING_FIELDS,
    "id": TEXT,
    "kind": TEXT,
    "scale": TEXT,
    "margin": NUMBER + NONE,
    "decided": TEXT,
    "centre": TEXT,
    "reversed": (bool,),
    "shown": TEXT,
    "published": TEXT + NONE,
    "corrected": TEXT + NONE,
    "level": NUMBER + NONE,
    "p_value": NUMBER + NONE,
    "family": COUNT + NONE,
    "together": TEXT + NONE,
    "settings": LIST,
}


class MissingError(Exception):
    """Something that is needed is not there, or cannot be read."""


@contextmanager
def reading(name: str, doing: str = "read") -> Iterator[None]:
    """Say what cannot be read, or done otherwise, whatever is wrong with it."""
    try:
        yield
    except DAMAGE as error:
        raise MissingError(f"{name}: cannot be {doing}: {reason_of(error)}") from error


def reason_of(error: Exception) -> str:
    """What is wrong, without the words that Python has for its own parts."""
    for kinds, words in MEANT:
        if isinstance(error, kinds):
            return words
    return f"no {error}" if isinstance(error, KeyError) else str(error) or type(error).__name__


def line_of(text: str) -> str:
    """A text as one line that a terminal shows, and not too long a one."""
    shown = "".join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in text)
    return shown if len(shown) <= LONGEST else f"{shown[:LONGEST]} ..."


class Row(dict[str, str]):
    """The cells of a row by their columns, and its line."""

    def __init__(self, cells: Mapping[str, str], line: int) -> None:
        """Take the cells."""
        super().__init__(cells)
        self.line = line

    def __missing__(self, column: str) -> str:
        raise ValueError(f"no column {column}")

    def number(self, column: str) -> float:
        """A cell as a number."""
        return number(self[column], f"line {self.line}: {column}")


def number(cell: str, where: str) -> float:
    """A cell as a number.

    Raises:
        ValueError: when it is none.
    """
    if not WRITTEN.fullmatch(cell):
        raise ValueError(f"{where} is {cell!r}, and no number")
    return float(cell)


class Site:
    """The published data, in a folder or an archive."""

    def __init__(self, path: Path) -> None:
        """Open a site, or its data alone.

        Raises:
            MissingError: when there is no file claims.json.
        """
        with reading(str(path)):
            read, names = opened(path)
        claims = [name for name in names if name.rpartition("/")[2] == "claims.json"]
        if not claims:
            raise MissingError(f"Expected a file claims.json. Received: none in {path}.")
        root = min(claims, key=len).removesuffix("claims.json")
        self.names = {name.removeprefix(root) for name in names if name.startswith(root)}
        self._read, self._root = read, root

    def content(self, name: str) -> bytes:
        """What a file of the data holds.

        Raises:
            MissingError: when it is not there.
        """
        if name not in self.names:
            raise MissingError(f"{name}: the file is missing")
        with reading(name):
            return self._read(self._root + name)

    def text(self, name: str) -> str:
        """The text of a file of the data.

        Raises:
            MissingError: when it is not there, or no text.
        """
        content = self.content(name)
        with reading(name):
            return content.decode()

    def rows(self, name: str) -> Iterator[Row]:
        """The rows of a table, each of as many cells as its head.

        Raises:
            MissingError: when it is not there, or no such table.
        """
        text = self.text(name)
        with reading(name):
            table = csv.DictReader(io.StringIO(text, newline=""), strict=True)
            for column in (head := table.fieldnames or []):
                if head.count(column) > 1:
                    raise ValueError(f"the column {column} stands there twice")
            for row in table:
                if None in row or None in row.values():
                    raise ValueError(f"line {table.line_num} is not as long as the head")
                yield Row(row, table.line_num)


def opened(path: Path) -> tuple[Callable[[str], bytes], list[str]]:
    """What reads a file of a folder or an archive, and the names of its files."""
    if path.is_dir():
        files = [file.relative_to(path).as_posix() for file in path.rglob("*") if file.is_file()]
        return lambda name: (path / name).read_bytes(), files
    if zipfile.is_zipfile(path):
        packed = zipfile.ZipFile(path)
        return packed.read, packed.namelist()
    if path.is_file() and tarfile.is_tarfile(path):
        contents = {}
        with tarfile.open(path) as archive:
            for member in archive:
                if member.isfile() and (file := archive.extractfile(member)):
                    contents[member.name] = file.read()
        return contents.__getitem__, [*contents]
    raise MissingError(f"Expected a folder, a zip or a tar. Received: {path}.")


@dataclass(frozen=True)
class Squares:
    """What images add to an interval: how many, their mean square, and that of what is left."""

    images: int
    of_images: float
    of_rest: float


@dataclass(frozen=True)
class Recomputed:
    """The numbers of one setting, on the scale on which they were judged."""

    effect: float
    low: float
    high: float
    p: float | None
    n: int
    method: str
    word: str = ""
    lost: bool = False
    detectable: float | None = None


def sign_flips(d: Floats) -> float:
    """The two-sided p of a mean: how often it is as far from zero when signs are flipped."""
    if len(d) > MOST_FLIPPED:
        return float(stats.ttest_1samp(d, 0.0).pvalue)
    sums = np.zeros(1)
    for value in d:
        sums = np.concatenate([sums + value, sums - value])
    return float(np.mean(np.abs(sums) >= abs(d.sum()) - 1e-9 * np.abs(d).sum()))


def sign_test(d: Floats) -> float:
    """The two-sided p of the sign test; ties are left out."""
    signs = d[d != 0]
    return float(stats.binomtest(int((signs > 0).sum()), len(signs)).pvalue) if len(signs) else 1.0


def two_one_sided(d: Floats, margin: float) -> float:
    """The p of two one-sided t tests: how well a mean beyond the margin is refused."""
    above = stats.ttest_1samp(d, -margin, alternative="greater").pvalue
    below = stats.ttest_1samp(d, margin, alternative="less").pvalue
    return float(max(above, below))


def t_interval(d: Floats, alpha: float = ALPHA) -> tuple[float, float]:
    """The t interval of a mean, which misses it in so many cases."""
    half = stats.t.ppf(1 - alpha / 2, len(d) - 1) * d.std(ddof=1) / math.sqrt(len(d))
    return float(d.mean() - half), float(d.mean() + half)


def median_interval(d: Floats, alpha: float = ALPHA) -> tuple[float, float]:
    """The narrowest pair of order statistics that misses the median in no more cases."""
    x, n = np.sort(d), len(d)
    outside = [k for k in range(1, n // 2 + 1) if stats.binom.cdf(k - 1, n, 0.5) <= alpha / 2]
    return (float(x[outside[-1] - 1]), float(x[n - outside[-1]])) if outside else (-np.inf, np.inf)


def holm(p_values: Sequence[float]) -> list[float]:
    """Holm's adjusted p values, in the order given."""
    adjusted, highest = [0.0] * len(p_values), 0.0
    for rank, i in enumerate(sorted(range(len(p_values)), key=lambda i: p_values[i])):
        highest = max(highest, min(1.0, (len(p_values) - rank) * p_values[i]))
        adjusted[i] = highest
    return adjusted


def unshown(claim: Claim, value: float | None, endless: float) -> float:
    """A published number on the scale on which it was judged; null is an end at infinity."""
    if value is None:
        return endless
    return math.log(value) if claim["scale"] == "ratio" and value else value


def margin_of(claim: Claim) -> float:
    """The margin on the scale on which the claim is judged."""
    return unshown(claim, claim["margin"], 0.0) if claim["margin"] else 0.0


def crossed_interval(d: Floats, squares: Squares) -> tuple[float, float]:
    """The interval of a mean over seeds and images, never narrower than that over seeds."""
    n, m = len(d), squares.images
    by_seed = m * d.var(ddof=1)
    beyond = max(squares.of_images - squares.of_rest, 0.0)
    parts = by_seed + beyond
    # Each mean square by its own degrees of freedom; that of images only where it adds something.
    spread = by_seed**2 / (n - 1) + squares.of_images**2 / (m - 1)
    if beyond:
        spread += squares.of_rest**2 / ((n - 1) * (m - 1))
    freedom = max(parts**2 / spread if spread else 0.0, n - 1)
    half = stats.t.ppf(1 - ALPHA / 2, freedom) * math.sqrt(parts / (n * m))
    low, high = t_interval(d)
    half = max(float(half), (high - low) / 2)
    return float(d.mean() - half), float(d.mean() + half)


def middle(d: Floats) -> float:
    """The median; zero where half of the runs are lost on either side."""
    found = float(np.median(d))
    return 0.0 if math.isnan(found) else found


@cache
def detectable(n: int, family: int) -> float:
    """The mean that a two-sided paired t test finds with that power, in spreads of the pairs."""
    critical = stats.t.ppf(1 - ALPHA / family / 2, n - 1)
    # Five standard errors beyond the critical one, an effect is found all but surely.
    shift = optimize.brentq(
        lambda shift: stats.nct.sf(critical, n - 1, shift) - POWER, 0.0, critical + 5
    )
    return float(shift) / math.sqrt(n)


def detected(claim: Claim, d: Floats, lost: bool, family: int) -> float | None:
    """The effect that these pairs detect; none of an equality, or where ranks judge."""
    ranks = lost or claim["centre"] == "median"
    if claim["kind"] != "difference" or ranks or len(d) < LEAST_PAIRS:
        return None
    return detectable(len(d), family) * float(d.std(ddof=1))


def find(
    claim: Claim, published: Claim, d: Floats, squares: Squares | None, family: int
) -> Recomputed:
    """Work out the numbers of one setting; `published` are its published ones."""
    lost = bool(published["diverged"] or published["censored"])
    effect = middle(d) if lost else float(d.mean())
    method = BY_RANKS if lost else BY_MEAN
    if lost:
        low, high = median_interval(d)
        p = sign_test(d)
    else:
        low, high = t_interval(d)
        p = sign_flips(d)
    if published["interval"] == CROSSED:
        method = CROSSED
        if squares is None:
            raise MissingError("images.csv has no row of its interval over seeds and images")
        low, high = crossed_interval(d, squares)
    if claim["kind"] == "equivalence":
        p = 1.0 if lost else two_one_sided(d, margin_of(claim))
    found = detected(claim, d, lost, family)
    return Recomputed(effect, low, high, p, len(d), method, lost=lost, detectable=found)


def decide(claim: Claim, published: Claim, d: Floats, settings: int, family: int) -> Recomputed:
    """Work out the numbers and the word of one setting where an interval decides."""
    lost = bool(published["diverged"] or published["censored"])
    ranks = lost or claim["centre"] == "median"
    interval = median_interval if ranks else t_interval
    effect = middle(d) if ranks else float(d.mean())
    alike, alpha, margin = claim["kind"] == "equivalence", ALPHA / family, margin_of(claim)
    low, high = interval(d, 2 * alpha if alike else alpha)
    least, most = interval(d, alpha / settings)
    judged = "underpowered"
    if len(d) >= LEAST_PAIRS:
        # An equality with a lost run is never supported.
        if max(-low, high) <= margin and not lost if alike else low > 0 and effect >= margin:
            judged = "supported"
        elif most < -margin or least > margin if alike else most < margin:
            judged = "not supported"
    found = detected(claim, d, lost, family)
    method = BY_RANKS if ranks else BY_MEAN
    return Recomputed(effect, low, high, None, len(d), method, judged, lost, found)


def word(claim: Claim, setting: Recomputed, p: float) -> str:
    """The rule: the verdict on one setting, by that p."""
    margin = margin_of(claim)
    if setting.n < LEAST_PAIRS:
        return "underpowered"
    if claim["kind"] == "equivalence":
        if p < ALPHA:
            return "supported"
        beyond = setting.low > margin or setting.high < -margin
        return "not supported" if beyond else "underpowered"
    if p < ALPHA and setting.low > 0 and setting.effect >= margin:
        return "supported"
    return "not supported" if setting.high < margin else "underpowered"


def verdict(claim: Claim, settings: Sequence[Recomputed], adjusted: float, family: int) -> str:
    """The verdict on a claim: it must hold in every setting, by its largest p."""
    together = {word(claim, setting, adjusted) for setting in settings}
    tests = family * len(settings)
    alone = {word(claim, setting, min(1.0, tests * (setting.p or 0.0))) for setting in settings}
    if len(together) == 1:
        return together.pop()
    return "mixed" if {"supported", "not supported"} <= alone else "underpowered"


def together(settings: Sequence[Recomputed]) -> str:
    """The verdict by intervals: one setting refutes a claim, and all of them support it."""
    words = {setting.word for setting in settings}
    if "not supported" in words:
        return "not supported"
    return "supported" if words == {"supported"} else "underpowered"


def qualifier(claim: Claim, again: Sequence[Recomputed], judged: str) -> str:
    """What the intervals of a difference add to the word, in every setting alike."""
    low, high = min(each.low for each in again), max(each.high for each in again)
    margin = margin_of(claim)
    if claim["kind"] != "difference":
        return ""
    if judged == "supported":
        return "at least the margin" if 0 < margin <= low else ""
    if judged == "not supported" and high < 0:
        return "reversed"
    if judged == "not supported":
        return "real but small" if low > 0 and high < margin else ""
    return "positive, its size undecided" if judged == "underpowered" and low > 0 < margin else ""


def seen(
    claim: Claim, again: Sequence[Recomputed], judged: str, alone: Sequence[str], adjusted: float
) -> tuple[str, bool]:
    """The word that readers see, and whether it corrects the one that was seen at first."""
    word, more, corrected = told(judged), qualifier(claim, again, judged), False
    if claim["decided"] == "interval":
        apart = all(each.low > 0 for each in again) or all(each.high < 0 for each in again)
        if judged == "not supported" and len({*alone}) > 1:
            more = "not in every setting"
        elif judged == "underpowered" and claim["kind"] == "equivalence" and apart:
            more = "they differ"
    elif judged == "underpowered" and "not supported" in alone:
        word, more, corrected = "not supported", "not in every setting", True
    elif more == "reversed" and adjusted >= ALPHA:
        more, corrected = "", True
    return f"{word} ({more})" if more else word, corrected


def told(judged: str) -> str:
    """The word that readers see of one that the rule gives."""
    return "undecided" if judged == "underpowered" else judged


def check_shown(claim: Claim, judged: str, expected: str, corrected: bool) -> Iterator[str]:
    """Yield where readers see another word, or another correction, than they should."""
    reason = claim["corrected"] or ""
    withdrawn = claim["shown"] == "withdrawn" and bool(reason)
    # A correction is no reason to withdraw.
    withdrawn = withdrawn and not any(each in reason for each in CORRECTIONS)
    if claim["shown"] != expected and not withdrawn:
        yield f"shown is published as {claim['shown']}, found {expected}"
    if bool(claim["corrected"]) != (corrected or withdrawn):
        yield f"corrected is published as {claim['corrected']}"
    first = f"{judged}, reversed" if claim["reversed"] else judged
    if claim["published"] != (first if corrected or withdrawn else None):
        yield f"published is published as {claim['published']}"


def close(a: float, b: float) -> bool:
    """Say whether two numbers are equal but for the digits that are not published."""
    return a == b or math.isclose(a, b, rel_tol=TOLERANCE, abs_tol=1e-9)


def same(a: float | None, b: float | None) -> bool:
    """Say whether two numbers are close, or both missing."""
    return a is b if a is None or b is None else close(a, b)


def compare(claim: Claim, published: Claim, again: Recomputed) -> Iterator[str]:
    """Yield where the published numbers of a setting differ from those worked out anew."""
    show: Callable[[float], float] = math.exp if claim["scale"] == "ratio" else float
    for name, value, endless in (
        ("effect", again.effect, math.nan),
        ("low", again.low, -math.inf),
        ("high", again.high, math.inf),
    ):
        printed = published[name]
        if printed is None:
            if value != endless and not (claim["scale"] == "ratio" and math.isinf(value)):
                yield f"{name} is published as none, found {value}"
        elif not close(printed, show(value)):
            yield f"{name} is published as {printed}, found {show(value)}"
    reach = None if again.detectable is None else show(again.detectable)
    if not same(published["detectable"], reach):
        yield f"detectable is published as {published['detectable']}, found {reach}"
    if not same(published["p"], again.p):
        yield f"p is published as {published['p']}, found {again.p}"
    if published["interval"] != again.method:
        yield f"interval is published as {published['interval']}, found {again.method}"
    if published["n"] != again.n:
        yield f"n is published as {published['n']}, found {again.n}"


def check(
    claims: Sequence[Claim],
    values: Mapping[Setting, Floats],
    images: Mapping[Setting, Squares],
) -> Iterator[str]:
    """Every disagreement, one line each, over the claims of one family."""
    published = {claim["id"]: claim["settings"] or [{**claim, "setting": ""}] for claim in claims}
    by_tests = claims[0]["decided"] == "tests"
    again: dict[str, list[Recomputed]] = {}
    for claim in claims:
        again[claim["id"]] = []
        for printed in published[claim["id"]]:
            place = claim["id"], printed["setting"] or ""
            if place not in values:
                raise MissingError(f"{': '.join(filter(None, place))}: values.csv has no row of it")
            d, settings = values[place], len(published[claim["id"]])
            again[claim["id"]].append(
                find(claim, printed, d, images.get(place), len(claims))
                if by_tests
                else decide(claim, printed, d, settings, len(claims))
            )
    largest = [max(each.p or 0.0 for each in settings) for settings in again.values()]
    for claim, adjusted in zip(claims, holm(largest), strict=True):
        lines = differences(
            claim, published[claim["id"]], again[claim["id"]], adjusted, len(claims)
        )
        yield from (f"{claim['id']}: {line}" for line in lines)


def differences(
    claim: Claim,
    published: Sequence[Claim],
    again: Sequence[Recomputed],
    adjusted: float,
    family: int,
) -> Iterator[str]:
    """Yield what differs of a claim: in its settings, and in what it says of them together."""
    by_tests, tests = claim["decided"] == "tests", family * len(again)
    words = []
    for printed, each in zip(published, again, strict=True):
        where = f"{printed['setting']}: " if printed["setting"] and claim["settings"] else ""
        yield from (f"{where}{line}" for line in compare(claim, printed, each))
        alone = each.word or word(claim, each, min(1.0, tests * (each.p or 0.0)))
        words.append(alone)
        if claim["settings"] and printed["verdict"] != alone:
            yield f"{where}verdict is published as {printed['verdict']}, found {alone}"
    if not same(claim["p_value"], adjusted if by_tests else None):
        yield f"p_value is published as {claim['p_value']}, found {adjusted}"
    if claim["family"] != family:
        yield f"family is published as {claim['family']}, found {family}"
    judged = verdict(claim, again, adjusted, family) if by_tests else together(again)
    if claim["verdict"] != judged:
        yield f"verdict is published as {claim['verdict']}, found {judged}"
    yield from check_shown(claim, judged, *seen(claim, again, judged, words, adjusted))
    share = ALPHA if by_tests else ALPHA / family
    level = 1 - (2 * share if not by_tests and claim["kind"] == "equivalence" else share)
    if not same(claim["level"], level):
        yield f"level is published as {claim['level']}, found {level}"
    turned = judged == "not supported" and claim["kind"] == "difference"
    if claim["reversed"] != (turned and all(each.high < 0 for each in again)):
        yield f"reversed is published as {claim['reversed']}"
    if claim["settings"]:
        shown = weakest(claim, again)
        yield from (
            f"{name} is published as {claim[name]}, and as {published[shown][name]} of the setting "
            f"that is shown, {published[shown]['setting']}"
            for name in ("setting", "effect", "low", "high", "interval", "p", "n", "detectable")
            if claim[name] != published[shown][name]
        )


def weakest(claim: Claim, again: Sequence[Recomputed]) -> int:
    """The place of the setting that is hardest to support, whose numbers a claim shows."""
    if claim["decided"] == "tests":
        return max(range(len(again)), key=lambda i: (again[i].p or 0.0, -again[i].effect))
    if claim["kind"] == "equivalence":
        return max(
            range(len(again)), key=lambda i: (again[i].lost, max(again[i].high, -again[i].low))
        )
    return min(range(len(again)), key=lambda i: again[i].low)


def check_fit(claim: Claim, distances: Floats) -> Iterator[str]:
    """Every disagreement on a fit, from how far each run lies from all others."""
    p = (1 + int((distances >= claim["effect"] * (1 - 1e-9)).sum())) / (len(distances) + 1)
    judged = "supported" if p >= ALPHA else "not supported"
    if len(distances) < LEAST_RUNS:
        judged = "underpowered"
    for name, again in (("verdict", judged), ("n", len(distances))):
        if claim[name] != again:
            yield f"{claim['id']}: {name} is published as {claim[name]}, found {again}"
    for name in ("p", "p_value"):
        if not same(claim[name], p):
            yield f"{claim['id']}: {name} is published as {claim[name]}, found {p}"
    yield from check_without(claim, judged)


def check_identity(claim: Claim) -> Iterator[str]:
    """Every disagreement on an identity, which holds where its largest error is small."""
    judged = "supported" if claim["effect"] <= claim["margin"] else "not supported"
    if claim["verdict"] != judged:
        yield f"{claim['id']}: verdict is published as {claim['verdict']}, found {judged}"
    yield from check_without(claim, judged)


def check_without(claim: Claim, judged: str) -> Iterator[str]:
    """Every disagreement on what follows from the word of a claim that has no interval."""
    lines = [*check_shown(claim, judged, told(judged), False)]
    lines += [
        f"{name} is published as {claim[name]}, of a {claim['kind']}"
        for name in ("low", "high", "interval", "level", "detectable")
        if claim[name] is not None
    ]
    yield from (f"{claim['id']}: {line}" for line in lines)


def check_sums(site: Site) -> Iterator[str]:
    """Every file that is missing, is not listed or has another digest than it should have."""
    text = site.text(SUMS)
    listed = {}
    with reading(SUMS):
        for place, line in enumerate(text.splitlines(), start=1):
            if not (match := SUM.fullmatch(line)):
                raise ValueError(f"line {place} is no sum with the name of a file")
            listed[match[2]] = match[1]
        if not listed:
            raise ValueError("no sum")
    for name, digest in listed.items():
        if name not in site.names:
            yield f"{name}: the file is missing, which {SUMS} lists"
        elif hashlib.sha256(site.content(name)).hexdigest() != digest:
            yield f"{name}: the file has another digest than {SUMS} says"
    beside = {name for name in site.names if "/" not in name}
    # Where the data stand alone with other things around, those are no part of them.
    for name in sorted(beside - {*listed, SUMS}):
        if name.endswith((".csv", ".json", ".jsonl")):
            yield f"{name}: {SUMS} does not list the file"


def guarded(name: str, lines: Iterable[str]) -> Iterator[str]:
    """These lines, and behind them one that says what they cannot go on for."""
    try:
        with reading(name, "judged again"):
            yield from lines
    except MissingError as error:
        yield str(error)


def check_claims(site: Site) -> Iterator[str]:
    """Every disagreement over all claims that are judged."""
    listed = claims_of(site)
    claims = judged(listed)
    if not claims and "values.csv" not in site.names:
        return
    rows: dict[Setting, list[float]] = {}
    with reading("values.csv"):
        for row in site.rows("values.csv"):
            pairs = rows.setdefault((row["claim"], row["setting"]), [])
            pairs.append(row.number("value"))
            if row["pair"] != str(len(pairs)):
                raise ValueError(f"line {row.line}: pair {row['pair']} in place of {len(pairs)}")
    values = {name: np.array(numbers) for name, numbers in rows.items()}
    for name, setting in sorted(values.keys() - {*settings_of(claims or listed)}):
        of_setting = f" in its setting {setting}" if setting else ""
        yield f"{name}: values.csv has rows of it{of_setting}, and claims.json no verdict"
    crossed = any(each["interval"] == CROSSED for c in claims for each in [c, *c["settings"]])
    with reading("images.csv"):
        images = {
            (row["claim"], row["setting"]): Squares(
                int(row.number("images")), row.number("images_square"), row.number("rest_square")
            )
            for row in (site.rows("images.csv") if crossed else ())
        }
    tested = [claim for claim in claims if claim["kind"] in {"difference", "equivalence"}]
    for family in dict.fromkeys(claim["together"] for claim in tested):
        together_ = [claim for claim in tested if claim["together"] == family]
        yield from guarded(f"family {family}", check(together_, values, images))
    for claim in claims:
        if claim["kind"] == "fit":
            distances = values.get((claim["id"], ""), np.zeros(0))
            yield from guarded(claim["id"], check_fit(claim, distances))
        elif claim["kind"] == "exact":
            yield from guarded(claim["id"], check_identity(claim))
        elif claim not in tested:
            yield f"{claim['id']}: no such kind of claim: {claim['kind']}"


def settings_of(claims: Sequence[Claim]) -> Iterator[Setting]:
    """Every claim with each of its settings."""
    for claim in claims:
        for setting in claim["settings"] or [{"setting": ""}]:
            yield claim["id"], setting["setting"] or ""


def no_number(word: str) -> float:
    """Refuse what Python writes for no number, and JSON does not know."""
    raise ValueError(f"{word} is not a number of JSON")


def require(entry: object, fields: Mapping[str, tuple[type, ...]], where: str) -> None:
    """Refuse an entry without a field, or with one of another type."""
    if not isinstance(entry, dict):
        raise ValueError(f"{where} is no object")
    for name, types in fields.items():
        if name not in entry:
            raise ValueError(f"{where} has no {name}")
        if not isinstance(entry[name], types):
            raise ValueError(f"{where} has {name} {entry[name]!r}")


def refuse_twice(places: Iterable[tuple[str, str]]) -> None:
    """Refuse a claim, or a setting of it, that stands there again."""
    known: set[tuple[str, str]] = set()
    for name, setting in places:
        if (name, setting) in known:
            raise ValueError(f"{name}{f', {setting},' if setting else ''} stands there twice")
        known.add((name, setting))


def judged(claims: Sequence[Claim]) -> list[Claim]:
    """The claims that runs have judged; a quick build judges none."""
    return [claim for claim in claims if claim["verdict"] != "not judged"]


def claims_of(site: Site) -> list[Claim]:
    """All claims.

    Raises:
        MissingError: when there is no list of claims with all that is compared.
    """
    text = site.text("claims.json")
    with reading("claims.json"):
        claims: list[Claim] = json.loads(text, parse_constant=no_number)
        if not isinstance(claims, list):
            raise ValueError("no list")
        for place, claim in enumerate(claims, start=1):
            require(claim, FIELDS, f"entry {place}")
            for name, words in WORDS.items():
                if claim[name] not in words:
                    raise ValueError(f"{claim['id']} has {name} {claim[name]!r}")
            for setting in claim["settings"]:
                require(setting, SETTING_FIELDS, f"a setting of {claim['id']}")
        refuse_twice(settings_of(claims))
    return claims


def main(words: Sequence[str] | None = None) -> int:
    """Compare, say what came out, and return 1 where anything differs."""
    given = sys.argv[1:] if words is None else words
    if len(given) != 1:
        sys.stderr.write("Expected one folder or archive: python verify.py SITE\n")
        return 2
    lines: list[str] = []
    judges = 0
    with np.errstate(all="ignore"), warnings.catch_warnings():
        # A number that damage made endless is said, and no warning has to tell it.
        warnings.simplefilter("ignore")
        try:
            site = Site(Path(given[0]))
            lines += guarded(SUMS, check_sums(site))
            judges = len(judged(claims_of(site)))
            lines += guarded("claims.json", check_claims(site))
        except MissingError as error:
            lines.append(str(error))
    lines = [*dict.fromkeys(map(line_of, lines))]
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.write(f"verify: {judges} claims judged again. Differences: {len(lines)}.\n")
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
