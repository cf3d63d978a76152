"""The pages in the form of a study's page: short before the first fold, whole behind it."""

import re
from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from typing import Any

import lxml.html
import markdown  # type: ignore[import-untyped]
import pytest
import yaml

from bnreport.analysis.report import StudyReport
from bnreport.errors import PageError
from bnreport.pages.data.links import anchor
from bnreport.pages.form import TOGETHER, FormView, shared_in_words
from bnreport.pages.staging import Staging
from bnreport.presentation.phone import COLUMN
from bnreport.presentation.plots import Dots, Plot
from bnreport.protocol.recipes import Recipe
from bnreport.protocol.residual import Residual
from bnreport.protocol.runs import Runs
from bnreport.protocol.scorings import Scoring
from bnreport.protocol.trials import Trial
from bnreport.studies import all_studies
from tests.golden import rendered, report
from tests.synthetic import DOCS, ROOT, with_sentences

# Pages of studies without records wait.
WAITING = {DOCS / study.page for study in all_studies().values() if study.announced}
PAGES = [
    path.relative_to(DOCS).as_posix()
    for path in sorted(DOCS.rglob("[!_]*.md"))
    if path not in WAITING and "[% set s = form(" in path.read_text(encoding="utf-8")
]
each_page = pytest.mark.parametrize("page", PAGES)
# Words that a reader meets before the first fold; pixels of text, and a point in pixels.
WORDS, LEAST, POINT = 450, 11, 4 / 3


class Loader(yaml.SafeLoader):  # type: ignore[misc]
    """Reads mkdocs.yml, and takes no notice of its tags."""


Loader.add_multi_constructor("!", lambda *_: None)


@cache
def tree_of(page: str) -> lxml.html.HtmlElement:
    """A page as MkDocs would turn it into HTML."""
    settings = yaml.load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"), Loader)
    names: list[str] = []
    options: dict[str, Any] = {}
    for extension in settings["markdown_extensions"]:
        for name, given in extension.items() if isinstance(extension, dict) else [(extension, {})]:
            names.append(name)
            options[name] = given
    text = rendered().files[page].split("---\n", maxsplit=2)[2]
    found = markdown.markdown(text, extensions=names, extension_configs=options)
    return lxml.html.fragment_fromstring(found, create_parent="article")


def before_the_folds(tree: lxml.html.HtmlElement) -> list[str]:
    """The words of a page up to its first fold."""
    told: list[str] = []
    for part in tree.iter():
        # What stands behind a figure is no fold of the page.
        if part.tag == "details" and part.get("class") != "source":
            return told
        if part.xpath("ancestor-or-self::details"):
            continue
        # What follows an element is told after all that is in it, which is enough to count.
        if part.tag not in {"svg", "math"}:
            told += (part.text or "").split()
        told += (part.tail or "").split()
    return told


def test_every_study_but_the_benchmark_has_the_form() -> None:
    studies = {study.page for study in all_studies().values() if not study.announced}
    # A benchmark asks nothing of chance: it has targets and a machine in place of claims and seeds.
    assert studies - {"studies/performance.md"} == set(PAGES)


@each_page
def test_a_page_is_short_before_its_first_fold(page: str) -> None:
    words = before_the_folds(tree_of(page))
    assert 100 < len(words) <= WORDS


@each_page
def test_a_page_has_the_parts_of_the_form_in_their_order(page: str) -> None:
    tree = tree_of(page)
    parts = {
        "answer": "//div[contains(@class, 'answer')]",
        "hero": "//figure[contains(@class, 'figure--hero')]",
        "scope": "//dl[contains(@class, 'scope')]",
        "expected": "//div[contains(@class, 'expected')]",
        "lines": "//div[contains(@class, 'lines')]",
    }
    (study,) = (s for s in report().studies.values() if s.study.page == page)
    if not study.verdicts:
        del parts["lines"]
    everything = list(tree.iter())
    # The fold of an earlier edition may have the part, too.
    places = [everything.index(tree.xpath(path)[0]) for path in parts.values()]
    assert places == sorted(places)
    titles = [fold.findtext("summary") for fold in tree.xpath("//details[@class='fold']")]
    if study.later:
        runs = ["The runs behind this page", "The runs of the first edition"]
        assert titles[-3:] == ["The first edition", *runs]
        return
    # A study that is new since the first edition says by which rules it is judged.
    new = any(claim.decided == "interval" for claim in study.study.claims)
    edition = "The edition of these claims" if new else "The first edition"
    assert titles[-2:] == [edition, "The runs behind this page"]


