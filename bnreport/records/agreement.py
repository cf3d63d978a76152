"""Do two records of one run agree, and does a study's record stand under the current code?"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

import numpy as np
from pydantic import TypeAdapter

from bnreport.protocol.frozen import Frozen
from bnreport.protocol.trials import Training
from bnreport.records.code.ancestry import Ancestry, Pair
from bnreport.records.code.executed import Digests, names
from bnreport.records.documents import read_json
from bnreport.records.record import Printable, Record, Token

# The loss of one batch after twenty steps: rounding has not grown by then, a wrong program shows.
EARLY, EARLY_TOLERANCE = "loss of step 20", 1e-4
# After a full run rounding has grown to about a change of seed, whose spread takes some runs.
FEWEST_PEERS = 3

Freshness = Literal["current", "verified", "unverified", "dated", "stale", "incomplete"]


class ComparedNumber(Frozen):
    """One number of a run: as recorded, as trained again, and how far apart they may be."""

    metric: str
    recorded: float
    again: float
    tolerance: float

    @property
    def agrees(self) -> bool:
        """Say whether the two lie within the tolerance."""
        return abs(self.again - self.recorded) <= self.tolerance


class Comparison(Frozen):
    """A run, recorded and trained again.

    `alike` says that processor, versions, backend, threads and lanes are the same: then every bit
    must be. `parted` says that one of the two diverged and the other did not.
    """

    run: str
    trial: str
    seed: int
    alike: bool
    equal_bits: bool
    parted: bool
    rows: tuple[ComparedNumber, ...]

    @property
    def agrees(self) -> bool:
        """Equal bits on the same kind of machine and versions, else within the tolerance."""
        if self.equal_bits or self.alike or self.parted or not self.rows:
            return self.equal_bits
        return all(row.agrees for row in self.rows)


class Verified(Frozen):
    """The outcome of `bnreport verify`: a sample of a study trained again by some code.

    `records` is the SHA-256 of the record file that the sample was compared with.
    """

    study: Token
    records: Token
    code: Token
    commit: Token
    device: Printable
    versions: dict[Token, Token]
    comparisons: tuple[Comparison, ...]

    @property
    def agreed(self) -> bool:
        """Say whether every run of the sample agreed."""
        return all(comparison.agrees for comparison in self.comparisons)


def compare(again: Record, recorded: Record, peers: Sequence[Record]) -> Comparison:
    """Compare a run with its record.

    Args:
        again: the run, trained anew.
        recorded: its record.
        peers: the records of the same trial at all seeds; their spread is the tolerance.
    """
    ends = _ends(again)
    if again.early_loss is not None and not _drew_other_numbers(again, recorded):
        ends[EARLY] = again.early_loss
    rows = [
        ComparedNumber(metric=metric, recorded=value, again=ends[metric], tolerance=tolerance)
        for metric, (value, tolerance) in quoted(recorded, peers).items()
        if np.isfinite(ends.get(metric, np.nan))
    ]
    return Comparison(
        run=recorded.id,
        trial=recorded.identity.trial.name,
        seed=recorded.identity.seed,
        alike=_machine(again) == _machine(recorded),
        equal_bits=_outcome(again) == _outcome(recorded),
        parted=again.diverged != recorded.diverged,
        rows=tuple(rows),
    )


def quoted(recorded: Record, peers: Sequence[Record]) -> dict[str, tuple[float, float]]:
    """The numbers of a record that a comparison quotes: by metric its value, and the tolerance.

    Args:
        recorded: the record.
        peers: the records of the same trial at all seeds.
    """
    values: dict[str, tuple[float, float]] = {}
    if recorded.early_loss is not None:
        values[EARLY] = recorded.early_loss, EARLY_TOLERANCE
    alive = [peer for peer in peers if not peer.diverged]
    for metric, value in _ends(recorded).items():
        tolerance = _tolerance(metric, alive)
        if tolerance is not None and np.isfinite(value):
            values[metric] = value, tolerance
    return values


def _tolerance(metric: str, peers: Sequence[Record]) -> float | None:
    """The distance at which two runs may end: one spread of the seeds; None for too few of them."""
    fixed = next((peer.identity.trial.traits.tolerance for peer in peers), None)
    if fixed is not None:
        return fixed
    spread = [_ends(peer)[metric] for peer in peers]
    return float(np.std(spread, ddof=1)) if len(spread) >= FEWEST_PEERS else None


def _drew_other_numbers(again: Record, recorded: Record) -> bool:
    trial = recorded.identity.trial
    backends = {again.provenance.backend, recorded.provenance.backend}
    return isinstance(trial, Training) and trial.random and len(backends) > 1


def _ends(record: Record) -> dict[str, float]:
    """The numbers of a run that are compared; a run without epochs has those of its checks."""
    trial = record.identity.trial
    if not trial.length:
        return {name: float(np.mean(record.steps(name)[-1])) for name in record.checks}
    if (compared := trial.traits.compared) is None:
        return {metric: float(np.mean(record.epochs(metric))) for metric in sorted(trial.metrics)}
    return {metric: float(record.epochs(metric)[-1]) for metric in compared}


def _outcome(record: Record) -> tuple[object, ...]:
    return (record.history, record.scores, record.checks, record.early_loss, record.diverged)


def _machine(record: Record) -> tuple[object, ...]:
    p = record.provenance
    return p.device, p.backend, p.threads, p.lanes, p.precision, p.versions


def read_verified(path: Path) -> Verified | None:
    """Read what was verified of a study, if anything.

    Raises:
        RecordError: when the file is damaged.
    """
    remedy = "Delete it and run `bnreport verify`."
    return read_json(path, TypeAdapter(Verified), "a verification of bnreport", remedy)


def freshness(
    records: Mapping[str, Record], missing: int, verified: Verified | None, ancestry: Ancestry
) -> Freshness:
    """Say whether a study's records stand under the code as it is.

    Asked is what each run executed: the definitions of its kind of trial and of its probes.

    "current": the code as it is does what made each record: their digests are the same, or chains
    of reviewed links lead from one to the other. "verified": so they do once the verification is a
    link, too; it leads from what made a sampled run to what trained it again and agreed. "stale":
    what trained a sampled run again is what the code does as it is, and it did not agree.
    "unverified": no link leads here. "dated": nor can one, for the study holds times alone, taken
    by earlier code. "incomplete": runs are missing.

    Times beside runs that can be trained again do not count.
    """
    if missing:
        return "incomplete"
    again = {} if verified is None else _trained_again(records, verified, ancestry)
    if any(
        not comparison.agrees and ancestry.leads(then, records[comparison.run].identity.trial)
        for comparison, then in again.values()
    ):
        return "stale"
    # Thousands of records were made by a handful of codes.
    distinct = {_executed(record): record for record in records.values()}.values()
    repeating = [record for record in distinct if record.identity.trial.traits.repeats]
    counted = repeating or list(distinct)
    if all(ancestry.is_current(record) for record in counted):
        return "current"
    if not repeating:
        return "dated"
    links = _links(records, again, ancestry)
    return "verified" if all(ancestry.is_current(r, links) for r in repeating) else "unverified"


def _executed(record: Record) -> tuple[object, ...]:
    provenance = record.provenance
    return provenance.code, provenance.commit, provenance.dirty, names(record.identity.trial)


def _trained_again(
    records: Mapping[str, Record], verified: Verified, ancestry: Ancestry
) -> dict[str, tuple[Comparison, Digests]]:
    """The comparisons by run, each with the digests of what trained the run again."""
    then = ancestry.verified_by(verified.code, verified.commit)
    return {c.run: (c, then) for c in verified.comparisons if c.run in records}


def _links(
    records: Mapping[str, Record],
    again: Mapping[str, tuple[Comparison, Digests]],
    ancestry: Ancestry,
) -> set[Pair]:
    """Link what made each run to what trained it again and agreed."""
    links: set[Pair] = set()
    for run, (comparison, then) in again.items():
        trial = records[run].identity.trial
        before = ancestry.made_by(records[run].provenance, trial)
        if comparison.agrees:
            links |= {(name, before[name], then[name]) for name in names(trial) if name in then}
    return links
