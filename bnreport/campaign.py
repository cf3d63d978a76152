"""Find what is missing from the records and train it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from bnreport import provenance
from bnreport.errors import RecordError, TrainingError
from bnreport.formats import duration
from bnreport.progress import Progress
from bnreport.records import Record, Writer
from bnreport.study import Study
from bnreport.trials import Identity, Profile


@dataclass(frozen=True)
class Workshop:
    """Where and with what a call trains."""

    profile: Profile
    folder: Path | None
    console: Console

    def say(self, text: str) -> None:
        """Print a line."""
        self.console.print(text, highlight=False, markup=False, soft_wrap=True)


def missing(identities: Iterable[Identity], records: Mapping[str, Record]) -> list[Identity]:
    """The runs that no record answers, in their order."""
    return [identity for identity in identities if identity.run_id not in records]


def train(
    studies: Mapping[str, Study],
    identities: Sequence[Identity],
    path: Callable[[str], Path],
    workshop: Workshop,
) -> int:
    """Train the runs, write each record as it comes, and return how many were trained.

    Args:
        studies: the studies by name.
        identities: the runs to train.
        path: the record file of a study.
        workshop: where and with what to train.

    Raises:
        TrainingError: when runs failed; the others are recorded.
        RecordError: when another call writes the same file, or the training code changed on disk.
    """
    trained = 0
    for name in dict.fromkeys(identity.study for identity in identities):
        runs = [identity for identity in identities if identity.study == name]
        trained += _train_study(studies[name], runs, path(name), workshop)
    return trained


def _train_study(study: Study, runs: Sequence[Identity], path: Path, workshop: Workshop) -> int:
    # Imported here so that a build from records needs no training library.
    from bnreport.pool import train_all
    from bnreport.worker import Origin

    commit, dirty = provenance.commit()
    code = provenance.code_digest()
    origin = Origin(code, study.claims_digest, commit, dirty)
    epochs = sum(identity.trial.length for identity in runs)
    workshop.say(f"Training {len(runs)} runs of {study.name}, {epochs} epochs in all.")
    count, seconds = 0, 0.0
    with (
        Writer(path, workshop.say) as writer,
        Progress(workshop.console, len(runs), epochs) as progress,
    ):
        for record in train_all(runs, workshop.profile, workshop.folder, origin, progress):
            if provenance.code_digest() != code:
                raise RecordError(
                    f"Expected the training code to stay as it was while {study.name} trains. "
                    "Received: a changed file. Do run the command again; finished runs are kept."
                )
            writer.add(record)
            count, seconds = count + 1, seconds + record.provenance.seconds
    workshop.say(f"Trained {count} runs of {study.name}: {duration(seconds)} of training.")
    if count < len(runs):
        raise TrainingError(f"Expected {len(runs)} records of {study.name}. Received: {count}.")
    return count
