"""Gather everything first: from records to verdicts, before any page is written."""

import traceback
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from bnreport.analysis.display import Judgement, judgement
from bnreport.analysis.edition import Edition
from bnreport.analysis.foreknowledge import Piloted, piloted, tried_before
from bnreport.analysis.judge import judge
from bnreport.analysis.local_check import LocalCheck
from bnreport.analysis.study import Study
from bnreport.analysis.verdicts import Verdict
from bnreport.errors import BnreportError, RecordError
from bnreport.presentation.tables import Analysis
from bnreport.protocol.claims import Claim
from bnreport.protocol.datasets import Profile
from bnreport.records.agreement import Freshness, Verified, freshness
from bnreport.records.code.ancestry import Ancestry
from bnreport.records.collection import Records, by_trial
from bnreport.records.record import Record
from bnreport.records.reimplementation import Reimplementation
from bnreport.statistics.estimates import Estimate

PACKAGE = Path(__file__).parents[1]


@dataclass(frozen=True)
class StudyReport:
    """One study: its records, what they say, the verdicts, and whether they stand.

    `stands_on` holds, by claim id, the trials whose records the claim was judged by, and `piloted`
    how many of their nets a pilot had trained before, at `pilot_seeds` seeds. `origin` is the
    digest of all that the report was made from; empty where nobody worked it out. `later` are the
    reports of the editions after the first that have records. `unchecked` are commits of its
    records whose claims nobody knows here, for want of their history.
    """

    study: Study
    profile: Profile
    records: Mapping[str, Record]
    analysis: Analysis
    estimates: Mapping[str, Estimate]
    verdicts: Mapping[str, Verdict]
    stands_on: Mapping[str, tuple[str, ...]]
    standing: Freshness
    verified: Verified | None
    piloted: Mapping[str, Piloted] = field(default_factory=dict)
    pilot_seeds: int = 0
    origin: str = ""
    later: tuple["StudyReport", ...] = ()
    unchecked: tuple[str, ...] = ()

    def shown(self, claim: str) -> Judgement:
        """The verdict on a claim as readers see it."""
        study = self.study
        seen = self.piloted.get(claim, "")
        return judgement(self.verdicts[claim], study.display.get(claim), seen, study.words)

    @property
    def editions(self) -> tuple["StudyReport", ...]:
        """This report and those of later editions."""
        return self, *self.later

    def edition(self, number: int) -> "StudyReport | None":
        """The report of that edition, or of the newest for 0; none where it has no records."""
        numbered = {report.study.number: report for report in self.editions}
        return numbered.get(number or max(numbered))

    @property
    def seconds(self) -> float:
        """The time that training took, over all runs."""
        return sum(record.provenance.seconds for record in self.records.values())

    @property
    def diverged(self) -> int:
        """The number of runs that diverged."""
        return sum(record.diverged for record in self.records.values())


@dataclass(frozen=True)
class Report:
    """All that the site says; the pages of `announced` studies, which have no records, wait.

    `studies` holds the first edition of each, which holds its later ones.
    """

    profile: Profile
    studies: Mapping[str, StudyReport]
    check: LocalCheck | None
    announced: frozenset[str] = frozenset()

    def editions(self) -> list[StudyReport]:
        """The report of every edition of every study, in order."""
        return [edition for study in self.studies.values() for edition in study.editions]

    def verdicts(self) -> list[tuple[StudyReport, Verdict]]:
        """Every verdict with the edition of its study, in order."""
        return [(s, verdict) for s in self.editions() for verdict in s.verdicts.values()]

    def shown(self) -> list[tuple[Claim, Judgement]]:
        """Every verdict as readers see it, with its claim, in order."""
        return [(verdict.claim, s.shown(verdict.claim.id)) for s, verdict in self.verdicts()]


class Traced(Mapping[str, Mapping[int, Record]]):
    """Records by trial and seed that remember which trials were asked for, in order."""

    def __init__(self, records: Mapping[str, Mapping[int, Record]]) -> None:
        self._of = records
        self.seen: dict[str, None] = {}

    def __getitem__(self, trial: str) -> Mapping[int, Record]:
        by_seed = self._of[trial]
        self.seen[trial] = None
        return by_seed

    def __iter__(self) -> Iterator[str]:
        return iter(self._of)

    def __len__(self) -> int:
        return len(self._of)


