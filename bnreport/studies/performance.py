"""The cost of training: the notebook's loop, this engine, and the products that neither can spare.

A benchmark makes no claim. Its targets were set before it was run, and a table says which are met.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bnreport.analysis.arms import NOTEBOOK
from bnreport.analysis.cells import values_of
from bnreport.analysis.charts import panels
from bnreport.analysis.design import study
from bnreport.analysis.ensembles import best_size, seconds_by_size
from bnreport.presentation.formats import THIN, number, quantity
from bnreport.presentation.plots import Curves, Dots
from bnreport.presentation.tables import Analysis, Table
from bnreport.protocol.measurements import BenchTrial
from bnreport.protocol.runs import Runs
from bnreport.records.collection import Records
from bnreport.records.record import Record

BOTH, ONE = tuple(NOTEBOOK), ("baseline",)
# What each part of the benchmark measures: which nets, in how many rounds, at which sizes.
PARTS: dict[str, dict[str, Any]] = {
    "loops": {"nets": BOTH, "rounds": 5},
    "lanes": {"nets": BOTH, "rounds": 2, "sizes": (2, 4, 8, 16, 64)},
    "start-up": {"nets": BOTH, "rounds": 2},
    "runs": {"nets": ONE, "rounds": 1, "sizes": (1, 2, 4, 8, 16, 32, 64)},
    "thousand": {"nets": ONE, "rounds": 1, "sizes": (125, 250, 500, 1000)},
}
RUNS = (
    *(
        Runs(BenchTrial.model_validate({"name": part, "part": part, **fields}), (100,), ())
        for part, fields in PARTS.items()
    ),
    # The quick profile looks at one net in one part, for tests and a first look.
    Runs(BenchTrial(name="quick-loops", part="loops", nets=ONE, rounds=2, apart=False), (), (200,)),
)


@dataclass(frozen=True)
class Part:
    """A part of the benchmark that was measured, by its record."""

    trial: BenchTrial
    record: Record

    def rounds(self, measure: str, net: str) -> NDArray[np.float64]:
        """A measure of a net, one number a round."""
        return self.record.epochs(f"{measure}_{net}")

    def median(self, measure: str, net: str) -> float:
        """The median over the rounds."""
        return float(np.median(self.rounds(measure, net)))

    def ratio(self, over: str, under: str, net: str) -> float:
        """The median of one measure over that of another."""
        return self.median(over, net) / self.median(under, net)

    def further(self) -> dict[tuple[int, int], float]:
        """Seconds of one more run between two sizes of a call, by those sizes."""
        sizes, (net, *_) = self.trial.sizes, self.trial.nets
        seconds = [self.median(f"seconds-{size}", net) for size in sizes]
        return {
            (few, many): (after - before) / (many - few)
            for few, many, before, after in zip(
                sizes, sizes[1:], seconds, seconds[1:], strict=False
            )
        }

    def by_size(self) -> dict[str, Mapping[int, float]]:
        """Seconds per run and epoch by how many runs train together, by net."""
        return {net: seconds_by_size(self.record, net) for net in self.trial.nets}


# The parts that a machine has measured, by name.
Parts = Mapping[str, Part]


def parts(by_trial: Mapping[str, Mapping[int, Record]]) -> Parts:
    """Each part that was measured."""
    return {
        trial.part: Part(trial, record)
        for records in by_trial.values()
        for record in records.values()
        if isinstance(trial := record.identity.trial, BenchTrial)
    }


LEAST_SPEED = {"baseline": 10.0, "bn": 8.0}
LARGEST_OVERHEAD = {"baseline": 1.15, "bn": 1.8}
LARGEST_WORKER, LATEST_EPOCH = 2000.0, 15.0
# How much dearer than an early one a late run may be and still be called the same.
CONSTANT = 1.2
GPU_LANES, GPU_SECONDS = 64, 0.010


@dataclass(frozen=True)
class Target:
    """A wish, its measurement, and whether it is met; None where nobody measured."""

    wish: str
    measured: str
    met: bool | None


def largest_worker(runs: Part) -> float:
    """The most memory that a worker took in any call, in MB."""
    peak = max(runs.rounds(f"peak-{size}", ONE[0]).max() for size in runs.trial.sizes)
    return float(peak)


def targets(own: Parts, others: Mapping[str, Parts]) -> Iterator[Target]:
    """Every target whose part was measured, and that for a GPU."""
    if loops := own.get("loops"):
        for net in loops.trial.nets:
            least, reached = LEAST_SPEED[net], loops.ratio("fit", "engine-all", net)
            yield Target(
                f"{NOTEBOOK[net].label}: {least:g} times the run-epochs an hour of the notebook's "
                "loop, on all cores",
                f"{number(reached, 1)} times",
                reached >= least,
            )
        for net in loops.trial.nets:
            most, reached = LARGEST_OVERHEAD[net], loops.ratio("train", "products", net)
            yield Target(
                f"{NOTEBOOK[net].label}: training on one core within {most:g} times the bare "
                "products",
                f"{number(reached, 2)} times",
                reached <= most,
            )
    if runs := own.get("runs"):
        peak = largest_worker(runs)
        wish = f"peak memory of a worker below {LARGEST_WORKER / 1000:g}{THIN}GB"
        yield Target(wish, quantity(peak / 1000, 2, "GB"), peak < LARGEST_WORKER)
    if start := own.get("start-up"):
        latest = max(start.median("command", net) for net in start.trial.nets)
        wish = f"first finished epoch within {LATEST_EPOCH:g}{THIN}s of the command"
        yield Target(wish, quantity(latest, 1, "s"), latest <= LATEST_EPOCH)
    if thousand := own.get("thousand"):
        early, *_, late = thousand.further().values()
        wish = (
            f"one more run near {thousand.trial.sizes[-1]:,} costs at most {CONSTANT:g} times "
            "what an early one does"
        )
        yield Target(wish, f"{number(late / early, 2)} times", late / early <= CONSTANT)
    yield _gpu(others)


def _gpu(others: Mapping[str, Parts]) -> Target:
    wish = f"a GPU: {GPU_LANES} runs at once, below {1000 * GPU_SECONDS:g}{THIN}ms a run and epoch"
    for name, measured in others.items():
        if lanes := measured.get("lanes"):
            seconds = [by_size.get(GPU_LANES, np.inf) for by_size in lanes.by_size().values()]
            if np.isfinite(seconds).all():
                words = f"{quantity(1000 * max(seconds), 1, 'ms')} on {name}"
                return Target(wish, words, max(seconds) < GPU_SECONDS)
    return Target(wish, "no record yet", None)


BACKENDS = {"tensorflow": "TensorFlow", "jax": "JAX"}
CONTENDERS = {
    "fit": "the notebook's fit",
    "fast-fit": "fit, 100 steps at a time",
    "engine-one": "engine on {}, one core",
    "engine-all": "engine on {}, all cores",
}
RUNGS = {
    "best-products": "products, fastest layout",
    "products": "products, textbook layout",
    "gather": "textbook, batches gathered",
    "update": "the same, weights updated",
    "train": "engine, training alone",
    "engine-one": "engine, with validation",
    "scored": "engine, training images scored",
}
PHASES = {
    "imports": "libraries imported",
    "data": "images on the device",
    "compiled": "first program compiled",
    "epoch": "first epoch finished",
    "command": "a whole call with one run of one epoch, to its end",
    "compile-first": "compiling, first run in a process",
    "compile-second": "compiling, second run in that process",
}
MET = {True: "✓ met", False: "✗ missed", None: "not measured"}


def contenders(loops: Part) -> dict[str, str]:
    """Names of the training loops in a record, in words; the second backend's come last."""
    first = loops.record.provenance.backend
    by_prefix = {"" if name == first else f"{name}-": words for name, words in BACKENDS.items()}
    return {
        prefix + contender: words.format(by_prefix[prefix])
        for prefix in sorted(by_prefix)
        for contender, words in CONTENDERS.items()
        if f"{prefix}{contender}_{loops.trial.nets[0]}" in loops.record.history
    }


