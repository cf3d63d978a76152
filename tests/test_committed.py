"""The committed records answer their studies: complete, under frozen claims, at tuned settings."""

import pytest

from bnreport.analysis.display import DEPLOYED
from bnreport.pages.scoreboard import tally
from bnreport.pages.staging import Staging
from bnreport.pages.study_view import StudyView
from bnreport.protocol.runs import SEEDS, TUNING_SEEDS
from tests.golden import LAYOUT, recorded_editions, study_report

RECORDED = recorded_editions()
each_recorded = pytest.mark.parametrize("name", RECORDED)
# Up to 48 seeds, and a dozen scores of each net, or three data sets with a sweep and a tuning each.
MOST_BYTES = 4 * 2**20


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
def test_the_methods_count_the_claims_that_share_holms_adjustment(name: str) -> None:
    report = study_report(name)
    view = StudyView("methods.md", Staging(), name, report.analysis, report, report.editions)
    families = RECORDED[name].edition.tested
    shared = [sum(c.kind in {"difference", "equivalence"} for c in f) for f in families]
    assert view.facts()["family"] == str(max(shared))


@each_recorded
def test_no_judged_seed_chose_a_setting(name: str) -> None:
    for runs in RECORDED[name].runs:
        assert not set(runs.full) & set(TUNING_SEEDS)


@each_recorded
def test_the_records_of_a_study_stay_small(name: str) -> None:
    assert LAYOUT.committed(name, "full").stat().st_size < MOST_BYTES


def test_the_board_counts_statistical_claims_apart_from_identities() -> None:
    reports = [study_report(name) for name in RECORDED]
    verdicts = [(v.claim, r.shown(name)) for r in reports for name, v in r.verdicts.items()]
    counts = tally(verdicts)
    exact = sum(claim.kind == "exact" for claim, _ in verdicts)
    assert counts["identities"] == exact
    assert counts["claims"] == len(verdicts) - exact
    words = ("supported", "not_supported", "mixed", "undecided", "withdrawn")
    assert sum(counts[word] for word in words) == counts["claims"]


def test_the_words_of_the_first_edition_are_corrected_and_no_others() -> None:
    shown = {
        name: study_report(study).shown(name)
        for study in RECORDED
        for name in (claim.id for claim in RECORDED[study].claims)
    }
    corrected = {name: found.text for name, found in shown.items() if found.published}
    refuted, plain = "not supported (not in every setting)", "not supported"
    assert corrected == {
        "depth-tanh-std": refuted,
        "initialization-small": refuted,
        "landscape-start-std": refuted,
        "regularization-same-raw": refuted,
        "regularization-end-raw": refuted,
        "batchsize-large-std": plain,
        "initialization-start-std": plain,
        "placement-std-relu": plain,
        "d-fit-time": "withdrawn",
    }


@each_recorded
def test_words_of_a_study_stand_for_what_its_claims_say(name: str) -> None:
    study = RECORDED[name]
    frozen = {text for claim in study.claims for text in (claim.label, *claim.settings)}
    bases = {text.removesuffix(DEPLOYED) for text in frozen}
    assert set(study.words) <= frozen | bases


@each_recorded
def test_no_two_claims_in_one_unit_have_one_label(name: str) -> None:
    report = study_report(name)
    labels = [
        (label, verdict.claim.unit)
        for claim, verdict in report.verdicts.items()
        if (label := report.shown(claim).label)
    ]
    assert len(set(labels)) == len(labels)
