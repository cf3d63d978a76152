"""The published data: every file described, every cell of the kind that its column says."""

import base64
import csv
import hashlib
import io
import json
import math
import re
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np
import pytest

from bnreport.analysis.report import Report, StudyReport
from bnreport.analysis.study import Study
from bnreport.errors import BnreportError
from bnreport.pages.data import dictionary, quantities
from bnreport.pages.data.claims import claims_json
from bnreport.pages.data.package import data_files
from bnreport.pages.data.resources import resources, tables_of
from bnreport.presentation.tables import Analysis
from bnreport.protocol.checks import Probe, Score
from bnreport.protocol.datasets import Profile
from bnreport.protocol.nets import Net
from bnreport.protocol.optimization import LINEAR
from bnreport.protocol.recipes import Recipe
from bnreport.protocol.residual import Residual
from bnreport.protocol.runs import Runs
from bnreport.protocol.scorings import Average, Drift, Scoring
from bnreport.protocol.trials import KINDS, Trial
from bnreport.records.record import Record
from bnreport.studies import all_studies
from tests import golden
from tests.synthetic import NOTEBOOK, records, report, study_report

Row = dict[str, str]
PARSE: dict[str, Callable[[str], object]] = {
    "string": str,
    "integer": int,
    "number": float,
    "boolean": {"0": False, "1": True}.__getitem__,
    "array": lambda cell: [*json.loads(cell)],
    "object": lambda cell: {**json.loads(cell)},
}
MOST_BYTES = 96 * 2**20


def rows(text: str) -> list[Row]:
    return list(csv.DictReader(io.StringIO(text)))


@lru_cache(maxsize=1)
def committed() -> dict[str, str]:
    """What the committed records lead to, by path below data/."""
    return {path.removeprefix("data/"): text for path, text in golden.data().items()}


@lru_cache(maxsize=1)
def made_up() -> dict[str, str]:
    """What made-up records lead to, by path below data/."""
    return {path.removeprefix("data/"): text for path, text in data_files(report()).items()}


def package(files: dict[str, str]) -> dict[str, Any]:
    """The described resources by path."""
    found: dict[str, Any] = json.loads(files["datapackage.json"])
    return {resource["path"]: resource for resource in found["resources"]}


# The whole of the published data.


@pytest.mark.slow
@pytest.mark.parametrize("files", [committed, made_up])
def test_every_file_is_described_with_its_size_and_digest(
    files: Callable[[], dict[str, str]],
) -> None:
    described = package(files())
    assert {*described, "datapackage.json"} == files().keys()
    assert {"LICENSE.txt", "record.schema.json", "README.txt"} <= described.keys()
    assert len({resource["name"] for resource in described.values()}) == len(described)
    for path, resource in described.items():
        content = files()[path].encode()
        # frictionless counts none of a table in JSON.
        size = None if path == "claims.json" else len(content)
        assert resource.get("bytes") == size, path
        assert resource["hash"] == f"sha256:{hashlib.sha256(content).hexdigest()}", path
        assert re.fullmatch(r"[a-z0-9._-]+", resource["name"].lower()), path


@pytest.mark.slow
@pytest.mark.parametrize("files", [committed, made_up])
def test_no_reader_has_to_guess_what_a_file_is(files: Callable[[], dict[str, str]]) -> None:
    tables = {"csv", "json", "jsonl", "ndjson", "tsv", "xlsx", "parquet"}
    for path, resource in package(files()).items():
        table = path.endswith(".csv") or path == "claims.json"
        # "table" is the one type of the standard, and only a table may have a schema.
        assert resource.get("type") == ("table" if table else None), path
        assert bool(resource.get("schema", {}).get("fields")) is table, path
        # The tool frictionless guesses a table, or its schema, from any of these formats.
        assert (resource["format"] in tables) is table, path
        assert re.fullmatch(r".+/.+", resource["mediatype"]), path


