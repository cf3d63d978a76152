"""A Dask cluster on loopback trains the records that this machine trains, and survives deaths."""

import asyncio
import io
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from bnreport.analysis.study import Study
from bnreport.errors import TrainingError
from bnreport.protocol.trials import Identity
from bnreport.records.record import Record
from bnreport.records.store import read
from bnreport.running import cluster, orchestrate
from bnreport.running.cluster import CONNECT_SECONDS
from bnreport.running.orchestrate import RunContext, train
from bnreport.running.progress import Progress
from bnreport.running.scheduler import label
from tests import held
from tests.in_process import train_in_process
from tests.processes import path_of
from tests.running.test_orchestrate import tiny
from tests.shared import HALF_WRITTEN

ROOT = Path(__file__).parents[2]
STUDY = Study("toy", (), "A toy", "toy.md", "Facts", "What of it?")
RUNS = [tiny(seed) for seed in range(1, 7)]
CUT = [tiny(seed, epochs=2) for seed in (1, 2)]
DEADLY = tiny(9, epochs=2)
# How long a busy machine may need for what takes a second. Only failures wait so long.
PATIENCE = 600
# Seconds after which a call gives a scheduler up that was killed, and by which a slow network holds
# every packet back.
LOST, SLOW = 30.0, 0.1
# What is told of a scheduler that died; by whether anything was asked of it just then.
GONE = re.compile(
    r"Expected the Dask scheduler at tcp://127\.0\.0\.1:\d+ to answer until all runs are trained\. "
    r"Received: (no answer for \d+ seconds|a connection that was closed)\. See whether it still"
)


