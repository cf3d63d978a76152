"""Give the page of a study the form that all such pages take.

The answer in a sentence, one figure whose title is the finding, for whom it holds, what was
expected and what was found, the story; then, folded, the claims and all that stands behind them.
"""

from collections.abc import Callable
from dataclasses import replace
from operator import itemgetter

from markupsafe import Markup

from bnreport.pages.claim_card import line
from bnreport.pages.fragments import fragment
from bnreport.pages.scope import scope
from bnreport.pages.staging import look_up
from bnreport.pages.strips import axes, key, scale, strip
from bnreport.pages.study_view import ERRATA, StudyView
from bnreport.presentation.formats import interval_name


class FormView(StudyView):
    """The words of a page in this form for its study, beside those of any page."""

    def hero(self, name: str, claim: str, caption: str, **titles: str) -> Markup:
        """The figure that shows the answer, under a title that says it.

        Args:
            name: the name of the figure.
            claim: the claim that its title is bound to.
            caption: what a reader must know beside it.
            titles: a title for each verdict that can come out, as for `say`.
        """
        plot = look_up(self.analysis.plots, name, "figure", self.page)
        self.staging.used.add((self.name, name))
        title = self.sentence(claim, titles)
        titled = replace(plot, title=title) if title else plot
        return self.figure(self.file(name), titled, caption, kind="figure--hero")

    def scope(self) -> Markup:
        """Say for whom the results hold."""
        return fragment("scope.html.j2", found=scope(self.report))

    def expected(self) -> Markup:
        """Say how many claims came out as expected, and which did not."""
        shown = {name: self.report.shown(name) for name in self.report.verdicts}
        return fragment(
            "expected.html.j2",
            count=len(shown),
            surprises=[
                (self.report.verdicts[name].claim, judgement)
                for name, judgement in shown.items()
                if not judgement.as_expected
            ],
        )

    def corrections(self) -> Markup:
        """Name the verdicts that are shown in another word than was first published."""
        shown = [(v.claim, self.report.shown(name)) for name, v in self.report.verdicts.items()]
        return fragment(
            "corrected.html.j2",
            count=len(shown),
            found=[(claim, judgement) for claim, judgement in shown if judgement.published],
        )

    def lines(self) -> Markup:
        """All claims of the study, one line each with its seeds; each opens to its card."""
        verdicts, lines = self.report.verdicts, []
        drawn = axes(verdicts.values())
        scales = {}
        for name, verdict in verdicts.items():
            self.staging.carded.add((self.report.study.name, name))
            strips = {
                setting: strip(verdict.claim, finding, drawn[key(verdict.claim)])
                for setting, finding in verdict.findings.items()
            }
            lines.append(line(verdict, self._shown(name), f"{self.prefix}{ERRATA}", strips))
            if strips:
                # The last line of a unit has its axis below it.
                scales[key(verdict.claim)] = len(lines), verdict.claim
        for at, (place, claim) in enumerate(sorted(scales.values(), key=itemgetter(0))):
            axis = fragment("axis.html.j2", scale=scale(claim, drawn[key(claim)]))
            lines.insert(place + at, axis)
        censored = any(verdict.censored for verdict in verdicts.values())
        intervals = [f.interval for v in verdicts.values() for f in v.findings.values()]
        return fragment(
            "lines.html.j2",
            lines=lines,
            dots=bool(scales),
            censored=censored,
            coarser=any(axis.breaks for axis in drawn.values()),
            interval=interval_name(*(interval.level for interval in intervals)),
        )


def fold(title: str, caller: Callable[[], str], anchor: str = "") -> Markup:
    """Fold what a reader opens when it is wanted: native, by keyboard, and open on paper."""
    return fragment("fold.html.j2", title=title, anchor=anchor, told=caller())
