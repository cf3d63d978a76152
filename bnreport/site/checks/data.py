"""The folder of the data: its sums, and the package that names its files and their columns."""

import hashlib
import json
import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from bnreport.site.checks.fault import SiteFault

SUMS, PACKAGE = "data/SHA256SUMS.txt", "data/datapackage.json"
CRATE = "data/ro-crate-metadata.json"
SUM = re.compile(r"([0-9a-f]{64})  (\S.*)")
# What the package describes, and by files that are no part of the data themselves.
DESCRIBED = (".csv", ".jsonl")
DO = "Build again; if it stays, mend bnreport/pages/data/package.py"


def faults(site: Path, files: Collection[str]) -> Iterator[SiteFault]:
    """Yield what is wrong with the sums and the package; nothing of a site without data.

    Args:
        site: the folder of the site.
        files: every file of it, relative to that.
    """
    data = {name for name in files if name.startswith("data/")}
    if data:
        yield from _summed(site, data)
        yield from _packed(site, data)
        yield from _crated(site, data)


def columns(site: Path) -> Mapping[str, Mapping[str, str]]:
    """The type of each column by the name of its table, as the package says."""
    try:
        return {
            f"data/{resource['path']}": {
                field["name"]: field["type"] for field in resource["schema"]["fields"]
            }
            for resource in _resources(site)
            if str(resource["path"]).endswith(".csv") and isinstance(resource["schema"], dict)
        }
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        # What is wrong with it is told by `faults`.
        return {}


def _resources(site: Path) -> list[Mapping[str, Any]]:
    listed = json.loads((site / PACKAGE).read_text(encoding="utf-8"))["resources"]
    return [resource for resource in listed if resource["path"]]


def _summed(site: Path, data: set[str]) -> Iterator[SiteFault]:
    rule = "sums that do not hold"
    try:
        lines = (site / SUMS).read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError) as error:
        yield SiteFault(SUMS, rule, f"it cannot be read: {type(error).__name__}", DO)
        return
    sums = {match[2]: match[1] for line in lines if (match := SUM.fullmatch(line))}
    if len(sums) < len(lines) or not sums:
        yield SiteFault(SUMS, rule, f"{len(sums)} sums in {len(lines)} lines", DO)
    for name, digest in sums.items():
        path = site / "data" / name
        if f"data/{name}" not in data:
            yield SiteFault(SUMS, rule, f"no such file: {name[:120]}", DO)
        elif hashlib.sha256(path.read_bytes()).hexdigest() != digest:
            yield SiteFault(f"data/{name}", rule, f"another than {SUMS} says", DO)
    for name in sorted(data - {SUMS} - {f"data/{name}" for name in sums}):
        yield SiteFault(name, rule, f"{SUMS} does not list the file", DO)


def _packed(site: Path, data: set[str]) -> Iterator[SiteFault]:
    rule = "package that does not name the data"
    try:
        named = {f"data/{resource['path']}" for resource in _resources(site)}
        typed = columns(site)
    except (OSError, ValueError, LookupError, TypeError, RecursionError) as error:
        yield SiteFault(PACKAGE, rule, f"it cannot be read: {type(error).__name__}", DO)
        return
    tables = {name for name in data if name.endswith(DESCRIBED)}
    for name in sorted(named - data):
        yield SiteFault(PACKAGE, rule, f"no such file: {name[:120]}", DO)
    for name in sorted(tables - named):
        yield SiteFault(PACKAGE, rule, f"without {name[:120]}", DO)
    for name in sorted(name for name in tables & named if name.endswith(".csv")):
        if not typed.get(name):
            yield SiteFault(PACKAGE, rule, f"without the columns of {name[:120]}", DO)


def _crated(site: Path, data: set[str]) -> Iterator[SiteFault]:
    """Yield the files that the description of the runs names, and that are not there."""
    if CRATE not in data:
        return
    rule = "description that names no file"
    try:
        graph = json.loads((site / CRATE).read_text(encoding="utf-8"))["@graph"]
        files = [str(part["@id"]) for part in graph if "File" in [*_listed(part["@type"])]]
    except (OSError, ValueError, LookupError, TypeError, RecursionError) as error:
        yield SiteFault(CRATE, rule, f"it cannot be read: {type(error).__name__}", DO)
        return
    for name in sorted({f"data/{name}" for name in files if "://" not in name} - data):
        yield SiteFault(CRATE, rule, f"no such file: {name[:120]}", DO)


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]
