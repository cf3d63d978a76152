"""Say where everything lies in a checkout."""

from dataclasses import dataclass
from pathlib import Path

import pooch

from bnreport.protocol.datasets import Profile


@dataclass(frozen=True)
class Layout:
    """The paths of one checkout; `root` is the folder that holds mkdocs.yml.

    What belongs to a study belongs to one edition of it, and is called by `Edition.name`.
    """

    root: Path

    @property
    def results(self) -> Path:
        """All that is committed of runs: records, verifications, and the digests of these files."""
        return self.root / "results"

    def committed(self, study: str, profile: Profile) -> Path:
        """The judged records of a study, committed."""
        folder = self.results if profile == "full" else self.results / "quick"
        return folder / f"{study}.jsonl"

    def recorded(self, study: str, profile: Profile, announced: bool) -> Path:
        """The records that `bnreport run` makes: those that are only tried are not committed.

        A study that is announced is tried at the quick profile while it is written.
        """
        if announced and profile == "quick":
            return self.local(study, profile)
        return self.committed(study, profile)

    def judged(self) -> list[Path]:
        """Every committed file of records but those of pilots, which judge nothing."""
        paths = self.results.rglob("*.jsonl")
        return sorted(path for path in paths if path.parent != self.results / "pilots")

    def pilot(self, study: str) -> Path:
        """The records of a study at pilots' seeds, committed before its claims."""
        return self.results / "pilots" / f"{study}.jsonl"

    @property
    def preregistration(self) -> Path:
        """The digests of all claims at each commit that a judged record names."""
        return self.results / "preregistration.json"

    def replica(self, machine: str, study: str) -> Path:
        """The records of a study that another machine made, committed, shown and not judged."""
        return self.results / "replicas" / machine / f"{study}.jsonl"

    def replicas(self, study: str) -> dict[str, Path]:
        """The records of a study that other machines made, by the machine's name."""
        paths = (self.results / "replicas").glob(f"*/{study}.jsonl")
        return {path.parent.name: path for path in sorted(paths)}

    def reimplementations(self, study: str) -> dict[str, Path]:
        """The findings of other implementations of a study, by the name of their library."""
        paths = (self.results / "replicas").glob(f"*/{study}.json")
        return {path.parent.name: path for path in sorted(paths)}

    def made_from(self, study: str, profile: Profile, announced: bool = False) -> list[Path]:
        """The files of results that the report of a study is made from."""
        others = (*self.replicas(study).values(), *self.reimplementations(study).values())
        beside = (self.verified(study), self.pilot(study))
        paths = (self.recorded(study, profile, announced), *others, *beside)
        return [path for path in paths if path.exists()]

    def local(self, study: str, profile: Profile) -> Path:
        """The records that builds trained on this machine, not committed."""
        return self.root / ".local" / profile / f"{study}.jsonl"

    def verified(self, study: str) -> Path:
        """The file in which `bnreport verify` wrote down what it found of a study."""
        return self.results / f"{study}.verified.json"

    @property
    def code(self) -> Path:
        """The digests of the code at each commit that a record names."""
        return self.results / "code.json"

    @property
    def links(self) -> Path:
        """The reviewed links between digests of code that does the same."""
        return self.results / "links.toml"

    @property
    def build_lock(self) -> Path:
        """The lock that a build holds while it works."""
        return self.root / ".local" / "build.lock"

    @property
    def notebook(self) -> Path:
        """The notebook, executed and committed."""
        return self.root / "notebooks" / "notebook.ipynb"

    @property
    def pages(self) -> Path:
        """The sources of the pages."""
        return self.root / "docs"

    @property
    def staged(self) -> Path:
        """The rendered pages that MkDocs reads."""
        return self.root / "build" / "docs"

    @property
    def site(self) -> Path:
        """The finished site."""
        return self.root / "site"

    @property
    def built(self) -> Path:
        """The folder of what builds made, by what it was made from; delete it at any time."""
        return self.root / ".local" / "cache"

    @property
    def cache(self) -> Path:
        """The download cache, outside the checkout."""
        return Path(pooch.os_cache("bnreport")) / "fashion-mnist"
