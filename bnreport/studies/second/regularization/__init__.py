"""Does batch normalization regularize: more right answers at the same fresh training loss?

The second edition. On the way all arms have one constant rate and are compared where they fit the
training images equally well, by fresh statistics; at the end each has its own best rate, which
falls to zero.
"""

from bnreport.analysis.design import study
from bnreport.studies.second.regularization.claims import FAMILIES
from bnreport.studies.second.regularization.runs import NETS, RUNS
from bnreport.studies.second.regularization.shown import PLOTS, TABLES, values

SECOND = study(
    "regularization",
    [judged for family in FAMILIES.values() for judged in family],
    RUNS,
    number=2,
    families=tuple(FAMILIES.values()),
    values=values,
    tables=TABLES,
    plots=PLOTS,
    check_tuning=NETS.check,
)
