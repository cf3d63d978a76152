"""Does batch normalization keep gradients from vanishing or exploding on their way back?"""

from bnreport.studies.gradients.claims import CLAIMS
from bnreport.studies.gradients.directions import DIRECTIONS
from bnreport.studies.gradients.display import DISPLAY
from bnreport.studies.gradients.estimates import ESTIMATES
from bnreport.studies.gradients.plots import all_plots
from bnreport.studies.gradients.runs import RUNS
from bnreport.studies.gradients.tables import all_tables
from bnreport.studies.gradients.values import all_values
from bnreport.study import Analysis, Records, Study


def analyse(records: Records) -> Analysis:
    """Everything that the page of this study shows."""
    return Analysis(all_values(records), all_tables(records), all_plots(records))


STUDY = Study(
    name="gradients",
    title="Gradients through many layers",
    page="studies/gradients.md",
    chapter="Mechanisms",
    question="Does batch normalization keep gradients from vanishing or exploding?",
    runs=RUNS,
    claims=CLAIMS,
    estimates=ESTIMATES,
    directions=DIRECTIONS,
    display=DISPLAY,
    analyse=analyse,
)
