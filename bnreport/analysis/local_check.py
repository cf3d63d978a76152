"""This machine's runs beside the committed records of the same runs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from bnreport.analysis.study import Study
from bnreport.presentation.plots import Crosses, Curves, Panel, Series
from bnreport.protocol.datasets import Profile
from bnreport.records.agreement import Comparison
from bnreport.records.collection import by_trial
from bnreport.records.record import Record


@dataclass(frozen=True)
class LocalCheck:
    """Runs that this machine trained, beside the committed records of the same runs."""

    profile: Profile
    study: str
    comparisons: tuple[Comparison, ...]
    seconds: float
    device: str
    plot: Curves

    @property
    def agrees(self) -> bool:
        """Say whether every run agrees with its record."""
        return all(comparison.agrees for comparison in self.comparisons)


def report_check(
    study: Study,
    profile: Profile,
    local: Mapping[str, Record],
    recorded: Mapping[str, Record],
    comparisons: Sequence[Comparison],
) -> LocalCheck:
    """This machine's runs beside the record, with a figure: the recorded seeds and our marks."""
    trials = by_trial(recorded)
    panels = []
    for record in local.values():
        peers = trials[record.identity.trial.name].values()
        y = np.array([peer.epochs("loss") for peer in peers])
        epochs = np.arange(1, y.shape[1] + 1, dtype=float)
        name = record.identity.trial.name
        panels.append(
            Panel(
                title=f"{name}, seed {record.identity.seed}",
                y_label="training loss",
                series=(
                    Series(
                        f"recorded, {len(y)} seeds",
                        "bn" if name.startswith("bn") else "raw",
                        epochs,
                        y,
                    ),
                ),
                marks=(Crosses("here", epochs, record.epochs("loss")),),
            )
        )
    provenances = [record.provenance for record in local.values()]
    return LocalCheck(
        profile=profile,
        study=study.name,
        comparisons=tuple(comparisons),
        seconds=sum(p.seconds for p in provenances),
        device=provenances[0].device,
        plot=Curves(
            title="Runs of this machine and the recorded ones",
            subtitle="Crosses: trained here, just now. Thin lines: every recorded seed",
            x_label="epoch",
            panels=tuple(panels),
        ),
    )
