"""A damaged file is refused by its name, or says what it said; what no digest sees is counted."""

from collections.abc import Callable
from pathlib import Path

import pytest

from bnreport.errors import BnreportError, RecordError
from bnreport.records import checksums, store
from bnreport.site.checks import notebook
from docs.downloads import verify
from tests.injection import __main__ as injection
from tests.injection import targets
from tests.injection.campaign import SWAPPED, Case, Tally, campaign, cases, published, tried
from tests.injection.damage import ACCIDENTS, FORGERIES
from tests.injection.downloads import downloads
from tests.injection.targets import Target

# Small ones of each kind of run, with a verification or without.
NAMES = ("keras.2", "performance", "identities", "distributions")


def told(tally: Tally) -> list[str]:
    """The cases that should have ended otherwise."""
    return [f"{fault.fate}: {fault.case}: {fault.said[:200]}" for fault in tally.faults]


def found(kind: str) -> Target:
    (target,) = (target for target in targets.others() if target.kind == kind)
    return target


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_no_damaged_record_is_read_as_another(name: str) -> None:
    tally = campaign([targets.records(name)], range(1))
    assert told(tally) == []
    assert tally.counts["records", False, "as written"] == 0
    assert tally.counts["records", False, "refused"] > 40


@pytest.mark.slow
def test_no_damaged_verification_changes_what_a_study_says() -> None:
    names = [name for name in NAMES if targets.LAYOUT.verified(name).exists()]
    tally = campaign(map(targets.verification, names), range(1))
    assert told(tally) == []
    assert tally.counts["verifications", False, "refused"] > 100


@pytest.mark.slow
def test_any_other_damaged_file_is_refused_or_harmless() -> None:
    tally = campaign(targets.others(), range(1), every=9)
    assert told(tally) == []
    assert sum(tally.counts.values()) > 100


@pytest.mark.slow
def test_the_programs_that_check_the_site_tell_any_damage_of_its_data_in_sentences() -> None:
    tally = campaign(downloads(("memorization",)), range(1), every=7)
    assert told(tally) == []
    assert tally.counts["data for verify.py", False, "refused"] > 30
    assert tally.counts["data for metrics.py", False, "refused"] > 30
    assert tally.counts["data for verify.py, sums written anew", True, "refused"] > 1


def test_sums_that_a_program_does_not_look_at_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    (target,) = (
        target
        for target in downloads(("memorization",))
        if (target.kind, target.name) == ("data for verify.py", "printed.csv")
    )
    sound, case = published(target), Case(target, "a digit changed", False, 0)
    assert tried(case, sound).fate == "refused"
    monkeypatch.setattr(verify, "check_sums", lambda _: iter(()))
    assert tried(case, sound).fate == "wrong"


def test_a_campaign_that_there_is_not_is_told_with_those_that_there_are(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert injection.main(["damge"]) == 2
    told = capsys.readouterr().err
    assert "Received: damge." in told
    assert all(f"\n  {name} " in told for name in injection.CAMPAIGNS)


def test_a_case_is_the_same_every_time_and_another_for_another_seed() -> None:
    target = found("glossaries")
    first, again, other = (Case(target, "a flipped bit", False, seed) for seed in (0, 0, 1))
    assert first.content() == again.content() != other.content()
    assert {case.damage for case in cases([target], [0])} == set(ACCIDENTS)
    record = targets.records("keras.2")
    every = {case.damage for case in cases([record], [0])}
    assert every == {*ACCIDENTS, *FORGERIES, SWAPPED}


def test_a_digest_that_nobody_looks_at_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    def blind(line: str, where: str) -> str:
        match = store.DIGEST.search(line)
        if match is None:
            raise RecordError(f"Expected a digest in {where}.")
        return line[: match.start()] + line[match.end() :]

    target = targets.records("performance")
    sound = published(target)
    digits = [Case(target, "a digit changed", False, seed) for seed in range(12)]
    assert {tried(case, sound).fate for case in digits} == {"refused"}
    monkeypatch.setattr(store, "unsealed", blind)
    assert "wrong" in {tried(case, sound).fate for case in digits}


@pytest.mark.parametrize(
    ("error", "fate"),
    [
        (BnreportError("Expected something else. Received: this. Fix it."), "nameless"),
        (ValueError("labels.gz"), "traceback"),
        (BnreportError("Expected something else in labels.gz. Received: this."), "refused"),
    ],
)
def test_an_error_must_name_the_file_and_be_one_of_ours(error: Exception, fate: str) -> None:
    def fail(_: Path) -> targets.Said:
        raise error

    target = Target("data files", "labels.gz", b"12", fail)
    assert tried(Case(target, "empty", False, 0), targets.Said()).fate == fate


def test_the_error_of_a_file_of_lines_names_the_line() -> None:
    def fail(line: str) -> Callable[[Path], targets.Said]:
        def publish(_: Path) -> targets.Said:
            raise BnreportError(f"Expected a record in toy.jsonl{line}.")

        return publish

    for line, fate in ((", line 3", "refused"), ("", "nameless")):
        target = Target("records", "toy.jsonl", b"12", fail(line), lined=True)
        assert tried(Case(target, "empty", False, 0), targets.Said()).fate == fate


def test_the_sums_see_every_change_of_a_byte(tmp_path: Path) -> None:
    """So a build refuses even what is harmless, and names the file."""
    target = targets.records("performance")
    path = tmp_path / target.name
    path.write_bytes(target.content)
    checksums.update(tmp_path)
    for case in cases([target], range(1)):
        path.write_bytes(case.content())
        if case.content() == target.content:
            checksums.check(tmp_path)
            continue
        with pytest.raises(RecordError, match=rf"{target.name}: changed"):
            checksums.check(tmp_path)


def test_a_notebook_whose_outputs_nobody_looks_at_is_noticed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    target = found("notebooks")
    sound = published(target)
    digits = [Case(target, "a digit changed", False, seed) for seed in range(12)]
    assert "wrong" not in {tried(case, sound).fate for case in digits}
    monkeypatch.setattr(notebook, "outputs_digest", lambda _, execution: execution.outputs)
    assert "wrong" in {tried(case, sound).fate for case in digits}