@pytest.mark.slow
@pytest.mark.parametrize("files", [committed, made_up])
def test_every_table_has_rows_of_the_kinds_that_its_schema_names(
    files: Callable[[], dict[str, str]],
) -> None:
    described = package(files())
    for path in (path for path in files() if path.endswith(".csv")):
        fields = described[path]["schema"]["fields"]
        header, *body = csv.reader(io.StringIO(files()[path]))
        assert header == [field["name"] for field in fields], path
        assert body, path
        for field, column in zip(fields, zip(*body, strict=True), strict=True):
            parse = PARSE[field["type"]]
            for cell in {*column} - {""}:
                parse(cell)
            assert field["description"], (path, field)


@pytest.mark.slow
@pytest.mark.parametrize("files", [committed, made_up])
def test_keys_are_unique_and_references_lead_to_a_row(
    files: Callable[[], dict[str, str]],
) -> None:
    described = package(files())
    named = {resource["name"]: path for path, resource in described.items()}
    read: dict[str, list[dict[str, Any]]] = {
        path: json.loads(text) if path.endswith(".json") else [*rows(text)]
        for path, text in files().items()
        if "schema" in described.get(path, {})
    }
    for path, table in read.items():
        schema = described[path]["schema"]
        keys = [tuple(row[name] for name in schema["primaryKey"]) for row in table]
        assert len({*keys}) == len(keys), path
        for reference in schema.get("foreignKeys", []):
            other, theirs = reference["reference"]["resource"], reference["reference"]["fields"]
            there = {tuple(row[name] for name in theirs) for row in read[named[other]]}
            assert {tuple(row[name] for name in reference["fields"]) for row in table} <= there, (
                path
            )


def test_the_claims_have_exactly_the_fields_that_are_described() -> None:
    fields = [column.name for column in dictionary.CLAIMS]
    for claim in json.loads(claims_json(golden.report())):
        assert list(claim) == fields


def test_the_published_data_stay_within_what_a_reader_can_fetch() -> None:
    assert sum(len(text) for text in committed().values()) < MOST_BYTES


@pytest.mark.slow
def test_every_probe_that_measured_is_described() -> None:
    kinds = {
        (row["study"], row["trial"], row["check"]): row["probe"] or row["kind"]
        for row in rows(committed()["checks.csv"])
    }
    trials = {row["run"]: row["trial"] for row in rows(committed()["runs.csv"])}
    for path in (path for path in committed() if path.endswith(".measures.csv")):
        study = path.removesuffix(".measures.csv")
        found = {
            (kinds[study, trials[row["run"]], row["check"]], row["what"], bool(row["position"]))
            for row in rows(committed()[path])
        }
        for probe, what, positions in found:
            (told,) = described(probe, what)
            assert bool(told) == positions, (probe, what)


def described(probe: str, what: str) -> list[str]:
    """The places that a quantity is told to have, by its name or by a name with "<parts>"."""
    return [
        told[1]
        for (kind, name), told in quantities.FOUND.items()
        if kind == probe and re.fullmatch(re.sub(r"<\w+>", ".+", name), what)
    ]


def test_the_runs_are_all_there_with_their_own_settings() -> None:
    found = {row["run"]: row for row in rows(committed()["runs.csv"])}
    wanted = {
        run: (edition.study.edition.name, record)
        for edition in golden.report().editions()
        for run, record in edition.records.items()
    }
    assert found.keys() == wanted.keys()
    for run, (name, record) in wanted.items():
        trial, row = record.identity.trial, found[run]
        assert (row["study"], row["trial"]) == (name, trial.name)
        assert int(row["seed"]) == record.identity.seed
        if isinstance(trial, Trial):
            assert float(row["learning_rate"]) == trial.learning_rate
            assert row["inputs"] == trial.inputs
            assert row["net_normalizer"]
            if isinstance(trial.net, Net):
                assert tuple(json.loads(row["net_hidden"])) == trial.net.hidden
                assert row["net_normalizer"] == trial.net.normalizer


