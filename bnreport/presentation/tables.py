"""Hold what an analysis hands to a page: numbers in prose, tables, figures."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from bnreport.presentation.plots import Plot

# How the origin begins of a number that no run found.
GIVEN = "set before the runs"
RowT = TypeVar("RowT")
ColumnT = TypeVar("ColumnT")


@dataclass(frozen=True)
class Value:
    """A number in prose: its text, and where it comes from."""

    text: str
    origin: str

    @property
    def given(self) -> bool:
        """Say whether it was set before the runs, so that no run found it."""
        return self.origin.startswith(GIVEN)


@dataclass(frozen=True)
class Table:
    """A table: its caption, its column heads, and its rows; the first cell of a row heads it.

    Numbers stand at the right of their cells, unless all is `text`. Of a table that is `sparse`,
    the cards on a phone leave zeros out.
    """

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""
    text: bool = False
    sparse: bool = False

    @staticmethod
    def crossed(
        caption: str,
        corner: str,
        rows: Mapping[str, RowT],
        columns: Mapping[str, ColumnT],
        cell: Callable[[RowT, ColumnT], str],
        note: str = "",
    ) -> "Table":
        """A table in which every cell asks the same of its row and its column.

        Args:
            caption: its caption.
            corner: what stands above the heads of the rows.
            rows: what a row is about, by its head.
            columns: what a column is about, by its head.
            cell: the text where the two meet.
            note: what stands below.
        """
        filled = (
            (head, *(cell(row, column) for column in columns.values()))
            for head, row in rows.items()
        )
        return Table(caption, (corner, *columns), tuple(filled), note)

    @staticmethod
    def by_column(
        caption: str,
        corner: str,
        rows: Mapping[str, RowT],
        columns: Mapping[str, Callable[[RowT], str]],
        note: str = "",
    ) -> "Table":
        """A table in which each column tells something else of what a row is about.

        Args:
            caption: its caption.
            corner: what stands above the heads of the rows.
            rows: what a row is about, by its head.
            columns: the text of a column for a row, by the column's head.
            note: what stands below.
        """
        return Table.crossed(caption, corner, rows, columns, lambda row, text: text(row), note)


@dataclass(frozen=True)
class Analysis:
    """All that a study's page shows beside its verdicts.

    `pictures` are what a lesson has worked for its pictures, which are files beside its page.
    """

    values: Mapping[str, Value] = field(default_factory=dict)
    tables: Mapping[str, Table] = field(default_factory=dict)
    plots: Mapping[str, Plot] = field(default_factory=dict)
    pictures: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