def report_study(
    study: Study,
    records: Mapping[str, Record],
    profile: Profile,
    verified: Verified | None,
    ancestry: Ancestry,
    replicas: Mapping[str, Mapping[str, Record]] | None = None,
    reimplementations: Mapping[str, Reimplementation] | None = None,
    pilots: Iterable[Record] = (),
) -> StudyReport:
    """Report what a study's records say.

    Args:
        study: the study.
        records: its records by run id.
        profile: which of its runs are asked for.
        verified: what was verified of them.
        ancestry: which code made them, and what the code as it is does.
        replicas: records of other machines, by the machine's name; runs may be missing there.
        reimplementations: what other implementations found, by the name of their library.
        pilots: records at pilots' seeds, which tell what was known before and judge nothing.

    Raises:
        RecordError: when runs are missing, when a sample trained again disagreed, when claims
            were changed after the runs without a word, or when the analysis fails on the records.
    """
    wanted = [identity.run_id for identity in study.identities(profile)]
    used = {run: records[run] for run in wanted if run in records}
    state = freshness(used, 0, verified, ancestry)
    _refuse(study, profile, used, len(wanted), state)
    others = {
        name: by_trial({run: theirs[run] for run in wanted if run in theirs})
        for name, theirs in (replicas or {}).items()
    }
    known = Records(profile, by_trial(used), others, reimplementations or {})
    pilots = list(pilots)
    with _analysing(study, profile):
        study.check_tuning(known)
        tried = tried_before(pilots, study.edition.frozen_digests)
        settings = {runs.trial.name: runs.trial for runs in study.runs}
        estimates, stands_on = {}, {}
        for claim in study.claims:
            traced = Traced(known.by_trial)
            estimates[claim.id] = study.estimates[claim.id](replace(known, by_trial=traced))
            stands_on[claim.id] = tuple(traced.seen)
        return StudyReport(
            study=study,
            profile=profile,
            records=used,
            analysis=study.analyse(known),
            estimates=estimates,
            verdicts=_verdicts(study.edition, estimates, profile),
            stands_on=stands_on,
            standing=state,
            verified=verified,
            piloted={
                claim: piloted((settings[name] for name in names), tried)
                for claim, names in stands_on.items()
            },
            pilot_seeds=len({record.identity.seed for record in pilots}),
        )


def _verdicts(
    edition: Edition, estimates: Mapping[str, Estimate], profile: Profile
) -> dict[str, Verdict]:
    verdicts: dict[str, Verdict] = {}
    for family in edition.tested:
        verdicts |= judge(family, estimates, profile)
    return {claim.id: verdicts[claim.id] for claim in edition.claims}


@contextmanager
def _analysing(study: Study, profile: Profile) -> Iterator[None]:
    """Name the study and its records when its analysis fails; numpy's errors name neither."""
    folder = "results/quick" if profile == "quick" else "results"
    file = f"{folder}/{study.edition.name}.jsonl"
    try:
        yield
    except BnreportError as error:
        if f"{study.edition.name}.jsonl" in str(error):
            raise
        raise type(error)(f"In the study {study.name}, by {file}: {error}") from error
    except Exception as error:
        where = [
            f"{Path(frame.filename).name}, line {frame.lineno}"
            for frame in traceback.extract_tb(error.__traceback__)
            if Path(frame.filename).is_relative_to(PACKAGE)
        ]
        raise RecordError(
            f"Expected the analysis of {study.name} to make sense of {file}. "
            f"Received: {type(error).__name__}: {error} in "
            f"{where[-1]}. Restore the records from version control; if they are as committed, "
            "fix the analysis."
        ) from error


def _refuse(
    study: Study, profile: Profile, used: Mapping[str, Record], wanted: int, state: Freshness
) -> None:
    name = study.name
    if len(used) < wanted:
        quick = " --profile quick" if profile == "quick" else ""
        raise RecordError(
            f"Expected {wanted} {profile} runs of {name} in {study.edition.name}.jsonl. "
            f"Received: {len(used)}. "
            f"Run `bnreport run {name}{quick}` to train the rest."
        )
    if state == "stale":
        raise RecordError(
            f"Expected records of {name} that a sample trained again agrees with. Received: a "
            f"verification that disagrees, in results/{study.edition.name}.verified.json. Run "
            f"`bnreport run {name} --rerun` to train the study again."
        )
    if not {record.provenance.claims for record in used.values()} <= study.frozen_digests:
        raise RecordError(
            f"Expected the claims of {name} to be those that its runs in "
            f"{study.edition.name}.jsonl were trained under. "
            "Received: others. Undo the change, or add it as a claim of its own that says so in "
            "`amended`."
        )
