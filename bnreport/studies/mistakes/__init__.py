"""What do common mistakes do to the notebook's two nets, and to the curves that they print?

Each net is trained as the notebook says, on new batches and on the same ones again, and with a
mistake that people report: undivided pixels, a softmax taken twice, images sorted by
class. The two nets differ in more than BN, whose first layer normalizes the inputs.
"""

from bnreport.analysis.design import study
from bnreport.studies.mistakes.claims import CLAIMS, FAMILIES
from bnreport.studies.mistakes.runs import RUNS
from bnreport.studies.mistakes.shown import PLOTS, TABLES, values

STUDY = study(
    "mistakes",
    CLAIMS,
    RUNS,
    families=FAMILIES,
    title="Common mistakes",
    chapter="The notebook",
    question="What do common mistakes do to a net with BN, and to the curve that it prints?",
    values=values,
    tables=TABLES,
    plots=PLOTS,
    words={
        "Sorted, as printed": "Sorted, as printed, over shuffled",
        "The progress bar": "The progress bar below History",
        "baseline": "the baseline",
    },
)
