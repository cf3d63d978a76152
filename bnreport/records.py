"""Finished runs on disk: one canonical JSON line a run, one file a study, one writer."""

import base64
import errno
import hashlib
import json
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import lru_cache
from itertools import chain
from pathlib import Path
from types import TracebackType
from typing import Annotated, Any, Self, TypeAlias

import numpy as np
from filelock import FileLock, Timeout
from numpy.typing import NDArray
from pydantic import Field, ValidationError, model_validator

from bnreport.errors import RecordError
from bnreport.trials import Frozen, Identity, Trial, canonical, digest, later

Say = Callable[[str], None]
Number: TypeAlias = float | None
# What a check finds after one step: a number, or one for each layer.
Found: TypeAlias = Number | tuple[Number, ...]
# No formula of a spreadsheet and no mark of Markdown begins in such a name.
Name: TypeAlias = Annotated[str, Field(pattern=r"^[a-z0-9_-]+$")]
Token: TypeAlias = Annotated[str, Field(pattern=r"^[A-Za-z0-9._+-]{1,64}$")]
Printable: TypeAlias = Annotated[str, Field(pattern=r"^[^\pC]{1,200}$")]

# What a float32 holds: a net on its way to infinity comes near before it diverges.
LARGEST = 3.4028235e38
# Decimal logarithms of what a float64 holds lie between these.
LOGARITHM = 324.0
# Four months in seconds and ten terabytes in megabytes: nobody measured more.
MEASURED = 1e7
# No epoch takes less than a nanosecond, and times are divided by one another.
SHORTEST = 1e-9
# The share of something, whatever it is a share of; a cosine may be off by its rounding.
SHARES = ("accuracy", "agreement", "dead")
COSINE = 1.001
# A record has a few thousand characters.
LONGEST_LINE = 1_000_000
# What a line in a file holds beside the record: the SHA-256 of all its other characters. Before it
# stand numbers alone, so that the first match is no part of the record.
DIGEST = re.compile(r'"digest":"([0-9a-f]{64})",')


class Provenance(Frozen):
    """What is recorded beside a run: the code, the libraries, the machine.

    `code` is the digest of what the run executed (see `executed`) and `claims` that of the claims
    that stood when the run was trained. `lanes` runs trained together; `seconds` is one's share.
    """

    code: Token
    claims: Token
    commit: Token
    dirty: bool
    versions: dict[Token, Token]
    backend: Token
    device: Printable
    threads: int = Field(ge=0, le=MEASURED)
    precision: Token
    seconds: float = Field(ge=0, le=MEASURED)
    lanes: int = Field(default=1, ge=1, le=MEASURED, exclude_if=lambda lanes: lanes == 1)


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
    history: dict[Name, tuple[float | None, ...]]
    scores: tuple[ScoreRecord, ...] = ()
    early_loss: float | None = None
    diverged: bool = False
    checks: dict[str, tuple[Found, ...]] = later({})

    @model_validator(mode="after")
    def _whole(self) -> Self:
        trial = self.identity.trial
        names, length = trial.metrics, trial.length
        lacking, surplus = names - set(self.history), set(self.history) - names
        # A benchmark also measures a second backend, where one is installed.
        if lacking or (surplus and trial.kind != "bench"):
            raise ValueError(
                f"expected history of {sorted(names)}, received {sorted(self.history)}"
            )
        for name, values in self.history.items():
            if len(values) > length or (len(values) < length and not self.diverged):
                raise ValueError(f"expected {length} values of {name}, received {len(values)}")
            if None in values and not self.diverged:
                raise ValueError(f"expected finite {name} in a run that did not diverge")
            _check_limits(name, values, _limits(trial.kind, name))
        if self.early_loss is not None:
            _check_limits("early_loss", (self.early_loss,), (0.0, LARGEST))
        if self.diverged or self.early_loss is not None:
            self._check_end()
        self._check_scores()
        self._check_checks()
        return self

    def _check_end(self) -> None:
        """A run stops after the epoch in which a number was not finite; then alone it diverged."""
        trial = self.identity.trial
        if self.early_loss is not None and trial.kind != "train":
            raise ValueError(f"expected no early loss of a {trial.kind} trial")
        if not self.diverged:
            return
        curves = self.history.values()
        if len({len(values) for values in curves}) > 1:
            raise ValueError("expected as many values of one metric as of another")
        if not any(values and values[-1] is None for values in curves):
            raise ValueError("expected a diverged run to end in a number that is not finite")
        if any(None in values[:-1] for values in curves):
            raise ValueError("expected a diverged run to end where it diverged")

    def _check_scores(self) -> None:
        trial = self.identity.trial
        asked = set(trial.score_epochs) if isinstance(trial, Trial) else set()
        if not asked and not self.scores:
            return
        trained = max(map(len, self.history.values()), default=0)
        due = [epoch for epoch in range(1, trained + 1) if epoch in asked]
        scored = [score.epoch for score in self.scores]
        if scored != due:
            raise ValueError(f"expected scores after epochs {due}, received {scored}")

    def _check_checks(self) -> None:
        trial = self.identity.trial
        checks = trial.checks if isinstance(trial, Trial) else ()
        left = set(self.checks)
        for check in checks:
            mine = {name for name in left if name.startswith(f"{check.name}_")}
            left -= mine
            found = {len(self.checks[name]) for name in mine}
            short = self.diverged and all(number <= len(check.steps) for number in found)
            if not (short and len(found) <= 1) and found != {len(check.steps)}:
                raise ValueError(
                    f"expected {len(check.steps)} values of check {check.name}, received {found}"
                )
            if check.kind == "score" and mine not in self._scored_as(check.name):
                raise ValueError(
                    f"expected loss and accuracy of check {check.name}, received {sorted(mine)}"
                )
            for name in mine:
                self._check_found(name, name.removeprefix(f"{check.name}_"))
        if left:
            raise ValueError(f"expected values of the trial's checks, received {sorted(left)}")

    def _scored_as(self, check: str) -> list[set[str]]:
        whole = {f"{check}_loss", f"{check}_accuracy"}
        return [whole, set()] if self.diverged else [whole]

    def _check_found(self, name: str, quantity: str) -> None:
        values = self.checks[name]
        flat: Sequence[Number] = values  # type: ignore[assignment]
        if tuple in (kinds := set(map(type, values))):
            widths = set(map(len, values)) if kinds == {tuple} else set()  # type: ignore[arg-type]
            if len(widths) != 1 or 0 in widths:
                raise ValueError(
                    f"expected as many values of {name} after one step as after another"
                )
            flat = list(chain.from_iterable(values))  # type: ignore[arg-type]
        if None in flat and not self.diverged:
            raise ValueError(f"expected finite {name} in a run that did not diverge")
        _check_limits(name, flat, _limits("train", quantity))

    def shape(self) -> dict[str, int | None]:
        """By what was found at checks: how many numbers after one step; None for a single one."""
        return {
            name: len(values[0]) if isinstance(values[0], tuple) else None
            for name, values in self.checks.items()
            if values
        }

    def line(self) -> str:
        """The record as one canonical line of JSON."""
        return canonical(self.model_dump(mode="json"))

    def sealed(self) -> str:
        """The line as a file holds it: with `digest`, the SHA-256 of the line without it."""
        content = self.model_dump(mode="json")
        return canonical(content | {"digest": digest(content)})

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


