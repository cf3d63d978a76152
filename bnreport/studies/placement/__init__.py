"""Does it matter whether batch normalization comes before or after the activation?"""

from bnreport.studies.placement.claims import CLAIMS
from bnreport.studies.placement.directions import DIRECTIONS
from bnreport.studies.placement.estimates import ESTIMATES
from bnreport.studies.placement.plots import all_plots
from bnreport.studies.placement.runs import RUNS, check_tuning
from bnreport.studies.placement.tables import all_tables, all_values
from bnreport.study import Analysis, Records, Study


def analyse(records: Records) -> Analysis:
    """The differences between the places, every accuracy, and how the rates were chosen."""
    return Analysis(
        values=all_values(records), tables=all_tables(records), plots=all_plots(records)
    )


STUDY = Study(
    name="placement",
    title="Placement",
    page="studies/placement.md",
    chapter="Limits and costs",
    question="Does it matter whether batch normalization comes before or after the activation?",
    runs=RUNS,
    claims=CLAIMS,
    estimates=ESTIMATES,
    directions=DIRECTIONS,
    analyse=analyse,
    check_tuning=check_tuning,
)
