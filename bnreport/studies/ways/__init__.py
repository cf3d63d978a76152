"""What does BN do beside standardized inputs, under each of six ways to train?

The study of optimizers left out constant rates of SGD and momentum, and BN on standardized inputs.
Here they are, each arm tuned for itself under each way. Begin with `runs`.
"""

from bnreport.analysis.design import study
from bnreport.analysis.grids import Tuned
from bnreport.studies.ways.claims import CLAIMS, FAMILIES
from bnreport.studies.ways.runs import NETS, RUNS
from bnreport.studies.ways.shown import PLOTS, TABLES, values

STUDY = study(
    "ways",
    CLAIMS,
    RUNS,
    families=FAMILIES.values(),
    title="Six ways to train",
    chapter="Limits and costs",
    question="What does BN add to standardized inputs, under six ways to train?",
    values=values,
    tables=TABLES,
    plots=PLOTS,
    check_tuning=Tuned.check_each(NETS.values()),
)
