"""Read small files of JSON and TOML, whole or not at all, and write those beside the records."""

import tomllib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TypeAlias, TypeVar

from pydantic import TypeAdapter, ValidationError

from bnreport.errors import BnreportError, RecordError
from bnreport.protocol.frozen import canonical
from bnreport.records.store import reasons
from bnreport.records.writing import write_text

T = TypeVar("T")
# By commit, digests by name.
ByCommit: TypeAlias = Mapping[str, Mapping[str, str]]


def read_json(path: Path, kind: TypeAdapter[T], content: str, remedy: str) -> T | None:
    """Read a file; None where there is none.

    Args:
        path: the file.
        kind: what it must hold.
        content: the same in words, for the message.
        remedy: what to do when it is damaged.

    Raises:
        RecordError: when it is damaged.
    """
    if not path.exists():
        return None
    try:
        return kind.validate_json(path.read_bytes())
    except ValidationError as error:
        raise RecordError(
            f"Expected {content} in {path}. Received: {reasons(error)}. {remedy}"
        ) from error


def decoded(path: Path) -> str:
    """The text of a file in UTF-8.

    Raises:
        ValueError: when it is none; the message names the line.
    """
    content = path.read_bytes()
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ValueError(f"no UTF-8 in line {line}") from error


def read_toml(
    path: Path,
    kind: TypeAdapter[T],
    content: str,
    remedy: str,
    refusal: type[BnreportError] = RecordError,
) -> T:
    """Read a file.

    Args:
        path: the file.
        kind: what it must hold.
        content: the same in words, for the message.
        remedy: what to do when it is damaged.
        refusal: the error to raise then.

    Raises:
        BnreportError: when it is damaged; the message names the line or the entry.
    """
    try:
        return kind.validate_python(tomllib.loads(decoded(path)))
    except (ValueError, RecursionError) as error:
        raise refusal(
            f"Expected {content} in {path}. Received: {reasons(error)}. {remedy}"
        ) from error


def update(
    path: Path, known: ByCommit, commits: Iterable[str], ask: Callable[[str], Mapping[str, str]]
) -> list[str]:
    """Write down the digests of each commit, a line each, and return the commits that are new.

    Args:
        path: the file.
        known: the digests of commits that need not be asked for.
        commits: the commits that the file is to hold.
        ask: finds the digests of another one.
    """
    digests = {commit: known.get(commit) or ask(commit) for commit in sorted(commits)}
    lines = [f' "{commit}": {canonical(of_commit)}' for commit, of_commit in digests.items()]
    if lines:
        write_text(path, "{\n" + ",\n".join(lines) + "\n}\n")
    return [commit for commit in digests if commit not in known]
