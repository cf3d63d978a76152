"""Which of the notebook's changes lowers the loss: BN, the activation, the initializer, the inputs?

The notebook's two nets differ in all four at once. Here every combination is trained, so that the
effect of one is a mean over the others, paired by the seed.
"""

from bnreport.studies.factorial.claims import CLAIMS
from bnreport.studies.factorial.directions import DIRECTIONS
from bnreport.studies.factorial.display import DISPLAY
from bnreport.studies.factorial.estimates import ESTIMATES
from bnreport.studies.factorial.plots import all_plots
from bnreport.studies.factorial.runs import RUNS
from bnreport.studies.factorial.tables import all_tables
from bnreport.studies.factorial.values import all_values
from bnreport.study import Analysis, Records, Study


def analyse(records: Records) -> Analysis:
    """The loss of every net, and the share of each factor and each pair of factors in it."""
    return Analysis(all_values(records), all_tables(records), all_plots(records))


STUDY = Study(
    name="factorial",
    title="Changes beside BN",
    page="studies/factorial.md",
    chapter="The notebook",
    question="Which of the notebook's changes lowers the loss: BN, or what changed beside it?",
    runs=RUNS,
    claims=CLAIMS,
    estimates=ESTIMATES,
    directions=DIRECTIONS,
    display=DISPLAY,
    analyse=analyse,
)
