"""Every study's page says what its verdicts say, whichever they are, and never anything else."""

import hashlib
import re
from collections import ChainMap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache

import jinja2.nodes
import lxml.html
import pytest

from bnreport.analysis.display import Judgement, may_say, outcomes
from bnreport.analysis.report import Report, StudyReport, report_study
from bnreport.analysis.study import Study
from bnreport.errors import PageError
from bnreport.figures.palettes import LIGHT, Palette
from bnreport.pages.filling import PAGES
from bnreport.pages.hyperparameters import hyperparameter_table
from bnreport.pages.overlap import shared
from bnreport.pages.render import render_pages
from bnreport.pages.staging import Staging
from bnreport.pages.study_view import StudyView
from bnreport.pages.supplies import Supplies, draw
from bnreport.presentation.plots import Matrix, Plot
from bnreport.presentation.tables import Table
from bnreport.protocol.trials import AnyTrial
from bnreport.studies import all_editions, all_studies
from tests import fabricated
from tests.pages.test_render import filled, numbers_of
from tests.shared import kept
from tests.synthetic import DOCS, TOLD, code, unmarked, with_sentences

# The studies that the made-up story of `synthetic` tells have tests of their own.
STUDIES = {
    name: study
    for name, study in all_studies().items()
    if name not in {"notebook", "performance"} and (DOCS / study.page).exists()
}
CLAIMS = {claim.id: claim for study in all_editions().values() for claim in study.claims}
DISPLAY = {
    name: shown for study in all_editions().values() for name, shown in study.display.items()
}
each_study = pytest.mark.parametrize("name", STUDIES)
# What the page of a study calls its earlier editions.
EARLIER = {"first": 1, "second": 2}
# Which argument of a call names the claim.
PLACE = {"say": 0, "answer": 0, "ending": 0, "hero": 1, "drawing": 2}
# Studies that ask the same of each data set: a matrix has a word for each claim, in a tile, and the
# prose speaks of some of them.
ASKED_OF_EACH = {"datasets"}
# Every sentence that some claim needs.
KEYS = tuple(TOLD)


@dataclass(frozen=True)
class Saying:
    """A sentence of a page for each verdict of a claim.

    `edition` is the earlier one that says it where the page is another one's, or 0; `call` is what
    the page calls to say it.
    """

    claim: str
    sentences: dict[str, str]
    edition: int = 0
    call: str = "say"


def sayings(name: str) -> tuple[Saying, ...]:
    """Every call that has a sentence for each verdict, on the page of a study."""
    return sayings_in(STUDIES[name].page)


@cache
def sayings_in(page: str) -> tuple[Saying, ...]:
    """Every call that has a sentence for each verdict, on a page."""
    return tuple(_sayings_in(page))


def _sayings_in(page: str) -> Iterator[Saying]:
    tree = PAGES.parse((DOCS / page).read_text(encoding="utf-8"))
    for call in tree.find_all(jinja2.nodes.Call):
        # A drawing need not name a claim.
        if (
            isinstance(call.node, jinja2.nodes.Getattr)
            and call.node.attr in PLACE
            and len(call.args) > PLACE[call.node.attr]
        ):
            claim = call.args[PLACE[call.node.attr]].as_const()
            # The first figure of a study without claims names none.
            if not claim:
                continue
            sentences = {k.key: k.value.as_const() for k in call.kwargs}
            edition = EARLIER.get(getattr(call.node.node, "name", ""), 0)
            yield Saying(claim, sentences, edition, call.node.attr)


def editions_of(name: str) -> list[Study]:
    """A study, read at each of its editions that have records; made-up ones are for all."""
    return [at for at in STUDIES[name].by_edition() if at.number == 1 or not at.announced]


@cache
def made_up(name: str) -> Report:
    """A report of one study on made-up records; all other pages wait."""
    # Made-up tuning runs would ask for other settings.
    editions = (replace(at, check_tuning=lambda _: None) for at in editions_of(name))
    first, *later = (
        report_study(at, fabricated.records(at), "full", None, code()) for at in editions
    )
    pages = {path.relative_to(DOCS).as_posix() for path in DOCS.rglob("[!_]*.md")}
    found = replace(first, later=tuple(later))
    return Report("full", {name: found}, None, frozenset(pages - {STUDIES[name].page}))


