"""Train runs on a reader's own examples, here and now, in this process; nothing is recorded."""

import time
from collections.abc import Callable, Sequence

from bnreport.protocol.recipes import Recipe
from bnreport.protocol.trials import Identity
from bnreport.records import checkout
from bnreport.records.code import executed
from bnreport.records.record import Record
from bnreport.running.desk import Desk, Origin, set_up
from bnreport.running.worker import perform
from bnreport.training.own_arrays import Own

# Whose runs they are, in place of a study.
NAME = "own"


class OwnDesk:
    """A desk with a reader's examples on it.

    Args:
        own: the examples.
    """

    def __init__(self, own: Own) -> None:
        self.digest = own.digest
        commit, dirty = checkout.commit()
        origin = Origin(executed.today(), {NAME: NAME}, commit, dirty)
        self.desk: Desk = set_up(lambda: own.data, origin, None, lambda _: None)

    def train(
        self,
        wanted: Sequence[tuple[Recipe, int]],
        tell: Callable[[int], None] = lambda _: None,
    ) -> list[Record]:
        """The records of runs, in their order.

        Args:
            wanted: a recipe and a seed each.
            tell: called with how many runs are done, after each.
        """
        records = []
        for done, (recipe, seed) in enumerate(wanted, 1):
            run = Identity(study=NAME, trial=recipe, seed=seed, data=self.digest, profile="full")
            records += perform((run,), self.desk)
            tell(done)
        return records

    def seconds(
        self,
        trials: Sequence[tuple[Recipe, int]],
        runs: int,
        steps: int,
        clock: Callable[[], float] = time.perf_counter,
    ) -> float:
        """Estimate how long so many runs of so many steps in all will take, by short ones.

        Args:
            trials: three runs of each program: one that compiles, a short one, and a longer one,
                whose difference tells what a step costs and what a run costs beside its steps.
            runs: how many runs there will be.
            steps: how many steps they have together.
            clock: gives the time in seconds.
        """
        spent = []
        for trial in trials:
            began = clock()
            self.train([trial])
            spent.append(clock() - began)
        first, short, long = (sum(spent[place::3]) for place in range(3))
        few, many = (sum(recipe.steps for recipe, _ in trials[place::3]) for place in (1, 2))
        step = max(long - short, 0.0) / (many - few)
        beside = max(short - few * step, 0.0) / (len(trials) // 3)
        return first + runs * beside + steps * step
