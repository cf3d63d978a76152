"""Does what is said of BN hold under momentum and Adam, and under a falling rate?

Each arm is tuned for itself under each optimizer and course of the rate, over the whole horizon.
Then all train at fresh seeds. Begin with `ways`.
"""

from bnreport.analysis.design import study
from bnreport.analysis.grids import Tuned
from bnreport.studies.optimizers.claims import CLAIMS, FAMILIES
from bnreport.studies.optimizers.shown import PLOTS, TABLES, values
from bnreport.studies.optimizers.ways import NETS, RUNS

STUDY = study(
    "optimizers",
    CLAIMS,
    RUNS,
    families=FAMILIES.values(),
    title="Optimizers and schedules",
    chapter="Limits and costs",
    question="Does what is said of BN hold under momentum and Adam, and under a falling rate?",
    values=values,
    tables=TABLES,
    plots=PLOTS,
    check_tuning=Tuned.check_each(NETS.values()),
)
