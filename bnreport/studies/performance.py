"""What training costs: the notebook's loop, this engine, and the products that neither can spare.

A benchmark makes no claim. Its targets were set before it was run, and a table says which are met.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from bnreport.analysis.arms import Arm
from bnreport.analysis.cells import values_of
from bnreport.analysis.charts import panels
from bnreport.analysis.design import study
from bnreport.analysis.ensembles import best_size, seconds_by_size
from bnreport.presentation.formats import THIN, number, quantity
from bnreport.presentation.plots import Curves, Dots, Row
from bnreport.presentation.tables import Analysis, Table
from bnreport.protocol.measurements import BenchTrial
from bnreport.protocol.runs import Runs
from bnreport.records.collection import Records
from bnreport.records.record import Record

NETS = {
    "baseline": Arm("baseline", "baseline", colour="raw"),
    "bn": Arm("bn", "BN", colour="bn"),
}
BOTH, ONE = tuple(NETS), ("baseline",)


def _runs(part: str, nets: tuple[str, ...], rounds: int, sizes: tuple[int, ...] = ()) -> Runs:
    fields: dict[str, Any] = {"sizes": sizes} if sizes else {}
    trial = BenchTrial.model_validate(
        {"name": part, "part": part, "nets": nets, "rounds": rounds, **fields}
    )
    return Runs(trial, (100,), ())


RUNS = (
    _runs("loops", BOTH, 5),
    _runs("lanes", BOTH, 2, (2, 4, 8, 16, 64)),
    _runs("start-up", BOTH, 2),
    _runs("runs", ONE, 1, (1, 2, 4, 8, 16, 32, 64)),
    _runs("thousand", ONE, 1, (125, 250, 500, 1000)),
    # The quick profile looks at one net in one part, for tests and a first look.
    Runs(BenchTrial(name="quick-loops", part="loops", nets=ONE, rounds=2, apart=False), (), (200,)),
)

# The record of each part that was measured.
Parts = Mapping[str, Record]


def parts(by_trial: Mapping[str, Mapping[int, Record]]) -> Parts:
    """The record of each part that was measured."""
    return {
        record.identity.trial.part: record
        for records in by_trial.values()
        for record in records.values()
        if isinstance(record.identity.trial, BenchTrial)
    }


def bench_trial(record: Record) -> BenchTrial:
    """The trial of a record of this study."""
    assert isinstance(record.identity.trial, BenchTrial)
    return record.identity.trial


def median(record: Record, name: str) -> float:
    """The median over the rounds of a measure."""
    return float(np.median(record.epochs(name)))


def speed(loops: Record, net: str, contender: str = "engine-all") -> float:
    """How many times as many run-epochs an hour as the notebook's own loop."""
    return median(loops, f"fit_{net}") / median(loops, f"{contender}_{net}")


def overhead(loops: Record, net: str, floor: str = "products") -> float:
    """Seconds of training over those of the bare products."""
    return median(loops, f"train_{net}") / median(loops, f"{floor}_{net}")


def further(record: Record) -> dict[tuple[int, int], float]:
    """Seconds of one more run between two sizes of a call, by those sizes."""
    trial = bench_trial(record)
    seconds = [median(record, f"seconds-{size}_{trial.nets[0]}") for size in trial.sizes]
    return {
        (few, many): (after - before) / (many - few)
        for few, many, before, after in zip(
            trial.sizes, trial.sizes[1:], seconds, seconds[1:], strict=False
        )
    }


LEAST_SPEED = {"baseline": 10.0, "bn": 8.0}
LARGEST_OVERHEAD = {"baseline": 1.15, "bn": 1.8}
LARGEST_WORKER, LATEST_EPOCH = 2000.0, 15.0
# How much dearer than an early one a late run may be and still be called the same.
CONSTANT = 1.2
GPU_LANES, GPU_SECONDS = 64, 0.010


@dataclass(frozen=True)
class Target:
    """What was asked for, what was measured, and whether it is met; None where nobody measured."""

    asked: str
    measured: str
    met: bool | None


