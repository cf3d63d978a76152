"""Does it need to be batch normalization? The same arms by fresh statistics, at a falling rate."""

from bnreport.analysis.arms import Arm, usual
from bnreport.analysis.design import study
from bnreport.analysis.tuning import TunedRecipes
from bnreport.protocol.optimization import LINEAR
from bnreport.protocol.scorings import Scoring

RAW, STD, BN, STD_BN, LN, GN = usual("raw", "std", "bn", "std-bn", "ln", "gn")
CENTRED = Arm("centred", "centred inputs", fields={"inputs": "centred"})
SCALED = Arm("scaled", "scaled inputs", dashed=True, fields={"inputs": "scaled"})
INPUT_BN = Arm("input-bn", "BN of the inputs only", dashed=True, net={"normalized_inputs": True})
WS = Arm("ws", "weight standardization", net={"normalizer": "weight"})

IMAGES, EPOCHS, BATCH = 20_480, 4, 128
NETS = TunedRecipes(
    # As the tuning runs of the first edition found them: those of this one choose anew.
    rates={
        RAW: 0.3,
        STD: 0.3,
        BN: 0.1,
        STD_BN: 0.3,
        LN: 0.1,
        GN: 0.3,
        CENTRED: 0.3,
        SCALED: 0.1,
        INPUT_BN: 0.3,
        WS: 1.0,
    },
    setting={
        "images": IMAGES,
        "epochs": EPOCHS,
        "batch_size": BATCH,
        "schedule": LINEAR,
        "measures": (Scoring(name="end"),),
        "evaluated": (),
    },
    full=tuple(range(200, 212)),
)
RUNS = tuple(map(NETS.judged_runs, NETS.rates))

SECOND = study("alternatives", (), RUNS, number=2, announced=True)
