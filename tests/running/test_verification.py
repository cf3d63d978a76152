"""A sample of a study is trained again and compared with its records."""

import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from bnreport.analysis.report import report_study
from bnreport.analysis.study import Study
from bnreport.errors import RecordError
from bnreport.presentation.tables import Analysis
from bnreport.protocol.measurements import TimingTrial
from bnreport.protocol.runs import Runs
from bnreport.protocol.trials import Trial
from bnreport.records.agreement import ComparedNumber, Comparison, Verified, read_verified
from bnreport.records.checksums import file_digest
from bnreport.records.code import executed
from bnreport.records.code.ancestry import Ancestry
from bnreport.records.layout import Layout
from bnreport.records.record import Record
from bnreport.records.store import read
from bnreport.records.writing import write
from bnreport.running.orchestrate import RunContext, train
from bnreport.running.verification import (
    answers,
    believed,
    comparisons,
    sample,
    verify,
    write_verified,
)
from tests import synthetic
from tests.in_process import train_in_process
from tests.synthetic import NOTEBOOK

Make = Callable[..., Record]

TINY = Study(
    name="tiny",
    title="A tiny study",
    page="studies/tiny.md",
    chapter="Facts",
    question="What of it?",
    runs=(
        Runs(
            Trial(name="plain", net="baseline", learning_rate=0.01, epochs=1, score_epochs=(1,)),
            (),
            (7,),
        ),
        Runs(
            TimingTrial(name="timing", nets=("baseline", "bn"), learning_rate=0.01, rounds=1),
            (),
            (7,),
        ),
    ),
    claims=(),
    analyse=lambda records: Analysis(),
    check=(),
)


def workshop() -> RunContext:
    return RunContext("quick", None, Console(file=io.StringIO()))


def test_the_sample_is_the_first_run_of_every_program() -> None:
    wanted = NOTEBOOK.identities("full")
    chosen = sample(NOTEBOOK.edition)
    programs = [i.trial.program for i in chosen if isinstance(i.trial, Trial)]
    assert len(set(programs)) == len(programs) == len(chosen)
    trained = {i.trial.program for i in wanted if isinstance(i.trial, Trial)}
    assert set(programs) == trained
    assert all(identity in wanted for identity in chosen)


def test_trials_that_differ_in_numbers_alone_share_a_sample() -> None:
    slow, fast = (
        Runs(Trial(name=name, net="baseline", learning_rate=rate, epochs=1), (7, 8))
        for name, rate in (("slow", 0.01), ("fast", 0.1))
    )
    longer = Runs(Trial(name="longer", net="baseline", learning_rate=0.1, epochs=2), (7,))
    study = replace(TINY, runs=(slow, fast, longer))
    chosen = sample(study.edition)
    assert [(i.trial.name, i.seed) for i in chosen] == [("slow", 7), ("longer", 7)]


def test_of_a_later_edition_runs_that_judge_are_sampled_first() -> None:
    tried, judged = (
        Trial(name=name, net="baseline", learning_rate=rate, epochs=1)
        for name, rate in (("tried", 0.01), ("judged", 0.1))
    )
    short = Runs(tried.model_copy(update={"name": "short", "epochs": 2}), (), (), (3,))
    study = replace(TINY, runs=(short, Runs(tried, (), (), (3,)), Runs(judged, (7, 8), (), (3,))))
    first = [("short", 3), ("tried", 3)]
    assert [(i.trial.name, i.seed) for i in sample(study.edition)] == first
    later = replace(study.edition, number=2)
    assert [(i.trial.name, i.seed) for i in sample(later)] == [("judged", 7), ("short", 3)]


def test_runs_of_former_trials_answer_nothing(make_record: Make) -> None:
    wanted, former = make_record(seed=1), make_record(seed=1, name="former")
    records = {wanted.id: wanted, former.id: former}
    assert answers([wanted.identity], records) == {wanted.id: wanted}


def test_runs_are_compared_with_the_record_of_the_same_run(make_record: Make) -> None:
    records = {record.id: record for record in map(make_record, (1, 2, 3))}
    stranger = make_record(seed=4)
    again = {run: records[run] for run in list(records)[:1]} | {stranger.id: stranger}
    assert [(c.run, c.agrees) for c in comparisons(again, records)] == [(make_record(1).id, True)]


def test_a_study_without_records_cannot_be_verified(tmp_path: Path) -> None:
    with pytest.raises(RecordError, match=r"plain seed 7.*bnreport run tiny"):
        verify(TINY, tmp_path / "tiny.jsonl", workshop())


Change = Callable[[Verified], Verified]


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    """A checkout with made-up records of the notebook, verified."""
    found = Layout(tmp_path)
    write(found.committed("notebook", "full"), synthetic.stored().values())
    synthetic.write_down(found, agreed=True)
    return found


def belief(layout: Layout) -> Verified | None:
    file = layout.committed("notebook", "full")
    return believed(layout.verified("notebook"), file, NOTEBOOK, read(file, print))


def with_comparisons(change: Callable[[list[Comparison]], list[Comparison]]) -> Change:
    def changed(verified: Verified) -> Verified:
        kept = tuple(change(list(verified.comparisons)))
        return verified.model_copy(update={"comparisons": kept})

    return changed


def first(**changes: Any) -> Change:
    return with_comparisons(lambda all_: [all_[0].model_copy(update=changes), *all_[1:]])


