"""The notebook measured again: which runs can have printed its numbers, and what runs print."""

from bnreport.analysis.design import study
from bnreport.studies.notebook.curves import CURVE_PLOTS, CURVE_TABLES, curve_values
from bnreport.studies.notebook.gains import GAIN_PLOTS, GAIN_TABLES, gain_values
from bnreport.studies.notebook.protocol import CLAIMS, RUNS
from bnreport.studies.notebook.textbook import textbook_table, textbook_values
from bnreport.studies.second.notebook import SECOND

STUDY = study(
    "notebook",
    CLAIMS,
    RUNS,
    title="The notebook measured again",
    chapter="The notebook",
    question="What kind of runs print the notebook's numbers, and what should they have printed?",
    values=lambda runs: curve_values(runs) | gain_values(runs) | textbook_values(runs),
    tables={**CURVE_TABLES, **GAIN_TABLES, "textbook": textbook_table},
    plots={**CURVE_PLOTS, **GAIN_PLOTS},
    check=("baseline-0.01", "bn-0.01"),
    later=(SECOND,),
)
