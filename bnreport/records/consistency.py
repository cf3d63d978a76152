"""Refuse a record that does not fit the others in its file."""

from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np

from bnreport.errors import RecordError
from bnreport.records.record import Record, ScoreRecord


def refuse_strangers(path: Path, records: Iterable[Record]) -> None:
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
        for place, (first, other, expected) in enumerate(known):
            if other.identity.trial == record.identity.trial:
                if not (_fits(record, shape, expected) and _fits(other, expected, shape)):
                    raise _stranger(where, "the same numbers at checks", expected, first, shape)
                # A run that diverged may hold fewer, and says less of what others should hold.
                if other.diverged:
                    known[place] = line, record, shape
                break
        else:
            known.append((line, record, shape))


def _fits(record: Record, shape: Mapping[str, int | None], other: Mapping[str, int | None]) -> bool:
    """Say whether a record holds what another does, or, once diverged, a part of it."""
    held = {name: width for name, width in other.items() if name in shape}
    return held == {name: shape[name] for name in held} and (
        record.diverged or len(held) == len(other)
    )


def _stranger(where: str, kind: str, agreed: object, first: int, received: object) -> RecordError:
    return RecordError(
        f"Expected {kind} in {where} as in line {first}: {agreed}. Received: {received}. "
        "Restore the file from version control."
    )


def _refuse_marks(record: Record, score: ScoreRecord, where: str) -> None:
    """Refuse marks of images that contradict the accuracy of the same epoch on the same images."""
    for part in ("val", "test"):
        if f"{part}_accuracy" not in record.history:
            continue
        accuracy = record.history[f"{part}_accuracy"][score.epoch - 1]
        share = score.marks(part).mean()
        if accuracy is None or np.float32(accuracy) != np.float32(share):
            raise RecordError(
                f"Expected {part}_accuracy {share:g} after epoch {score.epoch} in {where}, the "
                f"share of its images that are marked as right. Received: {accuracy}. "
                "Restore the file from version control."
            )
