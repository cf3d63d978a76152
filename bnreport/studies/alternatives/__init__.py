"""Does it need to be batch normalization, or do other inputs, starts and normalizers do as well?"""

from bnreport.studies.alternatives.claims import CLAIMS
from bnreport.studies.alternatives.directions import DIRECTIONS
from bnreport.studies.alternatives.display import DISPLAY
from bnreport.studies.alternatives.estimates import ESTIMATES
from bnreport.studies.alternatives.plots import all_plots
from bnreport.studies.alternatives.runs import RUNS, check_tuning
from bnreport.studies.alternatives.tables import all_tables, all_values
from bnreport.study import Analysis, Records, Study


def analyse(records: Records) -> Analysis:
    """The arms ranked by test accuracy, how their rates were chosen, and both as a table."""
    return Analysis(all_values(records), all_tables(records), all_plots(records))


STUDY = Study(
    name="alternatives",
    title="Alternatives",
    page="studies/alternatives.md",
    chapter="Limits and costs",
    question="Does it need to be batch normalization, or do other inputs, starts and normalizers "
    "do as well?",
    runs=RUNS,
    claims=CLAIMS,
    estimates=ESTIMATES,
    display=DISPLAY,
    directions=DIRECTIONS,
    analyse=analyse,
    check_tuning=check_tuning,
)
