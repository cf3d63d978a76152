"""What is written beside a run: the commit, the libraries, the machine."""

import ast
import os
import platform
import subprocess
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path

PACKAGE = "bnreport"
ROOT = Path(__file__).resolve().parent.parent


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


def git(root: Path, *words: str) -> str | None:
    """What git says in a folder; None where it says nothing, or is not there."""
    try:
        done = subprocess.run(
            ["git", *words], cwd=root, capture_output=True, text=True, check=True, timeout=30
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()


def is_checkout(root: Path = ROOT) -> bool:
    """Whether the folder is a git checkout of its own, and not an archive inside of another's."""
    top = git(root, "rev-parse", "--show-toplevel")
    return bool(top) and Path(top or "").resolve() == root.resolve()


def commit(root: Path = ROOT) -> tuple[str, bool]:
    """The commit of the checkout and whether the tree differs from it, `results/` aside.

    Outside a checkout, or without git, the commit is "unknown".
    """
    if not is_checkout(root):
        return "unknown", True
    found = git(root, "rev-parse", "HEAD")
    changed = git(root, "status", "--porcelain", "--", ".", ":(exclude)results")
    if found is None or changed is None:
        return "unknown", True
    return found, bool(changed)


def versions(names: Iterable[str]) -> dict[str, str]:
    """The versions of Python and of the installed distributions of those names."""
    return {"python": platform.python_version()} | {name: metadata.version(name) for name in names}


def processor() -> str:
    """The processor's name, family, model and how many cores this process may use."""
    named = platform.processor() or platform.machine()
    fields: dict[str, str] = {}
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").split("\n\n")[0].splitlines():
            key, _, value = line.partition(":")
            fields[key.strip()] = value.strip()
    except OSError:
        pass
    if "model name" in fields:
        named = (
            f"{fields['model name']} (family {fields.get('cpu family')}, "
            f"model {fields.get('model')})"
        )
    return f"{named}, {os.cpu_count()} cores"


def gpu(driver: Path = Path("/proc/driver/nvidia")) -> str | None:
    """The name of the first NVIDIA GPU that this process may use, or None; needs no library."""
    if os.environ.get("CUDA_VISIBLE_DEVICES") in {"", "-1"}:
        return None
    for card in sorted(driver.glob("gpus/*/information")):
        for line in card.read_text(encoding="utf-8").splitlines():
            key, _, value = line.partition(":")
            if key.strip() == "Model":
                return value.strip()
    return None