@pytest.fixture(scope="module", autouse=True)
def patient() -> Iterator[None]:
    """Wait longer for answers than a user would."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cluster, "CONNECT_SECONDS", PATIENCE)
        patch.setattr(cluster, "WORKER_SECONDS", PATIENCE)
        yield


def start(*words: str, root: Path = ROOT) -> subprocess.Popen[bytes]:
    """A process of Dask's command line that finds the package in that folder."""
    return subprocess.Popen(
        [sys.executable, "-m", "dask", *words],
        cwd=root,
        env=os.environ
        | {
            "PYTHONPATH": path_of(root),
            "TF_CPP_MIN_LOG_LEVEL": "3",
            # Every few seconds it drops a copy that no run waits for, which is then sent again.
            "DASK_DISTRIBUTED__SCHEDULER__ACTIVE_MEMORY_MANAGER__START": "false",
        },
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


@dataclass
class Cluster:
    """A scheduler and what was started for it, by the address that a worker has."""

    address: str
    client: Any
    workers: dict[str, subprocess.Popen[bytes]]
    scheduler: subprocess.Popen[bytes]

    def add(self, count: int, root: Path = ROOT) -> None:
        """Start workers and wait for them."""
        before = len(self.client.nthreads())
        words = ("worker", self.address, "--nthreads", "1", "--no-nanny", "--no-dashboard")
        new = {process.pid: process for process in (start(*words, root=root) for _ in range(count))}
        self.client.wait_for_workers(before + count, PATIENCE)
        pids = self.client.run(os.getpid)
        self.workers |= {at: new[pid] for at, pid in pids.items() if pid in new}

    def kill(self, address: str) -> None:
        """Kill a worker, and wait until the scheduler knows."""
        worker = self.workers.pop(address)
        worker.kill()
        worker.wait()
        while address in self.client.nthreads():
            time.sleep(0.1)

    def stored(self, task: str) -> dict[str, int]:
        """How often each worker came to have a result of such a task, its own or a sent one."""

        def count(dask_worker: Any) -> int:
            # An entry is a key, what became of it, and more.
            log = [(str(entry[0]), entry[1]) for entry in dask_worker.state.log]
            return sum(key.startswith(task) and what == "put-in-memory" for key, what in log)

        found: dict[str, int] = self.client.run(count)
        return found

    def hold(self, folder: Path) -> None:
        """Hold all runs in their first epoch; the first of which word comes loses its worker."""
        self._hold(folder, lambda run: self.kill((folder / run).read_text("utf-8")))

    def lose(self, folder: Path) -> None:
        """Hold all runs in their first epoch; the first word of one costs the scheduler."""
        self._hold(folder, lambda _: self.scheduler.kill())

    def _hold(self, folder: Path, then: Callable[[str], object]) -> None:
        folder.mkdir()
        # By name: a worker knows the module of the tests that is named in full.
        self.client.run(held.hold, folder)

        def cut(run: str) -> None:
            then(run)
            (folder / "go").touch()

        Watch.then = cut


@contextmanager
def cluster_of(workers: int) -> Iterator[Cluster]:
    """A scheduler and so many workers on loopback."""
    from distributed import Client

    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"tcp://127.0.0.1:{server.getsockname()[1]}"
    port = address.rsplit(":", 1)[1]
    scheduler = start("scheduler", "--host", "127.0.0.1", "--port", port, "--no-dashboard")
    made = Cluster(address, None, {}, scheduler)
    try:
        made.client = Client(address, timeout=PATIENCE, set_as_default=False)
        if workers:
            made.add(workers)
        yield made
    finally:
        if made.client:
            made.client.close()
        for process in (*made.workers.values(), scheduler):
            process.kill()
            process.wait()


@contextmanager
def slow(address: str, seconds: float) -> Iterator[str]:
    """An address that leads to that one over a network that holds every packet back so long."""
    host, port = address.removeprefix("tcp://").split(":")
    loop, ready = asyncio.new_event_loop(), threading.Event()

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while content := await reader.read(1 << 16):
            await asyncio.sleep(seconds)
            writer.write(content)
            await writer.drain()
        writer.close()

    async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there = await asyncio.open_connection(host, int(port))
        await asyncio.gather(
            carry(reader, there[1]), carry(there[0], writer), return_exceptions=True
        )

    server = loop.run_until_complete(asyncio.start_server(meet, "127.0.0.1", 0))
    loop.call_soon(ready.set)
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    ready.wait()
    try:
        yield f"tcp://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        asyncio.run_coroutine_threadsafe(_hang_up(server), loop).result(PATIENCE)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()


async def _hang_up(server: asyncio.Server) -> None:
    server.close()
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


def trained(runs: list[Identity], path: Path, address: str | None) -> dict[str, Record]:
    """The records of the runs; without an address they are trained here."""
    train({"toy": STUDY}, runs, lambda _: path, workshop(address))
    return read(path, print)


def workshop(address: str | None) -> RunContext:
    return RunContext("quick", None, Console(file=io.StringIO()), address)


class Watch(Progress):
    """Calls a function once, with the first run of which an epoch is told."""

    then: Callable[[str], None] | None = None

    def epoch(self, run: str) -> None:
        """Count the epoch; call the function."""
        super().epoch(run)
        if Watch.then:
            then, Watch.then = Watch.then, None
            then(run)


@dataclass
class Story:
    """What came of calls on one cluster."""

    here: dict[str, Record]
    there: dict[str, Record]
    images: dict[str, int]
    runs: dict[str, int]
    survived: dict[str, Record]
    far: dict[str, Record]
    error: str
    lost: str
    kept: dict[str, Record]


@pytest.fixture(scope="module")
def story(
    tmp_path_factory: pytest.TempPathFactory,
    keras_ready: None,  # noqa: ARG001
) -> Iterator[Story]:
    """Two workers train; one is killed, the other goes on, and is killed by a run.

    Then another one comes, and the scheduler is killed.
    """
    folder = tmp_path_factory.mktemp("cluster")
    with pytest.MonkeyPatch.context() as patch, cluster_of(2) as found:
        train_in_process(patch)
        here = trained(RUNS[:2], folder / "here.jsonl", None)
        there = trained(RUNS, folder / "there.jsonl", found.address)
        images, runs = found.stored("_unpack"), found.stored("_perform")

        patch.setattr(orchestrate, "Progress", Watch)
        found.hold(folder / "first")
        survived = trained(CUT, folder / "survived.jsonl", found.address)

        with slow(found.address, SLOW) as address:
            far = trained(RUNS[:1], folder / "far.jsonl", address)

        # As if the run had killed three workers before.
        found.client.run_on_scheduler(
            lambda dask_scheduler: setattr(dask_scheduler, "allowed_failures", 0)
        )
        found.hold(folder / "second")
        with pytest.raises(TrainingError) as error:
            trained([DEADLY], folder / "deadly.jsonl", found.address)

        found.add(1)
        found.lose(folder / "third")
        # It gives up after so long.
        patch.setattr(cluster, "CONNECT_SECONDS", LOST)
        with pytest.raises(TrainingError) as lost:
            trained([*RUNS[:1], DEADLY], folder / "far.jsonl", found.address)
        kept = read(folder / "far.jsonl", print)
        yield Story(
            here, there, images, runs, survived, far, str(error.value), str(lost.value), kept
        )


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
    # One made them from what the scheduler sent, and another may have got them from it.
    assert sum(story.runs.values()) == len(RUNS)
    assert max(story.images.values()) == 1
    assert all(story.images[at] == 1 for at, runs in story.runs.items() if runs)


@pytest.mark.train
def test_a_run_whose_worker_is_killed_is_trained_by_another(story: Story) -> None:
    assert set(story.survived) == {identity.run_id for identity in CUT}
    assert not any(record.diverged for record in story.survived.values())


@pytest.mark.train
def test_a_run_that_kills_worker_after_worker_is_named(story: Story) -> None:
    assert f"{label(DEADLY)}: KilledWorker: " in story.error


@pytest.mark.train
def test_over_a_slow_network_the_same_is_recorded(story: Story) -> None:
    (run,) = story.far
    assert story.far[run].history == story.there[run].history


@pytest.mark.train
def test_a_scheduler_that_is_killed_is_told_and_costs_no_record(story: Story) -> None:
    assert GONE.match(story.lost)
    assert "finished runs are recorded" in story.lost
    assert story.kept == story.far


@pytest.mark.slow
def test_a_worker_with_other_training_code_is_refused(tmp_path: Path) -> None:
    package = tmp_path / "other" / "bnreport"
    shutil.copytree(ROOT / "bnreport", package, ignore=HALF_WRITTEN)
    with (package / "draws.py").open("a", encoding="utf-8") as file:
        file.write("OTHER = True\n")
    with cluster_of(0) as found:
        found.add(1, root=package.parent)
        with pytest.raises(TrainingError, match="other code from the worker at tcp://127") as error:
            trained(RUNS[:1], tmp_path / "toy.jsonl", found.address)
        assert str(package.parent) in str(error.value)


@pytest.mark.slow
def test_a_cluster_without_workers_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "WORKER_SECONDS", 0.5)
    with (
        cluster_of(0) as found,
        pytest.raises(TrainingError, match=r"Expected a worker at tcp://127.*dask worker tcp://"),
    ):
        trained(RUNS[:1], tmp_path / "toy.jsonl", found.address)


