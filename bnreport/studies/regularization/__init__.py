"""Does batch normalization regularize: more right answers at the same training loss?"""

from bnreport.studies.regularization.claims import CLAIMS
from bnreport.studies.regularization.estimates import ESTIMATES
from bnreport.studies.regularization.runs import RUNS, check_tuning
from bnreport.study import Analysis, Study

STUDY = Study(
    name="regularization",
    title="Regularization",
    page="studies/regularization.md",
    chapter="Benefits",
    question="Does batch normalization make a net that has few images generalize better?",
    runs=RUNS,
    claims=CLAIMS,
    estimates=ESTIMATES,
    analyse=lambda _: Analysis(),
    check_tuning=check_tuning,
)
