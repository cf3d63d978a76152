"""Kill calls of run, verify and build at random moments, and say what was lost.

A call is a fork of this process, which has imported what a call imports: two hundred of them would
spend an hour on that. It is a session of its own, as a shell makes one of a command; its workers
are processes that begin anew, as ever.
"""

import io
import os
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeAlias

import numpy as np
import psutil
import pytest

from bnreport import cli
from bnreport.analysis.study import Study
from bnreport.commands import build as build_module
from bnreport.commands.project import Project
from bnreport.errors import BnreportError
from bnreport.figures.palettes import Palette
from bnreport.pages.supplies import Supplies
from bnreport.presentation.plots import Plot
from bnreport.presentation.tables import Analysis
from bnreport.protocol.measurements import ToyTrial
from bnreport.protocol.runs import Runs
from bnreport.records import checksums
from bnreport.records.agreement import read_verified
from bnreport.records.layout import Layout
from bnreport.records.store import read
from bnreport.running import local, orchestrate
from bnreport.studies import all_studies
from tests import synthetic
from tests.injection import work

Verb: TypeAlias = Literal["run", "verify", "build"]
Victim: TypeAlias = Literal["parent", "worker", "both"]
SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT)
VICTIMS: tuple[Victim, ...] = ("parent", "worker", "both")
SEEDS = tuple(range(1, 9))
STUDY = Study(
    name="toy",
    title="A toy",
    page="studies/toy.md",
    chapter="Facts",
    question="What of it?",
    runs=tuple(
        Runs(ToyTrial(name=name, dimensions=3, condition=4.0, rates=(0.1,), steps=5), SEEDS, (1,))
        for name in ("first", "second")
    ),
    claims=(),
    analyse=lambda records: Analysis(),
    check=(),
)
WANTED = len(STUDY.identities("full"))
# Seconds in which a call ends whatever is done to it, on a busy machine too.
PATIENCE = 240.0
# How many calls in a row are killed before one is left in peace.
CHAIN = 4


@dataclass(frozen=True)
class Kill:
    """A signal, to whom, in a call of which verb."""

    verb: Verb
    victim: Victim
    signal: signal.Signals

    def __str__(self) -> str:
        return f"{self.verb}, {self.signal.name} to {self.victim}"


@dataclass
class Toll:
    """What kills have cost: how many of each kind there were, and everything that went wrong.

    Attributes:
        kills: those that count: they reached somebody who was still at work.
        codes: how the calls ended, by what had struck them.
        late: signals that found nobody left; each kill is made again until it counts.
        hardships: what a machine refused, by name.
        completed: calls that were left in peace.
        faults: everything that went wrong.
    """

    kills: Counter[Kill] = field(default_factory=Counter)
    codes: Counter[tuple[Kill, int | None]] = field(default_factory=Counter)
    late: Counter[Verb] = field(default_factory=Counter)
    hardships: Counter[str] = field(default_factory=Counter)
    completed: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    def add(self, other: "Toll") -> None:
        """Count those of another, too."""
        self.kills += other.kills
        self.codes += other.codes
        self.late += other.late
        self.hardships += other.hardships
        self.completed += other.completed
        self.faults += other.faults


