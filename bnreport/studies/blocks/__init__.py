"""How does batch normalization let residual nets be deep: dense nets of 10, 30 and 100 blocks?

Every arm trains at every rate of one grid, so that no rate has to be chosen beforehand.
"""

from bnreport.analysis.design import study
from bnreport.studies.blocks.claims import CLAIMS, FAMILIES
from bnreport.studies.blocks.drawn import PLOTS
from bnreport.studies.blocks.runs import RUNS
from bnreport.studies.blocks.shown import TABLES, values

STUDY = study(
    "blocks",
    CLAIMS,
    RUNS,
    families=FAMILIES.values(),
    title="Deep residual nets",
    chapter="Limits and costs",
    question="How does BN let residual nets be deep, and what does as well?",
    values=values,
    tables=TABLES,
    plots=PLOTS,
    words={depth: f"{depth} blocks" for depth in ("10", "30", "100")},
)
