"""Judges the published claims again: `python recompute.py [FOLDER]`, with NumPy and SciPy alone.

FOLDER holds claims.json and values.csv of the published data; by default it is this file's own.
From the paired differences and the rule the script works out every effect, interval, p and
verdict of the differences and equivalences anew, and compares them with what is published. Tests
decide the claims of the first edition, and one interval decides all later ones. Fits
and exact identities have no paired differences, and are left out. Where an interval covers seeds
and images, the differences by seed do not suffice for it: its ends are taken as published.
"""

import csv
import json
import math
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Claim: TypeAlias = Mapping[str, Any]
Floats: TypeAlias = NDArray[np.float64]

ALPHA = 0.05
LEAST_PAIRS = 12
# Published numbers have ten significant digits.
TOLERANCE = 1e-6


@dataclass(frozen=True)
class Recomputed:
    """The numbers of one setting, on the scale on which they were judged."""

    effect: float
    low: float
    high: float
    p: float | None
    n: int
    word: str = ""


def sign_flips(d: Floats) -> float:
    """The two-sided p of a mean: how often it is as far from zero when signs are flipped."""
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


def find(claim: Claim, published: Claim, d: Floats) -> Recomputed:
    """Work out the numbers of one setting; `published` are its published ones."""
    lost = bool(published["diverged"] or published["censored"])
    effect = float(np.median(d)) if lost else float(d.mean())
    if lost:
        low, high = median_interval(d)
        p = sign_test(d)
    else:
        low, high = t_interval(d)
        p = sign_flips(d)
    if published["interval"] == "seeds and images":
        low = unshown(claim, published["low"], -np.inf)
        high = unshown(claim, published["high"], np.inf)
    if claim["kind"] == "equivalence":
        p = 1.0 if lost else two_one_sided(d, margin_of(claim))
    return Recomputed(effect, low, high, p, len(d))


def decide(claim: Claim, published: Claim, d: Floats, settings: int) -> Recomputed:
    """Work out the numbers and the word of one setting where an interval decides."""
    lost = bool(published["diverged"] or published["censored"])
    ranks = lost or claim["centre"] == "median"
    interval = median_interval if ranks else t_interval
    effect = float(np.median(d)) if ranks else float(d.mean())
    alike, alpha, margin = claim["kind"] == "equivalence", ALPHA / claim["family"], margin_of(claim)
    low, high = interval(d, 2 * alpha if alike else alpha)
    least, most = interval(d, alpha / settings)
    judged = "underpowered"
    if len(d) >= LEAST_PAIRS:
        if max(-low, high) <= margin if alike else low > 0 and effect >= margin:
            judged = "supported"
        elif most < -margin or least > margin if alike else most < margin:
            judged = "not supported"
    return Recomputed(effect, low, high, None, len(d), judged)


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
    if not same(published["p"], again.p):
        yield f"p is published as {published['p']}, found {again.p}"
    if published["n"] != again.n:
        yield f"n is published as {published['n']}, found {again.n}"


def check(claims: Sequence[Claim], values: Mapping[tuple[str, str], Floats]) -> Iterator[str]:
    """Every disagreement, one line each, over the claims of one family."""
    published = {claim["id"]: claim["settings"] or [{**claim, "setting": ""}] for claim in claims}
    by_tests = claims[0]["decided"] == "tests"
    settings_of = {
        claim["id"]: [
            find(claim, printed, d) if by_tests else decide(claim, printed, d, len(settings))
            for printed, d in (
                (printed, values[claim["id"], printed["setting"] or ""]) for printed in settings
            )
        ]
        for claim, settings in zip(claims, published.values(), strict=True)
    }
    largest = [max(each.p or 0.0 for each in settings) for settings in settings_of.values()]
    for claim, adjusted in zip(claims, holm(largest), strict=True):
        settings = settings_of[claim["id"]]
        printed_of = published[claim["id"]]
        lines = [
            line
            for printed, each in zip(printed_of, settings, strict=True)
            for line in compare(claim, printed, each)
        ]
        if not same(claim["p_value"], adjusted if by_tests else None):
            lines.append(f"p_value is published as {claim['p_value']}, found {adjusted}")
        if claim["family"] != len(claims):
            lines.append(f"family is published as {claim['family']}, found {len(claims)}")
        judged = verdict(claim, settings, adjusted, len(claims)) if by_tests else together(settings)
        if claim["verdict"] != judged:
            lines.append(f"verdict is published as {claim['verdict']}, found {judged}")
        turned = judged == "not supported" and claim["kind"] == "difference"
        if claim["reversed"] != (turned and all(each.high < 0 for each in settings)):
            lines.append(f"reversed is published as {claim['reversed']}")
        for printed, each in zip(printed_of, settings, strict=True) if claim["settings"] else ():
            tests = len(claims) * len(settings)
            alone = each.word or word(claim, each, min(1.0, tests * (each.p or 0.0)))
            if printed["verdict"] != alone:
                lines.append(f"{printed['setting']}: verdict {printed['verdict']}, found {alone}")
        yield from (f"{claim['id']}: {line}" for line in lines)


def main() -> int:
    """Compare, say what came out, and return how many disagreements there are."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
    claims: list[Claim] = json.loads((folder / "claims.json").read_text(encoding="utf-8"))
    rows: dict[tuple[str, str], list[float]] = {}
    with (folder / "values.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            rows.setdefault((row["claim"], row["setting"]), []).append(float(row["value"]))
    values = {name: np.array(numbers) for name, numbers in rows.items()}
    judged = [
        claim
        for claim in claims
        if claim["kind"] in {"difference", "equivalence"} and claim["verdict"] != "not judged"
    ]
    lines = [
        line
        for family in dict.fromkeys(claim["together"] for claim in judged)
        for line in check([claim for claim in judged if claim["together"] == family], values)
    ]
    crossed = sum(
        published["interval"] == "seeds and images"
        for claim in judged
        for published in claim["settings"] or [claim]
    )
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.write(
        f"{len(judged)} of {len(claims)} claims judged again from {len(values)} sets of paired "
        f"differences; disagreements: {len(lines)}. Intervals over images, as published: "
        f"{crossed}.\n"
    )
    return len(lines)


if __name__ == "__main__":
    sys.exit(1 if main() else 0)
