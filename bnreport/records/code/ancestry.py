"""Say which code made a record, and whether the code as it is does the same.

`results/code.json` holds the digests of the code at each commit that a record names, and
`results/links.toml` what was reviewed: pairs of digests of code that does the same.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, TypeAlias

from pydantic import Field, TypeAdapter

from bnreport.protocol.frozen import Frozen
from bnreport.protocol.trials import AnyTrial
from bnreport.records.code import executed
from bnreport.records.code.executed import Digests, names, run_digest, whole_digest
from bnreport.records.documents import read_json, read_toml
from bnreport.records.layout import Layout
from bnreport.records.record import Provenance, Record

Name: TypeAlias = Annotated[str, Field(pattern=r"^[a-z0-9-]+$")]
Digest: TypeAlias = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Commit: TypeAlias = Annotated[str, Field(pattern=r"^[0-9a-f]{40}$")]
COMMITS = TypeAdapter(dict[Commit, dict[Name, Digest]])
# Two digests of one name whose code does the same: (name, one, other).
Pair: TypeAlias = tuple[str, str, str]


class Link(Frozen):
    """A reviewed line: before and after a change, the code of these names does the same."""

    reason: str = Field(min_length=10)
    same: dict[Name, tuple[Digest, Digest]] = Field(min_length=1)


class _Links(Frozen):
    link: tuple[Link, ...] = ()


@dataclass(frozen=True)
class Ancestry:
    """The code as it is, the code of former commits, and which of these do the same.

    `today` and each of `commits` hold digests by name; see `executed`.
    """

    today: Digests
    commits: Mapping[str, Digests] = field(default_factory=dict)
    links: tuple[Link, ...] = ()

    def made_by(self, provenance: Provenance, trial: AnyTrial) -> Digests:
        """The digests of what a run executed.

        A record holds its run's digest. One from before there were such is known by its commit, or
        else by the digest that it holds in the place of all: that of whole modules.
        """
        at_commit = {} if provenance.dirty else self.commits.get(provenance.commit, {})
        known = [self.today, *self.commits.values()]
        digests = next((d for d in known if _is_run(d, trial, provenance.code)), at_commit)
        return {name: digests.get(name, provenance.code) for name in names(trial)}

    def verified_by(self, code: str, commit: str) -> Digests:
        """The digests of the code that made a verification; empty where nobody knows.

        Args:
            code: the digest of that code; of one from before there were such only the commit tells.
            commit: the commit.
        """
        known = [self.today, *self.commits.values()]
        matching = (digests for digests in known if whole_digest(digests) == code)
        return next(matching, self.commits.get(commit, {}))

    def leads(self, digests: Digests, trial: AnyTrial, more: Iterable[Pair] = ()) -> bool:
        """Say whether chains of links lead from all that a run executed to the code as it is.

        Args:
            digests: what the run executed.
            trial: the trial.
            more: links beside the reviewed ones.
        """
        pairs = [*self._reviewed(), *more]
        return all(
            name in digests and self.today.get(name) in _linked(name, digests[name], pairs)
            for name in names(trial)
        )

    def does_the_same(self, name: str, digest: str) -> bool:
        """Say whether reviewed links lead from a digest of that name to today's."""
        return self.today.get(name) in _linked(name, digest, self._reviewed())

    def is_current(self, record: Record, more: Iterable[Pair] = ()) -> bool:
        """Say whether the code as it is does what made a record."""
        trial = record.identity.trial
        return self.leads(self.made_by(record.provenance, trial), trial, more)

    def _reviewed(self) -> list[Pair]:
        return [(name, *pair) for link in self.links for name, pair in link.same.items()]


def _is_run(digests: Digests, trial: AnyTrial, digest: str) -> bool:
    return all(name in digests for name in names(trial)) and run_digest(digests, trial) == digest


def _linked(name: str, digest: str, pairs: Iterable[Pair]) -> set[str]:
    """The digests that links of that name lead to, in either direction."""
    ends = [{first, second} for linked, first, second in pairs if linked == name]
    reached, before = {digest}, 0
    while len(reached) > before:
        before = len(reached)
        for end in ends:
            if end & reached:
                reached |= end
    return reached


def ancestry(layout: Layout, today: Callable[[], Digests] | None = None) -> Ancestry:
    """The ancestry of a checkout, or of an archive of one: nothing is asked of its history.

    Args:
        layout: the files of the checkout.
        today: returns the digests of the code as it is; by default it is read.

    Raises:
        RecordError: when one of the two files is damaged.
    """
    digests = today() if today else executed.today()
    return Ancestry(digests, read_commits(layout.code), read_links(layout.links))


def read_commits(path: Path) -> dict[str, dict[str, str]]:
    """The digests by name at each commit.

    Raises:
        RecordError: when the file is damaged.
    """
    content = "the digests of code by commit and name"
    return read_json(path, COMMITS, content, "Run `bnreport history`.") or {}


def read_links(path: Path) -> tuple[Link, ...]:
    """The reviewed links.

    Raises:
        RecordError: when the file is damaged; the message names the line or the entry.
    """
    if not path.exists():
        return ()
    content = "links between digests, each with its reason,"
    remedy = "Fix the entry, or let `bnreport link` write it."
    return read_toml(path, TypeAdapter(_Links), content, remedy).link


def changed(before: Digests, after: Digests) -> dict[str, tuple[str, str]]:
    """The digests that differ, by name: before and after."""
    return {n: (before[n], after[n]) for n in sorted({*before} & {*after}) if before[n] != after[n]}


def entry(link: Link) -> str:
    """A link as an entry of results/links.toml."""
    lines = ["[[link]]", f"reason = {json.dumps(link.reason, ensure_ascii=False)}", "[link.same]"]
    lines += [
        f'{name} = [\n  "{first}",\n  "{second}",\n]' for name, (first, second) in link.same.items()
    ]
    return "\n".join(lines) + "\n"
