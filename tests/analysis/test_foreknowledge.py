"""A claim frozen as new is not, once a pilot has trained nets that it compares."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from bnreport.analysis.display import judgement
from bnreport.analysis.foreknowledge import Piloted, known_of, piloted, tried_before
from bnreport.analysis.judge import judge
from bnreport.analysis.report import report_study
from bnreport.protocol.claims import Known
from bnreport.protocol.trials import AnyTrial, Trial
from bnreport.records.record import Record
from tests.analysis.test_display import contrast
from tests.analysis.test_judge import DIFFERENCE
from tests.synthetic import NOTEBOOK, code, made, records

BN = Trial(name="bn", net="bn", learning_rate=0.1, epochs=1)
PLAIN = Trial(name="plain", net="plain", learning_rate=0.1, epochs=1)
FROZEN = "the digest of the claims"


def pilot(trial: AnyTrial, claims: str = "the digest of none") -> Record:
    """A record of a trial at a pilot's seed, under claims of that digest."""
    some = next(iter(records().values()))
    identity = some.identity.model_copy(update={"trial": trial, "seed": 50})
    provenance = made().model_copy(update={"claims": claims})
    return some.model_copy(update={"identity": identity, "provenance": provenance})


def other(trial: Trial, **changes: object) -> Trial:
    return trial.model_copy(update=changes)


@pytest.mark.parametrize(
    ("tried", "seen"),
    [
        ((), ""),
        ((BN,), "some"),
        ((BN, PLAIN), "all"),
        # The same net at another rate, under another name, or measured otherwise.
        ((other(BN, name="b", learning_rate=0.3), other(PLAIN, evaluated=("val",))), "all"),
        # Another net than those that are compared: as long, as large, and differently fed.
        ((other(BN, epochs=2), other(PLAIN, batch_size=8), other(BN, inputs="std")), ""),
    ],
)
def test_a_net_was_seen_if_a_pilot_trained_it_in_its_conditions(
    tried: Sequence[Trial], seen: Piloted
) -> None:
    assert piloted((BN, PLAIN), tried_before(map(pilot, tried), {FROZEN})) == seen


def test_a_pilot_of_claims_that_were_frozen_tells_nothing_of_them() -> None:
    after = [pilot(BN, FROZEN), pilot(PLAIN, FROZEN)]
    assert piloted((BN, PLAIN), tried_before(after, {FROZEN})) == ""
    assert piloted((BN, PLAIN), tried_before([*after, pilot(BN)], {FROZEN})) == "some"


@pytest.mark.parametrize(
    ("frozen", "seen", "shown"),
    [
        ("new", "", "new"),
        ("new", "some", "known in part from a pilot"),
        ("new", "all", "known from a pilot"),
        ("", "all", ""),
        ("known from the first edition", "all", "known from the first edition"),
    ],
)
def test_a_pilot_corrects_only_what_was_frozen_as_new(
    frozen: Known, seen: Piloted, shown: str
) -> None:
    claim = DIFFERENCE.model_copy(update={"known": frozen})
    assert known_of(claim, seen) == shown
    verdict = judge([claim], {claim.id: contrast(0.6, 1.4)}, "full")[claim.id]
    assert judgement(verdict, seen=seen).known == shown


def test_a_report_looks_up_which_of_its_claims_a_pilot_had_seen() -> None:
    claims = tuple(claim.model_copy(update={"known": "new"}) for claim in NOTEBOOK.claims)
    study, stored = replace(NOTEBOOK, claims=claims), records()
    digest = study.edition.claims_digest
    stored = {
        name: record.model_copy(
            update={"provenance": record.provenance.model_copy(update={"claims": digest})}
        )
        for name, record in stored.items()
    }
    blind = report_study(study, stored, "full", None, code())
    assert {blind.shown(claim.id).known for claim in claims} == {"new"}
    claim = max(claims, key=lambda each: len(blind.stands_on[each.id]))
    trials = {runs.trial.name: runs.trial for runs in study.runs}
    first, *rest = (pilot(trials[name]) for name in blind.stands_on[claim.id])
    seen = report_study(study, stored, "full", None, code(), pilots=[first, *rest])
    assert seen.shown(claim.id).known == "known from a pilot"
    half = report_study(study, stored, "full", None, code(), pilots=[first])
    assert half.shown(claim.id).known == "known in part from a pilot"
