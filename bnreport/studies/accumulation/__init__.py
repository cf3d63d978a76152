"""What does it cost a net with batch normalization to take its batches in micro-batches?

A step is always one of 128 images. It sees them at once, or in parts whose gradients are averaged
before the weights change; with batch normalization each part is normalized by itself, and moves the
averages once.
"""

from bnreport.analysis.design import study
from bnreport.studies.accumulation.claims import CLAIMS, FAMILIES
from bnreport.studies.accumulation.runs import RUNS
from bnreport.studies.accumulation.shown import PLOTS, TABLES, values

STUDY = study(
    "accumulation",
    CLAIMS,
    RUNS,
    title="Micro-batches",
    chapter="Limits and costs",
    question="What does it cost BN to take a batch in parts and to average their gradients?",
    families=FAMILIES,
    values=values,
    tables=TABLES,
    plots=PLOTS,
    words={size: f"parts of {size}" for size in ("32", "8")},
)
