"""The published data as a package: long tables, a schema of each, and what they mean."""

import csv
import hashlib
import io
import json
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeAlias

from bnreport import dictionary, recompute
from bnreport.dictionary import Column
from bnreport.exports import DIGITS, claims_json, runs_csv, runs_jsonl
from bnreport.records import Record, by_trial
from bnreport.report import Report, StudyReport
from bnreport.studies.identities.parameters import NOTEBOOK
from bnreport.studies.notebook.published import (
    METRICS,
    PUBLISHED_BASELINE,
    PUBLISHED_BN,
    PUBLISHED_FINAL,
    PUBLISHED_RUNTIME,
    PUBLISHED_SECONDS,
)
from bnreport.study import TUNING_SEEDS
from bnreport.trials import AnyTrial, Check, Net, Score, Trial

Cell: TypeAlias = str | int | float | None
# Columns of a table that name a row of another: the columns, the other resource, its columns.
Reference: TypeAlias = tuple[tuple[str, ...], str, tuple[str, ...]]

LICENCE = {
    "name": "MIT",
    "title": "MIT License",
    "path": "https://spdx.org/licenses/MIT.html",
}
MEDIA = {
    "csv": "text/csv",
    "json": "application/json",
    "jsonl": "application/jsonl",
    "py": "text/x-python",
    "txt": "text/plain",
}
OF_A_RUN: Reference = (("run",), "runs", ("run",))


@dataclass(frozen=True)
class Resource:
    """A published file: what it holds, what its columns mean, and which of them are a key."""

    path: str
    description: str
    text: str
    title: str = ""
    columns: tuple[Column, ...] = ()
    key: tuple[str, ...] = ()
    references: tuple[Reference, ...] = ()

    @property
    def name(self) -> str:
        """The name in the package: the path with its dots as dashes, without "csv"."""
        return self.path.removesuffix(".csv").removesuffix(".json").replace(".", "-")

    @property
    def format(self) -> str:
        """The end of the file's name."""
        return self.path.rpartition(".")[2]


def data_files(report: Report) -> dict[str, str]:
    """Every file of the published data, its text by path."""
    found = resources(report)
    files = {f"data/{resource.path}": resource.text for resource in found}
    return files | {"data/datapackage.json": _package(found)}


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
        _table(
            "values.csv",
            "what each verdict was judged by: the paired differences, one row each",
            dictionary.VALUES,
            _values(report),
            ("claim", "setting", "pair"),
            ((("claim",), "claims", ("id",)),),
        ),
        _table(
            "runs.csv",
            "every run, with all settings of its trial and its net",
            (*dictionary.RUNS, *dictionary.TRIALS.values()),
            _runs(report),
            ("run",),
        ),
        _table(
            "checks.csv",
            "what the trials measure besides, and after which steps",
            dictionary.CHECKS,
            _checks(report),
            ("study", "trial", "check"),
        ),
        _table(
            "probes.csv",
            "what the numbers in the files of measures are",
            dictionary.PROBES,
            ((*names, *meaning) for names, meaning in dictionary.FOUND.items()),
            ("probe", "what"),
        ),
    ]
    if "notebook" in report.studies:
        shared.append(
            _table(
                "printed.csv",
                "the numbers that the notebook printed: eight epochs of two nets",
                dictionary.PRINTED,
                _printed(),
                ("net", "epoch", "metric"),
            )
        )
    studies = [file for study in report.studies.values() for file in _of_study(study)]
    # A quick build judges nothing, and a study may have no checks.
    found = [resource for resource in (*shared, *studies) if _holds_something(resource)]
    script = Path(recompute.__file__).read_text(encoding="utf-8")
    found.append(
        Resource("recompute.py", "judges the claims again from values.csv, by itself", script)
    )
    return [*found, Resource("README.txt", "how to read all this", _readme(found))]


def _holds_something(resource: Resource) -> bool:
    """Whether a table has a row below its header, and another file a line."""
    header = resource.path.endswith(".csv")
    return resource.text.count("\n") > header


