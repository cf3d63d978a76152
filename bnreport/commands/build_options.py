"""Options of a build, and a summary of what it did."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bnreport.analysis.local_check import LocalCheck
from bnreport.analysis.study import Study
from bnreport.commands.project import Project
from bnreport.pages.cache import Cache
from bnreport.protocol.datasets import Profile
from bnreport.records.layout import Layout


@dataclass(frozen=True)
class BuildOptions:
    """The options of a build."""

    project: Project
    profile: Profile = "full"
    records_only: bool = False
    data: Path | None = None
    rerun: tuple[str, ...] = ()
    site: Path | None = None
    cluster: str | None = None
    cache: bool = True

    @property
    def layout(self) -> Layout:
        """The files of the checkout."""
        return self.project.layout

    @property
    def kept(self) -> Cache:
        """The cache of what builds make, or one that keeps nothing."""
        return Cache(self.layout.built if self.cache else None)

    def profile_of(self, study: Study) -> Profile:
        """The profile at which a study is shown."""
        return study.shown_at(self.profile)

    def trains_again(self, study: Study) -> bool:
        """Say whether the build trains what a study has records of.

        A quick build trains nothing of a study that it can only show in full.
        """
        return study.name in self.rerun and self.profile_of(study) == self.profile

    def recorded(self, study: Study) -> Path:
        """The committed records of a study, read at one of its editions."""
        return self.layout.recorded(study.edition.name, self.profile_of(study), study.announced)


@dataclass
class Summary:
    """A summary of a build: the folder of the site, counts of runs, the time of each stage."""

    site: Path
    trained: int = 0
    reused: int = 0
    check: LocalCheck | None = None
    stages: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time a stage."""
        began = time.perf_counter()
        try:
            yield
        finally:
            self.stages[name] = self.stages.get(name, 0.0) + time.perf_counter() - began
