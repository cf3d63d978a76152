"""Give the page of a study the form that all such pages take.

The answer in a sentence, one figure whose title is the finding, for whom it holds, what was
expected and what was found, the story; then, folded, the claims and all that stands behind them.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from markupsafe import Markup

from bnreport.analysis.verdicts import Verdict
from bnreport.lessons.bet import SCORES, bet, sweep
from bnreport.pages.claim_card import line
from bnreport.pages.fragments import fragment
from bnreport.pages.scope import scope
from bnreport.pages.staging import look_up
from bnreport.pages.strips import Axis, Key, axes, axis_of, key, scale, strip
from bnreport.pages.study_view import ERRATA, StudyView
from bnreport.presentation.formats import interval_name, joined
from bnreport.presentation.plots import Curves
from bnreport.protocol.claims import Claim
from bnreport.statistics.intervals import MEDIAN

# Characters of what is told in a line of its own.
LONG = 90
# So many lines, and then the axis again.
TOGETHER = 8
# Claims that have no strip, and no axis.
APART = ("", "", "")


@dataclass(frozen=True)
class FormView(StudyView):
    """The words of a page in this form for its study, beside those of any page.

    `sharing` says how many settings and seeds its runs share with others, by their headings.
    """

    sharing: Mapping[str, int] = field(default_factory=dict)

    def unjudged(self, sentence: str) -> Markup:
        """The answer of a study that makes no claim, and so has no verdict.

        Args:
            sentence: the answer, with numbers of the study by their names in braces.
        """
        return fragment("answer.html.j2", told=self._filled(sentence), id="")

    def hero(self, name: str, claim: str, caption: str, ending: str = "", **titles: str) -> Markup:
        """The figure that shows the answer, under a title that says it.

        Args:
            name: the name of the figure.
            claim: the claim that its title is bound to; empty where the study makes none.
            caption: what a reader must know beside it.
            ending: what every title ends with, as `ending` gives it for another claim.
            titles: a title for each verdict that can come out, as for `say`.
        """
        return self.drawing(name, caption, claim, ending, "figure--hero", **titles)

    def sweeps(self) -> Mapping[str, object]:
        """Give the runs behind this study's figures of a sweep to the bet; none without curves."""
        names = {score: f"sweep-{score}".removesuffix("-fresh") for score in SCORES}
        plots = {
            score: look_up(self.analysis.plots, name, "figure", self.page)
            for score, name in names.items()
        }
        self.staging.used.update((self.name, name) for name in names.values())
        curves = {score: plot for score, plot in plots.items() if isinstance(plot, Curves)}
        return sweep(curves) if len(curves) == len(plots) else {}

    def bet(
        self,
        claim: str,
        caption: str,
        nets: Mapping[str, Mapping[str, object]],
        at: float,
        **titles: str,
    ) -> Markup:
        """Lay the bet over this study's figure of its sweep, under a title that says the finding.

        Args:
            claim: the claim that its title is bound to.
            caption: what a reader must know beside it.
            nets: what can be bet on, by its name, as `sweeps` of each study gives it.
            at: the learning rate to begin at.
            titles: a title for each verdict that can come out, as for `say`.
        """
        plot = self.titled("sweep", claim, titles, "")
        file = self.titled_file("sweep")
        if not all(nets.values()):
            return self.figure(file, plot, caption)
        handed = bet(nets, at)
        return self.figure(file, plot, caption, kind="figure--answer", piece="bet", handed=handed)

    def scope(self) -> Markup:
        """Say for whom the results hold."""
        return fragment("scope.html.j2", found=scope(self.report), long=LONG)

    def expected(self) -> Markup:
        """Say how many claims came out as expected, and which did not."""
        shown = {name: self.report.shown(name) for name in self.report.verdicts}
        return fragment(
            "expected.html.j2",
            count=len(shown),
            withdrawn=sum(judgement.word == "withdrawn" for judgement in shown.values()),
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
        """All claims of the study, one line each with its seeds; each opens to its card.

        Claims of one unit stand together, with their axis below every few of them. Last comes with
        whom the study shares runs: what such claims find is found once.
        """
        verdicts = self.report.verdicts
        drawn = axes(verdicts.values())
        lines_of: dict[Key, list[Markup]] = {}
        scales = {}
        for name, verdict in verdicts.items():
            self.staging.carded.add((self.report.study.name, name))
            claim, unit = verdict.claim, key(verdict.claim)
            finding = verdict.findings.get(verdict.setting)
            drawing = strip(claim, finding, drawn[unit]) if finding else None
            if drawing:
                scales[unit] = fragment("axis.html.j2", scale=scale(claim, drawn[unit]))
            strips = {
                setting: strip(claim, of_setting, axis_of(verdict))
                for setting, of_setting in verdict.findings.items()
                if setting
            }
            row = line(verdict, self._shown(name), f"{self.prefix}{ERRATA}", drawing, strips)
            lines_of.setdefault(unit if drawing else APART, []).append(row)
        lines = []
        for unit, alike in lines_of.items():
            for first in range(0, len(alike), TOGETHER):
                lines += [*alike[first : first + TOGETHER], scales.get(unit, "")]
        shared = shared_in_words(self.sharing)
        reading = _reading([*verdicts.values()], drawn)
        return fragment("lines.html.j2", lines=lines, shared=shared, **reading)


def shared_in_words(sharing: Mapping[str, int]) -> str:
    """Say with whom runs are shared, and that this replicates nothing; empty where with nobody."""
    if not sharing:
        return ""
    others = joined([f"{heading} ({count})" for heading, count in sharing.items()], "and")
    return (
        f"Settings that are trained at the same judging seeds in other studies, too: {others}. "
        "Claims on these runs are no independent replications."
    )


def _reading(verdicts: Sequence[Verdict], drawn: Mapping[Key, Axis]) -> dict[str, object]:
    """Tell what a reader must know of the strips, for the key above them."""
    stripped = [verdict for verdict in verdicts if verdict.findings]
    intervals = [finding.interval for v in stripped for finding in v.findings.values()]
    kinds = {v.claim.kind for v in stripped}
    return {
        "dots": bool(stripped),
        "pairs": " or ".join(sorted({_pairs(v.claim) for v in stripped}, reverse=True)),
        "ahead": "difference" in kinds,
        "alike": "equivalence" in kinds,
        "brackets": any(v.setting for v in stripped),
        "medians": any(interval.method == MEDIAN for interval in intervals),
        "censored": any(verdict.censored for verdict in verdicts),
        "coarser": any(axis.breaks for axis in drawn.values()),
        "interval": interval_name(*(interval.level for interval in intervals)),
    }


def _pairs(claim: Claim) -> str:
    return "rounds of timing" if "rounds" in claim.seeds else "seeds"


def fold(title: str, caller: Callable[[], str], anchor: str = "") -> Markup:
    """Fold what a reader opens when it is wanted: native, by keyboard, and open on paper."""
    return fragment("fold.html.j2", title=title, anchor=anchor, told=caller())
