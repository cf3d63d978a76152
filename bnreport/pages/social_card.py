"""Draw what other sites show of this one: a picture with the count of the verdicts."""

from bnreport.analysis.display import MARKS, Shown
from bnreport.analysis.report import Report
from bnreport.figures import card
from bnreport.pages.scoreboard import tally

FILE = "assets/card.png"
ALT = "Batch normalization, explained and measured: a bar of the verdicts of all claims."
# The colours of the verdicts, as in site.css, and greys for what says nothing either way.
COLORS: dict[Shown, str] = {
    "supported": "#0f6b46",
    "not supported": "#b3261e",
    "mixed": "#8a5200",
    "undecided": "#868e99",
    "withdrawn": "#c2c8d0",
    "not judged": "#868e99",
}


def picture(report: Report) -> bytes:
    """The picture as PNG."""
    counts = tally(report.shown())
    shares = [
        (f"{mark} {word}", counts[word.replace(" ", "_")], COLORS[word])
        for word, mark in MARKS.items()
    ]
    return card(
        "Batch normalization,\nexplained and measured",
        shares,
        f"{counts['claims']} claims, each with a rule that was written before the runs",
    )