# Asked for each metric of each record, and nearly always the same.
@lru_cache(maxsize=1024)
def _limits(kind: str, name: str) -> tuple[float, float]:
    """Between which numbers a measurement must lie."""
    if kind == "toy":
        return -LOGARITHM, LOGARITHM
    if kind == "timing":
        return SHORTEST, MEASURED
    if kind == "bench":
        return 0.0, MEASURED
    if name.endswith(SHARES):
        return 0.0, 1.0
    if name.endswith("cosine"):
        return -COSINE, COSINE
    return (0.0 if name.endswith("loss") else -LARGEST), LARGEST


def _check_limits(name: str, values: Sequence[Number], limits: tuple[float, float]) -> None:
    known = [value for value in values if value is not None] if None in values else values
    if not known:
        return
    for value in (min(known), max(known)):  # type: ignore[type-var]
        if not limits[0] <= value <= limits[1]:  # type: ignore[operator]
            raise ValueError(
                f"expected {name} from {limits[0]:g} to {limits[1]:g}, received {value:g}"
            )


def read(path: Path, say: Say) -> dict[str, Record]:
    """The records in a file, by run id; none when there is no file.

    A last line that a crash has torn is left out with a notice: its run counts as missing.

    Raises:
        RecordError: when any other line is damaged, foreign, there twice, or does not fit the
            others: the runs of a trial hold the same numbers, and all are scored on as many images.
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
    _refuse_strangers(path, records.values())
    return records


def _refuse_strangers(path: Path, records: Iterable[Record]) -> None:
    """Refuse a record that does not fit the others: no check knows alone what it should hold."""
    trials: dict[str, list[tuple[int, Record, dict[str, int | None]]]] = {}
    images: dict[str, tuple[int, tuple[int, int]]] = {}
    for line, record in enumerate(records, start=1):
        where = f"{path}, line {line}"
        for score in record.scores:
            _refuse_marks(record, score, where)
            counts = score.val_images, score.test_images
            first, agreed = images.setdefault(record.identity.data, (line, counts))
            if counts != agreed:
                raise _stranger(where, "scores on as many images", agreed, first, counts)
        shape = record.shape()
        # A run that diverged before its first check holds nothing to compare.
        if not shape:
            continue
        known = trials.setdefault(record.identity.trial.name, [])
        for first, other, expected in known:
            if other.identity.trial == record.identity.trial:
                if expected != shape:
                    raise _stranger(where, "the same numbers at checks", expected, first, shape)
                break
        else:
            known.append((line, record, shape))


def _stranger(where: str, what: str, agreed: object, first: int, found: object) -> RecordError:
    return RecordError(
        f"Expected {what} in {where} as in line {first}: {agreed}. Received: {found}. "
        "Do restore the file from version control."
    )


def _refuse_marks(record: Record, score: ScoreRecord, where: str) -> None:
    """Refuse marks of images that contradict the accuracy of the same epoch on the same images."""
    for part in ("val", "test"):
        if f"{part}_accuracy" not in record.history:
            continue
        told = record.history[f"{part}_accuracy"][score.epoch - 1]
        share = score.marks(part).mean()
        if told is None or np.float32(told) != np.float32(share):
            raise RecordError(
                f"Expected {part}_accuracy {share:g} after epoch {score.epoch} in {where}, the "
                f"share of its images that are marked as right. Received: {told}. "
                "Do restore the file from version control."
            )


def reasons(error: Exception) -> str:
    """Why a value was refused, in few words and without what the value holds."""
    if not isinstance(error, ValidationError):
        return str(error).splitlines()[0] if str(error) else type(error).__name__
    words = {"missing": "is missing", "extra_forbidden": "is not a field of it"}
    found = []
    for detail in error.errors(include_url=False, include_context=False, include_input=False)[:3]:
        place = ".".join(map(str, detail["loc"]))
        message = words.get(detail["type"], detail["msg"]).removeprefix("Value error, ")
        message = message.replace("Input should", "should", 1)
        found.append(f"{place} {message}" if place else message)
    more = error.error_count() - len(found)
    return "; ".join(found) + (f"; and {more} more" if more else "")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"a key twice: {next(n for n in names if names.count(n) > 1)!r}")
    return found


DECODER = json.JSONDecoder(object_pairs_hook=_once)


def unsealed(line: str, where: str) -> str:
    """The line of a record without its digest.

    Raises:
        RecordError: when there is none, or when it is not that of the rest.
    """
    found = DIGEST.search(line)
    if found is None:
        raise RecordError(
            f"Expected a record of bnreport with its digest in {where}. Received: {line[:40]!r}…. "
            "Restore the file from version control, or remove the line to train its run again."
        )
    rest = line[: found.start()] + line[found.end() :]
    own = hashlib.sha256(rest.encode()).hexdigest()
    if own != found[1]:
        raise RecordError(
            f"Expected digest {own[:16]}…, that of the rest of the line, in {where}. Received: "
            f"{found[1][:16]}…. The record was altered: restore the file from version control, or "
            "remove the line to train its run again."
        )
    return rest


def _parse(line: str, where: str) -> Record:
    try:
        if len(line) > LONGEST_LINE:
            raise ValueError(f"a line of {len(line):,} characters")
        record = Record.model_validate(DECODER.decode(unsealed(line, where)))
    except (ValueError, ValidationError, RecursionError, OverflowError) as error:
        raise RecordError(
            f"Expected a record of bnreport in {where}. Received: {reasons(error)}. "
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
            f"Expected to write {path}. Received: {reason}. Do make room or mend this, and run the "
            "command again: finished runs are kept."
        ) from error


def write(path: Path, records: Iterable[Record]) -> None:
    """Write the records sorted by trial and seed, whole or not at all."""
    ordered = sorted(records, key=lambda r: (r.identity.trial.name, r.identity.seed, r.id))
    write_text(path, "".join(record.sealed() + "\n" for record in ordered))


def write_text(path: Path, text: str) -> None:
    """Write a text file whole or not at all, and only when it changes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and path.read_bytes() == text.encode():
        return
    partial = path.with_name(path.name + ".partial")
    try:
        with partial.open("w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            # A name that leads to a file whose bytes are not on disk yet would outlive them.
            os.fsync(file.fileno())
        os.replace(partial, path)
        _keep_name(path.parent)
    finally:
        partial.unlink(missing_ok=True)


def _keep_name(folder: Path) -> None:
    """Have the names in a folder on disk, too; some systems open no folder and need not."""
    with suppress(OSError):
        number = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(number)
        finally:
            os.close(number)


def by_trial(records: Mapping[str, Record]) -> dict[str, dict[int, Record]]:
    """The records by trial name and seed."""
    found: dict[str, dict[int, Record]] = {}
    for record in records.values():
        found.setdefault(record.identity.trial.name, {})[record.identity.seed] = record
    return found
