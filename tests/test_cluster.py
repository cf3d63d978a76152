"""A Dask cluster on loopback trains the records that this machine trains, and survives deaths."""

import asyncio
import io
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from bnreport import campaign, cluster
from bnreport.campaign import Workshop, train
from bnreport.errors import TrainingError
from bnreport.pool import label
from bnreport.progress import Progress
from bnreport.records import Record, read
from bnreport.study import Study
from bnreport.trials import Identity
from tests.test_campaign import tiny

ROOT = Path(__file__).parents[1]
STUDY = Study("toy", "A toy", "toy.md", "Facts", "What of it?", ())
RUNS = [tiny(seed) for seed in range(1, 7)]
LONG = [tiny(seed, epochs=300) for seed in (1, 2)]
DEADLY = tiny(9, epochs=2000)


def start(*words: str, root: Path = ROOT) -> subprocess.Popen[bytes]:
    """A process of Dask's command line that finds the package in that folder."""
    return subprocess.Popen(
        [sys.executable, "-m", "dask", *words],
        cwd=root,
        env=os.environ | {"PYTHONPATH": str(root), "TF_CPP_MIN_LOG_LEVEL": "3"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


@dataclass
class Cluster:
    """A scheduler and what was started for it, by the address that a worker has."""

    address: str
    client: Any
    workers: dict[str, subprocess.Popen[bytes]]

    def add(self, count: int, root: Path = ROOT) -> None:
        """Start workers and wait for them."""
        before = len(self.client.nthreads())
        words = ("worker", self.address, "--nthreads", "1", "--no-nanny", "--no-dashboard")
        new = {process.pid: process for process in (start(*words, root=root) for _ in range(count))}
        self.client.wait_for_workers(before + count, 60)
        pids = self.client.run(os.getpid)
        self.workers |= {at: new[pid] for at, pid in pids.items() if pid in new}

    def kill(self, address: str) -> None:
        """Kill a worker, and wait until the scheduler knows."""
        worker = self.workers.pop(address)
        worker.kill()
        worker.wait()
        while address in self.client.nthreads():
            time.sleep(0.1)

    def trains(self) -> set[str]:
        """The workers that have a run in hand."""
        return {at for at, keys in self.client.processing().items() if keys}


@contextmanager
def cluster_of(workers: int) -> Iterator[Cluster]:
    """A scheduler and so many workers on loopback."""
    from distributed import Client

    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"tcp://127.0.0.1:{server.getsockname()[1]}"
    port = address.rsplit(":", 1)[1]
    scheduler = start("scheduler", "--host", "127.0.0.1", "--port", port, "--no-dashboard")
    made = Cluster(address, None, {})
    try:
        made.client = Client(address, timeout=60, set_as_default=False)
        if workers:
            made.add(workers)
        yield made
    finally:
        if made.client:
            made.client.close()
        for process in (*made.workers.values(), scheduler):
            process.kill()
            process.wait()


def trained(runs: list[Identity], path: Path, address: str | None) -> dict[str, Record]:
    """The records of the runs; without an address they are trained here."""
    train({"toy": STUDY}, runs, lambda _: path, workshop(address))
    return read(path, print)


def workshop(address: str | None) -> Workshop:
    return Workshop("quick", None, Console(file=io.StringIO()), address)


class Watch(Progress):
    """Calls a function once, at the first epoch of which word comes."""

    then: Callable[[], None] | None = None

    def epoch(self, run: str) -> None:
        """Count the epoch; call the function."""
        super().epoch(run)
        if Watch.then:
            then, Watch.then = Watch.then, None
            then()


@dataclass
class Story:
    """What came of calls on one cluster."""

    here: dict[str, Record]
    there: dict[str, Record]
    arrivals: list[int]
    survived: dict[str, Record]
    error: str


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    """Two workers train; one is killed, the other goes on, and is killed by the last run."""
    folder = tmp_path_factory.mktemp("cluster")
    with pytest.MonkeyPatch.context() as patch, cluster_of(2) as found:
        patch.setattr(campaign, "cores", lambda: 1)
        here = trained(RUNS[:2], folder / "here.jsonl", None)
        there = trained(RUNS, folder / "there.jsonl", found.address)
        logs = found.client.run(lambda dask_worker: list(dask_worker.transfer_incoming_log))
        arrivals = [sum("_unpack" in str(entry["keys"]) for entry in log) for log in logs.values()]

        patch.setattr(campaign, "Progress", Watch)
        Watch.then = lambda: found.kill(min(found.trains()))
        survived = trained(LONG, folder / "survived.jsonl", found.address)

        # As if the run had killed three workers before.
        found.client.run_on_scheduler(
            lambda dask_scheduler: setattr(dask_scheduler, "allowed_failures", 0)
        )
        Watch.then = lambda: found.kill(min(found.trains()))
        with pytest.raises(TrainingError) as error:
            trained([DEADLY], folder / "deadly.jsonl", found.address)
        yield Story(here, there, arrivals, survived, str(error.value))


@pytest.mark.train
def test_a_cluster_records_the_bits_that_this_machine_records(story: Story) -> None:
    assert set(story.there) == {identity.run_id for identity in RUNS}
    for run, here in story.here.items():
        there = story.there[run]
        assert there.history == here.history
        assert there.scores == here.scores
        assert there.early_loss == here.early_loss
        assert there.provenance.model_copy(update={"seconds": 0.0}) == here.provenance.model_copy(
            update={"seconds": 0.0}
        )


@pytest.mark.train
def test_the_images_reach_a_worker_once_and_not_with_every_run(story: Story) -> None:
    # One of the two made them from what the scheduler sent, the other got them from it.
    assert sorted(story.arrivals) == [0, 1]


@pytest.mark.train
def test_a_run_whose_worker_is_killed_is_trained_by_another(story: Story) -> None:
    assert set(story.survived) == {identity.run_id for identity in LONG}
    assert not any(record.diverged for record in story.survived.values())


@pytest.mark.train
def test_a_run_that_kills_worker_after_worker_is_named(story: Story) -> None:
    assert f"{label(DEADLY)}: KilledWorker: " in story.error


def test_a_worker_with_other_training_code_is_refused(tmp_path: Path) -> None:
    package = tmp_path / "other" / "bnreport"
    shutil.copytree(ROOT / "bnreport", package, ignore=shutil.ignore_patterns("__pycache__"))
    with (package / "draws.py").open("a", encoding="utf-8") as file:
        file.write("OTHER = True\n")
    with cluster_of(0) as found:
        found.add(1, root=package.parent)
        with pytest.raises(TrainingError, match="other code from the worker at tcp://127") as error:
            trained(RUNS[:1], tmp_path / "toy.jsonl", found.address)
        assert str(package.parent) in str(error.value)


def test_a_cluster_without_workers_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "WORKER_SECONDS", 0.5)
    with (
        cluster_of(0) as found,
        pytest.raises(TrainingError, match=r"Expected a worker at tcp://127.*dask worker tcp://"),
    ):
        trained(RUNS[:1], tmp_path / "toy.jsonl", found.address)


@pytest.mark.parametrize("listens", [True, False])
def test_an_address_without_a_scheduler_is_given_up_in_seconds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, listens: bool
) -> None:
    monkeypatch.setattr(cluster, "CONNECT_SECONDS", 0.5)
    server = socket.create_server(("127.0.0.1", 0))
    address = f"tcp://127.0.0.1:{server.getsockname()[1]}"
    if not listens:
        server.close()
    began = time.monotonic()
    with pytest.raises(TrainingError, match=rf"Expected a Dask scheduler at {address}\."):
        trained(RUNS[:1], tmp_path / "toy.jsonl", address)
    assert time.monotonic() - began < 10
    server.close()


def test_without_dask_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(TrainingError, match=r"pip install -e '\.\[cluster\]'"):
        trained(RUNS[:1], tmp_path / "toy.jsonl", "tcp://127.0.0.1:1")


def test_an_event_loop_that_runs_already_is_no_hindrance() -> None:
    async def connect() -> None:
        cluster._connect("tcp://127.0.0.1:9")

    # In a thread: a loop may run in this one already, as it does after a browser test.
    with ThreadPoolExecutor(1) as thread:
        ended = thread.submit(lambda: asyncio.run(connect()))
        with pytest.raises(TrainingError, match="Expected a Dask scheduler"):
            ended.result()
