"""Pages that were seen without a fault, and need not be seen again while all stays as it was.

What is seen of a page follows from its bytes, from those of the files that it asked for and of all
that lies below assets/, from the browser and its fonts, and from the code that looks. Where one of
them changed the page is seen again. `.ci/run` forgets all of it first.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from importlib import metadata
from pathlib import Path
from typing import Protocol, TypeVar

from playwright.sync_api import Browser
from pydantic import TypeAdapter

from bnreport.pages.cache import Cache, key_of

HERE = Path(__file__).parent
# What looks at pages, beside the tests that judge what was seen.
EYES = ("conftest.py", "contrast.js", "drawn.py", "serving.py", "sound.py", "visits.py")
LIBRARIES = ("axe-playwright-python", "playwright")
# How wide letters are in the fonts of a system, by the names that style sheets have for them.
FAMILIES = ("sans-serif", "serif", "monospace", "system-ui", "math", "Arial", "Helvetica")
WIDTHS = """([families, text]) => {
  const pen = document.createElement("canvas").getContext("2d");
  return families.map((family) => {
    pen.font = `100px ${family}`;
    return pen.measureText(text).width;
  });
}"""
TEXT = "Pack my box with five dozen jugs: 0123456789 \u03b3 \u2212 \u03b2"


class Look(Protocol):
    """What was seen of a page, in types of JSON."""

    @property
    def sound(self) -> bool:
        """Whether it has no fault."""

    @property
    def files(self) -> frozenset[str]:
        """The files that the page asked for, relative to the site."""


Seen = TypeVar("Seen", bound=Look)


def machine(browser: Browser) -> str:
    """What a browser brings along that pages look different by: its version, and its fonts."""
    page = browser.new_page()
    try:
        return f"{browser.version} {page.evaluate(WIDTHS, [FAMILIES, TEXT])}"
    finally:
        page.close()


@dataclass(frozen=True)
class Sound:
    """The pages of a site that were seen without a fault.

    Attributes:
        cache: where that is kept.
        site: the folder of the site.
        browser: what the browser brings along.
    """

    cache: Cache
    site: Path
    browser: str

    def look(self, kind: type[Seen], name: str, how: str, see: Callable[[], Seen]) -> Seen:
        """What is seen of a page, or what was seen when all was as it is.

        Args:
            kind: the type of what is seen.
            name: the page, relative to the site.
            how: it is looked at.
            see: looks at it.
        """
        entries: TypeAdapter[tuple[Seen, dict[str, str]]]
        entries = TypeAdapter(tuple[kind, dict[str, str]])  # type: ignore[valid-type]
        key = key_of(self._shared, how, name, self._digest(name))
        if kept := self.cache.read("seen", key):
            seen, files = entries.validate_json(kept)
            if files == self._digests(seen):
                return seen
        seen = see()
        if seen.sound:
            self.cache.write("seen", key, entries.dump_json((seen, self._digests(seen))))
        return seen

    def _digests(self, seen: Look) -> dict[str, str]:
        return {file: self._digest(file) for file in sorted(seen.files)}

    def _digest(self, file: str) -> str:
        path = self.site / file
        return sha256(path.read_bytes()).hexdigest() if path.is_file() else ""

    @cached_property
    def _shared(self) -> str:
        """The digest of what counts for every page."""
        code = ((HERE / file).read_bytes() for file in EYES)
        assets = (path.relative_to(self.site) for path in (self.site / "assets").rglob("*"))
        files = (f"{file} {self._digest(file.as_posix())}" for file in sorted(assets))
        return key_of(self.browser, *map(metadata.version, LIBRARIES), *code, *files)
