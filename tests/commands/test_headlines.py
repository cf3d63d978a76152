"""`bnreport run headlines --data`: what it asks, says and writes; and, trained, that it is so."""

import errno
import io
import os
import re
import signal
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from functools import cache, partial
from html import unescape
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from rich.console import Console

from bnreport.commands import headlines
from bnreport.commands.project import Project
from bnreport.commands.training_commands import run
from bnreport.errors import DataError, RecordError, TrainingError
from bnreport.protocol.trials import Identity
from bnreport.randomness import generator
from bnreport.records import store
from bnreport.records.code import executed
from bnreport.records.code.executed import run_digest
from bnreport.records.collection import Records, by_trial
from bnreport.records.layout import Layout
from bnreport.records.record import Record
from bnreport.records.writing import Writer
from bnreport.running import local
from bnreport.running.desk import Group
from bnreport.running.own_data import OwnDesk, identities, seconds
from bnreport.running.progress import Progress
from bnreport.studies import all_studies
from bnreport.studies.datasets import own
from bnreport.training.own_arrays import Own, read
from tests import fabricated, synthetic
from tests.synthetic import ROOT

# What each arm reaches by fresh statistics.
FRESH = "end_fresh_val_accuracy"
REACHED = {"raw": 0.80, "std": 0.90, "bn": 0.899, "ln": 0.86}
BEST = {"raw": 0.1, "std": 0.1, "bn": 0.3, "ln": 0.03}


PROJECT = Project(Layout(ROOT))


@pytest.fixture(scope="module", autouse=True)
def ours() -> Iterator[None]:
    """Have what no call changes looked up once for all: our own verdicts, and the code on disk."""
    once = cache(partial(headlines.published, PROJECT))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(headlines, "published", lambda _: once())
        patch.setattr(executed, "today", cache(executed.today))
        yield


def arrays(folder: Path, examples: int = 600) -> Path:
    rng = generator(3, "synthetic features")
    labels = rng.integers(0, 4, examples)
    x = rng.normal(size=(examples, 12)) * 3 + 10 + np.eye(4, 12)[labels] * 6
    np.savez(path := folder / "<b>mine.npz", x=x, y=labels)
    return path


class Made:
    """Stands in for the desk: its runs reach what they are said to."""

    def __init__(self, _: Own) -> None:
        """Need no examples."""

    def train(self, runs: Sequence[Identity], _: Progress) -> Iterator[Record]:
        """Records as the desk gives them."""
        code = executed.today()
        for asked in runs:
            yield self._record(asked, code)

    def close(self) -> None:
        """Nothing to end."""

    def _record(self, run_: Identity, today: Mapping[str, str]) -> Record:
        recipe, seed = run_.trial, run_.seed
        code = run_digest(today, recipe)
        origin = synthetic.made(all_studies()["datasets"], recipe, seconds=1.5, code=code)
        made = fabricated.record_of(run_, origin)
        arm = recipe.name.split("-")[1]
        off = 0.0 if recipe.name.endswith(("best", f"-{BEST[arm]:g}")) else 0.05
        if "timed" in recipe.name:
            return made
        accuracy = REACHED[arm] - off + 0.001 * generator(seed, recipe.name).normal()
        lag = 0.02 if recipe.name.endswith("constant") else 0.0
        given = {
            "end_fresh_val_accuracy": (accuracy,),
            "end_deployed_val_accuracy": (accuracy - lag,),
        }
        return made.model_copy(update={"checks": {**made.checks, **given}})


def silent() -> Progress:
    return Progress(Console(file=io.StringIO()), 1, 1)


def call(*arguments: object, fails: bool = False) -> Result:
    result = CliRunner().invoke(run, [*map(str, arguments)], obj=PROJECT)
    assert bool(result.exception) is fails, (result.output, result.exception)
    return result


