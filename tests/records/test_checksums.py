"""SHA256SUMS lists the files of results/, and what it does not list as it is gets named."""

import hashlib
import json
import shutil
import subprocess
from pathlib import Path

import pytest
from filelock import FileLock

from bnreport.errors import RecordError
from bnreport.protocol.frozen import canonical
from bnreport.records import checksums
from bnreport.records.store import unsealed
from tests.golden import LAYOUT
from tests.synthetic import ROOT

# The committed records as they were before their lines had digests, by the ids of their git blobs.
# A file that is recorded anew leaves this list.
BEFORE = json.loads((ROOT / "tests" / "unsealed.json").read_text(encoding="utf-8"))


@pytest.fixture
def results(tmp_path: Path) -> Path:
    """A folder with two files that are listed, one of them in a folder of its own."""
    (tmp_path / "quick").mkdir()
    (tmp_path / "a.jsonl").write_text("1\n", encoding="utf-8")
    (tmp_path / "quick" / "b.jsonl").write_text("2\n", encoding="utf-8")
    checksums.update(tmp_path)
    return tmp_path


def test_the_committed_results_are_those_that_are_listed() -> None:
    checksums.check(LAYOUT.results)


@pytest.mark.skipif(shutil.which("sha256sum") is None, reason="this machine has no sha256sum")
def test_the_list_is_one_that_sha256sum_checks(results: Path) -> None:
    words = ["sha256sum", "--strict", "-c", checksums.NAME]
    done = subprocess.run(words, cwd=results, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "a.jsonl: OK\nquick/b.jsonl: OK\n")


def test_a_changed_a_lost_and_a_new_file_are_named(results: Path) -> None:
    (results / "a.jsonl").write_text("3\n", encoding="utf-8")
    (results / "quick" / "b.jsonl").rename(results / "c.jsonl")
    with pytest.raises(RecordError) as caught:
        checksums.check(results)
    named = "a.jsonl: changed; c.jsonl: new; quick/b.jsonl: gone"
    assert f"Expected the files that {results / 'SHA256SUMS'} lists" in str(caught.value)
    assert f"Received: {named}. " in str(caught.value)
    assert "bnreport checksums" in str(caught.value)
    assert "; ".join(checksums.update(results)) == named
    checksums.check(results)


def test_files_that_no_list_vouches_for_are_refused(results: Path) -> None:
    (results / checksums.NAME).unlink()
    with pytest.raises(RecordError, match=r"in SHA256SUMS\. Received: no such file"):
        checksums.check(results)
    assert checksums.update(results, [results / "a.jsonl"]) == [
        "a.jsonl: new",
        "quick/b.jsonl: new",
    ]
    checksums.check(results)


def test_only_the_files_that_a_call_wrote_are_brought_up_to_date(results: Path) -> None:
    for name in ("a.jsonl", "quick/b.jsonl"):
        (results / name).write_text("3\n", encoding="utf-8")
    paths = [results / "a.jsonl", results / "none.json"]
    assert checksums.update(results, paths) == ["a.jsonl: changed"]
    with pytest.raises(RecordError, match=r"Received: quick/b\.jsonl: changed\."):
        checksums.check(results)
    (results / "a.jsonl").unlink()
    assert checksums.update(results, paths) == ["a.jsonl: gone"]
    assert checksums.listed(results).keys() == {"quick/b.jsonl"}


def test_a_result_is_listed_as_it_is_written(results: Path) -> None:
    checksums.write_result(results, "times.json", "3\n")
    assert (results / "times.json").read_text(encoding="utf-8") == "3\n"
    assert "times.json" in checksums.listed(results)
    checksums.check(results)


def test_what_a_writer_holds_for_a_moment_is_not_listed(results: Path) -> None:
    for name in ("a.lock", "a.jsonl.partial"):
        (results / name).touch()
    checksums.check(results)
    assert checksums.update(results) == []


@pytest.mark.parametrize(
    "line", ["", f"{64 * '0'} a.jsonl", f"{63 * '0'}  a.jsonl", f"{64 * '0'}  quick/b.jsonl"]
)
def test_a_damaged_list_is_refused_by_file_and_line(results: Path, line: str) -> None:
    path = results / checksums.NAME
    path.write_text(f"{path.read_text(encoding='utf-8')}{line}\n", encoding="utf-8")
    with pytest.raises(RecordError, match=r"SHA256SUMS, line 3\. Received"):
        checksums.check(results)


def test_a_list_that_another_call_writes_is_waited_for_and_then_left_alone(
    results: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checksums, "PATIENCE", 0.01)
    (results / "a.jsonl").unlink()
    before = (results / checksums.NAME).read_bytes()
    with (
        FileLock(results / f"{checksums.NAME}.lock"),
        pytest.raises(RecordError, match="another call has held"),
    ):
        checksums.update(results)
    assert (results / checksums.NAME).read_bytes() == before


def before(line: str) -> str:
    """The line of a committed record as it was before lines had digests."""
    rest = unsealed(line, "a committed file")
    content = json.loads(rest)
    if content["id"] not in BEFORE["ids"]:
        return rest
    # The digest of the code that found the facts of Keras was a part of their identity.
    content["id"] = BEFORE["ids"][content["id"]]
    content["identity"]["trial"]["code"] = BEFORE["code"]
    return canonical(content)


@pytest.mark.parametrize("name", BEFORE["blobs"])
def test_without_its_digest_every_line_is_as_it_was_to_the_byte(name: str) -> None:
    lines = (LAYOUT.results / name).read_text(encoding="utf-8").splitlines()
    content = "".join(f"{before(line)}\n" for line in lines).encode()
    blob = hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False)
    assert blob.hexdigest() == BEFORE["blobs"][name]
