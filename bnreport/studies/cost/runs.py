"""The runs: an epoch of four nets timed in one process, and four arms that train."""

from bnreport.analysis.arms import ARMS, arm
from bnreport.protocol.checks import Score
from bnreport.protocol.measurements import TimingTrial
from bnreport.protocol.nets import Net
from bnreport.protocol.runs import SEEDS, Runs

LOOPS = ("fit", "compiled")
SIZES = (32, 128)
NETS = {
    "raw": Net(),
    "bn": Net(normalizer="batch"),
    "ln": Net(normalizer="layer"),
    "gn": Net(normalizer="group"),
}
# A part of an epoch is enough to time a step, and keeps the sixteen contenders close in time.
IMAGES = 16_500
STEPS_OF_TIMED = -(-IMAGES // SIZES[0])
ROUNDS = 12
RATE = 0.01
EPOCHS = 6
STEPS_OF_EPOCH = 1719
# Every arm reached it within these epochs in the pilots, the net on raw pixels, too.
THRESHOLD = 0.85
EVERY = 200
CHECK = Score(name="val", steps=tuple(range(0, EPOCHS * STEPS_OF_EPOCH, EVERY)))

RUNS = (
    Runs(
        TimingTrial(
            name="timing",
            nets=tuple(NETS),
            structures=NETS,
            batch_sizes=SIZES,
            images=IMAGES,
            rounds=ROUNDS,
            learning_rate=RATE,
        ),
        full=SEEDS[:1],
    ),
    *(
        Runs(
            arm(of, learning_rate=RATE, epochs=EPOCHS, split="seed", evaluated=(), checks=(CHECK,))
        )
        for of in ARMS
    ),
)
