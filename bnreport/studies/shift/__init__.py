"""Does batch normalization reduce internal covariate shift, and does it work because of that?"""

from bnreport.analysis.study import Study
from bnreport.presentation.tables import Analysis
from bnreport.records.collection import Records
from bnreport.studies.shift.claims import CLAIMS
from bnreport.studies.shift.directions import DIRECTIONS
from bnreport.studies.shift.display import DISPLAY
from bnreport.studies.shift.estimates import ESTIMATES
from bnreport.studies.shift.horizons import horizons_table, horizons_values
from bnreport.studies.shift.plots import all_plots
from bnreport.studies.shift.runs import RUNS
from bnreport.studies.shift.tables import all_tables


def analyse(records: Records) -> Analysis:
    """How much each net shifts by step, and what it gains."""
    tables = all_tables(records) | {"horizons": horizons_table(records)}
    return Analysis(horizons_values(records), tables, all_plots(records))


STUDY = Study(
    name="shift",
    title="Internal covariate shift",
    page="studies/shift.md",
    chapter="Mechanisms",
    question="Does batch normalization reduce internal covariate shift, and is that why it helps?",
    runs=RUNS,
    claims=CLAIMS,
    estimates=ESTIMATES,
    directions=DIRECTIONS,
    display=DISPLAY,
    analyse=analyse,
)
