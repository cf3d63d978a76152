"""A published file: what it holds, and what its columns mean."""

from dataclasses import dataclass
from typing import TypeAlias

from bnreport.pages.data.columns import Column

# Columns of a table that name a row of another: the columns, the other resource, its columns.
Reference: TypeAlias = tuple[tuple[str, ...], str, tuple[str, ...]]

LICENCE = {
    "name": "MIT",
    "title": "MIT License",
    "path": "https://spdx.org/licenses/MIT.html",
}
OF_A_RUN: Reference = (("run",), "runs", ("run",))


@dataclass(frozen=True)
class Resource:
    """A published file: what it holds, what its columns mean, and which of them are a key."""

    path: str
    description: str
    text: str
    title: str = ""
    columns: tuple[Column, ...] = ()
    key: tuple[str, ...] = ()
    references: tuple[Reference, ...] = ()

    @property
    def name(self) -> str:
        """The name in the package: the path with its dots as dashes, without "csv"."""
        return self.path.removesuffix(".csv").removesuffix(".json").replace(".", "-")

    @property
    def format(self) -> str:
        """The end of the file's name."""
        return self.path.rpartition(".")[2]