def targets(here: Parts, others: Mapping[str, Parts]) -> list[Target]:
    """Every target whose part was measured, and that for a GPU."""
    judged: list[Target] = []
    if loops := here.get("loops"):
        nets = bench_trial(loops).nets
        judged += [_fast(loops, net) for net in nets]
        judged += [_lean(loops, net) for net in nets]
    if runs := here.get("runs"):
        peak = max(float(runs.epochs(m).max()) for m in runs.history if m.startswith("peak"))
        asked = f"peak memory of a worker below {LARGEST_WORKER / 1000:g}{THIN}GB"
        judged.append(Target(asked, quantity(peak / 1000, 2, "GB"), peak < LARGEST_WORKER))
    if start := here.get("start-up"):
        latest = max(median(start, f"command_{net}") for net in bench_trial(start).nets)
        asked = f"first finished epoch within {LATEST_EPOCH:g}{THIN}s of the command"
        judged.append(Target(asked, quantity(latest, 1, "s"), latest <= LATEST_EPOCH))
    if thousand := here.get("thousand"):
        early, *_, late = further(thousand).values()
        asked = f"one more run costs the same up to {bench_trial(thousand).sizes[-1]:,}"
        measured = f"the last cost {number(late / early, 2)} times the first"
        judged.append(Target(asked, measured, late / early <= CONSTANT))
    return [*judged, _gpu(others)]


def _fast(loops: Record, net: str) -> Target:
    asked, reached = LEAST_SPEED[net], speed(loops, net)
    return Target(
        f"{NETS[net].label}: {asked:g} times the run-epochs an hour of the notebook's loop, on all "
        "cores",
        f"{number(reached, 1)} times",
        reached >= asked,
    )


def _lean(loops: Record, net: str) -> Target:
    asked, reached = LARGEST_OVERHEAD[net], overhead(loops, net)
    return Target(
        f"{NETS[net].label}: training on one core within {asked:g} times the bare products",
        f"{number(reached, 2)} times",
        reached <= asked,
    )


def _gpu(others: Mapping[str, Parts]) -> Target:
    asked = f"a GPU: {GPU_LANES} runs at once, below {1000 * GPU_SECONDS:g}{THIN}ms a run and epoch"
    for name, measured in others.items():
        if lanes := measured.get("lanes"):
            seconds = [
                seconds_by_size(lanes, net).get(GPU_LANES, np.inf)
                for net in bench_trial(lanes).nets
            ]
            if np.isfinite(seconds).all():
                words = f"{quantity(1000 * max(seconds), 1, 'ms')} on {name}"
                return Target(asked, words, max(seconds) < GPU_SECONDS)
    return Target(asked, "not measured: no record of a GPU yet", None)


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
    "gather": "and gather each batch",
    "update": "and update the weights",
    "train": "engine, training alone",
    "engine-one": "and validate, as above",
    "scored": "and score training images",
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


def contenders(loops: Record) -> dict[str, str]:
    """Names of the training loops in a record, in words; the second backend's come last."""
    own = loops.provenance.backend
    by_prefix = {"" if name == own else f"{name}-": words for name, words in BACKENDS.items()}
    return {
        prefix + contender: words.format(by_prefix[prefix])
        for prefix in sorted(by_prefix)
        for contender, words in CONTENDERS.items()
        if f"{prefix}{contender}_{bench_trial(loops).nets[0]}" in loops.history
    }


def analyse(records: Records) -> Analysis:
    """All that the page shows; what needs parts that were not measured is missing."""
    here = parts(records.by_trial)
    others = {name: parts(replica) for name, replica in records.replicas.items()}
    tables = {"targets": _targets(here, others)}
    plots: dict[str, Any] = {}
    if loops := here.get("loops"):
        title = "Seconds per run and epoch in each training loop"
        tables |= {"loops": _loops(loops), "ladder": _ladder(loops)}
        plots["loops"] = _dots(loops, contenders(loops), title, "With validation")
        plots["ladder"] = _dots(loops, RUNGS, "Where an epoch's time goes", "One core")
    if (lanes := here.get("lanes")) and len(seconds_by_size(lanes, "baseline")) > 1:
        plots["lanes"] = _lanes(lanes)
    if start := here.get("start-up"):
        tables["start-up"] = _start_up(start)
    if runs := here.get("runs"):
        tables["runs"], plots["runs"] = _calls(runs), _memory(runs)
    if thousand := here.get("thousand"):
        plots["thousand"] = _thousand(thousand)
    if others:
        tables["machines"] = _machines(here, others)
    return Analysis(_values(here, others), tables, plots)


def _values(here: Parts, others: Mapping[str, Parts]) -> dict[str, Any]:
    judged = [target for target in targets(here, others) if target.met is not None]
    met = str(sum(bool(t.met) for t in judged))
    values = values_of("targets that are met", {"targets.met": met})
    values |= values_of("targets that were measured", {"targets": str(len(judged))})
    if loops := here.get("loops"):
        values |= _machine_values(loops) | _loop_values(loops)
    if lanes := here.get("lanes"):
        best = {"lanes.best": str(best_size(lanes))}
        values |= values_of("runs that train together fastest", best)
    if start := here.get("start-up"):
        spans = {
            f"{phase}.{net}": quantity(median(start, f"{phase}_{net}"), 1, "s")
            for net in bench_trial(start).nets
            for phase in ("imports", "compile-first", "compile-second", "command")
        }
        values |= values_of("median seconds", spans)
    if thousand := here.get("thousand"):
        last = {"further.late": quantity(1000 * [*further(thousand).values()][-1], 0, "ms")}
        values |= values_of("one more run, between the two largest calls", last)
    return values


