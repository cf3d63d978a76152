"""The tables of the page."""

from collections.abc import Mapping

from bnreport.analysis.ensembles import seconds_by_size
from bnreport.presentation.formats import number
from bnreport.presentation.tables import Table
from bnreport.records.record import Record
from bnreport.studies.performance.measures import (
    BACKENDS,
    NETS,
    TIMES,
    Parts,
    bench_trial,
    median,
    speed,
    targets,
)

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
PHASE_WORDS = {
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
    found = {}
    own = loops.provenance.backend
    for backend in (own, *(set(BACKENDS) - {own})):
        prefix = "" if backend == own else f"{backend}-"
        for contender, words in CONTENDERS.items():
            if f"{prefix}{contender}_{bench_trial(loops).nets[0]}" in loops.history:
                found[prefix + contender] = words.format(BACKENDS[backend])
    return found


def all_tables(here: Parts, others: Mapping[str, Parts]) -> dict[str, Table]:
    """The tables by name; those of parts that were not measured are missing."""
    tables = {"targets": _targets(here, others)}
    if loops := here.get("loops"):
        tables["loops"] = _loops(loops)
        tables["ladder"] = _ladder(loops)
    if start := here.get("start-up"):
        tables["start-up"] = _start_up(start)
    if runs := here.get("runs"):
        tables["runs"] = _runs(runs)
    if others:
        tables["machines"] = _machines(here, others)
    return tables


def _targets(here: Parts, others: Mapping[str, Parts]) -> Table:
    rows = tuple((t.asked, t.measured, MET[t.met]) for t in targets(here, others))
    return Table(
        "Targets that were set beforehand",
        ("target", "measured", "met?"),
        rows,
        "For the first finished epoch stands a whole call with one run of one epoch, to its end.",
    )


def _loops(loops: Record) -> Table:
    nets = bench_trial(loops).nets
    head = ["training loop"]
    for net in nets:
        head += [f"{NETS[net]}, s", "an hour", "gain"]
    rows = []
    for contender, words in contenders(loops).items():
        row = [words]
        for net in nets:
            middle = median(loops, f"{contender}_{net}")
            gain = f"{number(speed(loops, contender, net), 1)}{TIMES}"
            row += [number(middle, 2), f"{3600 / middle:,.0f}", gain]
        rows.append(tuple(row))
    return Table(
        "Seconds per run and epoch, with validation",
        tuple(head),
        tuple(rows),
        f'Medians of {bench_trial(loops).rounds} interleaved rounds. "an hour" counts '
        'run-epochs at that rate; "gain" compares them with the notebook\'s fit.',
    )


def _ladder(loops: Record) -> Table:
    nets = bench_trial(loops).nets
    head = ["one core"]
    for net in nets:
        head += [f"{NETS[net]}, s", "over products"]
    rows = []
    for rung, words in RUNGS.items():
        row = [words]
        for net in nets:
            middle = median(loops, f"{rung}_{net}")
            floor = median(loops, f"products_{net}")
            row += [number(middle, 3), number(middle / floor, 2)]
        rows.append(tuple(row))
    return Table("From bare products to the engine", tuple(head), tuple(rows))


def _start_up(start: Record) -> Table:
    nets = bench_trial(start).nets
    rows = tuple(
        (words, *(number(median(start, f"{phase}_{net}"), 1) for net in nets))
        for phase, words in PHASE_WORDS.items()
    )
    head = ("seconds from the start", *(NETS[net] for net in nets))
    return Table(
        "From the command to the first epoch",
        head,
        rows,
        "The last two rows are spans, not moments: the first epoch of a run less its second.",
    )


def _runs(runs: Record) -> Table:
    (net,) = bench_trial(runs).nets
    rows = tuple(
        (
            str(size),
            number(median(runs, f"seconds-{size}_{net}"), 1),
            number(median(runs, f"seconds-{size}_{net}") / size, 2),
            f"{median(runs, f'peak-{size}_{net}'):,.0f}",
        )
        for size in bench_trial(runs).sizes
    )
    head = ("runs", "seconds in all", "seconds a run", "largest worker, MB")
    return Table("Whole calls by their number of runs", head, rows)


def _machines(here: Parts, others: Mapping[str, Parts]) -> Table:
    rows = [row for found in (here, *others.values()) for row in _machine(found)]
    head = ("machine", "how", "baseline, ms", "BN, ms")
    return Table("Milliseconds per run and epoch", head, tuple(rows))


def _machine(found: Parts) -> list[tuple[str, ...]]:
    rows = []

    def row(record: Record, words: str, seconds: Mapping[str, float]) -> tuple[str, ...]:
        shown = (number(1000 * seconds[net], 1) if net in seconds else "" for net in NETS)
        return (record.provenance.device, words, *shown)

    if loops := found.get("loops"):
        for contender, words in contenders(loops).items():
            nets = bench_trial(loops).nets
            rows.append(
                row(loops, words, {net: median(loops, f"{contender}_{net}") for net in nets})
            )
    if lanes := found.get("lanes"):
        groups = {net: seconds_by_size(lanes, net) for net in bench_trial(lanes).nets}
        for size in sorted({size for group in groups.values() for size in group} - {1}):
            words = f"engine on JAX, {size} runs in one program"
            seconds = {net: group[size] for net, group in groups.items() if size in group}
            rows.append(row(lanes, words, seconds))
    return rows
