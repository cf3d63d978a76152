"""Does it matter whether batch normalization comes before or after the activation?"""

from bnreport.studies.placement.claims import CLAIMS
from bnreport.studies.placement.estimates import ESTIMATES
from bnreport.studies.placement.runs import RUNS, check_tuning
from bnreport.study import Analysis, Records, Study


def analyse(_: Records) -> Analysis:
    """Everything that the page of this study shows."""
    return Analysis()


STUDY = Study(
    name="placement",
    title="Placement",
    page="studies/placement.md",
    chapter="Limits and costs",
    question="Does it matter whether batch normalization comes before or after the activation?",
    runs=RUNS,
    claims=CLAIMS,
    estimates=ESTIMATES,
    analyse=analyse,
    check_tuning=check_tuning,
)
