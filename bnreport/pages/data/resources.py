"""Every published file, with what it holds."""

import csv
import io
from dataclasses import replace
from pathlib import Path

from bnreport.analysis.report import Report, StudyReport
from bnreport.pages.data import dictionary, quantities
from bnreport.pages.data.claims import claims_json
from bnreport.pages.data.crate import LICENCE_FILE, SCHEMA
from bnreport.pages.data.readme import readme
from bnreport.pages.data.resource import OF_A_RUN, Resource
from bnreport.pages.data.runs import runs_csv, runs_jsonl
from bnreport.pages.data.schema import record_schema
from bnreport.pages.data.tables import (
    checks_table,
    csv_table,
    images_table,
    measures_table,
    printed_table,
    runs_table,
    values_table,
)
from bnreport.pages.source_digests import ROOT


def resources(report: Report) -> list[Resource]:
    """Every file but the package's own; a table that would have no row is left out."""
    shared = [
        Resource(
            "claims.json",
            "every claim with its rule, its verdict and its numbers, one object each",
            claims_json(report),
            columns=dictionary.CLAIMS,
            key=("id",),
        ),
        csv_table(
            "values.csv",
            "what each verdict was judged by: the paired differences, one row each",
            dictionary.VALUES,
            values_table(report),
            ("claim", "setting", "pair"),
            ((("claim",), "claims", ("id",)),),
        ),
        csv_table(
            "images.csv",
            "what the images add to intervals over seeds and images",
            dictionary.IMAGES,
            images_table(report),
            ("claim", "setting"),
            ((("claim",), "claims", ("id",)),),
        ),
        csv_table(
            "runs.csv",
            "every run, with all settings of its trial and its net",
            (*dictionary.RUNS, *dictionary.TRIALS.values()),
            runs_table(report),
            ("run",),
        ),
        csv_table(
            "checks.csv",
            "what the trials measure besides, and after which steps",
            dictionary.CHECKS,
            checks_table(report),
            ("study", "trial", "check"),
        ),
        csv_table(
            "probes.csv",
            "what the numbers in the files of measures are",
            dictionary.PROBES,
            ((*names, *meaning) for names, meaning in quantities.FOUND.items()),
            ("probe", "what"),
        ),
    ]
    if "notebook" in report.studies:
        shared.append(
            csv_table(
                "printed.csv",
                "the numbers that the notebook printed: eight epochs of two nets",
                dictionary.PRINTED,
                printed_table(),
                ("net", "epoch", "metric"),
            )
        )
    studies = [file for study in report.editions() for file in _of_study(study)]
    # A quick build judges nothing, and a study may have no checks.
    filled = [resource for resource in (*shared, *studies) if _holds_something(resource)]
    filled += [
        Resource(SCHEMA, "the JSON Schema of a line of the files of records", record_schema()),
        Resource(LICENCE_FILE, "the licence of all this", _licence()),
    ]
    return [*filled, Resource("README.txt", "how to read all this", readme(filled))]


def licence_file() -> Path:
    """The licence of the repository, which is that of the data."""
    return ROOT / "LICENSE"


def _licence() -> str:
    return licence_file().read_text(encoding="utf-8")


def _holds_something(resource: Resource) -> bool:
    """Say whether a table has a row below its header, and another file a line."""
    header = resource.path.endswith(".csv")
    return resource.text.count("\n") > header


def tables_of(study: StudyReport) -> dict[str, str]:
    """The tables that a study has of its own: what one holds, by the name of its file."""
    name, records = study.study.edition.name, study.records.values()
    tables = {}
    if any(record.history for record in records):
        tables[f"{name}.csv"] = "a row for each run and epoch"
    if any(record.checks for record in records):
        tables[f"{name}.measures.csv"] = "a row for each number that a check found"
    return tables


def _of_study(study: StudyReport) -> list[Resource]:
    name, records = study.study.edition.name, list(study.records.values())
    title = study.study.heading
    tables = tables_of(study)
    files = [
        Resource(f"{name}.jsonl", "every record as it was written", runs_jsonl(records), title)
    ]
    if (path := f"{name}.csv") in tables:
        text = runs_csv(records)
        header = next(csv.reader(io.StringIO(text)))
        kinds = {metric: r.identity.trial.kind for r in records for metric in r.history}
        columns = tuple(
            dictionary.HISTORY.get(column) or quantities.metric(column, kinds[column])
            for column in header
        )
        key = ("run", "epoch")
        files.append(Resource(path, tables[path], text, title, columns, key, (OF_A_RUN,)))
    if (path := f"{name}.measures.csv") in tables:
        table = csv_table(
            path,
            tables[path],
            dictionary.MEASURES,
            measures_table(records),
            ("run", "step", "check", "what", "position"),
            (OF_A_RUN,),
        )
        files.append(replace(table, title=title))
    return files
