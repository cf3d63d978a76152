"""Stop calls for a while, and let them want for disk, handles and memory."""

import resource
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest

from bnreport.running import local, orchestrate
from tests.injection import work
from tests.injection.kills import WANTED, Call, Campaign, Toll, lines

# Bytes of a file, and open files, that a call may have: fewer than it needs.
BYTES, HANDLES = 6_000, 16
# Seconds for which a process stands still.
STILL = 1.0


def limited(kind: int, most: int) -> Callable[[], None]:
    """What limits a call before it begins."""
    return lambda: resource.setrlimit(kind, (most, most))


def hardships() -> Toll:
    """Call after call is stopped or in want; each must say so in a sentence, and lose nothing."""
    toll = Toll()
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(local, "_perform", work.perform)
        patch.setattr(orchestrate, "cores", lambda: 1)
        campaign = Campaign(Path(folder) / "checkout", np.random.default_rng(17))
        campaign.layout.results.mkdir(parents=True)
        for name, trial in TRIALS.items():
            with pytest.MonkeyPatch.context() as inner:
                found = [*trial(campaign, inner)]
            found += [*campaign.finish("run", "toy")]
            toll.hardships[name] += 1
            toll.faults += [f"{name}: {fault}" for fault in found]
            campaign.records.unlink()
            campaign.layout.verified("toy").unlink(missing_ok=True)
    return toll


Trial = Callable[[Campaign, pytest.MonkeyPatch], Iterator[str]]


def _begun(campaign: Campaign) -> Call:
    call = campaign.call("run", "toy")
    while len(lines(campaign.records)) < 2 and not call.ended():
        time.sleep(0.002)
    return call


def parent_stopped(campaign: Campaign, _: pytest.MonkeyPatch) -> Iterator[str]:
    """The call stands still, as by Ctrl-Z, and goes on; its worker goes on meanwhile."""
    call = _begun(campaign)
    yield from _still(call, psutil.Process(call.pid))


def worker_stopped(campaign: Campaign, _: pytest.MonkeyPatch) -> Iterator[str]:
    """A worker stands still, and goes on."""
    call = _begun(campaign)
    yield from _still(call, *call.workers()[:1])


def _still(call: Call, *processes: psutil.Process) -> Iterator[str]:
    for process in processes:
        process.send_signal(signal.SIGSTOP)
    time.sleep(STILL)
    for process in processes:
        process.send_signal(signal.SIGCONT)
    yield from call.end([])
    if call.code or not processes:
        yield f"it ended with {call.code}: {call.said()[-500:]}"


def full_disk(campaign: Campaign, _: pytest.MonkeyPatch) -> Iterator[str]:
    """A file may grow no further."""
    call = campaign.call("run", "toy", first=limited(resource.RLIMIT_FSIZE, BYTES))
    yield from _refused(call, "Make room")
    if not 0 < len(lines(campaign.records)) < WANTED:
        yield f"{len(lines(campaign.records))} records where the disk was full on the way"


def few_handles(campaign: Campaign, _: pytest.MonkeyPatch) -> Iterator[str]:
    """No more files may be open."""
    call = campaign.call("run", "toy", first=limited(resource.RLIMIT_NOFILE, HANDLES))
    yield from _refused(call, "Too many open files")


def no_memory(campaign: Campaign, patch: pytest.MonkeyPatch) -> Iterator[str]:
    """A worker may have no more memory; the other runs are recorded all the same."""
    patch.setattr(local, "_perform", work.starved)
    call = campaign.call("run", "toy")
    name, seed = work.STARVED
    yield from _refused(call, f"{name} seed {seed}: no memory left on its worker")
    if len(lines(campaign.records)) != WANTED - 1:
        yield f"{len(lines(campaign.records))} records of {WANTED - 1}"


def two_at_once(campaign: Campaign, _: pytest.MonkeyPatch) -> Iterator[str]:
    """A second call on the same records is refused, and the first goes on."""
    first = _begun(campaign)
    # It would have come to its end before the second begins.
    psutil.Process(first.pid).send_signal(signal.SIGSTOP)
    second = Call(campaign.project, ("run", "toy"), campaign.folder.with_suffix(".second"))
    yield from _refused(second, "another call holds")
    psutil.Process(first.pid).send_signal(signal.SIGCONT)
    yield from first.end([])
    if first.code:
        yield f"the first ended with {first.code}"


def _refused(call: Call, reason: str) -> Iterator[str]:
    yield from call.end(call.workers())
    said = " ".join(call.said().split())
    if call.code != 1 or "Expected " not in said or reason not in said:
        yield f"it ended with {call.code}, and without {reason!r}: {said[-500:]}"


TRIALS: dict[str, Trial] = {
    "two calls at once": two_at_once,
    "the call stopped": parent_stopped,
    "a worker stopped": worker_stopped,
    "a full disk": full_disk,
    "few handles": few_handles,
    "a worker without memory": no_memory,
}
