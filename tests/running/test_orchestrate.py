"""Only missing runs are trained, and what fails costs nothing that is finished."""

import io
import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from bnreport.analysis.study import Study
from bnreport.commands.project import Project
from bnreport.commands.recording import run_context
from bnreport.errors import DataError, RecordError, TrainingError
from bnreport.protocol.datasets import data_digest
from bnreport.protocol.trials import Identity, Trial
from bnreport.records.code import executed
from bnreport.records.layout import Layout
from bnreport.records.record import Record
from bnreport.records.store import read
from bnreport.records.writing import Writer
from bnreport.running import local, orchestrate, scheduler
from bnreport.running.desk import Group
from bnreport.running.local import LocalExecutor, WorkerConfig
from bnreport.running.orchestrate import RunContext, missing, train
from bnreport.running.progress import Progress
from bnreport.running.scheduler import label
from bnreport.studies import all_studies
from tests import held
from tests.in_process import train_in_process

Make = Callable[..., Record]
STUDY = Study("toy", (), "A toy", "toy.md", "Facts", "What of it?")


def workshop() -> RunContext:
    return RunContext("quick", None, Console(file=io.StringIO()))


def said(shop: RunContext) -> str:
    assert isinstance(shop.console.file, io.StringIO)
    return shop.console.file.getvalue()


def test_missing_runs_are_those_without_a_record_in_their_order(make_record: Make) -> None:
    records = [make_record(seed) for seed in (1, 2, 3, 4)]
    identities = [record.identity for record in records]
    known = {record.id: record for record in records[1:3]}
    assert missing(identities, known) == [identities[0], identities[3]]
    assert missing(identities, {}) == identities
    other = make_record(2, name="other")
    assert missing(identities[1:2], {other.id: other}) == identities[1:2]


def test_a_quick_record_never_answers_a_full_run(make_record: Make) -> None:
    record = make_record(1)
    full = record.identity.model_copy(update={"profile": "full"})
    assert missing([full], {record.id: record}) == [full]


@pytest.fixture
def workers(monkeypatch: pytest.MonkeyPatch) -> list[Record]:
    """The records that the workers will hand back, in place of training."""
    records: list[Record] = []

    def train_all(*_: Any) -> Iterator[Record]:
        yield from records

    monkeypatch.setattr(scheduler, "train_all", train_all)
    return records


def test_each_study_has_its_own_file(
    tmp_path: Path, make_record: Make, workers: list[Record]
) -> None:
    first = make_record(1)
    other = first.identity.model_copy(update={"study": "other"})
    workers += [first, first.model_copy(update={"id": other.run_id, "identity": other})]
    studies = {"toy": STUDY, "other": Study("other", ())}
    shop = workshop()
    assert train(studies, [first.identity, other], lambda n: tmp_path / f"{n}.jsonl", shop) == 2
    assert {path.name for path in tmp_path.glob("*.jsonl")} == {"toy.jsonl", "other.jsonl"}
    assert "Training 2 runs of toy, other, 4 epochs in all." in said(shop)


