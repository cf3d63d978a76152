"""Every formula of the explainer holds for numbers drawn at random.

To add one: write its check beside those of its page, under the formula's name.
"""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
import pytest
from numpy.typing import NDArray

from bnreport import reference
from bnreport.formulas import FORMULAS
from bnreport.lessons import axes, interplay, scale, small_batches

Check: TypeAlias = Callable[[], None]
Floats: TypeAlias = NDArray[np.float64]

CHECKS: dict[str, Check] = {}
EPSILON, GAMMA, BETA = 0.3, 1.7, -0.4


def checks(name: str) -> Callable[[Check], Check]:
    """The function computes both sides of the formula of that name."""

    def keep(check: Check) -> Check:
        assert name not in CHECKS
        CHECKS[name] = check
        return check

    return keep


def test_every_formula_has_a_check_and_every_check_a_formula() -> None:
    assert CHECKS.keys() == FORMULAS.keys()


@pytest.mark.parametrize("name", CHECKS)
def test_the_formula_holds(name: str) -> None:
    CHECKS[name]()


def draw(*shape: int) -> Floats:
    return np.random.default_rng(sum(shape)).normal(2.0, 3.0, shape)


def made(x: Floats, epsilon: float = EPSILON) -> reference.Forward:
    """The forward pass of one feature."""
    return reference.forward(x[:, None], [GAMMA], [BETA], epsilon)


def column(x: Floats, epsilon: float = EPSILON) -> Floats:
    """The normalized values of one feature."""
    return made(x, epsilon).nodes.normalized[:, 0]


def slopes(function: Callable[[Floats], float], at: Floats) -> Floats:
    """The derivatives by each number, by central differences."""
    step = 1e-6
    found = np.zeros_like(at)
    for place in np.ndindex(at.shape):
        there = at.copy()
        there[place] += step
        back = at.copy()
        back[place] -= step
        found[place] = (function(there) - function(back)) / (2 * step)
    return found


# ---- The forward pass ----


@checks("forward.mean")
def _mean() -> None:
    x = draw(7)
    assert made(x).nodes.mean == pytest.approx(sum(x) / 7)


@checks("forward.variance")
def _variance() -> None:
    x = draw(7)
    assert made(x).nodes.variance == pytest.approx(sum((xi - x.mean()) ** 2 for xi in x) / 7)


@checks("forward.normalized")
def _normalized() -> None:
    x = draw(7)
    assert column(x) == pytest.approx((x - x.mean()) / np.sqrt(x.var() + EPSILON))


@checks("forward.output")
def _output() -> None:
    x = draw(7)
    assert made(x).output[:, 0] == pytest.approx(GAMMA * column(x) + BETA)


@checks("forward.identity")
def _identity() -> None:
    x = draw(7)
    undone = reference.forward(x[:, None], [np.sqrt(x.var() + EPSILON)], [x.mean()], EPSILON)
    assert undone.output[:, 0] == pytest.approx(x)


# ---- By hand ----


@checks("by-hand.pair")
def _pair() -> None:
    for x in draw(5, 2):
        d = abs(x[0] - x[1]) / 2
        found = d / np.sqrt(d**2 + EPSILON)
        assert sorted(column(x)) == pytest.approx([-found, found])


@checks("by-hand.bound")
def _bound() -> None:
    for n in (2, 3, 10, 50):
        assert np.abs(column(draw(n))).max() < np.sqrt(n - 1)
        # No lower bound holds: one number far from all others comes as near as one likes.
        outlier = np.zeros(n)
        outlier[0] = 1e6
        assert column(outlier)[0] == pytest.approx(np.sqrt(n - 1))
        assert column(outlier)[0] < np.sqrt(n - 1)


# ---- The backward pass ----


@checks("backward.input")
def _input() -> None:
    x, g = draw(6), draw(6)[::-1]
    xhat, n = column(x), 6
    collapsed = (GAMMA / np.sqrt(x.var() + EPSILON)) * (
        g - g.sum() / n - xhat * (g * xhat).sum() / n
    )
    assert collapsed == pytest.approx(slopes(lambda at: float(g @ made(at).output[:, 0]), x))


@checks("backward.gamma")
def _gamma() -> None:
    x, g = draw(6), draw(6)[::-1]
    found = slopes(lambda at: float(g @ (at[0] * column(x) + BETA)), np.array([GAMMA]))
    assert found[0] == pytest.approx(sum(g * column(x)))


