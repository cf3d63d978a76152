"""Find what is missing from the records and train it."""

import os
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from pathlib import Path

from rich.console import Console

from bnreport import machine
from bnreport.analysis import ensembles
from bnreport.analysis.study import Study
from bnreport.errors import RecordError, TrainingError
from bnreport.machine import cores
from bnreport.presentation.formats import counted, duration
from bnreport.protocol.datasets import Profile
from bnreport.protocol.trials import Identity
from bnreport.records import checkout
from bnreport.records.code import executed
from bnreport.records.layout import Layout
from bnreport.records.record import Record
from bnreport.records.store import read
from bnreport.records.writing import Writer
from bnreport.running import scheduler
from bnreport.running.cluster import ClusterExecutor
from bnreport.running.desk import Origin
from bnreport.running.local import LocalExecutor, WorkerConfig
from bnreport.running.progress import Progress
from bnreport.running.scheduler import Executor
from bnreport.training.images import load

# The study whose record says how many runs a device trains best together.
BENCHMARK = "performance"


@dataclass(frozen=True)
class RunContext:
    """The place and the means with which a call trains.

    `cluster` is the address of a Dask scheduler, or None for this machine; up to `lanes` runs that
    share a program train together.
    """

    profile: Profile
    folder: Path | None
    console: Console
    cluster: str | None = None
    lanes: int = 1

    def say(self, text: str) -> None:
        """Print a line."""
        self.console.print(text, highlight=False, markup=False, soft_wrap=True)


def with_ensemble_size(
    workshop: RunContext, studies: Mapping[str, Study], layout: Layout
) -> RunContext:
    """The workshop with as many lanes as a benchmark's record of such a device says.

    A GPU that nobody has measured is measured first, with Fashion-MNIST, into the local records.
    """
    if BENCHMARK not in studies:
        return workshop
    backend, gpu = os.environ.get("KERAS_BACKEND", "tensorflow"), machine.gpu()
    local = layout.local(BENCHMARK, "full")
    paths = (layout.committed(BENCHMARK, "full"), *layout.replicas(BENCHMARK).values(), local)

    def recorded() -> int | None:
        known = (record for path in paths for record in read(path, workshop.say).values())
        return ensembles.recorded_size(backend, gpu, known)

    if (number := recorded()) is None and workshop.folder is not None:
        workshop.say(f"No record says how many runs {gpu} trains best together: measuring it.")
        wanted = [run for run in studies[BENCHMARK].identities("full") if run.trial.name == "lanes"]
        train(studies, wanted, lambda _: local, workshop)
        number = recorded()
    return replace(workshop, lanes=number or 1)


def needs_images(identities: Iterable[Identity]) -> bool:
    """Say whether any of the runs looks at an image: least squares and facts of Keras need none."""
    return any(identity.trial.traits.sees_images for identity in identities)


def missing(identities: Iterable[Identity], records: Mapping[str, Record]) -> list[Identity]:
    """The runs that no record answers, in their order."""
    return [identity for identity in identities if identity.run_id not in records]


def train(
    studies: Mapping[str, Study],
    identities: Sequence[Identity],
    path: Callable[[str], Path],
    workshop: RunContext,
) -> int:
    """Train the runs, write each record as it comes, and return how many were trained.

    Args:
        studies: the studies by name.
        identities: the runs to train.
        path: the record file of a study.
        workshop: where and with what to train.

    Raises:
        TrainingError: when runs failed; the others are recorded.
        RecordError: when another call writes the same file, the disk is full, or the training code
            changed on disk.
    """
    if not identities:
        return 0
    names = list(dict.fromkeys(identity.study for identity in identities))
    commit, dirty = checkout.commit()
    code = executed.today()
    origin = Origin(code, {name: studies[name].claims_digest for name in names}, commit, dirty)
    epochs = sum(identity.trial.length for identity in identities)
    wanted = f"{counted(len(identities), 'run')} of {', '.join(names)}"
    count, seconds = 0, 0.0
    with ExitStack() as stack:
        writers = {name: stack.enter_context(Writer(path(name), workshop.say)) for name in names}
        workshop.say(f"Training {wanted}, {counted(epochs, 'epoch')} in all.")
        progress = stack.enter_context(Progress(workshop.console, len(identities), epochs))
        trained = stack.enter_context(closing(_trained(identities, origin, workshop, progress)))
        for record in written(trained, writers, code):
            count, seconds = count + 1, seconds + record.provenance.seconds
    workshop.say(f"Trained {count} of {wanted}: {duration(seconds)} of training.")
    if count < len(identities):
        raise TrainingError(f"Expected {len(identities)} records. Received: {count}.")
    return count


def written(
    records: Iterable[Record], writers: Mapping[str, Writer], code: Mapping[str, str]
) -> Iterator[Record]:
    """The records as they come, each of them on disk.

    Args:
        records: what was trained.
        writers: who writes the records of a study.
        code: the digests of the training code when the call began.

    Raises:
        RecordError: when the training code has changed since, or the disk is full.
    """
    for record in records:
        if executed.today() != code:
            raise RecordError(
                "Expected the training code to stay as it was while it trains. Received: a "
                "changed file. Run the command again; finished runs are kept."
            )
        writers[record.identity.study].add(record)
        yield record


def _trained(
    identities: Sequence[Identity], origin: Origin, workshop: RunContext, progress: Progress
) -> Generator[Record]:
    """The records as they come; runs that measure time are last, here, alone, with all cores."""
    failures: dict[str, list[str]] = {}
    runs = [identity for identity in identities if identity.trial.traits.repeats]
    measured = [identity for identity in identities if not identity.trial.traits.repeats]
    groups = scheduler.grouped(runs, workshop.lanes)
    if not needs_images(identities):
        # Every crew hands out images; the embedded ones cost nothing.
        workshop = replace(workshop, profile="quick")
    if groups:
        with closing(_crew(len(groups), origin, workshop)) as crew:
            yield from scheduler.train_all(groups, crew, progress, failures)
    if measured:
        post = WorkerConfig(workshop.profile, workshop.folder, origin, threads=None)
        with closing(LocalExecutor(post, 1)) as alone:
            yield from scheduler.train_all([(run,) for run in measured], alone, progress, failures)
    scheduler.check(failures)


def _crew(groups: int, origin: Origin, workshop: RunContext) -> Executor:
    profile, folder = workshop.profile, workshop.folder
    if workshop.cluster is not None:
        return ClusterExecutor(workshop.cluster, load(profile, folder), origin, workshop.say)
    return LocalExecutor(WorkerConfig(profile, folder, origin, threads=1), min(cores(), groups))
