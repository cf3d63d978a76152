"""A sample of a study is trained again and compared with its records."""

import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from bnreport import provenance
from bnreport.agreement import read_verified
from bnreport.campaign import Workshop, train
from bnreport.errors import RecordError
from bnreport.records import Record, read
from bnreport.report import report_study
from bnreport.study import Analysis, Runs, Study
from bnreport.trials import TimingTrial, Trial
from bnreport.verification import answers, comparisons, sample, verify, write_verified
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


def workshop() -> Workshop:
    return Workshop("quick", None, Console(file=io.StringIO()))


def test_the_sample_is_the_first_run_of_every_program() -> None:
    wanted = NOTEBOOK.identities("full")
    chosen = sample(wanted)
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
    chosen = sample(study.identities("full"))
    assert [(i.trial.name, i.seed) for i in chosen] == [("slow", 7), ("longer", 7)]


def test_runs_of_former_trials_answer_nothing(make_record: Make) -> None:
    wanted, former = make_record(seed=1), make_record(seed=1, name="former")
    records = {wanted.id: wanted, former.id: former}
    assert answers([wanted.identity], records) == {wanted.id: wanted}


def test_runs_are_compared_with_the_record_of_the_same_run(make_record: Make) -> None:
    records = {record.id: record for record in map(make_record, (1, 2, 3))}
    stranger = make_record(seed=4)
    again = {run: records[run] for run in list(records)[:1]} | {stranger.id: stranger}
    assert [(c.run, c.agrees) for c in comparisons(again, records)] == [(make_record(1).id, True)]


def test_a_study_without_records_cannot_be_verified() -> None:
    with pytest.raises(RecordError, match=r"plain seed 7.*bnreport run tiny"):
        verify(TINY, {}, workshop())


@pytest.mark.train
def test_a_study_trained_twice_by_the_same_code_on_one_machine_is_verified(tmp_path: Path) -> None:
    path = tmp_path / "tiny.jsonl"
    wanted = [i for i in TINY.identities("quick") if i.trial.kind == "train"]
    assert train({"tiny": TINY}, wanted, lambda _: path, workshop()) == 1
    records = read(path, print)
    found = verify(TINY, records, workshop())
    assert [(c.trial, c.seed, c.equal_bits) for c in found.comparisons] == [("plain", 7, True)]
    assert found.agreed
    assert found.code == provenance.code_digest()
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
        report_study(timeless, altered, "quick", stale, found.code)