def test_the_page_says_what_was_found_and_whose_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(headlines, "OwnDesk", Made)
    out = tmp_path / "page"
    said = call("headlines", "--data", arrays(tmp_path), "--out", out).output
    assert "<b>mine.npz: 600 examples of 12 numbers, in 4 classes." in said
    runs, steps = own.count(480)
    assert runs == 4 * 4 * 2 + 5 * 12
    assert steps == runs * 8 * 15
    assert f"{runs} runs, {steps:,} steps in all: about" in said
    assert (
        "supported (at least the margin): After 8 epochs of 480 examples of yours, BN is m" in said
    )
    assert "supported: After 8 epochs of 480 examples of yours, BN is as accurate as stand" in said
    assert "not supported: After 8 epochs of 480 examples of yours, layer normalization" in said
    text = (out / "index.html").read_text(encoding="utf-8")
    assert "Yours, not ours." in text
    assert "<b>" not in text
    assert "Do the headlines hold on &lt;b&gt;mine.npz?" in text
    assert not re.search(r"""(src|href)=(?!"#)|url\((?!['"]?#)|<script""", text)
    words = unescape(re.sub(r"<[^>]+>", " ", text.partition("<body>")[2]))
    assert "SHA-256 of the file" in words
    # The rates that reached the most, and four verdicts beside ours.
    rates = dict(re.findall(r'<th scope="row">([^<]+)</th><td>([\d.]+)</td>', text))
    assert rates == {
        "inputs as they are": "0.1", "standardized inputs": "0.1", "BN": "0.3",
        "layer normalization": "0.03",
    }  # fmt: skip
    assert text.count('class="verdict ') == 8
    assert "<svg" in text
    assert len(lines(out)) == runs
    assert all('"study":"own"' in line for line in lines(out))


class Cut(Made):
    """Is interrupted once so many runs are trained."""

    left = 0

    def train(self, runs: Sequence[Identity], progress: Progress) -> Iterator[Record]:
        """Records, until Ctrl-C."""
        for record in super().train(runs, progress):
            timed = "timed" in record.identity.trial.name
            if not timed and not Cut.left:
                raise KeyboardInterrupt
            Cut.left -= not timed
            yield record


class Idle:
    """Stands in for the desk where nothing may be trained."""

    def __init__(self, _: Own) -> None:
        raise AssertionError("a worker, where nothing may be trained")


def lines(out: Path) -> list[str]:
    return (out / "runs.jsonl").read_text(encoding="utf-8").splitlines()


