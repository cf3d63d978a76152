"""Train a sample of a study again and write down whether it agrees with the record."""

import json
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from bnreport import provenance
from bnreport.agreement import Comparison, Verified, compare
from bnreport.campaign import Workshop, missing, train
from bnreport.errors import RecordError
from bnreport.records import Record, by_trial, read, write_text
from bnreport.study import Study
from bnreport.trials import Identity, Trial, repeats


def sample(identities: Iterable[Identity]) -> list[Identity]:
    """The first run of each program whose numbers repeat; times do not.

    Trials that share a program differ in numbers alone, a learning rate, say: the same code runs.
    """
    first: dict[str, Identity] = {}
    for identity in identities:
        trial = identity.trial
        if repeats(trial):
            program = trial.program if isinstance(trial, Trial) else trial.name
            first.setdefault(program, identity)
    return list(first.values())


def answers(identities: Iterable[Identity], records: Mapping[str, Record]) -> dict[str, Record]:
    """The records of these runs alone, by run id; a file may hold others, of former trials."""
    return {i.run_id: records[i.run_id] for i in identities if i.run_id in records}


def verify(study: Study, records: Mapping[str, Record], workshop: Workshop) -> Verified:
    """Train the sample again with the current code and compare it with the records.

    Raises:
        RecordError: when a run of the sample has no record.
    """
    wanted = study.identities(workshop.profile)
    known = answers(wanted, records)
    chosen = sample(wanted)
    if lacking := missing(chosen, known):
        raise RecordError(
            f"Expected a record of every run in the sample of {study.name}. Received: none of "
            f"{', '.join(f'{i.trial.name} seed {i.seed}' for i in lacking)}. "
            f"Do run `bnreport run {study.name}` first."
        )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{study.name}.jsonl"
        train({study.name: study}, chosen, lambda _: path, workshop)
        again = read(path, workshop.say)
    any_run = next(iter(again.values())).provenance
    return Verified(
        study=study.name,
        code=provenance.code_digest(),
        commit=any_run.commit,
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


def write_verified(path: Path, verified: Verified) -> None:
    """Write down a verification as reviewable JSON."""
    content = json.dumps(verified.model_dump(mode="json"), indent=1, sort_keys=True)
    write_text(path, content + "\n")
