"""The list of references holds what its first sentence says: every work that the site names."""

import re

from bnreport.pages.library.view import Library
from bnreport.studies import all_studies
from tests.synthetic import DOCS

WORKS = Library(DOCS).works
LINKS = {work.link for work in WORKS.values()}
# Threads are linked where they are named, and so is what the site is built with and on.
THREADS = re.compile(r"https://github\.com/[^/]+/[^/]+/(issues|pull)/\d+$")
TOOLS = (
    "https://github.com/zalandoresearch/fashion-mnist",
    "https://github.com/greydanus/mnist1d",
    "https://rasbt.github.io/mlxtend/",
    "dask.org",
    "datapackage.org",
    "https://www.researchobject.org/ro-crate/",
    "https://pandas.pydata.org",
)
SOURCES = sorted({claim.source for study in all_studies().values() for claim in study.claims})


def pages() -> dict[str, str]:
    """The text of every page, by its name."""
    return {page.name: page.read_text(encoding="utf-8") for page in DOCS.rglob("*.md")}


def test_every_paper_that_a_page_or_a_claim_names_by_its_number_is_listed() -> None:
    named = re.findall(r"(?:arXiv |arxiv\.org/abs/)(\d{4}\.\d{4,5})", "\n".join(SOURCES))
    for text in pages().values():
        named += re.findall(r"(?:arXiv |arxiv\.org/abs/)(\d{4}\.\d{4,5})", text)
    assert len(set(named)) > 20
    assert sorted({f"https://arxiv.org/abs/{number}" for number in named} - LINKS) == []


def test_every_work_that_a_claim_names_by_author_and_year_is_listed() -> None:
    found = set()
    for source in SOURCES:
        for part in source.split(";"):
            if "arXiv" not in part:
                found |= set(re.findall(r"([A-Z]\w+)(?: et al\.)? ((?:19|20)\d\d)", part))
    assert {("Luther", "2020"), ("Szegedy", "2015")} <= found
    listed = {(name, work.year) for work in WORKS.values() for name in work.names}
    assert sorted(found - listed) == []


def test_every_address_on_a_page_is_that_of_a_work_a_thread_or_a_tool() -> None:
    strange = {
        link
        for text in pages().values()
        for link in re.findall(r"\]\((https?://[^)\s]+)\)", text)
        if link not in LINKS and not THREADS.match(link) and not any(t in link for t in TOOLS)
    }
    assert sorted(strange) == []
