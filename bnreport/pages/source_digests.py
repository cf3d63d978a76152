"""Digests of source code: what a module holds, and all that it imports of this package."""

import hashlib
import platform
from functools import cache
from importlib import metadata
from pathlib import Path

import grimp

PACKAGE = __name__.partition(".")[0]
ROOT = Path(__file__).resolve().parents[__name__.count(".")]
# What numbers, texts and drawings depend on beside our own code.
LIBRARIES = ("jinja2", "lxml", "matplotlib", "numpy", "pydantic", "pypandoc_binary", "scipy")


@cache
def _graph() -> grimp.ImportGraph:
    return grimp.build_graph(PACKAGE, cache_dir=None)


@cache
def source_digest(*modules: str) -> str:
    """The SHA-256 of modules, of all that they import, and of the data files beside them."""
    names = {*modules}
    for module in modules:
        names |= _graph().find_upstream_modules(module)
    total = hashlib.sha256(repr(_versions()).encode())
    for path in sorted({path for name in names for path in _files(name)}):
        total.update(_entry(path))
    return total.hexdigest()


@cache
def package_digest() -> str:
    """The SHA-256 of every file of the package: modules, templates and data."""
    total = hashlib.sha256(repr(_versions()).encode())
    for path in sorted((ROOT / PACKAGE).rglob("*")):
        if path.is_file() and path.suffix != ".pyc":
            total.update(_entry(path))
    return total.hexdigest()


@cache
def _entry(path: Path) -> bytes:
    return f"{path.relative_to(ROOT)} {hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode()


@cache
def _versions() -> tuple[tuple[str, str], ...]:
    libraries = ((name, metadata.version(name)) for name in LIBRARIES)
    return ("python", platform.python_version()), *libraries


@cache
def _files(module: str) -> tuple[Path, ...]:
    path = ROOT.joinpath(*module.split("."))
    if path.is_dir():
        return path / "__init__.py", *path.glob("*.toml")
    return tuple(filter(Path.exists, (path.with_suffix(".py"), path.with_suffix(".toml"))))
