"""Hold what an analysis hands to a page: numbers in prose, tables, figures."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bnreport.presentation.plots import Plot


@dataclass(frozen=True)
class Value:
    """A number in prose: its text, and where it comes from."""

    text: str
    origin: str


@dataclass(frozen=True)
class Table:
    """A table: its caption, its column heads, and its rows; the first cell of a row heads it.

    Numbers stand at the right of their cells, unless all is `text`.
    """

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""
    text: bool = False


@dataclass(frozen=True)
class Analysis:
    """All that a study's page shows beside its verdicts.

    `pictures` are what a lesson has worked for its pictures, which are files beside its page.
    """

    values: Mapping[str, Value] = field(default_factory=dict)
    tables: Mapping[str, Table] = field(default_factory=dict)
    plots: Mapping[str, Plot] = field(default_factory=dict)
    pictures: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
