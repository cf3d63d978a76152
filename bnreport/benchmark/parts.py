"""Measure what training costs on this machine: the parts of `scripts/bench`."""

import importlib.util
import itertools
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from bnreport.benchmark.processes import Crew
from bnreport.benchmark.tasks import Place, Task
from bnreport.machine import cores
from bnreport.protocol.datasets import Profile
from bnreport.protocol.measurements import LADDER, BenchTrial
from bnreport.protocol.trials import Trial

ROOT = Path(__file__).resolve().parents[2]
# Larger groups of runs are tried as long as an epoch of the group takes about so many seconds.
LONGEST_ROUND = 9.0

Seconds = dict[str, list[float]]


@dataclass(frozen=True)
class Bench:
    """One part of the benchmark with what it needs to know."""

    trial: BenchTrial
    seed: int
    profile: Profile
    folder: Path | None
    tell: Callable[[int], None]

    @property
    def backend(self) -> str:
        """The backend that runs are trained with here."""
        return os.environ.get("KERAS_BACKEND", "tensorflow")

    @property
    def other(self) -> str | None:
        """The other backend, where it is asked for and installed."""
        if not self.trial.apart:
            return None
        (name,) = {"tensorflow", "jax"} - {self.backend}
        return name if importlib.util.find_spec(name) else None

    def crew(
        self, backend: str, threads: int | None, size: int = 1, on_device: bool = True
    ) -> Crew:
        """Processes that train on this part's data."""
        return Crew(Place(backend, threads, self.profile, self.folder, on_device), size)

    def task(
        self, implementation: str, net: str, epochs: int = 1, lanes: int = 1, seed: int = 0
    ) -> Task:
        """A task with this part's numbers; equal tasks go on where they were."""
        trial = self.trial
        return Task(
            implementation,
            net,
            self.seed + seed,
            epochs,
            trial.learning_rate,
            trial.batch_size,
            lanes,
        )


def measure(bench: Bench) -> Seconds:
    """The history of a part: a number a round for each metric."""
    parts = {
        "loops": loops,
        "lanes": lanes,
        "start-up": start_up,
        "runs": calls,
        "thousand": calls,
    }
    seconds = parts[bench.trial.part](bench)
    return {name: [round(value, 4) for value in values] for name, values in seconds.items()}


def rounds(bench: Bench, contenders: Mapping[str, Callable[[], float]]) -> Seconds:
    """Seconds of each contender, a number a round; the first round compiles and is not counted.

    Each round starts with another contender, so that a slow spell of the machine meets all.
    """
    seconds: Seconds = {name: [] for name in contenders}
    names = list(contenders)
    for number in range(bench.trial.rounds + 1):
        first = number % len(names)
        for name in names[first:] + names[:first]:
            taken = contenders[name]()
            if number:
                seconds[name].append(taken)
        if number:
            bench.tell(number)
    return seconds


def loops(bench: Bench) -> Seconds:
    """Seconds per run and epoch of every training loop, and of ever fewer of its operations."""
    trial = bench.trial
    with ExitStack() as stack:
        size = cores() if trial.apart else 1
        ours = fit = fast = stack.enter_context(bench.crew(bench.backend, 1, size))
        if trial.apart:
            fit = stack.enter_context(bench.crew(bench.backend, None, on_device=False))
            fast = stack.enter_context(bench.crew(bench.backend, None, on_device=False))
        places = [("fit", "fit", fit, 1), ("fast-fit", "fast-fit", fast, 1)]
        places += [(rung, rung, ours, 1) for rung in LADDER]
        places += _engines("", ours)
        if bench.other:
            more = stack.enter_context(bench.crew(bench.other, 1, cores()))
            places += _engines(f"{bench.other}-", more)
        return rounds(
            bench,
            {
                f"{name}_{net}": _timed(crew, bench.task(implementation, net), members)
                for name, implementation, crew, members in places
                for net in trial.nets
            },
        )


def _engines(prefix: str, crew: Crew) -> list[tuple[str, str, Crew, int]]:
    return [
        (f"{prefix}engine-one", "engine", crew, 1),
        (f"{prefix}engine-all", "engine", crew, crew.size),
    ]


def _timed(crew: Crew, task: Task, members: int) -> Callable[[], float]:
    def run() -> float:
        taken, _ = crew.perform(task, members)
        return taken / (members * task.epochs * task.lanes)

    return run


