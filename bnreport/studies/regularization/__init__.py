"""Does batch normalization regularize: more right answers at the same training loss?"""

from bnreport.studies.regularization.claims import CLAIMS
from bnreport.studies.regularization.directions import DIRECTIONS
from bnreport.studies.regularization.estimates import ESTIMATES
from bnreport.studies.regularization.plots import all_plots
from bnreport.studies.regularization.runs import RUNS, check_tuning
from bnreport.studies.regularization.tables import all_tables, all_values
from bnreport.study import Analysis, Records, Study


def analyse(records: Records) -> Analysis:
    """The accuracies at the same training loss, at any loss, and in the end."""
    return Analysis(all_values(records), all_tables(records), all_plots(records))


STUDY = Study(
    name="regularization",
    title="Regularization",
    page="studies/regularization.md",
    chapter="Benefits",
    question="Does batch normalization make a net that has few images generalize better?",
    runs=RUNS,
    claims=CLAIMS,
    estimates=ESTIMATES,
    directions=DIRECTIONS,
    analyse=analyse,
    check_tuning=check_tuning,
)
