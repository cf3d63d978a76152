"""What does batch normalization do for a residual net, and what do its substitutes?"""

from bnreport.analysis.design import study
from bnreport.protocol.runs import Runs
from bnreport.studies.residual.runs import BN, NETS, NONE, PLAIN_NONE, SKIPINIT

PROBED = {NONE: (0.001, 0.003, 0.01), BN: (0.3, 1.0), SKIPINIT: (0.3,), PLAIN_NONE: (0.003,)}
STUDY = study(
    "residual",
    (),
    tuple(
        Runs(arm.recipe(f"{arm.name}-{rate:g}", learning_rate=rate, **NETS.setting))
        for arm, rates in PROBED.items()
        for rate in rates
    ),
    title="Residual nets",
    chapter="Limits and costs",
    question="What does BN do for a residual net, and what do its substitutes?",
)
