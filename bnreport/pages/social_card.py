"""Draw what other sites show of this one: a picture with the count of the verdicts."""

from collections.abc import Sequence

from bnreport.analysis.display import MARKS, Shown
from bnreport.analysis.report import Report
from bnreport.pages.cache import Cache, key_of
from bnreport.pages.fingerprint import fingerprint
from bnreport.pages.scoreboard import tally
from bnreport.pages.supplies import drawn_with

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


def picture(report: Report, cache: Cache | None = None) -> bytes:
    """The picture as PNG, taken from the cache where it is kept."""
    counts = tally(report.shown())
    shares = [
        (f"{mark} {word}", counts[word.replace(" ", "_")], COLORS[word])
        for word, mark in MARKS.items()
    ]
    title = "Batch normalization,\nexplained and measured"
    below = f"{counts['claims']} claims, each with a rule that was written before the runs"
    if cache is None or cache.folder is None:
        return _drawn(title, shares, below)
    key = key_of(fingerprint((title, shares, below)), *drawn_with("bnreport.figures.card"))
    return cache.content("card", key, lambda: _drawn(title, shares, below))


def _drawn(title: str, shares: Sequence[tuple[str, int, str]], below: str) -> bytes:
    from bnreport.figures.card import card

    return card(title, shares, below)
