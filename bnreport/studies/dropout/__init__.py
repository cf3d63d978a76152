"""Does dropout harm batch normalization, where it comes before it and where it comes after?"""

from bnreport.studies.dropout.claims import CLAIMS
from bnreport.studies.dropout.directions import DIRECTIONS
from bnreport.studies.dropout.estimates import ESTIMATES
from bnreport.studies.dropout.plots import all_plots
from bnreport.studies.dropout.runs import RUNS
from bnreport.studies.dropout.tables import all_tables
from bnreport.studies.dropout.values import all_values
from bnreport.study import Analysis, Records, Study


def analyse(records: Records) -> Analysis:
    """The accuracies by share and place of dropout, and the shift of the variance."""
    return Analysis(all_values(records), all_tables(records), all_plots(records))


STUDY = Study(
    name="dropout",
    title="Dropout",
    page="studies/dropout.md",
    chapter="Limits and costs",
    question="Does dropout harm batch normalization, before it and after it?",
    runs=RUNS,
    claims=CLAIMS,
    estimates=ESTIMATES,
    directions=DIRECTIONS,
    analyse=analyse,
)