def lanes(bench: Bench) -> Seconds:
    """Seconds per run and epoch with one run per core, and with groups of runs in one process."""
    seconds: Seconds = {}
    for backend in filter(None, (bench.backend, bench.other)):
        prefix = "" if backend == bench.backend else f"{backend}-"
        with bench.crew(backend, 1, cores()) as crew:
            for net in bench.trial.nets:
                seconds[f"{prefix}cores_{net}"] = _epochs(crew, bench, net, 1, crew.size)
        if backend == "jax":
            with bench.crew(backend, None) as crew:
                for net in bench.trial.nets:
                    seconds |= dict(_groups(crew, bench, net))
    for number in range(bench.trial.rounds):
        bench.tell(number + 1)
    return seconds


def _groups(crew: Crew, bench: Bench, net: str) -> Iterator[tuple[str, list[float]]]:
    seconds = [0.0]
    for size in bench.trial.sizes:
        if min(seconds) * size > LONGEST_ROUND:
            return
        seconds = _epochs(crew, bench, net, size, 1)
        yield f"jax-lanes-{size}_{net}", seconds


def _epochs(crew: Crew, bench: Bench, net: str, size: int, members: int) -> list[float]:
    """Seconds per run of each epoch but the first, which compiles."""
    task = bench.task("engine", net, bench.trial.rounds + 1, size)
    _, stamps = crew.perform(task, members)
    return [(after - before) / (members * size) for before, after in itertools.pairwise(stamps)]


def start_up(bench: Bench) -> Seconds:
    """Seconds from the start of a process to each of its phases, and of a whole call of one run."""
    seconds: Seconds = {name: [] for name in sorted(bench.trial.metrics)}
    for number in range(bench.trial.rounds):
        for net in bench.trial.nets:
            with bench.crew(bench.backend, 1) as crew:
                imports, data = (stamp - crew.began for stamp in crew.phases)
                ready = time.perf_counter() - crew.began
                compiles, ends = [], []
                for seed in range(2):
                    _, (first, second) = crew.perform(bench.task("engine", net, 2, seed=seed))
                    compiles.append(max(0.0, first - (second - first)))
                    ends.append(ready + first)
            phases = {
                "imports": imports,
                "data": data,
                "compiled": ready + compiles[0],
                "epoch": ends[0],
                "compile-first": compiles[0],
                "compile-second": compiles[1],
                "command": call(bench, net, 1)[0],
            }
            for phase, taken in phases.items():
                seconds[f"{phase}_{net}"].append(taken)
        bench.tell(number + 1)
    return seconds


def calls(bench: Bench) -> Seconds:
    """Seconds, and the largest worker in megabytes, of whole calls by their number of runs."""
    numbers: Seconds = {name: [] for name in sorted(bench.trial.metrics)}
    for number in range(bench.trial.rounds):
        for size in bench.trial.sizes:
            for net in bench.trial.nets:
                seconds, peak = call(bench, net, size)
                numbers[f"seconds-{size}_{net}"].append(seconds)
                numbers[f"peak-{size}_{net}"].append(peak)
        bench.tell(number + 1)
    return numbers


def call(bench: Bench, net: str, size: int) -> tuple[float, float]:
    """A whole call, from its start to its end, that trains so many runs into a folder of its own.

    Returns:
        Its seconds, and the peak memory of its largest worker in megabytes.
    """
    tiny = bench.trial.part == "thousand"
    trial = Trial(
        name="rehearsal",
        net=net,
        learning_rate=bench.trial.learning_rate,
        epochs=1,
        batch_size=bench.trial.batch_size,
    )
    order = {
        "trial": trial.model_dump(mode="json"),
        "seeds": [bench.seed, bench.seed + size],
        "profile": "quick" if tiny else bench.profile,
        "folder": None if tiny or bench.folder is None else str(bench.folder),
    }
    command = [sys.executable, "-m", "bnreport.running.end_to_end", json.dumps(order)]
    began = time.perf_counter()
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    taken = time.perf_counter() - began
    if done.returncode:
        raise RuntimeError(f"a call with {size} runs failed: {done.stderr.strip()[-500:]}")
    return taken, float(json.loads(done.stdout)["peak"])
