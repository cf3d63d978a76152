"""Do all images look alike to the last layer of a deep net, and does batch normalization help?"""

from bnreport.studies.collapse.claims import CLAIMS
from bnreport.studies.collapse.directions import DIRECTIONS
from bnreport.studies.collapse.estimates import ESTIMATES
from bnreport.studies.collapse.plots import all_plots
from bnreport.studies.collapse.runs import RUNS
from bnreport.studies.collapse.tables import all_tables, all_values
from bnreport.study import Analysis, Records, Study


def analyse(records: Records) -> Analysis:
    """How alike images look by depth, and how many directions their activations use."""
    return Analysis(all_values(records), all_tables(records), all_plots(records))


STUDY = Study(
    name="collapse",
    title="Images that look alike",
    page="studies/collapse.md",
    chapter="Mechanisms",
    question="Do deep nets confuse all images at the start, and does batch normalization help?",
    runs=RUNS,
    claims=CLAIMS,
    estimates=ESTIMATES,
    directions=DIRECTIONS,
    analyse=analyse,
)
