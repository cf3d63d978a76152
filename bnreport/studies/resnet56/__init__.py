"""How does a residual net of 56 layers start: with batch normalization, SkipInit, or Fixup?"""

from bnreport.analysis.design import study
from bnreport.studies.resnet56.runs import RUNS

STUDY = study(
    "resnet56",
    (),
    RUNS,
    title="The start of ResNet-56",
    chapter="Limits and costs",
    question="How does a residual net of 56 layers start, with BN and without?",
    announced=True,
)