def _machine_values(loops: Record) -> dict[str, Any]:
    made = loops.provenance
    versions = ", ".join(f"{name} {version}" for name, version in sorted(made.versions.items()))
    return (
        values_of("the machine of this record", {"machine": made.device})
        | values_of("of Python and the libraries", {"versions": versions})
        | values_of("the backend of this record", {"backend": made.backend})
        | values_of("rounds that are counted", {"rounds": str(bench_trial(loops).rounds)})
    )


def _loop_values(loops: Record) -> dict[str, Any]:
    nets = bench_trial(loops).nets
    seconds = {
        f"{contender}.{net}": quantity(median(loops, f"{contender}_{net}"), 2, "s")
        for net in nets
        for contender in ("fit", "fast-fit", "engine-one", "engine-all", "products")
    }
    gains = {f"speed.{net}": number(speed(loops, net), 1) for net in nets}
    values = values_of("median seconds per run and epoch", seconds)
    values |= values_of("run-epochs an hour over those of fit", gains)
    for floor in ("products", "best-products"):
        over = {f"{floor}.over.{net}": number(overhead(loops, net, floor), 2) for net in nets}
        values |= values_of(f"seconds of training over {floor}", over)
    return values


def _targets(here: Parts, others: Mapping[str, Parts]) -> Table:
    return Table(
        "Targets that were set beforehand",
        ("target", "measured", "met?"),
        tuple((t.asked, t.measured, MET[t.met]) for t in targets(here, others)),
        "For the first finished epoch stands a whole call with one run of one epoch, to its end.",
    )


def _loops(loops: Record) -> Table:
    def cells(contender: str, net: str) -> tuple[str, str, str]:
        middle = median(loops, f"{contender}_{net}")
        gain = f"{number(speed(loops, net, contender), 1)}×"
        return number(middle, 2), f"{3600 / middle:,.0f}", gain

    nets = bench_trial(loops).nets
    heads = [head for net in nets for head in (f"{NETS[net].label}, s", "an hour", "gain")]
    return Table(
        "Seconds per run and epoch, with validation",
        ("training loop", *heads),
        tuple(
            (words, *(cell for net in nets for cell in cells(contender, net)))
            for contender, words in contenders(loops).items()
        ),
        f'Medians of {bench_trial(loops).rounds} interleaved rounds. "an hour" counts '
        'run-epochs at that rate; "gain" compares them with the notebook\'s fit.',
    )


def _ladder(loops: Record) -> Table:
    def cells(rung: str, net: str) -> tuple[str, str]:
        middle, floor = median(loops, f"{rung}_{net}"), median(loops, f"products_{net}")
        return number(middle, 3), number(middle / floor, 2)

    nets = bench_trial(loops).nets
    heads = [head for net in nets for head in (f"{NETS[net].label}, s", "over products")]
    return Table(
        "From bare products to the engine",
        ("one core", *heads),
        tuple(
            (words, *(cell for net in nets for cell in cells(rung, net)))
            for rung, words in RUNGS.items()
        ),
    )


def _start_up(start: Record) -> Table:
    nets = bench_trial(start).nets
    return Table(
        "From the command to the first epoch",
        ("seconds from the start", *(NETS[net].label for net in nets)),
        tuple(
            (words, *(number(median(start, f"{phase}_{net}"), 1) for net in nets))
            for phase, words in PHASES.items()
        ),
        "The last two rows are spans, not moments: the first epoch of a run less its second.",
    )


def _calls(runs: Record) -> Table:
    (net,) = bench_trial(runs).nets
    return Table(
        "Whole calls by their number of runs",
        ("runs", "seconds in all", "seconds a run", "largest worker, MB"),
        tuple(
            (
                str(size),
                number(median(runs, f"seconds-{size}_{net}"), 1),
                number(median(runs, f"seconds-{size}_{net}") / size, 2),
                f"{median(runs, f'peak-{size}_{net}'):,.0f}",
            )
            for size in bench_trial(runs).sizes
        ),
    )


def _machines(here: Parts, others: Mapping[str, Parts]) -> Table:
    return Table(
        "Milliseconds per run and epoch",
        ("machine", "how", "baseline, ms", "BN, ms"),
        tuple(row for measured in (here, *others.values()) for row in _machine(measured)),
    )


