"""The digest of the code follows what the code does, not how it looks."""

import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from bnreport import provenance

ROOT = Path(__file__).parents[1]
CODE = '''"""A module."""

import math


class Net:
    """A net."""

    size = 3


def half(x: float) -> float:
    """Half of it."""
    # Halved.
    return x / 2
'''


def digest(folder: Path, source: str) -> str:
    (folder / "toy").mkdir(exist_ok=True)
    (folder / "toy" / "code.py").write_text(source, encoding="utf-8")
    return provenance.code_digest(["toy.code"], folder)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("# Halved.", "# Cut into two."),
        ("    # Halved.\n", ""),
        ('"""Half of it."""', '"""A half.\n\n    At length.\n    """'),
        ('    """Half of it."""\n', ""),
        ('    """A net."""\n\n', ""),
        ('"""A module."""\n\n', ""),
        ("return x / 2", "return (\n        x\n        / 2\n    )"),
        ("\n\n\ndef", "\n\ndef"),
        ("x / 2", "x/2"),
    ],
)
def test_comments_docstrings_and_layout_do_not_change_the_digest(
    tmp_path: Path, old: str, new: str
) -> None:
    assert old in CODE
    assert digest(tmp_path, CODE.replace(old, new)) == digest(tmp_path, CODE)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("x / 2", "x / 3"),
        ("x / 2", "2 / x"),
        ("size = 3", "size = 3.0"),
        ("half", "halve"),
        ("import math", "import cmath"),
        ("-> float", "-> int"),
        ("    size = 3", '    size = 3\n    "not a docstring"'),
    ],
)
def test_code_changes_the_digest(tmp_path: Path, old: str, new: str) -> None:
    assert old in CODE
    assert digest(tmp_path, CODE.replace(old, new)) != digest(tmp_path, CODE)


def test_the_digest_depends_on_which_modules_there_are(tmp_path: Path) -> None:
    digest(tmp_path, CODE)
    (tmp_path / "toy" / "more.py").write_text(CODE)
    found = {
        provenance.code_digest(modules, tmp_path)
        for modules in ([], ["toy.code"], ["toy.more"], ["toy.code", "toy.more"])
    }
    assert len(found) == 4


def test_the_digest_is_the_same_wherever_the_checkout_lies(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "bnreport", tmp_path / "bnreport")
    modules = provenance.training_modules()
    assert provenance.code_digest(modules, tmp_path) == provenance.code_digest()


def test_the_training_code_is_what_training_runs_and_nothing_after_the_records() -> None:
    names = {module.removeprefix("bnreport.") for module in provenance.training_modules()}
    assert names >= {"backends", "data", "draws", "engine", "models", "timing", "trials"}
    assert not names & {
        *("judge", "statistics", "figures", "report", "pages", "site", "records", "study"),
        *("campaign", "pool", "worker", "provenance", "studies"),
    }


def test_an_import_of_a_new_module_makes_it_training_code(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "bnreport", tmp_path / "bnreport")
    (tmp_path / "bnreport" / "fresh.py").write_text("SIZE = 1\n")
    draws = tmp_path / "bnreport" / "draws.py"
    draws.write_text(draws.read_text() + "\nfrom bnreport.fresh import SIZE\n")
    done = subprocess.run(
        [sys.executable, "-c", "from bnreport.provenance import *; print(*training_modules())"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    expected = sorted([*provenance.training_modules(), "bnreport.fresh"])
    assert done.stdout.split() == expected


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with one commit that holds `code.py` and `results/a.jsonl`."""
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_NAME", "a test")
        monkeypatch.setenv(f"GIT_{role}_EMAIL", "test@example.org")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    (tmp_path / "results").mkdir()
    (tmp_path / "code.py").write_text("a = 1\n")
    (tmp_path / "results" / "a.jsonl").write_text("{}\n")
    for words in (["init", "--quiet"], ["add", "."], ["commit", "--quiet", "-m", "All"]):
        subprocess.run(["git", *words], cwd=tmp_path, check=True)
    return tmp_path


def test_a_clean_checkout_is_known_by_its_commit(checkout: Path) -> None:
    found, dirty = provenance.commit(checkout)
    head = subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=checkout, capture_output=True, text=True, check=True
    )
    assert (found, dirty) == (head.stdout.strip(), False)
    assert len(found) == 40


@pytest.mark.parametrize("name", ["code.py", "new.py", "docs/results/a.md"])
def test_a_changed_or_new_file_makes_a_checkout_dirty(checkout: Path, name: str) -> None:
    (checkout / name).parent.mkdir(parents=True, exist_ok=True)
    (checkout / name).write_text("a = 2\n")
    assert provenance.commit(checkout)[1]


@pytest.mark.parametrize("name", ["results/a.jsonl", "results/new.jsonl", "results/quick/a.jsonl"])
def test_records_do_not_make_a_checkout_dirty(checkout: Path, name: str) -> None:
    (checkout / name).parent.mkdir(parents=True, exist_ok=True)
    (checkout / name).write_text("changed\n")
    assert not provenance.commit(checkout)[1]


def test_outside_a_checkout_the_commit_is_unknown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert provenance.commit(tmp_path) == ("unknown", True)


def test_an_archive_inside_another_checkout_does_not_take_its_commit(checkout: Path) -> None:
    archive = checkout / "bnreport-main"
    archive.mkdir()
    assert provenance.commit(archive) == ("unknown", True)
    link = checkout.with_name("a link")
    link.symlink_to(checkout)
    assert provenance.commit(link) == provenance.commit(checkout)
    assert provenance.commit(link)[0] != "unknown"


def test_without_git_the_commit_is_unknown(
    checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    assert provenance.commit(checkout) == ("unknown", True)


def test_versions_are_those_that_are_installed() -> None:
    assert provenance.versions(["numpy"]) == {
        "python": platform.python_version(),
        "numpy": np.__version__,
    }


def test_the_processor_has_a_name_and_cores() -> None:
    name, cores = provenance.processor().rsplit(", ", 1)
    assert name
    assert cores == f"{os.cpu_count()} cores"


def test_the_text_of_a_syntax_tree_is_the_same_on_every_python() -> None:
    # Later versions add fields to the tree, and print fewer empty ones.
    found = provenance.syntax("def f(a=None):\n    return f'{a}b' 'c'\n")
    assert found == (
        "Module(body=[FunctionDef(name='f',args=arguments(args=[arg(arg='a')],"
        "defaults=[Constant()]),body=[Return(value=JoinedStr(values=[FormattedValue("
        "value=Name(id='a',ctx=Load()),conversion=-1),Constant(value='bc')]))])])"
    )


def test_a_gpu_is_found_by_its_driver_and_hidden_by_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    assert provenance.gpu(tmp_path) is None
    card = tmp_path / "gpus" / "0000:01:00.0" / "information"
    card.parent.mkdir(parents=True)
    card.write_text("Model: \t\t NVIDIA H100 80GB HBM3\nIRQ:   16\n")
    assert provenance.gpu(tmp_path) == "NVIDIA H100 80GB HBM3"
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "-1")
    assert provenance.gpu(tmp_path) is None
