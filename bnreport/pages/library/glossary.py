"""The words of the field that pages explain: from TOML to entries."""

import re
from dataclasses import dataclass
from pathlib import Path

from pydantic import Field, TypeAdapter

from bnreport.errors import DataError
from bnreport.protocol.frozen import Frozen
from bnreport.records.documents import read_toml


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


class _Entry(Frozen):
    meaning: str = Field(min_length=1)
    page: str = ""


_ENTRIES = TypeAdapter(dict[str, _Entry])


def read_glossary(path: Path) -> dict[str, Term]:
    """The entries of a TOML file by word: a table each, with `meaning` and perhaps `page`.

    Raises:
        DataError: when the file is no such TOML.
    """
    content = '["word"] tables with a meaning'
    tables = read_toml(path, _ENTRIES, content, "Fix it.", DataError)
    return {word: Term(word, entry.meaning, entry.page) for word, entry in tables.items()}
