"""Show how the code is laid out, from the import contract and the docstrings of the packages."""

import ast
import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
from markupsafe import Markup

from bnreport.errors import PageError
from bnreport.pages.fragments import coded, fragment
from bnreport.pages.sources import PACKAGE
from bnreport.presentation.tables import Table

# The picture in pixels, as a phone shows it: its width, a row, the space between levels, that
# around a word and between boxes, and how far the frame of a level stands from its boxes.
WIDTH, ROW, SPACE, AROUND, BETWEEN, FRAME = 328, 30, 26, 14, 6, 5
TOP = 34
# The size of a word in points, and a point in pixels.
WORD, POINT = 9.0, 4 / 3


@dataclass(frozen=True)
class Subpackage:
    """A package, or a module beside the packages, in the words of its docstring.

    Attributes:
        name: its name.
        holds: its first sentence.
        begin: where to begin reading.
        imports: the sentence that says what it may import; of a module, what the contract lets it.
    """

    name: str
    holds: str
    begin: str
    imports: str


@dataclass(frozen=True)
class Box:
    """A package in the picture: its name, its left edge, its top and its width in pixels."""

    name: str
    x: float
    y: float
    width: float


@dataclass(frozen=True)
class Frame:
    """The frame of a level in the picture: its top and its height in pixels."""

    y: float
    height: float


@dataclass(frozen=True)
class Architecture:
    """The levels of the contract from the top, its packages, and the rules between them.

    Attributes:
        levels: the names at each level.
        packages: what each package says of itself, in the order of the levels.
        rules: the names of the contracts.
        trains: the packages that may import a training library.
    """

    levels: tuple[tuple[str, ...], ...]
    packages: tuple[Subpackage, ...]
    rules: tuple[str, ...]
    trains: frozenset[str]

    def table(self) -> Markup:
        """Each package with what it holds, where to begin, and what it may import."""
        rows = tuple(
            (coded(f"`{p.name}`"), coded(p.holds), coded(p.begin), coded(p.imports))
            for p in self.packages
        )
        table = Table(
            "The packages of bnreport, from the top",
            ("package", *("holds", "begin with", "imports")),
            rows,
            text=True,
        )
        return fragment("table.html.j2", table=table)

    def picture(self, caption: str) -> Markup:
        """The levels as a picture in the page, in the colours and fonts of its style sheet."""
        boxes, frames = _places(self.levels)
        drawing = fragment(
            "layers.html.j2",
            levels=self.levels,
            boxes=boxes,
            frames=frames,
            width=WIDTH,
            height=frames[-1].y + frames[-1].height + 1,
            trains=self.trains,
        )
        return fragment("picture.html.j2", name="layers", drawing=drawing, caption=caption)


def read_architecture(settings: Path, code: Path = PACKAGE) -> Architecture:
    """Read the contract and the docstrings.

    Args:
        settings: the `pyproject.toml` that holds the contract.
        code: the folder of the package.

    Raises:
        PageError: when the contract cannot be read, or a docstring does not say what a reader of
            the page must know.
    """
    try:
        tools = tomllib.loads(settings.read_text(encoding="utf-8"))["tool"]
    except (OSError, KeyError, tomllib.TOMLDecodeError) as error:
        raise PageError(
            f"Expected the rules between the packages in {settings}. Received: {error!r}. Restore "
            "the file from version control."
        ) from error
    contracts = tools["importlinter"]["contracts"]
    (layers,) = (contract["layers"] for contract in contracts if contract["type"] == "layers")
    levels = tuple(tuple(re.split(r" *[|:] *", level)) for level in layers)
    return Architecture(
        levels,
        tuple(_package(code, name, levels) for name in chain.from_iterable(levels)),
        tuple(contract["name"] for contract in contracts),
        frozenset(_trains(contracts)),
    )


def _trains(contracts: Sequence[dict[str, Any]]) -> Iterator[str]:
    for contract in contracts:
        if "keras" in contract.get("protected_modules", ()):
            yield from (name.rpartition(".")[2] for name in contract["allowed_importers"])


def _package(code: Path, name: str, levels: Sequence[Sequence[str]]) -> Subpackage:
    """Read what a package says of itself; a single module needs no directions."""
    folder = code / name / "__init__.py"
    path = folder if folder.is_file() else code / f"{name}.py"
    docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    holds, _, more = docstring.partition("\n\n")
    if path != folder:
        (place,) = (place for place, names in enumerate(levels) if name in names)
        below = [*chain.from_iterable(levels[place + 1 :])]
        may = {
            0: "Imports nothing of the package.",
            1: f"May import `{below[0]}`." if below else "",
        }
        sentence = may.get(len(below), "May import what stands below it.")
        return Subpackage(name, holds, f"`{path.name}`", sentence)
    sentences = re.split(r"(?<=\.) (?=[A-Z])", " ".join(more.split()))
    begin = [s for s in sentences if s.startswith("Begin with ")]
    imports = [s for s in sentences if re.search(r"may import|imports nothing", s, re.IGNORECASE)]
    if not (holds and begin and imports):
        raise PageError(
            f"Expected the docstring of bnreport.{name} to say what the package holds, where to "
            f'begin ("Begin with `x`.") and what it may import ("May import `y`."). Received: '
            f"{docstring!r}. Write these sentences."
        )
    return Subpackage(name, holds, begin[0].removeprefix("Begin with "), imports[0])


def _places(levels: Sequence[Sequence[str]]) -> tuple[list[Box], list[Frame]]:
    """Place the boxes, and a frame around those of each level."""
    boxes: list[Box] = []
    frames: list[Frame] = []
    y = float(TOP)
    for names in levels:
        top = y
        for row in _rows(names):
            x = (WIDTH - _width(row)) / 2
            for name in row:
                boxes.append(Box(name, round(x, 1), y, round(_width([name]), 1)))
                x += _width([name]) + BETWEEN
            y += ROW
        frames.append(Frame(top - FRAME, y - BETWEEN - top + 2 * FRAME))
        y += SPACE
    return boxes, frames


def _width(names: Sequence[str]) -> float:
    # With it comes matplotlib, which a call that shows no picture does not wait for.
    from bnreport.figures.frame import measured

    words = sum(POINT * measured(name, WORD) + AROUND for name in names)
    return words + BETWEEN * (len(names) - 1)


def _rows(names: Sequence[str]) -> list[list[str]]:
    """The names of a level, in as few rows of about as many names as the picture has room for."""
    for count in range(1, len(names)):
        rows = [[str(name) for name in row] for row in np.array_split(names, count)]
        if all(_width(row) <= WIDTH - 4 * FRAME for row in rows):
            return rows
    return [[name] for name in names]
