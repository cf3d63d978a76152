"""Least squares descend as theory says, and each way is the gradient descent it claims to be."""

import io
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from bnreport.analysis.study import Study
from bnreport.pages.data.runs import runs_csv
from bnreport.protocol.measurements import ToyTrial
from bnreport.protocol.runs import Runs
from bnreport.protocol.trials import Identity
from bnreport.records.agreement import compare
from bnreport.records.store import read
from bnreport.running.orchestrate import RunContext, train
from bnreport.running.scheduler import grouped
from bnreport.running.verification import verify
from bnreport.training.least_squares import (
    HIGHEST,
    LOWEST,
    descend,
    descend_normalized,
    draw,
    solve,
)
from tests.in_process import train_in_process

TOY = ToyTrial(
    name="toy", dimensions=20, condition=100.0, rates=(1e-3, 0.1, 1.9, 2.1, 1e6), steps=3000
)
STUDY = Study(
    name="toys",
    title="Toys",
    page="studies/toys.md",
    chapter="Facts",
    question="What of it?",
    runs=(Runs(TOY, (), (1, 2, 3)),),
)


def test_a_problem_has_the_condition_that_was_asked_for_and_is_the_seeds() -> None:
    problem = draw(TOY, 1)
    values = np.linalg.eigvalsh(problem.hessian)
    assert values[[0, -1]] == pytest.approx([0.01, 1.0])
    assert problem.excess(problem.optimum[None]) == pytest.approx([0.0])
    assert (draw(TOY, 1).start == problem.start).all()
    assert not np.allclose(draw(TOY, 2).hessian, problem.hessian)


def test_plain_descent_is_the_closed_form() -> None:
    problem = draw(TOY, 1)
    values, basis = np.linalg.eigh(problem.hessian)
    (found,) = descend(problem, np.array([0.7]), 50)
    left = (1 - 0.7 * values) ** 50 * (basis.T @ (problem.start - problem.optimum))
    assert found == pytest.approx(problem.optimum + basis @ left)


def test_a_normalized_step_is_the_gradient_of_the_normalized_loss() -> None:
    problem, rate = draw(TOY, 3), 0.3
    start = problem.start
    scale = float(np.sqrt(start @ problem.hessian @ start))

    def loss(a: float, w: np.ndarray) -> float:
        deviation = np.sqrt(w @ problem.hessian @ w)
        return float(problem.excess((a * w / deviation)[None])[0])

    short = 1e-6
    by_scale = (loss(scale + short, start) - loss(scale - short, start)) / (2 * short)
    by_weights = np.array(
        [
            (loss(scale, start + step) - loss(scale, start - step)) / (2 * short)
            for step in short * np.eye(20)
        ]
    )
    weights, scale = start - rate * by_weights, scale - by_scale
    (found,) = descend_normalized(problem, np.array([rate]), 1)
    expected = scale * weights / np.sqrt(weights @ problem.hessian @ weights)
    assert found == pytest.approx(expected, abs=1e-6)
    (none,) = descend_normalized(problem, np.array([rate]), 0)
    assert none == pytest.approx(start)


def test_plain_descent_breaks_at_a_rate_of_two_and_the_normalized_one_does_not() -> None:
    found = solve(TOY, 1)
    gd, bngd = (np.array(found[name]) for name in ("gd", "bngd"))
    assert len(gd) == len(bngd) == TOY.length
    assert (gd[:3] < 0).all()
    assert gd[3:].tolist() == [HIGHEST, HIGHEST]
    assert (bngd <= 0).all()
    assert ((gd >= LOWEST) & (bngd >= LOWEST)).all()
    assert gd[2] < -10


def test_toys_are_handed_out_one_by_one() -> None:
    toys = STUDY.identities("quick")
    assert grouped(toys, 8) == [(toy,) for toy in toys]


@pytest.mark.train
@pytest.mark.usefixtures("keras_ready")
def test_a_toy_is_recorded_verified_and_exported_like_a_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    train_in_process(monkeypatch)
    shop = RunContext("quick", None, Console(file=io.StringIO()))
    wanted: list[Identity] = STUDY.identities("quick")
    path = tmp_path / "toys.jsonl"
    assert train({"toys": STUDY}, wanted, lambda _: path, shop) == 3
    records = read(path, print)
    assert set(records) == {identity.run_id for identity in wanted}
    first = records[wanted[0].run_id]
    assert {name: list(values) for name, values in first.history.items()} == solve(TOY, 1)
    assert first.provenance.threads == 1

    verified = verify(STUDY, path, shop)
    assert [(c.trial, c.seed, c.equal_bits) for c in verified.comparisons] == [("toy", 1, True)]
    # Another machine rounds otherwise: its numbers agree within a spread of seeds.
    near = {name: tuple(np.array(v, float) + 1e-4) for name, v in first.history.items()}
    made = first.provenance.model_copy(update={"device": "another"})
    again = first.model_copy(update={"history": near, "provenance": made})
    compared = compare(again, first, list(records.values()))
    assert [row.metric for row in compared.rows] == ["bngd", "gd"]
    assert compared.agrees
    assert not compared.equal_bits

    head, *rows = runs_csv(records.values()).splitlines()
    assert head.endswith("bngd,gd")
    assert len(rows) == 3 * TOY.length
    assert [row.split(",")[4] for row in rows[:5]] == [str(rate) for rate in TOY.rates]
