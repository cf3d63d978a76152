"""A page on a reader's own data: like ours, beside ours, and marked as theirs."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup

from bnreport.analysis.display import Judgement, judgement
from bnreport.analysis.verdicts import Verdict
from bnreport.figures.palettes import LIGHT
from bnreport.pages.claim_card import badge
from bnreport.pages.claim_text import numbers
from bnreport.pages.fragments import fragment
from bnreport.pages.supplies import draw
from bnreport.presentation.plots import Plot

STYLE = Path("assets") / "site.css"
# What names files beside the style sheet: typefaces.
_FILES = re.compile(r"@font-face \{[^}]*\}")


@dataclass(frozen=True)
class Beside:
    """A headline: what it says of a reader's data, and what ours says of Fashion-MNIST."""

    theirs: Verdict
    ours: Verdict | None


@dataclass(frozen=True)
class OwnPage:
    """The content of a page on a reader's data.

    Attributes:
        name: what the data are called, of the file's name.
        facts: what was read and run, by name.
        headlines: what was asked, in order.
        plot: the accuracies of the arms.
        rates: the rate that tuning runs chose, by the label of an arm.
    """

    name: str
    facts: Mapping[str, str]
    headlines: Sequence[Beside]
    plot: Plot
    rates: Mapping[str, str]


def html(page: OwnPage, sources: Path) -> str:
    """The page as one file of HTML.

    Args:
        page: what it says.
        sources: the folder of the pages' sources, whose style sheet it takes.
    """
    rows = [
        (each.theirs.claim, _cell(each.theirs), _cell(each.ours) if each.ours else None)
        for each in page.headlines
    ]
    # Nothing that the style sheet asks for lies beside this page.
    style = _FILES.sub("", (sources / STYLE).read_text(encoding="utf-8"))
    drawing = draw(page.plot, LIGHT).partition("<svg")
    return fragment(
        "own.html.j2",
        page=page,
        rows=rows,
        style=Markup(style.replace("</", "<\\/")),
        drawing=Markup("".join(drawing[1:])),
    )


def _cell(verdict: Verdict) -> tuple[Markup, str]:
    """A verdict as its badge, and its numbers."""
    shown: Judgement = judgement(verdict, None)
    return badge(shown), numbers(verdict, shown)
