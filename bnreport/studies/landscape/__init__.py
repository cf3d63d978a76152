"""Is the loss smoother along the steps of a net with batch normalization?"""

from bnreport.studies.landscape.claims import CLAIMS
from bnreport.studies.landscape.directions import DIRECTIONS
from bnreport.studies.landscape.estimates import ESTIMATES
from bnreport.studies.landscape.plots import all_plots
from bnreport.studies.landscape.runs import RUNS
from bnreport.studies.landscape.tables import all_tables
from bnreport.study import Analysis, Records, Study


def analyse(records: Records) -> Analysis:
    """How smooth the loss is along the steps of each net, and the way there."""
    return Analysis(tables=all_tables(records), plots=all_plots(records))


STUDY = Study(
    name="landscape",
    title="The loss landscape",
    page="studies/landscape.md",
    chapter="Mechanisms",
    question="Is the loss smoother along the steps of a net with batch normalization?",
    runs=RUNS,
    claims=CLAIMS,
    estimates=ESTIMATES,
    directions=DIRECTIONS,
    analyse=analyse,
)