def analyse(records: Records) -> Analysis:
    """All that the page shows; what needs parts that were not measured is missing."""
    own = parts(records.by_trial)
    others = {name: parts(replica) for name, replica in records.replicas.items()}
    tables = {"targets": _targets(own, others)}
    plots: dict[str, Any] = {}
    if loops := own.get("loops"):
        gain = number(loops.ratio("fit", "engine-all", loops.trial.nets[0]), 0)
        over = number(loops.ratio("train", "best-products", loops.trial.nets[0]), 2)
        title = f"On all cores, without BN, our engine is {gain} times as fast as Keras' fit"
        floor = f"Without BN training takes {over} × as long as its products at their fastest"
        tables |= {"loops": _loops(loops), "ladder": _ladder(loops)}
        plots["loops"] = _dots(loops, contenders(loops), title, "With validation")
        plots["ladder"] = _dots(loops, RUNGS, floor, "One core")
    if (lanes := own.get("lanes")) and len(lanes.by_size()["baseline"]) > 1:
        plots["lanes"] = _lanes(lanes)
    if start := own.get("start-up"):
        tables["start-up"] = _start_up(start)
    if runs := own.get("runs"):
        tables["runs"], plots["runs"] = _calls(runs), _memory(runs)
    if thousand := own.get("thousand"):
        plots["thousand"] = _thousand(thousand)
    if others:
        tables["machines"] = _machines(own, others)
    return Analysis(_values(own, others), tables, plots)


