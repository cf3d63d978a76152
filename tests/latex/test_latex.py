"""The reader of formulas computes what a person would, and refuses what it does not know."""

from collections.abc import Mapping

import numpy as np
import pytest

from tests.latex.changes import changes
from tests.latex.setting import Setting, UnreadableError, Value
from tests.latex.truth import holds, value

NAMES: Mapping[str, Value] = {
    "a": 2.0,
    "b": 3.0,
    "c": 5.0,
    "b'": 7.0,
    r"\hat{b}": 11.0,
    "N": 3,
    "x_": np.array([1.0, 10.0, 100.0]),
    "x_S": 13.0,
    r"x_\text{all}": 17.0,
    "m_": {0: 19.0, 1: 23.0},
    "u": np.array([3.0, 4.0]),
    "w": np.array([[1.0], [2.0]]),
    "W": np.array([[0.0, 1.0], [2.0, 0.0]]),
    "f": lambda z: 100 * z,
    "S": (1, 3),
    "k": 2,
    "∂L/∂x_": np.array([29.0, 31.0, 37.0]),
    "∇L": lambda z: -z,
}


def found(tex: str) -> float:
    over = {"i": range(1, 4), "j": range(1, 4)}
    return float(value(tex, Setting(NAMES, over=over), 0))


@pytest.mark.parametrize(
    ("tex", "expected"),
    [
        ("a + b c", 17.0),
        ("a - b - c", -6.0),
        ("-a + b", 1.0),
        (r"a (b + c) \cdot b", 48.0),
        (r"\frac{1}{a} b", 1.5),
        ("1/a b", 1.5),
        ("b^2 a", 18.0),
        ("a^{b - 1}", 4.0),
        ("a^{1/2}", np.sqrt(2)),
        (r"\sqrt{b + 1}", 2.0),
        (r"\Bigl( a \\ &+ b \Bigr)^2", 25.0),
        (r"b' \hat{b}", 77.0),
        ("x_2", 10.0),
        ("x_k", 10.0),
        ("x_{k + 1}", 100.0),
        ("x_2^2", 100.0),
        ("x_S", 13.0),
        (r"x_{\text{all}}", 17.0),
        ("m_{k - 2}", 19.0),
        (r"\frac{\partial L}{\partial x_k}", 31.0),
        # A sum reaches to the next plus or minus.
        (r"\sum_{i=1}^{N} a x_i + b", 225.0),
        (r"a \sum_i x_i x_i", 20202.0),
        (r"\sum_{i=2}^N x_i", 110.0),
        (r"\sum_{i \in S} x_i", 101.0),
        (r"\sum_{i=1}^{2} \sum_{j=1}^{2} x_i x_j", 121.0),
        (r"\max_i |x_i - 50|", 50.0),
        (r"\#\{i : x_i \ge 10\}", 2.0),
        ("|S|", 2.0),
        ("|a - b| c", 5.0),
        (r"\frac{1}{|S|}", 0.5),
        (r"\|u\|^2", 25.0),
        (r"\lVert u \rVert a", 10.0),
        ("f(a) b", 600.0),
        ("a f(b)", 600.0),
        (r"\nabla L(a)", -2.0),
        (r"\max(a, b)", 3.0),
        (r"\min(a, b) \max(0, -a)", 0.0),
        (r"w^\top W w", 6.0),
        (r"w^\top w", 5.0),
    ],
)
def test_it_computes(tex: str, expected: float) -> None:
    assert found(tex) == pytest.approx(expected)


def test_vectors_are_multiplied_place_by_place_and_matrices_as_matrices() -> None:
    setting = Setting(NAMES)
    assert value("u u", setting, 0).tolist() == [9, 16]
    assert value("W u", setting, 0).tolist() == [4, 6]
    assert value(r"\operatorname{diag}(u) W", setting, 0).tolist() == [[0, 3], [8, 0]]


@pytest.mark.parametrize(
    "tex",
    [
        "",
        "a +",
        "(a",
        "a)",
        "q",
        "x",
        "x_4",
        "x_0",
        "x_q",
        "m_2",
        "x_{1/2}",
        "f",
        "f a",
        r"\sum_q x_q",
        r"\sum_{i \in a} x_i",
        "u + W",
        "W^2",
        r"u^\top u",
        r"\frac{1}{W}",
        r"\unknown{a}",
        "a ! b",
        r"\pm a + b",
        "a b)",
        "| a",
        "a^2^2",
    ],
)
def test_it_refuses_what_it_does_not_know(tex: str) -> None:
    with pytest.raises(UnreadableError):
        found(tex)


@pytest.mark.parametrize(
    ("tex", "true"),
    [
        ("a + b = c", True),
        ("a + b = b", False),
        # All of a chain, all statements, all lines.
        ("a + b = c = 5", True),
        ("a + b = c = 6", False),
        (r"a = 2, \quad b = 4", False),
        (r"\begin{aligned} a &= 2 \\ b &= 4 \end{aligned}", False),
        ("u = u", True),
        ("u = W", False),
        ("u = 3", False),
        (r"x_{1,2} = \pm 1", False),
        (r"b \approx \frac{301}{100}", True),
        (r"b \approx \frac{31}{10}", False),
        # A bound must nearly be reached.
        (r"a \le 2", True),
        (r"a \le 3", False),
        (r"a < 2", False),
        (r"a \ge 2", True),
        # With one pair of numbers everything is in proportion.
        (r"a \propto b", False),
    ],
)
def test_a_formula_holds_when_all_of_it_does(tex: str, *, true: bool) -> None:
    assert holds(tex, [Setting(NAMES)]) is true


