"""What does batch normalization do for a residual net, and what do its substitutes?"""

from bnreport.analysis.design import study
from bnreport.studies.residual.runs import BN, NETS, SKIPINIT

STUDY = study(
    "residual",
    (),
    tuple(map(NETS.judged_runs, (BN, SKIPINIT))),
    title="Residual nets",
    chapter="Limits and costs",
    question="What does BN do for a residual net, and what do its substitutes?",
)
