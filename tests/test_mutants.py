"""Faults are seeded where the list says, noticed where they should be, and never let through."""

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from bnreport.studies import all_editions
from tests import mutants
from tests.mutants import FAULTS, LEAST, ROOT, SHARED, Found, StaleError

LISTED = mutants.read_faults()
CLEAN = Found({"golden": False, "directions": False, "hand": False}, "as it is")
ARM = """
[by_hand]
all = ["tests/analysis/test_arms.py"]
[seen_in]
[[fault]]
what = "inputs swapped"
file = "bnreport/analysis/arms.py"
old = '_STD = {"inputs": "std"}'
new = '_STD = {"inputs": "raw"}'
"""
SPARED = """
[[fault]]
what = "another comment"
file = "bnreport/analysis/arms.py"
old = "# Pixels as they are"
new = "# As they are pixels"
"""


def run(folder: Path, text: str, *words: str) -> subprocess.CompletedProcess[str]:
    """What the command says of a list of faults."""
    path = folder / "faults.toml"
    path.write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "tests.mutants", "--faults", str(path), *words]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_every_fault_of_the_list_still_fits_the_package() -> None:
    mutants.check_list(LISTED)


def test_every_study_and_every_shared_module_has_enough_faults() -> None:
    counts = Counter(fault.group for fault in LISTED if fault.study and not fault.equal)
    # A study that is still being written has time until its claims are frozen.
    due = {name for name, study in all_editions().items() if not study.announced}
    assert {*due, *SHARED} <= set(counts) <= {*all_editions(), *SHARED}
    # Shared modules of one package are counted together.
    together = Counter(group.split("/")[0] for group in counts.elements())
    assert not [group for group, count in together.items() if count < LEAST]


def test_what_is_outside_of_the_studies_has_faults_that_its_own_tests_notice() -> None:
    outside = [fault for fault in LISTED if not fault.study]
    assert len(outside) >= 40
    assert all(fault.tests for fault in outside)


def test_no_fault_is_listed_twice() -> None:
    seeded = Counter((fault.file, fault.old, fault.new) for fault in LISTED)
    assert not [fault for fault, count in seeded.items() if count > 1]


@pytest.mark.slow
def test_a_fault_is_noticed_or_spared_and_fails_the_command_where_it_survives(
    tmp_path: Path,
) -> None:
    spared = SPARED + 'equal = "a comment is not run"'
    done = run(tmp_path, ARM + spared + SPARED.replace("another", "yet another"))
    lines = done.stdout.splitlines()
    assert done.returncode == 1, done.stdout + done.stderr
    (told,) = (line for line in lines if line.startswith("analysis/arms: inputs swapped"))
    # It is looked for in no study, so that the other nets are not asked.
    assert told.split()[-2:] == ["swapped", "caught"]
    assert any(line.endswith("a comment is not run") for line in lines)
    (told,) = (line for line in lines if line.startswith("analysis/arms: yet another comment"))
    assert told.endswith("SURVIVES")
    assert lines[-1].startswith("3 faults")
    assert lines[-1].endswith("1 caught by hand; 1 change nothing; 1 not held")
    assert "As they are pixels" not in (ROOT / "bnreport/analysis/arms.py").read_text(
        encoding="utf-8"
    )


@pytest.mark.slow
def test_directions_notice_a_fault_of_a_study(tmp_path: Path) -> None:
    text = FAULTS.read_text(encoding="utf-8")
    fault = next(f for f in LISTED if f.group == "speed" and f.what == "arms swapped")
    head = text[: text.index("[[fault]]")]
    listed = f"[[fault]]\nwhat = '{fault.what}'\nfile = '{fault.file}'\n"
    listed += f"old = '{fault.old}'\nnew = '{fault.new}'\n"
    done = run(tmp_path, head + listed, "speed")
    assert done.returncode == 0, done.stdout + done.stderr
    (told,) = (line for line in done.stdout.splitlines() if line.startswith("speed: "))
    assert told.split()[-3:] == ["caught", "caught", "caught"]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("def usual(*names", "def usual(*others", ""),
        ("def legs(", "def usual(", "Received: 0 times"),
        ("std", "raw", r"Received: [1-9]\d* times"),
        ("def usual(", "def usual(", "Received: the same text"),
    ],
)
def test_a_list_that_does_not_fit_is_refused(old: str, new: str, told: str, tmp_path: Path) -> None:
    path = tmp_path / "faults.toml"
    text = ARM.replace('_STD = {"inputs": "std"}', old).replace('_STD = {"inputs": "raw"}', new)
    path.write_text(text, encoding="utf-8")
    faults = mutants.read_faults(path)
    if not told:
        mutants.check_list(faults)
        return
    with pytest.raises(StaleError, match=told):
        mutants.check_list(faults)


@pytest.mark.parametrize(
    ("file", "group"),
    [
        ("studies/keras.py", "keras"),
        ("studies/second/keras.py", "keras.2"),
        ("studies/third/keras.py", "keras.3"),
        ("studies/residual/runs.py", "residual"),
        ("analysis/arms.py", "analysis/arms"),
    ],
)
def test_a_file_belongs_to_its_edition_of_a_study_or_is_shared(file: str, group: str) -> None:
    assert mutants.group_of(f"bnreport/{file}") == group


def test_a_group_without_faults_is_refused_by_name() -> None:
    with pytest.raises(StaleError, match=r"(?s)Expected.*arms.*Received: legs"):
        mutants.chosen(LISTED, ["legs"])


@pytest.mark.parametrize(
    ("found", "equal", "told"),
    [
        (Found({"golden": True, "directions": True, "hand": False}), "", ""),
        (Found({"golden": False, "directions": None, "hand": True}), "", ""),
        (Found(trouble="ended by 14"), "", ""),
        (Found({"golden": True, "directions": False, "hand": False}), "", "accepted claims alone"),
        (CLEAN, "", "SURVIVES"),
        (CLEAN, "it is a comment", ""),
        (Found(CLEAN.caught, "another table"), "it is a comment", "is noticed"),
        (Found({"hand": True}, "as it is"), "it is a comment", "is noticed"),
        (Found(trouble="ended by 14"), "it is a comment", "is noticed"),
    ],
)
def test_a_fault_must_be_noticed_by_what_nobody_may_accept_away(
    found: Found, equal: str, told: str
) -> None:
    fault = mutants.Fault("bnreport/analysis/arms.py", "a", "b", "a fault", "toy", (), equal=equal)
    complaint = mutants.complaint(fault, found, CLEAN)
    assert told in complaint
    assert bool(told) == bool(complaint)


@pytest.mark.slow
def test_a_package_that_fails_its_own_tests_is_not_asked_about_faults(tmp_path: Path) -> None:
    (tmp_path / "test_wrong.py").write_text("def test_it():\n    assert 0\n", encoding="utf-8")
    text = ARM.replace("tests/analysis/test_arms.py", str(tmp_path / "test_wrong.py"))
    done = run(tmp_path, text)
    assert done.returncode == 2
    assert "Expected the package as it is to pass" in done.stderr
