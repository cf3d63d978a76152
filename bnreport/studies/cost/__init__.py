"""What does batch normalization cost in time, and does it earn the time back?"""

from bnreport.analysis.study import Study
from bnreport.presentation.tables import Analysis
from bnreport.records.collection import Records
from bnreport.studies.cost.claims import CLAIMS
from bnreport.studies.cost.directions import DIRECTIONS
from bnreport.studies.cost.estimates import ESTIMATES
from bnreport.studies.cost.plots import all_plots
from bnreport.studies.cost.runs import RUNS
from bnreport.studies.cost.tables import all_tables, all_values


def analyse(records: Records) -> Analysis:
    """Seconds of an epoch of each net, and seconds until the threshold of each arm."""
    return Analysis(all_values(records), all_tables(records), all_plots(records))


STUDY = Study(
    name="cost",
    title="The cost of BN",
    page="studies/cost.md",
    chapter="Cost",
    question="What does batch normalization cost in time, and does it earn the time back?",
    runs=RUNS,
    claims=CLAIMS,
    estimates=ESTIMATES,
    directions=DIRECTIONS,
    analyse=analyse,
)
