"""Say what the search index holds of a page, and mend how words are looked up in it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mkdocs.config.base import Config
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.plugins import BasePlugin
from mkdocs.structure.nav import Navigation
from mkdocs.structure.pages import Page
from mkdocs.utils.templates import TemplateContext

# Of pages with the same words, those that explain come before those that measure, and the page of
# symptoms before all. The others of the lessons are lists.
_SYMPTOMS, _LESSONS, _LISTS = "learn/failures.md", "learn/", ("limits", "references", "wrong")
# The sign that links a heading of a notebook.
_SIGN = "¶"
_WORKERS = "assets/javascripts/workers/search.*.js"
# The theme searches with Lunr 2.3.9. What is mended in its script, each with what takes its place:
_MENDS = (
    # It merges the ends of words that have one name, a name that sets the letter of each edge
    # before the number of the node it leads to with nothing in between: 8 to node 12 is 81 to node
    # 2. So `8` could lead to words that are nowhere, and the query failed.
    ("e=e+s+o.id}return e}", 'e=e+s+o.id+","}return e}'),
    # It finds the beginnings of words alone, those of "to" and "not" included: see terms.js.
    (r"map(r=>/(^[+-]|[~^]\d+$)/.test(r)?r:`${r}*`)", "flatMap(asked)"),
    # It asks for every word between quotation marks, and finds nothing for an error that is pasted.
    (r'r.replace(/^\b|^(?![^\x00-\x7F]|$)|\s+/g," +")', '" "+r+" "'),
    # It sets the beginning of a page before the section that answers.
    ("+!c.parent+Object.values(f)", "Object.values(f)"),
)


class NoSettings(Config):  # type: ignore[no-untyped-call]
    """The settings of a plugin that has none."""


class Search(BasePlugin[NoSettings]):  # type: ignore[no-untyped-call]
    """Weighs pages, keeps of notebooks their headings alone, and mends the search of the theme."""

    def on_page_context(
        self, context: TemplateContext, /, *, page: Page, config: MkDocsConfig, nav: Navigation
    ) -> TemplateContext:
        """The context as it is; what the index holds of the page is changed."""
        del nav
        plugin: Any = config.plugins["material/search"]
        for entry in entries_of(page.url, plugin.search_index.entries):
            if page.file.src_uri.endswith(".ipynb"):
                entry.update(outlined(entry, config.extra["notebook"]))
            if (boost := weight(page.file.src_uri)) != 1:
                entry["boost"] = boost
        return context

    def on_post_build(self, *, config: MkDocsConfig) -> None:
        """Mend the script that searches.

        Raises:
            PluginError: when the theme has another one.
        """
        for path in Path(config.site_dir).glob(_WORKERS):
            path.write_text(mended(path.read_text(encoding="utf-8")), encoding="utf-8", newline="")


def entries_of(page: str, entries: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The entries of a page and its sections, by the address of the page."""
    return (entry for entry in entries if entry["location"].split("#")[0] == page)


def outlined(entry: dict[str, Any], description: str) -> dict[str, Any]:
    """An entry of a notebook without text: its heading, and for the whole page what it is."""
    text = "" if "#" in entry["location"] else description
    return entry | {"title": entry["title"].removesuffix(_SIGN), "text": text}


def weight(page: str) -> float:
    """The weight of a word on a page, by the page's source."""
    if page == _SYMPTOMS:
        return 2
    return 1.5 if page.startswith(_LESSONS) and Path(page).stem not in _LISTS else 1


def mended(script: str) -> str:
    """The script that searches, mended, behind the function that says what a query asks for.

    Raises:
        PluginError: when it does not hold what is mended.
    """
    for faulty, sound in _MENDS:
        if script.count(faulty) != 1:
            raise PluginError(
                f"Expected the theme's search to hold {faulty!r} once. Received: "
                f"{script.count(faulty)} times. Compare it with bnreport/site/search.py."
            )
        script = script.replace(faulty, sound)
    return (Path(__file__).parent / "terms.js").read_text(encoding="utf-8") + script
