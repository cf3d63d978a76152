"""The package as a wheel brings it: without the project around it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bnreport.records.provenance import find_root, project_above
from tests.shared import HALF_WRITTEN
from tests.synthetic import ROOT


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """A folder such as site-packages, which holds the package and nothing else of the project."""
    folder = tmp_path / "site-packages"
    shutil.copytree(ROOT / "bnreport", folder / "bnreport", ignore=HALF_WRITTEN)
    return folder


def call(installed: Path, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-P", "-m", "bnreport", *words],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(installed), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


def files(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*"))


@pytest.mark.slow
def test_a_checkout_above_the_working_folder_is_found(installed: Path, tmp_path: Path) -> None:
    project = tmp_path / "project"
    (project / "results" / "quick").mkdir(parents=True)
    (project / "docs" / "studies").mkdir(parents=True)
    shutil.copy(ROOT / "mkdocs.yml", project)
    for name in ("toy.jsonl", "toy.verified.json", "code.json"):
        shutil.copy(ROOT / "results" / name, project / "results")
    before = files(installed)
    done = call(installed, project / "docs" / "studies", "status")
    assert done.returncode == 0, done.stderr
    toy = next(line for line in done.stdout.splitlines() if line.startswith("toy:"))
    assert "; 0 of" not in toy
    assert " 0 missing" in toy
    assert files(installed) == before


@pytest.mark.slow
@pytest.mark.parametrize("words", [["status"], ["run", "toy"], ["build", "--records"]])
def test_without_a_checkout_a_command_says_that_it_needs_one(
    installed: Path, tmp_path: Path, words: list[str]
) -> None:
    (elsewhere := tmp_path / "elsewhere").mkdir()
    before = files(installed)
    done = call(installed, elsewhere, *words)
    assert done.returncode == 2
    assert done.stderr == (
        "Expected a checkout of bnreport, a folder with mkdocs.yml and results/, here or above. "
        f"Received: {elsewhere}. Clone the repository and run this there.\n"
    )
    assert files(installed) == before
    assert not files(elsewhere)


def test_a_package_in_a_checkout_works_in_that_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert find_root(ROOT) == ROOT
    assert find_root(tmp_path / "site-packages") == tmp_path
    monkeypatch.chdir(ROOT / "docs")
    assert find_root(tmp_path / "site-packages") == ROOT
    assert project_above(tmp_path) is None
