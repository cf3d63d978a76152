"""Render the pages: Jinja in Markdown in, staged Markdown, figures and data out.

Nothing is written before everything is rendered: a page that asks for a name which the report
does not hold stops the build and leaves the staged pages as they were.
"""

import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import jinja2
from markupsafe import Markup

from bnreport.errors import PageError
from bnreport.exports import anchor, claim_page, claims_json, runs_csv
from bnreport.figures import DARK, LIGHT, describe, draw
from bnreport.formats import between, duration, number, p_value, quantity
from bnreport.judge import Verdict
from bnreport.mathematics import mathml
from bnreport.plots import Plot
from bnreport.report import LocalCheck, Report, StudyReport
from bnreport.study import Table

Named = TypeVar("Named")

DECIMALS = {"pp": 2, "%": 0, "loss": 3, "largest |z|": 1}
_SIZE = re.compile(r'<svg[^>]* height="([\d.]+)pt"[^>]* width="([\d.]+)pt"|'
                   r'<svg[^>]* width="([\d.]+)pt" height="([\d.]+)pt"')  # fmt: skip

TEMPLATES = jinja2.Environment(
    loader=jinja2.PackageLoader("bnreport"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
# Jinja's own marks collide with anchors in Markdown and with braces in LaTeX.
PAGES = jinja2.Environment(
    variable_start_string="[[",
    variable_end_string="]]",
    block_start_string="[%",
    block_end_string="%]",
    comment_start_string="[##",
    comment_end_string="##]",
    autoescape=False,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
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


def _look_up(names: Mapping[str, Named], name: str, what: str, page: str) -> Named:
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
        value = _look_up(self.report.analysis.values, name, "number", self.page)
        return Markup('<span class="value" title="{}">{}</span>').format(value.origin, value.text)

    def word(self, claim: str) -> str:
        """The verdict's word."""
        return self._verdict(claim).word

    def verdict(self, claim: str) -> Markup:
        """The verdict as a mark and a word."""
        return badge(self._verdict(claim))

    def say(self, claim: str, **sentences: str) -> str:
        """The sentence for the verdict as it came out; no sentence, no build.

        Words with a space are written with an underscore: `not_supported`.
        """
        word = self.word(claim)
        if word == "not judged":
            return "The quick profile does not judge this claim."
        key = word.replace(" ", "_")
        if key not in sentences:
            raise PageError(
                f"Expected a sentence for every verdict that claim {claim} can have in "
                f"docs/{self.page}. Received: {word!r}, which has none. Do write {key}=…."
            )
        return sentences[key]

    def claim(self, claim: str) -> Markup:
        """The claim as a card with verdict, numbers and rule."""
        return card(self._verdict(claim), "")

    def drawing(self, name: str, caption: str) -> Markup:
        """A figure of the study."""
        plot = _look_up(self.report.analysis.plots, name, "figure", self.page)
        self.staging.used.add((self.report.study.name, name))
        return self.figure(f"{self.report.study.name}-{name}", plot, caption)

    def table(self, name: str) -> Markup:
        """A table of the study."""
        found = _look_up(self.report.analysis.tables, name, "table", self.page)
        return fragment("table.html.j2", table=found)

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
            "amended": "yes" if report.amended else "no",
        }

    def _verdict(self, claim: str) -> Verdict:
        return _look_up(self.report.verdicts, claim, "claim", self.page)


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
    parts.append(f"n = {verdict.n}")
    if verdict.diverged:
        parts.append(f"{verdict.diverged} of {verdict.n} diverged")
    return "; ".join(parts)


def render(report: Report, sources: Path) -> Staging:
    """Every page, figure and data file of the site, as text by path.

    Raises:
        PageError: when a page asks for what the report does not hold, or a figure is on no page.
    """
    staging = Staging()
    for path in sorted(sources.rglob("*.md")):
        page = path.relative_to(sources).as_posix()
        staging.files[page] = _page(page, path.read_text(encoding="utf-8"), report, staging)
    for name, study in report.studies.items():
        for plot in study.analysis.plots:
            if (name, plot) not in staging.used:
                raise PageError(
                    f"Expected every figure on a page. Received: figure {plot!r} of {name} on "
                    "none. Do show it or drop it."
                )
        staging.files[f"data/{name}.csv"] = runs_csv(study.records.values())
    staging.files["data/claims.json"] = claims_json(report)
    return staging


def _page(page: str, source: str, report: Report, staging: Staging) -> str:
    view = PageView(page, staging)

    def study(name: str) -> StudyView:
        return StudyView(page, staging, _look_up(report.studies, name, "study", page))

    def math(tex: str) -> Markup:
        return Markup(mathml(tex))

    def display(tex: str) -> Markup:
        return Markup(f'<div class="formula" markdown="0">{mathml(tex, True)}</div>')

    try:
        return PAGES.from_string(source).render(
            profile=report.profile,
            quick=report.profile == "quick",
            studies=list(report.studies.values()),
            study=study,
            cards=lambda: _cards(report, view),
            local=report.check,
            local_table=lambda: _local_table(report.check, view),
            local_figure=lambda caption: _local_figure(report.check, view, caption),
            math=math,
            display=display,
            number=number,
            duration=duration,
        )
    except (jinja2.TemplateError, TypeError) as error:
        raise PageError(
            f"Expected names that the report holds in docs/{page}. Received: {error}. "
            "Do mend the page."
        ) from error


def _cards(report: Report, view: PageView) -> Markup:
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


def _local_table(check: LocalCheck | None, view: PageView) -> Markup:
    rows = tuple(
        (
            f"{c.trial}, seed {c.seed}",
            row.metric,
            number(row.recorded, 5),
            number(row.again, 5),
            number(row.again - row.recorded, 5, signed=True),
            number(row.tolerance, 5),
            "equal bits" if c.equal_bits else ("agrees" if row.agrees else "differs"),
        )
        for c in _checked(check, view).comparisons
        for row in c.rows
    )
    head = ("run", "number", "recorded", "here", "difference", "tolerance", "result")
    return fragment(
        "table.html.j2", table=Table("Runs of this machine beside the record", head, rows)
    )


def _local_figure(check: LocalCheck | None, view: PageView, caption: str) -> Markup:
    return view.figure("this-machine", _checked(check, view).plot, caption)


def stage(staging: Staging, sources: Path, notebook: Path, target: Path) -> None:
    """Write the staged folder whole: the rendered pages, the assets and the notebook."""
    partial = target.with_name(target.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    for path, text in staging.files.items():
        file = partial / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8", newline="\n")
    shutil.copytree(sources / "assets", partial / "assets")
    shutil.copy(notebook, partial / "notebook.ipynb")
    shutil.rmtree(target, ignore_errors=True)
    partial.rename(target)
