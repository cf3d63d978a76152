"""Does a convolutional net say the same? More filters, a falling rate, and fresh statistics."""

from bnreport.analysis.arms import usual
from bnreport.analysis.design import study
from bnreport.analysis.tuning import TunedRecipes
from bnreport.protocol.optimization import LINEAR
from bnreport.protocol.scorings import Scoring

RAW, STD, BN, STD_BN, LN, TEN = usual("raw", "std", "bn", "std-bn", "ln", "gn")
GN = TEN.variant("gn", "group normalization, 4 groups", net={"groups": 4})
# Keras' layer normalization is one of the channels of each pixel; that of the papers is of a whole
# image, as group normalization in one group is.
WHOLE = GN.variant("gn-1", "group normalization, one group", dashed=True, net={"groups": 1})

IMAGES, EPOCHS, BATCH = 9_984, 3, 128
NETS = TunedRecipes(
    # Guesses for a pilot: tuning runs choose anew.
    rates={RAW: 0.3, STD: 0.3, BN: 0.3, STD_BN: 0.3, LN: 0.3, GN: 0.3, WHOLE: 0.3},
    grid=(0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0),
    setting={
        "net": {"filters": (16, 32), "hidden": (64,)},
        "data": "fashion-mnist-14",
        "images": IMAGES,
        "epochs": EPOCHS,
        "batch_size": BATCH,
        "schedule": LINEAR,
        "measures": (Scoring(name="end"),),
        "evaluated": (),
    },
    full=tuple(range(200, 224)),
)
RUNS = tuple(map(NETS.judged_runs, NETS.rates))

SECOND = study("convolution", (), RUNS, number=2, announced=True)
