"""The records of a study by trial and seed."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bnreport.errors import BnreportError, nearest
from bnreport.protocol.datasets import Profile
from bnreport.protocol.runs import TUNING_SEEDS
from bnreport.records.record import Record
from bnreport.records.reimplementation import Reimplementation


@dataclass(frozen=True)
class Records:
    """The records of one study and profile, by trial and seed.

    `replicas` hold the same of other machines, by the machine's name, and `reimplementations` what
    programs of others' libraries found, by the library's; they are shown, not judged.
    """

    profile: Profile
    by_trial: Mapping[str, Mapping[int, Record]]
    replicas: Mapping[str, Mapping[str, Mapping[int, Record]]] = field(default_factory=dict)
    reimplementations: Mapping[str, Reimplementation] = field(default_factory=dict)

    def trial(self, name: str) -> list[Record]:
        """The records of a trial that judge, by rising seed.

        Raises:
            BnreportError: when the study has no trial of that name.
        """
        return [r for seed, r in self._sorted(name) if seed not in TUNING_SEEDS]

    @property
    def n_seeds(self) -> int:
        """The number of judging runs of a trial: of that with the most, where trials differ."""
        return max((len(self.trial(name)) for name in self.by_trial), default=0)

    def tuning(self, name: str) -> list[Record]:
        """The records of a trial that only choose a setting, by rising seed."""
        return [r for seed, r in self._sorted(name) if seed in TUNING_SEEDS]

    def _sorted(self, name: str) -> list[tuple[int, Record]]:
        if name not in self.by_trial:
            raise BnreportError(
                f"Expected a trial of the study: {nearest(name, self.by_trial)}. Received: "
                f"{name!r}. Use one of these where the study reads its records."
            )
        return sorted(self.by_trial[name].items())


def by_trial(records: Mapping[str, Record]) -> dict[str, dict[int, Record]]:
    """The records by trial name and seed."""
    by_seed: dict[str, dict[int, Record]] = {}
    for record in records.values():
        by_seed.setdefault(record.identity.trial.name, {})[record.identity.seed] = record
    return by_seed