@each_page
def test_no_paragraph_is_bold_words_alone(page: str) -> None:
    """They would be a heading without being one, and on paper stay behind on their sheet."""
    for paragraph in tree_of(page).iter("p"):
        (*bold,) = paragraph.xpath("./strong")
        said = " ".join(paragraph.text_content().split())
        assert said not in {" ".join(part.text_content().split()) for part in bold}, said


@each_page
def test_every_fold_has_a_summary_that_says_what_it_holds(page: str) -> None:
    folds = tree_of(page).xpath("//details")
    # The first edition, the runs, and a fold of the page's own at least.
    assert len(folds) >= 3
    for fold in folds:
        first = next(fold.iterchildren())
        assert first.tag == "summary"
        assert first.text_content().strip()
        assert len(fold.text_content().split()) > len(first.text_content().split())


@each_page
def test_every_claim_is_a_line_with_its_card(page: str) -> None:
    (first,) = (s for s in report().studies.values() if s.study.page == page)
    lines = tree_of(page).xpath("//details[@class='line']")
    # The newest edition speaks first.
    told = [
        (study, name, verdict)
        for study in reversed(first.editions)
        for name, verdict in study.verdicts.items()
    ]
    by_id = {line.get("id"): line for line in lines}
    assert len(by_id) == len(lines) == len(told)
    # Claims of one unit stand together, and the editions apart.
    newest = [anchor(name) for name in first.editions[-1].verdicts]
    assert {*[*by_id][: len(newest)]} == {*newest}
    for study, name, verdict in told:
        line = by_id[anchor(name)]
        assert study.shown(name).text in line.findtext(".//summary//span[2]", "") or (
            study.shown(name).text in line.find("summary").text_content()
        )
        dots = line.xpath("./summary//svg/circle")
        shown = verdict.findings.get(verdict.setting)
        assert len(dots) == (len(shown.values) if shown else 0)


@each_page
def test_every_figure_has_both_forms_in_both_palettes(page: str) -> None:
    files = rendered().files
    # A picture of a lesson stands in the page itself, as wide as a phone.
    figures = tree_of(page).xpath("//figure[not(contains(@class, 'figure--picture'))]")
    assert figures
    for figure in figures:
        small = figure.xpath(".//picture/source/@srcset")
        wide = figure.xpath(".//picture//img/@src")
        assert len(small) == len(wide) == 2
        assert [name.replace("-phone", "") for name in small] == wide
        for name in (*small, *wide):
            assert name.removeprefix("../") in files
        assert {*figure.xpath(".//img/@loading")} == {"lazy"}


@each_page
def test_text_of_the_form_for_a_phone_can_be_read(page: str) -> None:
    for source in tree_of(page).xpath("//figure//source"):
        text = rendered().files[source.get("srcset").removeprefix("../")]
        (width,) = re.findall(r'<svg[^>]* width="([\d.]+)pt"', text)
        assert float(width) * POINT == pytest.approx(COLUMN)
        sizes = {float(size) for size in re.findall(r"font(?:-size)?:[^;\"]*?([\d.]+)px", text)}
        assert min(sizes) * POINT >= LEAST


# In a caption or a subtitle: the title is a name without a verdict, or counts all verdicts.
UNTITLED = re.compile(r"[Nn]o claim judges|not judged|Each row is a claim")


@cache
def named() -> dict[str, list[Plot]]:
    """The figures of all studies by the title that names what they show."""
    plots: dict[str, list[Plot]] = {}
    for study in report().editions():
        for plot in study.analysis.plots.values():
            plots.setdefault(_spaced(plot.title), []).append(plot)
    return plots


def titles_of(page: str) -> dict[str, lxml.html.HtmlElement]:
    """The figures of a page by their anchor and title."""
    figures = tree_of(page).xpath("//figure[.//*[starts-with(@aria-label, 'Figure: ')]]")
    return {f"{figure.get('id')}: {_title(figure)}": figure for figure in figures}


def _title(figure: lxml.html.HtmlElement) -> str:
    (label,) = figure.xpath(".//@aria-label")
    return _spaced(label).removeprefix("Figure: ")


def _spaced(text: str) -> str:
    """A page has other spaces between a number and its unit."""
    return " ".join(text.split())


