"""Does batch normalization regularize: more right answers at the same fresh training loss?

The second edition. On the way all arms have one constant rate and are compared where they fit the
training images equally well, by fresh statistics; at the end each has its own best rate, which
falls to zero.
"""

from bnreport.analysis.design import study
from bnreport.studies.second.regularization.claims import FAMILIES
from bnreport.studies.second.regularization.runs import NETS, RUNS
from bnreport.studies.second.regularization.shown import PLOTS, TABLES, values

SECOND = study(
    "regularization",
    [judged for family in FAMILIES.values() for judged in family],
    RUNS,
    number=2,
    families=tuple(FAMILIES.values()),
    values=values,
    tables=TABLES,
    plots=PLOTS,
    check_tuning=NETS.check,
    words={
        "BN over standardized": "Same loss: BN over standardized",
        "BN over raw": "Same loss: BN over raw",
        "std. and BN over std.": "Same loss: standardized, with BN over without",
        "groups of 8 over 64": "Same loss: groups of 8 over 64",
        "BN over std., 5,120": "Same loss, 5,120 images: BN over standardized",
        "groups of 8 over 64, 5,120": "Same loss, 5,120 images: groups of 8 over 64",
        "BN over std., end": "At the end: BN over standardized",
        "groups of 8 over 64, end": "At the end: groups of 8 over 64",
    },
)
