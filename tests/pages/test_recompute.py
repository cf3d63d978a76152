"""The published script judges the published claims again, and finds what was altered."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bnreport.analysis.judge import judge
from bnreport.pages.data import recompute
from bnreport.pages.data.package import data_files
from bnreport.protocol.claims import Claim
from bnreport.statistics import estimates, intervals, significance
from bnreport.statistics.estimates import Estimate
from bnreport.statistics.significance import holm, sign_flip_p
from tests import golden
from tests.analysis.test_judge import DIFFERENCE

SETTLED = "judged again from"


@pytest.fixture(scope="module")
def texts() -> dict[str, str]:
    """The published files that the script reads, and the script."""
    names = ("claims.json", "values.csv", "recompute.py")
    found = data_files(golden.report())
    return {name: found[f"data/{name}"] for name in names}


@pytest.fixture
def folder(tmp_path: Path, texts: dict[str, str]) -> Path:
    for name, text in texts.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def run(folder: Path) -> tuple[int, list[str]]:
    """The exit status of the script, by itself, and what it says."""
    done = subprocess.run(
        [sys.executable, "-I", folder / "recompute.py"],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
        env={"PATH": os.environ["PATH"]},
    )
    assert not done.stderr, done.stderr
    return done.returncode, done.stdout.splitlines()


@pytest.mark.slow
def test_every_difference_and_equivalence_is_judged_the_same_again(folder: Path) -> None:
    status, (line,) = run(folder)
    judged = sum(
        claim["kind"] in {"difference", "equivalence"}
        for claim in json.loads((folder / "claims.json").read_text(encoding="utf-8"))
    )
    assert line.startswith(f"{judged} of ")
    assert SETTLED in line
    assert "disagreements: 0." in line
    assert status == 0


def keep_study(folder: Path, study: str) -> None:
    """Leave the claims of one study, and their numbers."""
    path, values = folder / "claims.json", folder / "values.csv"
    claims = [c for c in json.loads(path.read_text(encoding="utf-8")) if c["study"] == study]
    path.write_text(json.dumps(claims), encoding="utf-8")
    names = {claim["id"] for claim in claims}
    head, *rows = values.read_text(encoding="utf-8").splitlines()
    kept = [row for row in rows if row.split(",")[0] in names]
    values.write_text("\n".join([head, *kept, ""]), encoding="utf-8")


def alter_claim(field: str, value: object) -> Callable[[Path], None]:
    def alter(folder: Path) -> None:
        path = folder / "claims.json"
        claims = json.loads(path.read_text(encoding="utf-8"))
        next(claim for claim in claims if claim["id"] == "memorization-bn")[field] = value
        path.write_text(json.dumps(claims), encoding="utf-8")

    return alter


def alter_value(folder: Path) -> None:
    path = folder / "values.csv"
    first, *rest = path.read_text(encoding="utf-8").split("\nmemorization-bn,,1,100,")
    (rest[0],) = (f"9{rest[0]}",)
    path.write_text(f"{first}\nmemorization-bn,,1,100,{rest[0]}", encoding="utf-8")


@pytest.mark.parametrize(
    ("alter", "told"),
    [
        (alter_claim("verdict", "not supported"), "verdict is published as not supported"),
        (alter_claim("effect", 1.0), "effect is published as 1.0"),
        (alter_claim("low", 0.001), "low is published as 0.001"),
        (alter_claim("p", 0.04), "p is published as 0.04"),
        (alter_claim("p_value", 0.04), "p_value is published as 0.04"),
        (alter_claim("family", 7), "family is published as 7"),
        (alter_claim("n", 11), "n is published as 11"),
        (alter_claim("reversed", True), "reversed is published as True"),
        (alter_claim("margin", 99.0), "verdict is published as supported"),
        (alter_value, "effect is published as"),
    ],
)
def test_what_was_altered_is_found(
    alter: Callable[[Path], None],
    told: str,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    keep_study(folder, "memorization")
    monkeypatch.setattr(sys, "argv", ["recompute.py", str(folder)])
    assert recompute.main() == 0
    assert "disagreements: 0." in capsys.readouterr().out
    alter(folder)
    assert recompute.main() > 0
    lines = capsys.readouterr().out.splitlines()
    assert any(line.startswith(f"memorization-bn: {told}") for line in lines), lines


@pytest.mark.slow
def test_a_disagreement_ends_the_script_with_a_status_of_its_own(folder: Path) -> None:
    keep_study(folder, "memorization")
    alter_value(folder)
    status, lines = run(folder)
    assert status == 1
    assert "disagreements: 0." not in lines[-1]


# Written apart from the code that judges, its functions agree with that on any numbers.


@pytest.mark.parametrize("n", [2, 5, 6, 7, 12, 13, 20])
def test_its_statistics_agree_with_those_that_judge(n: int) -> None:
    d = np.random.default_rng(n).normal(0.3, 1.0, n)
    interval = intervals.t_interval(d)
    assert recompute.t_interval(d) == pytest.approx((interval.low, interval.high))
    assert recompute.sign_flips(d) == sign_flip_p(d)
    median = intervals.median_interval(d)
    assert recompute.median_interval(d) == (median.low, median.high)
    assert recompute.two_one_sided(d, 0.5) == significance.equivalence_p(d.tolist(), 0.5)
    assert recompute.sign_test(d) == pytest.approx(estimates.paired(d, diverged=1).p)
    p = np.random.default_rng(n).random(n).tolist()
    assert recompute.holm(p) == holm(p)


def decided_by_interval(claim: Claim, estimate: Estimate, others: int) -> tuple[Any, Any]:
    """A claim's verdict as the judge gives it and as it is published, in a family of so many."""
    family = [claim.model_copy(update={"id": f"other-{i}", "settings": ()}) for i in range(others)]
    far = estimates.paired(np.linspace(-9, 9, 12))
    verdict = judge(
        [claim, *family], {claim.id: estimate} | {each.id: far for each in family}, "full"
    )[claim.id]
    published = {
        "kind": claim.kind,
        "scale": claim.scale,
        "margin": claim.margin,
        "centre": claim.centre,
        "family": verdict.family,
        "diverged": verdict.diverged,
        "censored": verdict.censored,
    }
    return verdict, published


