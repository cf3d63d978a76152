"""Make a page of the notebook while pages are staged, where no plugin of the builder shall.

A page of Markdown that any builder reads: cells of text as they are, so that their headings are
those of a page, and each cell of code with its outputs as the HTML that the plugin has, too.
"""

import os
import re
from collections.abc import Mapping
from typing import Any

import lxml.html
import yaml

from bnreport.errors import PageError

SOURCE, PAGE = "notebook.ipynb", "notebook.md"
# Who makes the page: the plugin mkdocs-jupyter while the site is built, or this module before.
WAY = "BNREPORT_NOTEBOOK"
PLUGIN, STAGED = "plugin", "staged"
# What the notebook is, for those who search or index the site.
DESCRIPTION = (
    "Both nets of the notebook in Keras 3, executed on Fashion-MNIST, with the code, its outputs "
    "and the traps."
)
# Cells as JupyterLab lays them out, with nothing around them.
TEMPLATE = "lab/base.html.j2"
# Links of the notebook to pages, as they are where it is read elsewhere; and of pages to it.
TO_PAGES = re.compile(r"(?<=\]\()(?![a-z+]+:)([^\s()#]+)\.html(?=[#)])")
TO_NOTEBOOK = re.compile(rf"(?<=\]\()((?:\.\./)*){re.escape(SOURCE)}(?=[#)])")
# What Markdown would take for a fence, or for spaces, even within HTML.
READ = str.maketrans({sign: f"&#{ord(sign)};" for sign in "`~\t"})


def is_staged(environment: Mapping[str, str] | None = None) -> bool:
    """Say whether the environment asks for the page to be made while pages are staged.

    Raises:
        PageError: when it names neither way.
    """
    way = (os.environ if environment is None else environment).get(WAY) or PLUGIN
    if way not in (PLUGIN, STAGED):
        raise PageError(f"Expected {WAY} to be {PLUGIN} or {STAGED}. Received: {way!r}. Fix it.")
    return way == STAGED


def with_page(files: Mapping[str, bytes], notebook: Any) -> dict[str, bytes]:
    """The staged files with a page of the notebook, to which the links of the others lead.

    Args:
        files: what is staged, by path; the notebook is among them.
        notebook: the same, read.
    """
    pages = {
        path: TO_NOTEBOOK.sub(rf"\g<1>{PAGE}", content.decode()).encode()
        for path, content in files.items()
        if path.endswith(".md")
    }
    return {**files, **pages, PAGE: page(notebook).encode()}


def page(notebook: Any) -> str:
    """The page of a notebook that was executed, as Markdown."""
    # It takes a second to import, and most calls need none.
    from nbconvert.exporters import HTMLExporter

    exporter = HTMLExporter(template_file=TEMPLATE)
    # The theme asks for it, to offer the file.
    head = yaml.safe_dump({"description": DESCRIPTION, "notebook": SOURCE}, width=1000)
    cells = (
        TO_PAGES.sub(r"\1.md", cell.source)
        if cell.cell_type == "markdown"
        # Alone, because the exporter mends what it makes as HTML, which Markdown is not.
        else _whole(exporter.from_notebook_node(type(notebook)(notebook | {"cells": [cell]}))[0])
        for cell in notebook.cells
    )
    return "\n\n".join([f"---\n{head}---", *cells]) + "\n"


def _whole(html: str) -> str:
    """A piece of HTML as one element that ends where it ends, and that Markdown leaves alone."""
    element = lxml.html.fragment_fromstring(html, create_parent="div")
    for code in element.find_class("highlight"):
        # The style sheet lays code of a notebook out by the name that the plugin gives it.
        code.set("class", "highlight-ipynb")
    text: str = lxml.html.tostring(element, encoding="unicode", with_tail=False)
    return text.translate(READ)
