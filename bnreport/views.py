"""What a page may ask for: numbers, verdicts, figures and tables by name."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from markupsafe import Markup

from bnreport.boards import badge, card, claim_numbers, fragment, inert
from bnreport.dataset import tables_of
from bnreport.display import Judgement, outcomes
from bnreport.effects import effects
from bnreport.errors import PageError
from bnreport.figures import DARK, LIGHT, describe, recolored
from bnreport.formats import duration, number
from bnreport.judge import Verdict
from bnreport.lesson import Lesson
from bnreport.pictures import filled
from bnreport.plots import Plot, for_phone
from bnreport.report import LocalCheck, StudyReport
from bnreport.settings import settings_table
from bnreport.studies import files_of
from bnreport.study import TUNING_SEEDS, Analysis, Study, Table, Value
from bnreport.supplies import Supplies

Named = TypeVar("Named")

PACKAGE = Path(__file__).parent
# The machine that the site speaks of has two; a run keeps one busy.
CORES = 2
# Where the site lists what was wrong and is mended.
ERRATA = "learn/limits.html#errata"
# A longer value may break between its words, or a phone could not show it.
SHORT = 28

_NAME = re.compile(r"\{([^{}]+)\}")
_SIZE = re.compile(r'<svg[^>]* height="([\d.]+)pt"[^>]* width="([\d.]+)pt"|'
                   r'<svg[^>]* width="([\d.]+)pt" height="([\d.]+)pt"')  # fmt: skip


@dataclass
class Staging:
    """The files that the pages need, by path below the staged folder, and what makes the costly.

    `used` are the figures that a page shows, `carded` the claims, and `cited` the works.
    """

    files: dict[str, str] = field(default_factory=dict)
    supplies: Supplies = field(default_factory=Supplies)
    used: set[tuple[str, str]] = field(default_factory=set)
    carded: set[tuple[str, str]] = field(default_factory=set)
    cited: set[str] = field(default_factory=set)

    def figure(self, file: str, plot: Plot) -> str | None:
        """Stage a figure in both palettes; the text of the light one, None while it waits."""
        path = f"figures/{file}-{LIGHT.name}.svg"
        if path not in self.files and (text := self.supplies.figure(plot)) is not None:
            self.files[path] = text
            self.files[f"figures/{file}-{DARK.name}.svg"] = recolored(text, LIGHT, DARK)
        return self.files.get(path)


def look_up(names: Mapping[str, Named], name: str, what: str, page: str) -> Named:
    """The thing of that name.

    Raises:
        PageError: naming the page and the names that there are.
    """
    if name not in names:
        raise PageError(
            f"Expected a {what} in docs/{page}: {', '.join(sorted(names))}. "
            f"Received: {name!r}. Do use one of these names, or add it to the analysis."
        )
    return names[name]


@dataclass(frozen=True)
class PageView:
    """What any page may ask for."""

    page: str
    staging: Staging

    @property
    def prefix(self) -> str:
        """The way from this page up to the root of the site."""
        return "../" * self.page.count("/")

    def figure(
        self, name: str, plot: Plot, caption: str, *, forms: bool = False, kind: str = ""
    ) -> Markup:
        """A figure in both palettes, with its data in words as alternative text.

        Args:
            name: the name of its files and of its anchor.
            plot: what it shows.
            caption: what a reader must know beside it.
            forms: whether a phone gets a form of its own.
            kind: a class for the style sheet.
        """
        small = for_phone(plot) if forms else None
        return fragment(
            "figure.html.j2",
            name=name,
            file=name,
            title=plot.title,
            alt=describe(plot),
            caption=caption,
            prefix=self.prefix,
            phone=self._size(f"{name}-phone", small) if small else None,
            kind=kind,
            **self._size(name, plot),
        )

    def _size(self, name: str, plot: Plot) -> dict[str, int]:
        """The width and the height of a figure in pixels, none while it waits to be drawn."""
        text = self.staging.figure(name, plot)
        height, width = (0.0, 0.0) if text is None else _size(name, text)
        return {"width": round(width * 4 / 3), "height": round(height * 4 / 3)}


def _size(name: str, figure: str) -> tuple[float, float]:
    """Height and width of a figure in points."""
    size = _SIZE.search(figure)
    if not size:
        raise PageError(f"Expected the size of figure {name} in its SVG. Received: none.")
    return float(size[1] or size[4]), float(size[2] or size[3])


@dataclass(frozen=True)
class AnalysisView(PageView):
    """What a page may ask of an analysis: that of a study, or that of a lesson."""

    name: str
    analysis: Analysis

    def value(self, name: str) -> Markup:
        """A number, with its origin as a hint; of a study also "<claim>.effect" and its like."""
        value = look_up(self._values, name, "number", self.page)
        kind = "value value--long" if len(value.text) > SHORT else "value"
        return Markup('<span class="{}" title="{}">{}</span>').format(
            kind, inert(value.origin), inert(value.text)
        )

    def drawing(self, name: str, caption: str) -> Markup:
        """A figure."""
        plot = look_up(self.analysis.plots, name, "figure", self.page)
        self.staging.used.add((self.name, name))
        return self.figure(f"{self.name}-{name}", plot, caption)

    def table(self, name: str) -> Markup:
        """A table."""
        found = look_up(self.analysis.tables, name, "table", self.page)
        return fragment("table.html.j2", table=found)

    def shows(self, name: str) -> bool:
        """Whether the records led to a figure or a table of that name; a benchmark has parts."""
        return name in self.analysis.plots or name in self.analysis.tables

    @cached_property
    def _values(self) -> Mapping[str, Value]:
        return self.analysis.values


@dataclass(frozen=True)
class LessonView(AnalysisView):
    """What a page may ask of its lesson.

    `pictures` are the files of the lesson's pictures, by name.
    """

    lesson: Lesson
    pictures: Mapping[str, Path]

    @property
    def point(self) -> str:
        """What a reader takes away, in one sentence."""
        return self.lesson.point

    def picture(self, name: str, caption: str) -> Markup:
        """Show a picture of the lesson, with the numbers that are worked for it."""
        path = look_up(self.pictures, name, "picture", self.page)
        self.staging.used.add((self.name, name))
        drawing = Markup(filled(path, self.analysis.pictures.get(name, {})))
        return fragment("picture.html.j2", name=name, drawing=drawing, caption=caption)


@dataclass(frozen=True)
class StudyView(AnalysisView):
    """What a page may ask of one study."""

    report: StudyReport

    def word(self, claim: str) -> str:
        """The verdict's word, as shown."""
        return self._shown(claim).word

    def verdict(self, claim: str) -> Markup:
        """The verdict as a mark and a word."""
        return badge(self._shown(claim))

    def say(self, claim: str, **sentences: str) -> Markup:
        """The sentence for the verdict as it came out; no sentence, no build.

        There is one for each verdict that can come out, by the names of `outcomes`, and numbers of
        the study stand in it by their name in braces.
        """
        found = self._chosen(claim, sentences)
        if found is None:
            return Markup("The quick profile does not judge this claim.")
        return Markup(_NAME.sub(lambda match: self.value(match[1]), found))

    def sentence(self, claim: str, sentences: Mapping[str, str]) -> str:
        """The same as plain text, for a figure; nothing where the claim is not judged."""
        found = self._chosen(claim, sentences) or ""

        def value(match: re.Match[str]) -> str:
            return look_up(self._values, match[1], "number", self.page).text

        return _NAME.sub(value, found)

    def _chosen(self, claim: str, sentences: Mapping[str, str]) -> str | None:
        shown = self._shown(claim)
        self._refuse_gaps(claim, sentences)
        return None if shown.word == "not judged" else sentences[shown.sentence]

    def _refuse_gaps(self, claim: str, sentences: Mapping[str, str]) -> None:
        """Refuse a sentence that is missing, though its verdict may never come out."""
        study = self.report.study
        needed = outcomes(self._verdict(claim).claim, study.display.get(claim))
        missing = [key for key in needed if key not in sentences]
        surplus = [key for key in sentences if key not in needed]
        if missing or surplus:
            raise PageError(
                f"Expected a sentence for every verdict that claim {claim} can have in "
                f"docs/{self.page}: {', '.join(needed)}. Received: none for "
                f"{', '.join(missing) or 'nothing'}, and one too many for "
                f"{', '.join(surplus) or 'nothing'}. Do write "
                f"{', '.join(f'{key}=…' for key in missing) or 'no others'}."
            )

    def answer(self, claim: str, **sentences: str) -> Markup:
        """The study's answer in one sentence, bound to a claim, with its verdict."""
        told = self.say(claim, **sentences)
        return fragment("answer.html.j2", badge=self.verdict(claim), told=told)

    def claim(self, claim: str) -> Markup:
        """The claim as a card with verdict, numbers and rule."""
        verdict = self._verdict(claim)
        self.staging.carded.add((self.report.study.name, claim))
        return card(verdict, self._shown(claim), f"{self.prefix}{ERRATA}")

    def claims(self) -> Markup:
        """All claims of the study as cards."""
        return Markup("\n").join(self.claim(name) for name in self.report.verdicts)

    def effects(self) -> Markup:
        """What the claims found, seed by seed, a figure for each unit."""
        drawn = effects(
            self.report.verdicts, {name: self.report.shown(name) for name in self.report.verdicts}
        )
        # Said once; a figure for another unit need not explain itself again.
        captions = [
            "Each row is a claim, or one setting of it, with the mark of its verdict. Right of the "
            "line the effect has the direction that the claim predicts.",
            *["The same for claims in another unit."] * (len(drawn) - 1),
        ]
        if any(verdict.censored for verdict in self.report.verdicts.values()):
            captions[0] += " Dots at the end of the axis are runs that never arrived."
        parts = [
            self.figure(f"{self.report.study.name}-effects-{place}", plot, caption)
            for place, (plot, caption) in enumerate(
                zip(drawn.values(), captions, strict=False), start=1
            )
        ]
        return Markup("\n").join(parts)

    def fixed(self) -> Markup:
        """What all trials of the study share, and what they vary, as a table."""
        trials = [runs.trial for runs in self.report.study.runs]
        return fragment("table.html.j2", table=settings_table(trials))

    def data(self, told: bool = True) -> Markup:
        """Links to the study's own tables; `told` with what each holds."""
        return Markup(", ").join(
            Markup('<a href="{0}data/{1}">{1}</a>{2}').format(
                self.prefix, file, f" ({held})" if told else ""
            )
            for file, held in tables_of(self.report).items()
        )

    def code(self) -> Markup:
        """Links to the study's own code, as this site was built with it."""
        name = self.report.study.name
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

    @cached_property
    def _values(self) -> Mapping[str, Value]:
        return {
            **self.analysis.values,
            **{
                f"{name}.{what}": Value(text, f"claim {name}, over {verdict.n} pairs")
                for name, verdict in self.report.verdicts.items()
                for what, text in claim_numbers(verdict).items()
            },
        }

    def facts(self) -> dict[str, str]:
        """The state of the study's records, in words."""
        report = self.report
        made = [record.provenance for record in report.records.values()]
        return {
            "name": report.study.name,
            "runs": str(len(report.records)),
            "judged": str(
                len({r.identity.seed for r in report.records.values()} - {*TUNING_SEEDS})
            ),
            "tuned": str(sum(r.identity.seed in TUNING_SEEDS for r in report.records.values())),
            "digest": report.study.claims_digest[:16],
            "epochs": f"{sum(r.identity.trial.length for r in report.records.values()):,}",
            "diverged": str(report.diverged),
            "seconds": duration(report.seconds),
            "wall": duration(report.seconds / CORES),
            "standing": report.standing,
            "devices": inert("; ".join(sorted({p.device for p in made}))),
            "commits": inert(", ".join(sorted({p.commit[:7] for p in made}))),
            "versions": inert(
                ", ".join(
                    f"{name} {version}"
                    for name, version in sorted({item for p in made for item in p.versions.items()})
                )
            ),
            "dirty": str(sum(p.dirty for p in made)),
            "claims": str(len(report.verdicts)),
            "family": str(
                max((v.family for v in report.verdicts.values() if v.findings), default=0)
            ),
            "followups": str(sum(claim.amended is not None for claim in report.study.claims)),
        }

    def _shown(self, claim: str) -> Judgement:
        self._verdict(claim)
        return self.report.shown(claim)

    def _verdict(self, claim: str) -> Verdict:
        return look_up(self.report.verdicts, claim, "claim", self.page)


