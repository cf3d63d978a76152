"""Show what building the site costs, as `scripts/bench site` measured it last."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, TypeAlias

from pydantic import Field, NonNegativeInt, PositiveFloat, PositiveInt, TypeAdapter

from bnreport.presentation.formats import number
from bnreport.presentation.tables import Table
from bnreport.protocol.frozen import Frozen
from bnreport.records.documents import read_json
from bnreport.records.record import Printable, Token

FILE = "site.json"
Day: TypeAlias = Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\d$")]


class SiteTimes(Frozen):
    """Seconds by what was done, all in one run on one machine.

    Attributes:
        machine: the processor.
        date: the day, as year-month-day.
        commit: the commit that was measured.
        drawings: how many figures a build without a cache draws.
        mkdocs: MkDocs alone on the staged pages.
        cold: a build with an empty cache.
        warm: a build of what was built before.
        mistake: from the start of a check to the report of a wrong name.
        mkdocs_edit: from a saved word to its page, served by MkDocs alone.
        edit: the same, served by `bnreport serve`.
        read: reading and checking so many made-up records.
    """

    machine: Printable
    date: Day
    commit: Token
    drawings: NonNegativeInt
    mkdocs: PositiveFloat
    cold: PositiveFloat
    warm: PositiveFloat
    mistake: PositiveFloat
    mkdocs_edit: PositiveFloat
    edit: PositiveFloat
    read: Mapping[PositiveInt, PositiveFloat]

    def table(self) -> Table:
        """Each measurement in seconds and in times of what MkDocs takes alone."""
        rows = [
            ("MkDocs alone, on the pages as they are staged", self.mkdocs, self.mkdocs),
            ("nothing changed since the last build", self.warm, self.mkdocs),
            (f"nothing kept, {self.drawings} drawings", self.cold, self.mkdocs),
            ("a wrong name on a page, until it is reported", self.mistake, self.mkdocs),
            ("a word saved, served by MkDocs alone", self.mkdocs_edit, self.mkdocs_edit),
            ("a word saved, served by bnreport", self.edit, self.mkdocs_edit),
        ]
        return Table(
            caption="Building this site",
            head=("what", "seconds", "times MkDocs alone"),
            rows=tuple((stage, *_cells(seconds, alone)) for stage, seconds, alone in rows),
            note=f"{self.machine}; {self.date}.",
        )

    def growth(self) -> Table:
        """Draw how long reading takes, by the number of records."""
        return Table(
            caption="Reading records",
            head=("records", "seconds", "milliseconds each"),
            rows=tuple(
                (f"{count:,}", number(seconds, 2), number(1000 * seconds / count, 3))
                for count, seconds in self.read.items()
            ),
        )


def _cells(seconds: float, alone: float) -> tuple[str, str]:
    return number(seconds, 1), number(seconds / alone, 1)


def read_site_times(results: Path) -> SiteTimes | None:
    """Read the last measurement; None where there is none.

    Raises:
        RecordError: when the file is damaged.
    """
    remedy = "Restore the file from version control, or run `scripts/bench site`."
    return read_json(results / FILE, TypeAdapter(SiteTimes), "the times of the site", remedy)
