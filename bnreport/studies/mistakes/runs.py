"""The runs: the notebook's two nets, trained as it says, on and again, and with a mistake."""

from typing import Any

from bnreport.analysis.comparisons import RunsOf, Sample, runs_of
from bnreport.protocol.nets import NETS
from bnreport.protocol.recipes import Recipe
from bnreport.protocol.runs import Runs

EPOCHS = 10
SHARED: dict[str, Any] = {
    "learning_rate": 0.01,
    "epochs": EPOCHS,
    "batch_size": 32,
    "images": 55_000,
    "split": "notebook",
}
MISTAKES: dict[str, dict[str, Any]] = {
    "undivided": {"inputs": "undivided"},
    "softmax": {"softmax": "twice"},
    "sorted": {"order": "sorted"},
}
# Fresh runs, of which some have a pair in each mistake; and runs that go on.
FRESH, PAIRED, AGAIN = (tuple(range(*ends)) for ends in ((200, 280), (200, 220), (280, 300)))


def recipe(net: str, story: str, **fields: Any) -> Recipe:
    """The training of one of the notebook's nets in a story."""
    return Recipe(name=f"{net}-{story}", net=NETS[net], **{**SHARED, **fields})


def _runs(net: str) -> tuple[Runs, ...]:
    fresh = recipe(net, "fresh", bars=True)
    # With the batches of its first ten epochs.
    replayed = recipe(net, "replayed", start=fresh, head="kept")
    return (
        Runs(fresh, FRESH),
        *(Runs(recipe(net, name, **fields), PAIRED) for name, fields in MISTAKES.items()),
        Runs(recipe(net, "continued", epochs=2 * EPOCHS), AGAIN),
        Runs(replayed, AGAIN),
    )


RUNS = (*_runs("baseline"), *_runs("bn"))


def run_in(net: str, story: str) -> RunsOf:
    """The runs of a net in a story."""
    return runs_of(f"{net}-{story}")


def paired(sample: Sample) -> Sample:
    """The numbers of those fresh runs that have a pair in each mistake."""
    return sample.map(lambda numbers: numbers[: len(PAIRED)])


def printed(net: str, story: str, metric: str) -> Sample:
    """A share of images that are right as it is printed after the last epoch, in per cent."""
    return 100 * paired(run_in(net, story).history(metric)[:, EPOCHS - 1])


def ended(net: str, story: str, by: str) -> Sample:
    """Validation accuracy at the end in per cent, by a score; chance for a run that diverged."""
    return 100 * paired(run_in(net, story).scored(f"end_{by}_val")[:, -1])


def cost(net: str, mistake: str, by: str) -> Sample:
    """The points of validation accuracy that a mistake costs a net."""
    return ended(net, "fresh", by) - ended(net, mistake, by)


def bar(net: str, epoch: int) -> Sample:
    """The points by which progress bars show less training accuracy than History, fresh runs."""
    fresh = run_in(net, "fresh")
    return 100 * (fresh.history("accuracy") - fresh.history("bar_accuracy"))[:, epoch - 1]
