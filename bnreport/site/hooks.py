"""Run within MkDocs, or within what takes its place.

The builder loads this file by its path and in a process of its own, so it imports nothing of ours.
"""

from html import escape
from typing import Any

# Where the cells of a notebook begin in what mkdocs-jupyter makes of it, and what follows them.
CELLS, STYLES = '<div class="jupyter-wrapper">', "<style>"
# A stop for the keyboard that scrolls nothing, which assets/site.js adds where something does; and
# the sign of a heading's link, which a style sheet draws and nobody reads out.
NO_STOP = ' tabindex="0"'
SIGN, NAMED = ">¶</a>", ' aria-label="Link to this section"></a>'


def on_nav(nav: Any, config: Any, files: Any) -> Any:
    """The menu; *previous* and *next* of its pages follow the order in which they are read."""
    del files
    places = {name: place for place, name in enumerate(config.extra["order"])}
    ordered = sorted(nav.pages, key=lambda page: places.get(page.file.src_uri, len(places)))
    ends = [None, *ordered, None]
    for page, before, after in zip(ordered, ends[:-2], ends[2:], strict=True):
        page.previous_page, page.next_page = before, after
    return nav


def on_page_content(html: str, page: Any, config: Any, files: Any) -> str:
    """The content of a page, whose description is escaped; of a notebook its cells alone.

    Left out are inline scripts, a loader from another origin and about 600 kB of style sheets.

    Raises:
        ValueError: when the notebook was converted otherwise.
    """
    del files
    notebook = page.file.src_uri.endswith(".ipynb")
    if notebook:
        # It has no front matter; that of a page that was made of it says the same.
        page.meta |= {"notebook": page.file.src_uri, "description": config.extra["notebook"]}
    if about := page.meta.get("description"):
        # The theme writes the second into an attribute as it is.
        page.meta |= {"about": about, "description": escape(about)}
    return cells(html) if notebook else html


def cells(html: str) -> str:
    """The cells of a notebook."""
    before, begun, rest = html.partition(CELLS)
    inside, ended, _ = rest.rpartition(STYLES)
    if not (begun and ended):
        raise ValueError(
            f"Expected {CELLS!r} and then {STYLES!r} in the notebook's page. Received: "
            f"{before[:80]!r}… Compare mkdocs-jupyter with bnreport/site/hooks.py."
        )
    return (begun + inside).replace(NO_STOP, "").replace(SIGN, NAMED)
