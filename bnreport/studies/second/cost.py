"""Does a net with BN earn back the time that its steps take? Each arm at its fastest rate.

The second edition: times are judged by the median of twice as many rounds, and nets are scored on
their way by fresh statistics and by Keras' moving averages.
"""

import numpy as np

from bnreport.analysis.arms import usual
from bnreport.analysis.design import study
from bnreport.analysis.tuning import TunedRecipes
from bnreport.protocol.scorings import Scoring

IMAGES, EPOCHS, BATCH_SIZE = 20_480, 6, 128
STEPS = EPOCHS * IMAGES // BATCH_SIZE
SEEDS = tuple(range(200, 224))
# Each mark is so much later than the one before, in the same ratio throughout.
MARKS = tuple(np.round(np.geomspace(20, STEPS, 24)).astype(int).tolist())
PATH = Scoring(name="path", steps=MARKS, images=2_500)
RAW, STD, BN, STD_BN = usual()
FASTEST = TunedRecipes(
    rates={RAW: 0.3, STD: 0.1, BN: 0.3, STD_BN: 0.3},
    setting={
        "epochs": EPOCHS,
        "images": IMAGES,
        "batch_size": BATCH_SIZE,
        "evaluated": (),
    },
    judged={"measures": (PATH,)},
    full=SEEDS,
)
RUNS = tuple(FASTEST.judged_runs(arm) for arm in FASTEST.rates)
SECOND = study("cost", (), RUNS, number=2, announced=True)
