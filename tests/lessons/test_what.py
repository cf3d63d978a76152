"""What fixed gamma and beta can undo, against draws that go through the reference."""

import numpy as np
import pytest

from bnreport.lessons.what import BATCHES, analyse, unexpressed
from bnreport.reference import forward


@pytest.mark.parametrize("n", BATCHES)
def test_the_best_fixed_gamma_and_beta_leave_that_error_of_drawn_batches(n: int) -> None:
    draws = np.random.default_rng(3).normal(size=(n, 400_000 // n))
    normalized = forward(draws, np.ones(draws.shape[1]), np.zeros(draws.shape[1]), 0.0).output
    x, target = normalized.ravel(), draws.ravel()
    gamma, beta = np.polyfit(x, target, 1)
    error = np.sqrt(np.mean((gamma * x + beta - target) ** 2))
    assert unexpressed(n) == pytest.approx(error, abs=0.01)


def test_the_page_gives_these_errors_in_percent() -> None:
    values = analyse().values
    assert [values[f"left.{n}"].text for n in BATCHES] == ["83%", "60%", "22%", "8%"]
