"""The code that pages show is the code that runs, and Keras' snippets agree with the reference."""

import re
import runpy
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bnreport import reference
from bnreport.errors import PageError
from bnreport.pages.library import excerpts
from bnreport.pages.library.view import Library, LibraryView
from bnreport.pages.render import render
from bnreport.pages.staging import Staging
from tests.synthetic import DOCS, plain, report

SNIPPETS = DOCS / excerpts.SNIPPETS
# float32 rounds.
NEAR = 1e-5


def test_a_function_is_shown_without_its_docstring_and_still_runs() -> None:
    text = excerpts.function("nodes")
    assert '"""' not in text
    assert text.startswith("def nodes(")
    space: dict[str, Any] = dict(vars(reference))
    exec(text, space)
    x = np.array([[3.0], [9.0], [11.0], [17.0]])
    found = space["nodes"](x, np.ones(1), np.zeros(1), 0.0)
    assert found.normalized[:, 0] == pytest.approx([-1.4, -0.2, 0.2, 1.4])


@pytest.mark.parametrize("name", ["nothing", "Nodes", "EPSILON", "dataclass", "fields"])
def test_what_is_no_function_of_the_reference_is_refused(name: str) -> None:
    with pytest.raises(PageError, match=name):
        excerpts.function(name)


def test_an_unknown_snippet_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(PageError, match=r"forward.*'nothing'"):
        excerpts.snippet(DOCS, "nothing")


def test_a_page_shows_formulas_numpy_and_keras_side_by_side(tmp_path: Path) -> None:
    (tmp_path / "learn/_code").mkdir(parents=True)
    (tmp_path / "learn/_code/mine.py").write_text("a = 1 < 2\n", encoding="utf-8")
    page = tmp_path / "learn/page.md"
    page.write_text('[[ beside(("forward.mean",), "rows", "mine") ]]', encoding="utf-8")
    text = render(plain(report()), tmp_path).files["learn/page.md"]
    assert text.count("<math") == 1
    numpy, keras = re.findall(r"^```python\n(.*?)\n```$", text, re.MULTILINE | re.DOTALL)
    assert numpy == excerpts.function("rows")
    # A fence shows what it holds: nothing is escaped.
    assert keras == "a = 1 < 2"


def _forward(found: Mapping[str, Any]) -> Mapping[str, tuple[Any, Any]]:
    made = reference.forward(found["x"], np.ones(10), np.zeros(10))
    return {"y": (made.output, found["y"])}


def _backward(found: Mapping[str, Any]) -> Mapping[str, tuple[Any, Any]]:
    ours = reference.backward(found["w"], reference.forward(found["x"], np.ones(10), np.zeros(10)))
    return {
        "dx": (ours.x, found["dx"]),
        "dgamma": (ours.gamma, found["dgamma"]),
        "dbeta": (ours.beta, found["dbeta"]),
    }


def _folding(found: Mapping[str, Any]) -> Mapping[str, tuple[Any, Any]]:
    gamma, beta, mean, variance = found["norm"].get_weights()
    kept = reference.Trained(gamma, beta, mean, variance, found["norm"].epsilon)
    kernel, bias = reference.fold_into_previous(found["kernel"], found["bias"], kept)
    x = np.asarray(found["x"], np.float64)
    return {
        "kernel": (kernel, found["folded"].get_weights()[0]),
        "bias": (bias, found["folded"].get_weights()[1]),
        "answers": (x @ kernel + bias, found["net"](found["x"], training=False)),
        "folded": (x @ kernel + bias, found["folded"](found["x"])),
    }


AGREES: dict[str, Callable[[Mapping[str, Any]], Mapping[str, tuple[Any, Any]]]] = {
    "forward": _forward,
    "backward": _backward,
    "folding": _folding,
}


def test_every_snippet_is_compared() -> None:
    assert {file.stem for file in SNIPPETS.glob("*.py")} == AGREES.keys()


@pytest.mark.train
@pytest.mark.usefixtures("keras_ready")
@pytest.mark.parametrize("name", AGREES)
def test_a_snippet_of_keras_agrees_with_the_reference(name: str) -> None:
    found = runpy.run_path(str(SNIPPETS / f"{name}.py"))
    for what, (ours, theirs) in AGREES[name](found).items():
        assert reference.largest_difference(ours, theirs) < NEAR, what


def test_fixes_stand_in_tabs_one_for_each_library_that_has_one(tmp_path: Path) -> None:
    folder = tmp_path / excerpts.SNIPPETS
    folder.mkdir(parents=True)
    for name, text in {"a.torch": "b = 2", "a.keras": "if a:\n    b = 1 < 2"}.items():
        (folder / f"{name}.py").write_text(f"{text}\n", encoding="utf-8")
    view = LibraryView("a.md", Staging(), Library(tmp_path))
    assert view.tabs("a").splitlines() == [
        '=== "Keras"',
        "",
        "    ```python",
        "    if a:",
        "        b = 1 < 2",
        "    ```",
        "",
        '=== "PyTorch"',
        "",
        "    ```python",
        "    b = 2",
        "    ```",
    ]
    with pytest.raises(PageError, match="Received: 'c'"):
        view.tabs("c")
