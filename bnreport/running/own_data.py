"""Train runs on a reader's own examples, one after the other, in a worker process of their own."""

from collections.abc import Iterator, Sequence

from bnreport.protocol.recipes import Recipe
from bnreport.protocol.trials import Identity
from bnreport.records import checkout
from bnreport.records.code import executed
from bnreport.records.record import Record
from bnreport.running import scheduler
from bnreport.running.desk import Origin
from bnreport.running.local import GivenConfig, GivenExecutor
from bnreport.running.progress import Progress
from bnreport.training.own_arrays import Own

# Whose runs they are, in place of a study.
NAME = "own"


def identities(wanted: Sequence[tuple[Recipe, int]], data: str) -> list[Identity]:
    """The runs of recipes and seeds on the data of that digest, in their order."""
    return [
        Identity(study=NAME, trial=recipe, seed=seed, data=data, profile="full")
        for recipe, seed in wanted
    ]


class OwnDesk:
    """A worker process with a reader's examples on its desk; it begins with the first run.

    Args:
        own: the examples.
    """

    def __init__(self, own: Own) -> None:
        commit, dirty = checkout.commit()
        origin = Origin(executed.today(), {NAME: NAME}, commit, dirty)
        self._crew = GivenExecutor(GivenConfig("full", None, origin, None, own.data))

    def train(self, runs: Sequence[Identity], progress: Progress) -> Iterator[Record]:
        """The records of runs, each as it ends.

        Raises:
            TrainingError: with the first run that fails, for the page needs them all; or when the
                worker cannot train at all.
        """
        for run in runs:
            failures: dict[str, list[str]] = {}
            yield from scheduler.train_all([(run,)], self._crew, progress, failures)
            scheduler.check(failures)

    def close(self) -> None:
        """End the process."""
        self._crew.close()


def seconds(lengths: Sequence[int], spent: Sequence[float], runs: int, steps: int) -> float:
    """Estimate how long so many runs of so many steps in all will take, by short ones.

    Args:
        lengths: the steps of three runs of each program: one that compiles, a short one, and a
            longer one, whose difference tells what a step costs and a run beside its steps.
        spent: the seconds of each.
        runs: how many runs there will be.
        steps: how many steps they have together.
    """
    first, short, long = (sum(spent[place::3]) for place in range(3))
    few, many = (sum(lengths[place::3]) for place in (1, 2))
    step = max(long - short, 0.0) / (many - few)
    beside = max(short - few * step, 0.0) / (len(spent) // 3)
    return first + runs * beside + steps * step
