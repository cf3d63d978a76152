"""Pages are rendered whole or not at all, and what they say follows the verdicts."""

import re
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import jinja2.nodes
import lxml.html
import markdown  # type: ignore[import-untyped]
import numpy as np
import pytest

from bnreport.analysis.display import outcomes
from bnreport.analysis.local_check import report_check
from bnreport.analysis.report import Report, StudyReport
from bnreport.errors import DataError, PageError
from bnreport.pages.claim_text import claim_numbers
from bnreport.pages.data.package import data_files
from bnreport.pages.filling import PAGES
from bnreport.pages.fragments import inert
from bnreport.pages.notebook_page import WAY
from bnreport.pages.render import DECISIONS, page_sources, render, render_pages, stage
from bnreport.pages.staging import Staging
from bnreport.pages.study_view import StudyView
from bnreport.pages.supplies import FEW, Supplies
from bnreport.presentation.plots import Dots, Row
from bnreport.presentation.tables import Table, Value
from bnreport.records.record import Provenance
from bnreport.running.verification import comparisons
from tests.synthetic import (
    DOCS,
    EQUAL,
    NBFORMAT,
    NOTEBOOK,
    PERFORMANCE,
    TRUE,
    TURNED,
    made,
    plain,
    records,
    report,
    staged,
    study_report,
    unmarked,
    with_sentences,
    with_study,
)

NAME = re.compile(r"\{([^{}]+)\}")
TINY = Dots(
    title="A small figure",
    subtitle="n = 2 runs",
    x_label="x",
    rows=(Row("BN", "bn", np.array([1.0, 2.0]), 1.0, 1.5, 2.0),),
)
HOSTILE = '<script>alert("x")</script>'
LINK = "[*x*](javascript:alert) `y`{.z} ![w](v) _u_"


def light(found: Report) -> Report:
    """The report with a small figure in place of each, which takes little time to draw."""
    for study in found.studies.values():
        analysis = replace(study.analysis, plots=dict.fromkeys(study.analysis.plots, TINY))
        found = with_study(found, replace(study, analysis=analysis))
    return found


