"""Does dropout harm batch normalization, where it comes before it and where it comes after?"""

from bnreport.studies.dropout.claims import CLAIMS
from bnreport.studies.dropout.estimates import ESTIMATES
from bnreport.studies.dropout.runs import RUNS
from bnreport.study import Analysis, Study

STUDY = Study(
    name="dropout",
    title="Dropout",
    page="studies/dropout.md",
    chapter="Limits and costs",
    question="Does dropout harm batch normalization, before it and after it?",
    runs=RUNS,
    claims=CLAIMS,
    estimates=ESTIMATES,
    analyse=lambda _: Analysis(),
)
