"""Keep code and signs out of the search index, and its words apart."""

import re
from pathlib import Path

from mkdocs.config.base import Config
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.plugins import BasePlugin
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page

_CODE, _DIVISION = re.compile(r'<div class="jp-Cell jp-CodeCell'), re.compile(r"<(/?)div\b[^>]*>")
_SIGN = '<a class="anchor-link"'
# The theme searches with Lunr 2.3.9. It merges the ends of words that have one name, a name that
# sets the letter of each edge before the number of the node it leads to with nothing in between: 8
# to node 12 is 81 to node 2. So `8` could lead to words that are nowhere, and the query failed.
_WORKERS = "assets/javascripts/workers/search.*.js"
_NAMED, _APART = ("e=e+s+o.id}return e}", 'e=e+s+o.id+","}return e}')


class NoSettings(Config):  # type: ignore[no-untyped-call]
    """The settings of a plugin that has none."""


class Search(BasePlugin[NoSettings]):  # type: ignore[no-untyped-call]
    """Leaves the code of notebooks out of the search index, and mends how words are found in it."""

    def on_page_content(
        self, html: str, /, *, page: Page, config: MkDocsConfig, files: Files
    ) -> str:
        """The page, its code marked for the search plugin."""
        del config, files
        return unsearched(html) if page.file.src_uri.endswith(".ipynb") else html

    def on_post_build(self, *, config: MkDocsConfig) -> None:
        """Mend the script that searches.

        Raises:
            PluginError: when the theme has another one.
        """
        for path in Path(config.site_dir).glob(_WORKERS):
            path.write_text(mended(path.read_text(encoding="utf-8")), encoding="utf-8", newline="")


def unsearched(html: str) -> str:
    """The page of a notebook, its code and the signs at its headings marked as not to be searched.

    The search plugin tells elements apart by their tags alone, so that a mark on a division ends
    where the next one inside it ends. A section holds none.
    """
    parts, at = [], 0
    for start in _CODE.finditer(html):
        if start.start() < at:  # a cell stands in a division that looks like one
            continue
        depth = 0
        for tag in _DIVISION.finditer(html, start.start()):
            depth += -1 if tag[1] else 1
            if not depth:
                cell = html[start.start() : tag.end()]
                parts += [
                    html[at : start.start()],
                    f"<section data-search-exclude>{cell}</section>",
                ]
                at = tag.end()
                break
    return "".join([*parts, html[at:]]).replace(_SIGN, f"{_SIGN} data-search-exclude")


def mended(script: str) -> str:
    """The script that searches, in which no two sets of words share a name.

    Raises:
        PluginError: when it does not name them as expected.
    """
    if script.count(_NAMED) != 1:
        raise PluginError(
            f"Expected the theme's search to hold {_NAMED!r} once. Received: "
            f"{script.count(_NAMED)} times. Compare lunr.TokenSet.prototype.toString there with "
            "bnreport/site/search.py."
        )
    return script.replace(_NAMED, _APART)
