"""Judges the published claims again: `python recompute.py [FOLDER]`, with NumPy and SciPy alone.

FOLDER holds claims.json and values.csv of the published data; by default it is this file's own.
From the paired differences and the rule the script works out every effect, interval, p and
verdict of the differences and equivalences anew, and compares them with what is published. Fits
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
    """The result of the differences of one setting, on the scale on which they were judged."""

    effect: float
    low: float
    high: float
    p: float
    n: int


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


def t_interval(d: Floats) -> tuple[float, float]:
    """The 95% t interval of a mean."""
    half = stats.t.ppf(0.975, len(d) - 1) * d.std(ddof=1) / math.sqrt(len(d))
    return float(d.mean() - half), float(d.mean() + half)


def median_interval(d: Floats) -> tuple[float, float]:
    """The narrowest pair of order statistics that covers the median in 95% of cases or more."""
    x, n = np.sort(d), len(d)
    outside = [k for k in range(1, n // 2 + 1) if stats.binom.cdf(k - 1, n, 0.5) <= 0.025]
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
    """Judge the differences of one setting; `published` are its published numbers."""
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
    alone = {word(claim, setting, min(1.0, tests * setting.p)) for setting in settings}
    if len(together) == 1:
        return together.pop()
    return "mixed" if {"supported", "not supported"} <= alone else "underpowered"


def close(a: float, b: float) -> bool:
    """Say whether two numbers are equal but for the digits that are not published."""
    return a == b or math.isclose(a, b, rel_tol=TOLERANCE, abs_tol=1e-9)


def compare(claim: Claim, published: Claim, again: Recomputed) -> Iterator[str]:
    """Yield where the published numbers of a setting differ from those found."""
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
    if not close(published["p"], again.p):
        yield f"p is published as {published['p']}, found {again.p}"
    if published["n"] != again.n:
        yield f"n is published as {published['n']}, found {again.n}"


def check(claims: Sequence[Claim], values: Mapping[tuple[str, str], Floats]) -> Iterator[str]:
    """Every disagreement, one line each, over the claims of one study."""
    settings_of = {
        claim["id"]: [
            (published, find(claim, published, values[claim["id"], published["setting"] or ""]))
            for published in (claim["settings"] or [{**claim, "setting": ""}])
        ]
        for claim in claims
    }
    largest = [max(again.p for _, again in settings) for settings in settings_of.values()]
    for claim, adjusted in zip(claims, holm(largest), strict=True):
        settings = settings_of[claim["id"]]
        only = [again for _, again in settings]
        lines = [line for published, again in settings for line in compare(claim, published, again)]
        if not close(claim["p_value"], adjusted):
            lines.append(f"p_value is published as {claim['p_value']}, found {adjusted}")
        if claim["family"] != len(claims):
            lines.append(f"family is published as {claim['family']}, found {len(claims)}")
        if claim["verdict"] != (judged := verdict(claim, only, adjusted, len(claims))):
            lines.append(f"verdict is published as {claim['verdict']}, found {judged}")
        turned = judged == "not supported" and claim["kind"] == "difference"
        if claim["reversed"] != (turned and all(again.high < 0 for again in only)):
            lines.append(f"reversed is published as {claim['reversed']}")
        for published, again in settings if claim["settings"] else ():
            alone = word(claim, again, min(1.0, len(claims) * len(settings) * again.p))
            if published["verdict"] != alone:
                lines.append(
                    f"{published['setting']}: verdict {published['verdict']}, found {alone}"
                )
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
        for study in dict.fromkeys(claim["study"] for claim in judged)
        for line in check([claim for claim in judged if claim["study"] == study], values)
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
