"""Does a net with batch normalization learn its batches by heart when they come again?"""

from bnreport.studies.memorization.claims import CLAIMS
from bnreport.studies.memorization.directions import DIRECTIONS
from bnreport.studies.memorization.estimates import ESTIMATES
from bnreport.studies.memorization.plots import all_plots
from bnreport.studies.memorization.runs import RUNS
from bnreport.studies.memorization.tables import all_tables
from bnreport.studies.memorization.values import all_values
from bnreport.study import Analysis, Records, Study


def analyse(records: Records) -> Analysis:
    """What repeated batches add by epoch and by how it is measured, and the accuracies behind."""
    return Analysis(all_values(records), all_tables(records), all_plots(records))


STUDY = Study(
    name="memorization",
    title="Repeated batches",
    page="studies/memorization.md",
    chapter="Limits and costs",
    question="Does a net with batch normalization learn its batches by heart when they come again?",
    runs=RUNS,
    claims=CLAIMS,
    estimates=ESTIMATES,
    directions=DIRECTIONS,
    analyse=analyse,
)
