"""The values that describe a study: its runs, its claims, and what an analysis hands on."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, get_args

from bnreport.data import data_digest
from bnreport.directions import Directions
from bnreport.estimates import Estimate
from bnreport.plots import Plot
from bnreport.records import Record
from bnreport.trials import AnyTrial, Frozen, Identity, Profile, digest, later

Word = Literal["supported", "not supported", "mixed", "underpowered", "not judged"]
Chapter = Literal["The notebook", "Benefits", "Mechanisms", "Limits and costs", "Facts", "Cost"]
CHAPTERS: tuple[Chapter, ...] = get_args(Chapter)

# Seeds at which claims are judged, and seeds that only choose a setting; pilots used neither.
SEEDS = tuple(range(100, 112))
TUNING_SEEDS = (900, 901, 902)


class Claim(Frozen):
    """A sentence that runs can contradict, with the rule that decides, written before the runs.

    A "difference" is a paired contrast that the claim predicts above zero; `margin` is the least
    effect worth saying. An "equivalence" predicts a contrast within the margin on either side. An
    "exact" identity is predicted to hold within the margin, whatever the seed. A "fit" asks whether
    published numbers pass for one more run. A claim on several `settings` must hold in each.
    On the scale "ratio" effects are natural logarithms, and the margin is a ratio. A frozen claim
    never changes; one that is added after runs exist says when and why in `amended`.
    """

    id: str
    question: str
    statement: str
    source: str
    kind: Literal["difference", "fit", "equivalence", "exact"]
    arms: str
    metric: str
    unit: str
    margin: float | None = None
    seeds: str
    rule: str
    expected: Word
    amended: str | None = None
    label: str = later("")
    scale: Literal["linear", "ratio"] = later("linear")
    settings: tuple[str, ...] = later(())


@dataclass(frozen=True)
class Display:
    """What readers see of a claim beside its frozen text; no digest covers it.

    Attributes:
        statement: shown in place of the frozen statement, which misleads beside another claim's.
        withdrawn: why the verdict no longer counts, as the rest of a sentence.
        changed: what was changed after the claim was announced and before its runs, in a sentence.
    """

    statement: str = ""
    withdrawn: str = ""
    changed: str = ""


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
    """All that a study's page shows beside its verdicts."""

    values: Mapping[str, Value] = field(default_factory=dict)
    tables: Mapping[str, Table] = field(default_factory=dict)
    plots: Mapping[str, Plot] = field(default_factory=dict)


@dataclass(frozen=True)
class Runs:
    """A trial and the seeds at which each profile trains it.

    `tuning` seeds belong to the full profile; they choose a setting and judge nothing.
    """

    trial: AnyTrial
    full: tuple[int, ...] = SEEDS
    quick: tuple[int, ...] = ()
    tuning: tuple[int, ...] = ()


@dataclass(frozen=True)
class Study:
    """A question, the runs that answer it, the claims they judge, and the analysis between.

    Attributes:
        estimates: what each claim is judged by, by claim id; a function of the records.
        directions: who each claim predicts to be ahead, and in what, by claim id.
        analyse: all else that the page shows.
        check_tuning: refuses records whose tuning runs ask for other settings than the study has.
        check: the trials of which one seed is trained on a reader's machine.
        code: files of the package beside its own that say what it runs.
        display: what is shown of a claim in place of its frozen text, by claim id.
    """

    name: str
    title: str
    page: str
    chapter: Chapter
    question: str
    runs: tuple[Runs, ...]
    claims: tuple[Claim, ...] = ()
    estimates: Mapping[str, Callable[["Records"], Estimate]] = field(default_factory=dict)
    directions: Mapping[str, Directions] = field(default_factory=dict)
    analyse: Callable[["Records"], Analysis] = lambda _: Analysis()
    check_tuning: Callable[["Records"], None] = lambda _: None
    check: tuple[str, ...] = ()
    code: tuple[str, ...] = ()
    display: Mapping[str, Display] = field(default_factory=dict)

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
            for seed in (sorted({*runs.tuning, *runs.full}) if profile == "full" else runs.quick)
        ]

    def shown_at(self, profile: Profile) -> Profile:
        """The profile whose records a build shows: the full ones where it has no quick runs."""
        return profile if self.identities(profile) else "full"

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
        """The records of a trial that judge, by rising seed."""
        return [r for seed, r in sorted(self.of[name].items()) if seed not in TUNING_SEEDS]

    def tuning(self, name: str) -> list[Record]:
        """The records of a trial that only choose a setting, by rising seed."""
        return [r for seed, r in sorted(self.of[name].items()) if seed in TUNING_SEEDS]
