"""The trials of the study: dropout after every block, and after the last alone."""

from bnreport.arms import arm
from bnreport.study import Runs
from bnreport.trials import Probe, Score

RATE, BATCH_SIZE, EPOCHS = 0.05, 128, 6
END = EPOCHS * 430
SHARES = (0.2, 0.5)
# The normalizer of the second block: the only one that dropout can come before in this net.
SECOND = 1
MOVING = Score(name="moving", steps=(END,), part="test")
ANEW = Score(name="anew", steps=(END,), part="test", mode="precise")
SHIFT = Probe(name="shift", steps=(END,), probe="variances", images=5000)


def between(share: float) -> str:
    """The trial of BN with dropout after every block, so also before the BN of the second."""
    return f"bn-between-{share:g}"


def last(share: float) -> str:
    """The trial of BN with dropout after the last block, behind the last BN."""
    return f"bn-last-{share:g}"


def _runs(of: str, name: str, share: float = 0.0, after: str = "every") -> Runs:
    checks = (MOVING, ANEW, SHIFT) if of.endswith("bn") else ()
    return Runs(
        arm(
            of,
            name,
            net={"dropout": share, "dropout_after": after} if share else {},
            learning_rate=RATE,
            epochs=EPOCHS,
            batch_size=BATCH_SIZE,
            split="seed",
            evaluated=("val",),
            score_epochs=(EPOCHS,),
            checks=checks,
        )
    )


RUNS = (
    *(_runs(of, of) for of in ("raw", "std", "bn", "std-bn")),
    *(_runs(of, f"{of}-dropout-0.5", 0.5) for of in ("raw", "std")),
    *(_runs("bn", between(share), share) for share in SHARES),
    *(_runs("bn", last(share), share, "last") for share in SHARES),
)