@checks("backward.beta")
def _beta() -> None:
    x, g = draw(6), draw(6)[::-1]
    found = slopes(lambda at: float(g @ (GAMMA * column(x) + at[0])), np.array([BETA]))
    assert found[0] == pytest.approx(sum(g))


@checks("backward.jacobian")
def _jacobian() -> None:
    x = draw(6)
    xhat, one = column(x)[:, None], np.ones((6, 1))
    formula = (GAMMA / np.sqrt(x.var() + EPSILON)) * (
        np.eye(6) - one @ one.T / 6 - xhat @ xhat.T / 6
    )
    rows = [slopes(lambda at, i=i: float(made(at).output[i, 0]), x) for i in range(6)]  # type: ignore[misc]
    assert formula == pytest.approx(np.array(rows), abs=1e-8)


@checks("backward.lost")
def _lost() -> None:
    x, g = draw(6), draw(6)[::-1, None]
    without = reference.backward(g, made(x, 0.0)).x[:, 0]
    assert without.sum() == pytest.approx(0, abs=1e-12)
    assert column(x, 0.0) @ without == pytest.approx(0, abs=1e-12)
    # With epsilon the mean is still lost, and the other share is not.
    found = reference.backward(g, made(x)).x[:, 0]
    assert found.sum() == pytest.approx(0, abs=1e-12)
    assert abs(column(x) @ found) > 1e-3


@checks("backward.left")
def _left() -> None:
    x = draw(6)
    xhat = column(x)
    right = EPSILON / (x.var() + EPSILON)
    assert 1 - (xhat**2).sum() / 6 == pytest.approx(right)
    # That is the share of a gradient along xhat that the bracket of the Jacobian lets pass.
    bracket = np.eye(6) - np.ones((6, 6)) / 6 - np.outer(xhat, xhat) / 6
    assert bracket @ xhat == pytest.approx(right * xhat)


@checks("backward.length")
def _length() -> None:
    x, g = draw(6), draw(6)[::-1]
    dx = reference.backward(g[:, None], made(x, 0.0)).x
    xhat = column(x, 0.0)
    right = GAMMA**2 / x.var() * (g @ g - g.sum() ** 2 / 6 - (xhat @ g) ** 2 / 6)
    assert (dx**2).sum() == pytest.approx(right)


# ---- What shares a mean ----


def pool() -> tuple[Floats, tuple[float, float, float]]:
    """The pool of layer normalization for the page's example, and its first number normalized."""
    numbers = axes.EXAMPLE[0].ravel()
    return numbers, axes.normalized(numbers[0], numbers, centres=True)


@checks("axes.mean")
def _pool_mean() -> None:
    x, (mean, _, _) = pool()
    assert mean == pytest.approx(sum(x) / len(x))


@checks("axes.variance")
def _pool_variance() -> None:
    x, (mean, deviation, _) = pool()
    assert deviation**2 == pytest.approx(sum((xk - mean) ** 2 for xk in x) / len(x))


@checks("axes.normalized")
def _pool_normalized() -> None:
    x, (mean, deviation, result) = pool()
    assert result == pytest.approx((x[0] - mean) / np.sqrt(deviation**2 + 0.0))


@checks("axes.rms")
def _rms() -> None:
    x, _ = pool()
    result = axes.normalized(x[0], x, centres=False)[2]
    assert result == pytest.approx(x[0] / np.sqrt(sum(xj**2 for xj in x) / len(x)))


@checks("axes.channel")
def _channel() -> None:
    x = draw(2, 3, 4, 5)
    total = sum(x[n, h, w, 1] for n in range(2) for h in range(3) for w in range(4))
    found = reference.forward(x, np.ones(5), np.zeros(5)).nodes.mean[1]
    assert found == pytest.approx(total / (2 * 3 * 4))


# ---- Small batches ----


@checks("batches.mean")
def _error_of_a_mean() -> None:
    x = np.random.default_rng(1).normal(3.0, 2.0, (40_000, 8))
    assert x.mean(axis=1).std() / 2.0 == pytest.approx(1 / np.sqrt(8), rel=0.02)
    assert small_batches.mean_error(8) == pytest.approx(1 / np.sqrt(8))


