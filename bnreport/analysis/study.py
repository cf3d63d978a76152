"""The values that describe a study: its runs, its claims, and what an analysis hands on."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations, pairwise
from typing import Literal, get_args

from bnreport.errors import BnreportError
from bnreport.presentation.tables import Analysis
from bnreport.protocol.claims import Claim, Display, claims_digest
from bnreport.protocol.datasets import Profile, data_digest
from bnreport.protocol.directions import Direction, Directions
from bnreport.protocol.runs import Runs
from bnreport.protocol.trials import AnyTrial, Identity
from bnreport.records.collection import Records
from bnreport.statistics.estimates import Estimate

Chapter = Literal["The notebook", "Benefits", "Mechanisms", "Limits and costs", "Facts", "Cost"]
CHAPTERS: tuple[Chapter, ...] = get_args(Chapter)

# Claims of one study that share Holm's adjustment: with more, none would have power left.
MOST_CONTRASTS = 8
# Its claims were frozen before claims had labels.
UNLABELLED = "notebook"
# Seeds of pilots: they find the number of seeds, a grid and a threshold before claims are written.
PILOT_SEEDS = tuple(range(50, 60))


@dataclass(frozen=True)
class Edition:
    """Claims, written before the runs that judge them, and these runs.

    A later edition of a study has claims, seeds, records and tests of its own. An earlier one stays
    as it is: its claims are frozen, and no later claim shares its adjustment for many tests.

    Attributes:
        study: the name of the study.
        runs: its runs.
        claims: its claims.
        number: which edition of the study it is, from 1.
        families: the ids of the claims that share Holm's adjustment, family by family; by default
            all of the edition's are one.
        announced: no run has been recorded yet.
    """

    study: str
    runs: tuple[Runs, ...]
    claims: tuple[Claim, ...] = ()
    number: int = 1
    families: tuple[tuple[str, ...], ...] = ()
    announced: bool = False

    @property
    def name(self) -> str:
        """The name of its files in results/: "speed", or "speed.2" of a second edition."""
        return self.study if self.number == 1 else f"{self.study}.{self.number}"

    def identities(self, profile: Profile) -> list[Identity]:
        """Every run of the edition at that profile, in the order in which they train."""
        return [
            self.identity(runs.trial, seed, profile)
            for runs in self.runs
            for seed in (sorted({*runs.tuning, *runs.full}) if profile == "full" else runs.quick)
        ]

    def identity(self, trial: AnyTrial, seed: int, profile: Profile) -> Identity:
        """A run of the study."""
        data = data_digest(profile)
        return Identity(study=self.study, trial=trial, seed=seed, data=data, profile=profile)

    @property
    def claims_digest(self) -> str:
        """The digest of the claims as they stand."""
        return claims_digest(self.claims)

    @property
    def frozen_digests(self) -> set[str]:
        """The digests that a run may have been trained under: with later claims or without."""
        first = tuple(claim for claim in self.claims if claim.amended is None)
        return {claims_digest(self.claims), claims_digest(first)}

    @property
    def tested(self) -> list[tuple[Claim, ...]]:
        """The claims by family; one that belongs to none stands alone."""
        if not self.families:
            return [self.claims]
        known = {claim.id: claim for claim in self.claims}
        families = [tuple(known[name] for name in family) for family in self.families]
        together = {name for family in self.families for name in family}
        return [*families, *((claim,) for claim in self.claims if claim.id not in together)]

    def judged(self) -> set[int]:
        """The seeds at which its full runs judge."""
        return {seed for runs in self.runs for seed in runs.full}

    def mistakes(self) -> Iterator[str]:
        """Yield what is wrong with it as it is written, in sentences; nothing of a sound one."""
        trials = [runs.trial.name for runs in self.runs]
        claims = [claim.id for claim in self.claims]
        named = [name for family in self.families for name in family]
        for kind, names in (
            ("a trial", trials),
            ("a claim", claims),
            ("a claim in `families`", named),
        ):
            for name in sorted({name for name in names if names.count(name) > 1}):
                yield f"Expected {kind} once. Received: {name!r} twice. Rename one."
        yield from _odd("a claim in `families`", claims, named)
        contrasts = [c.id for c in self.claims if c.kind in ("difference", "equivalence")]
        if self.families and (alone := [name for name in contrasts if name not in named]):
            yield (
                f"Expected a family of every difference and equivalence. Received: none of "
                f"{', '.join(alone)}. Add them to one of the `families`."
            )
        for family in self.families or (tuple(claims),):
            if (many := len({*family} & {*contrasts})) > MOST_CONTRASTS:
                yield (
                    f"Expected at most {MOST_CONTRASTS} differences and equivalences. Received: "
                    f"{many}. Leave some out: they share Holm's adjustment."
                )
        yield from self._untrained()

    def _untrained(self) -> Iterator[str]:
        """Claims whose `seeds` name other seeds than those that are trained."""
        trained = {runs.full for runs in self.runs}
        for claim in self.claims:
            match = _SEEDS.fullmatch(claim.seeds)
            if match and tuple(range(int(match[1]), int(match[2] or match[1]) + 1)) not in trained:
                spans = sorted({f"{seeds[0]}-{seeds[-1]}" for seeds in trained if seeds})
                yield (
                    f"Expected seeds of claim {claim.id} that a trial trains: {', '.join(spans)}. "
                    f"Received: {claim.seeds!r}. Make the two agree."
                )


@dataclass(frozen=True)
class Study:
    """A question, the runs that answer it, the claims they judge, and the analysis between.

    It is read at one edition at a time, at first at the first: `runs`, `claims`, `families`,
    `announced` and `number` are that one's. `by_edition` leads through all.

    Attributes:
        later: the editions after the first.
        estimates: what each claim is judged by, by claim id; a function of the records.
        directions: who each claim predicts to be ahead, and in what, by claim id.
        analyse: all else that the page shows.
        check_tuning: refuses records whose tuning runs ask for other settings than the study has.
        check: the trials of which one seed is trained on a reader's machine.
        code: files of the package beside its own that say what it runs.
        announced: no run has been recorded yet, so that builds leave the study and its page out.
            Whoever commits its records takes this away: from then on their loss stops a build.
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
    announced: bool = False
    display: Mapping[str, Display] = field(default_factory=dict)
    later: tuple[Edition, ...] = ()
    number: int = 1
    families: tuple[tuple[str, ...], ...] = ()

    @property
    def edition(self) -> Edition:
        """The edition at which the study is read."""
        return Edition(
            self.name, self.runs, self.claims, self.number, self.families, self.announced
        )

    def by_edition(self) -> list["Study"]:
        """The study, read at each of its editions, beginning with the first.

        What the page shows beside verdicts, and what is checked of tuning, is the first edition's.
        """
        return [self, *map(self._at, self.later)]

    def _at(self, edition: Edition) -> "Study":
        return replace(
            self,
            runs=edition.runs,
            claims=edition.claims,
            number=edition.number,
            families=edition.families,
            announced=edition.announced,
            later=(),
            check=(),
            analyse=lambda _: Analysis(),
            check_tuning=lambda _: None,
        )

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

    def mistakes(self) -> Iterator[str]:
        """Yield what is wrong with the study as written, in sentences; nothing of a sound one."""
        editions = [self.edition, *self.later]
        all_claims = [claim for edition in editions for claim in edition.claims]
        claims = [claim.id for claim in all_claims]
        yield from _odd("a chapter", CHAPTERS, [self.chapter])
        yield from _odd("a trial in `check`", [runs.trial.name for runs in self.runs], self.check)
        for edition in editions:
            yield from edition.mistakes()
        yield from self._confused(editions)
        for field_, given in (
            ("estimates", self.estimates),
            ("directions", self.directions),
            ("display", self.display),
        ):
            yield from _odd(f"a claim in `{field_}`", claims, given)
        trials = [runs.trial.name for edition in editions for runs in edition.runs]
        for name, directions in self.directions.items():
            each = [directions] if isinstance(directions, Direction) else directions.values()
            named = {reading.trial for direction in each for reading in direction.readings}
            yield from _odd(f"a trial in `ahead` of claim {name}", trials, sorted(named))
        for claim in sorted(set(claims) - set(self.estimates)):
            yield f"Expected an estimate of every claim. Received: none of {claim!r}. Add it."
        if not all(claim.label for claim in all_claims) and self.name != UNLABELLED:
            unlabelled = [claim.id for claim in all_claims if not claim.label]
            yield (
                "Expected a label of every claim, for the figure of all effects. Received: none "
                f"of {', '.join(unlabelled)}. Add label=…."
            )

    def _confused(self, editions: Sequence[Edition]) -> Iterator[str]:
        """Yield what editions of the study share that they may not, two by two."""
        for before, edition in pairwise(editions):
            if (edition.study, edition.number) != (self.name, before.number + 1):
                yield (
                    f"Expected edition {before.number + 1} of {self.name} in `later`. Received: "
                    f"{edition.number} of {edition.study}. Number the editions in order."
                )
        for first, second in combinations(editions, 2):
            if seeds := first.judged() & second.judged():
                yield (
                    f"Expected edition {second.number} to judge at seeds that nobody has looked "
                    f"at. Received: {sorted(seeds)}, those of edition {first.number}. Use others."
                )
            ids = {claim.id for claim in first.claims} & {claim.id for claim in second.claims}
            for name in sorted(ids):
                yield (
                    f"Expected a claim in one edition. Received: {name!r} in {first.number} and "
                    f"{second.number}. Rename the later one."
                )

    def shown_at(self, profile: Profile) -> Profile:
        """The profile whose records a build shows: the full ones where it has no quick runs."""
        return profile if self.identities(profile) else "full"

    @property
    def claims_digest(self) -> str:
        """The digest of the edition's claims as they stand."""
        return self.edition.claims_digest

    @property
    def frozen_digests(self) -> set[str]:
        """The digests that a run of the edition may have been trained under."""
        return self.edition.frozen_digests


# "100-111", or "100"; any other text is not about seeds alone.
_SEEDS = re.compile(r"(\d+)(?:-(\d+))?")


def _odd(kind: str, known: Sequence[str], given: Iterable[str]) -> Iterator[str]:
    for name in given:
        if name not in known:
            names = ", ".join(known) or "none, for there is none"
            yield f"Expected {kind}: {names}. Received: {name!r}. Use one of these."
