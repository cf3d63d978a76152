"""Time an epoch of the notebook's two nets again, in 24 rounds, and judge their median."""

import numpy as np

from bnreport.analysis.arms import NOTEBOOK
from bnreport.analysis.cells import mean_of
from bnreport.analysis.comparisons import Sample, runs_of
from bnreport.analysis.design import claim_form, study
from bnreport.presentation import Dots, Table, Value
from bnreport.protocol.directions import history, more
from bnreport.protocol.measurements import TimingTrial
from bnreport.protocol.runs import Runs
from bnreport.records.collection import Records

ROUNDS, SEED = 24, 200
# A round that takes more than so many times the median counts as slowed, by whatever it was.
SLOW = 1.2
LOOPS = {"fit": "Keras' fit", "compiled": "one compiled program an epoch"}
TIMED = TimingTrial(name="timing", nets=tuple(NOTEBOOK), learning_rate=0.01, rounds=ROUNDS)


def seconds(loop: str, net: str) -> Sample:
    """Seconds of an epoch of a net, one number a round."""
    return runs_of(TIMED.name).take(lambda runs: runs[0].epochs(f"{loop}_{net}"))


claim = claim_form(
    "notebook",
    question="How much longer does an epoch of the BN net take?",
    statement="In {}, timed again, an epoch of the notebook's BN net takes longer than one of its "
    "baseline, by the median of the rounds.",
    source="the notebook's epoch times, 8 to 10 s and 13 to 14 s",
    arms="seconds per epoch, BN over baseline",
    metric="wall-clock time of an epoch with validation, on a machine that does nothing else",
    kind="difference",
    scale="ratio",
    unit="x",
    margin=1.25,
    seeds=f"{ROUNDS} interleaved rounds in one process",
    lost=False,
    decided="interval",
    centre="median",
    known="known from the first edition",
)
# What the first edition's rounds say of each loop, by their median.
EXPECTED = {"fit": "not supported", "compiled": "supported"}
CLAIMS = tuple(
    claim(
        f"2-{loop}-time",
        by=seconds(loop, "bn").ratio(seconds(loop, "baseline"), lost=False),
        ahead=more(TIMED.name, TIMED.name, history(f"{loop}_bn"), than=history(f"{loop}_baseline")),
        statement=words,
        label=f"{loop}: BN over baseline, by the median",
        expected=EXPECTED[loop],
    )
    for loop, words in LOOPS.items()
)


def _typical(loop: str, net: str, records: Records) -> str:
    return mean_of(np.median(seconds(loop, net)(records)), 2, unit="s")


def slowed(loop: str, net: str, records: Records) -> dict[str, str]:
    """Count the rounds that took much longer than others, and say how long the slowest took."""
    times = seconds(loop, net)(records)
    shares = times / np.median(times)
    return {"slowed": str((shares > SLOW).sum()), "slowest": mean_of(shares.max(), 2)}


def _values(records: Records) -> dict[str, Value]:
    return {
        f"{loop}.{net}": Value(_typical(loop, net, records), f"median of {ROUNDS} epochs, {words}")
        for loop, words in LOOPS.items()
        for net in NOTEBOOK
    } | {
        "rounds": Value(str(ROUNDS), "set before the runs"),
        "slow": Value(f"{SLOW:g}", "chosen after the runs, to describe them"),
        **{
            f"{name}.{loop}.{net}": Value(text, f"rounds beyond {SLOW:g} times the median, {words}")
            for loop, words in LOOPS.items()
            for net in NOTEBOOK
            for name, text in slowed(loop, net, records).items()
        },
    }


def _times(records: Records) -> Table:
    def row(loop: str, words: str) -> tuple[str, ...]:
        ratios = (seconds(loop, "bn") / seconds(loop, "baseline"))(records)
        middle, least, most = np.median(ratios), ratios.min(), ratios.max()
        ends = f"{mean_of(least, 2)} to {mean_of(most, 2)}"
        return (words, *(_typical(loop, n, records) for n in NOTEBOOK), mean_of(middle, 2), ends)

    (timing,) = records.trial(TIMED.name)
    return Table(
        "Seconds per epoch, with validation, timed again",
        ("loop", "baseline", "BN", "median ratio", "all ratios"),
        tuple(row(*loop) for loop in LOOPS.items()),
        note=f"Medians of {ROUNDS} interleaved rounds in one process on "
        f"{timing.provenance.device}; ratios are BN over baseline in each round.",
    )


def _seconds(records: Records) -> Dots:
    (timing,) = records.trial(TIMED.name)
    return Dots(
        title="Seconds per epoch of both nets, timed again in two training loops",
        subtitle=f"With validation; {ROUNDS} interleaved rounds in one process, "
        f"{timing.provenance.threads} threads. A dot a round, the median and the range",
        x_label="seconds per epoch",
        rows=tuple(
            arm.median_row(seconds(loop, net)(records), f"{arm.label}, {loop}")
            for loop in LOOPS
            for net, arm in NOTEBOOK.items()
        ),
        from_zero=True,
        decimals=2,
    )


SECOND = study(
    "notebook",
    CLAIMS,
    (Runs(TIMED, (SEED,)),),
    number=2,
    families=(tuple(judged.claim.id for judged in CLAIMS),),
    values=_values,
    tables={"times": _times},
    plots={"times": _seconds},
)
