"""How wrong may the scale of the initial kernels be, and does it take BN to bear it?"""

from bnreport.studies.initialization.claims import CLAIMS
from bnreport.studies.initialization.directions import DIRECTIONS
from bnreport.studies.initialization.estimates import ESTIMATES
from bnreport.studies.initialization.plots import all_plots
from bnreport.studies.initialization.runs import RUNS
from bnreport.studies.initialization.tables import all_tables
from bnreport.study import Analysis, Records, Study


def analyse(records: Records) -> Analysis:
    """Everything that the page of this study shows."""
    return Analysis(tables=all_tables(records), plots=all_plots(records))


STUDY = Study(
    name="initialization",
    title="Initialization",
    page="studies/initialization.md",
    chapter="Benefits",
    question="How wrong may the initial scale be, and does it take batch normalization to bear it?",
    runs=RUNS,
    claims=CLAIMS,
    estimates=ESTIMATES,
    directions=DIRECTIONS,
    analyse=analyse,
)
