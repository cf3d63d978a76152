"""What does batch normalization do for the first hundred steps of a ResNet-56?"""

from bnreport.analysis.design import study
from bnreport.studies.start.runs import RUNS

STUDY = study(
    "start",
    (),
    RUNS,
    title="The start of ResNet-56",
    chapter="Limits and costs",
    question="What does BN do for the first hundred steps of a ResNet-56?",
    announced=True,
)
