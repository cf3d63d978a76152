"""Compare what two builders make of one configuration, file by file."""

import gzip
import re
from pathlib import Path

# Each builder signs the pages with its name and version; nothing else may differ.
GENERATOR = re.compile(rb'<meta name="generator" content="[^"]*">')


def differences(first: Path, second: Path) -> list[str]:
    """Say in which files two sites differ, a line each; none for equal ones.

    The tag that names the builder is left out, and of a packed file only what it holds counts.
    """
    files, others = _files(first), _files(second)
    return [
        f"{name}: {reason}"
        for name in sorted(files | others)
        if (reason := _reason(name, first, second, files, others))
    ]


def _files(site: Path) -> set[str]:
    return {path.relative_to(site).as_posix() for path in site.rglob("*") if path.is_file()}


def _reason(name: str, first: Path, second: Path, files: set[str], others: set[str]) -> str:
    if name not in others:
        return "only in the first"
    if name not in files:
        return "only in the second"
    one, other = (_content(site / name) for site in (first, second))
    if one == other:
        return ""
    place = next(
        (i for i, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]), 0
    )
    return f"{one[place : place + 60]!r} is {other[place : place + 60]!r}"


def _content(path: Path) -> bytes:
    content = path.read_bytes()
    if path.suffix == ".gz":
        return gzip.decompress(content)
    return GENERATOR.sub(b"", content) if path.suffix == ".html" else content
