"""What a page may ask for: numbers, verdicts, figures and tables by name."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar

import jinja2
from markupsafe import Markup

from bnreport.errors import PageError
from bnreport.exports import anchor, claim_page
from bnreport.figures import DARK, LIGHT, describe, draw
from bnreport.formats import between, duration, number, p_value, quantity
from bnreport.judge import Verdict
from bnreport.plots import Plot
from bnreport.report import LocalCheck, Report, StudyReport
from bnreport.study import Table

Named = TypeVar("Named")

DECIMALS = {"pp": 2, "%": 0, "loss": 3, "largest |z|": 1}
_NAME = re.compile(r"\{([^{}]+)\}")
_SIZE = re.compile(r'<svg[^>]* height="([\d.]+)pt"[^>]* width="([\d.]+)pt"|'
                   r'<svg[^>]* width="([\d.]+)pt" height="([\d.]+)pt"')  # fmt: skip

TEMPLATES = jinja2.Environment(
    loader=jinja2.PackageLoader("bnreport"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


@dataclass
class Staging:
    """The files that the pages need, by path below the staged folder."""

    files: dict[str, str] = field(default_factory=dict)
    used: set[tuple[str, str]] = field(default_factory=set)

    def figure(self, file: str, plot: Plot) -> str:
        """Draw a figure once in both palettes; the text of the light one."""
        path = f"figures/{file}-{LIGHT.name}.svg"
        if path not in self.files:
            for palette in (LIGHT, DARK):
                self.files[f"figures/{file}-{palette.name}.svg"] = draw(plot, palette)
        return self.files[path]


def fragment(template: str, **values: object) -> Markup:
    """A template of ours, filled, as one block that Markdown leaves alone."""
    return Markup(TEMPLATES.get_template(template).render(**values).strip())


def look_up(names: Mapping[str, Named], name: str, what: str, page: str) -> Named:
    """The thing of that name.

    Raises:
        PageError: naming the page and the names that there are.
    """
    if name not in names:
        raise PageError(
            f"Expected a {what} in docs/{page}: {', '.join(sorted(names))}. "
            f"Received: {name!r}. Do use one of these names, or add it to the study's analysis."
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

    def figure(self, name: str, plot: Plot, caption: str) -> Markup:
        """A figure in both palettes, with its data in words as alternative text."""
        size = _SIZE.search(self.staging.figure(name, plot))
        if not size:
            raise PageError(f"Expected the size of figure {name} in its SVG. Received: none.")
        height, width = (float(x) for x in (size[1] or size[4], size[2] or size[3]))
        return fragment(
            "figure.html.j2",
            name=name,
            file=name,
            title=plot.title,
            alt=describe(plot),
            caption=caption,
            prefix=self.prefix,
            width=round(width * 4 / 3),
            height=round(height * 4 / 3),
        )


@dataclass(frozen=True)
class StudyView(PageView):
    """What a page may ask of one study."""

    report: StudyReport

    def value(self, name: str) -> Markup:
        """A number by name, with its origin as a hint."""
        value = look_up(self.report.analysis.values, name, "number", self.page)
        return Markup('<span class="value" title="{}">{}</span>').format(value.origin, value.text)

    def word(self, claim: str) -> str:
        """The verdict's word."""
        return self._verdict(claim).word

    def verdict(self, claim: str) -> Markup:
        """The verdict as a mark and a word."""
        return badge(self._verdict(claim))

    def say(self, claim: str, **sentences: str) -> Markup:
        """The sentence for the verdict as it came out; no sentence, no build.

        Words with a space are written with an underscore, `not_supported`, and numbers of the study
        by their name in braces.
        """
        word = self.word(claim)
        if word == "not judged":
            return Markup("The quick profile does not judge this claim.")
        key = word.replace(" ", "_")
        if key not in sentences:
            raise PageError(
                f"Expected a sentence for every verdict that claim {claim} can have in "
                f"docs/{self.page}. Received: {word!r}, which has none. Do write {key}=…."
            )
        return Markup(_NAME.sub(lambda match: self.value(match[1]), sentences[key]))

    def claim(self, claim: str) -> Markup:
        """The claim as a card with verdict, numbers and rule."""
        return card(self._verdict(claim), "")

    def drawing(self, name: str, caption: str) -> Markup:
        """A figure of the study."""
        plot = look_up(self.report.analysis.plots, name, "figure", self.page)
        self.staging.used.add((self.report.study.name, name))
        return self.figure(f"{self.report.study.name}-{name}", plot, caption)

    def table(self, name: str) -> Markup:
        """A table of the study."""
        found = look_up(self.report.analysis.tables, name, "table", self.page)
        return fragment("table.html.j2", table=found)

    def shows(self, name: str) -> bool:
        """Whether the records led to a figure or a table of that name; a benchmark has parts."""
        analysis = self.report.analysis
        return name in analysis.plots or name in analysis.tables

    def facts(self) -> dict[str, str]:
        """The state of the study's records, in words."""
        report = self.report
        made = [record.provenance for record in report.records.values()]
        return {
            "runs": str(len(report.records)),
            "epochs": f"{sum(r.identity.trial.length for r in report.records.values()):,}",
            "diverged": str(report.diverged),
            "seconds": duration(report.seconds),
            "standing": report.standing,
            "devices": "; ".join(sorted({p.device for p in made})),
            "commits": ", ".join(sorted({p.commit[:7] for p in made})),
            "versions": ", ".join(
                f"{name} {version}"
                for name, version in sorted({item for p in made for item in p.versions.items()})
            ),
            "dirty": str(sum(p.dirty for p in made)),
            "claims": str(len(report.verdicts)),
            "differences": str(sum(c.kind == "difference" for c in report.study.claims)),
            "followups": str(sum(claim.amended is not None for claim in report.study.claims)),
        }

    def _verdict(self, claim: str) -> Verdict:
        return look_up(self.report.verdicts, claim, "claim", self.page)


