"""The rules that every claim and every module keeps."""

import ast
import inspect
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, get_args

import pytest

from bnreport import errors
from bnreport.analysis.display import MARKS, Shown
from bnreport.analysis.verdicts import LEAST_SEEDS
from bnreport.protocol.claims import Claim
from bnreport.studies import all_editions
from tests.faulty import faulty

ROOT = Path(__file__).parents[2]
STUDIES = all_editions()
CLAIMS = {claim.id: claim for study in STUDIES.values() for claim in study.claims}
MODULES = {
    path.relative_to(ROOT).as_posix(): path for path in sorted((ROOT / "bnreport").rglob("*.py"))
}


def test_no_two_claims_share_an_id() -> None:
    ids = [claim.id for study in STUDIES.values() for claim in study.claims]
    assert [name for name, count in Counter(ids).items() if count > 1] == []
    assert [name for name in ids if not re.fullmatch(r"[a-z0-9.-]+", name)] == []


def test_at_most_eight_differences_share_the_error_of_a_family() -> None:
    counts = {
        name: max(sum(claim.kind == "difference" for claim in f) for f in study.edition.tested)
        for name, study in STUDIES.items()
    }
    assert {name: count for name, count in counts.items() if count > 8} == {}


def unsaid(claim: Claim) -> Iterator[str]:
    """What a claim leaves open until the runs are seen."""
    for field in ("question", "statement", "rule"):
        if not getattr(claim, field).endswith(("?", ".")):
            yield f"{field} is no sentence: {getattr(claim, field)!r}"
    needed = ["source", "arms", "metric", "seeds", *(["unit"] if claim.kind != "exact" else [])]
    yield from (f"{field} is empty" for field in needed if not getattr(claim, field))
    undecided = "underpowered" if claim.decided == "tests" else "undecided"
    words = ["upported", *([undecided] if claim.kind != "exact" else [])]
    yield from (f"rule does not say {word!r}" for word in words if word not in claim.rule)


def without_margin(claim: Claim) -> Iterator[str]:
    """What is wrong with the margin of a claim, which every claim has but a fit."""
    if claim.kind == "fit":
        if claim.margin is not None:
            yield f"a fit has the margin {claim.margin}"
        return
    # At margin 0 the direction alone is claimed, or an identity to the last bit.
    if claim.margin is None:
        yield "no margin"
    elif claim.margin <= 1 if claim.scale == "ratio" else claim.margin < 0:
        yield f"margin {claim.margin} of a {claim.scale}"
    if claim.kind != "exact" and str(LEAST_SEEDS) not in claim.rule:
        yield f"rule does not say {LEAST_SEEDS}"


def unruly(claim: Claim) -> Iterator[str]:
    """The word that a claim expects, where its rule never gives it."""
    words = {"supported", "not supported", "underpowered", *(["mixed"] if claim.settings else [])}
    if claim.expected not in words:
        yield f"expects {claim.expected!r}"


@pytest.mark.parametrize("faults", [unsaid, without_margin, unruly])
def test_a_claim_keeps_the_rule(faults: Callable[[Claim], Iterator[str]]) -> None:
    assert faulty(CLAIMS, faults) == {}


DIFFERENCE = next(
    claim
    for claim in CLAIMS.values()
    if claim.kind == "difference" and claim.decided == "tests" and not claim.settings
)


@pytest.mark.parametrize(
    ("faults", "change", "told"),
    [
        (unsaid, {"question": "Why"}, "question is no sentence: 'Why'"),
        (unsaid, {"statement": ""}, "statement is no sentence: ''"),
        (unsaid, {"rule": DIFFERENCE.rule.rstrip(".")}, "rule is no sentence"),
        (unsaid, {"rule": "Underpowered or underpowered."}, "rule does not say 'upported'"),
        (unsaid, {"rule": "Supported."}, "rule does not say 'underpowered'"),
        (unsaid, {"decided": "interval"}, "rule does not say 'undecided'"),
        *((unsaid, {name: ""}, f"{name} is empty") for name in ("source", "metric", "seeds")),
        (unsaid, {"unit": ""}, "unit is empty"),
        (unsaid, {"arms": ()}, "arms is empty"),
        (without_margin, {"margin": None}, "no margin"),
        (without_margin, {"scale": "linear", "margin": -0.1}, "margin -0.1"),
        (without_margin, {"scale": "ratio", "margin": 1.0}, "margin 1.0 of a ratio"),
        (without_margin, {"rule": "Supported."}, f"rule does not say {LEAST_SEEDS}"),
        (without_margin, {"kind": "fit", "margin": 1.0}, "a fit has the margin 1.0"),
        (unruly, {"expected": "mixed", "settings": ()}, "expects 'mixed'"),
        (unruly, {"expected": "perhaps"}, "expects 'perhaps'"),
    ],
)
def test_a_claim_that_breaks_a_rule_is_told_by_its_name(
    faults: Callable[[Claim], Iterator[str]], change: dict[str, Any], told: str
) -> None:
    broken = {"sound": DIFFERENCE, "broken": DIFFERENCE.model_copy(update=change)}
    found = faulty(broken, faults)
    assert list(found) == ["broken"]
    assert any(line.startswith(told) for line in found["broken"]), found


def test_every_word_has_a_mark_of_its_own() -> None:
    assert list(MARKS) == list(get_args(Shown))
    assert len(set(MARKS.values())) == len(MARKS)


def test_there_are_at_most_six_errors_and_the_module_shows_them_all() -> None:
    found = [error for _, error in inspect.getmembers(errors, inspect.isclass)]
    assert len(found) <= 6
    assert all(issubclass(error, errors.BnreportError) for error in found)
    assert errors.__doc__ is not None
    for error in found:
        assert re.search(rf"\b{error.__name__}\b", errors.__doc__), error.__name__


@pytest.mark.slow
def test_the_studies_load_without_a_training_library() -> None:
    code = (
        "import sys, bnreport.studies, bnreport.analysis.judge; bnreport.studies.all_studies(); "
        "print(*({'keras', 'tensorflow', 'jax', 'matplotlib', 'sklearn'} & {*sys.modules}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == []


def hidden(path: Path) -> Iterator[str]:
    """Where a module draws from a state that it shares with everybody.

    The legacy functions of NumPy and those of `random` do; a `RandomState` is its owner's.
    """
    kept = {"default_rng", "Generator", "RandomState"}
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.Attribute():
                shared = ast.unparse(node.value) in {"np.random", "random"}
                found = shared and node.attr not in kept
            case ast.Import() | ast.ImportFrom():
                found = "random" in {alias.name for alias in node.names}
            case _:
                continue
        if found:
            yield f"line {node.lineno}: {ast.unparse(node)}"


def test_no_number_is_drawn_from_a_hidden_state(tmp_path: Path) -> None:
    assert faulty(MODULES, hidden) == {}
    path = tmp_path / "hidden.py"
    for text in ("np.random.rand()", "import random", "from numpy import random", "random.seed"):
        path.write_text(f"a = 1\n{text}\n", encoding="utf-8")
        assert [line.split(":")[0] for line in hidden(path)] == ["line 2"], text
