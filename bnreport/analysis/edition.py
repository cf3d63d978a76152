"""The claims that runs judge together, and these runs: one edition of a study."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bnreport.protocol.claims import Claim, claims_digest
from bnreport.protocol.datasets import Profile
from bnreport.protocol.runs import Runs
from bnreport.protocol.trials import AnyTrial, Identity, data_of


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

    @property
    def since_first(self) -> bool:
        """Say whether it was claimed since the first edition of the site, if first of its study."""
        return self.number > 1 or any(claim.decided == "interval" for claim in self.claims)

    def settings(self, profile: Profile) -> Iterator[tuple[AnyTrial, Sequence[int]]]:
        """Yield the trials of the edition with the seeds that they train at that profile."""
        for runs in self.runs:
            full = profile == "full"
            yield runs.trial, sorted({*runs.tuning, *runs.full}) if full else runs.quick

    def judging(self, profile: Profile) -> list[Identity]:
        """Every run of the edition at that profile but for those that only choose settings."""
        return [
            self.identity(runs.trial, seed, profile)
            for runs in self.runs
            for seed in (runs.full if profile == "full" else runs.quick)
        ]

    def identities(self, profile: Profile) -> list[Identity]:
        """Every run of the edition at that profile, in the order in which they train."""
        return [
            self.identity(trial, seed, profile)
            for trial, seeds in self.settings(profile)
            for seed in seeds
        ]

    def identity(self, trial: AnyTrial, seed: int, profile: Profile) -> Identity:
        """A run of the study."""
        data = data_of(trial, profile)
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