@pytest.mark.parametrize(("name", "needed"), [("toy", False), ("keras", False), ("cost", True)])
def test_images_are_only_there_for_runs_that_look_at_them(
    name: str,
    needed: bool,
    tmp_path: Path,
    make_record: Make,
    workers: list[Record],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    posts: list[WorkerConfig] = []

    class Crew:
        def __init__(self, post: WorkerConfig, _: int) -> None:
            posts.append(post)

        def close(self) -> None:
            """Nothing to end."""

    monkeypatch.setattr(orchestrate, "LocalExecutor", Crew)
    study = all_studies()[name]
    runs = study.identities("full")[:1]
    record = make_record(1)
    workers.append(record.model_copy(update={"id": runs[0].run_id, "identity": runs[0]}))
    train({name: study}, runs, lambda _: tmp_path / "a.jsonl", replace(workshop(), profile="full"))
    assert [post.profile for post in posts] == ["full" if needed else "quick"]

    def find(*_: object) -> Path:
        raise DataError("Expected images.")

    project = Project(Layout(tmp_path), find=find)
    if needed:
        with pytest.raises(DataError):
            run_context(project, "full", wanted=runs)
    else:
        assert run_context(project, "full", wanted=runs).profile == "full"


def test_fewer_records_than_runs_is_an_error(
    tmp_path: Path, make_record: Make, workers: list[Record]
) -> None:
    records = [make_record(seed) for seed in (1, 2)]
    workers.append(records[0])
    path = tmp_path / "toy.jsonl"
    with pytest.raises(TrainingError, match=r"2 records\. Received: 1"):
        train({"toy": STUDY}, [r.identity for r in records], lambda _: path, workshop())
    assert list(read(path, print)) == [records[0].id]


def test_code_that_changes_while_it_trains_is_noticed_before_a_record_is_written(
    tmp_path: Path, make_record: Make, workers: list[Record], monkeypatch: pytest.MonkeyPatch
) -> None:
    workers.extend(make_record(seed) for seed in (1, 2))
    digests = iter([{"train": "old"}, {"train": "old"}, {"train": "new"}])
    monkeypatch.setattr(executed, "today", lambda: next(digests))
    path = tmp_path / "toy.jsonl"
    with pytest.raises(RecordError, match="changed file"):
        train({"toy": STUDY}, [r.identity for r in workers], lambda _: path, workshop())
    assert list(read(path, print)) == [workers[0].id]


def test_two_calls_cannot_train_into_the_same_file(
    tmp_path: Path, make_record: Make, workers: list[Record]
) -> None:
    workers.append(make_record(1))
    path = tmp_path / "toy.jsonl"
    with Writer(path, print), pytest.raises(RecordError, match="another call"):
        train({"toy": STUDY}, [workers[0].identity], lambda _: path, workshop())


def tiny(
    seed: int, net: str = "baseline", epochs: int = 1, rate: float = 0.1, name: str = ""
) -> Identity:
    trial = Trial(
        name=name or f"{net}-{epochs}-{rate:g}",
        net=net,
        learning_rate=rate,
        epochs=epochs,
        score_epochs=(1,),
    )
    return Identity(study="toy", trial=trial, seed=seed, data=data_digest("quick"), profile="quick")


DEADLY = tiny(1, epochs=2, name=held.ENDLESS)
BROKEN = tiny(3, net="nope")
DIVERGING = tiny(4, rate=1e30)
SHORT = tiny(5)
WANTED = [DEADLY, tiny(2, epochs=2), BROKEN, DIVERGING, SHORT]


class Watched(LocalExecutor):
    """Knows which process trains which run, and how often a run was handed out."""

    pids: dict[str, int]
    times: dict[str, int]

    def submit(self, group: Group) -> Future[list[str]]:
        """Hand out the group; note its process."""
        future = super().submit(group)
        run = group[0].run_id
        (seat,) = (seat for seat in self._seats if seat._future is future)
        (self.pids[run],) = seat._executor._processes
        self.times[run] = self.times.get(run, 0) + 1
        return future


class Killer(Progress):
    """Kills the process that trains DEADLY whenever it tells of a first epoch."""

    killed: set[int]

    def epoch(self, run: str) -> None:
        """Count the epoch, and kill."""
        super().epoch(run)
        if run == DEADLY.run_id and Watched.pids[run] not in self.killed:
            os.kill(Watched.pids[run], signal.SIGKILL)
            self.killed.add(Watched.pids[run])


@dataclass
class Story:
    """Two calls: in the first a run loses its worker twice, and the next goes on."""

    first: dict[str, Record]
    times: dict[str, int]
    error: str
    second: dict[str, Record]
    output: str


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory, keras_ready: None) -> Story:  # noqa: ARG001
    """What a call left behind that trained in worker processes, and the next one in this."""
    path = tmp_path_factory.mktemp("campaign") / "toy.jsonl"
    shop = workshop()
    Watched.pids, Watched.times, Killer.killed = {}, {}, set()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(orchestrate, "cores", lambda: 2)
        patch.setattr(orchestrate, "LocalExecutor", Watched)
        patch.setattr(orchestrate, "Progress", Killer)
        patch.setattr(local, "_perform", held.perform)
        with pytest.raises(TrainingError) as error:
            train({"toy": STUDY}, WANTED, lambda _: path, shop)
    first = read(path, print)
    with pytest.MonkeyPatch.context() as patch:
        train_in_process(patch)
        train({"toy": STUDY}, [DEADLY], lambda _: path, shop)
    return Story(first, Watched.times, str(error.value), read(path, print), said(shop))


