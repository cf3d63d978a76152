"""The board itself: a fold for each question with a line for each claim, and the filters."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from bnreport.analysis.display import MARKS, Judgement, shown_word
from bnreport.analysis.report import Report, StudyReport
from bnreport.analysis.study import CHAPTERS
from bnreport.analysis.verdicts import Verdict
from bnreport.errors import PageError
from bnreport.pages.board.axis import MarginAxis, axis_of_all, drawn, scale
from bnreport.pages.board.facets import ARMS, EDITIONS, NETS, NONE, SCORES, facets
from bnreport.pages.board.guesses import GUESSES, guesses
from bnreport.pages.board.values import PAIRED
from bnreport.pages.claim_text import finding_text, margin_text, numbers
from bnreport.pages.data.links import anchor, claim_page
from bnreport.pages.fragments import fragment
from bnreport.pages.library.citation import Citation
from bnreport.pages.strips import EDGE, HEIGHT, RADIUS, WIDTH, strip

# What a script puts a claim in place of, to cite it.
CLAIM, STATEMENT, LINK = "%CLAIM%", "%STATEMENT%", "%LINK%"


@dataclass(frozen=True)
class Line:
    """A claim of an edition, as the board shows it.

    Attributes:
        study: the edition.
        verdict: the verdict.
        axis: the axis of the board.
    """

    study: StudyReport
    verdict: Verdict
    axis: MarginAxis

    @property
    def shown(self) -> Judgement:
        """The verdict as readers see it."""
        return self.study.shown(self.verdict.claim.id)

    @property
    def place(self) -> float | None:
        """The place of the effect on the axis, in pixels; none where it is not drawn."""
        finding = drawn(self.verdict)
        claim = self.verdict.claim
        return self.axis.for_claim(claim).at(finding.interval.point) if finding else None

    def html(self, prefix: str) -> Markup:
        """The line, which opens to the statement and its numbers."""
        claim, shown = self.verdict.claim, self.shown
        finding = self.verdict.findings.get(self.verdict.setting)
        return fragment(
            "board-line.html.j2",
            anchor=anchor(claim.id),
            claim=claim,
            shown=shown,
            setting=shown.setting(self.verdict.setting),
            strip=_strip(self.verdict, self.axis),
            found=finding_text(claim, finding) if finding else numbers(self.verdict, shown),
            numbers=numbers(self.verdict, shown),
            expected=shown_word(claim.expected),
            always=True,
            facets=facets(self.study, claim.id),
            link=prefix + claim_page(self.study, claim.id),
        )


def _strip(verdict: Verdict, axis: MarginAxis) -> Markup | None:
    if (finding := drawn(verdict)) is None:
        return None
    return strip(verdict.claim, finding, axis.for_claim(verdict.claim), seeds=False)


def board(report: Report, prefix: str, citation: Citation | None = None) -> Markup:
    """Every claim in one line: interval, margin and verdict, and what was expected.

    Args:
        report: what the site says.
        prefix: the way from the page up to the root of the site.
        citation: how the site is cited, if it is known.
    """
    _refuse_twins(report)
    verdicts = [verdict for _, verdict in report.verdicts()]
    axis = axis_of_all(verdicts)
    chapters = {
        chapter: [
            _question(study, axis, prefix)
            for study in report.studies.values()
            if study.study.chapter == chapter and any(s.verdicts for s in study.editions)
        ]
        for chapter in CHAPTERS
    }
    return fragment(
        "board.html.j2",
        chapters={chapter: questions for chapter, questions in chapters.items() if questions},
        count=len(verdicts),
        judged=sum(verdict.claim.kind in PAIRED for verdict in verdicts),
        filters=_filters(report),
        scale=scale(axis),
        axis=(axis.low, axis.high, EDGE, WIDTH),
        margins=_common_margins(verdicts),
        bibtex=citation.of_part(CLAIM, STATEMENT, LINK) if citation else "",
        prefix=prefix,
    )


def _question(study: StudyReport, axis: MarginAxis, prefix: str) -> dict[str, object]:
    """A question with the lines of its claims, by edition, and what its fold shows while shut."""
    editions = {
        s.study.edition.name: [Line(s, verdict, axis) for verdict in s.verdicts.values()]
        for s in study.editions
        if s.verdicts
    }
    # The newest edition comes first.
    lines = [line for of_edition in reversed(editions.values()) for line in of_edition]
    words = Counter(line.shown.word for line in lines)
    return {
        "study": study.study,
        "page": prefix + study.study.page.removesuffix(".md") + ".html",
        "editions": [
            (name.replace(".", "-"), of_edition[0].study.study.number, of_edition)
            for name, of_edition in reversed(editions.items())
        ],
        "words": [(word, MARKS[word], words[word]) for word in MARKS if words[word]],
        "swarm": _swarm(lines, axis) if any(line.place is not None for line in lines) else "",
    }


def _swarm(lines: Sequence[Line], axis: MarginAxis) -> Markup:
    """All effects of a question on the axis, in the order of the lines; a dot is a claim."""
    places = [(place, line.shown.word) for line in lines if (place := line.place) is not None]
    return fragment(
        "swarm.html.j2",
        width=WIDTH,
        height=HEIGHT,
        zero=axis.at(0.0),
        band=axis.at(1.0) - axis.at(0.0),
        dots=[
            (place, height, word)
            for (place, word), height in zip(
                places, heights([place for place, _ in places]), strict=True
            )
        ],
    )


def heights(places: Sequence[float]) -> list[float]:
    """The height of each dot: those that would hide one another, one above the other."""
    bins = [round(place / (2 * RADIUS)) for place in places]
    full, seen = Counter(bins), Counter[int]()
    levels = []
    for each in bins:
        step = min(2 * RADIUS, (HEIGHT - 2 * RADIUS) / max(1, full[each] - 1))
        levels.append(round(HEIGHT / 2 + step * (seen[each] - (full[each] - 1) / 2), 1))
        seen[each] += 1
    return levels


def _filters(report: Report) -> list[tuple[str, str, list[tuple[str, str]]]]:
    """The filters of the board: name, title and choices, of which each finds a claim."""
    every = [facets(study, verdict.claim.id) for study, verdict in report.verdicts()]
    words: dict[str, str] = {word: f"{mark} {word}" for word, mark in MARKS.items()}
    shown = {judgement.word for _, judgement in report.shown()}
    expected = [("no", "came out as expected"), ("yes", "came out differently")]
    return [
        ("verdict", "Verdict", _present(words, shown)),
        ("surprise", "Expected", expected),
        ("arm", "Arm", _present(ARMS, {arm for each in every for arm in each.arms})),
        ("net", "Net", _present(NETS, {net for each in every for net in each.nets})),
        ("edition", "Edition", _present(EDITIONS, {each.edition for each in every})),
        ("score", "Score", _present(SCORES, {each.score or NONE for each in every})),
    ]


def _present(choices: Mapping[str, str], names: Collection[str]) -> list[tuple[str, str]]:
    return [(name, text) for name, text in choices.items() if name in names]


def _common_margins(verdicts: Sequence[Verdict]) -> list[tuple[str, float, str]]:
    """The commonest margin of a difference in points, and of a ratio: scale, number and text."""
    claims = [v.claim for v in verdicts if v.claim.kind in PAIRED and v.claim.margin]
    common: list[tuple[str, float, str]] = []
    for unit in ("pp", "x"):
        counts = Counter(claim.margin for claim in claims if claim.unit == unit)
        if counts:
            margin, _ = counts.most_common(1)[0]
            claim = next(each for each in claims if (each.unit, each.margin) == (unit, margin))
            common.append((claim.scale, margin or 0.0, margin_text(claim)))
    return common


def _refuse_twins(report: Report) -> None:
    """Refuse two claims that read alike: they could have opposite verdicts side by side."""
    claims: dict[str, str] = {}
    for claim, judgement in report.shown():
        other = claims.setdefault(" ".join(judgement.statement.lower().split()), claim.id)
        if other != claim.id:
            raise PageError(
                f"Expected another statement for every claim on the board. Received: {other} and "
                f"{claim.id} say the same, {judgement.statement!r}. Name in `Study.display` "
                "what sets each apart: its horizon, its protocol, its score."
            )


def guess_first(report: Report, prefix: str) -> Markup:
    """The ten headlines to guess: a claim each, then what was expected of it and what came out.

    Args:
        report: what the site says.
        prefix: the way from the page up to the root of the site.
    """
    questions = guesses(report)
    blind = [(claim, shown) for claim, shown in report.shown() if shown.known == "new"]
    return fragment(
        "guesses.html.j2",
        guesses=questions,
        choices=[(word, MARKS[word]) for word in MARKS if word in GUESSES],
        right=sum(guess.right for guess in questions),
        blind=len(blind),
        hit=sum(shown.as_expected for _, shown in blind),
        prefix=prefix,
    )