def tables_of(study: StudyReport) -> dict[str, str]:
    """The tables that a study has of its own: what one holds, by the name of its file."""
    name, records = study.study.name, study.records.values()
    found = {}
    if any(record.history for record in records):
        found[f"{name}.csv"] = "a row for each run and epoch"
    if any(record.checks for record in records):
        found[f"{name}.measures.csv"] = "a row for each number that a check found"
    return found


def _of_study(study: StudyReport) -> list[Resource]:
    name, title, records = study.study.name, study.study.title, list(study.records.values())
    tables = tables_of(study)
    found = [
        Resource(f"{name}.jsonl", "every record as it was written", runs_jsonl(records), title)
    ]
    if (path := f"{name}.csv") in tables:
        text = runs_csv(records)
        header = next(csv.reader(io.StringIO(text)))
        kinds = {metric: r.identity.trial.kind for r in records for metric in r.history}
        columns = tuple(
            dictionary.HISTORY.get(column) or dictionary.metric(column, kinds[column])
            for column in header
        )
        key = ("run", "epoch")
        found.append(Resource(path, tables[path], text, title, columns, key, (OF_A_RUN,)))
    if (path := f"{name}.measures.csv") in tables:
        table = _table(
            path,
            tables[path],
            dictionary.MEASURES,
            _measures(records),
            ("run", "step", "check", "what", "position"),
            (OF_A_RUN,),
        )
        found.append(replace(table, title=title))
    return found


def _table(
    path: str,
    description: str,
    columns: tuple[Column, ...],
    rows: Iterable[Sequence[object]],
    key: tuple[str, ...],
    references: tuple[Reference, ...] = (),
) -> Resource:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([column.name for column in columns])
    writer.writerows([_cell(value) for value in row] for row in rows)
    return Resource(path, description, text.getvalue(), "", columns, key, references)


def _cell(value: object) -> Cell:
    match value:
        case None:
            return ""
        case bool():
            return int(value)
        case tuple() | list() | dict():
            return json.dumps(value, separators=(",", ":"), default=_plain)
        case float() if math.isinf(value):
            # As Table Schema writes it, and as float() and pandas read it.
            return "INF" if value > 0 else "-INF"
        case str() | int() | float():
            return value
    raise TypeError(f"Expected a value for a cell of a table. Received: {value!r}.")


def _plain(value: Any) -> object:
    return value.model_dump(mode="json")


def _values(report: Report) -> Iterator[tuple[object, ...]]:
    for study, verdict in report.verdicts():
        seeds = _paired_seeds(study, verdict.claim.id)
        for setting, finding in verdict.findings.items():
            # Rounds of a timing are pairs, too, and have no seed of their own.
            named = seeds if len(seeds) == len(finding.values) else [None] * len(finding.values)
            for pair, (seed, value) in enumerate(zip(named, finding.values, strict=True), start=1):
                rounded = float(f"{value:.{DIGITS}g}")
                yield verdict.claim.id, setting, pair, seed, rounded


def _paired_seeds(study: StudyReport, claim: str) -> list[int]:
    """The seeds that all trials of a claim share and that judge, rising, as `values` are."""
    trials = by_trial(study.records)
    seeds = [set(trials[name]) - set(TUNING_SEEDS) for name in study.stands_on[claim]]
    return sorted(set.intersection(*seeds)) if seeds else []


def _runs(report: Report) -> Iterator[list[object]]:
    for study in report.studies.values():
        for record in _ordered(study.records.values()):
            identity, made = record.identity, record.provenance
            settings = _settings(identity.trial)
            yield [
                record.id,
                study.study.name,
                identity.trial.name,
                identity.seed,
                identity.seed in TUNING_SEEDS,
                identity.trial.kind,
                identity.profile,
                record.diverged,
                record.early_loss,
                made.seconds,
                made.lanes,
                made.threads,
                made.backend,
                made.device,
                made.commit,
                *(settings.get(name) for name in dictionary.TRIALS),
            ]


