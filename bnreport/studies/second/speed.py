"""Does a net with BN reach an accuracy in fewer steps, when it is scored by fresh statistics?"""

from typing import Any

import numpy as np

from bnreport.analysis.arms import usual
from bnreport.analysis.design import study
from bnreport.protocol.scorings import Scoring

IMAGES, EPOCHS, BATCH = 20_480, 10, 128
STEPS = EPOCHS * IMAGES // BATCH
# Each mark is so much later than the one before, in the same ratio throughout.
MARKS = tuple(np.round(np.geomspace(20, STEPS, 24)).astype(int).tolist())
PATH = Scoring(name="path", steps=MARKS, images=2_500)
SETTING: dict[str, Any] = {
    "epochs": EPOCHS,
    "images": IMAGES,
    "batch_size": BATCH,
    "evaluated": (),
    "measures": (PATH,),
}
RATES = {0.03: ("raw", "std", "bn"), 0.1: ("raw", "std"), 0.3: ("bn",)}
RUNS = tuple(
    arm.recipes(tuple(range(200, 212)), f"{arm.name}-{rate:g}", learning_rate=rate, **SETTING)
    for rate, names in RATES.items()
    for arm in usual(*names)
)
SECOND = study("speed", (), RUNS, number=2, announced=True)