def _values(own: Parts, others: Mapping[str, Parts]) -> dict[str, Any]:
    judged = [target.met for target in targets(own, others) if target.met is not None]
    values = values_of("targets that are met", {"targets.met": str(sum(map(bool, judged)))})
    values |= values_of("targets that were measured", {"targets": str(len(judged))})
    if loops := own.get("loops"):
        values |= _machine_values(loops) | _loop_values(loops)
    if lanes := own.get("lanes"):
        best = {"lanes.best": str(best_size(lanes.record))}
        values |= values_of("runs that train together fastest", best)
    if start := own.get("start-up"):
        spans = {
            f"{phase}.{net}": quantity(start.median(phase, net), 1, "s")
            for net in start.trial.nets
            for phase in ("imports", "compile-first", "compile-second", "command")
        }
        values |= values_of("median seconds", spans)
    if thousand := own.get("thousand"):
        last = {"further.late": quantity(1000 * [*thousand.further().values()][-1], 0, "ms")}
        values |= values_of("one more run, between the two largest calls", last)
    return values


def _machine_values(loops: Part) -> dict[str, Any]:
    provenance = loops.record.provenance
    versions = ", ".join(
        f"{name} {version}" for name, version in sorted(provenance.versions.items())
    )
    return (
        values_of("the machine of this record", {"machine": provenance.device})
        | values_of("of Python and the libraries", {"versions": versions})
        | values_of("the backend of this record", {"backend": provenance.backend})
        | values_of("rounds that are counted", {"rounds": str(loops.trial.rounds)})
    )


def _loop_values(loops: Part) -> dict[str, Any]:
    nets = loops.trial.nets
    seconds = {
        f"{contender}.{net}": quantity(loops.median(contender, net), 2, "s")
        for net in nets
        for contender in (*CONTENDERS, "products")
    }
    gains = {f"speed.{net}": number(loops.ratio("fit", "engine-all", net), 1) for net in nets}
    values = values_of("median seconds per run and epoch", seconds)
    values |= values_of("run-epochs an hour over those of fit", gains)
    for floor in ("products", "best-products"):
        over = {f"{floor}.over.{net}": number(loops.ratio("train", floor, net), 2) for net in nets}
        values |= values_of(f"seconds of training over {floor}", over)
    return values


def _targets(own: Parts, others: Mapping[str, Parts]) -> Table:
    return Table(
        "Targets that were set beforehand",
        ("target", "measured", "met?"),
        tuple((t.wish, t.measured, MET[t.met]) for t in targets(own, others)),
        "The time to the first finished epoch is that of a whole call that trains one run for one "
        "epoch.",
        text=True,
    )


def _loops(loops: Part) -> Table:
    def row(contender: str) -> Iterator[str]:
        for net in loops.trial.nets:
            middle = loops.median(contender, net)
            yield from (number(middle, 2), f"{3600 / middle:,.0f}")
            yield f"{number(loops.ratio('fit', contender, net), 1)}×"

    labels = (NOTEBOOK[net].label for net in loops.trial.nets)
    return Table(
        "Seconds per run and epoch, with validation",
        ("training loop", *(head for x in labels for head in (f"{x}, s", "an hour", "gain"))),
        tuple((words, *row(contender)) for contender, words in contenders(loops).items()),
        f'Medians of {loops.trial.rounds} interleaved rounds. "an hour" counts '
        'run-epochs at that rate; "gain" compares them with the notebook\'s fit.',
    )


def _ladder(loops: Part) -> Table:
    def row(rung: str) -> Iterator[str]:
        for net in loops.trial.nets:
            yield number(loops.median(rung, net), 3)
            yield number(loops.ratio(rung, "products", net), 2)

    labels = (NOTEBOOK[net].label for net in loops.trial.nets)
    return Table(
        "From bare products to the engine",
        ("one core", *(head for x in labels for head in (f"{x}, s", "over products"))),
        tuple((words, *row(rung)) for rung, words in RUNGS.items()),
    )


def _start_up(start: Part) -> Table:
    return Table.crossed(
        "From the command to the first epoch",
        "seconds from the start",
        {words: phase for phase, words in PHASES.items()},
        {NOTEBOOK[net].label: net for net in start.trial.nets},
        lambda phase, net: number(start.median(phase, net), 1),
        "The last two rows are spans, not moments: the first epoch of a run minus its second.",
    )


def _calls(runs: Part) -> Table:
    def seconds(size: int) -> float:
        return runs.median(f"seconds-{size}", ONE[0])

    return Table.by_column(
        "Whole calls by their number of runs",
        "runs",
        {str(size): size for size in runs.trial.sizes},
        {
            "seconds in all": lambda size: number(seconds(size), 1),
            "seconds a run": lambda size: number(seconds(size) / size, 2),
            "largest worker, MB": lambda size: f"{runs.median(f'peak-{size}', ONE[0]):,.0f}",
        },
    )