def _settings(trial: AnyTrial) -> dict[str, object]:
    """Every field of a trial and of its net by the name of its column."""
    found: dict[str, object] = {}
    for name in type(trial).model_fields:
        if name in {"kind", "name", "net", "checks"}:
            continue
        column = dictionary.RENAMED.get((trial.kind, name), name)
        found[dictionary.TRIALS[column].name] = getattr(trial, name)
    if isinstance(trial, Trial):
        net = trial.net
        found["net"] = net if isinstance(net, str) else None
        found["checks"] = [check.name for check in trial.checks]
        structure = NOTEBOOK[net] if isinstance(net, str) else net
        found |= {f"net_{name}": getattr(structure, name) for name in Net.model_fields}
    return found


def _checks(report: Report) -> Iterator[tuple[object, ...]]:
    for study in report.studies.values():
        for runs in study.study.runs:
            trial = runs.trial
            trained = {record.identity.trial.name for record in study.records.values()}
            if not isinstance(trial, Trial) or trial.name not in trained:
                continue
            for check in trial.checks:
                yield (
                    study.study.name,
                    trial.name,
                    check.name,
                    check.kind,
                    *_of_check(check),
                    check.steps,
                )


def _of_check(check: Check) -> tuple[object, ...]:
    """Part, mode, probe, images, images of "precise" statistics, and settings."""
    if isinstance(check, Score):
        precise = check.precise_images if check.mode == "precise" else None
        return check.part, check.mode, None, check.images, precise, None
    return None, None, check.probe, check.images, None, check.settings


def _measures(records: Iterable[Record]) -> Iterator[tuple[object, ...]]:
    for record in _ordered(records):
        trial = record.identity.trial
        for check in trial.checks if isinstance(trial, Trial) else ():
            for name, what in _found(record, check):
                for step, found in zip(check.steps, record.checks[name], strict=False):
                    fixed = record.id, trial.name, record.identity.seed, step, check.name, what
                    if isinstance(found, tuple):
                        for position, value in enumerate(found):
                            yield *fixed, position, value
                    else:
                        yield *fixed, None, found


def _found(record: Record, check: Check) -> list[tuple[str, str]]:
    """The names of what a check found, whole and without its own."""
    start = f"{check.name}_"
    return [(n, n.removeprefix(start)) for n in sorted(record.checks) if n.startswith(start)]


def _ordered(records: Iterable[Record]) -> list[Record]:
    return sorted(records, key=lambda r: (r.identity.trial.name, r.identity.seed))


def _printed() -> Iterator[tuple[str, int | None, str, float]]:
    for net, curve in {"baseline": PUBLISHED_BASELINE, "bn": PUBLISHED_BN}.items():
        for epoch, row in enumerate(curve.tolist(), start=1):
            for metric, value in zip(METRICS, row, strict=True):
                yield net, epoch, metric, value
            yield net, epoch, "seconds", float(PUBLISHED_SECONDS[net][epoch - 1])
        yield net, None, "test_accuracy", PUBLISHED_FINAL[net]
        yield net, None, "runtime", PUBLISHED_RUNTIME[net]


def _package(found: Sequence[Resource]) -> str:
    package = {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": "bnreport",
        "title": "Batch normalization, measured: runs and verdicts",
        "description": "Every recorded training run behind the site, and every claim with its "
        "rule, effect, interval and verdict. README.txt says more.",
        "licenses": [LICENCE],
        "resources": [_described(resource) for resource in found],
    }
    return json.dumps(package, indent=1, ensure_ascii=False) + "\n"


def _described(resource: Resource) -> dict[str, object]:
    content = resource.text.encode()
    found: dict[str, object] = {
        "name": resource.name,
        "path": resource.path,
        **({"title": resource.title} if resource.title else {}),
        "description": resource.description,
        "format": resource.format,
        "mediatype": MEDIA[resource.format],
        "encoding": "utf-8",
        "bytes": len(content),
        "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
    }
    if not resource.columns:
        return found
    schema: dict[str, object] = {
        "fields": [column.field() for column in resource.columns],
        "primaryKey": list(resource.key),
        "missingValues": [""],
    }
    if resource.references:
        schema["foreignKeys"] = [
            {
                "fields": list(own),
                "reference": {"resource": other, "fields": list(theirs)},
            }
            for own, other, theirs in resource.references
        ]
    return found | {"type": "table", "schema": schema}