class Call:
    """A call of the command line in a process of its own."""

    def __init__(
        self,
        project: Project,
        words: tuple[str, ...],
        log: Path,
        first: Callable[[], object] = lambda: None,
    ) -> None:
        self.log = log
        # What another call said is gone before this one begins.
        log.unlink(missing_ok=True)
        self.pid = os.fork()
        if not self.pid:
            self._perform(project, words, first)
        self.code: int | None = None

    def _perform(
        self, project: Project, words: tuple[str, ...], first: Callable[[], object]
    ) -> None:
        code = 99
        try:
            os.setsid()
            said = os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            os.dup2(said, 1)
            os.dup2(said, 2)
            # What was said before a signal came tells whether it was heard.
            for stream in (sys.stdout, sys.stderr):
                if isinstance(stream, io.TextIOWrapper):
                    stream.reconfigure(line_buffering=True)
            signal.signal(signal.SIGINT, signal.default_int_handler)
            sys.argv = ["bnreport", *words]
            first()
            try:
                cli.main(project)
            finally:
                # What comes behind its end, and before that of this process, is no matter of it.
                signal.signal(signal.SIGINT, signal.SIG_IGN)
                signal.signal(signal.SIGTERM, signal.SIG_IGN)
            code = 0
        except SystemExit as end:
            code = int(end.code or 0)
        except BaseException:  # noqa: BLE001 - the parent reads it
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)

    def ended(self) -> bool:
        """Say whether the call has ended; then `code` says how."""
        if self.code is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.code = os.waitstatus_to_exitcode(status)
        return self.code is not None

    def workers(self) -> list[psutil.Process]:
        """The processes that train for it."""
        try:
            children = psutil.Process(self.pid).children(recursive=True)
        except psutil.NoSuchProcess:
            return []
        found = []
        for child in children:
            try:
                if "spawn_main" in " ".join(child.cmdline()):
                    found.append(child)
            except psutil.Error:
                continue
        return found

    def strike(self, kill: Kill, random: np.random.Generator) -> bool:
        """Send the signal; whether there was anyone to send it to."""
        workers = self.workers()
        if kill.victim == "worker":
            if not workers:
                return False
            try:
                workers[int(random.integers(len(workers)))].send_signal(kill.signal)
            except psutil.NoSuchProcess:
                return False
            return True
        if self.ended():
            return False
        # A shell sends a signal to all processes of the call.
        (os.killpg if kill.victim == "both" else os.kill)(self.pid, kill.signal)
        return True

    def end(self, children: list[psutil.Process]) -> Iterator[str]:
        """Wait for the end; yield what should not be."""
        until = time.monotonic() + PATIENCE
        while not self.ended():
            if time.monotonic() > until:
                os.killpg(self.pid, signal.SIGKILL)
                yield f"no end within {PATIENCE:.0f} seconds"
            time.sleep(0.01)
        _, alive = psutil.wait_procs(children, timeout=20)
        if alive:
            yield f"{len(alive)} workers outlived it"
            for process in alive:
                process.kill()
        if "Traceback" in self.said():
            yield f"a traceback: {self.said()[-1500:]}"

    def said(self) -> str:
        """What it printed."""
        return self.log.read_text(encoding="utf-8", errors="replace") if self.log.exists() else ""


def lines(path: Path) -> set[bytes]:
    """The lines of a file that are whole."""
    return set(path.read_bytes().split(b"\n")[:-1]) if path.exists() else set()


def partials(folder: Path) -> list[str]:
    """The files that are only half there."""
    return sorted(path.name for path in folder.rglob("*.partial") if path.is_file())


