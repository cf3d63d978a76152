"""What does weight decay do to weights whose length batch normalization hides?

Nets on standardized inputs, with BN and without, are trained by plain gradient descent with
decoupled decay of their kernels: at a constant rate, until lengths settle, and at a rate that
falls. At the end of a run every step's turn of the weights is measured.
"""

from bnreport.analysis.design import study
from bnreport.studies.decay.claims import CLAIMS, FAMILIES
from bnreport.studies.decay.runs import RUNS
from bnreport.studies.decay.shown import PLOTS, TABLES, values

STUDY = study(
    "decay",
    CLAIMS,
    RUNS,
    families=FAMILIES,
    title="Weight decay",
    chapter="Mechanisms",
    question="What does weight decay do where BN hides the length of the weights?",
    values=values,
    tables=TABLES,
    plots=PLOTS,
)
