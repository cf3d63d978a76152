"""Does BN belong before or after the activation? By fresh statistics, at a falling rate."""

from dataclasses import replace

from bnreport.analysis.arms import usual
from bnreport.analysis.design import study
from bnreport.analysis.tuning import TunedRecipes
from bnreport.protocol.optimization import LINEAR
from bnreport.protocol.scorings import Scoring

IMAGES, EPOCHS, BATCH = 20_480, 4, 128
TITLES = {"relu": "ReLU", "tanh": "tanh"}
# Each activation with the start that is made for it.
STARTS = {"relu": "HeNormal", "tanh": "GlorotUniform"}
PLACES = ("before", "after")

# Without BN, and with BN at each place, on raw pixels and on standardized inputs; and guesses of
# rates for a pilot, with ReLU and with tanh.
RAW, STD, BN, STD_BN = usual()
BEFORE, AFTER = ({"normalizer": "batch", "placement": place} for place in PLACES)
KINDS = {
    "raw": (replace(RAW, label="raw pixels, no BN"), 0.3, 0.3),
    "std": (replace(STD, label="standardized, no BN"), 0.3, 0.3),
    "before": (replace(BN, label="raw pixels, BN before", net=BEFORE), 1.0, 0.3),
    "after": (replace(BN, label="raw pixels, BN after", dashed=True, net=AFTER), 0.3, 0.3),
    "std-before": (replace(STD_BN, label="standardized, BN before", net=BEFORE), 1.0, 0.3),
    "std-after": (replace(STD_BN, label="standardized, BN after", net=AFTER), 0.3, 0.3),
}
RATES = {
    arm.variant(
        f"{activation}-{kind}",
        f"{TITLES[activation]}: {arm.label}",
        net={"activation": activation, "initializer": start},
    ): rates[place]
    for place, (activation, start) in enumerate(STARTS.items())
    for kind, (arm, *rates) in KINDS.items()
}
ARMS = {arm.name: arm for arm in RATES}
NETS = TunedRecipes(
    rates=RATES,
    grid=(0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0),
    setting={
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

SECOND = study("placement", (), RUNS, number=2, announced=True)
