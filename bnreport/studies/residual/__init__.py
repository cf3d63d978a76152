"""What does batch normalization do for a residual net, and what do its substitutes?

The shape of ResNet-20 at 14 by 14 pixels: plain or with shortcuts, with several normalizers, or
with a start that makes each block the identity in place of one. Each arm is tuned for itself.
"""

from bnreport.analysis.design import study
from bnreport.studies.residual.claims import CLAIMS, FAMILIES
from bnreport.studies.residual.drawn import PLOTS
from bnreport.studies.residual.runs import NETS
from bnreport.studies.residual.shown import TABLES, values

STUDY = study(
    "residual",
    CLAIMS,
    NETS.runs,
    families=FAMILIES.values(),
    title="Residual nets",
    chapter="Limits and costs",
    question="What does BN do for a residual net, and what do its substitutes?",
    values=values,
    tables=TABLES,
    plots=PLOTS,
    check_tuning=NETS.check,
    words={"Last gamma from 0 over from 1": "Last gamma: 0 over 1 at the start"},
)