@checks("batches.bias")
def _bias_of_a_variance() -> None:
    for n in small_batches.SIZES:
        assert small_batches.drawn_variances(n).mean() == pytest.approx((n - 1) / n, rel=0.08)


@checks("batches.variance")
def _error_of_a_variance() -> None:
    for n in small_batches.SIZES:
        drawn = small_batches.drawn_variances(n)
        assert drawn.std() / drawn.mean() == pytest.approx(np.sqrt(2 / (n - 1)), rel=0.08)
        assert small_batches.variance_error(n) == pytest.approx(np.sqrt(2 / (n - 1)))


@checks("batches.worth")
def _worth() -> None:
    n, rho = 20, 0.3
    # The variance of a mean is the mean of all covariances.
    variance = (np.full((n, n), rho) + (1 - rho) * np.eye(n)).mean()
    assert 1 / variance == pytest.approx(n / (1 + (n - 1) * rho))
    assert small_batches.worth(n, rho) == pytest.approx(1 / variance)


@checks("batches.pooled")
def _pooled() -> None:
    x = draw(3, 5)
    between = ((x.mean(axis=1) - x.mean()) ** 2).mean()
    assert x.var() == pytest.approx(x.var(axis=1).mean() + between)


@checks("batches.renorm")
def _renorm() -> None:
    x, mean, deviation = draw(7, 2), np.array([1.0, -1.0]), np.array([0.5, 3.0])
    assert small_batches.renormalized(x, mean, deviation) == pytest.approx((x - mean) / deviation)


# ---- Alternatives ----


@checks("choosing.weight")
def _weight_normalized() -> None:
    v, g = draw(6), 2.0
    w = g * v / np.linalg.norm(v)
    assert np.linalg.norm(w) == pytest.approx(g)
    assert g * (7 * v) / np.linalg.norm(7 * v) == pytest.approx(w)


@checks("choosing.standardized")
def _weight_standardized() -> None:
    w = draw(50)
    mean = sum(w) / len(w)
    found = (w - mean) / np.sqrt(sum((wj - mean) ** 2 for wj in w) / len(w))
    assert [found.mean(), found.std()] == pytest.approx([0.0, 1.0], abs=1e-12)


@checks("choosing.tanh")
def _dynamic_tanh() -> None:
    x, alpha = np.array([-50.0, 0.0, 50.0]), 0.5
    assert GAMMA * np.tanh(alpha * x) + BETA == pytest.approx([BETA - GAMMA, BETA, BETA + GAMMA])


# ---- Folding ----

TRAINED = reference.Trained(draw(3), draw(1, 3)[0], draw(2, 3)[0], draw(3) ** 2, EPSILON)


@checks("folding.scale")
def _scale() -> None:
    x, t = draw(5, 3), TRAINED
    s = np.asarray(t.gamma) / np.sqrt(np.asarray(t.variance) + EPSILON)
    normalized = (x - t.mean) / np.sqrt(np.asarray(t.variance) + EPSILON)
    assert s * x + (t.beta - s * t.mean) == pytest.approx(t.gamma * normalized + t.beta)


@checks("folding.previous")
def _previous() -> None:
    x, kernel, bias, t = draw(5, 4), draw(4, 3), draw(4, 3)[0], TRAINED
    s, _ = reference.scale_and_shift(t)
    folded = x @ (kernel @ np.diag(s)) + (s * (bias - t.mean) + t.beta)
    assert folded == pytest.approx(reference.inference(x @ kernel + bias, t))


@checks("folding.relu")
def _relu() -> None:
    x = draw(20)
    for s in (0.1, 1.7):
        assert np.maximum(0, s * x) == pytest.approx(s * np.maximum(0, x))
    assert np.maximum(0, -1.7 * x) != pytest.approx(-1.7 * np.maximum(0, x))


@checks("folding.next")
def _next() -> None:
    x, kernel, bias, t = draw(5, 3), draw(3, 4), draw(3, 4)[0], TRAINED
    s, _ = reference.scale_and_shift(t)
    folded = x @ (np.diag(s) @ kernel) + bias + (t.beta - s * t.mean) @ kernel
    assert folded == pytest.approx(reference.inference(x, t) @ kernel + bias)


# ---- Scale ----

UNIT, WEIGHTS = scale.example(epsilon=0.0)
RATE, DECAY = 0.3, 0.02


