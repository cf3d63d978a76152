"""The published data as one package: its files, and the description that machines read."""

import hashlib
import json
from collections.abc import Mapping, Sequence

from bnreport.analysis.report import Report
from bnreport.pages.data.crate import PACKAGE, described_again
from bnreport.pages.data.resource import LICENCE, Resource
from bnreport.pages.data.resources import resources
from bnreport.pages.library.citation import Citation

MEDIA = {
    "csv": "text/csv",
    "json": "application/json",
    "jsonl": "application/jsonl",
    "py": "text/x-python",
    "txt": "text/plain",
}
# What has no columns is no table, and of its type the standard has no word. From the end of such a
# name readers guess one: frictionless takes lines for a table, and a schema for one of a table.
FORMATS = {"jsonl": "json-lines", "json": "json-schema"}


def data_files(report: Report) -> dict[str, str]:
    """Every file of the published data, its text by path."""
    published = resources(report)
    files = {f"data/{resource.path}": resource.text for resource in published}
    return files | {f"data/{PACKAGE}": _package(published)}


def with_descriptions(files: Mapping[str, str], citation: Citation | None) -> dict[str, str]:
    """The same files with an RO-Crate and checksums beside them; these name the commit."""
    again = described_again(files[f"data/{PACKAGE}"], citation)
    return {**files, **{f"data/{name}": text for name, text in again.items()}}


def _package(published: Sequence[Resource]) -> str:
    package = {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": "bnreport",
        "title": "Batch normalization, measured: runs and verdicts",
        "description": "Every recorded training run behind the site, and every claim with its "
        "rule, effect, interval and verdict. README.txt says more.",
        "licenses": [LICENCE],
        "resources": [_described(resource) for resource in published],
    }
    return json.dumps(package, indent=1, ensure_ascii=False) + "\n"


def _described(resource: Resource) -> dict[str, object]:
    content = resource.text.encode()
    described: dict[str, object] = {
        "name": resource.name,
        "path": resource.path,
        **({"title": resource.title} if resource.title else {}),
        "description": resource.description,
        "format": resource.format,
        "mediatype": MEDIA[resource.format],
        "encoding": "utf-8",
        # frictionless counts no bytes of a table in JSON, and finds that another number.
        **({} if resource.columns and resource.format == "json" else {"bytes": len(content)}),
        "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
    }
    if not resource.columns:
        return described | {"format": FORMATS.get(resource.format, resource.format)}
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
    return described | {"type": "table", "schema": schema}
