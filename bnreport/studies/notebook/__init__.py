"""The notebook measured again: which runs can have printed its numbers, and what runs print."""

from bnreport.studies.notebook.claims import CLAIMS
from bnreport.studies.notebook.estimates import estimates
from bnreport.studies.notebook.plots import all_plots
from bnreport.studies.notebook.runs import RUNS
from bnreport.studies.notebook.tables import all_tables
from bnreport.studies.notebook.values import all_values
from bnreport.study import Analysis, Records, Study


def analyse(records: Records) -> Analysis:
    """Everything that the page of this study shows."""
    found = estimates(records)
    return Analysis(found, all_values(records, found), all_tables(records), all_plots(records))


STUDY = Study(
    name="notebook",
    title="The notebook measured again",
    page="studies/notebook.md",
    runs=RUNS,
    claims=CLAIMS,
    analyse=analyse,
    check=("baseline-0.01", "bn-0.01"),
)
