"""Let a page ask of one study: sentences by verdict, cards, effects, data, code."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from markupsafe import Markup

from bnreport.analysis.display import Judgement, may_say, outcomes
from bnreport.analysis.report import StudyReport
from bnreport.analysis.verdicts import Verdict
from bnreport.errors import PageError
from bnreport.lessons.compass import Recorded, recorded
from bnreport.pages.arms import armed
from bnreport.pages.claim_card import badge, card
from bnreport.pages.claim_text import claim_numbers
from bnreport.pages.data.links import study_page
from bnreport.pages.data.resources import tables_of
from bnreport.pages.fragments import fragment, inert
from bnreport.pages.hyperparameters import hyperparameter_table
from bnreport.pages.numbers import linked, of_claim, plain
from bnreport.pages.sources import source_files
from bnreport.pages.staging import look_up
from bnreport.pages.views import AnalysisView
from bnreport.presentation.formats import span
from bnreport.presentation.plots import Curves, Plot
from bnreport.presentation.tables import Value
from bnreport.protocol.runs import TUNING_SEEDS

# The machine that the site speaks of has two; a run keeps one busy.
CORES = 2
# Where the site lists what was wrong and is mended.
ERRATA = "learn/limits.html#errata"

_NAME = re.compile(r"\{([^{}]+)\}")


def _setting_of(field: str, verdict: Verdict) -> str:
    """The setting that a number of a claim is of; empty where it is of the claim as it stands."""
    setting = field.rpartition(".")[0]
    return setting if setting in verdict.findings else ""


def _named(sentence: str) -> dict[str, str]:
    """The numbers that a sentence asks for, each by the name of the one that goes with the others.

    "0.75 pp behind [−1.05, −0.45]" would give a number outside of its interval.
    """
    names = dict.fromkeys(_NAME.findall(sentence))
    sized = {name.removesuffix("size") + "interval" for name in names if name.endswith(".size")}
    return {name: f"{name}_of_size" if name in sized else name for name in names}


@dataclass(frozen=True)
class StudyView(AnalysisView):
    """The words of a page for one study, read at one of its editions.

    Numbers, tables and figures are this edition's. Claims are found by id in `editions`, all of the
    study that have records: no two share one.
    """

    report: StudyReport
    editions: tuple[StudyReport, ...]

    @property
    def number(self) -> int:
        """The number of the edition, from 1."""
        return self.report.study.number

    def word(self, claim: str) -> str:
        """The verdict's word, as shown."""
        return self._shown(claim).word

    def verdict(self, claim: str) -> Markup:
        """The verdict as a mark and a word."""
        return badge(self._shown(claim))

    def say(self, claim: str, **sentences: str) -> Markup:
        """The sentence for the verdict as it came out; no sentence, no build.

        There is one for each verdict that can come out, by the names of `outcomes`, and numbers of
        the study stand in it by their name in braces; beside an effect that is told by its size the
        interval is that of the size. Those of `may_say` tell more than `undecided` does, which
        stands in where a page has none.
        """
        chosen = self._chosen(claim, sentences)
        if chosen is None:
            return Markup("The quick profile does not judge this claim.")
        return self._filled(chosen)

    def _filled(self, sentence: str) -> Markup:
        """A sentence with the numbers that stand in it by name."""
        named = _named(sentence)
        return Markup(_NAME.sub(lambda match: self.value(named[match[1]]), sentence))

    def sentence(self, claim: str, sentences: Mapping[str, str]) -> str:
        """The same as plain text, for a figure; nothing where the claim is not judged."""
        chosen = self._chosen(claim, sentences) or ""
        named = _named(chosen)

        def value(match: re.Match[str]) -> str:
            return look_up(self._values, named[match[1]], "number", self.page).text

        return _NAME.sub(value, chosen)

    def _chosen(self, claim: str, sentences: Mapping[str, str]) -> str | None:
        shown = self._shown(claim)
        self._refuse_gaps(claim, sentences)
        if shown.word == "not judged":
            return None
        return sentences[shown.sentence if shown.sentence in sentences else "undecided"]

    def _refuse_gaps(self, claim: str, sentences: Mapping[str, str]) -> None:
        """Refuse a sentence that is missing, though its verdict may never come out."""
        study = self._edition_of(claim).study
        judged = self._verdict(claim).claim
        needed = outcomes(judged, study.display.get(claim))
        if {*may_say(judged)} & {*sentences}:
            needed += may_say(judged)
        missing = [key for key in needed if key not in sentences]
        surplus = [key for key in sentences if key not in needed]
        if missing or surplus:
            raise PageError(
                f"Expected a sentence for every verdict that claim {claim} can have in "
                f"docs/{self.page}: {', '.join(needed)}. Received: none for "
                f"{', '.join(missing) or 'nothing'}, and one too many for "
                f"{', '.join(surplus) or 'nothing'}. Write "
                f"{', '.join(f'{key}=…' for key in missing) or 'no others'}."
            )

    def answer(self, claim: str, **sentences: str) -> Markup:
        """The study's answer in one sentence, bound to a claim, with its verdict.

        The arms that it names have their colours, as in the figure below it.
        """
        sentence = self.say(claim, **sentences)
        shown = self._shown(claim)
        named = shown.label or shown.statement.rstrip(".")
        return fragment(
            "answer.html.j2", badge=badge(shown), told=armed(sentence), claim=named, id=claim
        )

    def ending(self, claim: str, **endings: str) -> str:
        """Give what a title goes on with, for each verdict of a second claim, as for `say`."""
        return self.sentence(claim, endings)

    def titled(self, name: str, claim: str, titles: Mapping[str, str], ending: str) -> Plot:
        """A figure of the analysis under the title that fits the verdict as it came out."""
        plot = look_up(self.analysis.plots, name, "figure", self.page)
        self.staging.used.add((self.name, name))
        title = self.sentence(claim, titles) if claim else ""
        return replace(plot, title=title + ending) if title else plot

    def drawing(
        self,
        name: str,
        caption: str,
        claim: str = "",
        ending: str = "",
        kind: str = "",
        **titles: str,
    ) -> Markup:
        """A figure; where a claim is named, under a title for each verdict, as for `say`.

        Args:
            name: the name of the figure.
            caption: what a reader must know beside it; where no claim titles it, that none does.
            claim: the claim that its title is bound to.
            ending: what every title ends with, as `ending` gives it for another claim.
            kind: a class for the style sheet.
            titles: a title for each verdict that can come out, as for `say`.
        """
        file = self.titled_file(name) if claim else self.file(name)
        return self.figure(file, self.titled(name, claim, titles, ending), caption, kind=kind)

    def turning(self) -> Sequence[Recorded]:
        """Give the nets behind this study's figures of lengths and turns to the compass."""
        plots = {
            name: look_up(self.analysis.plots, f"{name}s", "figure", self.page)
            for name in ("length", "turn")
        }
        self.staging.used.update((self.name, f"{name}s") for name in plots)
        curves = {name: plot for name, plot in plots.items() if isinstance(plot, Curves)}
        product = float(look_up(self._values, "product", "number", self.page).text)
        return recorded(curves, product) if len(curves) == len(plots) else ()

    def titled_file(self, name: str) -> str:
        """The name of the files of a figure under a title that this page gives it.

        Another page than the study's has files of its own.
        """
        own = self.page == self.report.study.page
        return self.file(name) if own else f"{self.file(name)}-in-{Path(self.page).stem}"

    def claim(self, claim: str) -> Markup:
        """The claim as a card with verdict, numbers and rule."""
        verdict = self._verdict(claim)
        self.staging.carded.add((self.report.study.name, claim))
        return card(verdict, self._shown(claim), f"{self.prefix}{ERRATA}")

    def fixed(self) -> Markup:
        """Tabulate what all trials of the study share, and what they vary."""
        trials = [runs.trial for runs in self.report.study.runs]
        return fragment("table.html.j2", table=hyperparameter_table(trials))

    def data(self, described: bool = True) -> Markup:
        """Links to the study's own tables; `described` with what each holds."""
        return Markup(", ").join(
            Markup('<a href="{}data/{}">{}</a>{}').format(
                self.prefix,
                file,
                # A line may end before a suffix, and not within a word.
                Markup("<wbr>.").join(file.split(".")),
                f" ({held})" if described else "",
            )
            for file, held in tables_of(self.report).items()
        )

    def code(self) -> Markup:
        """Links to the study's own code, as this site was built with it."""
        name = self.report.study.edition.name
        return Markup(", ").join(
            Markup('<a href="{}code/{}/{}">{}</a>').format(
                # Markdown would make low lines bold.
                self.prefix,
                name,
                file.name,
                Markup(file.name.replace("_", "&#95;")),
            )
            for file in source_files(self.report.study)
        )

    def value(self, name: str) -> Markup:
        """A number that leads to what it rests on: a claim's to its card, a run's to the records.

        One that was set before the runs has its origin as a hint.
        """
        value = look_up(self._values, name, "number", self.page)
        # A word, as of the side on which an effect lies, stands beside the number that leads on.
        if not any(map(str.isdigit, value.text)):
            return plain(value)
        if claim := self._claim_of(name):
            report = self._edition_of(claim)
            setting = _setting_of(name.removeprefix(f"{claim}."), report.verdicts[claim])
            return of_claim(value.text, report, claim, setting, self.prefix)
        if value.given:
            return plain(value)
        own = self.page == self.report.study.page
        return linked(value, f"{'' if own else self.prefix + study_page(self.report)}#{self.runs}")

    @property
    def runs(self) -> str:
        """The anchor at which the page of the study tells of this edition's records."""
        return f"runs-{self.report.study.edition.name.replace('.', '-')}"

    def _claim_of(self, name: str) -> str:
        """The claim that a number is of, by whose id its name begins; empty where it is of none."""
        claims = [claim for report in self.editions for claim in report.verdicts]
        return max((c for c in claims if name.startswith(f"{c}.")), key=len, default="")

    @cached_property
    def _values(self) -> Mapping[str, Value]:
        return {
            **self.analysis.values,
            **{
                f"{name}.{field}": Value(text, f"claim {name}, over {verdict.n} pairs")
                for report in self.editions
                for name, verdict in report.verdicts.items()
                for field, text in claim_numbers(verdict).items()
            },
        }

    def facts(self) -> dict[str, str]:
        """The state of the study's records, in words."""
        report = self.report
        provenances = [record.provenance for record in report.records.values()]
        return {
            "name": report.study.name,
            "file": report.study.edition.name,
            "runs": f"{len(report.records):,}",
            "judged": str(
                len({r.identity.seed for r in report.records.values()} - {*TUNING_SEEDS})
            ),
            "tuned": str(sum(r.identity.seed in TUNING_SEEDS for r in report.records.values())),
            "digest": report.study.claims_digest[:16],
            "epochs": f"{sum(r.identity.trial.length for r in report.records.values()):,}",
            "diverged": str(report.diverged),
            "seconds": span(report.seconds),
            "wall": span(report.seconds / CORES),
            "standing": report.standing,
            "devices": inert("; ".join(sorted({p.device for p in provenances}))),
            "commits": inert(", ".join(sorted({p.commit[:7] for p in provenances}))),
            "unchecked": inert(", ".join(commit[:7] for commit in report.unchecked)),
            "versions": inert(
                ", ".join(
                    f"{name} {version}"
                    for name, version in sorted(
                        {item for p in provenances for item in p.versions.items()}
                    )
                )
            ),
            "dirty": str(sum(p.dirty for p in provenances)),
            "claims": str(len(report.verdicts)),
            "family": str(
                max((v.family for v in report.verdicts.values() if v.findings), default=0)
            ),
            "followups": str(sum(claim.amended is not None for claim in report.study.claims)),
        }

    def _files(self) -> Sequence[str]:
        return (*tables_of(self.report), f"{self.report.study.edition.name}.jsonl")

    def _study_page(self) -> str:
        return study_page(self.report)

    def _shown(self, claim: str) -> Judgement:
        return self._edition_of(claim).shown(claim)

    def _verdict(self, claim: str) -> Verdict:
        return self._edition_of(claim).verdicts[claim]

    def _edition_of(self, claim: str) -> StudyReport:
        """The report of the edition that has the claim."""
        reports = {name: report for report in self.editions for name in report.verdicts}
        return look_up(reports, claim, "claim", self.page)
