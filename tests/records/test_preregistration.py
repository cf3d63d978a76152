"""Claims are committed before their runs: a run without is refused, a record without is named."""

import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from bnreport.analysis.study import PILOT_SEEDS
from bnreport.errors import BnreportError, RecordError
from bnreport.protocol.runs import Runs
from bnreport.records import preregistration
from bnreport.records.layout import Layout
from bnreport.records.record import Record
from bnreport.records.store import read
from bnreport.records.writing import write
from bnreport.studies import all_studies
from tests.golden import LAYOUT, recorded
from tests.synthetic import NOTEBOOK

Make = Callable[..., Record]
ONE, TWO = "1" * 64, "2" * 64
STUDIES = """
class Study:
    def __init__(self, claims_digest):
        self.claims_digest = claims_digest
def all_studies():
    return FOUND
"""


def studies(folder: Path, **digests: str) -> None:
    """Write a package whose studies hold these claims."""
    found = ", ".join(f"{name!r}: Study({digest!r})" for name, digest in digests.items())
    package = folder / "bnreport" / "studies"
    package.mkdir(parents=True, exist_ok=True)
    (folder / "bnreport" / "__init__.py").touch()
    text = STUDIES.replace("FOUND", f"{{{found}}}")
    (package / "__init__.py").write_text(text, encoding="utf-8")


def git(folder: Path, *words: str) -> str:
    someone = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
    done = subprocess.run(
        ["git", "-C", str(folder), *someone, *words], check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


@pytest.fixture
def checkout(tmp_path: Path) -> Layout:
    """A git checkout in which the study "toy" is committed."""
    studies(tmp_path, toy=ONE)
    for words in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "Claims"]):
        git(tmp_path, *words)
    return Layout(tmp_path)


def silent(text: str) -> None:
    raise AssertionError(text)


@pytest.mark.slow
def test_every_committed_record_was_made_under_the_claims_of_its_commit() -> None:
    table = preregistration.read_table(LAYOUT.preregistration)
    for name in recorded():
        path = LAYOUT.committed(name, "full")
        found = preregistration.check(table, name, read(path, silent).values(), path)
        assert list(found) == [], name


def test_a_record_under_other_claims_than_its_commit_holds_is_refused_by_name(
    make_record: Make,
) -> None:
    record = make_record()
    made = record.provenance.model_copy(update={"commit": "a" * 40, "claims": ONE})
    record = record.model_copy(update={"provenance": made})

    def unknown(table: dict[str, dict[str, str]]) -> list[str]:
        return list(preregistration.check(table, "toy", [record, record], Path("toy.jsonl")))

    assert unknown({"a" * 40: {"toy": ONE}}) == []
    assert unknown({"b" * 40: {"toy": TWO}}) == ["a" * 40]
    for table in ({"toy": TWO}, {"other": ONE}):
        with pytest.raises(RecordError, match=rf"run {record.id} in toy\.jsonl .* commit aaaaaa"):
            unknown({"a" * 40: table})


def test_the_history_is_asked_once_for_each_commit_that_a_judged_record_names(
    checkout: Layout, make_record: Make
) -> None:
    head = git(checkout.root, "rev-parse", "HEAD")
    made = make_record().provenance.model_copy(update={"commit": head})
    record = make_record().model_copy(update={"provenance": made})
    elsewhere = made.model_copy(update={"commit": "c" * 40})
    write(checkout.committed("toy", "full"), [record])
    # Pilots come before the claims.
    pilot = record.model_copy(update={"provenance": elsewhere})
    write(checkout.pilot("toy"), [pilot])
    studies(checkout.root, toy=TWO)
    assert preregistration.update(checkout, silent) == [head]
    assert preregistration.read_table(checkout.preregistration) == {head: {"toy": ONE}}
    assert preregistration.update(checkout, silent) == []
    assert preregistration.update(checkout, silent, again=True) == [head]
    write(checkout.committed("toy", "full"), [pilot])
    with pytest.raises(RecordError, match="whole history"):
        preregistration.update(checkout, silent)


@pytest.mark.parametrize("content", ["[]", "{", '{"HEAD": {}}', '{"%s": {"toy": 1}}' % ("a" * 40)])
def test_a_damaged_table_is_refused_by_name(content: str, tmp_path: Path) -> None:
    path = tmp_path / "preregistration.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(RecordError, match=r"preregistration\.json.*bnreport history"):
        preregistration.read_table(path)