@checks("scale.invariance")
def _invariance() -> None:
    for alpha in (0.01, 3.0, 100.0):
        assert UNIT.outputs(alpha * WEIGHTS) == pytest.approx(UNIT.outputs(WEIGHTS), abs=1e-10)


@checks("scale.gradient")
def _gradient() -> None:
    for alpha in (0.01, 3.0, 100.0):
        assert UNIT.gradient(alpha * WEIGHTS) == pytest.approx(UNIT.gradient(WEIGHTS) / alpha)


@checks("scale.orthogonal")
def _orthogonal() -> None:
    assert WEIGHTS @ UNIT.gradient(WEIGHTS) == pytest.approx(0, abs=1e-12)


@checks("scale.growth")
def _growth() -> None:
    slope = UNIT.gradient(WEIGHTS)
    after = WEIGHTS - RATE * slope
    assert after @ after == pytest.approx(WEIGHTS @ WEIGHTS + RATE**2 * slope @ slope)


@checks("scale.effective")
def _effective() -> None:
    length = np.linalg.norm(WEIGHTS)
    unit = WEIGHTS / length
    after = (WEIGHTS - RATE * UNIT.gradient(WEIGHTS)) / length
    assert after == pytest.approx(unit - RATE / length**2 * UNIT.gradient(unit))


@checks("scale.recursion")
def _recursion() -> None:
    after = (1 - RATE * DECAY) * WEIGHTS - RATE * UNIT.gradient(WEIGHTS)
    g = np.linalg.norm(UNIT.gradient(WEIGHTS / np.linalg.norm(WEIGHTS)))
    now = WEIGHTS @ WEIGHTS
    assert after @ after == pytest.approx((1 - RATE * DECAY) ** 2 * now + RATE**2 * g**2 / now)


@checks("scale.settled")
def _settled() -> None:
    last = scale.lengths(RATE, DECAY, steps=5_000)[-1]
    assert last == pytest.approx(scale.settled(RATE, DECAY))
    assert last**4 == pytest.approx(RATE / (2 * DECAY), rel=0.01)


@checks("scale.turn")
def _turned() -> None:
    turn = float(scale.turns(scale.settled(0.1, 0.001), 0.1))
    assert turn == pytest.approx(np.degrees(np.sqrt(2 * 0.1 * 0.001)), rel=1e-3)


# ---- Interplay ----


@checks("interplay.dropout")
def _dropout() -> None:
    random = np.random.default_rng(0)
    for mean, kept in ((0.0, 0.5), (1.5, 0.8), (-2.0, 0.9)):
        x = random.normal(mean, 2.0, 400_000)
        dropped = x * (random.random(x.size) < kept) / kept
        assert dropped.mean() == pytest.approx(mean, abs=0.03)
        right = (2.0**2 + mean**2) / kept - mean**2
        assert dropped.var() == pytest.approx(right, rel=0.02)
        assert right == interplay.dropped_variance(mean, 4.0, kept) >= 4.0


@checks("interplay.clip")
def _clip() -> None:
    g = np.array([3.0, 4.0])
    for limit, norm in ((1.0, 1.0), (10.0, 5.0)):
        clipped = g * min(1, limit / np.linalg.norm(g))
        assert np.linalg.norm(clipped) == pytest.approx(norm)
        assert clipped[0] * g[1] == pytest.approx(clipped[1] * g[0])


@checks("interplay.adaptive-clip")
def _adaptive_clip() -> None:
    # Doubled weights may move twice as far, and each unit has a limit of its own.
    weights, g = np.array([[3.0, 4.0], [0.3, 0.4]]), np.ones((2, 2))
    for factor in (1.0, 2.0):
        norms = np.linalg.norm(factor * weights, axis=1)
        limits = np.minimum(1, 0.1 * norms / np.linalg.norm(g, axis=1))
        assert np.linalg.norm(g * limits[:, None], axis=1) == pytest.approx(0.1 * norms)


@checks("interplay.turn")
def _turn_by_optimizer() -> None:
    x, target, unit = interplay.example()
    for rule, power in ((interplay.sgd, 2), (interplay.adam, 1)):
        found = []
        for norm in (8.0, 16.0):
            step = rule(interplay.gradient(x, target, norm * unit))
            found.append(interplay.turn(norm * unit, step))
            if power == 2:
                assert np.radians(found[-1]) == pytest.approx(np.linalg.norm(step) / norm, rel=0.01)
        assert found[0] / found[1] == pytest.approx(2**power, rel=0.01)