def test_a_pair_has_no_order() -> None:
    pair = Setting({"x_": np.array([5.0, -5.0])})
    assert holds(r"x_{1,2} = \pm 5", [pair])
    assert not holds(r"x_{1,2} = \pm 4", [pair])
    assert not holds("x_{1,2} = 5", [pair])


def test_a_formula_holds_for_each_of_its_indices() -> None:
    squares = Setting({"x_": np.array([1.0, 2.0]), "y_": np.array([1.0, 4.0])}, {"i": (1, 2)})
    assert holds("y_i = x_i^2", [squares])
    assert not holds("y_i = x_i", [squares])
    # What speaks of one place says less.
    assert not holds("y_1 = x_1", [squares])


def test_a_condition_is_where_a_line_holds_and_nowhere_else() -> None:
    settings = [Setting({"a": a}) for a in (-2.0, 0.0, 2.0)]
    assert holds(r"|a| = a \quad (a \ge 0)", settings)
    assert not holds(r"|a| = a \quad (a \ge 1)", settings)
    assert not holds(r"|a| = a \quad (a \le 0)", settings)
    assert not holds(r"|a| = |a| \quad (a \ge 0)", settings)
    # Numbers on both sides of it are needed.
    assert not holds(r"|a| = a \quad (a \ge 0)", settings[1:])
    # It is that of its line alone.
    assert holds(r"|a| = |a| \\ |a| = a \quad (a \ge 0)", settings)
    assert holds(r"a = 2 \quad \Rightarrow \quad a^2 = 2 a", [settings[0], settings[2]])
    assert not holds(r"a = -2 \quad \Rightarrow \quad a^2 = 2 a", [settings[0], settings[2]])


def test_two_statements_are_true_together_and_false_together() -> None:
    settings = [Setting({"a": a}) for a in (1.9, 2.1)]
    assert holds(r"a \le 2 \iff a^2 \le 4", settings)
    assert not holds(r"a \le 2 \iff a^2 \ge 4", settings)
    assert not holds(r"a \le 2 \iff a^2 \le 4", settings[:1])


def test_what_is_proportional_has_one_ratio() -> None:
    settings = [Setting({"a": a}) for a in (1.0, 2.0)]
    assert holds(r"3 a \propto a", settings)
    assert not holds(r"a^2 \propto a", settings)
    assert not holds(r"3 a \propto a", settings[:1])


def test_an_arrow_gives_a_new_value() -> None:
    assert holds(r"a \leftarrow a + 1", [Setting({"a": 2.0}, after={"a": 3.0})])
    assert not holds(r"a \leftarrow a + 1", [Setting({"a": 2.0}, after={"a": 2.0})])


def test_what_is_known_of_the_whole_is_every_side() -> None:
    assert holds("a + 1", [Setting({"a": 2.0}, whole=3.0)])
    assert not holds("a + 1 = a + 1", [Setting({"a": 2.0}, whole=4.0)])
    with pytest.raises(UnreadableError, match="relation"):
        holds("a + 1", [Setting({"a": 2.0})])


def test_each_token_is_changed_in_turn() -> None:
    tex = r"\sigma^2 = \frac{1}{N} \sum_{i=1}^{N} (x_i - \mu)^2"
    made = {change.tex for change in changes(tex)}
    assert made >= {
        r"\sigma^3 = \frac{1}{N} \sum_{i=1}^{N} (x_i - \mu)^2",
        r"\sigma = \frac{1}{N} \sum_{i=1}^{N} (x_i - \mu)^2",
        r"\mu^2 = \frac{1}{N} \sum_{i=1}^{N} (x_i - \mu)^2",
        r"\sigma^2 = \frac{N}{1} \sum_{i=1}^{N} (x_i - \mu)^2",
        r"\sigma^2 = \frac{1}{(N - 1)} \sum_{i=1}^{N} (x_i - \mu)^2",
        r"\sigma^2 = \frac{1}{N} \sum_{i=0}^{N} (x_i - \mu)^2",
        r"\sigma^2 = \frac{1}{N} \sum_{i=1}^{(N - 1)} (x_i - \mu)^2",
        r"\sigma^2 = \frac{1}{N} \sum_{i=1}^{N} (x_j - \mu)^2",
        r"\sigma^2 = \frac{1}{N} \sum_{i=1}^{N} (x - \mu)^2",
        r"\sigma^2 = \frac{1}{N} \sum_{i=1}^{N} (x_i + \mu)^2",
        r"\sigma^2 = \frac{1}{N} \sum_{i=1}^{N} (x_i - \sigma)^2",
        r"\sigma^2 = \frac{1}{N} \sum_{i=1}^{N} (x_i - \mu)^3",
        r"\sigma^2 = \frac{1}{N} \sum_{i=1}^{N} (x_i - \mu)",
    }
    assert tex not in made
    roots = {change.tex for change in changes(r"\sqrt{v + \varepsilon}")}
    assert roots >= {r"\sqrt{v }", r"{v + \varepsilon}", r"\sqrt{v - \varepsilon}"}
