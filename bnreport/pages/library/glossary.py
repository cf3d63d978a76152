"""The words of the field that pages explain: from TOML to entries."""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

from bnreport.errors import LibraryError


@dataclass(frozen=True)
class Term:
    """A word and what it means, in one or two sentences; `page` tells more."""

    word: str
    meaning: str
    page: str = ""

    @property
    def anchor(self) -> str:
        """Its place on the page of the glossary."""
        return re.sub(r"[^a-z0-9]+", "-", self.word.lower()).strip("-")


def read_glossary(path: Path) -> dict[str, Term]:
    """The entries of a TOML file by word: a table each, with `meaning` and perhaps `page`.

    Raises:
        LibraryError: when the file is no such TOML.
    """
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
        return {word: Term(word, **fields) for word, fields in tables.items()}
    except (tomllib.TOMLDecodeError, TypeError) as error:
        raise LibraryError(
            f'Expected ["word"] tables with a meaning in {path.name}. Received: {error}. Fix it.'
        ) from error
