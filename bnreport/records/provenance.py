"""Find the project, and give a text of its syntax that no layout changes."""

import ast
from pathlib import Path

PACKAGE = "bnreport"
# The folder that holds the package, for what is read of the package itself.
SOURCES = Path(__file__).resolve().parents[2]


def is_project(folder: Path) -> bool:
    """Say whether a folder holds the project: its pages' settings and its records."""
    return (folder / "mkdocs.yml").is_file() and (folder / "results").is_dir()


def project_above(folder: Path) -> Path | None:
    """The nearest folder that holds the project, this one or one above it; None without any."""
    return next(filter(is_project, (folder, *folder.parents)), None)


def find_root(sources: Path = SOURCES) -> Path:
    """The project's folder: where the package lies, or else the one above the working folder.

    A package that was installed from a wheel lies in no project. Without any the working folder is
    as good as another: the command line refuses it.
    """
    working = Path.cwd()
    return sources if is_project(sources) else project_above(working) or working


ROOT = find_root()


def syntax(source: str) -> str:
    """The syntax tree of a module as text, on every Python alike.

    Docstrings are left out, and so is where names of the package come from: its definitions have a
    digest of their own, and a module may move.
    """
    tree = ast.parse(source)
    tree.body = [node for node in tree.body if not _is_ours(node)]
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0] if node.body else None
            if (
                isinstance(first, ast.Expr)
                and isinstance(first.value, ast.Constant)
                and isinstance(first.value.value, str)
            ):
                node.body = node.body[1:]
    return _dump(tree)


def _is_ours(node: ast.stmt) -> bool:
    return isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == PACKAGE


def _dump(node: object) -> str:
    # ast.dump writes fields that came with later versions of Python; empty, they say nothing.
    if isinstance(node, ast.AST):
        fields = ((name, value) for name, value in ast.iter_fields(node) if value not in (None, []))
        inside = ",".join(f"{name}={_dump(value)}" for name, value in fields)
        return f"{type(node).__name__}({inside})"
    if isinstance(node, list):
        return f"[{','.join(map(_dump, node))}]"
    return repr(node)
