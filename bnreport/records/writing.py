"""Write records: one writer a file, each line as its run ends, sorted in the end."""

import errno
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from filelock import FileLock, Timeout

from bnreport.errors import RecordError
from bnreport.records.record import Record
from bnreport.records.store import Say, read


class Writer:
    """The only writer of a record file: appends under a lock, and sorts the file at the end.

    Raises:
        RecordError: when another call holds the lock, when the file is damaged, and when the disk
            is full; what was added before is kept.
    """

    def __init__(self, path: Path, say: Say) -> None:
        self.path = path
        self._say = say
        self._lock = FileLock(path.with_suffix(".lock"))

    def __enter__(self) -> Self:
        with _written(self.path):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            try:
                self._lock.acquire(timeout=0)
            except Timeout as error:
                raise RecordError(
                    f"Expected to be the only writer of {self.path}. Received: another call holds "
                    f"{self.path.with_suffix('.lock')}. Wait for it to end."
                ) from error
            try:
                self._records = read(self.path, self._say)
                # Whatever a crash left behind is rewritten whole before anything is appended.
                self._rewrite()
                self._file = self.path.open("ab", buffering=0)
            except BaseException:
                self._lock.release()
                raise
        return self

    def add(self, record: Record) -> None:
        """Append a record, on disk when this returns; it replaces an earlier one of its run."""
        known = record.id in self._records
        self._records[record.id] = record
        with _written(self.path):
            if known:
                self._file.close()
                self._rewrite()
                self._file = self.path.open("ab", buffering=0)
                return
            line = (record.sealed() + "\n").encode()
            # A disk that fills up takes a part of a line, and refuses the rest.
            while line:
                line = line[self._file.write(line) :]
            os.fsync(self._file.fileno())

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            self._file.close()
            with _written(self.path):
                self._rewrite()
        except RecordError:
            # The first error says it all; the next call mends a line that is torn.
            if error is None:
                raise
        finally:
            self._lock.release()

    def _rewrite(self) -> None:
        # A file that holds nothing but a torn line is emptied, or the next record would join it.
        if self._records or self.path.exists():
            write(self.path, self._records.values())


@contextmanager
def _written(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        full = error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
        reason = f"a full disk ({error.strerror})" if full else str(error)
        raise RecordError(
            f"Expected to write {path}. Received: {reason}. Make room or fix this, and run the "
            "command again: finished runs are kept."
        ) from error


def write(path: Path, records: Iterable[Record]) -> None:
    """Write the records sorted by trial and seed, whole or not at all."""
    ordered = sorted(records, key=lambda r: (r.identity.trial.name, r.identity.seed, r.id))
    write_text(path, "".join(record.sealed() + "\n" for record in ordered))


def write_text(path: Path, text: str) -> None:
    """Write a text file whole or not at all, and only when it changes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".partial")
    try:
        if path.exists() and path.read_bytes() == text.encode():
            return
        with partial.open("w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            # A name that leads to a file whose bytes are not on disk yet would outlive them.
            os.fsync(file.fileno())
        os.replace(partial, path)
        _keep_name(path.parent)
    finally:
        # One that a call left which was killed, too.
        partial.unlink(missing_ok=True)


def _keep_name(folder: Path) -> None:
    """Have the names in a folder on disk, too; some systems open no folder and need not."""
    with suppress(OSError):
        number = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(number)
        finally:
            os.close(number)
