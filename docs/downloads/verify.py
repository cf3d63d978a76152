"""Judges the published claims again: `python verify.py SITE`, with NumPy and SciPy alone.

SITE is a folder or an archive (zip or tar) of the site, or of its data alone. From the numbers in
values.csv and images.csv and the rules of the methods page this program works out every word,
effect, interval and p anew, and compares them with claims.json. Tests decide the claims of the
first edition, and one interval decides all later ones. Printed numbers fit where their rank among
the runs is not too small, and an identity holds where its largest error is within its margin; an
identity has no values, so that this error is taken as published. The files are held against
SHA256SUMS.txt, too. Whether the values are those of the runs is for metrics.py to say. Any
difference is said, and ends the program with status 1. It shares no code with what made the site,
and needs Python 3.11, NumPy 1.26 and SciPy 1.12, or later.
"""

import csv
import hashlib
import io
import json
import math
import sys
import tarfile
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Claim: TypeAlias = Mapping[str, Any]
Floats: TypeAlias = NDArray[np.float64]
# A claim and one of its settings; "" is that of a claim that has none.
Setting: TypeAlias = tuple[str, str]

ALPHA = 0.05
LEAST_PAIRS, LEAST_RUNS = 12, 20
SUMS = "SHA256SUMS.txt"
# Published numbers have ten significant digits.
TOLERANCE = 1e-6


class MissingError(Exception):
    """Something that is needed is not there."""


class Site:
    """The published data, in a folder or an archive."""

    def __init__(self, path: Path) -> None:
        """Open a site, or its data alone.

        Raises:
            MissingError: when there is no file claims.json.
        """
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
        return self._read(self._root + name)

    def rows(self, name: str) -> Iterator[dict[str, str]]:
        """The rows of a table."""
        return csv.DictReader(io.StringIO(self.content(name).decode(), newline=""))


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
    word: str = ""
    lost: bool = False


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


def find(claim: Claim, published: Claim, d: Floats, squares: Squares | None) -> Recomputed:
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
        if squares is None:
            raise MissingError("images.csv has no row of its interval over seeds and images")
        low, high = crossed_interval(d, squares)
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
        # An equality with a lost run is never supported.
        if max(-low, high) <= margin and not lost if alike else low > 0 and effect >= margin:
            judged = "supported"
        elif most < -margin or least > margin if alike else most < margin:
            judged = "not supported"
    return Recomputed(effect, low, high, None, len(d), judged, lost)


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
                find(claim, printed, d, images.get(place))
                if by_tests
                else decide(claim, printed, d, settings)
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
    for printed, each in zip(published, again, strict=True):
        where = f"{printed['setting']}: " if printed["setting"] and claim["settings"] else ""
        yield from (f"{where}{line}" for line in compare(claim, printed, each))
        alone = each.word or word(claim, each, min(1.0, tests * (each.p or 0.0)))
        if claim["settings"] and printed["verdict"] != alone:
            yield f"{where}verdict is published as {printed['verdict']}, found {alone}"
    if not same(claim["p_value"], adjusted if by_tests else None):
        yield f"p_value is published as {claim['p_value']}, found {adjusted}"
    if claim["family"] != family:
        yield f"family is published as {claim['family']}, found {family}"
    judged = verdict(claim, again, adjusted, family) if by_tests else together(again)
    if claim["verdict"] != judged:
        yield f"verdict is published as {claim['verdict']}, found {judged}"
    turned = judged == "not supported" and claim["kind"] == "difference"
    if claim["reversed"] != (turned and all(each.high < 0 for each in again)):
        yield f"reversed is published as {claim['reversed']}"
    if claim["settings"]:
        shown = weakest(claim, again)
        yield from (
            f"{name} is published as {claim[name]}, and as {published[shown][name]} of the setting "
            f"that is shown, {published[shown]['setting']}"
            for name in ("setting", "effect", "low", "high", "p", "n")
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


def check_identity(claim: Claim) -> Iterator[str]:
    """Every disagreement on an identity, which holds where its largest error is small."""
    judged = "supported" if claim["effect"] <= claim["margin"] else "not supported"
    if claim["verdict"] != judged:
        yield f"{claim['id']}: verdict is published as {claim['verdict']}, found {judged}"


def check_sums(site: Site) -> Iterator[str]:
    """Every file that is missing, is not listed or has another digest than it should have."""
    lines = site.content(SUMS).decode().splitlines()
    listed = {name: digest for digest, _, name in (line.partition("  ") for line in lines)}
    for name, digest in listed.items():
        if name not in site.names:
            yield f"{name}: the file is missing"
        elif hashlib.sha256(site.content(name)).hexdigest() != digest:
            yield f"{name}: the file has another digest than {SUMS} says"
    beside = {name for name in site.names if "/" not in name}
    # Where the data stand alone with other things around, those are no part of them.
    for name in sorted(beside - {*listed, SUMS}):
        if name.endswith((".csv", ".json", ".jsonl")):
            yield f"{name}: {SUMS} does not list the file"


def check_claims(site: Site) -> Iterator[str]:
    """Every disagreement over all claims that are judged."""
    if not (claims := judged_claims(site)):
        return
    rows: dict[Setting, list[float]] = {}
    for row in site.rows("values.csv"):
        rows.setdefault((row["claim"], row["setting"]), []).append(float(row["value"]))
    values = {name: np.array(numbers) for name, numbers in rows.items()}
    crossed = any(
        each["interval"] == "seeds and images" for c in claims for each in [c, *c["settings"]]
    )
    images = {
        (row["claim"], row["setting"]): Squares(
            int(row["images"]), float(row["images_square"]), float(row["rest_square"])
        )
        for row in (site.rows("images.csv") if crossed else ())
    }
    tested = [claim for claim in claims if claim["kind"] in {"difference", "equivalence"}]
    for family in dict.fromkeys(claim["together"] for claim in tested):
        together_ = [claim for claim in tested if claim["together"] == family]
        try:
            yield from check(together_, values, images)
        except MissingError as error:
            yield str(error)
    for claim in claims:
        if claim["kind"] == "fit":
            yield from check_fit(claim, values.get((claim["id"], ""), np.zeros(0)))
        elif claim["kind"] == "exact":
            yield from check_identity(claim)


def judged_claims(site: Site) -> list[Claim]:
    """The claims that runs have judged; a quick build judges none."""
    claims: list[Claim] = json.loads(site.content("claims.json"))
    return [claim for claim in claims if claim["verdict"] != "not judged"]


def main(words: Sequence[str] | None = None) -> int:
    """Compare, say what came out, and return 1 where anything differs."""
    given = sys.argv[1:] if words is None else words
    if len(given) != 1:
        sys.stderr.write("Expected one folder or archive: python verify.py SITE\n")
        return 2
    lines: list[str] = []
    judged = 0
    try:
        site = Site(Path(given[0]))
        judged = len(judged_claims(site))
        lines += check_sums(site)
        lines += check_claims(site)
    except MissingError as error:
        lines.append(str(error))
    lines = [*dict.fromkeys(lines)]
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.write(f"verify: {judged} claims judged again. Differences: {len(lines)}.\n")
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
