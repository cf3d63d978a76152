"""The notebook measured again: which runs can have printed its numbers, and what runs print."""

from bnreport.analysis.study import Study
from bnreport.presentation.tables import Analysis
from bnreport.records.collection import Records
from bnreport.studies.notebook.claims import CLAIMS
from bnreport.studies.notebook.directions import DIRECTIONS
from bnreport.studies.notebook.display import DISPLAY
from bnreport.studies.notebook.estimates import ESTIMATES
from bnreport.studies.notebook.plots import all_plots
from bnreport.studies.notebook.runs import RUNS
from bnreport.studies.notebook.tables import all_tables
from bnreport.studies.notebook.values import all_values


def analyse(records: Records) -> Analysis:
    """Everything that the page of this study shows."""
    fits = {name: of(records) for name, of in ESTIMATES.items() if name[0] in "ab"}
    return Analysis(all_values(records, fits), all_tables(records), all_plots(records))


STUDY = Study(
    name="notebook",
    title="The notebook measured again",
    page="studies/notebook.md",
    chapter="The notebook",
    question="What kind of runs print the notebook's numbers, and what should they have printed?",
    runs=RUNS,
    claims=CLAIMS,
    estimates=ESTIMATES,
    display=DISPLAY,
    directions=DIRECTIONS,
    analyse=analyse,
    check=("baseline-0.01", "bn-0.01"),
)
