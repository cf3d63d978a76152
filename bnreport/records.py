"""Finished runs on disk: one canonical JSON line a run, one file a study, one writer."""

import base64
import errno
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self, TypeAlias

import numpy as np
from filelock import FileLock, Timeout
from numpy.typing import NDArray
from pydantic import Field, ValidationError, model_validator

from bnreport.errors import RecordError
from bnreport.trials import Frozen, Identity, Trial, canonical, later

Say = Callable[[str], None]
Number: TypeAlias = float | None
# What a check finds after one step: a number, or one for each layer.
Found: TypeAlias = Number | tuple[Number, ...]


class Provenance(Frozen):
    """What is recorded beside a run: the code, the libraries, the machine.

    `code` is the digest of the training code by its syntax tree and `claims` that of the claims
    that stood when the run was trained. `lanes` runs trained together; `seconds` is one's share.
    """

    code: str
    claims: str
    commit: str
    dirty: bool
    versions: dict[str, str]
    backend: str
    device: str
    threads: int = Field(ge=0)
    precision: str
    seconds: float = Field(ge=0)
    lanes: int = Field(default=1, ge=1, exclude_if=lambda lanes: lanes == 1)


class ScoreRecord(Frozen):
    """Which images were right after an epoch, one bit an image, packed and in base 64."""

    epoch: int = Field(gt=0)
    val_images: int = Field(gt=0)
    test_images: int = Field(gt=0)
    val_correct: str
    test_correct: str

    @model_validator(mode="after")
    def _whole(self) -> Self:
        for split in ("val", "test"):
            self.marks(split)
        return self

    def marks(self, split: str) -> NDArray[np.bool_]:
        """True for each image that was right, shape (images,), of "val" or "test"."""
        packed, images = (
            (self.val_correct, self.val_images)
            if split == "val"
            else (self.test_correct, self.test_images)
        )
        content = np.frombuffer(base64.b64decode(packed, validate=True), np.uint8)
        if len(content) != -(-images // 8):
            raise ValueError(f"expected marks of {images} images, received {len(content)} bytes")
        return np.unpackbits(content, count=images).astype(bool)


def packed(marks: NDArray[np.bool_]) -> str:
    """The marks as bits in base 64."""
    return base64.b64encode(np.packbits(marks).tobytes()).decode()


class Record(Frozen):
    """A finished run: what it was, how it was made, and what came out."""

    id: str
    identity: Identity
    provenance: Provenance
    history: dict[str, tuple[float | None, ...]]
    scores: tuple[ScoreRecord, ...] = ()
    early_loss: float | None = None
    diverged: bool = False
    checks: dict[str, tuple[Found, ...]] = later({})

    @model_validator(mode="after")
    def _whole(self) -> Self:
        names, length = self.identity.trial.metrics, self.identity.trial.length
        lacking, surplus = names - set(self.history), set(self.history) - names
        # A benchmark also measures a second backend, where one is installed.
        if lacking or (surplus and self.identity.trial.kind != "bench"):
            raise ValueError(
                f"expected history of {sorted(names)}, received {sorted(self.history)}"
            )
        for name, values in self.history.items():
            if len(values) > length or (len(values) < length and not self.diverged):
                raise ValueError(f"expected {length} values of {name}, received {len(values)}")
            if None in values and not self.diverged:
                raise ValueError(f"expected finite {name} in a run that did not diverge")
        self._check_checks()
        return self

    def _check_checks(self) -> None:
        trial = self.identity.trial
        checks = trial.checks if isinstance(trial, Trial) else ()
        left = set(self.checks)
        for check in checks:
            mine = {name for name in left if name.startswith(f"{check.name}_")}
            left -= mine
            found = {len(self.checks[name]) for name in mine}
            short = self.diverged and all(number <= len(check.steps) for number in found)
            if not short and found != {len(check.steps)}:
                raise ValueError(
                    f"expected {len(check.steps)} values of check {check.name}, received {found}"
                )
        if left:
            raise ValueError(f"expected values of the trial's checks, received {sorted(left)}")

    def line(self) -> str:
        """The record as one canonical line of JSON."""
        return canonical(self.model_dump(mode="json"))

    def epochs(self, metric: str) -> NDArray[np.float64]:
        """The values of a metric by epoch, shape (epochs,); NaN where a run diverged."""
        return np.array([np.nan if v is None else v for v in self.history[metric]], float)

    def steps(self, name: str) -> NDArray[np.float64]:
        """What a check found, "<check>_<what>", (steps,) or (steps, layers); NaN where it diverged.

        Raises:
            RecordError: when the run holds no such values.
        """
        if name not in self.checks:
            raise RecordError(
                f"Expected values {name!r} of a check in run {self.id}. Received: "
                f"{sorted(self.checks)}. Do name one of these."
            )
        return np.array(self.checks[name], float)

    def score(self, epoch: int) -> ScoreRecord:
        """The score after that epoch.

        Raises:
            RecordError: when the run was not scored then.
        """
        for score in self.scores:
            if score.epoch == epoch:
                return score
        raise RecordError(
            f"Expected a score after epoch {epoch} in run {self.id}. Received: scores after "
            f"{[score.epoch for score in self.scores]}. Do train the run again."
        )


def read(path: Path, say: Say) -> dict[str, Record]:
    """The records in a file, by run id; none when there is no file.

    A last line that a crash has torn is left out with a notice: its run counts as missing.

    Raises:
        RecordError: when any other line is damaged, foreign, or there twice.
    """
    if not path.exists():
        return {}
    *lines, rest = path.read_text(encoding="utf-8", errors="replace").split("\n")
    records: dict[str, Record] = {}
    for number, line in enumerate([*lines, rest] if rest else lines, start=1):
        try:
            record = _parse(line, f"{path}, line {number}")
        except RecordError:
            if number <= len(lines):
                raise
            say(f"{path} ends in a torn line; it is dropped and its run counts as missing.")
            break
        if record.id in records:
            raise RecordError(
                f"Expected each run once in {path}. Received: run {record.id} again in line "
                f"{number}. Do remove one of the two lines."
            )
        records[record.id] = record
    return records


def _parse(line: str, where: str) -> Record:
    try:
        record = Record.model_validate(json.loads(line))
    except (ValueError, ValidationError, RecursionError) as error:
        reason = str(error).splitlines()
        raise RecordError(
            f"Expected a record of bnreport in {where}. Received: {'; '.join(reason[:3])}. "
            "Do restore the file from version control, or remove the line to train its run again."
        ) from error
    if record.id != record.identity.run_id:
        raise RecordError(
            f"Expected run id {record.identity.run_id} in {where}. Received: id={record.id!r}. "
            "Do restore the file from version control: the record was altered."
        )
    return record


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
                    f"{self.path.with_suffix('.lock')}. Do wait for it to end."
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
            line = (record.line() + "\n").encode()
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
            f"Expected to write {path}. Received: {reason}. Do make room or mend this, and run the "
            "command again: finished runs are kept."
        ) from error


def write(path: Path, records: Iterable[Record]) -> None:
    """Write the records sorted by trial and seed, whole or not at all."""
    ordered = sorted(records, key=lambda r: (r.identity.trial.name, r.identity.seed, r.id))
    write_text(path, "".join(record.line() + "\n" for record in ordered))


def write_text(path: Path, text: str) -> None:
    """Write a text file whole or not at all, and only when it changes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and path.read_bytes() == text.encode():
        return
    partial = path.with_name(path.name + ".partial")
    try:
        partial.write_text(text, encoding="utf-8", newline="\n")
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)


def by_trial(records: Mapping[str, Record]) -> dict[str, dict[int, Record]]:
    """The records by trial name and seed."""
    found: dict[str, dict[int, Record]] = {}
    for record in records.values():
        found.setdefault(record.identity.trial.name, {})[record.identity.seed] = record
    return found
