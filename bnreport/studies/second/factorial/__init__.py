"""Which of the notebook's changes helps, at one rate for all and at each net's own best?

The second edition: without the initializer, whose effect the first edition found to be next to
none; on fewer images, at a rate that falls to zero, scored by fresh statistics and as deployed.
"""

from bnreport.analysis.design import study
from bnreport.studies.second.factorial.claims import FAMILIES
from bnreport.studies.second.factorial.runs import NETS, RUNS
from bnreport.studies.second.factorial.shown import PLOTS, TABLES, values

SECOND = study(
    "factorial",
    [judged for family in FAMILIES.values() for judged in family],
    RUNS,
    number=2,
    families=tuple(FAMILIES.values()),
    values=values,
    tables=TABLES,
    plots=PLOTS,
    check_tuning=NETS.check,
)
