"""Digests of source code: what a module holds, and all that it imports of this package."""

import hashlib
import platform
from collections.abc import Iterator
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
        total.update(f"{path.relative_to(ROOT)}\n".encode() + path.read_bytes())
    return total.hexdigest()


@cache
def _versions() -> tuple[tuple[str, str], ...]:
    libraries = ((name, metadata.version(name)) for name in LIBRARIES)
    return ("python", platform.python_version()), *libraries


def _files(module: str) -> Iterator[Path]:
    path = ROOT.joinpath(*module.split("."))
    if path.is_dir():
        yield path / "__init__.py"
        yield from path.glob("*.toml")
    else:
        yield from filter(Path.exists, (path.with_suffix(".py"), path.with_suffix(".toml")))
