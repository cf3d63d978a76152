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
)