def badge(verdict: Verdict) -> Markup:
    """The verdict as a mark and a word."""
    return fragment("verdict.html.j2", verdict=verdict)


def card(verdict: Verdict, link: str) -> Markup:
    """A claim with its verdict; with a link to its page, or with its rule."""
    claim = verdict.claim
    decimals = DECIMALS.get(claim.unit, 2)
    margin = "" if claim.margin is None else quantity(claim.margin, decimals, claim.unit)
    return fragment(
        "claim.html.j2",
        verdict=verdict,
        badge=badge(verdict),
        anchor=anchor(claim.id),
        link=link,
        numbers=numbers(verdict, decimals),
        margin=margin if claim.unit != "loss" else number(claim.margin or 0, decimals),
    )


def numbers(verdict: Verdict, decimals: int) -> str:
    """The numbers of a verdict in one line."""
    claim = verdict.claim
    parts = []
    if claim.kind == "fit" and verdict.effect is not None:
        parts.append(f"largest |z| {number(verdict.effect, decimals)}")
    elif verdict.effect is not None and verdict.low is not None and verdict.high is not None:
        effect = number(verdict.effect, decimals, signed=True)
        unit = "" if claim.unit == "loss" else f"\u2009{claim.unit}"
        interval = between(verdict.low, verdict.high, decimals, signed=True)
        parts.append(f"{effect}{unit}, 95% interval {interval}")
    if verdict.p is not None:
        kind = "rank p" if claim.kind == "fit" else "p after Holm"
        parts.append(f"{kind} {p_value(verdict.p)}")
    parts.append(f"n\u00a0=\u00a0{verdict.n}")
    if verdict.diverged:
        parts.append(f"{verdict.diverged} of {verdict.n} diverged")
    return "; ".join(parts)


def cards(report: Report, view: PageView) -> Markup:
    """All claims by question, each linked to its place."""
    text = Markup()
    question = ""
    for study, verdict in report.verdicts():
        if verdict.claim.question != question:
            text += Markup("</div>\n\n") if question else Markup()
            question = verdict.claim.question
            text += Markup('### {}\n\n<div class="claims" markdown="0">\n').format(question)
        text += card(verdict, view.prefix + claim_page(study, verdict.claim.id)) + Markup("\n")
    return text + Markup("</div>\n")


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
