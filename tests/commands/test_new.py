"""A skeleton of a study is a study that works, and the guide's example of one does what it says."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from bnreport.analysis.display import outcomes
from bnreport.analysis.soundness import mistakes
from bnreport.analysis.study import Study
from bnreport.commands import new
from bnreport.errors import BnreportError
from bnreport.protocol.nets import Net
from bnreport.protocol.trials import Trial
from bnreport.records.layout import Layout
from tests import synthetic
from tests.processes import one_core, path_of
from tests.shared import HALF_WRITTEN
from tests.synthetic import ROOT

GUIDE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
SECTION = GUIDE.partition("## Add a study\n")[2].partition("\n## ")[0]
# One of each kind of value, of nets and of trials; the longest names.
VARIED = [
    new.VARIED,
    "epsilon=1e-5,1e-3",
    "normalizer=layer,batch",
    "normalized_inputs=True,False",
    "start=unit variance,drawn",
    "initializer=GlorotUniform,HeNormal",
    "images=5000,50000",
    "order=fixed batches,fresh",
]


def written(root: Path, vary: str = new.VARIED) -> list[Path]:
    return new.write(Layout(root), "fresh", vary=vary)


def study_in(path: Path) -> Study:
    """The study that a file defines."""
    names: dict[str, Any] = {}
    exec(compile(path.read_text(encoding="utf-8"), path, "exec"), names)
    assert isinstance(names["STUDY"], Study)
    return names["STUDY"]


def differing(one: BaseModel, other: BaseModel) -> list[str]:
    """The fields in which two trials differ, or two nets, but for the name and the net itself."""
    names = set(type(one).model_fields) - {"name", "net"}
    return [name for name in names if getattr(one, name) != getattr(other, name)]


@pytest.mark.parametrize("vary", VARIED)
def test_a_skeleton_is_a_sound_study_of_two_nets_that_differ_in_one_field(
    vary: str, tmp_path: Path
) -> None:
    file, page, _ = written(tmp_path, vary)
    study = study_in(file)
    assert list(mistakes(study)) == []
    assert study.announced
    assert (tmp_path / "docs" / study.page) == page
    first, second = (runs.trial for runs in study.runs)
    assert isinstance(first, Trial)
    assert isinstance(second, Trial)
    assert isinstance(first.net, Net)
    assert isinstance(second.net, Net)
    assert differing(first, second) + differing(first.net, second.net) == [vary.partition("=")[0]]
    assert all(runs.quick for runs in study.runs)
    (claim,) = study.claims
    text = page.read_text(encoding="utf-8")
    assert all(text.count(f"  {key}=") == 2 for key in outcomes(claim))


@pytest.mark.parametrize("vary", VARIED)
def test_a_skeleton_is_written_as_the_style_asks(vary: str, tmp_path: Path) -> None:
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    files = [path for path in written(tmp_path, vary) if path.suffix == ".py"]
    # The packages that they import are not here.
    ours = "lint.isort.known-first-party=['bnreport', 'tests']"
    for words in (["check", "--config", ours], ["format", "--diff"]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *words, "--no-cache", *files],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ({"name": "Fresh"}, "small letters.*'Fresh'.*Use one such as"),
        ({"name": "2fresh"}, "begins with a letter.*'2fresh'"),
        ({"name": "so-fresh"}, "small letters.*'so-fresh'"),
        ({"name": "class"}, "no word of Python.*'class'"),
        ({"name": "speed"}, "that is free.*'speed', which the study speed has.*Use another"),
        ({"name": "old"}, r"that is free.*'old', which .*docs/studies/old\.md has"),
        ({"name": "lost"}, r"that is free.*'lost', which .*results/lost\.jsonl has"),
        ({"name": "chosen"}, r"that is free.*'chosen', which .*studies/__init__\.py has"),
        ({"name": "second"}, r"that is free.*'second', which .*studies/__init__\.py has"),
        ({"vary": "speed=1,2"}, "field of a net.*'speed'.*Use one of: hidden.*momentum"),
        ({"vary": "epochs=1,2"}, "field of a net.*'epochs'"),
        ({"vary": "momentum=0.9"}, "two different values of momentum.*'0.9'.*Write --vary"),
        ({"vary": "momentum=0.9,0.9"}, "two different values of momentum"),
        ({"vary": "momentum=0.9,2"}, "a value that momentum can have.*2.*less than 1"),
        ({"vary": "placement=before,beside"}, "a value that placement can have.*'beside'"),
        ({"question": "Why not"}, "Expected a question.*'Why not'.*question mark"),
        ({"question": "Why" * 30 + "?"}, "a question of at most 76 letters"),
        ({"title": 'A "word"'}, "a title of at most.*without quotation marks"),
    ],
)
def test_what_fits_no_study_is_refused_and_nothing_is_written(
    words: dict[str, str], told: str, tmp_path: Path
) -> None:
    for path in ("docs/studies/old.md", "results/lost.jsonl"):
        (tmp_path / path).parent.mkdir(parents=True)
        (tmp_path / path).touch()
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(BnreportError, match=told):
        new.write(Layout(tmp_path), **{"name": "fresh"} | words)
    assert sorted(tmp_path.rglob("*")) == before


def test_nothing_half_written_stays(tmp_path: Path) -> None:
    # There is no place for the test, the last of the files.
    (tmp_path / "tests").touch()
    with pytest.raises(NotADirectoryError):
        written(tmp_path)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [tmp_path / "tests"]


def blocks(language: str) -> list[str]:
    """The blocks of the guide's section in a language."""
    return re.findall(rf"```{language}\n(.*?)```", SECTION, re.DOTALL)


