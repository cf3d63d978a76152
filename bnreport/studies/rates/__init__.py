"""Over how many learning rates does a net with batch normalization learn well?"""

from bnreport.studies.rates.claims import CLAIMS
from bnreport.studies.rates.directions import DIRECTIONS
from bnreport.studies.rates.display import DISPLAY
from bnreport.studies.rates.estimates import ESTIMATES
from bnreport.studies.rates.plots import all_plots
from bnreport.studies.rates.runs import RUNS
from bnreport.studies.rates.tables import all_tables
from bnreport.studies.rates.values import all_values
from bnreport.study import Analysis, Records, Study


def analyse(records: Records) -> Analysis:
    """Everything that the page of this study shows."""
    return Analysis(all_values(records), all_tables(records), all_plots(records))


STUDY = Study(
    name="rates",
    title="Learning rates",
    page="studies/rates.md",
    chapter="Benefits",
    question="Over how many learning rates does a net with batch normalization learn well?",
    runs=RUNS,
    claims=CLAIMS,
    estimates=ESTIMATES,
    display=DISPLAY,
    directions=DIRECTIONS,
    analyse=analyse,
)
