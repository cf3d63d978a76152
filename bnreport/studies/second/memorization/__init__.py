"""Does a net with BN learn its batches by heart? At a falling rate, and scored in four ways.

The second edition: fewer images, which nets come to know; a rate that is tuned on new batches, at
which an arm then trains in every order; and controls without BN in batches of either size.
"""

from bnreport.analysis.design import study
from bnreport.analysis.tuning import TunedRecipes
from bnreport.studies.second.memorization.claims import FAMILIES
from bnreport.studies.second.memorization.runs import NETS, RUNS
from bnreport.studies.second.memorization.shown import PLOTS, TABLES, values

SECOND = study(
    "memorization",
    [judged for family in FAMILIES for judged in family],
    RUNS,
    number=2,
    families=FAMILIES,
    values=values,
    tables=TABLES,
    plots=PLOTS,
    check_tuning=TunedRecipes.check_each(NETS.values()),
)
