"""What does a net with batch normalization do when batches or images are not those it trains on?

Three questions: batches of one class each in training; noisy, dim, inverted and blurred images at
inference; and one layer for two kinds of images, which take turns in training.
"""

from bnreport.analysis.design import study
from bnreport.studies.shifted.claims import CLAIMS, FAMILIES
from bnreport.studies.shifted.runs import BEST, RUNS
from bnreport.studies.shifted.shown import PLOTS, TABLES, values

STUDY = study(
    "shifted",
    CLAIMS,
    RUNS,
    title="Sorted, shifted, shared",
    chapter="Limits and costs",
    question="What happens when batches or images are not those that BN was trained on?",
    families=FAMILIES,
    values=values,
    tables=TABLES,
    plots=PLOTS,
    check_tuning=BEST.check,
    words={
        "Printed over validation": "Sorted: printed over validation",
        "Others over BN": "Sorted: layer norm, standardized over BN",
        "Recalibration": "Sorted: fresh over moving averages",
        "Own statistics": "Changed images: own over training's statistics",
        "Own statistics, inverted": "Inverted images: training's over own statistics",
        "Mixed batches of 8": "Changed images, own batch of 8: mixed over sorted",
        "Statistics of each kind": "Two kinds in turns: each kind's over moving averages",
        "Both kinds in a batch": "Both kinds in a batch as in turns",
        "Printed over deployed": "Sorted: printed over validation, deployed",
        "Own over deployed": "Changed images: own over moving averages",
        "Inverted, deployed": "Inverted images: moving averages over own statistics",
    },
)