@pytest.mark.parametrize("page", sorted({*PAGES, "studies/performance.md"}))
def test_a_claim_titles_a_figure_or_its_words_say_that_none_judges_it(page: str) -> None:
    figures = titles_of(page)
    assert figures
    for key, figure in figures.items():
        told = " ".join(figure.xpath("string(.//figcaption)").split()) + figure.xpath(".//@alt")[0]
        assert (_title(figure) in named()) == bool(UNTITLED.search(told)), key


@pytest.mark.parametrize("page", sorted({*PAGES}))
def test_a_figure_that_shows_what_a_claim_compares_has_its_title_from_a_claim(page: str) -> None:
    (study,) = (s for s in report().studies.values() if s.study.page == page)
    verdicts = [verdict for at in study.editions for verdict in at.verdicts.values()]
    judged = {_rounded(f.values) for verdict in verdicts for f in verdict.findings.values()}
    for key, figure in titles_of(page).items():
        for plot in named().get(_title(figure), ()):
            rows = plot.rows if isinstance(plot, Dots) else ()
            assert not judged & {_rounded(row.values) for row in rows}, key


def _rounded(values: Iterable[float]) -> tuple[float, ...]:
    """What a claim and a row share, whichever of the two nets comes first."""
    return tuple(round(abs(float(value)), 9) for value in values)


def view(study: StudyReport) -> FormView:
    name = study.study.name
    return FormView("studies/a.md", Staging(), name, study.analysis, study, study.editions)


TITLES = {
    key: f"It came out {key.replace('_', ' ')}: {{speed-same-std.effect}}"
    for key in ("supported", "reversed", "small", "positive", "not_supported", "undecided")
}


@pytest.mark.parametrize("key", TITLES)
def test_the_title_of_the_first_figure_is_the_finding_as_it_came_out(key: str) -> None:
    turned = with_sentences(report(), {"speed-same-std": key}, "speed").studies["speed"]
    found = view(turned).hero("same", "speed-same-std", "A caption.", **TITLES)
    (label,) = re.findall(r'aria-label="Figure: ([^"]*)"', found)
    told = TITLES[key].split("{")[0]
    assert label.startswith(told)
    assert "{" not in label
    assert turned.analysis.plots["same"].title not in found
    assert f'alt="{told}' in found


def test_a_first_figure_of_a_claim_that_is_not_judged_keeps_its_own_title() -> None:
    study = report().studies["speed"]
    verdicts = {
        name: replace(verdict, word="not judged") for name, verdict in study.verdicts.items()
    }
    found = view(replace(study, verdicts=verdicts)).hero("same", "speed-same-std", "", **TITLES)
    assert f'aria-label="Figure: {study.analysis.plots["same"].title}"' in found


def test_what_was_expected_is_told_beside_what_was_found() -> None:
    study = with_sentences(
        report(), {"speed-same-raw": "undecided", "speed-same-std": "supported"}, "speed"
    ).studies["speed"]
    found = lxml.html.fromstring(view(study).expected())
    (first, *rest) = [part.text_content().strip() for part in found.xpath("//p | //li")]
    assert "Of 4 claims written before the runs 2 came out as expected" in first
    assert rest == [
        "BN over raw, rate 0.01: expected supported, found undecided",
        "BN over standardized, rate 0.01: expected not supported, found supported"
        + (f" ({q})" if (q := study.shown("speed-same-std").qualifier) else ""),
    ]
    assert "All 4 claims" in view(report().studies["speed"]).expected()


def test_a_study_without_claims_has_an_answer_without_a_verdict() -> None:
    study = report().studies["distributions"]
    found = lxml.html.fromstring(view(study).unjudged("About {seeds} apart."))
    assert found.text_content().split() == ["About", study.analysis.values["seeds"].text, "apart."]
    assert not found.xpath("//a[contains(@href, 'claim')]")
    assert "makes no claim" in view(study).expected()
    assert "makes no claim" not in view(report().studies["speed"]).expected()
    with pytest.raises(PageError, match="nothing"):
        view(study).unjudged("{nothing}")


