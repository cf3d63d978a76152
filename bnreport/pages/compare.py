"""The words of the page on a reader's own curve: the band, how well it tells, and the form."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from markupsafe import Markup

from bnreport.analysis.curves.band import Band
from bnreport.analysis.curves.handed import handed
from bnreport.analysis.curves.shown import scored
from bnreport.analysis.curves.telling import CHECKLIST
from bnreport.analysis.report import Report
from bnreport.pages.staging import Staging, look_up
from bnreport.pages.views import AnalysisView
from bnreport.records.collection import Records, by_trial
from bnreport.studies.mistakes.comparison import comparison, example
from bnreport.studies.mistakes.stories import band, held_out

NAME = "compare"
# Whose runs make the band.
STUDIES = ("mistakes", "notebook")


@dataclass(frozen=True)
class CompareView(AnalysisView):
    """The words of the page, over the band of our runs."""

    band: Band

    @property
    def checklist(self) -> tuple[tuple[str, str], ...]:
        """The questions to ask first, each with what is behind it."""
        return CHECKLIST

    def form(self, figure: str, caption: str) -> Markup:
        """Lay the form over a figure, which shows where no script runs what the form is for."""
        plot = look_up(self.analysis.plots, figure, "figure", self.page)
        given = handed(self.band, example())
        return self.figure(self.file(figure), plot, caption, piece=NAME, handed=given)


def compare(report: Report, page: str, staging: Staging) -> CompareView | None:
    """The words for a page; None where the report lacks the runs, or has small ones instead."""
    if report.profile != "full" or not all(name in report.studies for name in STUDIES):
        return None
    runs: Mapping[str, Records] = {
        name: Records("full", by_trial(report.studies[name].records)) for name in STUDIES
    }
    ours = band(**runs)
    scores, laid = scored(ours, held_out(**runs)), comparison(ours)
    analysis = replace(laid, values=scores.values, tables={**scores.tables, **laid.tables})
    return CompareView(page, staging, NAME, analysis, ours)