def test_every_field_of_a_trial_and_of_a_net_has_a_column() -> None:
    columns = set()
    for name, kind in KINDS.items():
        columns |= {
            dictionary.RENAMED.get((name, field), field)
            for field in kind.model_fields
            if field not in {"kind", "name"}
        }
    columns |= {f"net_{field}" for net in (Net, Residual) for field in net.model_fields}
    assert columns == dictionary.TRIALS.keys()
    fixed = [column.name for column in dictionary.RUNS]
    assert not columns & {*fixed}


def test_every_kind_of_trial_is_named_where_the_table_of_runs_explains_it() -> None:
    (column,) = (column for column in dictionary.RUNS if column.name == "kind")
    assert not [kind for kind in KINDS if not re.search(rf"\b{kind}\b", column.description)]


def test_a_metric_without_a_description_is_refused() -> None:
    assert quantities.metric("fit_bn", "timing").unit == "s"
    assert quantities.metric("val_loss", "train").unit == "nats"
    with pytest.raises(BnreportError, match=r"'luck' of a trial of the kind 'train'.*METRICS"):
        quantities.metric("luck", "train")


# What the tables hold, by numbers that can be checked by hand.


def test_the_values_are_the_differences_that_judged() -> None:
    found = [row for row in rows(made_up()["values.csv"]) if row["claim"] == "c-test"]
    made = {(r.identity.trial.name, r.identity.seed): r for r in records().values()}
    assert [int(row["pair"]) for row in found] == list(range(1, 21))
    for row in found:
        seed = int(row["seed"])
        bn, baseline = (made[name, seed] for name in ("bn-0.01", "baseline-0.01"))
        share = [r.score(10).marks("test").mean() for r in (bn, baseline)]
        assert float(row["value"]) == pytest.approx(100 * (share[0] - share[1]))


def test_rounds_of_a_timing_are_pairs_without_a_seed() -> None:
    found = [row for row in rows(made_up()["values.csv"]) if row["claim"] == "d-fit-time"]
    assert [row["seed"] for row in found] == [""] * 12
    (timing,) = (r for r in records().values() if r.identity.trial.kind == "timing")
    bn, baseline = timing.epochs("fit_bn"), timing.epochs("fit_baseline")
    values = [float(row["value"]) for row in found]
    assert values == pytest.approx(100 * (bn / baseline - 1))


def test_a_run_that_never_arrived_is_infinite() -> None:
    values = [float(row["value"]) for row in rows(committed()["values.csv"])]
    assert math.inf in values
    assert "INF" in {row["value"] for row in rows(committed()["values.csv"])}
    assert not any(math.isnan(value) for value in values)


def test_all_that_the_notebook_printed_is_there() -> None:
    found = rows(made_up()["printed.csv"])
    of = {(row["net"], row["epoch"], row["metric"]): float(row["value"]) for row in found}
    assert sum(epoch != "" and metric != "seconds" for _, epoch, metric in of) == 64
    assert sum(metric == "seconds" for *_, metric in of) == 16
    assert of["baseline", "1", "loss"] == 0.6904
    assert of["bn", "8", "val_accuracy"] == 0.8924
    assert of["bn", "7", "seconds"] == 14.0
    assert of["bn", "", "test_accuracy"] == 0.943
    assert of["baseline", "", "runtime"] == 142.88


CHECKS = (
    Score(name="val", steps=(0, 2), images=100),
    Probe(name="slope", steps=(0,), probe="gradients", settings={"a": 1}),
)