@pytest.mark.parametrize("name", ["speed", "alternatives"])
def test_a_page_says_for_whom_its_results_hold(name: str) -> None:
    study = report().studies[name]
    found = dict(re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", view(study).scope()))
    trial = study.study.runs[-1].trial
    assert isinstance(trial, Trial)
    assert found["Net"] == "dense, 300-100 units, ReLU"
    assert found["Data"] == "Fashion-MNIST, 55,000 training images"
    steps = trial.epochs * -(-55_000 // trial.batch_size)
    assert f"{trial.epochs} epochs" in found["Training"]
    assert found["Training"].endswith(f"{steps:,} steps")
    assert found["Seeds"] == "12, paired (100 to 111)"
    assert "moving averages of momentum 0.99" in found["BN"]
    assert found["Score"] == study.study.claims[0].metric


def test_one_epoch_is_no_epochs() -> None:
    assert "1 epoch of batches of 128: 400 steps" in view(report().studies["gradients"]).scope()


def test_a_page_names_the_data_set_and_the_residual_net_of_recipes() -> None:
    study = report().studies["speed"]
    shared = {"name": "r", "learning_rate": 0.1, "epochs": 2, "batch_size": 128, "images": 3_968}
    scored = {"measures": (Scoring(name="end"),)}
    recipe = Recipe.model_validate({**shared, **scored, "net": Residual(), "data": "mnist-5k-14"})
    plain = recipe.model_copy(update={"net": Residual(filters=(), hidden=(9,), shortcut="none")})
    made = replace(study.study, runs=tuple(Runs(trial) for trial in (recipe, plain)))
    found = dict(
        re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", view(replace(study, study=made)).scope())
    )
    assert found["Net"] == (
        "residual, 20 layers, 8-16-32 filters, ReLU; plain, 8 layers, 9 units, ReLU"
    )
    assert found["Data"] == "5,000 images of MNIST at 14 × 14 pixels, 3,968 training images"
    assert "BN" in found


def test_facts_hold_for_the_libraries_and_the_machine_that_were_asked() -> None:
    study = report().studies["keras"]
    found = dict(re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", view(study).scope()))
    made = [record.provenance for record in study.records.values()]
    assert f"Keras {made[0].versions['keras']}" in found["Library"]
    assert {p.device for p in made} == set(found["Machine"].split("; "))
    # The count is that of its parts, and the claim on both backends counts two of them.
    whole, *parts = map(int, re.findall(r"\d+", found["Score"]))
    assert whole == sum(parts)
    assert len(parts) == 3
    assert study.analysis.values["keras-backends.checks"].text == str(sum(parts[:2]))


def test_an_axis_stands_below_every_few_lines_of_its_unit() -> None:
    study = report().studies["blocks"]
    words = {"pp": "pp", "x": "×", "half-decades": "half-decades"}
    groups: list[list[str]] = [[]]
    for row in lxml.html.fromstring(view(study).lines()).xpath(
        "./details | ./div[contains(@class, 'line--axis')]"
    ):
        if row.tag == "div":
            (unit,) = {*groups[-1]}
            assert words[unit] in row.text_content()
            groups.append([])
        else:
            groups[-1].append(study.verdicts[row.get("id").removeprefix("claim-")].claim.unit)
    *groups, rest = groups
    assert not rest
    assert max(map(len, groups)) == TOGETHER
    # Claims of one unit are not parted by others.
    order = [group[0] for group in groups]
    assert sorted(order, key=order.index) == order


@pytest.mark.parametrize(
    ("name", "words"),
    [
        # Runs that were lost are judged by their median, and times are of rounds.
        (
            "residual",
            ("Dots are seeds and the bar", "for times, and where runs were lost, the median"),
        ),
        ("cost", ("Dots are seeds or rounds of timing and", "runs that never arrived")),
        (
            "averaging",
            ("is the mean. A claim", ", and a claim that two are alike one in the"),
        ),
        ("resnet56", ("right of the vertical line.",)),
    ],
)
def test_the_key_above_the_lines_says_what_they_show(name: str, words: tuple[str, ...]) -> None:
    key = view(report().studies[name].editions[-1]).lines()
    assert all(each in key for each in words), key[:600]


def test_studies_that_share_runs_name_each_other_beside_their_claims() -> None:
    for one, other in (("placement", "Alternatives, edition 2"), ("renorm", "Batch size")):
        told, *_ = tree_of(f"studies/{one}.md").xpath("//p[contains(@class, 'lines__shared')]")
        assert other in told.text_content()
        assert told.text_content().endswith("no independent replications.")
    assert not tree_of("studies/toy.md").xpath("//p[contains(@class, 'lines__shared')]")
    told = shared_in_words({"Micro-batches": 6, "Dropout": 2})
    assert "too: Micro-batches (6) and Dropout (2)." in told
    assert not shared_in_words({})