def changed(text: str, hunks: str) -> str:
    """A text after changes that are shown line by line."""
    for hunk in hunks.split("@@\n"):
        lines = [(line[:1], line[1:]) for line in hunk.splitlines(keepends=True)]
        old = "".join(line for mark, line in lines if mark != "+")
        assert text.count(old) == 1, old
        text = text.replace(old, "".join(line for mark, line in lines if mark != "-"))
    return text


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of the checkout, with its tests and its guide, in which most studies wait."""
    folder = synthetic.checkout(tmp_path / "checkout")
    for path in ROOT.iterdir():
        if path.is_dir() and path.name in {"tests", "scripts", "requirements", ".ci", ".github"}:
            shutil.copytree(path, folder / path.name, ignore=HALF_WRITTEN)
        elif path.is_file():
            shutil.copy(path, folder)
    return folder


@pytest.mark.train
def test_the_example_of_the_guide_becomes_a_study_that_passes_its_tests(checkout: Path) -> None:
    def call(*words: str) -> str:
        with one_core():
            done = subprocess.run(
                [sys.executable, "-m", *words],
                cwd=checkout,
                env=os.environ | {"PYTHONPATH": path_of(checkout), "TF_CPP_MIN_LOG_LEVEL": "3"},
                capture_output=True,
                text=True,
                check=False,
            )
        assert done.returncode == 0, done.stdout + done.stderr
        return " ".join(done.stdout.split())

    begin, try_ = (block.splitlines() for block in blocks("sh"))
    for command in begin:
        call(*_words(command))
    for block in blocks("diff"):
        name, hunks = block.split("\n", maxsplit=1)
        file = checkout / name.removeprefix("--- ")
        text = changed(file.read_text(encoding="utf-8"), hunks)
        assert "o fill in" not in text
        file.write_text(text, encoding="utf-8")
    said = [call(*_words(command)) for command in try_]
    assert "Trained 6 of 6 runs of epsilon" in said[0]
    assert "Every name that they use is there." in said[1]
    for name in ("directions", "study_pages", "imports_of_studies", "epsilon"):
        assert re.search(rf"test_{name}\.py::\S+ PASSED", said[2]), said[2]
    assert not list((checkout / "results").rglob("epsilon*"))


def _words(command: str) -> list[str]:
    """A command of the guide, as a module of Python and its words."""
    first, *rest = shlex.split(command)
    if first == "scripts/test":
        return ["pytest", "-v", "-p", "no:cacheprovider", "-m", "not train and not browser", *rest]
    return [first, *rest]
