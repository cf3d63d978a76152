"""How does a residual net of 56 layers start: with batch normalization, SkipInit, or Fixup?

Every arm trains at every rate of one grid, so that no rate has to be chosen beforehand.
"""

from bnreport.analysis.design import study
from bnreport.studies.resnet56.claims import CLAIMS, FAMILIES
from bnreport.studies.resnet56.drawn import PLOTS
from bnreport.studies.resnet56.runs import RUNS
from bnreport.studies.resnet56.shown import TABLES, values

STUDY = study(
    "resnet56",
    CLAIMS,
    RUNS,
    families=FAMILIES.values(),
    title="The start of ResNet-56",
    chapter="Limits and costs",
    question="How does a residual net of 56 layers start, with BN and without?",
    values=values,
    tables=TABLES,
    plots=PLOTS,
)