def test_committed_claims_train_whatever_else_has_changed(checkout: Layout) -> None:
    preregistration.refuse_uncommitted(checkout.root, {"toy": ONE}, silent)
    (checkout.root / "bnreport" / "other.py").touch()
    preregistration.refuse_uncommitted(checkout.root, {"toy": ONE}, silent)


@pytest.mark.parametrize("now", [{"toy": TWO}, {"toy": ONE, "new": TWO}])
def test_new_and_changed_claims_train_nothing_but_pilots(
    checkout: Layout, now: dict[str, str]
) -> None:
    studies(checkout.root, **now)
    with pytest.raises(RecordError, match=rf"changed ones of {list(now)[-1]}\..*--pilot"):
        preregistration.refuse_uncommitted(checkout.root, now, silent)
    git(checkout.root, "add", ".")
    git(checkout.root, "commit", "-q", "-m", "More claims")
    preregistration.refuse_uncommitted(checkout.root, now, silent)


@pytest.mark.parametrize(
    "second",
    [f"Edition('toy.2', {TWO!r})", f"Later('toy', Edition('toy.2', {TWO!r}))"],
    ids=["by itself", "as a study"],
)
def test_a_later_edition_has_a_name_of_its_own_in_the_table(second: str, checkout: Layout) -> None:
    code = checkout.root / "bnreport" / "studies" / "__init__.py"
    later = f'{{"toy": Study({ONE!r}, [{second}])}}'
    code.write_text(
        "from collections import namedtuple\n"
        "Study = namedtuple('Study', 'claims_digest later')\n"
        "Edition = namedtuple('Edition', 'name claims_digest')\n"
        "Later = namedtuple('Later', 'name edition')\n"
        f"def all_studies():\n    return {later}\n",
        encoding="utf-8",
    )
    git(checkout.root, "commit", "-q", "-a", "-m", "A second edition")
    found = preregistration.claims_at(checkout.root, "HEAD")
    assert found == {"toy": ONE, "toy.2": TWO}
    preregistration.refuse_uncommitted(checkout.root, found, silent)


def test_a_commit_whose_code_does_not_run_says_so(checkout: Layout) -> None:
    (checkout.root / "bnreport" / "studies" / "__init__.py").write_text("import nothing_of_it")
    git(checkout.root, "commit", "-q", "-a", "-m", "Broken")
    with pytest.raises(RecordError, match="No module named 'nothing_of_it'"):
        preregistration.claims_at(checkout.root, "HEAD")


def test_without_a_history_nothing_is_checked_and_that_is_said(tmp_path: Path) -> None:
    said: list[str] = []
    preregistration.refuse_uncommitted(tmp_path, {"toy": ONE}, said.append)
    (line,) = said
    assert "not checked here" in line


def test_pilots_run_the_trials_of_a_study_at_seeds_that_judge_and_choose_nothing() -> None:
    found = NOTEBOOK.pilots((50, 59))
    trials = {runs.trial.name for runs in NOTEBOOK.runs if runs.full or runs.tuning}
    assert {identity.trial.name for identity in found} == trials
    assert len(found) == 2 * len(trials)
    assert {identity.seed for identity in found} == {50, 59}
    assert not {i.run_id for i in found} & {i.run_id for i in NOTEBOOK.identities("full")}


@pytest.mark.parametrize("seed", [49, 60, 100, 900])
def test_a_pilot_at_any_other_seed_is_refused(seed: int) -> None:
    with pytest.raises(BnreportError, match=rf"pilots' seeds of notebook: 50, .* Received: {seed}"):
        NOTEBOOK.pilots((50, seed))


def test_a_pilot_never_takes_a_seed_that_its_study_judges() -> None:
    (first, *_) = NOTEBOOK.runs
    study = replace(NOTEBOOK, runs=(Runs(first.trial, (50, 51), (), (52,)),))
    with pytest.raises(BnreportError, match=r"seeds of notebook: 53, .* Received: 50, 52\."):
        study.pilots((50, 52, 53))


def test_no_study_judges_or_tunes_at_a_pilots_seed() -> None:
    for study in all_studies().values():
        taken = {seed for runs in study.runs for seed in (*runs.full, *runs.tuning)}
        assert not taken & {*PILOT_SEEDS}, study.name
