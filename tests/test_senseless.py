"""Records that fit the schema and make no sense end in an error that names them, never in numpy's.

One study stands for each kind of run, on its committed records; one run of it is edited.
"""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bnreport.analysis.report import report_study
from bnreport.errors import RecordError
from bnreport.records.limits import LARGEST
from bnreport.records.store import read
from bnreport.studies import all_studies
from tests.synthetic import code

RESULTS = Path(__file__).parents[1] / "results"
# With scores of images, with probes by layer, with scores as checks, and without nets.
KINDS = ("notebook", "gradients", "dropout", "cost", "toy", "keras", "performance")
# The run that is edited; the first one is what the others are compared with.
PLACE = 2
Run = dict[str, Any]
Edit = Callable[[Run], object]


def silent(_: str) -> None:
    raise AssertionError("a whole file is read without a notice")


def named(run: Run, name: str) -> bool:
    """Give a metric a second name."""
    run["history"][name] = next(iter(run["history"].values()), [])
    return True


def checks(run: Run, ending: str = "") -> list[str]:
    return [name for name in run.get("checks", {}) if name.endswith(ending)]


def put(fields: Run, **changes: Any) -> bool:
    fields.update(changes)
    return True


def fill(run: Run, value: float | None, ending: str = "") -> bool:
    """Set every number of the metrics with that ending; whether there are any."""
    found = [name for name in run["history"] if name.endswith(ending)]
    for name in found:
        run["history"][name] = [value] * len(run["history"][name])
    return bool(found)


def fill_checks(run: Run, value: float | None) -> bool:
    for name, values in run.get("checks", {}).items():
        run["checks"][name] = [[value] * len(v) if isinstance(v, list) else value for v in values]
    return bool(run.get("checks"))


def rename(run: Run) -> bool:
    names = checks(run)
    if names:
        run["checks"][f"{names[0]}s"] = run["checks"].pop(names[0])
    return bool(names)


def drop(run: Run) -> bool:
    return bool(checks(run) and run["checks"].pop(checks(run)[0]))


def ragged(run: Run) -> bool:
    names = checks(run)
    if names:
        first = run["checks"][names[0]][0]
        run["checks"][names[0]][0] = first[:-1] if isinstance(first, list) else [first, first]
    return bool(names)


def narrow(run: Run) -> bool:
    """A layer less after every step."""
    names = [name for name in checks(run) if isinstance(run["checks"][name][0], list)]
    for name in names:
        run["checks"][name] = [values[:-1] for values in run["checks"][name]]
    return bool(names)


def empty(run: Run) -> bool:
    for name in checks(run):
        run["checks"][name] = [[]] * len(run["checks"][name])
    return bool(checks(run))


def score(run: Run, **changes: Any) -> bool:
    if run.get("scores"):
        run["scores"][0] |= changes
    return bool(run.get("scores"))


def fewer(run: Run) -> bool:
    """One test image less, in as many bytes."""
    return score(run, test_images=9999)


def swapped(run: Run) -> bool:
    """The marks of another run: those of this one, with the first eight images turned round."""
    return score(
        run, val_correct="AAAA" + (run["scores"] or [{"val_correct": ""}])[0]["val_correct"][4:]
    )


def twice(run: Run) -> bool:
    if run.get("scores"):
        run["scores"].append(run["scores"][0])
    return bool(run.get("scores"))


def cut(run: Run) -> bool:
    run["diverged"] = True
    run["history"] = {name: values[:1] for name, values in run["history"].items()}
    return True


REFUSED: dict[str, Edit] = {
    "a formula for a metric": lambda run: named(run, '=HYPERLINK("https://evil.example")'),
    "an accuracy of -1": lambda run: fill(run, -1.0, "accuracy"),
    "an accuracy of 1.5": lambda run: fill(run, 1.5, "accuracy"),
    "a loss below zero": lambda run: fill(run, -0.5, "loss"),
    "more than a float32 holds": lambda run: fill(run, 1e308),
    "an integer without end": lambda run: fill(run, 10**400),
    "no number in a run that did not diverge": lambda run: fill(run, None),
    "a check without a number": lambda run: fill_checks(run, None),
    "a check beyond a float32": lambda run: fill_checks(run, 1e308),
    "a check renamed": rename,
    "a check left out": drop,
    "a check that is ragged": ragged,
    "a check with a layer less": narrow,
    "a check of empty lists": empty,
    "a test image less": fewer,
    "a score of another epoch": lambda run: score(run, epoch=1),
    "a score twice": twice,
    "no score": lambda run: bool(run.get("scores")) and run.pop("scores"),
    "marks of another run": swapped,
    "a run cut short and said to have diverged": cut,
    "a run said to have diverged": lambda run: put(run, diverged=True),
    "an early loss below zero": lambda run: put(run, early_loss=-1.0),
    "centuries of training": lambda run: put(run["provenance"], seconds=1e300),
    "a device of two lines": lambda run: put(run["provenance"], device="a\nb"),
}
BELIEVED: dict[str, Edit] = {
    "zeros": lambda run: fill(run, 0.0),
    "zeros at checks": lambda run: fill_checks(run, 0.0),
    "ones at checks": lambda run: fill_checks(run, 1.0),
    "the largest loss": lambda run: fill(run, LARGEST, "loss"),
    "the largest numbers": lambda run: fill(run, 1e7),
}


def edited(study: str, edit: Edit, folder: Path) -> Path | None:
    """The study's file with one run edited; None where the edit does not apply to such a run."""
    lines = (RESULTS / f"{study}.jsonl").read_text(encoding="utf-8").splitlines()
    run = json.loads(lines[PLACE])
    assert not run["diverged"]
    before = json.dumps(run)
    if not edit(run) or json.dumps(run) == before:
        return None
    lines[PLACE] = json.dumps(run)
    path = folder / f"{study}.jsonl"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize("name", REFUSED)
def test_a_run_that_makes_no_sense_is_refused_with_file_and_line(name: str, tmp_path: Path) -> None:
    tried = 0
    for study in KINDS:
        if path := edited(study, REFUSED[name], tmp_path):
            tried += 1
            with pytest.raises(RecordError, match=f"{re.escape(str(path))}, line {PLACE + 1}"):
                read(path, silent)
    assert tried


def refusal(study: str, path: Path) -> str | None:
    try:
        report_study(all_studies()[study], read(path, silent), "full", None, code())
    except RecordError as error:
        return str(error)
    return None


@pytest.mark.parametrize("name", BELIEVED)
def test_a_run_that_may_be_is_judged_or_refused_by_name(name: str, tmp_path: Path) -> None:
    tried = 0
    for study in KINDS:
        if path := edited(study, BELIEVED[name], tmp_path):
            tried += 1
            said = refusal(study, path)
            assert said is None or f"{study}.jsonl" in said, said
    assert tried
