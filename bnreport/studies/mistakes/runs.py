"""What do common mistakes do to the notebook's two nets, and to the curves that they print?"""

from typing import Any

from bnreport.analysis.design import study
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
        *(Runs(recipe(net, name, **what), PAIRED) for name, what in MISTAKES.items()),
        Runs(recipe(net, "continued", epochs=2 * EPOCHS), AGAIN),
        Runs(replayed, AGAIN),
    )


RUNS = (*_runs("baseline"), *_runs("bn"))
STUDY = study(
    "mistakes",
    (),
    RUNS,
    title="Common mistakes",
    chapter="The notebook",
    question="What do common mistakes do to a net with BN, and to the curve that it prints?",
)