README = """\
Batch normalization, measured: the data
=======================================

Every recorded training run behind the site, and every claim with its verdict.
Licence: MIT, copyright the bnreport authors ({licence}).
Any use is allowed; keep this notice.

datapackage.json describes every table: each column with its type, meaning and
unit, the keys, and how tables refer to each other (a Frictionless Data Package,
https://datapackage.org). It holds the size and SHA-256 of each file.

Where to begin
--------------

A verdict: claims.json holds the rule, the margin and the numbers, and
values.csv the paired differences that it was judged by. recompute.py judges
them again: "python recompute.py" needs NumPy and SciPy, and nothing else.

A question of your own: runs.csv has a row for each run with all its settings.
Join the other tables to it by "run". In pandas:

    runs = pd.read_csv("runs.csv", low_memory=False).query("tuning == 0")
    last = pd.read_csv("batchsize.csv").groupby("run").last()["val_accuracy"]
    arms = ["inputs", "net_normalizer", "batch_size"]
    runs.join(last, on="run", how="inner").groupby(arms)["val_accuracy"].mean()

Arms are paired by the seed: the same seed means equal initial weights, where
the nets have the same layers, and equal batches. So compare within a seed.
Some studies share runs bit for bit: equal settings and seeds in runs.csv.

What to know
------------

- "diverged": a number of the run was no longer finite. Its rows are as they
  were recorded; every verdict counts its accuracy as that of guessing, 0.1.
- "tuning": the run only chose a setting. It judges nothing.
- Losses are mean cross-entropies in nats, accuracies are shares of images.
- "gd" and "bngd" of the toy are decimal logarithms of the excess loss, cut off
  at -16 and at 6: a 6 means that the descent was lost.
- Positions of measures count from 0. probes.csv says what they count, and where
  the output layer is the last of them. The drift of a mark is that since the
  mark before, so marks that are unevenly spaced are no equal stretches.

The records: <study>.jsonl
--------------------------

One JSON object a line, all that was written down of a run:

id          the run, the first 16 hexadecimal digits of the SHA-256 of its
            identity as canonical JSON (sorted keys, no spaces)
identity    what determines the run: study, trial with all its settings, seed,
            data (SHA-256 of the images), profile
digest      the SHA-256 of the line without it
provenance  how it was made: code and claims (digests of the training code and
            of the claims that stood), commit, dirty (whether the tree had
            changes), versions, backend, device, threads, precision, seconds,
            and lanes where runs trained together
history     by metric, a list with a number for each epoch, as in <study>.csv;
            null where it was not finite
scores      which images were right: after "epoch", of "val_images" validation
            and "test_images" test images. "val_correct" and "test_correct" are
            base64 of packed bits, one an image in the order of the data set,
            the most significant bit first, 1 for right. In Python:
            np.unpackbits(np.frombuffer(base64.b64decode(text), np.uint8),
            count=images)
            Where the seed draws the validation images, they stand in the order in
            which it drew them, which is the same for every run with that seed.
early_loss  loss of the twentieth batch in nats; null in shorter runs
diverged    whether a number was no longer finite
checks      "<check>_<what>": a list with an entry for each of the check's
            steps, a number or a list by position; shorter where it diverged

The files
---------

{files}

The columns
-----------

{columns}
"""


def _readme(found: Sequence[Resource]) -> str:
    width = max(len(resource.path) for resource in found)
    files = "\n".join(
        f"{r.path:{width}}  {f'“{r.title}”: ' if r.title else ''}{r.description}" for r in found
    )
    tables = {r.path: r.columns for r in found if r.columns and not r.title}
    tables["<study>.csv, and a column for each metric"] = tuple(dictionary.HISTORY.values())
    tables["<study>.measures.csv"] = dictionary.MEASURES
    columns = "\n\n".join(
        "\n".join([path, *(_told(column) for column in columns)])
        for path, columns in tables.items()
    )
    return README.format(files=files, columns=columns, licence=LICENCE["path"])


def _told(column: Column) -> str:
    unit = f" [{column.unit}]" if column.unit else ""
    return f"  {column.name:21}  {column.kind:7}  {column.description}{unit}"
