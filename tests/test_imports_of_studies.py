"""A study imports few names: the library that it is written with can be learnt."""

import ast
from pathlib import Path

import pytest

from bnreport.studies import all_studies, files_of

ROOT = Path(__file__).parents[1]
MOST = 20


def imported(source: str, package: str = "bnreport", own: str = "") -> set[str]:
    """The names that a module imports from the package, but for those of its own folder.

    A whole module, or all of its names at once, would hide how many there are.
    """
    names = set()
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.ImportFrom(module=str(module)) if module.split(".")[0] == package:
                assert node.module != package, f"Expected names. Received: modules of {package}."
                assert node.names[0].name != "*", f"Expected names. Received: all of {module}."
                whole = [n.name for n in node.names if _is_module(module, n.name)]
                assert not whole, f"Expected names. Received: the modules {whole}."
                names |= set() if module.startswith(own or "-") else {n.name for n in node.names}
            case ast.Import():
                whole = [n.name for n in node.names if n.name.split(".")[0] == package]
                assert not whole, f"Expected names. Received: the modules {whole}."
            case ast.ImportFrom():
                assert not node.level, "Expected the package's name. Received: a relative import."
    return names


def _is_module(package: str, name: str) -> bool:
    place = ROOT.joinpath(*package.split("."), name)
    return place.is_dir() or place.with_suffix(".py").exists()


@pytest.mark.parametrize("name", sorted(all_studies()))
def test_a_study_imports_at_most_twenty_names(name: str) -> None:
    """Of a study that is a folder each file does: whoever reads one need not know the others."""
    for path in files_of(name):
        if path.suffix == ".py":
            source = path.read_text(encoding="utf-8")
            names = imported(source, own=f"bnreport.studies.{name}")
            assert len(names) <= MOST, (path.name, sorted(names))


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("from bnreport.a import b, c as d\nimport numpy", {"b", "c"}),
        ("def f():\n    from bnreport.a import b", {"b"}),
        ("from bnreport.studies.own.runs import x", set()),
        ("from numpy import array", set()),
    ],
)
def test_names_are_counted_wherever_they_are_imported(source: str, names: set[str]) -> None:
    assert imported(source, own="bnreport.studies.own") == names


@pytest.mark.parametrize(
    "source",
    [
        "from bnreport.analysis import arms",
        "import bnreport.analysis.arms as a",
        "from bnreport.analysis.arms import *",
        "from .arms import arm",
    ],
)
def test_a_whole_module_is_not_one_name(source: str) -> None:
    with pytest.raises(AssertionError, match="Expected"):
        imported(source)
