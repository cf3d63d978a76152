"""What does averaging the weights bring, with batch normalization and without?

Five nets are trained at a constant rate and at one that falls to zero. Beside each run averages of
its weights are carried, which no training touches: all nets get a smoothing at the end.
"""

from bnreport.analysis.design import study
from bnreport.studies.averaging.claims import CLAIMS, FAMILIES
from bnreport.studies.averaging.runs import RUNS
from bnreport.studies.averaging.shown import PLOTS, TABLES, values

STUDY = study(
    "averaging",
    CLAIMS,
    RUNS,
    families=FAMILIES,
    title="Averaged weights",
    chapter="Benefits",
    question="What does averaging the weights bring, with BN and without?",
    values=values,
    tables=TABLES,
    plots=PLOTS,
)
