"""Pages cite works, name words and show formulas, all by name."""

import re
from pathlib import Path

import pytest

from bnreport.errors import PageError
from bnreport.lessons.formulas import FORMULAS
from bnreport.pages.library.bibliography import Work
from bnreport.pages.library.view import Library, LibraryView
from bnreport.pages.render import render
from bnreport.pages.staging import Staging
from tests.synthetic import DOCS, plain, report

BIB = """
@misc{one2001, author = {One, Ada}, title = {A "title" <i>}, year = {2001}, eprint = {2001.00001},
  archivePrefix = {arXiv}}
@misc{two2002, author = {Two, Bea}, title = {B}, year = {2002}, url = {https://example.org}}
"""
WORDS = '["batch"]\nmeaning = "Examples & more."\n["axis"]\nmeaning = "A way through an array."\n'


def rendered(folder: Path, **pages: str) -> Staging:
    (folder / "learn").mkdir(exist_ok=True)
    (folder / "references.bib").write_text(BIB, encoding="utf-8")
    (folder / "glossary.toml").write_text(WORDS, encoding="utf-8")
    for name, text in pages.items():
        (folder / "learn" / f"{name}.md").write_text(text, encoding="utf-8")
    return render(plain(report()), folder)


def test_a_citation_leads_to_the_list_of_references(tmp_path: Path) -> None:
    page = '[[ cite("one2001", "two2002") ]] [[ cite("two2002", text="the second") ]]'
    staging = rendered(tmp_path, page=page, references="[[ references() ]]")
    found = staging.files
    assert staging.cited == {"one2001", "two2002"}
    assert re.findall(r'href="([^"]+)"[^>]*>([^<]+)<', found["learn/page.md"]) == [
        ("../learn/references.html#one2001", "One 2001"),
        ("../learn/references.html#two2002", "Two 2002"),
        ("../learn/references.html#two2002", "the second"),
    ]
    works = re.findall(r'<li id="(\w+)">.*href="([^"]+)"', found["learn/references.md"])
    assert works == [
        ("one2001", "https://arxiv.org/abs/2001.00001"),
        ("two2002", "https://example.org"),
    ]
    assert "<i>" not in found["learn/page.md"] + found["learn/references.md"]


def test_works_stand_in_the_order_of_an_alphabet_and_addresses_break_behind_signs(
    tmp_path: Path,
) -> None:
    works = {
        key: Work(key, (key,), (key,), "2001", title, "", f"https://example.org/{key}-a_b", "")
        for key, title in (("zoe", "Why?"), ("Émile", "So"), ("frank", "Yes"), ("Adam", "No"))
    }
    library = Library(tmp_path)
    vars(library)["works"] = works
    found = LibraryView("a.md", Staging(), library).references()
    assert re.findall(r'<li id="(\w+)">', found) == ["Adam", "Émile", "frank", "zoe"]
    assert "<cite>Why?</cite> 2001." in found
    assert "<cite>So</cite>. 2001." in found
    assert ">example.org/<wbr>zoe-<wbr>a_<wbr>b</a>" in found


def test_a_word_shows_its_meaning_and_leads_to_the_glossary(tmp_path: Path) -> None:
    page = '[[ term("batches", "batch") ]]'
    found = rendered(tmp_path, page=page, glossary="[[ glossary() ]]").files
    assert found["learn/page.md"] == (
        '<a class="term" href="../learn/glossary.html#batch" '
        'title="Examples &amp; more.">batches</a>'
    )
    assert re.findall(r'<dt id="(\w+)">', found["learn/glossary.md"]) == ["axis", "batch"]


@pytest.mark.parametrize(
    "call", ['cite("nobody")', 'term("nothing")', 'formula("none")', 'lesson("none")']
)
def test_an_unknown_name_is_refused_with_the_page(call: str, tmp_path: Path) -> None:
    with pytest.raises(PageError, match=r"docs/learn/page\.md"):
        rendered(tmp_path, page=f"[[ {call} ]]")


def test_every_formula_can_be_read(tmp_path: Path) -> None:
    pages = {f"page{number}": f'[[ formula("{name}") ]]' for number, name in enumerate(FORMULAS)}
    files = rendered(tmp_path, **pages).files
    counts = {
        name: files[f"learn/page{number}.md"].count("<math") for number, name in enumerate(FORMULAS)
    }
    assert {name: count for name, count in counts.items() if count != 1} == {}


def test_every_formula_is_on_a_page_and_no_page_has_another_way_to_display_one(
    tmp_path: Path,
) -> None:
    sources = "".join(path.read_text("utf-8") for path in DOCS.rglob("*.md"))
    called = re.findall(r"\b(?:formula\(|beside\(\()([^)]*)\)", sources)
    assert set(re.findall(r'"([^"]+)"', "".join(called))) == FORMULAS.keys()
    with pytest.raises(PageError, match="'display' is undefined"):
        rendered(tmp_path, page='[[ display("x") ]]')


def test_the_lists_of_the_site_can_be_read() -> None:
    from bnreport.pages.library.view import Library

    library = Library(DOCS)
    assert library.works
    assert library.entries
    assert LibraryView("a.md", Staging(), library).glossary()


def test_every_work_is_cited_on_a_page() -> None:
    from bnreport.pages.library.view import Library

    texts = "".join(page.read_text(encoding="utf-8") for page in DOCS.rglob("*.md"))
    assert [key for key in Library(DOCS).works if f'"{key}"' not in texts] == []
