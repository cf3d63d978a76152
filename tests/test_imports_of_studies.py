"""A study imports few names and is short: the library that it is written with can be learnt."""

import ast
import io
import tokenize
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import pytest

from bnreport.studies import all_studies, files_of

ROOT = Path(__file__).parents[1]
MOST = 20
# So many lines of code has the median of the studies of the first edition.
LINES = 150


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


FOLDERS = sorted(path.parent for path in (ROOT / "bnreport" / "studies").rglob("*/__init__.py"))


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.name)
def test_a_folder_of_a_study_begins_with_the_study_alone(folder: Path) -> None:
    """What it claims, trains and shows lies in files named for it, in every folder alike."""
    begun = ast.parse((folder / "__init__.py").read_text(encoding="utf-8")).body
    made = [node for node in begun if not isinstance(node, ast.Expr | ast.Import | ast.ImportFrom)]
    assert [ast.unparse(node).partition(" = ")[0] for node in made] in ([], ["STUDY"], ["SECOND"])


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


def code_lines(source: str) -> int:
    """The lines that are code: neither blank nor prose.

    Prose are comments, docstrings and lines of text alone, be there the name of an argument before
    it.
    """
    lines: defaultdict[int, list[str]] = defaultdict(list)
    for line, kind, text in _tokens(source):
        lines[line].append("MARK" if text in (*",()+=", "+=") else kind)
    return sum(not _is_text(kinds) for kinds in lines.values())


def _is_text(kinds: list[str]) -> bool:
    beside = [kind for kind in kinds if kind not in {"MARK", "STRING"}]
    return "STRING" in kinds and beside in ([], ["NAME"])


def _tokens(source: str) -> Iterator[tuple[int, str, str]]:
    """The line, kind and text of each token; from Python 3.12 on an f-string has several."""
    inside = 0
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        kind = tokenize.tok_name[token.type]
        inside += kind == "FSTRING_START"
        if kind not in {"COMMENT", "NL", "NEWLINE", "INDENT", "DEDENT", "ENDMARKER"}:
            for line in range(token.start[0], token.end[0] + 1):
                yield line, "STRING" if inside else kind, token.string
        inside -= kind == "FSTRING_END"


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("\n# A comment.\n\n", 0),
        ('"""A docstring\n\nof three lines."""\n', 0),
        ("x = 1\n\ny = 2  # Two.\n", 2),
        ('claim(\n    "a text",\n    "that goes " f"on {x + 1}",\n    key="more",\n)\n', 2),
        ('f(\n    {"a": "b"},\n    x,\n)\n', 4),
        ("total = (\n    a\n    + b\n)\n", 4),
    ],
)
def test_prose_is_no_code(source: str, lines: int) -> None:
    assert code_lines(source) == lines


def test_the_median_study_of_the_first_edition_is_short() -> None:
    lengths = {
        name: sum(
            code_lines(path.read_text(encoding="utf-8"))
            for path in files_of(name)
            if path.suffix == ".py"
        )
        for name, study in all_studies().items()
        # What was claimed since, or is to be, is decided otherwise.
        if not study.announced and not any(claim.decided == "interval" for claim in study.claims)
    }
    assert len(lengths) == 23
    assert median(lengths.values()) <= LINES, sorted(lengths.items(), key=lambda item: item[1])