def _machines(own: Parts, others: Mapping[str, Parts]) -> Table:
    return Table(
        "Milliseconds per run and epoch",
        ("machine", "how", "baseline, ms", "BN, ms"),
        tuple(row for measured in (own, *others.values()) for row in _machine(measured)),
    )


def _machine(measured: Parts) -> Iterator[tuple[str, ...]]:
    def row(part: Part, words: str, seconds: Mapping[str, float]) -> tuple[str, ...]:
        shown = (number(1000 * seconds[net], 1) if net in seconds else "" for net in NOTEBOOK)
        return (part.record.provenance.device, words, *shown)

    if loops := measured.get("loops"):
        for contender, words in contenders(loops).items():
            yield row(loops, words, {x: loops.median(contender, x) for x in loops.trial.nets})
    if lanes := measured.get("lanes"):
        nets = lanes.by_size()
        for size in sorted({size for by_size in nets.values() for size in by_size} - {1}):
            seconds = {net: by_size[size] for net, by_size in nets.items() if size in by_size}
            yield row(lanes, f"engine on JAX, {size} runs in one program", seconds)


def _rounds(part: Part) -> str:
    return f"n = {part.trial.rounds} round{'s' if part.trial.rounds > 1 else ''}"


def _setting(part: Part) -> str:
    full = part.record.identity.profile == "full"
    data = "Fashion-MNIST" if full else "quick profile, digits"
    return f"{data}, batch size {part.trial.batch_size}; {_rounds(part)}"


def _dots(loops: Part, words: Mapping[str, str], title: str, subtitle: str) -> Dots:
    first, *_ = nets = loops.trial.nets
    rows = tuple(
        NOTEBOOK[net].median_row(
            loops.rounds(name, net), label if net == first else f"with {NOTEBOOK[net].label}"
        )
        for name, label in words.items()
        for net in nets
    )
    labels = ", then ".join(NOTEBOOK[net].label for net in nets)
    return Dots(
        title=title,
        subtitle=f"{subtitle}; {labels}; {_setting(loops)}",
        x_label="seconds per run and epoch",
        rows=rows,
        from_zero=True,
        decimals=2 if max(row.point for row in rows) > 1 else 3,
        centre="median",
    )


def _lanes(lanes: Part) -> Curves:
    best, nets = best_size(lanes.record), lanes.by_size()
    curves = [NOTEBOOK[net].curve([*times], [[*times.values()]]) for net, times in nets.items()]
    return Curves(
        title="One run per core is fastest here"
        if best == 1
        else f"{best} runs trained together are fastest here",
        subtitle=f"JAX; {_setting(lanes)}, medians",
        x_label="runs in one program (1: one run per core)",
        x_scale="log",
        panels=panels({"": curves}, "seconds per run and epoch", from_zero=True),
    )


def _memory(runs: Part) -> Curves:
    # Rounded up: no worker needs more.
    peak, sizes = np.ceil(largest_worker(runs) / 10) / 100, runs.trial.sizes
    return Curves(
        title=f"From {sizes[0]} to {sizes[-1]} runs, no worker needs more than "
        f"{quantity(peak, 2, 'GB')}",
        subtitle=f"Baseline, one epoch a run; {_setting(runs)}",
        x_label="runs",
        panels=_over_calls(runs, "Whole call", "seconds", "seconds")
        + _over_calls(runs, "Largest worker", "peak", "peak memory, MB"),
    )


def _over_calls(part: Part, title: str, measure: str, y_label: str) -> Any:
    """A panel with a measure over the sizes of a call, a curve a round."""
    sizes = part.trial.sizes
    rounds = np.array([part.rounds(f"{measure}-{size}", ONE[0]) for size in sizes]).T
    return panels({title: [NOTEBOOK[ONE[0]].curve(sizes, rounds)]}, y_label, from_zero=True)


def _thousand(thousand: Part) -> Curves:
    cost = [[1000 * seconds for seconds in thousand.further().values()]]
    dearer = number(cost[0][-1] / cost[0][0], 2)
    more = NOTEBOOK[ONE[0]].curve(thousand.trial.sizes[1:], cost)
    return Curves(
        title=f"Near {thousand.trial.sizes[-1]:,} runs one more costs {dearer} times what one more "
        f"near {thousand.trial.sizes[1]:,} does",
        subtitle=f"Baseline, one epoch on the small digits a run; {_rounds(thousand)}",
        x_label="runs",
        panels=_over_calls(thousand, "Whole call", "seconds", "seconds")
        + panels({"One more run, since the call before": [more]}, "milliseconds", from_zero=True),
    )


STUDY = study(
    "performance",
    (),
    RUNS,
    title="Performance",
    chapter="Cost",
    question="What does a run cost, compared with the notebook's loop and bare matrix products?",
    analyse=analyse,
)
