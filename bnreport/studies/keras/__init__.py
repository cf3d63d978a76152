"""What does Keras' batch normalization do, in every state and mode, on both backends?"""

from bnreport.analysis.study import Study
from bnreport.presentation.tables import Analysis
from bnreport.records.collection import Records
from bnreport.studies.keras.claims import CLAIMS
from bnreport.studies.keras.directions import DIRECTIONS
from bnreport.studies.keras.estimates import ESTIMATES
from bnreport.studies.keras.plots import all_plots
from bnreport.studies.keras.runs import RUNS
from bnreport.studies.keras.tables import all_tables
from bnreport.studies.keras.values import all_values


def analyse(records: Records) -> Analysis:
    """The matrix of uses, the truth table, the numbers and the differences from the reference."""
    return Analysis(all_values(records), all_tables(records), all_plots(records))


STUDY = Study(
    name="keras",
    title="What Keras does",
    page="studies/keras.md",
    chapter="Facts",
    question="What does Keras' batch normalization do, in every state and mode?",
    runs=RUNS,
    claims=CLAIMS,
    estimates=ESTIMATES,
    directions=DIRECTIONS,
    analyse=analyse,
    code=(
        "training/facts/ask.py",
        "training/facts/differences.py",
        "training/facts/layer.py",
        "training/facts/numbers.py",
        "training/facts/switches.py",
        "reference.py",
    ),
)
