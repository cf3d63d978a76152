"""Tests share what is costly, and none is left out unseen."""

import os
import re
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests import shared
from tests.shared import ROOT, once

LEFT_OUT = """
import pytest

@pytest.mark.skip(reason="no such thing here")
def test_left_out() -> None: ...

@pytest.mark.xfail(reason="known")
def test_known() -> None:
    assert False

@pytest.fixture
def absent() -> None:
    pytest.skip("no browser")

@pytest.mark.usefixtures("absent")
def test_without_a_browser() -> None: ...
"""
EVERY_END = """
import pytest

@pytest.fixture
def absent():
    raise ValueError("no beginning")

@pytest.fixture
def cut():
    yield
    raise ValueError("no end")

def test_passed(): ...
def test_failed(): raise ValueError("neither nor")
def test_without_a_beginning(absent): ...
def test_without_an_end(cut): ...
@pytest.mark.skip(reason="left out")
def test_skipped(): ...
@pytest.mark.xfail(strict=True)
def test_expected(): assert False
@pytest.mark.xfail(strict=True)
def test_mended(): ...
"""
FILE_LEFT_OUT = 'import pytest\npytest.importorskip("nothing_of_this_name")\n'


def run(folder: Path, *more: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """What pytest says of the tests of a folder, under the rules of ours."""
    words = ["-m", "pytest", "-ra", "-p", "tests.conftest", "-p", "no:cacheprovider", *more]
    words.append("--continue-on-collection-errors")
    kept = {name: value for name, value in os.environ.items() if name != "CI"}
    return subprocess.run(
        [sys.executable, *words, "--rootdir", str(folder), str(folder)],
        env=kept | {"PYTHONPATH": str(ROOT)} | environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.slow
def test_a_skip_is_told_at_the_end_and_fails_where_continuous_integration_runs(
    tmp_path: Path,
) -> None:
    (tmp_path / "test_some.py").write_text(LEFT_OUT, encoding="utf-8")
    (tmp_path / "test_none.py").write_text(FILE_LEFT_OUT, encoding="utf-8")
    reasons = ("no such thing here", "no browser", "nothing_of_this_name")
    here = run(tmp_path)
    assert here.returncode == 0, here.stdout
    there = run(tmp_path, CI="true")
    assert there.returncode != 0
    for done, word in ((here, "SKIPPED"), (there, "Received: ")):
        lines = [line for line in done.stdout.splitlines() if word in line]
        assert all(any(reason in line for line in lines) for reason in reasons), done.stdout
    summary = there.stdout.split("short test summary info")[1]
    for name in ("::test_left_out", "::test_without_a_browser", "test_none.py"):
        assert name in summary
    assert "XFAIL" in summary


@pytest.mark.slow
@pytest.mark.parametrize("more", [[], ["-n1"], ["-n1", "--durations=0", "-vv"]], ids=" ".join)
def test_whatever_ends_a_test_is_told_by_one_process_and_by_several(
    more: Sequence[str], tmp_path: Path
) -> None:
    (tmp_path / "test_some.py").write_text(EVERY_END, encoding="utf-8")
    said = run(tmp_path, *more).stdout
    assert "2 failed, 2 passed, 1 skipped, 1 xfailed, 2 errors in " in said.splitlines()[-1], said
    for reason in ("no beginning", "no end", "neither nor", "left out"):
        assert reason in said
    # Those of its parts, too.
    assert bool(re.search(r"s setup +test_some\.py::test_passed", said)) is (len(more) > 1), said


def test_files_that_share_something_costly_are_of_one_group_and_begin_first(
    tmp_path: Path,
) -> None:
    (tmp_path / "a.py").write_text("def test_it(keras_ready): ...", encoding="utf-8")
    (tmp_path / "b.py").write_text("def test_it(): ...", encoding="utf-8")
    assert [shared.group_of(name, tmp_path) for name in ("a.py", "b.py")] == ["keras", "b.py"]
    assert shared.group_of("tests/training/test_engine.py") == "keras"
    tests = (
        "tests/training/test_engine.py::test_it",
        "tests/test_golden.py::test_it",
        "tests/commands/test_build.py::test_it",
        "tests/records/test_executed.py::test_it",
        "tests/browser/test_every_page.py::test_it[light-1280]",
        "tests/commands/test_cli.py::test_it",
        "tests/browser/test_pages.py::test_it[1280-light]",
        "tests/presentation/test_formats.py::test_it",
    )
    ranks = [shared.rank(test) for test in tests]
    assert ranks == sorted(set(ranks))


def test_each_test_in_the_browser_may_run_beside_any_other() -> None:
    tests = [f"tests/browser/test_pages.py::test_it[{width}]" for width in (360, 1280)]
    assert [shared.scope_of(test) for test in tests] == tests
    views = [f"tests/browser/test_every_page.py::test_it[{view}]" for view in ("light", "dark")]
    assert len({shared.scope_of(test) for test in views}) == 2
    assert len({shared.rank(test) for test in views}) == 1


@pytest.mark.parametrize(
    "same",
    [
        "tests/presentation/test_formats.py::test_{}",
        "tests/browser/test_every_page.py::test_{}[light-1280]",
    ],
)
def test_tests_of_a_file_or_of_what_was_seen_of_the_pages_run_in_one_process(same: str) -> None:
    assert len({shared.scope_of(same.format(name)) for name in "ab"}) == 1


def test_what_several_ask_for_at_a_time_is_made_once(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    made = []

    def make(folder: Path) -> None:
        made.append(folder)
        folder.mkdir()
        (folder / "a").touch()

    name = "test-of-what-is-made-once"
    threads = [threading.Thread(target=once, args=(tmp_path_factory, name, make)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (once(tmp_path_factory, name, make) / "a").exists()
    assert len(made) == 1
