"""Which score should choose the rate of a net with BN that is deployed with moving averages?

In earlier studies fresh statistics chose the rates, also those of nets that were then compared as
deployed. Here the deployed nets choose: the same tuning runs, scored by their moving averages.
Begin with `runs`.
"""

from bnreport.analysis.design import study
from bnreport.analysis.grids import Tuned
from bnreport.studies.selection.claims import CLAIMS
from bnreport.studies.selection.runs import NETS, RUNS
from bnreport.studies.selection.shown import PLOTS, TABLES, values

STUDY = study(
    "selection",
    CLAIMS,
    RUNS,
    title="Rates for deployed nets",
    chapter="Limits and costs",
    question="Which score should choose the rate of a net with BN that is deployed?",
    values=values,
    tables=TABLES,
    plots=PLOTS,
    words={
        "Adam: fresh as good": "Adam: price by fresh",
        "SGD: fresh as good": "SGD: price by fresh",
    },
    check_tuning=Tuned.check_each(NETS.values()),
)
