"""What does BN do beside standardized inputs, under each of six ways to train?

The study of optimizers left out constant rates of SGD and momentum, and BN on standardized inputs.
Here they are, each arm tuned for itself under each way. Begin with `runs`.
"""

from bnreport.analysis.design import study
from bnreport.studies.ways.runs import RUNS

STUDY = study(
    "ways",
    (),
    RUNS,
    title="Six ways to train",
    chapter="Limits and costs",
    question="What does BN add to standardized inputs, under six ways to train?",
    announced=True,
)
