"""The tables of the page."""

from bnreport.arms import NAMES
from bnreport.formats import between as interval
from bnreport.formats import number, with_interval
from bnreport.samples import accuracy
from bnreport.statistics import t_interval
from bnreport.studies.dropout.estimates import met
from bnreport.studies.dropout.runs import EPOCHS, RUNS, SECOND
from bnreport.studies.dropout.values import DEPLOYED, PAIRS, PRECISE, ahead, score
from bnreport.study import Records, Table
from bnreport.trials import Net, Trial

PLACES = {"every": "after every block", "last": "after the last block"}
# What the claims that the records can answer a second time compare.
ASKED = {
    "cost": "no dropout, ahead of dropout of {share:g} after every block",
    "place": "dropout of {share:g} after the last block, ahead of after every block",
    "last": "dropout of {share:g} after the last block, ahead of no dropout",
}


def all_tables(records: Records) -> dict[str, Table]:
    """The tables by name."""
    trials = [runs.trial for runs in RUNS if isinstance(runs.trial, Trial)]
    return {
        "nets": Table(
            f"Test accuracy after {EPOCHS} epochs, and what BN assumes",
            ("net and dropout", "deployed, %", "95% interval", "fresh, %", "assumes"),
            tuple(_row(records, trial) for trial in trials),
            note="Means over the seeds, which the intervals cover. Deployed: by BN's moving "
            "averages. Fresh: by statistics of 10,000 training images without dropout. "
            "Assumes: the moving variance of the second BN, in multiples of the variance that it "
            "meets in inference.",
        ),
        "scores": _scores(records),
    }


def _scores(records: Records) -> Table:
    """What three claims and one question find by either score of the same nets."""
    asked = [
        ("no dropout: BN, ahead of standardized inputs", "bn", "std"),
        *(
            (ASKED[name].format(share=share), better, worse)
            for name, pairs in PAIRS.items()
            for share, (better, worse) in pairs.items()
        ),
    ]

    def cell(way: str, better: str, worse: str) -> str:
        return with_interval(ahead(records, way, better, worse).interval, 2, signed=True)

    return Table(
        "The same trained nets by both scores, in percentage points of test accuracy",
        ("nets with BN", "deployed", "fresh, unjudged"),
        tuple(
            (words, cell(DEPLOYED, better, worse), cell(PRECISE, better, worse))
            for words, better, worse in asked
        ),
        note="Differences with 95% intervals over the seeds alone; the claims' own intervals cover "
        "the test images too. No claim was made of the right column.",
    )


def _row(records: Records, trial: Trial) -> tuple[str, ...]:
    found = records.trial(trial.name)
    test = t_interval(100 * accuracy(found, "test", EPOCHS))
    net = trial.net
    assert isinstance(net, Net)
    place = f", {net.dropout:g} {PLACES[net.dropout_after]}" if net.dropout else ""
    cells = (
        (
            number(100 * float(score(records, PRECISE, trial.name).mean()), 2),
            f"{number(float((1 / met(records, trial.name)[:, SECOND]).mean()), 2)} ×",
        )
        if trial.checks
        else ("–", "–")
    )
    of = trial.name.split("-dropout")[0]
    return (
        NAMES.get(of, NAMES["bn"]) + place,
        number(test.point, 2),
        interval(test.low, test.high, 2),
        *cells,
    )
