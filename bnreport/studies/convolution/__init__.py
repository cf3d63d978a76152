"""Does a small convolutional net say the same of batch normalization as the dense nets?"""

from bnreport.analysis.study import Study
from bnreport.presentation.tables import Analysis
from bnreport.records.collection import Records
from bnreport.studies.convolution.claims import CLAIMS
from bnreport.studies.convolution.directions import DIRECTIONS
from bnreport.studies.convolution.display import DISPLAY
from bnreport.studies.convolution.estimates import ESTIMATES
from bnreport.studies.convolution.plots import all_plots
from bnreport.studies.convolution.runs import RUNS
from bnreport.studies.convolution.tables import all_tables, all_values


def analyse(records: Records) -> Analysis:
    """The accuracies by step, by learning rate and by batch size."""
    return Analysis(
        values=all_values(records), tables=all_tables(records), plots=all_plots(records)
    )


STUDY = Study(
    name="convolution",
    title="A convolutional net",
    page="studies/convolution.md",
    chapter="Benefits",
    question="Does a small convolutional net say the same of batch normalization as dense nets?",
    runs=RUNS,
    claims=CLAIMS,
    estimates=ESTIMATES,
    display=DISPLAY,
    directions=DIRECTIONS,
    analyse=analyse,
)
