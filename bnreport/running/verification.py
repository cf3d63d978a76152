"""Train a sample of a study again and write down whether it agrees with the record."""

import json
import math
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from bnreport.analysis.edition import Edition
from bnreport.analysis.study import Study
from bnreport.errors import RecordError
from bnreport.protocol.datasets import Profile
from bnreport.protocol.trials import Identity, Training, program
from bnreport.records.agreement import EARLY, Comparison, Verified, compare, quoted, read_verified
from bnreport.records.archive import Archive
from bnreport.records.checksums import file_digest
from bnreport.records.code import executed
from bnreport.records.collection import by_trial
from bnreport.records.record import Record
from bnreport.records.store import read
from bnreport.records.writing import write_text
from bnreport.running.orchestrate import RunContext, missing, train

# The mean over a run's facts may end in another bit on another processor.
ROUNDING = 1e-12


def sample(edition: Edition, profile: Profile = "full") -> list[Identity]:
    """One run of each program whose numbers repeat, and one that judges if any does.

    A first edition keeps the sample that the processors which recorded it have verified, and which
    may begin with a run that chose a setting: others round differently.
    """
    judging = edition.judging(profile) if edition.since_first else []
    return repeating((*judging, *edition.identities(profile)))


def repeating(identities: Iterable[Identity]) -> list[Identity]:
    """The first run of each program whose numbers repeat; times do not.

    Trials that share a program differ in numbers alone, a learning rate, say: the same code runs.
    """
    first: dict[str, Identity] = {}
    for identity in identities:
        if identity.trial.traits.repeats:
            first.setdefault(program(identity.trial), identity)
    return list(first.values())


def answers(identities: Iterable[Identity], records: Mapping[str, Record]) -> dict[str, Record]:
    """The records of these runs alone, by run id; a file may hold others, of former trials."""
    return {run: records[run] for each in identities if (run := each.run_id) in records}


def verify(study: Study, file: Path, workshop: RunContext) -> Verified:
    """Train the sample again with the current code and compare it with the records in the file.

    Raises:
        RecordError: when a run of the sample has no record.
    """
    wanted = study.identities(workshop.profile)
    verified = file_digest(file) if file.exists() else ""
    known = answers(wanted, read(file, workshop.say))
    chosen = sample(study.edition, workshop.profile)
    if lacking := missing(chosen, known):
        raise RecordError(
            f"Expected a record of every run in the sample of {study.name}. Received: none of "
            f"{', '.join(f'{i.trial.name} seed {i.seed}' for i in lacking)}. "
            f"Run `bnreport run {study.name}` first."
        )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{study.name}.jsonl"
        train({study.name: study}, chosen, lambda _: path, workshop)
        again = read(path, workshop.say)
    any_run = next(iter(again.values())).provenance
    # A commit tells nothing of a tree that differs from it.
    commit = "unknown" if any_run.dirty else any_run.commit
    return Verified(
        study=study.edition.name,
        records=verified,
        code=executed.whole_digest(executed.today()),
        commit=commit,
        device=any_run.device,
        versions=any_run.versions,
        comparisons=tuple(comparisons(again, known)),
    )


def comparisons(again: Mapping[str, Record], records: Mapping[str, Record]) -> list[Comparison]:
    """Every run that was trained again, beside its record."""
    trials = by_trial(records)
    return [
        compare(again[run], records[run], list(trials[again[run].identity.trial.name].values()))
        for run in again
        if run in records
    ]


def believed(
    path: Path, file: Path, study: Study, records: Mapping[str, Record]
) -> Verified | None:
    """The verification of a study, if any: all of it that its records could contradict.

    Args:
        path: where the verification is.
        file: the record file.
        study: the study.
        records: its full records.

    Raises:
        RecordError: when the verification is damaged or of another study or record file, when it
            does not cover the sample run by run, or when it quotes what no record says.
    """
    verified = read_verified(path)
    if verified is None:
        return None
    for expected, received in _faults(verified, file, study, records):
        raise RecordError(
            f"Expected {expected} in {path}. Received: {received}. Restore this file and "
            f"{file.name} from version control, or run `bnreport verify {study.name}`."
        )
    return verified


