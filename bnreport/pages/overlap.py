"""Runs that several studies hold: the same setting at the same seed, trained once for each."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bnreport.analysis.report import Report
from bnreport.presentation.tables import Table
from bnreport.protocol.frozen import canonical
from bnreport.protocol.optimization import CONSTANT
from bnreport.protocol.recipes import Recipe
from bnreport.protocol.runs import TUNING_SEEDS
from bnreport.protocol.trials import Trial
from bnreport.records.record import Record

# What names a trial or says when it is looked at does not change how it trains.
ASIDE = {"name", "checks", "score_epochs", "evaluated", "measures", "averages", "bars"}


@dataclass(frozen=True)
class Shared:
    """Editions of studies that hold the same settings at the same seeds.

    Attributes:
        studies: their names, as "placement.2".
        pairs: how many pairs of a setting and a seed they share.
        judged: how many of these pairs are of a seed that judges, and not of one that tunes.
        runs: how many runs these are.
        equal: in how many of the pairs all runs have the same training loss, to the last bit.
    """

    studies: tuple[str, ...]
    pairs: int
    judged: int
    runs: int
    equal: int


def shared(report: Report) -> list[Shared]:
    """Every group of editions that share runs, the largest first."""
    by_key: dict[str, list[tuple[str, Record]]] = {}
    for study, record in _training(report):
        by_key.setdefault(setting(record), []).append((study, record))
    groups: dict[tuple[str, ...], list[list[Record]]] = {}
    for runs in by_key.values():
        names = tuple(sorted({study for study, _ in runs}))
        if len(names) > 1:
            groups.setdefault(names, []).append([record for _, record in runs])
    shared_runs = [
        Shared(
            names,
            len(pairs),
            sum(_judged(pair) for pair in pairs),
            sum(map(len, pairs)),
            sum(map(_equal, pairs)),
        )
        for names, pairs in groups.items()
    ]
    return sorted(shared_runs, key=lambda group: (-group.runs, group.studies))


def shared_with(groups: Sequence[Shared], name: str) -> dict[str, int]:
    """Count the settings and judging seeds that an edition shares with others, the most first.

    Runs that only chose a rate judge nothing, and are left out.
    """
    counts = Counter(
        {
            other: sum(group.judged for group in groups if {name, other} <= {*group.studies})
            for group in groups
            if name in group.studies
            for other in group.studies
            if other != name
        }
    )
    return {other: count for other, count in counts.most_common() if count}


def setting(record: Record) -> str:
    """Tell apart runs that begin or go on in another way: by setting, seed and data."""
    identity, trial = record.identity, record.identity.trial
    # At a constant rate a longer run begins as a shorter one does.
    aside = ASIDE | {"epochs"} if getattr(trial, "schedule", CONSTANT) == CONSTANT else ASIDE
    fields = trial.model_dump(mode="json", exclude=aside)
    return canonical({"trial": fields, "seed": identity.seed, "data": identity.data})


def overlap(report: Report, groups: Sequence[Shared]) -> dict[str, int]:
    """The number of runs of nets, of those with a twin in another edition, and of these pairs."""
    return {
        "training": sum(1 for _ in _training(report)),
        "shared": sum(group.runs for group in groups),
        "pairs": sum(group.pairs for group in groups),
        "equal": sum(group.equal for group in groups),
    }


def shared_table(report: Report, groups: Sequence[Shared]) -> Table:
    """List the editions that share runs, how many, and whether these are equal to the last bit."""
    titles = {study.study.edition.name: _low(study.study.heading) for study in report.editions()}
    return Table(
        caption="Runs that studies share",
        head=(
            "studies and editions",
            "settings and seeds",
            "judging",
            "runs",
            "equal to the last bit",
        ),
        rows=tuple(
            (
                "; ".join(titles[name] for name in group.studies),
                f"{group.pairs:,}",
                f"{group.judged:,}",
                f"{group.runs:,}",
                "all" if group.equal == group.pairs else f"{group.equal} of {group.pairs}",
            )
            for group in groups
        ),
        note="Judging: those of them whose seed judges; the others chose a rate or a setting. "
        "Equal: the running training loss of every epoch that both hold.",
    )


def _low(title: str) -> str:
    """A title as it stands within a sentence; an abbreviation such as BN keeps its capitals."""
    first = title.split(maxsplit=1)[0]
    return title if first.isupper() else title[0].lower() + title[1:]


def _training(report: Report) -> Iterator[tuple[str, Record]]:
    for study in report.editions():
        for record in study.records.values():
            if isinstance(record.identity.trial, Trial | Recipe):
                yield study.study.edition.name, record


def _judged(runs: list[Record]) -> bool:
    return runs[0].identity.seed not in TUNING_SEEDS


def _equal(runs: list[Record]) -> bool:
    losses = [record.history.get("loss", ()) for record in runs]
    length = min(map(len, losses))
    return all(loss[:length] == losses[0][:length] for loss in losses)
