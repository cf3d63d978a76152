"""The figures of the page, as values."""

import numpy as np

from bnreport.analysis.ensembles import best_size, seconds_by_size
from bnreport.presentation.plots import Arm, Curves, Dots, Panel, Plot, Row, Series
from bnreport.protocol.measurements import BenchTrial
from bnreport.records.record import Record
from bnreport.studies.performance.measures import NETS, Parts, bench_trial, further
from bnreport.studies.performance.tables import RUNGS, contenders

ARMS: dict[str, Arm] = {"baseline": "raw", "bn": "bn"}


def all_plots(here: Parts) -> dict[str, Plot]:
    """The figures by name; those of parts that were not measured are missing."""
    plots: dict[str, Plot] = {}
    if loops := here.get("loops"):
        plots["loops"] = _dots(
            loops,
            contenders(loops),
            "Seconds per run and epoch in each training loop",
            "With validation",
        )
        plots["ladder"] = _dots(loops, RUNGS, "Where an epoch's time goes", "One core")
    if (lanes := here.get("lanes")) and len(seconds_by_size(lanes, "baseline")) > 1:
        plots["lanes"] = _lanes(lanes)
    if runs := here.get("runs"):
        plots["runs"] = _runs(runs)
    if thousand := here.get("thousand"):
        plots["thousand"] = _thousand(thousand)
    return plots


def _setting(record: Record) -> str:
    data = "Fashion-MNIST" if record.identity.profile == "full" else "quick profile, digits"
    trial = bench_trial(record)
    plural = "s" if trial.rounds > 1 else ""
    return f"{data}, batch size {trial.batch_size}; n = {trial.rounds} round{plural}"


def _dots(loops: Record, rows: dict[str, str], title: str, subtitle: str) -> Dots:
    nets = bench_trial(loops).nets
    found = []
    for name, words in rows.items():
        for net in nets:
            x = loops.epochs(f"{name}_{net}")
            found.append(
                Row(
                    label=words if net == nets[0] else f"with {NETS[net]}",
                    arm=ARMS[net],
                    values=x,
                    low=float(x.min()),
                    point=float(np.median(x)),
                    high=float(x.max()),
                )
            )
    return Dots(
        title=title,
        subtitle=f"{subtitle}; {', then '.join(NETS[net] for net in nets)}; {_setting(loops)}",
        x_label="seconds per run and epoch",
        rows=tuple(found),
        from_zero=True,
        decimals=2 if max(row.point for row in found) > 1 else 3,
        centre="median",
    )


def _lanes(lanes: Record) -> Curves:
    best = best_size(lanes)
    series = []
    for net in bench_trial(lanes).nets:
        found = seconds_by_size(lanes, net)
        series.append(
            Series(NETS[net], ARMS[net], np.array([*found], float), np.array([[*found.values()]]))
        )
    return Curves(
        title="One run per core is fastest here"
        if best == 1
        else f"{best} runs trained together are fastest here",
        subtitle=f"JAX; {_setting(lanes)}, medians",
        x_label="runs in one program (1: one run per core)",
        x_scale="log",
        panels=(
            Panel(
                title="", y_label="seconds per run and epoch", series=tuple(series), from_zero=True
            ),
        ),
    )


def _sizes(record: Record) -> tuple[BenchTrial, Arm, np.ndarray]:
    trial = bench_trial(record)
    return trial, ARMS[trial.nets[0]], np.array(trial.sizes, float)


def _column(record: Record, what: str) -> np.ndarray:
    trial = bench_trial(record)
    return np.array([record.epochs(f"{what}-{size}_{trial.nets[0]}") for size in trial.sizes]).T


def _runs(runs: Record) -> Curves:
    trial, arm, sizes = _sizes(runs)
    net = NETS[trial.nets[0]]
    return Curves(
        title="Time and memory of a call by its number of runs",
        subtitle=f"{net.capitalize()}, one epoch a run; {_setting(runs)}",
        x_label="runs",
        panels=(
            Panel(
                title="Whole call",
                y_label="seconds",
                series=(Series(net, arm, sizes, _column(runs, "seconds")),),
                from_zero=True,
            ),
            Panel(
                title="Largest worker",
                y_label="peak memory, MB",
                series=(Series(net, arm, sizes, _column(runs, "peak")),),
                from_zero=True,
            ),
        ),
    )


def _thousand(thousand: Record) -> Curves:
    trial, arm, sizes = _sizes(thousand)
    net = NETS[trial.nets[0]]
    cost = np.array([[1000 * seconds for seconds in further(thousand).values()]])
    return Curves(
        title="The cost of one more run, up to 1,000 runs",
        subtitle=f"{net.capitalize()}, one epoch on the small digits a run; "
        f"n = {trial.rounds} round{'s' if trial.rounds > 1 else ''}",
        x_label="runs",
        panels=(
            Panel(
                title="Whole call",
                y_label="seconds",
                series=(Series(net, arm, sizes, _column(thousand, "seconds")),),
                from_zero=True,
            ),
            Panel(
                title="One more run, since the call before",
                y_label="milliseconds",
                series=(Series(net, arm, sizes[1:], cost),),
                from_zero=True,
            ),
        ),
    )
