"""Say what a claim stands on, where a run comes from, and what of it is no longer asked for."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from bnreport.analysis.display import CORRECTED, part, shown_word
from bnreport.analysis.report import StudyReport
from bnreport.analysis.study import Study
from bnreport.errors import RecordError
from bnreport.pages.claim_text import numbers
from bnreport.presentation.formats import counted, duration
from bnreport.protocol.claims import Claim
from bnreport.protocol.datasets import Profile
from bnreport.protocol.frozen import Frozen
from bnreport.protocol.runs import TUNING_SEEDS
from bnreport.protocol.trials import Identity
from bnreport.records.code.ancestry import Ancestry
from bnreport.records.record import Record

# Fewer digits of a run id would fit too many runs.
FEWEST_DIGITS = 4


@dataclass(frozen=True)
class StudyRecords:
    """The records of a study at one profile, by run id, beside what the study asks for."""

    study: Study
    profile: Profile
    records: Mapping[str, Record]

    @property
    def wanted(self) -> dict[str, Identity]:
        """The runs that the study asks for, by run id."""
        return {identity.run_id: identity for identity in self.study.identities(self.profile)}


def changes(recorded: Identity, wanted: Identity) -> list[str]:
    """The fields in which two identities differ, as "learning_rate: recorded 0.01, now 0.03"."""
    before, after = dict(_fields(recorded)), dict(_fields(wanted))
    return [
        f"{name}: recorded {before.get(name, 'nothing')}, now {after.get(name, 'nothing')}"
        for name in dict.fromkeys([*before, *after])
        if before.get(name) != after.get(name)
    ]


def _fields(value: object, path: str = "") -> Iterator[tuple[str, str]]:
    """Every number and word in a value by its path; of a list of named values by their names."""
    named: list[tuple[str, object]]
    if isinstance(value, Frozen):
        named = [(name, getattr(value, name)) for name in type(value).model_fields]
    elif isinstance(value, Mapping):
        named = [(str(name), item) for name, item in value.items()]
    elif isinstance(value, tuple) and any(isinstance(item, Frozen) for item in value):
        named = [(str(getattr(item, "name", "")), item) for item in value]
    else:
        items = value if isinstance(value, tuple) else (value,)
        yield path, ", ".join(map(str, items)) or "none"
        return
    for name, item in named:
        # Nearly every field is one of the trial's: what is always there need not be said.
        below = f"{path}.{name}" if path and path != "trial" else name
        yield from _fields(item, below)


def nearest(identity: Identity, others: Iterable[Identity]) -> Identity | None:
    """The one of the same trial and seed, or else the one that differs in the fewest fields."""
    known = list(others)
    own = identity.trial.name, identity.seed
    twins = [other for other in known if (other.trial.name, other.seed) == own]

    def distance(other: Identity) -> tuple[int, int]:
        return len(changes(identity, other)), abs(identity.seed - other.seed)

    return min(twins or known, key=distance, default=None)


def find(digits: str, shelves: Iterable[StudyRecords]) -> tuple[StudyRecords, str]:
    """The run whose id begins so, recorded or asked for, and the shelf that it belongs to.

    Raises:
        RecordError: when no run or more than one has such an id.
    """
    shelf_of: dict[str, StudyRecords] = {}
    if re.fullmatch(rf"[0-9a-f]{{{FEWEST_DIGITS},16}}", digits):
        for shelf in shelves:
            ids = {**shelf.records, **shelf.wanted}
            shelf_of |= {run: shelf for run in ids if run.startswith(digits)}
    if len(shelf_of) != 1:
        several = f" stands for {', '.join(shelf_of)}" if shelf_of else ""
        raise RecordError(
            f"Expected the id of a claim, or the first digits, {FEWEST_DIGITS} or more, of one run "
            f"id. Received: {digits!r}{several}. Take a name from the site's board of verdicts, "
            "or a run id from its data or from results/."
        )
    ((run, shelf),) = shelf_of.items()
    return shelf, run


def why_claim(claim: Claim, study: Study, report: StudyReport | None, gap: str) -> list[str]:
    """Say what a claim stands on, in lines.

    Args:
        claim: a claim of the study.
        study: the study.
        report: what the study's records say; None when they cannot say anything yet.
        gap: then the reason.
    """
    lines = [f"{claim.id}, a claim of {study.edition.name}: {claim.statement}"]
    if report is None:
        lines.append(f"not judged: {gap}")
    else:
        verdict = report.verdicts[claim.id]
        shown = report.shown(claim.id)
        lines.append(f"verdict: {shown.text}, expected: {shown_word(claim.expected)}")
        if shown.published:
            lines.append(
                f"corrected on {CORRECTED}: first published as {shown.published}; {shown.reason}"
            )
        lines += [
            f"{name}: {part(claim, finding)}" for name, finding in verdict.findings.items() if name
        ]
        lines.append(f"found: {numbers(verdict)}")
        trials = report.stands_on[claim.id]
        runs = [record for record in report.records.values() if _judges(record.identity, trials)]
        lines.append(f"stands on: {counted(len(runs), 'run')} of {', '.join(trials)}")
        lines.append(f"seeds: {_seeds(runs)}")
        lines.append(f"records: {report.standing}")
    margin = "none" if claim.margin is None else f"{claim.margin:g} {claim.unit}"
    lines.append(f"margin: {margin}")
    lines.append(f"frozen: claims {study.claims_digest[:16]}{_trained_under(study, report)}")
    lines.append(f"amended: {claim.amended or 'never'}")
    return lines


def why_run(
    shelf: StudyRecords, run: str, report: StudyReport | None, gap: str, code: Ancestry
) -> list[str]:
    """Say where a run comes from, what stands on it, and how it differs from what is asked for.

    Args:
        shelf: the records that it belongs to.
        run: its id.
        report: what the study's records say; None when they cannot say anything yet.
        gap: then the reason.
        code: which code made records, and what the code as it is does.
    """
    wanted = shelf.wanted
    if run not in shelf.records:
        return _missing(shelf, wanted[run])
    record = shelf.records[run]
    lines = [_title(record.identity), *_executed(record, code)]
    if run in wanted:
        claims = [] if report is None else _claims_on(record.identity, report)
        return [*lines, "asked for: yes", f"claims that stand on it: {_on(record, claims, gap)}"]
    closest = nearest(record.identity, wanted.values())
    lines.append("asked for: no; no claim stands on it")
    if closest is None:
        return [*lines, f"{shelf.study.edition.name} asks for no {shelf.profile} runs"]
    lines.append(f"nearest run that is asked for: {_title(closest)}")
    return lines + changes(record.identity, closest)


def _missing(shelf: StudyRecords, identity: Identity) -> list[str]:
    quick = " --profile quick" if shelf.profile == "quick" else ""
    lines = [
        _title(identity),
        f"asked for and not recorded: `bnreport run {shelf.study.name}{quick}` trains it",
    ]
    near = nearest(identity, (record.identity for record in shelf.records.values()))
    if near is None:
        why = "it is announced" if shelf.study.announced else "they are lost, or not made yet"
        return [*lines, f"{shelf.study.edition.name} has no {shelf.profile} records: {why}"]
    lines.append(f"nearest run that is recorded: {_title(near)}")
    return lines + changes(near, identity)


def _title(identity: Identity) -> str:
    return (
        f"run {identity.run_id}, {identity.profile}: study {identity.study}, "
        f"trial {identity.trial.name}, seed {identity.seed}"
    )


def _executed(record: Record, code: Ancestry) -> list[str]:
    provenance = record.provenance
    versions = ", ".join(f"{name} {version}" for name, version in provenance.versions.items())
    then = code.made_by(provenance, record.identity.trial)
    if all(code.today.get(name) == digest for name, digest in then.items()):
        present = "as it is"
    else:
        present = "linked to what it is" if code.is_current(record) else "other than it is"
    return [
        f"recorded at commit {provenance.commit[:12]}"
        f"{', with changes' if provenance.dirty else ''}",
        f"code that it ran: {provenance.code[:16]}, {present}",
        f"claims: {provenance.claims[:16]}",
        f"made by: {provenance.backend} in {provenance.precision} on {provenance.device}, "
        f"{provenance.threads} threads, {provenance.lanes} together, "
        f"{duration(provenance.seconds)}",
        f"versions: {versions}",
        f"diverged: {'yes' if record.diverged else 'no'}",
    ]


def _on(record: Record, claims: Sequence[str], gap: str) -> str:
    if record.identity.profile == "quick":
        return "none, quick runs judge nothing"
    if record.identity.seed in TUNING_SEEDS:
        return "none, its seed only chooses a setting"
    return gap or ", ".join(claims) or "none"


def _claims_on(identity: Identity, report: StudyReport) -> list[str]:
    return [claim for claim, trials in report.stands_on.items() if _judges(identity, trials)]


def _judges(identity: Identity, trials: Sequence[str]) -> bool:
    return identity.trial.name in trials and identity.seed not in TUNING_SEEDS


def _seeds(records: Iterable[Record]) -> str:
    """The seeds in rising order, stretches as "100-111"."""
    stretches: list[list[int]] = []
    for seed in sorted({record.identity.seed for record in records}):
        if stretches and seed == stretches[-1][-1] + 1:
            stretches[-1].append(seed)
        else:
            stretches.append([seed])
    return ", ".join(f"{s[0]}-{s[-1]}" if len(s) > 1 else str(s[0]) for s in stretches) or "none"


def _trained_under(study: Study, report: StudyReport | None) -> str:
    if report is None:
        return ""
    under = [record.provenance.claims for record in report.records.values()]
    same = sum(digest == study.claims_digest for digest in under)
    if same == len(under):
        return ", under which every run was trained"
    return f", under which {same} of {len(under)} runs were trained; the others before amendments"
