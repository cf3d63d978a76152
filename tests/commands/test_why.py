"""A claim names its runs, a run its claims, and a run that is not asked for what has changed."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from bnreport.analysis.study import Study
from bnreport.commands.why import StudyRecords, changes, find, nearest, why_claim, why_run
from bnreport.errors import RecordError
from bnreport.protocol.checks import Score
from bnreport.protocol.nets import Net
from bnreport.protocol.runs import TUNING_SEEDS
from bnreport.protocol.trials import Identity, Trial
from bnreport.records.code.ancestry import Ancestry
from bnreport.records.record import Record
from tests import synthetic
from tests.synthetic import NOTEBOOK

CODE = synthetic.code()


def identity(seed: int = 100, **fields: Any) -> Identity:
    trial = Trial.model_validate({"name": "bn", "net": "bn", "learning_rate": 0.01} | fields)
    return Identity(study="toy", trial=trial, seed=seed, data="ab", profile="full")


def shelf(records: dict[str, Record], study: Study = NOTEBOOK) -> StudyRecords:
    return StudyRecords(study, "full", records)


def renamed(record: Record, **fields: Any) -> Record:
    """The record of a run of another trial."""
    trial = record.identity.trial.model_copy(update=fields)
    former = record.identity.model_copy(update={"trial": trial})
    return record.model_copy(update={"identity": former, "id": former.run_id})


def test_a_change_is_named_by_its_field() -> None:
    now = identity(learning_rate=0.03, epochs=1)
    assert changes(identity(epochs=1), now) == ["learning_rate: recorded 0.01, now 0.03"]
    assert changes(now, now) == []


def test_nested_fields_and_defaults_are_compared() -> None:
    check = Score(name="val", steps=(0, 200))
    plain = identity(net=Net(), epochs=1, checks=(check,))
    other = identity(
        net=Net(normalizer="batch"),
        epochs=1,
        order="fixed",
        checks=(check.model_copy(update={"steps": (0, 300)}),),
    )
    assert changes(plain, other) == [
        "net.normalizer: recorded none, now batch",
        "order: recorded fresh, now fixed",
        "checks.val.steps: recorded 0, 200, now 0, 300",
    ]


def test_a_field_that_only_one_has_is_compared_with_nothing() -> None:
    assert changes(identity(epochs=1), identity(net=Net(), epochs=1))[:2] == [
        "net: recorded bn, now nothing",
        "net.hidden: recorded nothing, now 300, 100",
    ]


def test_the_nearest_is_of_the_same_trial_and_seed_or_else_the_most_alike() -> None:
    far = identity(epochs=9, batch_size=128, order="fixed")
    alike = identity(name="other", epochs=1)
    assert nearest(identity(epochs=1), [alike, far]) == far
    assert nearest(identity(seed=7, epochs=1), [far, alike]) == alike
    seeds = [identity(seed=seed, epochs=1) for seed in (100, 111)]
    assert nearest(identity(seed=110, epochs=1), seeds) == seeds[1]
    assert nearest(identity(epochs=1), []) is None


def test_a_run_is_found_by_its_first_digits() -> None:
    made = synthetic.records()
    (run, *_) = made
    for records in (made, {}):
        assert find(run[:12], [shelf(records)])[1] == run
    for digits in ("", run[:3], run.upper() + "x", "ffff" * 4):
        with pytest.raises(RecordError, match="Received"):
            find(digits, [shelf(made)])


def test_digits_of_several_runs_are_refused_with_their_ids(
    make_record: Callable[..., Record],
) -> None:
    twins = {f"abcd{number:012d}": make_record(number) for number in (1, 2)}
    with pytest.raises(RecordError, match="stands for abcd000000000001, abcd000000000002"):
        find("abcd", [shelf(twins)])


def test_a_claim_names_its_runs_and_seeds() -> None:
    (claim,) = (claim for claim in NOTEBOOK.claims if claim.id == "c-test")
    lines = why_claim(claim, NOTEBOOK, synthetic.study_report(), "")
    assert "stands on: 40 runs of bn-0.01, baseline-0.01" in lines
    assert "seeds: 100-119" in lines
    (verdict,) = [line for line in lines if line.startswith("verdict: ")]
    assert verdict.startswith("verdict: supported")
    assert verdict.endswith(", expected: supported")
    frozen = NOTEBOOK.claims_digest[:16]
    assert f"frozen: claims {frozen}, under which every run was trained" in lines
    assert "amended: never" in lines


def test_a_claim_without_runs_says_why() -> None:
    lines = why_claim(NOTEBOOK.claims[0], NOTEBOOK, None, "no runs")
    assert "not judged: no runs" in lines
    assert not any(line.startswith("stands on") for line in lines)


def test_a_run_names_the_claims_that_stand_on_it() -> None:
    report = synthetic.study_report()
    of = {r.identity.trial.name: r for r in report.records.values()}
    on = {
        name: why_run(shelf(dict(report.records)), record.id, report, "", CODE)[-1]
        for name, record in of.items()
    }
    assert on["timing"] == "claims that stand on it: d-fit-time, d-compiled-time"
    assert "c-test" in on["bn-0.01"]
    assert "c-test" not in on["bn-0.01-replayed"]


def test_a_tuning_run_judges_nothing() -> None:
    made = synthetic.records()
    record = renamed(next(iter(made.values())), name="tuned")
    tuned = record.identity.model_copy(update={"seed": 900})
    record = record.model_copy(update={"identity": tuned, "id": tuned.run_id})
    runs = replace(NOTEBOOK.runs[0], trial=tuned.trial, full=(), tuning=(900,))
    study = replace(NOTEBOOK, runs=(runs,))
    lines = why_run(shelf({record.id: record}, study), record.id, None, "no runs", CODE)
    assert lines[-1] == "claims that stand on it: none, its seed only chooses a setting"


def test_no_claim_stands_on_a_tuning_run() -> None:
    (claim,) = (claim for claim in NOTEBOOK.claims if claim.id == "c-test")
    report = synthetic.study_report()
    trial = report.stands_on[claim.id][0]
    record = next(r for r in report.records.values() if r.identity.trial.name == trial)
    identity = record.identity.model_copy(update={"seed": TUNING_SEEDS[0]})
    tuned = record.model_copy(update={"identity": identity, "id": identity.run_id})
    more = replace(report, records={**report.records, tuned.id: tuned})
    assert why_claim(claim, NOTEBOOK, more, "") == why_claim(claim, NOTEBOOK, report, "")


def test_a_run_that_is_no_longer_asked_for_says_what_has_changed() -> None:
    made = synthetic.records()
    record = next(r for r in made.values() if r.identity.trial.name == "bn-0.01")
    former = renamed(record, learning_rate=0.5)
    lines = why_run(shelf({former.id: former}), former.id, None, "no runs", Ancestry({}))
    assert "asked for: no; no claim stands on it" in lines
    assert f"code that it ran: {record.provenance.code[:16]}, other than it is" in lines
    assert lines[-1] == "learning_rate: recorded 0.5, now 0.01"


def test_a_missing_run_says_which_record_is_nearest() -> None:
    made = synthetic.records()
    (run, *rest) = (r.id for r in made.values() if r.identity.trial.name == "bn-0.01")
    lines = why_run(shelf({i: made[i] for i in rest}), run, None, "no runs", CODE)
    assert "`bnreport run notebook` trains it" in lines[1]
    assert lines[-1] == "seed: recorded 101, now 100"
    assert why_run(shelf({}), run, None, "no runs", CODE)[-1].endswith(
        "they are lost, or not made yet"
    )
