"""Only missing runs are trained, and what fails costs nothing that is finished."""

import io
import multiprocessing
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from bnreport import campaign, pool, provenance
from bnreport.campaign import Workshop, missing, train
from bnreport.data import data_digest
from bnreport.errors import RecordError, TrainingError
from bnreport.records import Record, Writer, read
from bnreport.study import Analysis, Study
from bnreport.trials import Identity, Trial

Make = Callable[..., Record]
STUDY = Study("toy", "A toy", "toy.md", (), (), lambda _: Analysis(), ())


def workshop() -> Workshop:
    return Workshop("quick", None, Console(file=io.StringIO()))


def said(shop: Workshop) -> str:
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

    monkeypatch.setattr(pool, "train_all", train_all)
    return records


def test_each_study_has_its_own_file(
    tmp_path: Path, make_record: Make, workers: list[Record]
) -> None:
    first = make_record(1)
    workers.append(first)
    other = first.identity.model_copy(update={"study": "other"})
    studies = {"toy": STUDY, "other": Study("other", "", "", (), (), lambda _: Analysis(), ())}
    shop = workshop()
    assert train(studies, [first.identity, other], lambda n: tmp_path / f"{n}.jsonl", shop) == 2
    assert {path.name for path in tmp_path.glob("*.jsonl")} == {"toy.jsonl", "other.jsonl"}
    assert "Training 1 runs of toy, 2 epochs in all." in said(shop)


def test_fewer_records_than_runs_is_an_error(
    tmp_path: Path, make_record: Make, workers: list[Record]
) -> None:
    records = [make_record(seed) for seed in (1, 2)]
    workers.append(records[0])
    path = tmp_path / "toy.jsonl"
    with pytest.raises(TrainingError, match=r"2 records of toy\. Received: 1"):
        train({"toy": STUDY}, [r.identity for r in records], lambda _: path, workshop())
    assert list(read(path, print)) == [records[0].id]


def test_code_that_changes_while_it_trains_is_noticed_before_a_record_is_written(
    tmp_path: Path, make_record: Make, workers: list[Record], monkeypatch: pytest.MonkeyPatch
) -> None:
    workers.extend(make_record(seed) for seed in (1, 2))
    digests = iter(["old", "old", "new"])
    monkeypatch.setattr(provenance, "code_digest", lambda: next(digests))
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


def tiny(seed: int, net: str = "baseline", epochs: int = 1) -> Identity:
    trial = Trial(
        name=f"{net}-{epochs}", net=net, learning_rate=0.1, epochs=epochs, score_epochs=(1,)
    )
    return Identity(study="toy", trial=trial, seed=seed, data=data_digest("quick"), profile="quick")


@dataclass
class Story:
    """Two calls: in the first every worker is killed once a record is on disk, the next goes on."""

    wanted: list[Identity]
    broken: Identity
    first: dict[str, Record]
    first_error: str
    asked: list[Identity]
    second: dict[str, Record]
    second_error: str
    output: str


class Killer(Writer):
    """A writer that kills all workers when it has written a record."""

    def add(self, record: Record) -> None:
        """Write the record, then kill."""
        super().add(record)
        for process in multiprocessing.active_children():
            process.kill()
        # Until the pool has noticed: the next run is then handed to workers that are dead.
        time.sleep(1)


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    """What two calls left behind that trained tiny nets in real worker processes."""
    path = tmp_path_factory.mktemp("campaign") / "toy.jsonl"
    wanted = [tiny(1), tiny(2, epochs=200), tiny(3)]
    broken = tiny(4, net="nope")
    shop = workshop()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pool, "worker_count", lambda: 2)
        patch.setattr(campaign, "Writer", Killer)
        with pytest.raises(TrainingError) as first:
            train({"toy": STUDY}, wanted, lambda _: path, shop)
    left = read(path, print)
    asked = [broken, *missing(wanted, left)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pool, "worker_count", lambda: 1)
        with pytest.raises(TrainingError) as second:
            train({"toy": STUDY}, asked, lambda _: path, shop)
    return Story(
        wanted,
        broken,
        left,
        str(first.value),
        asked,
        read(path, print),
        str(second.value),
        said(shop),
    )


def label(identity: Identity) -> str:
    return f"{identity.trial.name} seed {identity.seed}"


@pytest.mark.train
def test_a_killed_worker_loses_no_run_that_is_finished(story: Story) -> None:
    assert len(story.first) == 1
    assert set(story.first) < {identity.run_id for identity in story.wanted}


@pytest.mark.train
def test_a_killed_worker_ends_in_an_error_that_names_the_runs_in_flight(story: Story) -> None:
    assert "a worker process died while training" in story.first_error
    lost = [label(i) for i in story.wanted if i.run_id not in story.first]
    assert any(name in story.first_error for name in lost)
    done = [label(i) for i in story.wanted if i.run_id in story.first]
    assert not any(name in story.first_error for name in done)


@pytest.mark.train
def test_the_next_call_trains_only_what_is_missing(story: Story) -> None:
    assert f"Training {len(story.asked)} runs of toy" in story.output
    assert set(story.second) == {identity.run_id for identity in story.wanted}
    for run, record in story.first.items():
        assert story.second[run] == record


@pytest.mark.train
def test_a_run_that_raises_is_named_and_the_others_are_recorded(story: Story) -> None:
    assert f"{label(story.broken)} failed with KeyError: 'nope'" in story.second_error
    assert not any(label(identity) in story.second_error for identity in story.wanted)


@pytest.mark.train
def test_a_record_tells_how_it_was_made(story: Story) -> None:
    for record in story.second.values():
        made = record.provenance
        assert made.code == provenance.code_digest()
        assert made.claims == STUDY.claims_digest
        assert (made.threads, made.precision) == (1, "float32")
        assert set(made.versions) >= {"python", "keras", "numpy", "scipy", made.backend}
        assert made.device
        assert record.identity in story.wanted


@pytest.mark.train
@pytest.mark.usefixtures("keras_ready")
def test_a_worker_process_records_the_bits_that_this_process_trains(story: Story) -> None:
    from bnreport import engine
    from bnreport.data import digits

    identity = story.wanted[0]
    assert isinstance(identity.trial, Trial)
    (here,) = engine.train([(identity.trial, identity.seed)], engine.place(digits()))
    record = story.second[identity.run_id]
    assert {name: list(values) for name, values in record.history.items()} == here.history
    assert record.early_loss == here.early_loss
    assert (record.score(1).marks("val") == here.scores[0].val_correct).all()
    assert (record.score(1).marks("test") == here.scores[0].test_correct).all()
