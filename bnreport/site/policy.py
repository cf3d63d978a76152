"""The content security policy of a page: the theme's own scripts by digest, and no others."""

import base64
import hashlib
import re
from collections.abc import Collection
from typing import Any

import lxml.html

from bnreport.errors import PageError

Tree = Any
# Where the theme leaves room for the digests of its scripts.
ROOM = "script-src 'self' file:"
# Scripts of these types are data; a browser does not run them.
DATA = {"application/ld+json", "application/json"}
# How deep a page lies is all that differs between the theme's scripts of two pages.
DEPTH = re.compile(r'new URL\("(?:\.\.?(?:/\.\.)*|/[\w.~%/-]*)",location\)')


def digest(script: str) -> str:
    """The name that a content security policy gives a script."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"


def scripts(tree: Tree) -> list[str]:
    """The scripts that stand in a page and that a browser runs."""
    return [
        script.text or ""
        for script in tree.xpath("//script[not(@src)]")
        if (script.get("type") or "").lower() not in DATA
    ]


def known(error_page: Tree) -> set[str]:
    """The theme's own scripts, but for their depth: the error page holds nothing else."""
    return {plain(script) for script in scripts(error_page)}


def plain(script: str) -> str:
    """A script of the theme without the depth of its page."""
    return DEPTH.sub("new URL(location)", script)


def sealed(page: str, theme: Collection[str], name: str) -> str:
    """The page with the digests of the theme's scripts in its policy; others will not run.

    Raises:
        PageError: when the page has no policy, or one without room.
    """
    if page.count(ROOM) != 1:
        raise PageError(
            f"Expected {ROOM!r} once in {name}, in its content security policy. "
            f"Received: {page.count(ROOM)} times. Fix theme/main.html."
        )
    tree = lxml.html.document_fromstring(
        page.encode(), parser=lxml.html.HTMLParser(encoding="utf-8")
    )
    mine = sorted({digest(script) for script in scripts(tree) if plain(script) in theme})
    return page.replace(ROOM, " ".join([ROOM, *mine]))