class SilentView:
    """What a lesson may ask of an announced study, which has no records: every answer is empty."""

    def say(self, *_: object, **__: object) -> Markup:
        """No sentence."""
        return Markup()

    def value(self, _: str) -> Markup:
        """No number."""
        return Markup()


def source_files(study: Study) -> list[Path]:
    """The files of the package that say what the study trains and how it is judged."""
    return [*files_of(study.name), *(PACKAGE / name for name in study.code)]


def _checked(check: LocalCheck | None, view: PageView) -> LocalCheck:
    if check is None:
        raise PageError(
            f"Expected docs/{view.page} to ask whether this machine trained. Received: a build "
            "from records alone. Do guard it with [% if local %]."
        )
    return check


def local_table(check: LocalCheck | None, view: PageView) -> Markup:
    """This machine's runs beside the record, number by number."""
    rows = tuple(
        (
            f"{c.trial}, seed {c.seed}",
            row.metric,
            number(row.recorded, 5),
            number(row.again - row.recorded, 5, signed=True),
            number(row.tolerance, 5),
            "equal bits" if c.equal_bits else ("agrees" if row.agrees else "differs"),
        )
        for c in _checked(check, view).comparisons
        for row in c.rows
    )
    head = ("run", "number", "recorded", "here, off by", "tolerance", "result")
    return fragment(
        "table.html.j2", table=Table("Runs of this machine beside the record", head, rows)
    )


def local_figure(check: LocalCheck | None, view: PageView, caption: str) -> Markup:
    """This machine's runs as crosses over the recorded ones."""
    return view.figure("this-machine", _checked(check, view).plot, caption)