@pytest.mark.train
def test_a_killed_worker_takes_only_its_own_run_with_it(story: Story) -> None:
    assert story.times == {i.run_id: 2 if i == DEADLY else 1 for i in WANTED}
    assert set(story.first) == {i.run_id for i in WANTED} - {DEADLY.run_id, BROKEN.run_id}


@pytest.mark.train
def test_a_run_whose_worker_dies_twice_is_named_with_the_reason(story: Story) -> None:
    assert f"{label(DEADLY)}: a worker process died while training it, twice" in story.error


@pytest.mark.train
def test_a_run_that_raises_is_named_with_the_reason(story: Story) -> None:
    assert f"{label(BROKEN)}: ValueError: Expected a net of" in story.error
    assert not any(label(i) in story.error for i in (DIVERGING, SHORT))


@pytest.mark.train
def test_a_run_that_diverges_is_a_record_like_any_other(story: Story) -> None:
    record = story.first[DIVERGING.run_id]
    assert record.diverged
    assert None in record.history["loss"]
    assert not story.first[SHORT.run_id].diverged


@pytest.mark.train
def test_the_next_call_trains_only_what_is_missing(story: Story) -> None:
    assert "Training 1 run of toy, 2 epochs in all." in story.output
    assert set(story.second) == {i.run_id for i in WANTED} - {BROKEN.run_id}
    for run, record in story.first.items():
        assert story.second[run] == record


@pytest.mark.train
def test_a_record_tells_how_it_was_made(story: Story) -> None:
    for record in story.second.values():
        made = record.provenance
        assert made.code == executed.run_digest(executed.today(), record.identity.trial)
        assert made.claims == STUDY.claims_digest
        assert (made.threads, made.lanes, made.precision) == (1, 1, "float32")
        assert set(made.versions) >= {"python", "keras", "numpy", "scipy", made.backend}
        assert made.device
        assert record.identity in WANTED


@pytest.mark.train
@pytest.mark.usefixtures("keras_ready")
def test_a_worker_process_records_the_bits_that_this_process_trains(story: Story) -> None:
    from bnreport.training import engine, placement
    from bnreport.training.images import digits

    identity = SHORT
    assert isinstance(identity.trial, Trial)
    (here,) = engine.train([(identity.trial, identity.seed)], placement.place(digits()))
    record = story.second[identity.run_id]
    assert {name: list(values) for name, values in record.history.items()} == here.history
    assert record.early_loss == here.early_loss
    assert (record.score(1).marks("val") == here.scores[0].val_correct).all()
    assert (record.score(1).marks("test") == here.scores[0].test_correct).all()


@pytest.mark.slow
def test_a_worker_that_cannot_begin_tells_its_own_reason(tmp_path: Path) -> None:
    shop = RunContext("full", tmp_path / "nothing", Console(file=io.StringIO()))
    path = tmp_path / "toy.jsonl"
    with pytest.raises(TrainingError, match=r"train-images-idx3-ubyte\.gz.*--data-dir") as error:
        train({"toy": STUDY}, [SHORT, tiny(6)], lambda _: path, shop)
    assert "died" not in str(error.value)
    # Two threads wait for the worker that was ended: the other may be the one to hear of its end.
    deadline = time.monotonic() + 600
    while multiprocessing.active_children() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert multiprocessing.active_children() == []