def _machine(measured: Parts) -> list[tuple[str, ...]]:
    def row(record: Record, words: str, seconds: Mapping[str, float]) -> tuple[str, ...]:
        shown = (number(1000 * seconds[net], 1) if net in seconds else "" for net in NETS)
        return (record.provenance.device, words, *shown)

    rows = []
    if loops := measured.get("loops"):
        nets = bench_trial(loops).nets
        rows += [
            row(loops, words, {net: median(loops, f"{contender}_{net}") for net in nets})
            for contender, words in contenders(loops).items()
        ]
    if lanes := measured.get("lanes"):
        groups = {net: seconds_by_size(lanes, net) for net in bench_trial(lanes).nets}
        for size in sorted({size for group in groups.values() for size in group} - {1}):
            seconds = {net: group[size] for net, group in groups.items() if size in group}
            rows.append(row(lanes, f"engine on JAX, {size} runs in one program", seconds))
    return rows


def _rounds(record: Record) -> str:
    rounds = bench_trial(record).rounds
    return f"n = {rounds} round{'s' if rounds > 1 else ''}"


def _setting(record: Record) -> str:
    data = "Fashion-MNIST" if record.identity.profile == "full" else "quick profile, digits"
    return f"{data}, batch size {bench_trial(record).batch_size}; {_rounds(record)}"


def _dots(loops: Record, words: Mapping[str, str], title: str, subtitle: str) -> Dots:
    def row(name: str, net: str) -> Row:
        label = words[name] if net == nets[0] else f"with {NETS[net].label}"
        x = loops.epochs(f"{name}_{net}")
        return Row(label, NETS[net].colour, x, float(x.min()), float(np.median(x)), float(x.max()))

    nets = bench_trial(loops).nets
    rows = tuple(row(name, net) for name in words for net in nets)
    labels = ", then ".join(NETS[net].label for net in nets)
    return Dots(
        title=title,
        subtitle=f"{subtitle}; {labels}; {_setting(loops)}",
        x_label="seconds per run and epoch",
        rows=rows,
        from_zero=True,
        decimals=2 if max(row.point for row in rows) > 1 else 3,
        centre="median",
    )


def _lanes(lanes: Record) -> Curves:
    best = best_size(lanes)
    by_net = {net: seconds_by_size(lanes, net) for net in bench_trial(lanes).nets}
    curves = [NETS[net].curve([*times], [[*times.values()]]) for net, times in by_net.items()]
    return Curves(
        title="One run per core is fastest here"
        if best == 1
        else f"{best} runs trained together are fastest here",
        subtitle=f"JAX; {_setting(lanes)}, medians",
        x_label="runs in one program (1: one run per core)",
        x_scale="log",
        panels=panels({"": curves}, "seconds per run and epoch", from_zero=True),
    )


def _column(record: Record, what: str) -> Any:
    """The curve of a measure over the sizes of a call, one a round."""
    trial = bench_trial(record)
    (net,) = trial.nets
    rounds = np.array([record.epochs(f"{what}-{size}_{net}") for size in trial.sizes]).T
    return NETS[net].curve(trial.sizes, rounds)


def _memory(runs: Record) -> Curves:
    (net,) = bench_trial(runs).nets
    return Curves(
        title="Time and memory of a call by its number of runs",
        subtitle=f"{NETS[net].label.capitalize()}, one epoch a run; {_setting(runs)}",
        x_label="runs",
        panels=(
            *panels({"Whole call": [_column(runs, "seconds")]}, "seconds", from_zero=True),
            *panels({"Largest worker": [_column(runs, "peak")]}, "peak memory, MB", from_zero=True),
        ),
    )


def _thousand(thousand: Record) -> Curves:
    trial = bench_trial(thousand)
    (net,) = trial.nets
    cost = [[1000 * seconds for seconds in further(thousand).values()]]
    more = {"One more run, since the call before": [NETS[net].curve(trial.sizes[1:], cost)]}
    return Curves(
        title="The cost of one more run, up to 1,000 runs",
        subtitle=f"{NETS[net].label.capitalize()}, one epoch on the small digits a run; "
        f"{_rounds(thousand)}",
        x_label="runs",
        panels=(
            *panels({"Whole call": [_column(thousand, "seconds")]}, "seconds", from_zero=True),
            *panels(more, "milliseconds", from_zero=True),
        ),
    )


STUDY = study(
    "performance",
    (),
    RUNS,
    title="Performance",
    chapter="Cost",
    question="What does a run cost, beside the notebook's own loop and bare matrix products?",
    analyse=analyse,
)