def one_page(folder: Path, text: str, found: Report | None = None, name: str = "a/b.md") -> str:
    """A page of that text, rendered from a report without figures."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return render(plain(found or report()), folder).files[name]


def test_parts_of_pages_and_decisions_are_no_pages(tmp_path: Path) -> None:
    for name in ("a.md", "_part.md", "learn/b.md", "learn/decisions/c.md", "decisions/0001-d.md"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    found = [path.relative_to(tmp_path).as_posix() for path in page_sources(tmp_path)]
    assert found == ["a.md", "learn/b.md", "learn/decisions/c.md"]


def test_the_decisions_are_where_the_build_leaves_them_out() -> None:
    assert any((DOCS / DECISIONS).glob("[!_]*.md"))


# A sentence for every verdict of a difference but "supported".
OTHERS = ", ".join(
    f'{key}="{key}"' for key in ("not_supported", "undecided", "reversed", "small", "positive")
)


@pytest.mark.parametrize(
    ("call", "received", "choices"),
    [
        ('study("nobody")', "'nobody'", "notebook"),
        ('study("notebook").value("nothing")', "'nothing'", "and 186 more"),
        ('study("notebook").word("no-claim")', "'no-claim'", "c-validation and 10 more"),
        ('study("notebook").verdict("no-claim")', "'no-claim'", "c-validation and 10 more"),
        ('study("notebook").claim("no-claim")', "'no-claim'", "c-validation and 10 more"),
        ('study("notebook").table("no-table")', "'no-table'", "accuracies, closing"),
        (
            'study("notebook").drawing("no-figure", "A caption.")',
            "'no-figure'",
            "Expected a figure",
        ),
        (
            f'study("notebook").say("c-test", supported="{{nothing}}", {OTHERS})',
            "'nothing'",
            "and 186 more",
        ),
        (f'study("notebook").say("c-test", {OTHERS})', "none for supported", "supported="),
        (
            f'study("notebook").say("c-test", supported="Yes.", mixed="So.", {OTHERS})',
            "one too many for mixed",
            "supported, not_supported, undecided, reversed, small, positive",
        ),
        ('study("notebook").valeu("gain.test")', "valeu", "names that the report holds"),
        ("vaule", "'vaule' is undefined", "names that the report holds"),
        ("study(", "unexpected", "names that the report holds"),
        ("local_table()", "records alone", "[% if local %]"),
        ('local_figure("A caption.")', "records alone", "[% if local %]"),
    ],
)
def test_an_unknown_name_stops_the_build_with_the_page_and_the_choices(
    call: str, received: str, choices: str, tmp_path: Path
) -> None:
    with pytest.raises(PageError, match=r"docs/a/b\.md") as error:
        one_page(tmp_path, f"# A page\n\n[[ {call} ]]\n")
    assert received in str(error.value)
    assert choices in str(error.value)


def test_all_faults_of_all_pages_are_told_before_a_figure_is_drawn(tmp_path: Path) -> None:
    (tmp_path / "references.bib").touch()
    (tmp_path / "glossary.toml").touch()
    (tmp_path / "a.md").write_text(
        '# A\n[% set s = study("nobody") %]\n[[ s.valeu("x") ]] [[ s.value("y") ]]\n'
        '[[ study("notebook").valeu("x") ]]\n\n[[ math("\\\\frac{1}{") ]]\n',
        encoding="utf-8",
    )
    (tmp_path / "b.md").write_text('[[ cite("no-work") ]]\n\n[[ vaule ]]\n', encoding="utf-8")
    (tmp_path / "c.md").write_text(
        '[[ study("notebook").drawing("rates", "A caption.") ]]', encoding="utf-8"
    )
    with pytest.raises(PageError, match="5 faults") as error:
        render(report(), tmp_path, Staging(supplies=Supplies(_undrawn)))
    # Half a page shows half of its figures, so that none is missed.
    told = [line.strip() for line in str(error.value).splitlines()[1:-1]]
    for line, words in zip(
        told,
        (
            r"docs/a\.md.*'nobody'.*line 2",
            r"docs/a\.md.*valeu.*line 4",
            r"docs/b\.md.*'no-work'.*line 1",
            r"docs/b\.md.*'vaule' is undefined.*line 3",
            r"docs/a\.md: .*frac\{1\}\{",
        ),
        strict=True,
    ):
        assert re.search(words, line), line


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        (
            "references.bib",
            "@misc{a, title = {A}}\n@misc{a, title = {B}}\n",
            "Expected each key once in references.bib. Received: a in lines 1 and 2. Remove or "
            "rename one.",
        ),
        (
            "glossary.toml",
            "[[word]\n",
            'Expected ["word"] tables with a meaning in glossary.toml. Received: Expected',
        ),
    ],
)
def test_a_fault_of_what_pages_share_is_told_once_and_of_no_page(
    name: str, text: str, told: str, tmp_path: Path
) -> None:
    for shared in ("references.bib", "glossary.toml"):
        (tmp_path / shared).write_text(text if shared == name else "", encoding="utf-8")
    for page in ("a.md", "b.md"):
        (tmp_path / page).write_text('[[ cite("a") ]] [[ term("a") ]]\n', encoding="utf-8")
    with pytest.raises(DataError) as error:
        render(report(), tmp_path, Staging(supplies=Supplies(_undrawn)))
    assert str(error.value).replace(f"{tmp_path}/", "").startswith(told)
    assert "docs/" not in str(error.value)
    assert len(str(error.value).splitlines()) == 1


def _undrawn(*_: object) -> str:
    raise AssertionError("A figure is drawn before all names are looked up.")


@pytest.mark.slow
def test_figures_are_drawn_alike_by_several_processes() -> None:
    plots = [replace(TINY, title=f"Figure {number}") for number in range(FEW)]
    drawn: list[list[str | None]] = []
    for processes in (1, 2):
        supplies = Supplies(processes=processes)
        assert not any(map(supplies.figure, plots))
        assert not supplies.complete
        supplies.draw_all()
        assert supplies.complete
        drawn.append([*map(supplies.figure, plots)])
    assert drawn[0] == drawn[1]
    assert len({*drawn[0]}) == FEW


@pytest.mark.slow
def test_drawing_goes_on_meanwhile_and_ends_with_a_fault() -> None:
    supplies = Supplies(processes=2)
    for number in range(FEW - 1):
        supplies.figure(replace(TINY, title=f"Figure {number}"))
    supplies.begin()
    assert not supplies.begun
    last = replace(TINY, title="The last")
    supplies.figure(last)
    supplies.begin()
    first, begun = next(iter(supplies.begun.items())), dict(supplies.begun)
    # A page that asks again starts nothing again.
    supplies.begin()
    assert supplies.begun == begun
    assert len(begun) == FEW
    text = first[1].result()
    supplies.draw_all()
    assert supplies.drawing(first[0]) == text
    assert supplies.figure(last) is not None
    assert not supplies.begun
    for number in range(10 * FEW):
        supplies.figure(replace(TINY, title=f"Another figure {number}"))
    supplies.begin()
    waiting = [*supplies.begun.values()]
    supplies.close()
    assert all(drawing.done() for drawing in waiting)
    assert any(drawing.cancelled() for drawing in waiting)


def test_a_figure_that_no_page_shows_is_refused(tmp_path: Path) -> None:
    (tmp_path / "index.md").write_text("# A page\n", encoding="utf-8")
    with pytest.raises(PageError, match=r"figure 'rates' of notebook on none"):
        render(report(), tmp_path)
    # One that is shown speaks for itself alone.
    shown = '# A page\n\n[[ study("notebook").drawing("rates", "Rates.") ]]\n'
    (tmp_path / "index.md").write_text(shown, encoding="utf-8")
    with pytest.raises(PageError, match=r"figure 'dips' of notebook on none") as error:
        render(report(), tmp_path)
    assert "'rates'" not in str(error.value)


def test_the_remedy_for_a_claim_on_no_card_works_as_it_stands(tmp_path: Path) -> None:
    text = "# A page\n"
    for claim in NOTEBOOK.claims:
        with pytest.raises(PageError, match=rf"claim {claim.id} on none") as error:
            one_page(tmp_path, text, name=NOTEBOOK.page)
        remedy = re.findall(r"Show it with (\[\[ .* \]\])\.", str(error.value))[0]
        text += f"\n{remedy}\n"
    assert 'id="' in one_page(tmp_path, text, name=NOTEBOOK.page)


def test_marks_of_markdown_and_latex_are_left_alone(tmp_path: Path) -> None:
    text = (
        "## A heading {#anchor}\n\n{{ x }} {% y %} {# z #} `a[0]` [a link](b.md) $\\frac{{1}}{2}$\n"
    )
    assert one_page(tmp_path, text) == text


def test_an_announced_study_says_nothing(tmp_path: Path) -> None:
    text = '[[ study("speed").say("speed-same-std", supported="Yes.") ]]'
    assert one_page(tmp_path, f"{text}[[ study('speed').value('any') ]] So far.") == " So far."


def test_a_number_of_runs_leads_to_their_records_with_its_origin_as_a_hint(tmp_path: Path) -> None:
    page = one_page(tmp_path, '[[ study("notebook").value("c-test-n") ]]', with_value('1 < 2 "x"'))
    assert page == (
        '<a class="value" href="../studies/notebook.html#runs-notebook" '
        'title="1 &lt; 2 &#34;x&#34;">'
        "1 &lt; 2 &#34;x&#34;</a>"
    )


def test_a_number_of_runs_on_its_own_page_leads_to_the_records(tmp_path: Path) -> None:
    text = '[[ study("notebook").value("c-test-n") ]][[ form("notebook").lines() ]]'
    page = one_page(tmp_path, text, with_value("12"), name=NOTEBOOK.page).partition("\n")[0]
    assert page.startswith('<a class="value" href="#runs-notebook" title="12">12</a>')


def test_a_number_that_was_set_before_the_runs_leads_nowhere(tmp_path: Path) -> None:
    given = with_value("12", "set before the runs that judge")
    page = one_page(tmp_path, '[[ study("notebook").value("c-test-n") ]]', given)
    assert page == '<span class="value" title="set before the runs that judge">12</span>'


def with_value(text: str, origin: str = "") -> Report:
    """A report with the number "c-test-n"."""
    found = report()
    study = found.studies["notebook"]
    analysis = replace(study.analysis, values={"c-test-n": Value(text, origin or text)})
    return with_study(found, replace(study, analysis=analysis))


@pytest.mark.parametrize(
    ("name", "prefix"), [("b.md", ""), ("a/b.md", "../"), ("a/b/c.md", "../../")]
)
def test_links_lead_up_from_nested_pages(name: str, prefix: str, tmp_path: Path) -> None:
    page = one_page(tmp_path, "[[ board() ]]\n", name=name)
    first, *links = re.findall(r'href="([^"]+)"', page)
    assert first == f"{prefix}studies/notebook.html"
    assert len(links) == len(NOTEBOOK.claims)
    assert all(link.startswith(f"{prefix}studies/notebook.html#claim-") for link in links)
    assert re.findall(r'src="([^"]+)"', page) == [f"{prefix}assets/board.js"]


def test_the_figures_of_a_nested_page_are_staged_where_it_looks_for_them() -> None:
    files = staged(TRUE).files
    sources = re.findall(r'src="([^"]+)"', files[NOTEBOOK.page])
    assert len(sources) == 2 * len(study_report().analysis.plots)
    assert all(source.startswith("../figures/") for source in sources)
    assert {source.removeprefix("../") for source in sources} <= files.keys()


def test_every_source_is_staged_with_the_data_beside_it() -> None:
    files = staged(TRUE).files
    pages = {name for name in files if name.endswith(".md")}
    sources = {path.relative_to(DOCS).as_posix() for path in DOCS.rglob("[!_]*.md")}
    # Decisions are for those who change the project.
    decisions = {name for name in sources if name.startswith("decisions/")}
    assert decisions
    assert pages == sources - decisions - report().announced
    beside = {"data/ro-crate-metadata.json", "data/SHA256SUMS.txt"}
    published = {name for name in files if name.startswith("data/")}
    assert published == data_files(report()).keys() | beside
    assert "data/claims.json" in files
    assert "code/notebook/protocol.py" in files
    assert not [name for name in pages if re.search(r"\[%|\[\[ ", files[name])]


@pytest.mark.slow
def test_the_quick_profile_says_so_and_judges_nothing() -> None:
    page = render(light(report(profile="quick")), DOCS).files
    assert "Quick profile" in page["index.md"]
    assert "Quick profile" in page[NOTEBOOK.page]
    assert "Quick profile" in page[PERFORMANCE.page]
    # Of each claim its line; the fold and the filter name the word, too.
    assert page["verdicts.md"].count("– not judged</span></span>") == len(NOTEBOOK.claims)
    assert "Quick profile" not in staged(TRUE).files["index.md"]


# What records and claims hold never becomes markup.


def test_strings_from_records_never_become_markup(tmp_path: Path) -> None:
    hostile = report(device=f"{HOSTILE} {LINK}")
    text = '[% for fact in study("notebook").facts().values() %]\n[[ fact ]]\n[% endfor %]\n'
    page = one_page(tmp_path, text, hostile)
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert literal(page)


def test_a_page_says_of_which_commits_the_claims_are_not_checked() -> None:
    text = (DOCS / "studies" / "_provenance.md").read_text(encoding="utf-8")
    (told,) = re.findall(r"\[% if facts\.unchecked %\](.*?)\[% endif %\]", text)
    assert "[[ facts.unchecked ]] is not checked here" in told
    found = report().studies["notebook"]
    view = StudyView("a.md", Staging(), "notebook", found.analysis, found, found.editions)
    assert view.facts()["unchecked"] == ""
    lost = replace(view, report=replace(found, unchecked=("a" * 40, "b" * 40)))
    assert lost.facts()["unchecked"] == "aaaaaaa, bbbbbbb"


@pytest.mark.parametrize("name", ["commit", "versions", "backend", "code"])
def test_what_is_short_in_a_record_holds_no_mark_at_all(name: str) -> None:
    value = {"keras": LINK} if name == "versions" else LINK
    with pytest.raises(ValueError, match="pattern"):
        Provenance.model_validate(made().model_dump() | {name: value})


def literal(page: str) -> bool:
    """Whether Markdown shows the hostile link as it was written."""
    html = markdown.markdown(page, extensions=["attr_list", "md_in_html", "tables"])
    tree = lxml.html.document_fromstring(html)
    links = tree.xpath("//a[not(@class) or contains(@href, 'javascript')]")
    return not links and not tree.xpath("//em | //code") and LINK in tree.text_content()


def test_a_number_of_a_page_is_no_markdown(tmp_path: Path) -> None:
    call = '[[ study("notebook").value("c-test-n") ]]'
    assert literal(one_page(tmp_path, call, with_value(LINK)))


@pytest.mark.slow
def test_strings_from_this_machine_never_become_markup() -> None:
    made = records(device=f"{HOSTILE} {LINK}")
    first = {i.trial.name: i.run_id for i in reversed(NOTEBOOK.identities("full"))}
    local = {first[name]: made[first[name]] for name in NOTEBOOK.check}
    check = report_check(NOTEBOOK, "full", local, made, comparisons(local, made))
    files = render(light(replace(report(), check=check)), DOCS).files
    assert "<script" not in files["this-machine.md"]
    assert "&lt;script&gt;" in files["this-machine.md"]
    assert 'src="figures/this-machine-light.svg"' in files["this-machine.md"]
    assert "equal bits" in files["this-machine.md"]
    (line,) = [line for line in files["this-machine.md"].splitlines() if "Processor:" in line]
    assert literal(line)


def test_tables_claims_and_figures_never_become_markup(tmp_path: Path) -> None:
    found = report()
    study = found.studies["notebook"]
    verdict = study.verdicts["c-test"]
    claim = verdict.claim.model_copy(
        update={"statement": HOSTILE, "rule": HOSTILE, "question": HOSTILE, "amended": HOSTILE}
    )
    plot = replace(TINY, title=HOSTILE, subtitle=HOSTILE, x_label=HOSTILE)
    analysis = replace(
        study.analysis,
        tables={"t": Table(HOSTILE, (HOSTILE, HOSTILE), ((HOSTILE, HOSTILE),), HOSTILE)},
        plots={"f": plot},
    )
    study = replace(study, analysis=analysis, verdicts={"c-test": replace(verdict, claim=claim)})
    (tmp_path / "a.md").write_text(
        '[% set s = study("notebook") %]\n[[ s.table("t") ]] [[ s.claim("c-test") ]]\n'
        '[[ board() ]] [[ overview() ]] [[ s.drawing("f", "<script>") ]]\n',
        encoding="utf-8",
    )
    files = render(with_study(plain(found), study), tmp_path).files
    for name in ("a.md", "figures/notebook-f-light.svg", "figures/notebook-f-dark.svg"):
        # The board has one of its own, which is a file of the site.
        text = files[name].replace('<script src="assets/board.js" defer></script>', "")
        assert "<script" not in text, name
        assert "&lt;script&gt;" in text, name


# Prose that speaks of a verdict has a sentence for each that can come out.


@dataclass(frozen=True)
class Saying:
    """A call of `say` on a page."""

    page: str
    claim: str
    sentences: dict[str, str]


def sayings() -> list[Saying]:
    """Every call of `say` in the sources of the pages."""
    found = []
    for path in (DOCS / NOTEBOOK.page, *DOCS.rglob("_notebook*.md")):
        tree = PAGES.parse(path.read_text(encoding="utf-8"))
        for call in tree.find_all(jinja2.nodes.Call):
            if isinstance(call.node, jinja2.nodes.Getattr) and call.node.attr == "say":
                # The answers are a part of the study's page, and of the home page.
                answers = path.name.startswith("_")
                name = NOTEBOOK.page if answers else path.relative_to(DOCS).as_posix()
                sentences = {k.key: k.value.as_const() for k in call.kwargs}
                found.append(Saying(name, call.args[0].as_const(), sentences))
    return found


SAYINGS = sayings()
# The claims of all editions of the notebook's study, and what is shown beside them.
CLAIMS = {claim.id: claim for at in NOTEBOOK.by_edition() for claim in at.claims}
DISPLAY = {name: shown for at in NOTEBOOK.by_edition() for name, shown in at.display.items()}


def filled(numbers: Mapping[str, str], sentence: str) -> str:
    """A sentence with the numbers that its names in braces stand for."""

    def number(match: re.Match[str]) -> str:
        # Beside a size the interval is that of the size.
        sized = f"{{{match[1].removesuffix('interval')}size}}" in sentence
        turned = "_of_size" if sized and match[1].endswith(".interval") else ""
        return str(inert(numbers[match[1] + turned]))

    return NAME.sub(number, sentence)


def numbers_of(study: StudyReport) -> dict[str, str]:
    """Every number that a sentence of a study may name, as text."""
    numbers = {name: value.text for name, value in study.analysis.values.items()}
    for edition in study.editions:
        for claim, verdict in edition.verdicts.items():
            numbers |= {f"{claim}.{what}": text for what, text in claim_numbers(verdict).items()}
    return numbers


def test_every_number_and_table_of_the_study_is_named_on_a_page() -> None:
    analysis = report().studies["notebook"].analysis
    text = "".join(path.read_text(encoding="utf-8") for path in DOCS.rglob("*.md"))
    named = {*re.findall(r'value\("([^"]+)"\)', text), *NAME.findall(text)}
    # Every fit has the same four numbers, whether or not a sentence needs all of them.
    fits = tuple(f"{claim.id}." for claim in NOTEBOOK.claims if claim.kind == "fit")
    assert {name for name in analysis.values if not name.startswith(fits)} <= named
    assert set(analysis.tables) <= set(re.findall(r'table\("([^"]+)"\)', text))


@pytest.mark.parametrize("saying", SAYINGS, ids=lambda s: f"{s.page}-{s.claim}")
def test_a_page_has_another_sentence_for_every_verdict(saying: Saying) -> None:
    claim = CLAIMS[saying.claim]
    assert set(saying.sentences) == set(outcomes(claim, DISPLAY.get(claim.id)))
    assert len(set(saying.sentences.values())) == len(saying.sentences)
    if claim in NOTEBOOK.claims:
        names = NAME.findall(" ".join(saying.sentences.values()))
        assert set(names) <= numbers_of(study_report()).keys()


def test_every_claim_is_spoken_of_in_prose_and_shown_on_its_page() -> None:
    assert {saying.claim for saying in SAYINGS} == set(CLAIMS)


UNDECIDED = {claim.id: "undecided" for claim in NOTEBOOK.claims}


@pytest.mark.slow
@pytest.mark.parametrize(
    "found",
    [
        pytest.param(lambda: report(TRUE), id="true"),
        pytest.param(lambda: report(TURNED), id="turned"),
        pytest.param(lambda: report(EQUAL), id="equal"),
        pytest.param(lambda: with_sentences(report(TRUE), UNDECIDED), id="undecided"),
    ],
)
def test_the_sentences_on_a_page_are_those_of_its_verdicts(found: Callable[[], Report]) -> None:
    made = found()
    study = made.studies["notebook"]
    numbers = numbers_of(study)
    files = render_pages(light(made), DOCS).files
    for saying in (saying for saying in SAYINGS if saying.claim in study.verdicts):
        page = unmarked(files[saying.page])
        spoken = {key: filled(numbers, text) for key, text in saying.sentences.items()}
        key = study.shown(saying.claim).sentence
        assert spoken.pop(key) in page, saying.claim
        for other in spoken.values():
            assert other not in page, saying.claim


def test_a_page_without_the_sentence_for_a_verdict_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / NOTEBOOK.page
    shutil.copytree((DOCS / NOTEBOOK.page).parent, path.parent)
    shutil.copy(DOCS / "references.bib", tmp_path)
    shutil.copy(DOCS / "glossary.toml", tmp_path)
    text = (DOCS / NOTEBOOK.page).read_text(encoding="utf-8")
    start = text.index('first.say("d-compiled-time"')
    path.write_text(
        text[:start] + text[start:].replace("reversed=", "turned=", 1), encoding="utf-8"
    )
    # It is missed before its verdict ever comes out.
    with pytest.raises(PageError, match=r"d-compiled-time.*docs/studies/notebook\.md.*reversed="):
        render(light(report(TRUE)), tmp_path)


# Staging replaces the whole folder.


def test_staging_replaces_the_folder_and_copies_assets_and_notebook(tmp_path: Path) -> None:
    target, notebook = tmp_path / "docs", tmp_path / "n.ipynb"
    notebook.write_text("{}", encoding="utf-8")
    for text in ("old", "new"):
        stage(Staging({f"{text}/page.md": text}), DOCS, notebook, target, b"image")
    names = {path.relative_to(target).as_posix() for path in target.rglob("*") if path.is_file()}
    assert "new/page.md" in names
    assert "old/page.md" not in names
    assert "notebook.ipynb" in names
    assets = [path for path in (DOCS / "assets").rglob("*") if path.is_file()]
    assert {path.relative_to(DOCS).as_posix() for path in assets} <= names
    downloads = {name for name in names if name.startswith("downloads/")}
    assert downloads == {f"downloads/{name}.py" for name in ("bn_doctor", "metrics", "verify")}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["docs", "n.ipynb"]


def test_the_notebook_is_staged_as_a_page_where_the_environment_asks_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target, notebook = tmp_path / "docs", tmp_path / "n.ipynb"
    NBFORMAT.write(NBFORMAT.v4.new_notebook(cells=[NBFORMAT.v4.new_markdown_cell("# N")]), notebook)
    found = []
    for way in ("staged", ""):
        monkeypatch.setenv(WAY, way)
        text = "[n](../notebook.ipynb)"
        stage(Staging({"learn/page.md": text}), DOCS, notebook, target, b"image")
        found += [(target / "notebook.md").exists(), (target / "learn" / "page.md").read_text()]
        assert (target / "notebook.ipynb").read_bytes() == notebook.read_bytes()
    assert found == [True, "[n](../notebook.md)", False, "[n](../notebook.ipynb)"]
