"""What does batch normalization do exactly, whatever the data and the weights, and what not?"""

from bnreport.analysis.study import Study
from bnreport.presentation.tables import Analysis
from bnreport.records.collection import Records
from bnreport.studies.identities.claims import CLAIMS
from bnreport.studies.identities.directions import DIRECTIONS
from bnreport.studies.identities.estimates import ESTIMATES
from bnreport.studies.identities.plots import errors
from bnreport.studies.identities.runs import RUNS
from bnreport.studies.identities.tables import all_tables
from bnreport.studies.identities.values import all_values


def analyse(records: Records) -> Analysis:
    """The errors beside their tolerances, and what the nets hold."""
    return Analysis(all_values(records), all_tables(records), {"errors": errors(records)})


STUDY = Study(
    name="identities",
    title="What holds exactly",
    page="studies/identities.md",
    chapter="Facts",
    question="What does batch normalization do exactly, whatever the data and the weights?",
    runs=RUNS,
    claims=CLAIMS,
    estimates=ESTIMATES,
    directions=DIRECTIONS,
    analyse=analyse,
)
