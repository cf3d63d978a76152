"""What should become of batch normalization when a trained net is tuned on few other images?

A small convolutional net learns five classes of clothes. From its end further runs begin, which
learn the other five classes, or digits, and differ in what becomes of the layers of BN. A net whose
BN is frozen is scored by the statistics that it was tuned with, those of its start. A net whose BN
trains is scored twice: by fresh statistics of its tuning images, and as Keras deploys it, by
averages that have not quite forgotten the start.
"""

from bnreport.analysis.design import study
from bnreport.studies.finetuning.claims import CLAIMS, FAMILIES
from bnreport.studies.finetuning.runs import RUNS, TUNED
from bnreport.studies.finetuning.shown import PLOTS, TABLES, values

STUDY = study(
    "finetuning",
    CLAIMS,
    RUNS,
    families=FAMILIES,
    title="Fine-tuning",
    chapter="Limits and costs",
    question="What should become of BN when a trained net is tuned on few images?",
    values=values,
    tables=TABLES,
    plots=PLOTS,
    check_tuning=TUNED.check,
    words={
        "1,024 images": "1,024 images: BN trained over frozen",
        "64 clothes": "64 clothes: BN trained over frozen",
        "64 digits": "64 digits: BN trained over frozen",
        "Over no normalizer": "BN trained over no normalizer",
        "Over group normalization": "BN trained over group normalization",
        "Gamma and beta": "Frozen statistics: gamma, beta trained or not",
        "Recalibration": "Recalibrated over moving averages",
    },
)
