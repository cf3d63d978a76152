"""metrics.py computes the values again by formulas, and names what was altered or swapped."""

import ast
import json
import math
import re
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeAlias

import numpy as np
import pytest

from bnreport.analysis import metrics as ours
from bnreport.analysis import ranges
from bnreport.analysis.report import Report
from bnreport.analysis.study import Study
from bnreport.pages.data.formulas import formulas
from bnreport.pages.data.package import data_files
from bnreport.protocol.directions import Direction, Reading
from bnreport.studies import all_editions
from docs.downloads import metrics, verify
from tests import golden
from tests.synthetic import ROOT
from tests.verifiers import published
from tests.verifiers.published import alter_claim, alter_table

# A place of a setting among settings is no quantity of a run.
OWN = ["blocks-falls"]
READING = {"epoch", "step", "marks", "first", "rise", "at_loss", "fit"}
# What is done to the rows of a table.
Change: TypeAlias = Callable[[list[dict[str, str]]], None]


def told(folder: Path, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """What it says, but for its last line; it must say so by its status, too."""
    status = metrics.main([str(folder)])
    *lines, last = capsys.readouterr().out.splitlines()
    assert status == bool(lines)
    assert f"Differences: {len(lines)}." in last
    return lines


# All claims of the site.


@pytest.mark.slow
def test_the_values_of_every_claim_but_our_own_extractions_are_computed_again(
    tmp_path: Path,
) -> None:
    published.write(tmp_path, published.files())
    status, (line,) = published.run("metrics.py", tmp_path)
    claims = [
        claim for claim in json.loads(published.files()["claims.json"]) if claim["kind"] != "exact"
    ]
    assert line == (
        f"metrics: {len(claims) - len(OWN)} of {len(claims)} claims computed again from the runs. "
        f"Differences: 0. Our own extraction, without a formula: {', '.join(OWN)}."
    )
    assert status == 0


def calls(formula: str) -> Iterator[ast.Call]:
    """The verbs of a formula with what they are given."""
    for node in ast.walk(ast.parse(formula, mode="eval")):
        if isinstance(node, ast.Call):
            yield node


def verb_of(call: ast.Call) -> str:
    assert isinstance(call.func, ast.Name)
    return call.func.id


def test_the_language_has_fifteen_verbs_and_describes_each() -> None:
    used = {
        verb_of(call)
        for settings in formulas().values()
        for formula in settings.values()
        for call in calls(formula)
    }
    described = re.findall(r"^(\w+)\(|, (\w+)\(\.\.\.\)$", metrics.__doc__ or "", re.MULTILINE)
    assert used == {one or other for one, other in described}
    assert len(used) == 15


def names_read(formula: str) -> set[tuple[str, str]]:
    """The trials that a formula reads, each with what it reads of it."""
    read = set()
    for call in calls(formula):
        verb = verb_of(call)
        words = [a.value for a in call.args if isinstance(a, ast.Constant)]
        texts = [word for word in words if isinstance(word, str) and ":" not in word]
        if verb in {"first", "rise"}:
            read.add((texts[0], f"{texts[1]}_accuracy"))
        elif verb == "fit":
            read |= {(texts[1], metric) for metric in texts[2:]}
        elif verb in READING:
            read |= {(texts[0], name) for name in texts[1:]}
    return read


def test_a_formula_reads_what_its_claim_says_in_words() -> None:
    # Directions are said from the words of a claim, for tests, and not from what judges it.
    others = {}
    for study in all_editions().values():
        for claim, said in study.directions.items():
            for setting, formula in formulas().get(claim, {}).items():
                directions = [said] if isinstance(said, Direction) else said.values()
                if isinstance(said, dict) and setting in said:
                    directions = [said[setting]]
                wanted = {_named(reading) for each in directions for reading in each.readings}
                if names_read(formula) != wanted:
                    others[claim, setting] = names_read(formula) ^ wanted
    assert not others


def _named(reading: Reading) -> tuple[str, str]:
    return reading.trial, reading.quantity.name


def test_every_formula_belongs_to_a_claim_and_a_setting() -> None:
    claims = {c.id: c for study in all_editions().values() for c in study.claims}
    for claim, settings in formulas().items():
        assert {*settings} == {*(claims[claim].settings or ("",))}, claim


# What it must notice.

SWAPPED = {
    "placement": (
        'gain("relu-before", "relu-after", EPOCHS)',
        'gain("relu-after", "relu-before", EPOCHS)',
    ),
    "speed": ('by=sooner("bn-same", "raw-same"', 'by=sooner("raw-same", "bn-same"'),
    "regularization": (
        'matched(f"bn-{n}") - matched(f"{other}-{n}")',
        'matched(f"{other}-{n}") - matched(f"bn-{n}")',
    ),
}


def altered(name: str, old: str, new: str) -> Study:
    """A study whose code has one text in the place of another."""
    path = ROOT / "bnreport" / "studies" / f"{name}.py"
    source = path.read_text(encoding="utf-8")
    assert source.count(old) == 1
    module = types.ModuleType(f"bnreport.studies.{name}")
    module.__dict__.update(__file__=str(path), __package__="bnreport.studies")
    exec(compile(source.replace(old, new), str(path), "exec"), module.__dict__)
    study: Study = module.__dict__["STUDY"]
    return study


@pytest.mark.slow
@pytest.mark.parametrize("name", SWAPPED)
def test_two_arms_that_a_study_swaps_in_its_code_are_noticed(
    name: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    whole = published.write(tmp_path, published.of_study(name))
    assert not told(whole, capsys)
    monkeypatch.setattr(golden, "all_editions", lambda: {name: altered(name, *SWAPPED[name])})
    swapped = golden.judged(name)
    texts = data_files(Report("full", {name: swapped}, None))
    folder = published.write(
        tmp_path, {path.removeprefix("data/"): text for path, text in texts.items()}
    )
    lines = told(folder, capsys)
    named = {line.partition(":")[0].partition(",")[0] for line in lines}
    assert named
    assert all(claim.startswith(f"{name}-") for claim in named)
    # What is published of a swapped study is one with itself.
    assert not verify.main([str(folder)])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The data of a small study, as a site has them."""
    return published.write(tmp_path, published.of_study("memorization"))


@pytest.fixture
def said(folder: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., list[str]]:
    """A function that says what it says of these data, after a change of a table, sealed anew."""

    def say(table: str = "", change: Change | None = None, *, sealed: bool = False) -> list[str]:
        if change:
            alter_table(folder, table, change)
        if sealed:
            published.seal(folder)
        return told(folder, capsys)

    return say


def digit(rows: list[dict[str, str]]) -> None:
    row = next(row for row in rows if row["claim"] == "memorization-bn")
    row["value"] = f"9{row['value']}"


def seed(rows: list[dict[str, str]]) -> None:
    next(row for row in rows if row["claim"] == "memorization-bn")["seed"] = "101"


def pair(rows: list[dict[str, str]]) -> None:
    rows.remove([row for row in rows if row["claim"] == "memorization-bn"][-1])


def measured(rows: list[dict[str, str]]) -> None:
    for row in rows:
        row["accuracy"] = "0.25"


@pytest.mark.parametrize(
    ("table", "change", "words"),
    [
        ("values.csv", digit, "memorization-bn: pair 1: values.csv has 9"),
        ("values.csv", seed, "memorization-bn: pair 1: values.csv has seed 101, not 100"),
        ("values.csv", pair, "memorization-bn: values.csv has 11 pairs, its formula gives 12"),
        ("memorization.csv", measured, "memorization-bn: pair 1: values.csv has"),
    ],
)
def test_a_number_that_was_altered_is_named(
    table: str, change: Change, words: str, said: Callable[..., list[str]]
) -> None:
    assert said() == []
    assert any(line.startswith(words) for line in said(table, change))


def every(column: str, text: str) -> Change:
    def change(rows: list[dict[str, str]]) -> None:
        for row in rows:
            row[column] = text

    return change


def first(column: str, text: str) -> Change:
    return lambda rows: rows[0].update({column: text})


def again(rows: list[dict[str, str]]) -> None:
    rows += [dict(row) for row in rows]


def swapped(column: str) -> Change:
    def change(rows: list[dict[str, str]]) -> None:
        one, other = rows[0], next(row for row in rows if row[column] != rows[0][column])
        one[column], other[column] = other[column], one[column]

    return change


def renamed(rows: list[dict[str, str]]) -> None:
    for row in rows:
        row["net"] = row["net"].replace("baseline", "nobody")


def ghosts(rows: list[dict[str, str]]) -> None:
    rows += [row | {"run": row["run"][::-1]} for row in rows]


@pytest.mark.parametrize(
    ("table", "change", "words"),
    [
        ("memorization.csv", swapped("trial"), "line 2: trial is not as in runs.csv"),
        ("memorization.csv", swapped("seed"), "line 2: seed is not as in runs.csv"),
        ("memorization.csv", every("diverged", "1"), "line 2: diverged is not as in runs.csv"),
        ("memorization.csv", every("epoch", "1"), "line 3: epoch 1 in place of 2"),
        ("memorization.csv", first("accuracy", "1_0"), "accuracy is '1_0', and no number"),
        ("memorization.csv", again, ": epoch 1 in place of 11"),
        ("memorization.measures.csv", again, ": position  in place of 1"),
        ("memorization.measures.csv", first("step", "x"), "line 2: step is 'x', and no number"),
        ("memorization.measures.csv", first("value", "x"), "line 2: value is 'x', and no number"),
        ("memorization.measures.csv", first("position", "3"), "line 2: position 3 in place of 0"),
        ("runs.csv", again, "stands there twice"),
        ("runs.csv", ghosts, "has two runs at seed 100"),
        ("runs.csv", first("tuning", "no"), "line 2: tuning is 'no', and not 0 or 1"),
        ("runs.csv", first("seed", "x"), "line 2: seed is 'x', and no number"),
        ("runs.csv", every("epochs", "11"), "memorization.csv: 10 epochs of accuracy of bn-fixed"),
        ("checks.csv", every("steps", '{"a": 1}'), 'line 2: steps are {"a": 1}'),
        ("checks.csv", every("steps", "[]"), "line 2: steps are []"),
        ("values.csv", every("seed", ""), "memorization-bn: pair 1: values.csv has seed , not 100"),
        ("values.csv", every("pair", "1"), "line 3: pair 1 in place of 2"),
    ],
)
def test_a_table_whose_rows_were_altered_is_told_with_their_line(
    table: str, change: Change, words: str, said: Callable[..., list[str]]
) -> None:
    lines = said(table, change, sealed=True)
    assert any(words in line for line in lines), lines


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (again, "epoch 1 in place of 9"),
        (first("value", "x"), "line 2: value is 'x', and no number"),
        (lambda rows: rows.remove(rows[-1]) or rows.remove(rows[0]), "in place of 1"),
        (renamed, "printed.csv: of baseline there are so many epochs"),
    ],
)
def test_a_print_that_was_altered_is_told(
    change: Change,
    words: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    folder = published.write(tmp_path, published.of_study("notebook"))
    alter_table(folder, "printed.csv", change)
    published.seal(folder)
    lines = told(folder, capsys)
    assert any(words in line for line in lines), lines


@pytest.mark.parametrize("name", ["memorization.csv", "memorization.measures.csv", "checks.csv"])
def test_a_file_that_is_missing_is_named(
    name: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "data" / name).unlink()
    lines = told(folder, capsys)
    assert any(line.endswith(f"cannot be computed: {name}: the file is missing") for line in lines)


@pytest.mark.parametrize("seeds", ["100-99999999999", f"1-{'9' * 5000}"])
def test_more_seeds_than_there_are_take_no_memory(
    seeds: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    alter_claim(folder, "memorization-bn", seeds=seeds)
    assert any("memorization-bn: cannot be computed" in line for line in told(folder, capsys))


def test_more_marks_than_there_are_take_no_memory(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "data" / "memorization.jsonl").write_text(
        '{"id":"a","scores":[{"epoch":1,"val_correct":"AA==","val_images":99999999999}]}\n'
    )
    alter_claim(folder, "memorization-bn", formula='mean(marks("bn-fresh", "val", 1))')
    (line,) = (line for line in told(folder, capsys) if line.startswith("memorization-bn"))
    assert "memorization.jsonl: cannot be read: marks of 8 images, not of 99999999999" in line


@pytest.mark.parametrize("name", ["claims.json", "values.csv", "runs.csv"])
def test_without_a_file_that_every_claim_needs_it_ends(
    name: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "data" / name).unlink()
    assert metrics.main([str(folder)]) == 1
    assert name in capsys.readouterr().out


@pytest.mark.parametrize(
    ("formula", "words"),
    [
        ('luck("bn-fresh")', "Expected numbers, + - * / and verbs"),
        ("__import__('os').getcwd()", "Expected numbers, + - * / and verbs"),
        ("2 **", "cannot be computed"),
        ("1 / 0", "cannot be computed: division by zero"),
        ("1e308 * 1e308 * log(0)", "cannot be computed"),
        ("[1] * 999999999999", "Expected two numbers"),
        ("'a' * 999999999999", "Expected two numbers"),
        (f"{'(' * 5000}1{')' * 5000}", "cannot be computed"),
        ("1 +\0 1", "cannot be computed"),
        ("mean(7)", "Expected what the verb mean takes. Received: mean(7)."),
        ("slope(7)", "Expected what the verb slope takes. Received: slope(7)."),
        ("width({}, 1)", "Expected what the verb width takes. Received: width({}, 1)."),
        ("log('a')", "Expected what the verb log takes. Received: log('a')."),
        ("epoch('bn-fresh')", "Expected what the verb epoch takes. Received: epoch('bn-fresh')."),
        ('epoch("bn-fresh", "accuracy", 99)', "Expected what the verb epoch takes."),
        (
            'step("bn-fresh", "mates_accuracy", 5)',
            "checks.csv: no step 5 of mates_accuracy",
        ),
        ("1", "Expected a number for each pair. Received: 1."),
        ("{1: 2}", "Expected numbers. Received: {1: 2}."),
        ("{[1]: 2}", "a value is missing, or of a kind that is wrong"),
        ("-'a'", "Expected a number. Received: -'a'."),
        (
            'epoch("bn-fresh", "accuracy") - epoch("bn-fresh", "accuracy", [1, 2])',
            "Expected as many on both sides.",
        ),
        ("width({1: 2}, 3)", "values.csv has"),
        ('epoch("nobody", "accuracy", 1)', "no run of nobody of memorization at seed 100"),
        ('step("bn-fresh", "nothing", 1)', "no check of bn-fresh of memorization finds nothing"),
        ('epoch("bn-fixed", "accuracy", 10)', "pair 1: values.csv has"),
    ],
)
def test_another_formula_differs_or_cannot_be_reckoned(
    formula: str, words: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    alter_claim(folder, "memorization-bn", formula=formula)
    lines = told(folder, capsys)
    assert any(line.startswith("memorization-bn:") and words in line for line in lines), lines


def test_marks_of_images_that_were_altered_are_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = published.write(tmp_path, published.of_study("alternatives"))
    assert not told(folder, capsys)
    alter_table(folder, "images.csv", lambda rows: rows[0].update(rest_square="9"))
    assert any("images.csv has rest_square 9" in line for line in told(folder, capsys))
    path = folder / "data" / "alternatives.jsonl"
    first, *rest = path.read_text(encoding="utf-8").splitlines()
    record = json.loads(first)
    for score in record["scores"]:
        score["test_correct"] = "A" * len(score["test_correct"].rstrip("=")) + "=="
    path.write_text("\n".join([json.dumps(record), *rest, ""]), encoding="utf-8")
    assert any("values.csv has" in line for line in told(folder, capsys))


def test_more_own_extractions_than_twenty_are_too_many(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    texts = dict(published.files())
    claims = json.loads(texts["claims.json"])
    some = [claim for claim in claims if claim["kind"] != "exact" and claim["formula"]][:21]
    for claim in some:
        claim["formula"] = None
    kept = {claim["id"] for claim in some}
    texts["claims.json"] = json.dumps([claim for claim in claims if claim["id"] in kept])
    texts["values.csv"] = published.rows_of(texts["values.csv"], "claim", kept)
    folder = published.write(tmp_path, {name: texts[name] for name in published.SHARED})
    assert told(folder, capsys) == ["claims.json: 21 claims have no formula, more than 20"]


# Its verbs, written apart, agree with what reads the records, on any numbers.


@pytest.mark.parametrize("salt", range(5))
def test_its_ranges_are_those_of_the_studies(salt: int) -> None:
    numbers = np.random.default_rng(salt).random((6, 12))
    grid = dict(zip((0.01, 0.03, 0.1, 0.3, 1.0, 3.0), numbers, strict=True))
    floor = np.random.default_rng(salt).random(12)
    np.testing.assert_allclose(metrics.width(grid, floor), ranges.width(grid, floor))
    np.testing.assert_allclose(metrics.highest(grid, 0.7), ranges.highest(grid, 0.7))
    np.testing.assert_allclose(metrics.own(grid), ranges.chosen_by_others(grid))
    np.testing.assert_allclose(metrics.largest(grid), ranges.peak(grid))


@pytest.mark.parametrize(
    ("verb", "study", "trial", "check", "theirs"),
    [
        ("first", "speed", "bn-same", "val", ours.steps_to),
        ("rise", "speed.2", "bn-same", "path_fresh_val", ours.passed),
    ],
)
def test_where_a_curve_arrives_is_where_the_studies_see_it(
    verb: str, study: str, trial: str, check: str, theirs: Callable[..., ours.Floats]
) -> None:
    records = golden.study_report(study).records.values()
    runs = sorted(
        (r for r in records if r.identity.trial.name == trial and r.identity.seed < 900),
        key=lambda r: r.identity.seed,
    )
    site = Texts(published.files())
    rows = [row for row in site.rows("runs.csv") if row["study"] == study]
    formula = metrics.Formula(metrics.Study(site, study, rows), [run.identity.seed for run in runs])
    for level in (0.7, 0.8, 0.85, 0.999):
        found = formula.compute(f'{verb}("{trial}", "{check}", {level})')
        np.testing.assert_allclose(found, theirs(runs, check, level))
    assert math.isinf(found[0])


class Texts(metrics.Site):
    """Published data that are no files."""

    def __init__(self, texts: dict[str, str]) -> None:
        """Take the texts by name."""
        self._root, self.names = "", {*texts}
        self._read = lambda name: texts[name].encode()


def test_a_loss_that_a_lost_run_never_reaches_leaves_it_at_chance(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Runs:
        def steps_of(self, *_: object) -> list[int]:
            return [1, 2]

        def run(self, _: str, seed: int) -> dict[str, str]:
            return {"diverged": str(int(seed == 100))}

    losses = np.array([[[2.0], [math.nan]], [[2.0], [1.5]]])
    monkeypatch.setattr(metrics.Formula, "_measured", lambda *_: losses)
    found = metrics.Formula(Runs(), [100, 101]).at_loss("a", "loss", "accuracy", 1.0)  # type: ignore[arg-type]
    assert found[0] == metrics.CHANCE
    assert math.isnan(found[1])


@pytest.mark.parametrize("epochs", [2, 4])
def test_a_run_counts_as_lost_from_the_epoch_in_which_it_diverged(epochs: int) -> None:
    table = (
        "run,trial,seed,net,diverged,epoch,val_accuracy,val_loss\n"
        "one,a,100,bn,1,1,0.8,0.5\n"
        "one,a,100,bn,1,2,0.6,\n"
    )
    run = {"run": "one", "trial": "a", "seed": "100", "tuning": "0", "diverged": "1"}
    row = metrics.Row({**run, "kind": "training", "epochs": str(epochs)}, 2)
    formula = metrics.Formula(metrics.Study(Texts({"s.csv": table}), "s", [row]), [100])
    lost = [metrics.CHANCE] * (epochs - 1)
    assert formula.compute('epoch("a", "val_accuracy")').tolist() == [[0.8, *lost]]
    assert formula.compute('epoch("a", "val_accuracy", 2)').tolist() == [metrics.CHANCE]
    losses = formula.compute('epoch("a", "val_loss")')
    np.testing.assert_array_equal(losses, [[0.5, *([math.nan] * len(lost))]])
