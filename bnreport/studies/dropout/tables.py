"""The table of the page, and the numbers in its prose."""

from bnreport.arms import NAMES
from bnreport.formats import between as interval
from bnreport.formats import number, quantity
from bnreport.samples import CHANCE, accuracy, checked, gain
from bnreport.statistics import t_interval
from bnreport.studies.dropout.estimates import met, repaired
from bnreport.studies.dropout.runs import ANEW, EPOCHS, RUNS, SECOND, SHARES
from bnreport.studies.dropout.runs import between as behind
from bnreport.study import Records, Table, Value
from bnreport.trials import Net, Trial

PLACES = {"every": "after every block", "last": "after the last block"}


def all_tables(records: Records) -> dict[str, Table]:
    """The tables by name."""
    trials = [runs.trial for runs in RUNS if isinstance(runs.trial, Trial)]
    return {
        "nets": Table(
            f"Test accuracy after {EPOCHS} epochs, and what BN assumes",
            ("net and dropout", "accuracy, %", "95% interval", "taken anew, %", "assumes"),
            tuple(_row(records, trial) for trial in trials),
            note="Means over the seeds, which the intervals cover. Taken anew: accuracy with "
            "statistics of 10,000 training images without dropout in place of the moving averages. "
            "Assumes: the moving variance of the second BN, in multiples of the variance that it "
            "meets in inference.",
        )
    }


def all_values(records: Records) -> dict[str, Value]:
    """What dropout does to the nets without BN, and to BN with statistics taken anew, by name."""

    def change(of: str) -> float:
        return gain(records.trial(f"{of}-dropout-0.5"), records.trial(of), EPOCHS).interval.point

    without = _anew(records, "bn")
    found = {
        **{f"change.{of}": (change(of), "dropout of 0.5 less none") for of in ("raw", "std")},
        "repaired.none": (
            repaired(records, "bn").interval.point,
            "statistics taken anew less moving averages, no dropout",
        ),
        **{
            f"cost.{share:g}": (
                without - _anew(records, behind(share)),
                f"no dropout less dropout of {share:g}, statistics taken anew",
            )
            for share in SHARES
        },
    }
    return {
        name: Value(quantity(points, 2, "pp", signed=True), f"test accuracy, {origin}")
        for name, (points, origin) in found.items()
    }


def _anew(records: Records, name: str) -> float:
    """The mean test accuracy of BN with statistics taken anew, in per cent."""
    found = checked(records.trial(name), f"{ANEW.name}_accuracy", CHANCE)
    return 100 * float(found[:, -1].mean())


def _row(records: Records, trial: Trial) -> tuple[str, ...]:
    found = records.trial(trial.name)
    test = t_interval(100 * accuracy(found, "test", EPOCHS))
    net = trial.net
    assert isinstance(net, Net)
    place = f", {net.dropout:g} {PLACES[net.dropout_after]}" if net.dropout else ""
    cells = (
        (
            number(_anew(records, trial.name), 2),
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