def last_row(**changes: Any) -> Change:
    """Change the last number of the first comparison."""

    def changed(all_: list[Comparison]) -> list[Comparison]:
        *rows, last = all_[0].rows
        kept = (*rows, last.model_copy(update=changes))
        return [all_[0].model_copy(update={"rows": kept}), *all_[1:]]

    return with_comparisons(changed)


def rows(change: Callable[[tuple[ComparedNumber, ...]], tuple[ComparedNumber, ...]]) -> Change:
    return with_comparisons(
        lambda all_: [all_[0].model_copy(update={"rows": change(all_[0].rows)}), *all_[1:]]
    )


def test_what_was_verified_of_a_study_is_believed_or_there_is_nothing(layout: Layout) -> None:
    found = belief(layout)
    assert found is not None
    assert found.agreed
    assert {comparison.run for comparison in found.comparisons} == {
        identity.run_id for identity in sample(NOTEBOOK.edition)
    }
    layout.verified("notebook").unlink()
    assert belief(layout) is None


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda v: v.model_copy(update={"study": "other"}), "of notebook .* one of 'other'"),
        (
            lambda v: v.model_copy(update={"records": 64 * "0"}),
            r"of notebook\.jsonl with SHA-256 .* one of a file with SHA-256 0000",
        ),
        (with_comparisons(lambda all_: []), r"one comparison of each run .* 0 of run \w+, 0 of"),
        (with_comparisons(lambda all_: all_[1:]), r"Received: 0 of run \w+\."),
        (with_comparisons(lambda all_: [*all_, all_[0]]), r"Received: 2 of run \w+\."),
        (first(run="f" * 16), r"Received: 0 of run \w+, 1 of run f{16}\."),
        (first(seed=7), "Expected baseline-0.01 seed 100 .* Received: baseline-0.01 seed 7"),
        (first(trial="bn-0.01"), "Expected baseline-0.01 seed 100 .* Received: bn-0.01 seed 100"),
        (last_row(recorded=0.5, again=0.5), "Expected accuracy .*, as recorded, .* Received: 0.5"),
        (last_row(tolerance=9.0), r"Expected tolerance 0\.\d+ of accuracy .* Received: 9\.0"),
        (last_row(again=0.5), "equal accuracy where every bit is equal .* Received: 0.5"),
        (last_row(metric="joy"), "Expected the numbers loss of step 20, loss, accuracy .* joy"),
        (rows(lambda rows: ()), "Expected the numbers .* Received: none"),
        (rows(lambda rows: rows[1:]), "Expected the numbers .* Received: loss, accuracy"),
        (rows(lambda rows: (*rows, rows[0])), "Expected each number once"),
        (
            rows(lambda rows: (*rows, rows[0].model_copy(update={"metric": "joy"}))),
            "Expected the numbers .* Received: loss of step 20, loss, accuracy, joy",
        ),
    ],
)
def test_a_verification_that_the_records_contradict_is_refused_by_name(
    layout: Layout, change: Change, named: str
) -> None:
    path = layout.verified("notebook")
    verified = read_verified(path)
    assert verified is not None
    write_verified(path, change(verified))
    with pytest.raises(RecordError, match=named) as caught:
        belief(layout)
    assert f" in {path}. " in str(caught.value) or f" in {path.name}" in str(caught.value)
    assert str(caught.value).endswith("or run `bnreport verify notebook`.")


def test_a_verification_of_a_file_in_which_a_run_was_replaced_is_refused(layout: Layout) -> None:
    file = layout.committed("notebook", "full")
    known = read(file, print)
    run = next(iter(known))
    other = known[run].model_copy(update={"early_loss": 1.25})
    write(file, (known | {run: other}).values())
    with pytest.raises(RecordError, match=r"notebook\.jsonl with SHA-256"):
        belief(layout)


@pytest.mark.train
@pytest.mark.usefixtures("keras_ready")
def test_a_study_trained_twice_by_the_same_code_on_one_machine_is_verified(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    train_in_process(monkeypatch)
    path = tmp_path / "tiny.jsonl"
    wanted = [i for i in TINY.identities("quick") if i.trial.kind == "train"]
    assert train({"tiny": TINY}, wanted, lambda _: path, workshop()) == 1
    records = read(path, print)
    found = verify(TINY, path, workshop())
    assert [(c.trial, c.seed, c.equal_bits) for c in found.comparisons] == [("plain", 7, True)]
    assert found.agreed
    assert found.code == executed.whole_digest(executed.today())
    assert found.records == file_digest(path)
    write_verified(tmp_path / "tiny.verified.json", found)
    assert read_verified(tmp_path / "tiny.verified.json") == found

    # An altered record of the sampled run no longer agrees, and then is not published.
    altered = {
        run: record.model_copy(update={"early_loss": (record.early_loss or 0) + 1e-6})
        for run, record in records.items()
    }
    compared = comparisons(read(path, print), altered)
    stale = found.model_copy(update={"comparisons": tuple(compared)})
    assert not stale.agreed
    timeless = Study(**(vars(TINY) | {"runs": TINY.runs[:1]}))
    with pytest.raises(RecordError, match=r"tiny\.verified\.json"):
        report_study(timeless, altered, "quick", stale, Ancestry(executed.today()))
