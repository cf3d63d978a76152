"""The notebook measured again: which runs can have printed its numbers, and what runs print."""

from bnreport.analysis.design import study
from bnreport.studies.notebook.page import analyse
from bnreport.studies.notebook.protocol import CLAIMS, RUNS

STUDY = study(
    "notebook",
    CLAIMS,
    RUNS,
    title="The notebook measured again",
    chapter="The notebook",
    question="What kind of runs print the notebook's numbers, and what should they have printed?",
    analyse=analyse,
    check=("baseline-0.01", "bn-0.01"),
)
