"""Pages of one piece to touch, without what surrounds it: they load in half the time.

What a piece does by itself is asked of such a page. It has the piece of the site's own page, its
headings, the tabs below them, style sheets, policy and scripts. The rest of the article, menus,
search, footer and the script of the theme are left out.
"""

import io
import re
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import BinaryIO

from tests.browser.serving import Quiet

# Menus leave their room beside the text.
LEFT_OUT = [
    re.compile(pattern, re.DOTALL)
    for pattern in (
        r'<div class="md-search" .*?(?=</nav>\s*</header>)',
        r'<div class="md-sidebar__scrollwrap">.*?(?=</div>\s*<div class="md-(?:sidebar|content))',
        r'<footer class="md-footer">.*?</footer>',
        r'<script src="[^"]*/bundle\.[^"]*"></script>',
    )
]
ARTICLE = re.compile(r"(<article [^>]*>)(.*)(</article>)", re.DOTALL)
PIECE = r"<figure (?:(?!</figure>).)*? data-piece=.*?</figure>"
HEADING = r"<(?P<level>h[1-6])\b.*?</(?P=level)>"
TABS = r'<div class="tabbed-set\b.*?(?P<tabs><div class="tabbed-content">)'
KEPT = re.compile(f"{PIECE}|{HEADING}|{TABS}", re.DOTALL)


@cache
def lone(path: Path) -> str:
    """The text of a page with headings, tabs and its piece, and nothing else in its article.

    Raises:
        ValueError: when the page is not made as expected.
    """
    # What the script of the theme says first.
    text = path.read_text(encoding="utf-8").replace('class="no-js"', 'class="js"')
    for pattern in LEFT_OUT:
        text, count = pattern.subn("", text)
        if not count:
            raise ValueError(f"Expected {pattern.pattern}. Received: a page without.")
    around = ARTICLE.search(text)
    if around is None or around[2].count(" data-piece=") != 1:
        raise ValueError("Expected an article with one piece. Received: another page.")
    parts = (part[0] + "</div></div>" * bool(part["tabs"]) for part in KEPT.finditer(around[2]))
    article = f"{around[1]}{''.join(parts)}{around[3]}"
    return text[: around.start()] + article + text[around.end() :]


class Lone(Quiet):
    """Serves the files of a site, and its pages as lone ones."""

    def send_head(self) -> io.BytesIO | BinaryIO | None:
        """Send the head of an answer, and return what follows."""
        path = Path(self.translate_path(self.path))
        if path.suffix != ".html" or not path.is_file():
            return super().send_head()
        content = lone(path).encode()
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        return io.BytesIO(content)
