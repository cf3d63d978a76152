"""The surroundings of a command, which click hands to it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import click
from rich.console import Console

from bnreport.analysis.study import Study
from bnreport.records import checksums
from bnreport.records.archive import Archive
from bnreport.records.layout import Layout
from bnreport.records.store import Say
from bnreport.studies import all_studies, chosen
from bnreport.training.download import find


@dataclass(frozen=True)
class Project:
    """The checkout in which a command works.

    Attributes:
        layout: where its files are.
        studies: returns every study by name; a mistake in one is told by the command that asks.
        find: returns the folder that holds the images; see `download.find`.
    """

    layout: Layout
    studies: Callable[[], Mapping[str, Study]] = all_studies
    find: Callable[[Path | None, Path, Say], Path] = find

    def say(self, text: str) -> None:
        """Print a line as it is."""
        Console().print(text, highlight=False, markup=False, soft_wrap=True)

    def archive(self) -> Archive:
        """The records as they are now."""
        return Archive(self.layout, self.say)

    def chosen(self, names: tuple[str, ...]) -> Mapping[str, Study]:
        """The studies of those names, or all when none is named.

        Raises:
            BnreportError: when there is no study of a name.
        """
        return chosen(names, self.studies())

    def editions(self, names: tuple[str, ...] = ()) -> list[Study]:
        """Studies by their names, read at each edition, or one edition by its own ("rates.2").

        Raises:
            BnreportError: when there is no study or edition of a name.
        """
        each = {name: study.by_edition() for name, study in self.studies().items()}
        later = {at.edition.name: [at] for editions in each.values() for at in editions[1:]}
        meant = chosen(names, each | later if names else each)
        return [edition for editions in meant.values() for edition in editions]

    def list_digests(self, paths: Iterable[Path] | None) -> None:
        """List the digests of files in results/ anew, of all by default, and say what changed."""
        for change in checksums.update(self.layout.results, paths):
            self.say(f"{checksums.NAME}: {change}.")


pass_project = click.make_pass_decorator(Project)
