"""Which of the ten headlines about batch normalization hold on other data, and on less of it?

As many images of Fashion-MNIST as there are of the other data separate the data from the amount.
"""

from bnreport.analysis.design import study
from bnreport.analysis.grids import Tuned
from bnreport.studies.datasets.claims import CLAIMS, FAMILIES, id_of
from bnreport.studies.datasets.runs import RUNS, TUNED
from bnreport.studies.datasets.shown import PLOTS, TABLES, values

STUDY = study(
    "datasets",
    CLAIMS,
    RUNS,
    families=tuple(
        tuple(f"datasets-{id_of(name, data, by)}" for name in names)
        for (data, by), names in FAMILIES.items()
    ),
    title="On other data",
    chapter="Limits and costs",
    question="Which of the ten headlines hold on other data, and on less of it?",
    values=values,
    tables=TABLES,
    plots=PLOTS,
    check_tuning=Tuned.check_each(TUNED.values()),
)
