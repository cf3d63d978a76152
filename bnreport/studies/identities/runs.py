"""The runs: nets with BN before and after their activations, and without epsilon."""

from typing import Any

from bnreport.protocol.checks import Probe
from bnreport.protocol.nets import Net
from bnreport.protocol.runs import Runs
from bnreport.protocol.trials import Trial

# So many images are answered by a net and by its folded twin.
IMAGES, BATCH = 10_000, 32
LAST = -(-IMAGES // BATCH)
# At the start, and after an epoch, when the moving averages and beta are no longer what Keras set.
STEPS = (0, LAST)
# Not powers of two, by which floating point would multiply without rounding.
FACTORS = (0.01, 0.1, 10.0, 100.0)

BEFORE = Net(normalizer="batch")
NETS = {
    "before": BEFORE,
    "before-exact": Net(normalizer="batch", epsilon=0.0),
    "after": Net(normalizer="batch", placement="after"),
    # The notebook's: BN of the inputs and after each activation.
    "notebook": "bn",
}
FOLDED = ("before", "after", "notebook")


def _probe(name: str, **more: Any) -> Probe:
    return Probe(name=name, steps=STEPS, probe=name, **more)


def _checks(net: str) -> tuple[Probe, ...]:
    scaling = _probe("scaling", settings={"factors": FACTORS})
    match net:
        case "before-exact":
            # Without epsilon a batch of one is divided by zero.
            return (scaling,)
        case "before":
            return (*_others(), scaling)
        case _:
            return _others()


def _others() -> tuple[Probe, ...]:
    return (_probe("biases"), _probe("folding", images=IMAGES), _probe("mates"))


RUNS = tuple(
    Runs(
        Trial(
            name=name,
            net=net,
            learning_rate=0.01,
            epochs=1,
            batch_size=BATCH,
            images=IMAGES,
            split="seed",
            evaluated=("val",),
            checks=_checks(name),
        )
    )
    for name, net in NETS.items()
)