@checks("interplay.share")
def _share() -> None:
    random = np.random.default_rng(0)
    stream = random.normal(size=(512, 64))
    for block in range(1, 30):
        drawn = random.normal(size=(512, 64))
        branch = reference.forward(drawn, np.ones(64), np.zeros(64), 0.0).output
        stream += branch
        assert branch.var() / stream.var() == pytest.approx(1 / (block + 1), rel=0.1)
        assert interplay.branch_share(block) == 1 / (block + 1)


# ---- Training and inference ----

ALPHA = 0.8


def averaged(start: float, of: Floats) -> float:
    """A moving average after batches with these means."""
    found = np.array(start)
    for value in of:
        found = reference.moved(found, value, ALPHA)
    return float(found)


@checks("inference.mean")
def _moving_mean() -> None:
    means = draw(5)
    last = ALPHA * averaged(0.0, means[:-1]) + (1 - ALPHA) * means[-1]
    assert last == pytest.approx(averaged(0.0, means))


@checks("inference.variance")
def _moving_variance() -> None:
    variances = draw(5) ** 2
    last = ALPHA * averaged(1.0, variances[:-1]) + (1 - ALPHA) * variances[-1]
    assert last == pytest.approx(averaged(1.0, variances))


@checks("inference.output")
def _inference() -> None:
    x, t = draw(5, 3), TRAINED
    found = t.gamma * (x - t.mean) / np.sqrt(np.asarray(t.variance) + EPSILON) + t.beta
    assert found == pytest.approx(reference.inference(x, t))


@checks("inference.unrolled")
def _unrolled() -> None:
    means, k = draw(6), 6
    whole = ALPHA**k * 3.0 + (1 - ALPHA) * sum(
        ALPHA ** (k - j) * means[j - 1] for j in range(1, k + 1)
    )
    assert whole == pytest.approx(averaged(3.0, means))


@checks("inference.unbiased")
def _unbiased() -> None:
    x = draw(7)
    left = sum((xi - x.mean()) ** 2 for xi in x) / 6
    assert left == pytest.approx(7 / 6 * x.var())
    assert left == pytest.approx(float(reference.unbiased(x.var(), 7)))


# ---- Settings ----


def relu(z: Floats) -> Floats:
    return np.maximum(z, 0)


@checks("settings.bias")
def _idle_bias() -> None:
    x, kernel, bias = draw(8, 4), draw(4, 3), draw(4, 3)[0]
    gamma, beta = draw(3), draw(1, 3)[0]
    with_it = reference.forward(x @ kernel + bias, gamma, beta, EPSILON).output
    assert with_it == pytest.approx(reference.forward(x @ kernel, gamma, beta, EPSILON).output)


@checks("settings.relu")
def _through_relu() -> None:
    z = draw(9) - 2
    assert relu(GAMMA * z) == pytest.approx(GAMMA * relu(z))
    assert not np.allclose(relu(-GAMMA * z), -GAMMA * relu(z))


@checks("settings.absorbed")
def _absorbed() -> None:
    xhat, kernel = draw(8, 3), draw(3, 2)
    gamma, beta = np.abs(draw(3)) + 0.1, draw(1, 3)[0]
    left = relu(gamma * xhat + beta) @ kernel
    assert left == pytest.approx(relu(xhat + beta / gamma) @ (gamma[:, None] * kernel))


@checks("settings.epsilon")
def _spread() -> None:
    x = draw(8)
    assert column(x).std() == pytest.approx(x.std() / np.sqrt(x.var() + EPSILON))


@checks("settings.momentum")
def _momentum() -> None:
    old, new, torch = 3.0, 5.0, 0.1
    theirs = (1 - torch) * old + torch * new
    assert float(reference.moved(old, new, 1 - torch)) == pytest.approx(theirs)


@checks("settings.least")
def _least() -> None:
    for k, p in ((14, 0.01), (108, 0.5)):
        assert (p ** (1 / k)) ** k == pytest.approx(p)
        assert (p ** (1 / k) * 0.99) ** k <= p < (p ** (1 / k) * 1.01) ** k