def believed_of(
    archive: Archive, study: Study, records: Mapping[str, Record] | None = None
) -> Verified | None:
    """The archive's verification of a study, as `believed` has it.

    Args:
        archive: the committed records.
        study: the study.
        records: its full records, by default those of the archive.
    """
    layout, name = archive.layout, study.edition.name
    known = archive.records(name, "full") if records is None else records
    return believed(layout.verified(name), layout.committed(name, "full"), study, known)


def _faults(
    verified: Verified, file: Path, study: Study, records: Mapping[str, Record]
) -> Iterator[tuple[str, str]]:
    """Yield what a verification should say and what it says instead, where the records tell."""
    if verified.study != (name := study.edition.name):
        yield f"a verification of {name}", f"one of {verified.study!r}"
    if (digest := file_digest(file)) != verified.records:
        yield (
            f"a verification of {file.name} with SHA-256 {digest[:16]}…",
            f"one of a file with SHA-256 {verified.records[:16]}…",
        )
    wanted = study.identities("full")
    known = answers(wanted, records)
    chosen = {identity.run_id: identity for identity in sample(study.edition)}
    times = Counter(comparison.run for comparison in verified.comparisons)
    wrong = [run for run in {**chosen, **times} if times[run] != 1 or run not in chosen]
    if wrong:
        yield (
            f"one comparison of each run in the sample of {study.name}, and no other",
            ", ".join(f"{times[run]} of run {run}" for run in wrong),
        )
        return
    if lacking := [run for run in chosen if run not in known]:
        yield "comparisons with records", f"no record of {', '.join(lacking)}"
        return
    trials = by_trial(known)
    for comparison in verified.comparisons:
        record = known[comparison.run]
        peers = trials[record.identity.trial.name].values()
        for expected, received in _misquotes(comparison, record, list(peers)):
            yield f"{expected} in the comparison of run {comparison.run}", received


def _misquotes(
    comparison: Comparison, record: Record, peers: list[Record]
) -> Iterator[tuple[str, str]]:
    trial, seed = record.identity.trial, record.identity.seed
    if (comparison.trial, comparison.seed) != (trial.name, seed):
        yield f"{trial.name} seed {seed}", f"{comparison.trial} seed {comparison.seed}"
    values = quoted(record, peers)
    names = [row.metric for row in comparison.rows]
    lacking = set(values) - set(names)
    if isinstance(trial, Training) and trial.random:
        # Another backend draws other numbers, so that this one says nothing.
        lacking -= {EARLY}
    # Of a run that diverged in one of the two there is nothing to compare at its end.
    if (lacking and not comparison.parted) or not set(names) <= set(values):
        yield f"the numbers {', '.join(values)}", ", ".join(names) or "none"
        return
    if len(set(names)) < len(names):
        yield "each number once", ", ".join(names)
    for row in comparison.rows:
        value, tolerance = values[row.metric]
        if not math.isclose(row.recorded, value, rel_tol=ROUNDING):
            yield f"{row.metric} {value!r}, as recorded,", repr(row.recorded)
        if not math.isclose(row.tolerance, tolerance, rel_tol=1e-9):
            yield f"tolerance {tolerance!r} of {row.metric}", repr(row.tolerance)
        if comparison.equal_bits and not math.isclose(row.again, row.recorded, rel_tol=ROUNDING):
            yield f"equal {row.metric} where every bit is equal", repr(row.again)


def write_verified(path: Path, verified: Verified) -> None:
    """Write down a verification as reviewable JSON."""
    content = json.dumps(verified.model_dump(mode="json"), indent=1, sort_keys=True)
    write_text(path, content + "\n")
