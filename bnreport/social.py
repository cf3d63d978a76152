"""What other sites show of this one: a picture with the count of the verdicts."""

from bnreport.boards import tally
from bnreport.figures import card
from bnreport.judge import MARKS
from bnreport.report import Report
from bnreport.study import Word

FILE = "assets/card.png"
ALT = "Batch normalization, explained and measured: a bar of the verdicts of all claims."
# The colours of the verdicts, as in site.css.
COLORS: dict[Word, str] = {
    "supported": "#0f6b46",
    "not supported": "#b3261e",
    "mixed": "#8a5200",
    "underpowered": "#868e99",
}


def picture(report: Report) -> bytes:
    """The picture as PNG."""
    counts = tally([verdict for _, verdict in report.verdicts()])
    shares = [
        (f"{MARKS[word]} {word}", counts[word.replace(" ", "_")], color)
        for word, color in COLORS.items()
    ]
    return card(
        "Batch normalization,\nexplained and measured",
        shares,
        f"{counts['claims']} claims, each with a rule that was written before the runs",
    )