@pytest.mark.parametrize("kind", ["difference", "equivalence"])
@pytest.mark.parametrize("others", [0, 3])
@pytest.mark.parametrize(("lost", "centre"), [(0, "mean"), (1, "mean"), (0, "median")])
def test_it_decides_by_the_same_interval(kind: str, others: int, lost: int, centre: str) -> None:
    claim = DIFFERENCE.model_copy(update={"decided": "interval", "kind": kind, "centre": centre})
    words = set()
    for seed in range(60):
        generator = np.random.default_rng(seed)
        d = generator.normal(generator.uniform(-1.5, 1.5), generator.uniform(0.1, 1.0), 12)
        estimate = estimates.paired(d, diverged=lost)
        verdict, published = decided_by_interval(claim, estimate, others)
        found = recompute.decide(published, published, d, 1)
        assert found.word == verdict.word
        assert (found.low, found.high) == pytest.approx((verdict.low, verdict.high))
        words.add(found.word)
    assert words == {"supported", "not supported", "underpowered"}


def test_it_refutes_a_claim_on_settings_by_one_of_them_at_the_same_level() -> None:
    claim = DIFFERENCE.model_copy(update={"decided": "interval", "settings": ("a", "b", "c")})
    words = set()
    for seed in range(80):
        generator = np.random.default_rng(seed)
        means = generator.uniform(0.2, 1.2, 3)
        d = {name: generator.normal(mean, 0.4, 12) for name, mean in zip("abc", means, strict=True)}
        estimate = {name: estimates.paired(each) for name, each in d.items()}
        verdict, published = decided_by_interval(claim, estimate, 1)
        found = [recompute.decide(published, published, each, 3) for each in d.values()]
        assert [each.word for each in found] == [f.word for f in verdict.findings.values()]
        assert recompute.together(found) == verdict.word
        words.add(verdict.word)
    assert words == {"supported", "not supported", "underpowered"}
