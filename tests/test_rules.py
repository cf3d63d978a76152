"""The rules that every claim and every module keeps."""

import ast
import inspect
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest

from bnreport import errors
from bnreport.display import MARKS, Shown
from bnreport.judge import LEAST_SEEDS
from bnreport.studies import all_studies
from bnreport.study import Claim, Study

ROOT = Path(__file__).parents[1]
STUDIES = all_studies()
CLAIMS = [claim for study in STUDIES.values() for claim in study.claims]
MODULES = sorted((ROOT / "bnreport").rglob("*.py"))

each_study = pytest.mark.parametrize("study", STUDIES.values(), ids=STUDIES)
each_claim = pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.id)
each_module = pytest.mark.parametrize(
    "path", MODULES, ids=lambda path: path.relative_to(ROOT).as_posix()
)


def test_no_two_claims_share_an_id() -> None:
    ids = [claim.id for claim in CLAIMS]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[a-z0-9.-]+", name) for name in ids)


@each_study
def test_at_most_eight_differences_share_the_error_of_a_study(study: Study) -> None:
    assert sum(claim.kind == "difference" for claim in study.claims) <= 8


@each_claim
def test_a_claim_says_everything_before_the_runs(claim: Claim) -> None:
    for text in (claim.question, claim.statement, claim.rule):
        assert text.endswith(("?", ".")), text
    assert all((claim.source, claim.arms, claim.metric, claim.seeds))
    assert claim.unit or claim.kind == "exact"
    assert "upported" in claim.rule
    assert "underpowered" in claim.rule or claim.kind == "exact"


@each_claim
def test_every_claim_but_a_fit_has_a_margin(claim: Claim) -> None:
    if claim.kind == "fit":
        assert claim.margin is None
        return
    assert claim.margin is not None
    # At margin 0 the direction alone is claimed, or an identity to the last bit.
    assert claim.margin > 1 if claim.scale == "ratio" else claim.margin >= 0
    assert str(LEAST_SEEDS) in claim.rule or claim.kind == "exact"


@each_claim
def test_a_claim_expects_a_word_of_the_rule(claim: Claim) -> None:
    assert claim.expected in {"supported", "not supported", "underpowered"} or (
        claim.expected == "mixed" and claim.settings
    )


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


def test_the_studies_load_without_a_training_library() -> None:
    code = (
        "import sys, bnreport.studies, bnreport.judge; bnreport.studies.all_studies(); "
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


@each_module
def test_no_number_is_drawn_from_a_hidden_state(path: Path) -> None:
    # The legacy functions of NumPy and those of `random` share one generator with everybody.
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) in {"np.random", "random"}:
            assert node.attr in {"default_rng", "Generator"}, f"line {node.lineno}"
        if isinstance(node, ast.Import | ast.ImportFrom):
            assert "random" not in {alias.name for alias in node.names}, f"line {node.lineno}"
