"""What do moving averages that lag behind the weights cost a net with batch normalization?

Every run is one net with BN, scored in inference mode by several statistics of the same weights: by
moving averages of several momenta, which are carried beside the run and do not touch it, and by
statistics taken fresh from training images. Begin with `runs`.
"""

from bnreport.analysis.design import study
from bnreport.studies.lag.claims import CLAIMS
from bnreport.studies.lag.runs import RUNS
from bnreport.studies.lag.shown import PLOTS, TABLES, in_pytorch, values

STUDY = study(
    "lag",
    CLAIMS,
    RUNS,
    title="Lagging averages",
    chapter="Limits and costs",
    question="What do moving averages that lag behind the weights cost a net with BN?",
    values=values,
    tables=TABLES,
    plots=PLOTS,
    beside=in_pytorch,
    words={
        "Correction closes half": "Start value taken out closes half",
        "Raw over standardized": "Cost: raw over standardized",
        "Rate 1 over 0.1": "Cost: rate 1 over 0.1",
        "Plain means of batches": "Plain means of batches as fresh",
        "Cost under a fall": "No cost under a fall",
    },
)
