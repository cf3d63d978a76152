"""Which of the notebook's changes helps, at one rate for all and at each net's own best?

The second edition: without the initializer, whose effect the first edition found to be next to
none; on fewer images, at a rate that falls to zero, scored by fresh statistics and as deployed.
"""

from bnreport.analysis.design import study
from bnreport.studies.second.factorial.runs import RUNS

SECOND = study("factorial", (), RUNS, number=2, announced=True)