@dataclass
class Campaign:
    """Kills in calls of one verb, in a folder of its own."""

    folder: Path
    random: np.random.Generator

    def __post_init__(self) -> None:
        self.layout = Layout(self.folder)
        self.project = Project(self.layout, lambda: {"toy": STUDY})
        self.records = self.layout.committed("toy", "full")

    def call(self, *words: str, first: Callable[[], object] = lambda: None) -> Call:
        """Begin a call, which does something else first."""
        return Call(self.project, words, self.folder.with_suffix(".log"), first)

    def run(self, kill: Kill) -> Iterator[str]:
        """Kill a call that trains; yield what it cost."""
        before = len(lines(self.records))
        after = int(self.random.integers(0, WANTED - before))
        # Three in ten while it starts, the others while it records.
        starts = self.random.random() < 0.3
        until = time.monotonic() + float(self.random.uniform(0, self.length))
        call = self.call("run", "toy")
        self._wait(
            call,
            lambda: (
                time.monotonic() > until if starts else len(lines(self.records)) - before >= after
            ),
            work.SLOW,
            kill,
        )
        yield from self._struck(call, kill)

    def _wait(self, call: Call, until: Callable[[], bool], most: float, kill: Kill) -> None:
        while not call.ended() and not until():
            time.sleep(0.002)
        # Those who strike a worker wait for one.
        while kill.victim == "worker" and not call.ended() and not call.workers():
            time.sleep(0.005)
        time.sleep(float(self.random.uniform(0, most)))

    def _struck(self, call: Call, kill: Kill) -> Iterator[str]:
        known, children = lines(self.records), call.workers()
        struck = call.strike(kill, self.random)
        said = call.said()
        yield from call.end(children)
        if kill.victim != "worker" and call.code == 0:
            # It came when all was done, or was not heard.
            struck &= call.said() != said
            if struck:
                yield f"nobody heard it: {call.said()[-800:]}"
        if not struck:
            yield VOID
        found = lines(self.records)
        if lost := known - found:
            yield f"{len(lost)} records lost or changed"
        try:
            read(self.records, lambda _: None)
            checksums.listed(self.layout.results)
            read_verified(self.layout.verified("toy"))
        except BnreportError as error:
            yield f"a file that cannot be read: {error}"
        self.code = call.code

    def finish(self, *words: str) -> Iterator[str]:
        """Leave a call in peace; it must end well, with every record and every digest."""
        call = self.call(*words)
        yield from call.end([])
        if call.code:
            yield f"the next call ended with {call.code}: {call.said()[-800:]}"
        if len(read(self.records, lambda _: None)) != WANTED:
            yield "the next call left runs missing"
        if rest := partials(self.folder):
            yield f"half-written files stay: {', '.join(rest)}"
        try:
            checksums.check(self.layout.results)
        except BnreportError as error:
            yield f"after the next call: {error}"

    def forget(self) -> None:
        """Leave out some records, which the next calls train again."""
        kept = self.records.read_bytes().splitlines(keepends=True)
        self.random.shuffle(kept)
        count = int(self.random.integers(0, WANTED - 4))
        self.records.write_bytes(b"".join(kept[:count]))
        self.layout.verified("toy").unlink(missing_ok=True)
        checksums.update(self.layout.results)

    def verify(self, kill: Kill) -> Iterator[str]:
        """Kill a call that trains a sample again; yield what it cost."""
        call = self.call("verify", "toy")
        until = time.monotonic() + float(self.random.uniform(0.1, self.length))
        self._wait(call, lambda: time.monotonic() > until, 0.05, kill)
        yield from self._struck(call, kill)

    # Seconds that a call takes.
    length: float = 2.5


VOID = "void"
# How often a kill is made before it must have found somebody.
TRIES = 30


def kinds(verb: Verb, count: int) -> list[Kill]:
    """So many kills, each kind as often as another; a build has no workers."""
    every = [
        Kill(verb, victim, number)
        for number in SIGNALS
        for victim in (VICTIMS if verb != "build" else ("parent", "both"))
    ]
    return [every[number % len(every)] for number in range(count)]


def runs(count: int, seed: int) -> Toll:
    """Kill so many calls that train; every few of them one call is left in peace."""
    return _toll("run", count, seed)


def verifications(count: int, seed: int) -> Toll:
    """Kill so many calls that verify."""
    return _toll("verify", count, seed)


def _toll(verb: Verb, count: int, seed: int) -> Toll:
    toll, random = Toll(), np.random.default_rng([15, seed])
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(local, "_perform", work.perform)
        # One worker each: what a second one does is tested elsewhere.
        patch.setattr(orchestrate, "cores", lambda: 1)
        campaign = Campaign(Path(folder) / "checkout", random)
        campaign.layout.results.mkdir(parents=True)
        began = time.monotonic()
        toll.faults += [*campaign.finish("run", "toy")]
        campaign.length = time.monotonic() - began
        if verb == "run":
            campaign.forget()
        for number, kill in enumerate(kinds(verb, count), 1):
            _again(toll, kill, lambda kill=kill: _struck(campaign, kill))  # type: ignore[misc]
            if number % CHAIN == 0 or number == count:
                left = [*campaign.finish(verb, "toy")]
                toll.completed[verb] += 1
                toll.faults += [f"after {kill}: {fault}" for fault in left]
                if verb == "run":
                    campaign.forget()
    return toll