@pytest.mark.slow
def test_a_scheduler_that_dies_is_told_in_words_and_not_by_what_dask_then_lacks(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with cluster_of(0) as found:
        monkeypatch.setattr(cluster, "CONNECT_SECONDS", 5.0)
        # Of images and origin nothing is asked before there is a run.
        unasked: Any = None
        executor = cluster.ClusterExecutor(found.address, unasked, unasked, print)
        executor.places()
        found.client.close()
        found.scheduler.kill()
        found.scheduler.wait()
        caplog.clear()
        # Until it gives up, and whenever it is asked after that.
        for _ in range(3):
            with pytest.raises(TrainingError) as error:
                executor.places()
            assert GONE.match(str(error.value))
        assert "Received: no answer for 5 seconds." in str(error.value)
        executor.close()
    assert caplog.messages == []


@pytest.mark.slow
def test_what_was_under_way_when_a_scheduler_died_is_told_in_the_same_words(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from distributed.comm.core import CommClosedError

    def reset() -> None:
        raise CommClosedError("in <TCP (closed)>: Connection reset by peer")

    with cluster_of(0) as found:
        unasked: Any = None
        executor = cluster.ClusterExecutor(found.address, unasked, unasked, print)
        # The client does not know yet.
        monkeypatch.setattr(executor._client, "nthreads", reset)
        with pytest.raises(TrainingError, match=GONE) as error:
            executor.places()
        executor.close()
    assert "Received: a connection that was closed." in str(error.value)


@pytest.mark.parametrize("listens", [True, False])
def test_an_address_without_a_scheduler_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, listens: bool
) -> None:
    monkeypatch.setattr(cluster, "CONNECT_SECONDS", 0.5)
    server = socket.create_server(("127.0.0.1", 0))
    address = f"tcp://127.0.0.1:{server.getsockname()[1]}"
    if not listens:
        server.close()
    errors: list[TrainingError] = []

    def call() -> None:
        with pytest.raises(TrainingError) as error:
            trained(RUNS[:1], tmp_path / "toy.jsonl", address)
        errors.append(error.value)

    # In a thread that may be left behind: without a limit it would wait for ever.
    thread = threading.Thread(target=call, daemon=True)
    thread.start()
    thread.join(PATIENCE)
    server.close()
    assert [str(error).split(". ")[0] for error in errors] == [
        f"Expected a Dask scheduler at {address}"
    ]


def test_a_call_waits_seconds_for_a_scheduler_and_not_minutes() -> None:
    assert CONNECT_SECONDS <= 10


def test_without_dask_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(TrainingError, match=r"pip install -e '\.\[cluster\]'"):
        trained(RUNS[:1], tmp_path / "toy.jsonl", "tcp://127.0.0.1:1")


def test_an_event_loop_that_runs_already_is_no_hindrance(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "CONNECT_SECONDS", 0.5)

    async def connect() -> None:
        cluster._connect("tcp://127.0.0.1:9")

    # In a thread: a loop may run in this one already, as it does after a browser test.
    with ThreadPoolExecutor(1) as thread:
        ended = thread.submit(lambda: asyncio.run(connect()))
        with pytest.raises(TrainingError, match="Expected a Dask scheduler"):
            ended.result()
