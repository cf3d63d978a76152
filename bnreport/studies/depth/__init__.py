"""Does batch normalization make nets trainable that are too deep without it?"""

from bnreport.studies.depth.claims import CLAIMS
from bnreport.studies.depth.directions import DIRECTIONS
from bnreport.studies.depth.display import DISPLAY
from bnreport.studies.depth.estimates import ESTIMATES
from bnreport.studies.depth.plots import all_plots
from bnreport.studies.depth.runs import RUNS, check_tuning
from bnreport.studies.depth.tables import all_tables
from bnreport.studies.depth.values import all_values
from bnreport.study import Analysis, Records, Study


def analyse(records: Records) -> Analysis:
    """The accuracies by depth, and the rates at which they were reached."""
    return Analysis(all_values(), all_tables(records), all_plots(records))


STUDY = Study(
    name="depth",
    title="Deep nets",
    page="studies/depth.md",
    chapter="Benefits",
    question="Does batch normalization make nets trainable that are too deep without it?",
    runs=RUNS,
    claims=CLAIMS,
    estimates=ESTIMATES,
    directions=DIRECTIONS,
    display=DISPLAY,
    analyse=analyse,
    check_tuning=check_tuning,
)