def _struck(campaign: Campaign, kill: Kill) -> tuple[list[str], int | None]:
    if kill.verb == "run" and len(lines(campaign.records)) >= WANTED - 1:
        campaign.forget()
    found = [*(campaign.run(kill) if kill.verb == "run" else campaign.verify(kill))]
    return found, campaign.code


def _again(toll: Toll, kill: Kill, strike: Callable[[], tuple[list[str], int | None]]) -> None:
    """Strike until the signal has reached somebody: a kill that came too late is none."""
    for _ in range(TRIES):
        found, code = strike()
        _count(toll, kill, found, code)
        if VOID not in found:
            return
    toll.faults.append(f"{kill}: it found nobody in {TRIES} calls")


def _count(toll: Toll, kill: Kill, found: list[str], code: int | None) -> None:
    if VOID in found:
        # The call had ended, or no worker had begun.
        toll.late[kill.verb] += 1
    else:
        toll.kills[kill] += 1
        toll.codes[kill, code] += 1
    toll.faults += [f"{kill}: {fault}" for fault in found if fault != VOID]


def dot(_: Plot | None, palette: Palette) -> str:
    """The smallest figure that is none to the gate: what figures show is tested elsewhere."""
    size = 'xmlns="http://www.w3.org/2000/svg" height="9pt" width="9pt"'
    return f'<svg {size}><path d="M1 1h7" stroke="{palette.ink}"/></svg>'


def builds(count: int, seed: int) -> Toll:
    """Kill so many builds: the site that stands stays whole until another whole one is there."""
    toll, random = Toll(), np.random.default_rng([16, seed])
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(build_module, "Supplies", lambda **_: Supplies(dot))
        layout = Layout(synthetic.checkout(Path(folder) / "checkout"))
        studies = {**all_studies(), **synthetic.waiting()}
        project = Project(layout, lambda: studies)
        log, words = Path(folder) / "log", ("build", "--records", "--profile", "quick")
        began = time.monotonic()
        first = Call(project, words, log)
        toll.faults += [*first.end([])]
        if first.code:
            toll.faults.append(f"the first build ended with {first.code}: {first.said()[-800:]}")
            return toll
        length, sound = time.monotonic() - began, _site(layout)
        # What is known of the records stays as it is, whatever is killed.
        results = checksums.digests_of(layout.results)

        def strike(kill: Kill) -> tuple[list[str], int | None]:
            call = Call(project, words, log)
            until = time.monotonic() + float(random.uniform(0.05, length))
            while not call.ended() and time.monotonic() < until:
                time.sleep(0.005)
            struck = call.strike(kill, random)
            # A build that ended well came to its end before.
            found = [*call.end([]), *([] if struck and call.code else [VOID])]
            if _site(layout) != sound:
                found.append("the site that stood is another, or half of one")
            if checksums.digests_of(layout.results) != results:
                found.append("the results have changed")
            return found, call.code

        for number, kill in enumerate(kinds("build", count), 1):
            _again(toll, kill, lambda kill=kill: strike(kill))  # type: ignore[misc]
            if number % CHAIN == 0 or number == count:
                last = Call(project, words, log)
                left = [*last.end([])]
                if last.code or _site(layout) != sound or partials(layout.root):
                    left.append(f"the next build ended with {last.code}: {last.said()[-800:]}")
                toll.completed["build"] += 1
                toll.faults += [f"after {kill}: {fault}" for fault in left]
        shutil.rmtree(layout.root)
    return toll


def _site(layout: Layout) -> dict[str, str]:
    """The digest of every file of the site."""
    return {
        path.relative_to(layout.site).as_posix(): checksums.file_digest(path)
        for path in sorted(layout.site.rglob("*"))
        if path.is_file()
    }
