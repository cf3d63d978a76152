"""A report is whole, by records that stand, or there is none."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from bnreport.analysis.local_check import report_check
from bnreport.analysis.report import Report, report_study
from bnreport.errors import BnreportError, RecordError
from bnreport.presentation.tables import Analysis
from bnreport.records.agreement import Verified
from bnreport.records.code import executed
from bnreport.records.collection import Records
from bnreport.records.record import Record
from bnreport.running.verification import comparisons, sample
from tests.synthetic import NOTEBOOK, code, records, report

RUNS = len(NOTEBOOK.identities("full"))


NOW = executed.whole_digest(code().today)


def verified(agreed: bool, by: str = NOW) -> Verified:
    """A verification of the first run of the study."""
    made = records()
    run = sample(NOTEBOOK.edition)[0].run_id
    (found,) = comparisons({run: made[run]}, made)
    return Verified(
        study="notebook",
        records="a-digest",
        code=by,
        commit="unknown",
        device="a made-up processor",
        versions={},
        comparisons=(found.model_copy(update={"equal_bits": agreed}),),
    )


def test_one_missing_run_stops_the_report_and_is_counted() -> None:
    made = records()
    made.pop(next(reversed(made)))
    with pytest.raises(
        RecordError, match=rf"{RUNS} full runs.*Received: {RUNS - 1}\..*run notebook"
    ):
        report_study(NOTEBOOK, made, "full", None, code())


def test_quick_records_never_answer_a_full_run() -> None:
    full, quick = (
        {identity.run_id for identity in NOTEBOOK.identities(profile)}
        for profile in ("full", "quick")
    )
    assert len(full) == RUNS
    assert full.isdisjoint(quick)
    with pytest.raises(RecordError, match="Received: 0"):
        report_study(NOTEBOOK, records(profile="quick"), "full", None, code())


def test_a_verification_that_disagreed_stops_the_report() -> None:
    with pytest.raises(RecordError, match=r"notebook\.verified\.json.*--rerun"):
        report_study(NOTEBOOK, records(), "full", verified(False), code())


@pytest.mark.parametrize(
    ("by", "verification", "standing"),
    [
        (None, None, "current"),
        ("older", None, "unverified"),
        ("older", verified(True), "verified"),
        ("older", verified(False, "older"), "unverified"),
    ],
)
def test_the_report_says_how_its_records_stand(
    by: str | None, verification: Verified | None, standing: str
) -> None:
    made = records(code=by) if by else records()
    found = report_study(NOTEBOOK, made, "full", verification, code())
    assert found.standing == standing


def test_claims_that_changed_after_the_runs_stop_the_report_and_later_ones_say_so() -> None:
    silent = tuple(claim.model_copy(update={"amended": None}) for claim in NOTEBOOK.claims)
    study = replace(NOTEBOOK, claims=silent)
    made = records(claims=study.claims_digest)
    assert report_study(study, made, "full", None, code()).verdicts
    changed = (silent[0].model_copy(update={"rule": "Another rule."}), *silent[1:])
    with pytest.raises(RecordError, match=r"claims of notebook.*`amended`"):
        report_study(replace(study, claims=changed), made, "full", None, code())
    made = records(claims=replace(study, claims=silent[1:]).claims_digest)
    with pytest.raises(RecordError, match="claims of notebook"):
        report_study(study, made, "full", None, code())
    avowed = (silent[0].model_copy(update={"amended": "Added later."}), *silent[1:])
    assert report_study(replace(study, claims=avowed), made, "full", None, code()).verdicts
    changed = (*avowed[:1], silent[1].model_copy(update={"margin": 9.0}), *silent[2:])
    with pytest.raises(RecordError, match="claims of notebook"):
        report_study(replace(study, claims=changed), made, "full", None, code())


def test_an_analysis_that_fails_names_the_study_its_records_and_the_place() -> None:
    def fail(_: object) -> Analysis:
        raise ValueError("operands could not be broadcast")

    broken = replace(NOTEBOOK, analyse=fail)
    with pytest.raises(
        RecordError,
        match=r"analysis of notebook .*results/notebook\.jsonl.*ValueError: operands .*line \d+",
    ) as caught:
        report_study(broken, records(), "full", None, code())
    assert isinstance(caught.value.__cause__, ValueError)


def test_an_analysis_that_asks_for_what_records_lack_names_the_study() -> None:
    def analyse(found: Records) -> Analysis:
        found.trial("fast")
        return Analysis()

    study = replace(NOTEBOOK, analyse=analyse)
    told = r"^In the study notebook, by results/notebook\.jsonl: Expected a trial.*'fast'"
    with pytest.raises(BnreportError, match=told):
        report_study(study, records(), "full", None, code())


def test_records_of_former_trials_are_left_out(make_record: Callable[..., Record]) -> None:
    former = make_record(name="former")
    found = report_study(NOTEBOOK, records() | {former.id: former}, "full", None, code())
    assert former.id not in found.records
    assert len(found.records) == RUNS
    assert found.seconds == pytest.approx(RUNS * 1.5)
    assert found.diverged == 0


def test_a_report_lists_every_claim_in_order_and_the_quick_profile_judges_none() -> None:
    claims = [claim.id for claim in NOTEBOOK.claims]
    for profile, judged in (("full", True), ("quick", False)):
        found: Report = report(profile=profile)  # type: ignore[arg-type]
        assert [verdict.claim.id for _, verdict in found.verdicts()] == claims
        words = {verdict.word for _, verdict in found.verdicts()}
        assert ("not judged" not in words) is judged
        assert judged or words == {"not judged"}


def test_runs_of_this_machine_are_drawn_over_the_recorded_ones() -> None:
    made = records()
    first = {i.trial.name: i.run_id for i in reversed(NOTEBOOK.identities("full"))}
    local = {first[name]: made[first[name]] for name in NOTEBOOK.check}
    check = report_check(NOTEBOOK, "full", local, made, comparisons(local, made))
    assert check.agrees
    assert check.seconds == 3.0
    assert check.device == "a made-up processor"
    assert [panel.series[0].arm for panel in check.plot.panels] == ["raw", "bn"]
    for panel, record in zip(check.plot.panels, local.values(), strict=True):
        assert panel.series[0].y.shape == (20, record.identity.trial.length)
        np.testing.assert_array_equal(panel.marks[0].y, record.epochs("loss"))
    off = check.comparisons[0].model_copy(update={"equal_bits": False})
    assert not replace(check, comparisons=(off, *check.comparisons[1:])).agrees
