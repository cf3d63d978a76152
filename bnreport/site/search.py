"""Keep numbers, code and signs out of the search index."""

import re

from mkdocs.config.base import Config
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.plugins import BasePlugin
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page

_CODE, _DIVISION = re.compile(r'<div class="jp-Cell jp-CodeCell'), re.compile(r"<(/?)div\b[^>]*>")
_SIGN = '<a class="anchor-link"'


class NoSettings(Config):  # type: ignore[no-untyped-call]
    """The settings of a plugin that has none."""


class Unsearched(BasePlugin[NoSettings]):  # type: ignore[no-untyped-call]
    """Leaves the code of notebooks out of the search index, where it crowds out the rest."""

    def on_page_content(
        self, html: str, /, *, page: Page, config: MkDocsConfig, files: Files
    ) -> str:
        """The page, its code marked for the search plugin."""
        del config, files
        return unsearched(html) if page.file.src_uri.endswith(".ipynb") else html


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
