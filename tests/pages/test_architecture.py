"""The page about the code shows each package and level of the contract, and says what is true."""

import re
import shutil
from pathlib import Path

import grimp
import pytest

from bnreport.errors import PageError
from bnreport.pages.architecture import Architecture, read_architecture
from tests.shared import ROOT

SETTINGS = ROOT / "pyproject.toml"
PACKAGE = ROOT / "bnreport"


@pytest.fixture(scope="module")
def code() -> Architecture:
    return read_architecture(SETTINGS)


def test_every_package_and_module_of_the_folder_is_in_picture_and_table(
    code: Architecture,
) -> None:
    names = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    names |= {path.stem for path in PACKAGE.glob("[!_]*.py")}
    picture, table = code.picture("Caption."), code.table()
    assert names == set(re.findall(r'class="middle"[^>]*>(\w+)<', picture))
    assert names == set(re.findall(r'<th scope="row"[^>]*><code>(\w+)<', table))
    assert picture.count('class="line"') == len(code.levels) - 1


def test_what_the_docstring_of_a_package_lets_it_import_is_what_it_imports(
    code: Architecture,
) -> None:
    graph = grimp.build_graph("bnreport", cache_dir=None)
    below: set[str] = set()
    faults = []
    for names in reversed(code.levels):
        for package in (p for p in code.packages if p.name in names):
            words = re.split("may import", package.imports, flags=re.IGNORECASE)[-1]
            named = set(re.findall(r"`(\w+)`", words.partition(";")[0]))
            if named - below:
                faults.append(f"{package.name} names {named - below}, which is not below it")
            allowed = below if re.search("below|everything", package.imports) else named
            imported = _imported(graph, package.name)
            if more := imported - allowed - {"errors", package.name}:
                faults.append(f"{package.name} imports {more} and does not say so")
        below |= set(names)
    assert not faults


def _imported(graph: grimp.ImportGraph, name: str) -> set[str]:
    inside = f"bnreport.{name}"
    modules = {inside, *graph.find_descendants(inside)}
    found = {target for m in modules for target in graph.find_modules_directly_imported_by(m)}
    return {target.split(".")[1] for target in found if target.count(".")}


def test_no_text_of_the_picture_leaves_it(code: Architecture) -> None:
    picture = code.picture("Caption.")
    boxes = re.findall(r'<rect [^>]*x="([\d.]+)" y="([\d.]+)" width="([\d.]+)"', picture)
    assert len(boxes) == len(code.packages)
    assert all(float(x) > 0 and float(x) + float(width) < 328 for x, _, width in boxes)
    assert len({(x, y) for x, y, _ in boxes}) == len(boxes)


def test_a_docstring_without_directions_is_refused_by_name(tmp_path: Path) -> None:
    copy = tmp_path / "bnreport"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    (copy / "site" / "__init__.py").write_text('"""The site."""\n', encoding="utf-8")
    with pytest.raises(PageError, match=r"docstring of bnreport\.site"):
        read_architecture(SETTINGS, copy)


def test_a_missing_contract_is_told_with_its_file(tmp_path: Path) -> None:
    with pytest.raises(PageError, match=r"pyproject\.toml"):
        read_architecture(tmp_path / "pyproject.toml")


TEXTS = (
    *ROOT.glob("*.md"),
    *(ROOT / "docs").rglob("*.md"),
    *(ROOT / "docs").glob("*.toml"),
    *(ROOT / ".github").rglob("*.md"),
    *(ROOT / ".github").rglob("*.yml"),
    ROOT / "mkdocs.yml",
)
# A path of Python, or a module of ours with its dots.
NAMED = re.compile(r"(?<![\w/.<>-])((?:\w[\w.-]*/)*\w+\.py)\b(?!\w)|\b(bnreport(?:\.[a-z_]\w*)+)")
# What a reader is to write, and a file that a worked example makes and then edits.
OWN = re.compile(r"[A-Z]{4,}")
EXAMPLE = re.compile(r"^--- (\S+\.py)$", re.MULTILINE)


def _exists(name: str, files: set[str]) -> bool:
    """Whether a path ends with these parts, or a module or one of its definitions is there."""
    if name.endswith(".py"):
        return any(f"/{path}".endswith(f"/{name}") for path in files)
    parts = name.split(".")
    return any(
        f"{'/'.join(parts[:end])}{tail}" in files
        for end in (len(parts), len(parts) - 1)
        for tail in (".py", "/__init__.py")
        if end > 1
    )


def _stale(text: str, files: set[str]) -> list[str]:
    named = {path or module for path, module in NAMED.findall(text)}
    named -= {*EXAMPLE.findall(text)}
    return sorted(n for n in named if not OWN.search(n) and not _exists(n, files))


@pytest.fixture(scope="module")
def files() -> set[str]:
    folders = ("bnreport", "tests", "docs", "replicas")
    return {p.relative_to(ROOT).as_posix() for f in folders for p in (ROOT / f).rglob("*.py")}


def test_every_module_that_a_text_for_contributors_names_exists(files: set[str]) -> None:
    stale = {
        path.relative_to(ROOT).as_posix(): names
        for path in TEXTS
        if path.name != "CHANGELOG.md"
        if (names := _stale(path.read_text(encoding="utf-8"), files))
    }
    assert not stale


def test_a_module_that_has_moved_is_noticed(files: set[str]) -> None:
    text = "In `trials.py`, `protocol/dictionary.py`, `bnreport.probes` and `bnreport/crews.py`."
    assert _stale(text, files) == ["bnreport.probes", "bnreport/crews.py", "protocol/dictionary.py"]
    assert _stale("`pages/data/dictionary.py`, `bnreport.site.markup`, `NAME.py`", files) == []
