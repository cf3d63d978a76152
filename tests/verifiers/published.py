"""The published data of the committed records, whole or of one study, in a folder to be altered."""

import csv
import hashlib
import io
import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from bnreport.pages.data.package import with_descriptions
from tests import golden
from tests.synthetic import DOCS

PROGRAMS = DOCS / "downloads"
SUMS = "SHA256SUMS.txt"
SHARED = ("claims.json", "values.csv", "images.csv", "runs.csv", "checks.csv", "printed.csv")


@lru_cache(maxsize=1)
def files() -> dict[str, str]:
    """Every file of the data, its text by name."""
    found = with_descriptions(golden.data(), None)
    return {path.removeprefix("data/"): text for path, text in found.items()}


def of_study(study: str) -> dict[str, str]:
    """The files that judge the claims of one study, at its first edition, to be altered."""
    return {**_of_study(study)}


@cache
def _of_study(study: str) -> Mapping[str, str]:
    """The same, read once: to find a study's rows takes longer than what is asked of them."""
    whole = files()
    claims = [
        claim
        for claim in json.loads(whole["claims.json"])
        if claim["study"] == study and claim["edition"] == 1
    ]
    ids = {claim["id"] for claim in claims}
    kept = {"claims.json": json.dumps(claims)}
    for name in ("values.csv", "images.csv"):
        kept[name] = rows_of(whole[name], "claim", ids)
    for name in ("runs.csv", "checks.csv"):
        kept[name] = rows_of(whole[name], "study", {study})
    kept["printed.csv"] = whole["printed.csv"]
    own = (f"{study}.csv", f"{study}.measures.csv", f"{study}.jsonl")
    kept |= {name: whole[name] for name in own if name in whole}
    return kept


def rows_of(table: str, column: str, names: set[str]) -> str:
    """The head of a table with the rows that have one of these names in a column."""
    head, *rows = csv.reader(io.StringIO(table))
    place, text = head.index(column), io.StringIO()
    kept = [row for row in rows if row[place] in names]
    csv.writer(text, lineterminator="\n").writerows([head, *kept])
    return text.getvalue()


def write(folder: Path, texts: dict[str, str]) -> Path:
    """Write the files with their sums into data/ of a folder, which comes back."""
    data = folder / "data"
    data.mkdir(exist_ok=True)
    for name, text in texts.items():
        (data / name).write_text(text, encoding="utf-8")
    seal(folder)
    return folder


def seal(folder: Path) -> None:
    """Write the sums anew: as whoever altered the data would."""
    data = folder / "data"
    names = sorted(path.name for path in data.iterdir() if path.name != SUMS)
    lines = (f"{hashlib.sha256((data / n).read_bytes()).hexdigest()}  {n}\n" for n in names)
    (data / SUMS).write_text("".join(lines), encoding="utf-8")


def alter_claim(folder: Path, claim: str, **changes: Any) -> None:
    """Change fields of a claim."""
    path = folder / "data" / "claims.json"
    claims = json.loads(path.read_text(encoding="utf-8"))
    next(each for each in claims if each["id"] == claim).update(changes)
    path.write_text(json.dumps(claims), encoding="utf-8")


def alter_table(folder: Path, name: str, change: Callable[[list[dict[str, str]]], None]) -> None:
    """Change rows of a table."""
    path = folder / "data" / name
    rows = [*csv.DictReader(io.StringIO(path.read_text(encoding="utf-8")))]
    change(rows)
    text = io.StringIO()
    table = csv.DictWriter(text, [*rows[0]], lineterminator="\n")
    table.writeheader()
    table.writerows(rows)
    path.write_text(text.getvalue(), encoding="utf-8")


def run(program: str, *words: str | Path) -> tuple[int, list[str]]:
    """The exit status of a program, by itself and without our package, and what it says."""
    done = subprocess.run(
        [sys.executable, "-I", PROGRAMS / program, *words],
        capture_output=True,
        text=True,
        check=False,
    )
    assert not done.stderr, done.stderr
    return done.returncode, done.stdout.splitlines()
