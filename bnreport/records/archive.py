"""The committed records of a checkout, opened once and passed on."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from bnreport.errors import RecordError
from bnreport.protocol.datasets import Profile
from bnreport.records import checksums, preregistration, reimplementation
from bnreport.records.code.ancestry import Ancestry, ancestry
from bnreport.records.code.executed import Digests
from bnreport.records.layout import Layout
from bnreport.records.record import Record
from bnreport.records.reimplementation import Reimplementation
from bnreport.records.store import Say, read


@dataclass(frozen=True)
class Archive:
    """The content of `results/`: each file is read once, when it is first asked for.

    A study's records are called by the name of their edition. Whoever writes records opens another
    archive to see them. `today` returns the digests of the code as it is;
    by default the code is read.
    """

    layout: Layout
    say: Say
    today: Callable[[], Digests] | None = None
    _read: dict[Path, dict[str, Record]] = field(default_factory=dict, init=False, repr=False)

    def records(self, study: str, profile: Profile, announced: bool = False) -> dict[str, Record]:
        """The records of a study, by run id; where it is announced, those of its trial runs."""
        return self.read(self.layout.recorded(study, profile, announced))

    def replicas(self, study: str) -> dict[str, dict[str, Record]]:
        """The full records that other machines made of a study, by the machine's name."""
        paths = self.layout.replicas(study)
        return {machine: self.read(path) for machine, path in paths.items()}

    def reimplementations(self, study: str) -> dict[str, Reimplementation]:
        """The findings of other implementations of a study, by the name of their library."""
        paths = self.layout.reimplementations(study)
        return {library: reimplementation.read(path) for library, path in paths.items()}

    def pilots(self, study: str) -> dict[str, Record]:
        """The records of a study at pilots' seeds, which judge nothing."""
        return self.read(self.layout.pilot(study))

    def read(self, path: Path) -> dict[str, Record]:
        """The records in a file of the archive, by run id."""
        if path not in self._read:
            self._read[path] = read(path, self.say)
        return self._read[path]

    @cached_property
    def code(self) -> Ancestry:
        """The code that made the records, and what the code as it is does."""
        return ancestry(self.layout, self.today)

    @cached_property
    def claims(self) -> dict[str, dict[str, str]]:
        """The digests of the claims at each commit that a record names."""
        return preregistration.read_table(self.layout.preregistration)

    def check(self) -> None:
        """Return nothing when the files are those that are listed.

        Raises:
            RecordError: when one is not; by its line where a record is damaged.
        """
        try:
            checksums.check(self.layout.results)
        except RecordError:
            for path in self.layout.judged():
                self.read(path)
            raise
