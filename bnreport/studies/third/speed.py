"""Does a net with BN reach an accuracy in fewer steps, each arm at the rate that is fastest for it?

The third edition: the second compared arms at rates that final accuracy had chosen. Here arrival
chooses them; all else is as it was.
"""

from bnreport.analysis.design import study
from bnreport.analysis.tuning import TunedRecipes
from bnreport.studies.second.speed import BEST, BN, RAW, STD

FASTEST = TunedRecipes(
    rates={RAW: 0.3, STD: 0.1, BN: 0.3},
    setting=BEST.setting,
    judged=BEST.judged,
    full=tuple(range(224, 248)),
)

THIRD = study("speed", (), map(FASTEST.judged_runs, FASTEST.rates), number=3, announced=True)
