"""Does a small convolutional net say the same of batch normalization as the dense nets?"""

from bnreport.studies.convolution.claims import CLAIMS
from bnreport.studies.convolution.estimates import ESTIMATES
from bnreport.studies.convolution.runs import RUNS
from bnreport.study import Analysis, Records, Study


def analyse(_: Records) -> Analysis:
    """Everything that the page of this study shows."""
    return Analysis()


STUDY = Study(
    name="convolution",
    title="A convolutional net",
    page="studies/convolution.md",
    chapter="Benefits",
    question="Does a small convolutional net say the same of batch normalization as dense nets?",
    runs=RUNS,
    claims=CLAIMS,
    estimates=ESTIMATES,
    analyse=analyse,
)