def measured(make_record: Callable[..., Record], epochs: int = 0, **changes: Any) -> Report:
    """A report of one run that has two checks."""
    trial = Trial(name="start", net="bn", learning_rate=0.1, epochs=epochs, checks=CHECKS)
    identity = make_record().identity.model_copy(update={"trial": trial})
    fields: dict[str, Any] = {
        "id": identity.run_id,
        "identity": identity,
        "history": {},
        "scores": (),
        "checks": {
            "val_loss": (2.5, 2.0),
            "val_accuracy": (0.125, 0.25),
            "slope_weights": ((1.5, 0.5),),
        },
    }
    record = make_record(**fields | changes)
    study = Study(
        name="toy-study",
        title="A title",
        page="studies/toy-study.md",
        chapter="Benefits",
        question="Why?",
        runs=(Runs(trial),),
    )
    made = StudyReport(study, "full", {record.id: record}, Analysis(), {}, {}, {}, "current", None)
    return Report("full", {"toy-study": made}, None)


def test_a_run_without_epochs_has_its_measures_and_no_empty_table(
    make_record: Callable[..., Record],
) -> None:
    found = measured(make_record)
    files = {resource.path: resource.text for resource in resources(found)}
    assert "toy-study.csv" not in files
    assert "printed.csv" not in files
    assert "values.csv" not in files
    assert list(tables_of(found.studies["toy-study"])) == ["toy-study.measures.csv"]
    body = [row[1:] for row in csv.reader(io.StringIO(files["toy-study.measures.csv"]))]
    assert body == [
        ["step", "check", "what", "position", "value"],
        ["0", "val", "accuracy", "", "0.125"],
        ["2", "val", "accuracy", "", "0.25"],
        ["0", "val", "loss", "", "2.5"],
        ["2", "val", "loss", "", "2.0"],
        ["0", "slope", "weights", "0", "1.5"],
        ["0", "slope", "weights", "1", "0.5"],
    ]
    val, slope = rows(files["checks.csv"])
    assert [val[name] for name in ("kind", "part", "mode", "images", "precise_images")] == [
        "score",
        "val",
        "inference",
        "100",
        "",
    ]
    assert (slope["probe"], slope["settings"], slope["steps"]) == ("gradients", '{"a":1}', "[0]")


def test_a_diverged_run_has_the_measures_that_it_reached(
    make_record: Callable[..., Record],
) -> None:
    checks = {"val_loss": (None,), "val_accuracy": (0.125,), "slope_weights": ()}
    names = ("loss", "accuracy", "train_loss", "train_accuracy", "val_loss", "val_accuracy")
    history = dict.fromkeys(names, (None,))
    found = measured(make_record, epochs=2, diverged=True, checks=checks, history=history)
    files = {resource.path: resource.text for resource in resources(found)}
    body = [row[1:] for row in csv.reader(io.StringIO(files["toy-study.measures.csv"]))][1:]
    assert body == [["0", "val", "accuracy", "", "0.125"], ["0", "val", "loss", "", ""]]
    assert [row["diverged"] for row in rows(files["runs.csv"])] == ["1"]


def test_the_settings_of_a_net_are_columns() -> None:
    found = {row["trial"]: row for row in rows(made_up()["runs.csv"])}
    bn = found["bn-0.01"]
    assert (bn["net"], bn["net_normalizer"], bn["net_placement"]) == ("bn", "batch", "after")
    assert (bn["net_hidden"], bn["net_normalized_inputs"]) == ("[300,100]", "1")
    assert (bn["tuning"], bn["diverged"], bn["seconds"]) == ("0", "0", "1.5")
    assert found["timing"]["nets"] == '["baseline","bn"]'
    assert found["timing"]["net_hidden"] == ""


