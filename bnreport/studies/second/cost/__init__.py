"""Does a net with BN earn back the time that its steps take? Each arm at its fastest rate.

The second edition: times are judged by the median of twice as many rounds, and nets are scored on
their way by fresh statistics and by Keras' moving averages.
"""

from bnreport.analysis.design import study
from bnreport.studies.second.cost.claims import FAMILIES
from bnreport.studies.second.cost.runs import FASTEST, RUNS
from bnreport.studies.second.cost.shown import PLOTS, TABLES, values

SECOND = study(
    "cost",
    [judged for family in FAMILIES for judged in family],
    RUNS,
    number=2,
    families=FAMILIES,
    values=values,
    tables=TABLES,
    plots=PLOTS,
    check_tuning=FASTEST.check,
    words={
        "BN over none, fit": "Epoch in fit, BN over none",
        "BN over none, compiled": "Epoch compiled, BN over none",
        "layer norm over BN, compiled": "Epoch compiled, layer norm over BN",
        "group norm over BN, compiled": "Epoch compiled, group norm over BN",
        "BN over raw, in seconds": "Seconds to learn, raw over BN",
        "BN over standardized, in seconds": "Seconds to learn, standardized over BN",
        "BN on standardized, in seconds": "Seconds to learn, standardized: without BN over with",
    },
)
