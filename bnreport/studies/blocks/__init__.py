"""How does batch normalization let residual nets be deep: dense nets of 10, 30 and 100 blocks?"""

from bnreport.analysis.design import study
from bnreport.studies.blocks.runs import RUNS

STUDY = study(
    "blocks",
    (),
    RUNS,
    title="Deep residual nets",
    chapter="Limits and costs",
    question="How does BN let residual nets be deep, and what does as well?",
    announced=True,
)
