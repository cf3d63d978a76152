"""The values that describe a study: its runs, its claims, and what an analysis hands on."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from bnreport.data import data_digest
from bnreport.plots import Plot
from bnreport.records import Record
from bnreport.statistics import Contrast, Fit
from bnreport.trials import AnyTrial, Frozen, Identity, Profile, digest

Word = Literal["supported", "not supported", "mixed", "underpowered", "not judged"]


class Claim(Frozen):
    """A sentence that runs can contradict, with the rule that decides, written before the runs.

    A "difference" is a paired contrast that the claim predicts above zero; `margin` is the least
    effect worth saying. A "fit" asks whether published numbers pass for one more run. A frozen
    claim never changes; one that is added after runs exist says when and why in `amended`.
    """

    id: str
    question: str
    statement: str
    source: str
    kind: Literal["difference", "fit"]
    arms: str
    metric: str
    unit: str
    margin: float | None = None
    seeds: str
    rule: str
    expected: Word
    amended: str | None = None


@dataclass(frozen=True)
class Value:
    """A number in prose: its text, and where it comes from."""

    text: str
    origin: str


@dataclass(frozen=True)
class Table:
    """A table: its caption, its column heads, and its rows; the first cell of a row heads it."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""


@dataclass(frozen=True)
class Analysis:
    """All that a study's records say, as values for the judge and the page."""

    estimates: Mapping[str, Contrast | Fit] = field(default_factory=dict)
    values: Mapping[str, Value] = field(default_factory=dict)
    tables: Mapping[str, Table] = field(default_factory=dict)
    plots: Mapping[str, Plot] = field(default_factory=dict)


@dataclass(frozen=True)
class Runs:
    """A trial and the seeds at which each profile trains it."""

    trial: AnyTrial
    full: tuple[int, ...]
    quick: tuple[int, ...]


@dataclass(frozen=True)
class Study:
    """A question, the runs that answer it, the claims they judge, and the analysis between.

    `check` names the trials of which one seed is trained on a reader's machine.
    """

    name: str
    title: str
    page: str
    runs: tuple[Runs, ...]
    claims: tuple[Claim, ...]
    analyse: Callable[["Records"], Analysis]
    check: tuple[str, ...]

    def identities(self, profile: Profile) -> list[Identity]:
        """Every run of the study at that profile, in the order in which they train."""
        return [
            Identity(
                study=self.name,
                trial=runs.trial,
                seed=seed,
                data=data_digest(profile),
                profile=profile,
            )
            for runs in self.runs
            for seed in (runs.full if profile == "full" else runs.quick)
        ]

    @property
    def claims_digest(self) -> str:
        """The digest of the claims as they stand."""
        return claims_digest(self.claims)

    @property
    def frozen_digests(self) -> set[str]:
        """The digests that a run may have been trained under: with later claims or without."""
        first = tuple(claim for claim in self.claims if claim.amended is None)
        return {claims_digest(self.claims), claims_digest(first)}


def claims_digest(claims: Sequence[Claim]) -> str:
    """The digest of these claims."""
    return digest({"claims": [claim.model_dump(mode="json") for claim in claims]})


@dataclass(frozen=True)
class Records:
    """The records of one study and profile, by trial and seed.

    `replicas` hold the same of other machines, by the machine's name; they are shown, not judged.
    """

    profile: Profile
    of: Mapping[str, Mapping[int, Record]]
    replicas: Mapping[str, Mapping[str, Mapping[int, Record]]] = field(default_factory=dict)

    def trial(self, name: str) -> list[Record]:
        """The records of a trial, by rising seed."""
        return [record for _, record in sorted(self.of[name].items())]
