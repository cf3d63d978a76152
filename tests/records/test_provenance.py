"""What is written beside a run is what there is: the commit, the versions, the machine."""

import os
import platform
import subprocess
from pathlib import Path

import numpy as np
import pytest

from bnreport import machine
from bnreport.records import provenance
from bnreport.records.checkout import commit

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
        ("import math\n", "import math\nfrom bnreport.training.engine import train\n"),
    ],
)
def test_comments_docstrings_and_layout_do_not_change_the_syntax(old: str, new: str) -> None:
    assert old in CODE
    assert provenance.syntax(CODE.replace(old, new)) == provenance.syntax(CODE)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("x / 2", "x / 3"),
        ("x / 2", "2 / x"),
        ("size = 3", "size = 3.0"),
        ("half", "halve"),
        ("import math", "import cmath"),
        ("import math", "from math import sqrt"),
        ("-> float", "-> int"),
        ("    size = 3", '    size = 3\n    "not a docstring"'),
    ],
)
def test_code_changes_the_syntax(old: str, new: str) -> None:
    assert old in CODE
    assert provenance.syntax(CODE.replace(old, new)) != provenance.syntax(CODE)


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
    found, dirty = commit(checkout)
    head = subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=checkout, capture_output=True, text=True, check=True
    )
    assert (found, dirty) == (head.stdout.strip(), False)
    assert len(found) == 40


@pytest.mark.parametrize("name", ["code.py", "new.py", "docs/results/a.md"])
def test_a_changed_or_new_file_makes_a_checkout_dirty(checkout: Path, name: str) -> None:
    (checkout / name).parent.mkdir(parents=True, exist_ok=True)
    (checkout / name).write_text("a = 2\n")
    assert commit(checkout)[1]


@pytest.mark.parametrize("name", ["results/a.jsonl", "results/new.jsonl", "results/quick/a.jsonl"])
def test_records_do_not_make_a_checkout_dirty(checkout: Path, name: str) -> None:
    (checkout / name).parent.mkdir(parents=True, exist_ok=True)
    (checkout / name).write_text("changed\n")
    assert not commit(checkout)[1]


def test_outside_a_checkout_the_commit_is_unknown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert commit(tmp_path) == ("unknown", True)


def test_an_archive_inside_another_checkout_does_not_take_its_commit(checkout: Path) -> None:
    archive = checkout / "bnreport-main"
    archive.mkdir()
    assert commit(archive) == ("unknown", True)
    link = checkout.with_name("a link")
    link.symlink_to(checkout)
    assert commit(link) == commit(checkout)
    assert commit(link)[0] != "unknown"


def test_without_git_the_commit_is_unknown(
    checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    assert commit(checkout) == ("unknown", True)


def test_versions_are_those_that_are_installed() -> None:
    assert machine.versions(["numpy"]) == {
        "python": platform.python_version(),
        "numpy": np.__version__,
    }


def test_the_processor_has_a_name_and_cores() -> None:
    name, cores = machine.processor().rsplit(", ", 1)
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
    assert machine.gpu(tmp_path) is None
    card = tmp_path / "gpus" / "0000:01:00.0" / "information"
    card.parent.mkdir(parents=True)
    card.write_text("Model: \t\t NVIDIA H100 80GB HBM3\nIRQ:   16\n")
    assert machine.gpu(tmp_path) == "NVIDIA H100 80GB HBM3"
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "-1")
    assert machine.gpu(tmp_path) is None
