"""The SHA-256 of every file in results/, kept beside them as `sha256sum -c` reads it.

They show that a file is not the one that was committed with them. Whoever means to deceive writes
them anew; only the repository's history shows that.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from filelock import FileLock, Timeout

from bnreport.errors import RecordError
from bnreport.records.writing import write_text

NAME = "SHA256SUMS"
# What a call that writes records holds or leaves for a moment; git ignores the same.
PASSING = {".lock", ".partial"}
LINE = re.compile(r"([0-9a-f]{64})  (\S.*)")
# Seconds to wait for another call: it holds the lock while it writes a few thousand bytes.
PATIENCE = 60


def file_digest(path: Path) -> str:
    """The SHA-256 of a file's bytes, in hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def digests_of(results: Path) -> dict[str, str]:
    """The digest of every file that belongs to the results, by its path below them."""
    paths = (path for path in results.rglob("*") if path.is_file() and path.name != NAME)
    return {
        path.relative_to(results).as_posix(): file_digest(path)
        for path in sorted(paths)
        if path.suffix not in PASSING
    }


def listed(results: Path) -> dict[str, str]:
    """The digests that SHA256SUMS lists, by path; none when there is no such file.

    Raises:
        RecordError: when a line is not one of `sha256sum`, or names a file again.
    """
    path = results / NAME
    digests: dict[str, str] = {}
    if not path.exists():
        return digests
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    for number, line in enumerate(lines, start=1):
        parts = LINE.fullmatch(line)
        if parts is None or parts[2] in digests:
            raise RecordError(
                f"Expected a SHA-256, two spaces and the path of one more file in {path}, line "
                f"{number}. Received: {line[:80]!r}. Restore the file from version control, or "
                "delete it and run `bnreport checksums`."
            )
        digests[parts[2]] = parts[1]
    return digests


def differences(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    """The files in which two sets of digests differ, as "toy.jsonl: changed"."""
    words = {(True, True): "changed", (True, False): "gone", (False, True): "new"}
    return [
        f"{name}: {words[name in before, name in after]}"
        for name in sorted({*before, *after})
        if before.get(name) != after.get(name)
    ]


def check(results: Path) -> None:
    """Return nothing when the files are those that SHA256SUMS lists.

    Raises:
        RecordError: when a file is changed, gone or new; the message names each.
    """
    if not (results / NAME).exists():
        raise RecordError(
            f"Expected the digests of the files in {results} in {NAME}. Received: no such file. "
            "Restore it from version control, or run `bnreport checksums`."
        )
    if strange := differences(listed(results), digests_of(results)):
        raise RecordError(
            f"Expected the files that {results / NAME} lists. Received: {'; '.join(strange)}. "
            "If a call of `bnreport run` or `bnreport verify` was cut short, or you changed these "
            "files on purpose, run `bnreport checksums`; otherwise restore them from version "
            "control."
        )


def update(results: Path, paths: Iterable[Path] | None = None) -> list[str]:
    """Bring SHA256SUMS up to date, and return what changed in it.

    Args:
        results: the folder of the results.
        paths: the files that were written or deleted; by default, and where nothing is listed yet,
            all that there are. Another call may be writing the others.

    Raises:
        RecordError: when SHA256SUMS is damaged, or another call holds its lock.
    """
    if not results.exists():
        return []
    lock = FileLock(results / f"{NAME}.lock")
    try:
        lock.acquire(timeout=PATIENCE)
    except Timeout as error:
        raise RecordError(
            f"Expected to write {results / NAME}. Received: another call has held {lock.lock_file} "
            f"for {PATIENCE} seconds. Wait for it to end, then run `bnreport checksums`."
        ) from error
    try:
        before = listed(results)
        after = digests_of(results) if paths is None or not before else dict(before)
        for path in paths or ():
            name = path.relative_to(results).as_posix()
            after.pop(name, None)
            if path.exists():
                after[name] = file_digest(path)
        if changed := differences(before, after):
            lines = (f"{digest}  {name}\n" for name, digest in sorted(after.items()))
            write_text(results / NAME, "".join(lines))
        return changed
    finally:
        lock.release()


def write_result(results: Path, name: str, text: str) -> None:
    """Write a file of the results and list its digest.

    Raises:
        RecordError: as `update`.
    """
    write_text(results / name, text)
    update(results, [results / name])
