"""Does batch normalization regularize: more right answers at the same fresh training loss?

The second edition. On the way all arms have one constant rate and are compared where they fit the
training images equally well, by fresh statistics; at the end each has its own best rate, which
falls to zero.
"""

import numpy as np

from bnreport.analysis.arms import Arm, usual
from bnreport.analysis.design import study
from bnreport.analysis.tuning import TunedRecipes
from bnreport.protocol.optimization import LINEAR
from bnreport.protocol.scorings import Scoring

BATCH_SIZE, SHARED_RATE = 64, 0.1
# Training images, and epochs of them: as many steps with either number.
SIZES = {1024: 60, 5120: 12}
STEPS = 960
SEEDS = tuple(range(200, 248))
RAW, STD, BN, STD_BN = usual()
# So many images of a batch share a mean and a variance.
GHOST_32, GHOST_8 = (
    BN.variant(f"ghost-{size}", f"BN, groups of {size}", {"normalizer": "ghost", "groups": size})
    for size in (32, 8)
)
# On raw pixels the loss of more images does not fall as far as that of other arms in these steps.
SHARED = {
    1024: (RAW, STD, BN, STD_BN, GHOST_32, GHOST_8),
    5120: (STD, BN, STD_BN, GHOST_8),
}
# Marks of the path, by images: from before the first arm fits as well as the last one does.
MARKS = {
    images: tuple(np.rint(np.geomspace(first, STEPS, 10)).astype(int).tolist())
    for images, first in {1024: 30, 5120: 60}.items()
}


def sized(arm: Arm, images: int) -> Arm:
    """An arm that has so many training images."""
    return arm.variant(f"{arm.name}-{images}", fields={"images": images, "epochs": SIZES[images]})


OWN = {
    (arm, images): sized(arm, images) for arm in (RAW, STD, BN, STD_BN, GHOST_8) for images in SIZES
}
NETS = TunedRecipes(
    rates=dict.fromkeys(OWN.values(), 0.1),
    setting={
        "batch_size": BATCH_SIZE,
        "schedule": LINEAR,
        "evaluated": (),
        "measures": (Scoring(name="end", parts=("train", "val")),),
    },
    full=SEEDS,
)
RUNS = (
    # Tuning runs come with the claims: a pilot would train them, too.
    *map(NETS.judged_runs, NETS.rates),
    *(
        sized(arm, images).recipes(
            SEEDS,
            f"{arm.name}-{images}-shared",
            learning_rate=SHARED_RATE,
            batch_size=BATCH_SIZE,
            evaluated=(),
            measures=(
                Scoring(name="path", steps=MARKS[images], parts=("train", "val"), images=5_000),
            ),
        )
        for images, arms in SHARED.items()
        for arm in arms
    ),
)
SECOND = study("regularization", (), RUNS, number=2, announced=True)
