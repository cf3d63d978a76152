"""Read finished runs from disk: one canonical JSON line a run, one file a study."""

import hashlib
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from bnreport.errors import RecordError
from bnreport.protocol.trials import AnyTrial
from bnreport.records.consistency import refuse_strangers
from bnreport.records.record import Record

Say = Callable[[str], None]
# A record has a few thousand characters.
LONGEST_LINE = 1_000_000
# What a line in a file holds beside the record: the SHA-256 of all its other characters. Before it
# stand numbers alone, so that the first match is no part of the record.
DIGEST = re.compile(r'"digest":"([0-9a-f]{64})",')


def read(path: Path, say: Say) -> dict[str, Record]:
    """The records in a file, by run id; none when there is no file.

    A last line that a crash has torn is left out with a notice: its run counts as missing.

    Raises:
        RecordError: when any other line is damaged, foreign, there twice, or does not fit the
            others: the runs of a trial hold the same numbers, and all are scored on as many images.
    """
    if not path.exists():
        return {}
    records: dict[str, Record] = {}
    for number, line in enumerate(_lines(path), start=1):
        try:
            record = parse(line.removesuffix("\n"), f"{path}, line {number}")
        except RecordError:
            if line.endswith("\n") or len(line) > LONGEST_LINE:
                raise
            say(f"{path} ends in a torn line; it is dropped and its run counts as missing.")
            break
        if record.id in records:
            raise RecordError(
                f"Expected each run once in {path}. Received: run {record.id} again in line "
                f"{number}. Remove one of the two lines."
            )
        records[record.id] = record
    refuse_strangers(path, records.values())
    return records


def _lines(path: Path) -> Iterator[str]:
    """The lines of a file; of one that is too long its beginning, so that memory suffices."""
    with path.open(encoding="utf-8", errors="replace") as file:
        while line := file.readline(LONGEST_LINE + 2):
            yield line


def reasons(error: Exception) -> str:
    """The reason why a value was refused, in few words and without what the value holds."""
    if not isinstance(error, ValidationError):
        return str(error).splitlines()[0] if str(error) else type(error).__name__
    words = {"missing": "is missing", "extra_forbidden": "is not a field of it"}
    faults = []
    for detail in error.errors(include_url=False, include_context=False, include_input=False)[:3]:
        place = ".".join(map(str, detail["loc"]))
        message = words.get(detail["type"], detail["msg"]).removeprefix("Value error, ")
        message = message.replace("Input should", "should", 1)
        faults.append(f"{place} {message}" if place else message)
    more = error.error_count() - len(faults)
    return "; ".join(faults) + (f"; and {more} more" if more else "")


def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose names are there once; a hook of the JSON decoder."""
    fields = dict(pairs)
    if len(fields) < len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"a key twice: {next(n for n in names if names.count(n) > 1)!r}")
    return fields


def _constant(word: str) -> float:
    raise ValueError(f"{word} is not a number of JSON")


DECODER = json.JSONDecoder(object_pairs_hook=once, parse_constant=_constant)
# The trials that were read, by their JSON: the hundreds of runs of one trial share it.
_TRIALS: dict[str, AnyTrial] = {}


def unsealed(line: str, where: str) -> str:
    """The line of a record without its digest.

    Raises:
        RecordError: when there is none, or when it is not that of the rest.
    """
    digest = DIGEST.search(line)
    if digest is None:
        raise RecordError(
            f"Expected a record of bnreport with its digest in {where}. Received: {line[:40]!r}…. "
            "Restore the file from version control, or remove the line to train its run again."
        )
    rest = line[: digest.start()] + line[digest.end() :]
    own = hashlib.sha256(rest.encode()).hexdigest()
    if own != digest[1]:
        raise RecordError(
            f"Expected digest {own[:16]}…, that of the rest of the line, in {where}. Received: "
            f"{digest[1][:16]}…. The record was altered: restore the file from version control, or "
            "remove the line to train its run again."
        )
    return rest


def _record(content: Any) -> Record:
    """The record of that content; a trial that was read before is not read again."""
    match content:
        case {"identity": {"trial": dict() as trial} as identity}:
            text = json.dumps(trial)
            known = content | {"identity": identity | {"trial": _TRIALS.get(text, trial)}}
            record = Record.model_validate(known)
            _TRIALS.setdefault(text, record.identity.trial)
            return record
    return Record.model_validate(content)


def parse(line: str, where: str) -> Record:
    """The record that a line holds."""
    try:
        if len(line) > LONGEST_LINE:
            raise ValueError(f"a line of more than {LONGEST_LINE:,} characters")
        record = _record(DECODER.decode(unsealed(line, where)))
    except (ValueError, ValidationError, RecursionError, OverflowError) as error:
        raise RecordError(
            f"Expected a record of bnreport in {where}. Received: {reasons(error)}. "
            "Restore the file from version control, or remove the line to train its run again."
        ) from error
    if record.id != record.identity.run_id:
        raise RecordError(
            f"Expected run id {record.identity.run_id} in {where}. Received: id={record.id!r}. "
            "Restore the file from version control: the record was altered."
        )
    return record