def test_what_a_recipe_says_and_measures_has_its_rows(make_record: Callable[..., Record]) -> None:
    recipe = Recipe(
        name="r",
        net=Net(normalizer="batch"),
        learning_rate=0.5,
        epochs=1,
        images=64,
        batch_size=32,
        schedule=LINEAR,
        averages=(Average(momentum=0.9),),
        measures=(Scoring(name="end", by=("m0.9",)), Drift(name="drift", steps=(0,))),
    )
    identity = make_record().identity.model_copy(update={"trial": recipe})
    scored = {"end_m0.9_val_loss": (1.5,), "end_m0.9_val_accuracy": (0.25,)}
    moved = {f"drift_{move}-1": ((0.5, 0.125),) for move in ("mean", "spread", "growth")}
    record = make_record(
        id=identity.run_id,
        identity=identity,
        history=dict.fromkeys(recipe.metrics, (0.5,)),
        scores=(),
        checks=scored | moved,
    )
    study = replace(measured(make_record).studies["toy-study"].study, runs=(Runs(recipe),))
    made = StudyReport(study, "full", {record.id: record}, Analysis(), {}, {}, {}, "current", None)
    files = {r.path: r.text for r in resources(Report("full", {"toy-study": made}, None))}
    (run,) = rows(files["runs.csv"])
    assert json.loads(run["schedule"]) == {"name": "linear", "warmup": 0.05}
    assert json.loads(run["optimizer"]) == {"rule": "sgd"}
    assert json.loads(run["averages"]) == [{"momentum": 0.9}]
    assert (run["kind"], run["checks"]) == ("recipe", '["end","drift"]')
    assert (run["net_normalizer"], run["learning_rate"]) == ("batch", "0.5")
    end, drift = rows(files["checks.csv"])
    assert (end["kind"], end["steps"], end["precise_images"]) == ("scoring", "[2]", "10240")
    assert json.loads(end["settings"]) == {"by": ["m0.9"], "parts": ["val"]}
    assert (drift["kind"], drift["images"]) == ("moves", "512")
    assert json.loads(drift["settings"]) == {"windows": [1]}
    measures = [list(row.values())[1:] for row in rows(files["toy-study.measures.csv"])]
    assert ["2", "end", "m0.9_val_accuracy", "", "0.25"] in measures
    assert ["0", "drift", "mean-1", "1", "0.125"] in measures
    for row in rows(files["toy-study.measures.csv"]):
        kind = {"end": "scoring", "drift": "moves"}[row["check"]]
        what = re.sub(r"^m0.9_val", "<statistics>_<part>", row["what"])
        described = quantities.FOUND[kind, re.sub(r"-1$", "-<window>", what)]
        assert bool(described[1]) == bool(row["position"]), row


@pytest.mark.parametrize("profile", ["full", "quick"])
def test_a_study_links_to_the_tables_that_are_published(profile: Profile) -> None:
    found = study_report(profile=profile)
    published = {resource.path for resource in resources(report(profile=profile))}
    assert {*tables_of(found)} == {
        path for path in published if path.startswith("notebook") and path.endswith(".csv")
    }


# What README.txt says.


def test_the_recipe_for_marks_reads_them(make_record: Callable[..., Record]) -> None:
    text = " ".join(made_up()["README.txt"].split())
    recipe = "np.unpackbits(np.frombuffer(base64.b64decode(text), np.uint8), count=images)"
    assert recipe in text
    (score,) = make_record().scores
    found = eval(
        recipe,
        {"np": np, "base64": base64, "text": score.val_correct, "images": score.val_images},
    )
    assert found.tolist() == score.marks("val").tolist()


def test_the_readme_lists_every_file_and_every_part_of_a_record() -> None:
    text = committed()["README.txt"]
    for path in committed().keys() - {"README.txt", "datapackage.json"}:
        assert re.search(rf"^{re.escape(path)}  ", text, re.MULTILINE), path
    for name in ("claims.json", "values.csv", "images.csv", "runs.csv", "checks.csv", "probes.csv"):
        for field in package(committed())[name]["schema"]["fields"]:
            listed = rf"^  {field['name']} .*{re.escape(field['description'])}"
            assert re.search(listed, text, re.MULTILINE), (name, field)
    for part in Record.model_fields:
        assert re.search(rf"^{part} ", text, re.MULTILINE), part


def test_no_study_has_the_name_of_a_shared_table() -> None:
    shared = {"claims", "values", "images", "runs", "checks", "probes", "printed", "datapackage"}
    assert not shared & all_studies().keys()
    assert NOTEBOOK.name in all_studies()