@pytest.fixture(autouse=True, scope="module")
def asked_once() -> Iterator[None]:
    """What pages say of settings and of shared runs depends on no verdict: found once a study."""
    groups = cache(lambda name: shared(made_up(name)))
    tables: dict[tuple[int, ...], Table] = {}

    def table(trials: Sequence[AnyTrial]) -> Table:
        # Trials live as long as their study does.
        key = tuple(map(id, trials))
        if key not in tables:
            tables[key] = hyperparameter_table(trials)
        return tables[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("bnreport.pages.render.shared", lambda report: groups(*report.studies))
        patch.setattr("bnreport.pages.study_view.hyperparameter_table", table)
        yield


def view(study: StudyReport) -> StudyView:
    """What a page may say of a study."""
    name = study.study.name
    return StudyView("a.md", Staging(), name, study.analysis, study, study.editions)


def page_of(name: str, report: Report) -> str:
    """The page of a study as a report makes it, with empty figures."""
    files = render_pages(report, DOCS, Staging(supplies=BLANK)).files
    text = unmarked(files[STUDIES[name].page])
    return text.replace("<code>", "`").replace("</code>", "`")


def _blank(_: Plot, palette: Palette) -> str:
    return f'<svg height="9pt" width="9pt" class="{palette.name}"/>'


class Blank(Supplies):
    """Has every figure at once, empty: no page is filled in twice."""

    def key(self, plot: Plot) -> str:  # noqa: ARG002
        """One for all: what they show is not looked at."""
        return "empty"

    def figure(self, plot: Plot, key: str = "") -> str:  # noqa: ARG002
        """The figure, empty."""
        return _blank(plot, LIGHT)


BLANK = Blank(cache=kept())


def _drawn_in_a_form(plot: Plot, palette: Palette) -> str:
    """The figure in one of its two forms, and nothing in its other.

    Numbers that are made up show in either what a form cannot draw; the digest of a plot's title
    says which, so that each form meets many figures.
    """
    wide = hashlib.sha256(plot.title.encode()).digest()[0] % 2
    return draw(plot, palette) if (plot.form == "wide") == wide else _blank(plot, palette)


PAGES_THAT_SAY = [
    path.relative_to(DOCS).as_posix()
    for path in sorted(DOCS.rglob("*.md"))
    if any(call in path.read_text(encoding="utf-8") for call in (".say(", ".answer("))
]
# Hedges that leave a reader without the number, or tell a sure result as none.
HEDGES = re.compile(
    r"\bif at all\b|\bif anything\b|\bworth saying\b|\bcannot tell\b|\bstays open\b"
)


@pytest.mark.parametrize("page", PAGES_THAT_SAY)
def test_a_page_has_a_sentence_of_its_own_for_every_verdict_that_can_come_out(page: str) -> None:
    for saying in sayings_in(page):
        claim = CLAIMS[saying.claim]
        needed = outcomes(claim, DISPLAY.get(saying.claim))
        if {*may_say(claim)} & {*saying.sentences}:
            needed += may_say(claim)
        assert set(saying.sentences) == set(needed), saying.claim
        assert len(set(saying.sentences.values())) == len(needed), saying.claim


SAME = {"supported": "They tie.", "not_supported": "They part.", "undecided": "It is open."}
SIDED = {"above": "It is ahead.", "below": "It is behind."}


@pytest.mark.parametrize(
    ("key", "sentences", "told"),
    [
        ("above", SAME | SIDED, "It is ahead."),
        ("below", SAME | SIDED, "It is behind."),
        ("undecided", SAME | SIDED, "It is open."),
        ("above", SAME, "It is open."),
    ],
)
def test_an_open_equality_is_told_by_its_side_where_the_page_has_a_sentence_for_it(
    key: str, sentences: dict[str, str], told: str
) -> None:
    claim = "alternatives-2-bn-std"
    found = with_sentences(made_up("alternatives"), {claim: key}, "alternatives")
    assert view(found.studies["alternatives"]).say(claim, **sentences) == told


def test_the_interval_beside_a_size_is_that_of_the_size() -> None:
    claim = "alternatives-2-bn-std"
    found = with_sentences(made_up("alternatives"), {claim: "below"}, "alternatives")
    sides = {"above": "no", "below": f"{{{claim}.size}} behind {{{claim}.interval}}"}
    assert _said(found, claim, sides) == "0.50\u2009pp behind [0.25, 0.75]"
    sides["below"] = f"{{{claim}.signed}} {{{claim}.interval}}"
    assert _said(found, claim, sides) == "−0.50\u2009pp [−0.75, −0.25]"


def _said(found: Report, claim: str, sides: dict[str, str]) -> str:
    told = view(found.studies["alternatives"]).say(claim, **SAME, **sides)
    return str(lxml.html.fromstring(f"<p>{told}</p>").text_content())


def test_a_sentence_for_one_side_asks_for_the_other() -> None:
    study = made_up("alternatives").studies["alternatives"]
    with pytest.raises(PageError, match="below="):
        view(study).say("alternatives-2-bn-std", **SAME, above="It is ahead.")


@pytest.mark.parametrize("page", PAGES_THAT_SAY)
def test_no_sentence_hedges_what_the_interval_shows(page: str) -> None:
    for saying in sayings_in(page):
        for key, sentence in saying.sentences.items():
            assert not HEDGES.search(sentence), (saying.claim, key)


# A number of open sign that is told as a lead: "ahead by −0.20 pp".
LEAD = re.compile(
    r"(ahead|behind|leads?|apart|less|more) (by )?\{[^}]+\.signed\}"
    r"|\{[^}]+\.signed\}( \{[^}]+\.interval\})? (ahead|behind|higher|lower|further|apart)\b(?! a\b)"
)
OPEN = ("not_supported", "undecided", "mixed", "not_in_every_setting")


@pytest.mark.parametrize("page", PAGES_THAT_SAY)
def test_no_difference_whose_sign_is_open_is_told_as_a_lead(page: str) -> None:
    for saying in sayings_in(page):
        for key in OPEN:
            assert not LEAD.search(saying.sentences.get(key, "")), (saying.claim, key)


@each_study
def test_every_claim_is_spoken_of_in_prose(name: str) -> None:
    *earlier, newest = editions_of(name)
    said = {saying.claim for saying in sayings(name)}
    if name in ASKED_OF_EACH:
        plots = made_up(name).studies[name].analysis.plots.values()
        rows = [tiles for plot in plots if isinstance(plot, Matrix) for _, tiles in plot.rows]
        assert sum(tile is not None for tiles in rows for tile in tiles) == len(newest.claims)
    else:
        assert said >= {claim.id for claim in newest.claims}
    # What an earlier edition found is told in a sentence; its other claims are lines. A claim of
    # another study may judge the same runs.
    own = {claim.id for at in earlier for claim in at.claims}
    others = said - {claim.id for claim in newest.claims}
    assert bool(others & own) == bool(earlier)
    assert all(CLAIMS[other] not in newest.claims for other in others - own)


def shown(study: StudyReport, claim: str) -> Judgement:
    """The verdict on a claim of one of the editions."""
    (edition,) = (edition for edition in study.editions if claim in edition.verdicts)
    return edition.shown(claim)


def turns(study: StudyReport) -> list[dict[str, str]]:
    """The sentence that each claim of a study asks for, for every sentence that some claim has.

    Claims that have none for it are not supported.
    """
    claims = [claim for edition in study.editions for claim in edition.verdicts]
    known = {claim: {*outcomes(CLAIMS[claim]), *may_say(CLAIMS[claim])} for claim in claims}
    each = ({c: key if key in known[c] else "not_supported" for c in claims} for key in KEYS)
    # What no claim of the study has a sentence for turns them all alike.
    return list({tuple(keys.values()): keys for keys in each}.values())


@pytest.mark.slow
@each_study
def test_a_page_says_what_the_verdicts_say_and_its_figures_are_whole(name: str) -> None:
    report = made_up(name)
    supplies = Supplies(_drawn_in_a_form, cache=kept())
    files = render_pages(report, DOCS, Staging(supplies=supplies)).files
    assert "nan" not in re.sub(r"<[^>]*>", " ", files[STUDIES[name].page]).split()
    for keys in turns(report.studies[name]):
        turned = with_sentences(report, keys, name)
        page, study = page_of(name, turned), turned.studies[name]
        own = {claim for edition in study.editions for claim in edition.verdicts}
        of_editions = [numbers_of(each) for each in study.editions]
        # A page whose own form is an earlier edition names the numbers of that one.
        named = [dict(ChainMap(at, *reversed(of_editions))) for at in of_editions]
        # The report has no other study, whose claims may judge the same runs.
        for saying in (saying for saying in sayings(name) if saying.claim in own):
            numbers = named[saying.edition - 1]
            came = shown(study, saying.claim).sentence
            came = came if came in saying.sentences else "undecided"
            told = {key: filled(numbers, text) for key, text in saying.sentences.items()}
            assert told.pop(came) in page, (saying.claim, came)
            assert not [key for key, text in told.items() if text in page], saying.claim


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name, study in STUDIES.items() if study.claims])
def test_a_flipped_verdict_rewrites_the_sentence_or_stops_the_build(name: str) -> None:
    report = made_up(name)
    (first, *_) = sayings(name)
    pages = set()
    for key in ("supported", "not_supported"):
        turned = with_sentences(report, {first.claim: key}, name)
        pages.add(page_of(name, turned))
    assert len(pages) == 2