# More runs than tune, and fewer.
@pytest.mark.slow
@pytest.mark.parametrize("left", [20, 40])
def test_a_call_that_is_interrupted_keeps_its_runs_and_the_next_goes_on(
    left: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine, out = arrays(tmp_path), tmp_path / "page"
    monkeypatch.setattr(headlines, "OwnDesk", Cut)
    monkeypatch.setattr(Cut, "left", left)
    call("headlines", "--data", mine, "--out", out, fails=True)
    kept = lines(out)
    assert len(kept) == left
    assert all('"digest":"' in line for line in kept)
    assert not (out / "index.html").exists()
    monkeypatch.setattr(headlines, "OwnDesk", Made)
    said = call("headlines", "--data", mine, "--out", out).output
    assert f"{92 - left} runs, {(92 - left) * 120:,} steps in all" in said
    assert f"Recorded already: {left} runs." in said
    assert {*kept} <= {*lines(out)}
    assert len(lines(out)) == 92
    call("headlines", "--data", mine, "--out", tmp_path / "whole")
    page = (out / "index.html").read_bytes()
    assert page == (tmp_path / "whole" / "index.html").read_bytes()
    monkeypatch.setattr(headlines, "OwnDesk", Idle)
    (out / "index.html").unlink()
    assert "Nothing to train" in call("headlines", "--data", mine, "--out", out).output
    assert page == (out / "index.html").read_bytes()
    assert {path.name for path in out.iterdir()} == {"index.html", "runs.jsonl", "runs.lock"}


@pytest.mark.slow
def test_runs_of_other_data_stay_and_count_for_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(headlines, "OwnDesk", Made)
    out, alone = tmp_path / "page", tmp_path / "alone"
    call("headlines", "--data", arrays(tmp_path), "--out", out)
    before = lines(out)
    other = arrays(tmp_path, examples=700)
    said = call("headlines", "--data", other, "--out", out).output
    assert f"{out / 'runs.jsonl'} also holds 92 runs of other data or settings. They stay" in said
    assert {*before} <= {*lines(out)}
    assert len(lines(out)) == 184
    call("headlines", "--data", other, "--out", alone)
    assert (out / "index.html").read_bytes() == (alone / "index.html").read_bytes()


def test_runs_at_other_settings_stay_and_count_for_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(headlines, "OwnDesk", Made)
    mine, out = arrays(tmp_path), tmp_path / "page"
    with monkeypatch.context() as former:
        former.setattr(own, "LAG_RATE", 0.2)
        call("headlines", "--data", mine, "--out", out)
    said = call("headlines", "--data", mine, "--out", out).output
    assert "also holds 12 runs of other data or settings" in said
    assert "12 runs, 1,440 steps in all" in said
    assert len(lines(out)) == 104


@pytest.mark.slow
def test_runs_by_other_code_are_trained_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(headlines, "OwnDesk", Made)
    mine, out = arrays(tmp_path), tmp_path / "page"
    call("headlines", "--data", mine, "--out", out)
    made = lines(out)
    former = store.read(out / "runs.jsonl", print)
    (out / "runs.jsonl").unlink()
    with Writer(out / "runs.jsonl", print) as writer:
        for record in former.values():
            older = record.provenance.model_copy(update={"code": "older"})
            writer.add(record.model_copy(update={"provenance": older}))
    said = call("headlines", "--data", mine, "--out", out).output
    assert "holds 92 runs by other training code. What is needed of them is trained again" in said
    assert lines(out) == made


def test_damaged_runs_are_refused_by_their_line_before_anything_trains(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(headlines, "OwnDesk", Made)
    mine, out = arrays(tmp_path), tmp_path / "page"
    call("headlines", "--data", mine, "--out", out)
    damaged = lines(out)
    damaged[2] = damaged[2].replace('"seed":', '"seed":1', 1)
    (out / "runs.jsonl").write_text("\n".join(damaged) + "\n", encoding="utf-8")
    monkeypatch.setattr(headlines, "OwnDesk", Idle)
    error = call("headlines", "--data", mine, "--out", out, fails=True).exception
    assert isinstance(error, RecordError)
    assert f"{out / 'runs.jsonl'}, line 3" in str(error)
    assert lines(out) == damaged


@pytest.mark.parametrize("place", ["taken", "taken/further/down", "circle"])
def test_what_is_no_folder_is_refused_before_anything_trains(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(headlines, "OwnDesk", Idle)
    (tmp_path / "taken").touch()
    (tmp_path / "circle").symlink_to("circle")
    error = call("headlines", "--data", arrays(tmp_path), "--out", tmp_path / place, fails=True)
    told = str(error.exception)
    assert "Expected a folder into which the page and the runs can be written. Received: " in told
    assert told.endswith(". Name another with --out.")


def test_a_folder_that_takes_no_file_is_refused_before_anything_trains(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def deny(**_: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(headlines, "OwnDesk", Idle)
    monkeypatch.setattr(tempfile, "TemporaryFile", deny)
    error = call("headlines", "--data", arrays(tmp_path), "--out", tmp_path / "a", fails=True)
    assert isinstance(error.exception, DataError)
    assert f"{tmp_path / 'a'}: Permission denied. Name another" in str(error.exception)


@pytest.mark.parametrize(
    "arguments",
    [
        ("headlines",),
        ("headlines", "speed", "--data", "x.npz"),
        ("speed", "--data", "x.npz"),
        ("speed", "--out", "x"),
        ("headlines", "--data", "x.npz", "--rerun"),
        ("headlines", "--data", "x.npz", "--profile", "quick"),
        ("headlines", "--data", "x.npz", "--pilot", "50"),
    ],
)
def test_what_does_not_go_together_is_said(arguments: tuple[str, ...]) -> None:
    assert "bnreport run headlines --data FILE.npz" in call(*arguments, fails=True).output


@pytest.mark.parametrize("place", ["results", "docs/mine", "site", ".local", "."])
def test_a_page_of_theirs_never_lies_among_ours(tmp_path: Path, place: str) -> None:
    error = call("headlines", "--data", arrays(tmp_path), "--out", ROOT / place, fails=True)
    assert "would lie among ours" in str(error.exception)
    headlines.refuse_ours(PROJECT, ROOT / ".local" / "headlines" / "mine")


def test_each_claim_predicts_what_judges_it() -> None:
    for each in own.claims(480, 4):
        assert each.claim.decided == "interval"
        assert each.claim.known == "new"
    assert {each.claim.id for each in own.claims(480, 4)} == {
        "own-bn-raw", "own-bn-std", "own-ln", "own-lag",
    }  # fmt: skip


@pytest.mark.parametrize("classes", [2, 10])
def test_a_run_that_diverged_counts_as_chance_of_its_own_classes(
    tmp_path: Path, classes: int
) -> None:
    mine = read(arrays(tmp_path))
    wanted = identities(own.judged(480, dict.fromkeys(REACHED, 0.1)), mine.digest)
    records = Made(mine).train(wanted, silent())
    lost = [
        record.model_copy(update={"diverged": True, "checks": {}})
        if record.identity.trial.name == "own-raw-best"
        else record
        for record in records
    ]
    every = Records("full", by_trial({record.id: record for record in lost}))
    assert own.accuracies(every, classes)["raw"] == pytest.approx([100 / classes] * len(own.SEEDS))
    found = own.verdicts(every, 480, classes)[0]
    assert found.effect == pytest.approx(100 * REACHED["bn"] - 100 / classes, abs=0.2)


def test_the_time_is_what_compiles_and_what_each_run_and_each_step_costs() -> None:
    # Two programs compile in 5 and 4 seconds. A step costs 0.1 s and each run 2 s beside.
    lengths = [recipe.steps for recipe, _ in own.trial_runs(600, 10)[:6]]
    assert lengths == [10, 10, 50, 10, 10, 50]
    expected = seconds(lengths, [5, 3, 7, 4, 3, 7], 30, 200)
    assert expected == pytest.approx(9 + 30 * 2 + 200 * 0.1)


def killed(_: Group) -> list[str]:
    """What a worker does that the system ends, or a library that finds no memory."""
    os.kill(os.getpid(), signal.SIGKILL)
    return []


@pytest.mark.slow
def test_a_library_that_ends_its_process_ends_the_call_with_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local, "_perform_given", killed)
    mine = read(arrays(tmp_path))
    runs = identities(own.tuning(480), mine.digest)
    with (
        closing(OwnDesk(mine)) as desk,
        pytest.raises(TrainingError, match=r"raw-0\.03 seed .*: a worker process died"),
    ):
        list(desk.train(runs, silent()))


@pytest.mark.train
@pytest.mark.slow
def test_trained_standardizing_repairs_features_of_very_different_size(tmp_path: Path) -> None:
    pytest.importorskip("tensorflow")
    rng = generator(4, "features of very different size")
    labels = rng.integers(0, 4, 500)
    x = (rng.normal(size=(500, 8)) + 2 * np.eye(4, 8)[labels]) * np.logspace(0, 2, 8)
    np.savez(path := tmp_path / "sizes.npz", x=x, y=labels)
    mine, rates = read(path), dict.fromkeys(REACHED, 0.1)
    wanted = [pair for pair in own.judged(400, rates) if pair[1] == own.SEEDS[0]]
    with closing(OwnDesk(mine)) as desk:
        trained = [*desk.train(identities(wanted, mine.digest), silent())]
    records = {run_.identity.trial.name: run_ for run_ in trained}
    assert all(record.identity.data == mine.digest for record in trained)
    reached = {
        name: 0.1 if record.diverged else float(np.array(record.checks[FRESH], float).ravel()[-1])
        for name, record in records.items()
    }
    assert reached["own-std-best"] > 0.6
    assert reached["own-raw-best"] < reached["own-std-best"] - 0.15
