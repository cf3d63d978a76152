"""The committed records answer their studies: complete, under frozen claims, at tuned settings."""

import pytest

from bnreport.boards import tally
from bnreport.study import SEEDS, TUNING_SEEDS
from tests.golden import LAYOUT, recorded, study_report

RECORDED = recorded()
each_recorded = pytest.mark.parametrize("name", RECORDED)
MOST_BYTES = 1.25 * 2**20


@each_recorded
def test_the_records_of_a_study_are_complete_and_judged(name: str) -> None:
    report = study_report(name)
    assert set(report.verdicts) == {claim.id for claim in RECORDED[name].claims}
    assert "not judged" not in {verdict.word for verdict in report.verdicts.values()}
    for claim, trials in report.stands_on.items():
        assert trials, claim


@each_recorded
def test_no_verdict_rests_on_fewer_pairs_than_the_rule_asks_for(name: str) -> None:
    for verdict in study_report(name).verdicts.values():
        # An identity counts checks, and no seed plays a part.
        assert verdict.claim.kind == "exact" or verdict.n >= len(SEEDS), verdict.claim.id


@each_recorded
def test_no_judged_seed_chose_a_setting(name: str) -> None:
    for runs in RECORDED[name].runs:
        assert not set(runs.full) & set(TUNING_SEEDS)


@each_recorded
def test_the_records_of_a_study_stay_small(name: str) -> None:
    assert LAYOUT.committed(name, "full").stat().st_size < MOST_BYTES


def test_the_board_counts_statistical_claims_apart_from_identities() -> None:
    verdicts = [verdict for name in RECORDED for verdict in study_report(name).verdicts.values()]
    counts = tally(verdicts)
    exact = sum(verdict.claim.kind == "exact" for verdict in verdicts)
    assert counts["identities"] == exact
    assert counts["claims"] == len(verdicts) - exact
    words = ("supported", "not_supported", "mixed", "underpowered")
    assert sum(counts[word] for word in words) == counts["claims"]
