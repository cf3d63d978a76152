"""Can the cost of lagging averages be predicted from how far the means of BN's inputs drift?

The study of lagging averages worked out how far each average is off, and judged no claim on it.
What it found is a prediction here, written down before its settings were trained at new seeds.
Begin with `averages`.
"""

from bnreport.analysis.design import study
from bnreport.studies.prediction.averages import RUNS
from bnreport.studies.prediction.claims import CLAIMS
from bnreport.studies.prediction.shown import PLOTS, TABLES, values

STUDY = study(
    "prediction",
    CLAIMS,
    RUNS,
    title="The lag, predicted",
    chapter="Limits and costs",
    question="Can the cost of lagging averages be predicted from the drift?",
    values=values,
    tables=TABLES,
    plots=PLOTS,
    words={"First third costs nothing": "First third as fresh"},
)
