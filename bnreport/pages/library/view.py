"""Explain the words of a page: cited works, the glossary, formulas; errata and citation."""

import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from markupsafe import Markup

from bnreport.lessons import all_lessons
from bnreport.lessons.formulas import FORMULAS
from bnreport.lessons.lesson import Lesson
from bnreport.pages.cache import Cache
from bnreport.pages.fragments import fragment
from bnreport.pages.library import excerpts
from bnreport.pages.library.bibliography import Work, read_works
from bnreport.pages.library.citation import FILE, read_citation
from bnreport.pages.library.errata import read_errata
from bnreport.pages.library.glossary import Term, read_glossary
from bnreport.pages.staging import look_up
from bnreport.pages.views import PageView

REFERENCES = "learn/references"
GLOSSARY = "learn/glossary"


@dataclass(frozen=True)
class Library:
    """The works, words and lessons that pages of a folder may name; read when first asked for."""

    sources: Path
    cache: Cache = field(default_factory=Cache)

    @cached_property
    def works(self) -> Mapping[str, Work]:
        """The works, by key."""
        return read_works(self.sources / "references.bib", self.cache)

    @cached_property
    def entries(self) -> Mapping[str, Term]:
        """The entries of the glossary, by word."""
        return read_glossary(self.sources / "glossary.toml")

    @cached_property
    def lessons(self) -> Mapping[str, Lesson]:
        """The lessons, by name."""
        return all_lessons(self.sources)


@dataclass(frozen=True)
class LibraryView(PageView):
    """The words of a page for the library."""

    library: Library

    def cite(self, *keys: str, text: str = "") -> Markup:
        """Links to works in the list of references, by their short names, or one by a text."""
        works = [look_up(self.library.works, key, "work", self.page) for key in keys]
        self.staging.cited.update(keys)
        return Markup("; ").join(
            Markup('<a class="cite" href="{}{}.html#{}" title="{}">{}</a>').format(
                self.prefix, REFERENCES, work.key, work.title, text or work.short
            )
            for work in works
        )

    def references(self) -> Markup:
        """Every work, in the order of its first author."""
        works = sorted(
            self.library.works.values(), key=lambda work: (*map(_collated, work.names), work.year)
        )
        return fragment("references.html.j2", works=works)

    def term(self, text: str, word: str = "") -> Markup:
        """A word of the glossary with its meaning as a hint; `word` where the page bends it."""
        entry = look_up(self.library.entries, word or text, "word of the glossary", self.page)
        return Markup('<a class="term" href="{}{}.html#{}" title="{}">{}</a>').format(
            self.prefix, GLOSSARY, entry.anchor, entry.meaning, text
        )

    def glossary(self, waiting: Collection[str] = ()) -> Markup:
        """Every word with its meaning, in the order of the alphabet.

        Args:
            waiting: pages that are not part of this site, to which nothing links.
        """
        entries = sorted(self.library.entries.values(), key=lambda entry: entry.word.lower())
        return fragment(
            "glossary.html.j2", entries=entries, prefix=self.prefix, absent=_addresses(waiting)
        )

    def errata(self, waiting: Collection[str] = ()) -> Markup:
        """List what was wrong and is mended, the latest first, with links to the pages.

        Args:
            waiting: pages that are not part of this site, as "studies/NAME.md".
        """
        entries = read_errata(self.library.sources / "errata.toml")
        return fragment(
            "errata.html.j2", entries=entries, prefix=self.prefix, absent=_addresses(waiting)
        )

    def citation(self) -> Markup:
        """Cite this site: a sentence, and BibTeX to copy."""
        citation = read_citation(self.library.sources.parent)
        return Markup(
            '{}\n\n```bibtex\n{}\n```\n\nPrograms read the same from <a href="{}{}">{}</a>.'
        ).format(citation.sentence, Markup(citation.bibtex), self.prefix, FILE, FILE)

    def formula(self, *names: str) -> Markup:
        """Formulas of the explainer, one below the other."""
        formulas = [look_up(FORMULAS, name, "formula", self.page) for name in names]
        return Markup("\n").join(
            Markup(f'<div class="formula" markdown="0">{self._mathml(tex, True)}</div>')
            for tex in formulas
        )

    def math(self, tex: str) -> Markup:
        """Symbols in a line of text."""
        # Markdown takes a line that begins with <math> for a block of its own.
        return Markup(f"<span>{self._mathml(tex, False)}</span>")

    def _mathml(self, tex: str, display: bool) -> str:
        return self.staging.formula(tex, display, self.page)

    def beside(self, formulas: Sequence[str], function: str, snippet: str = "") -> Markup:
        """One thing three times: its formulas, a function of the reference, and Keras' way."""
        return fragment(
            "beside.html.j2",
            formulas=self.formula(*formulas),
            numpy=excerpts.function(function),
            keras=snippet and excerpts.snippet(self.library.sources, snippet),
        )

    def tabs(self, name: str) -> Markup:
        """One fix in each library that has one, in tabs.

        Args:
            name: its snippets' files without the library: "failures/stale", say.
        """
        sources = self.library.sources
        parts = {
            label: excerpts.snippet(sources, f"{name}.{ending}")
            for ending, label in excerpts.LIBRARIES.items()
            if excerpts.is_snippet(sources, f"{name}.{ending}")
        }
        # Where there is none, an error says which there are.
        return fragment("tabs.md.j2", parts=parts or excerpts.snippet(sources, name))


def _addresses(pages: Collection[str]) -> set[str]:
    return {page.removesuffix(".md") + ".html" for page in pages}


def _collated(name: str) -> str:
    """The name as an alphabet sorts it: without accents, and in small letters."""
    plain = unicodedata.normalize("NFD", name.casefold())
    return "".join(letter for letter in plain if not unicodedata.combining(letter))
