"""Does batch renormalization keep up in small batches, and is RMSNorm as good as its model?"""

from bnreport.analysis.design import study
from bnreport.studies.renorm.claims import CLAIMS, FAMILIES
from bnreport.studies.renorm.runs import RUNS
from bnreport.studies.renorm.shown import PLOTS, TABLES, values

STUDY = study(
    "renorm",
    CLAIMS,
    RUNS,
    title="Renormalized",
    chapter="Limits and costs",
    question="Do batch renormalization and RMSNorm keep what their authors promise?",
    families=FAMILIES,
    values=values,
    tables=TABLES,
    plots=PLOTS,
    words={"32 × 4": "32 parts of 4"},
)
