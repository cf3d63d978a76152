"""The code that a page shows: functions of the reference, and tested snippets of Keras."""

import ast
import inspect
from pathlib import Path

from bnreport import reference
from bnreport.errors import PageError

# Below the folder of the pages.
SNIPPETS = "learn/_code"
# Libraries for which a fix may be shown: the last part of a snippet's name, and the name of a tab.
LIBRARIES = {"keras": "Keras", "torch": "PyTorch", "flax": "Flax"}


def function(name: str) -> str:
    """The source of a function of `reference`, without its docstring.

    Raises:
        PageError: when there is none of that name.
    """
    code = getattr(reference, name, None)
    if not inspect.isfunction(code) or code.__module__ != reference.__name__:
        raise PageError(f"Expected a function of bnreport/reference.py. Received: {name!r}.")
    source = inspect.getsource(code)
    (definition,) = ast.parse(source).body
    assert isinstance(definition, ast.FunctionDef)
    lines = source.splitlines()
    if ast.get_docstring(definition):
        docstring = definition.body[0]
        del lines[docstring.lineno - 1 : docstring.end_lineno]
    return "\n".join(lines)


def is_snippet(sources: Path, name: str) -> bool:
    """Say whether there is a snippet of that name; see `snippet`."""
    return _path(sources, name).is_file()


def _path(sources: Path, name: str) -> Path:
    return sources / SNIPPETS / f"{name}.py"


def snippet(sources: Path, name: str) -> str:
    """The text of a snippet.

    Args:
        sources: the folder of the pages.
        name: its file, without the ending.

    Raises:
        PageError: when there is none of that name.
    """
    path = _path(sources, name)
    if not is_snippet(sources, name):
        names = ", ".join(sorted(file.stem for file in path.parent.glob("*.py")))
        raise PageError(f"Expected a snippet of docs/{SNIPPETS}: {names}. Received: {name!r}.")
    return path.read_text(encoding="utf-8").strip()
