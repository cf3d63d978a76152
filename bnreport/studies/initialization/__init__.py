"""How wrong may the scale of the initial kernels be, with and without batch normalization?"""

from bnreport.analysis.study import Study
from bnreport.presentation.tables import Analysis
from bnreport.records.collection import Records
from bnreport.studies.initialization.claims import CLAIMS
from bnreport.studies.initialization.directions import DIRECTIONS
from bnreport.studies.initialization.display import DISPLAY
from bnreport.studies.initialization.estimates import ESTIMATES
from bnreport.studies.initialization.plots import all_plots
from bnreport.studies.initialization.runs import RUNS
from bnreport.studies.initialization.tables import all_tables, all_values


def analyse(records: Records) -> Analysis:
    """Everything that the page of this study shows."""
    return Analysis(all_values(records), all_tables(records), all_plots(records))


STUDY = Study(
    name="initialization",
    title="Initialization",
    page="studies/initialization.md",
    chapter="Benefits",
    question="How wrong may the initial scale be, with and without batch normalization?",
    runs=RUNS,
    claims=CLAIMS,
    estimates=ESTIMATES,
    display=DISPLAY,
    directions=DIRECTIONS,
    analyse=analyse,
)
