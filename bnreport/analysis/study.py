"""The values that describe a study: its runs, its claims, and what an analysis hands on."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, get_args

from bnreport.analysis.edition import Edition
from bnreport.errors import BnreportError
from bnreport.presentation.tables import Analysis
from bnreport.protocol.claims import Claim, Display
from bnreport.protocol.datasets import Profile
from bnreport.protocol.directions import Directions
from bnreport.protocol.runs import Runs
from bnreport.protocol.trials import Identity
from bnreport.records.collection import Records
from bnreport.statistics.estimates import Estimate

Chapter = Literal["The notebook", "Benefits", "Mechanisms", "Limits and costs", "Facts", "Cost"]
CHAPTERS: tuple[Chapter, ...] = get_args(Chapter)

# Seeds of pilots: they find the number of seeds, a grid and a threshold before claims are written.
PILOT_SEEDS = tuple(range(50, 60))


@dataclass(frozen=True)
class Study:
    """A question, the runs that answer it, the claims they judge, and the analysis between.

    It is read at one edition at a time, at first at the first: all but its name, title, page,
    chapter and question is that one's. `by_edition` leads through all.

    Attributes:
        later: the editions after the first, studies of the same name: what only names the study is
            said by the first alone.
        number: which edition it is, from 1.
        families: the ids of the claims that share an adjustment; see `Edition`.
        estimates: what each claim is judged by, by claim id; a function of the records.
        directions: who each claim predicts to be ahead, and in what, by claim id.
        analyse: all else that the page shows.
        check_tuning: refuses records whose tuning runs ask for other settings than the study has.
        check: the trials of which one seed is trained on a reader's machine.
        code: files of the package beside its own that say what it runs.
        announced: no run has been recorded yet, so that builds leave the study and its page out.
            Whoever commits its records takes this away: from then on their loss stops a build.
        display: what is shown of a claim in place of its frozen text, by claim id.
        words: what labels and settings of its claims are called on pages, by their frozen text.
    """

    name: str
    runs: tuple[Runs, ...]
    title: str = ""
    page: str = ""
    chapter: Chapter | Literal[""] = ""
    question: str = ""
    claims: tuple[Claim, ...] = ()
    estimates: Mapping[str, Callable[["Records"], Estimate]] = field(default_factory=dict)
    directions: Mapping[str, Directions] = field(default_factory=dict)
    analyse: Callable[["Records"], Analysis] = lambda _: Analysis()
    check_tuning: Callable[["Records"], None] = lambda _: None
    check: tuple[str, ...] = ()
    code: tuple[str, ...] = ()
    announced: bool = False
    display: Mapping[str, Display] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)
    later: tuple["Study", ...] = ()
    number: int = 1
    families: tuple[tuple[str, ...], ...] = ()

    @property
    def edition(self) -> Edition:
        """The edition at which the study is read."""
        return Edition(
            self.name, self.runs, self.claims, self.number, self.families, self.announced
        )

    def by_edition(self) -> list["Study"]:
        """The study, read at each of its editions, beginning with the first."""
        return [self, *map(self._named, self.later)]

    def _named(self, later: "Study") -> "Study":
        return replace(
            later,
            title=self.title,
            page=self.page,
            chapter=self.chapter,
            question=self.question,
        )

    @property
    def heading(self) -> str:
        """Its title, which says of a later edition which one it is."""
        return self.title if self.number == 1 else f"{self.title}, edition {self.number}"

    def identities(self, profile: Profile) -> list[Identity]:
        """Every run of the edition at that profile, in the order in which they train."""
        return self.edition.identities(profile)

    def pilots(self, seeds: Iterable[int]) -> list[Identity]:
        """The full runs of the study at pilots' seeds.

        Raises:
            BnreportError: when a seed is not a pilot's, or one that judges or tunes.
        """
        taken = {seed for runs in self.runs for seed in (*runs.full, *runs.tuning)}
        free = [seed for seed in PILOT_SEEDS if seed not in taken]
        if strange := [seed for seed in seeds if seed not in free]:
            raise BnreportError(
                f"Expected pilots' seeds of {self.name}: {', '.join(map(str, free))}. Received: "
                f"{', '.join(map(str, strange))}. Use some of these; all others judge, or choose "
                "settings."
            )
        return [
            self.edition.identity(runs.trial, seed, "full")
            for runs in self.runs
            if runs.full or runs.tuning
            for seed in seeds
        ]

    def shown_at(self, profile: Profile) -> Profile:
        """The profile whose records a build shows: the full ones where it has no quick runs."""
        trains = any(seeds for _, seeds in self.edition.settings(profile))
        return profile if trains else "full"

    @property
    def claims_digest(self) -> str:
        """The digest of the edition's claims as they stand."""
        return self.edition.claims_digest

    @property
    def frozen_digests(self) -> set[str]:
        """The digests that a run of the edition may have been trained under."""
        return self.edition.frozen_digests
