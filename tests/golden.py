"""What the committed records lead to, rendered once for all tests, beside what was accepted.

`python -m tests.golden` accepts what the records lead to now: see `scripts/accept`.
"""

import hashlib
import importlib.metadata
import io
import json
import math
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, TypeAlias
from unittest import mock

from packaging.requirements import Requirement
from rich.console import Console

from bnreport import machine
from bnreport.analysis.report import Report, StudyReport, report_study
from bnreport.analysis.study import Study
from bnreport.commands.build_options import BuildOptions
from bnreport.commands.project import Project
from bnreport.commands.report import from_records
from bnreport.errors import BnreportError
from bnreport.figures.drawing import draw_legibly
from bnreport.lessons import NAMES
from bnreport.pages.data.claims import claims_json
from bnreport.pages.library import citation, repository
from bnreport.pages.render import published_data, render, worked
from bnreport.pages.staging import Staging
from bnreport.pages.supplies import Supplies, draw
from bnreport.presentation.tables import Analysis, Table
from bnreport.records import reimplementation
from bnreport.records.code.ancestry import ancestry
from bnreport.records.layout import Layout
from bnreport.records.store import read
from bnreport.running.verification import believed
from bnreport.studies import all_editions
from tests.shared import kept
from tests.synthetic import DOCS, ROOT

Claims: TypeAlias = Sequence[Mapping[str, Any]]

LAYOUT = Layout(ROOT)
CLAIMS = ROOT / "tests" / "claims.json"
PAGES = ROOT / "tests" / "pages.sha256"
# What a build from records needs, at the versions that draw and set the accepted pages.
LOCK = ROOT / "requirements" / "site.txt"
# It speaks of the machine that builds; code is a copy of what is in the repository, and the page
# on the architecture is made from docstrings.
ASIDE = ("this-machine.md", "figures/this-machine-", "code/", "architecture.md")
# Numbers may differ by so much of themselves; p values, which can be tiny, by so much in all.
RELATIVE = 1e-6
ABSOLUTE = {"p": 1e-9, "p_value": 1e-9}


def recorded() -> dict[str, Study]:
    """The studies that have full records, by name."""
    return {name: study for name, study in recorded_editions().items() if study.number == 1}


def recorded_editions() -> dict[str, Study]:
    """The same, read at each edition that has full records, by the name of its files."""
    return {
        name: study
        for name, study in all_editions().items()
        if LAYOUT.committed(name, "full").exists()
    }


def judged(name: str) -> StudyReport:
    """What the committed full records of an edition say, judged anew from them alone."""
    replicas = {
        machine: read(path, lambda _: None) for machine, path in LAYOUT.replicas(name).items()
    }
    study, path = all_editions()[name], LAYOUT.committed(name, "full")
    records = read(path, lambda _: None)
    verified = believed(LAYOUT.verified(name), path, study, records)
    libraries = {
        library: reimplementation.read(path)
        for library, path in LAYOUT.reimplementations(name).items()
    }
    pilots = read(LAYOUT.pilot(name), lambda _: None).values()
    return report_study(
        study, records, "full", verified, ancestry(LAYOUT), replicas, libraries, pilots
    )


@lru_cache(maxsize=1)
def report() -> Report:
    """What all committed full records say.

    What was judged here before, by this code from these records, is not judged again.
    """
    order = BuildOptions(Project(LAYOUT), records_only=True)
    return from_records(order, Console(file=io.StringIO()))


@cache
def study_report(name: str) -> StudyReport:
    """What the committed full records of an edition say."""
    return {at.study.edition.name: at for at in report().editions()}[name]


@lru_cache(maxsize=1)
def data() -> dict[str, str]:
    """The published data of all committed full records, by path: made once, or by a build."""
    return published_data(report(), Supplies(cache=kept()))


class Legible(Supplies):
    """Draws what can be read, and keeps it for builds, too, which draw the same text."""

    def draw_all(self) -> None:
        """Draw the figures that pages wait for."""
        plots = [*self._undrawn.values()]
        super().draw_all()
        for plot in plots:
            if text := self.figure(plot):
                self.cache.write("figures", replace(self, draw=draw).key(plot), text.encode())


@lru_cache(maxsize=1)
def rendered() -> Staging:
    """The pages, figures and data files of all committed full records, as of no commit.

    A page tells how to cite it, with the commit of the checkout and the address of the site. A
    figure that was drawn here before, by this code from these numbers, is not drawn again.
    """
    named = ("SITE_URL", *repository.VARIABLES)
    address = {name: value for name, value in os.environ.items() if name not in named}
    with (
        mock.patch.object(citation, "_committed", return_value=("", "")),
        mock.patch.dict(os.environ, address, clear=True),
    ):
        return render(report(), DOCS, Staging(supplies=Legible(draw_legibly, 2, kept())))


def digests(staging: Staging, tables: Mapping[str, Table]) -> dict[str, str]:
    """The SHA-256 of every page, figure, data file and table, by path."""
    texts = {
        path: _seen(text) if path.endswith(".svg") else text
        for path, text in staging.files.items()
        if not path.startswith(ASIDE)
    }
    texts |= {f"tables/{name}": repr(table) for name, table in tables.items()}
    return {path: hashlib.sha256(texts[path].encode()).hexdigest() for path in sorted(texts)}


def _seen(figure: str) -> str:
    """A figure to a hundredth of a point: the last bits of sums differ between machines.

    Its names of shapes are digests of such sums, and stand here in the order of the figure.
    """
    names: dict[str, str] = {}
    ordered = re.sub(
        r'(?<=["#])[A-Za-z][0-9a-f]{10}(?=[")])',
        lambda found: names.setdefault(found[0], f"shape-{len(names)}"),
        figure,
    )
    return re.sub(r"-?\d+\.\d{3,}", lambda found: f"{round(float(found[0]), 2) + 0.0:.2f}", ordered)


def all_tables() -> dict[str, Table]:
    """The tables of all studies and lessons, by the name of theirs and their own."""
    analyses: dict[str, Analysis] = {
        study.study.edition.name: study.analysis for study in report().editions()
    }
    analyses |= {name: worked(name, kept()) for name in NAMES}
    return {
        f"{name}-{table}": found
        for name, analysis in analyses.items()
        for table, found in analysis.tables.items()
    }


def listed(found: Mapping[str, str]) -> str:
    """Digests by path, as `sha256sum` writes them."""
    return "".join(f"{digest}  {path}\n" for path, digest in sorted(found.items()))


def by_path(text: str) -> dict[str, str]:
    """The digests of a list by path."""
    lines = (line.split("  ", maxsplit=1) for line in text.splitlines())
    return {path: digest for digest, path in lines}


def changed_files(accepted: str, found: str) -> list[str]:
    """The files that two lists of digests differ in, one line each."""
    old, new = by_path(accepted), by_path(found)
    return [
        f"{path}: {'changed' if path in old and path in new else 'new' if path in new else 'gone'}"
        for path in sorted(old.keys() | new.keys())
        if old.get(path) != new.get(path)
    ]


def unlocked(lock: str) -> list[str]:
    """The packages that are not installed at the version of a lock, one line each."""
    lines = []
    for line in lock.splitlines():
        # What follows are hashes.
        if line.startswith((" ", "#")) or not line.strip():
            continue
        pin = Requirement(line.removesuffix("\\").strip())
        if pin.marker is not None and not pin.marker.evaluate():
            continue
        try:
            version = importlib.metadata.version(pin.name)
        except importlib.metadata.PackageNotFoundError:
            version = "none"
        if not pin.specifier.contains(version if version != "none" else "0"):
            lines.append(f"{pin.name} {version} for {pin.specifier}")
    return lines


def by_id(text: str) -> dict[str, Mapping[str, Any]]:
    """The claims of a `claims.json` by id."""
    found: Claims = json.loads(text)
    return {claim["id"]: claim for claim in found}


def differences(accepted: str, found: str) -> list[str]:
    """Where two texts of `claims.json` differ, one line each: words exactly, numbers nearly."""
    old, new = by_id(accepted), by_id(found)
    lines = [f"{name}: is missing" for name in old if name not in new]
    lines += [f"{name}: is not among the accepted claims" for name in new if name not in old]
    for name in old:
        if name in new:
            lines += [f"{name}: {line}" for line in _differences(old[name], new[name])]
    return lines


def _differences(old: Mapping[str, Any], new: Mapping[str, Any], where: str = "") -> Iterator[str]:
    for key in dict.fromkeys([*old, *new]):
        path = f"{where}{key}"
        if key not in old or key not in new:
            yield f"{path} is {'missing' if key in old else 'new'}"
        elif key == "settings":
            yield from _in_settings(old[key], new[key])
        elif not _same(key, old[key], new[key]):
            yield f"{path} was {json.dumps(old[key])}, is {json.dumps(new[key])}"


def _in_settings(old: Claims, new: Claims) -> Iterator[str]:
    before, after = ({setting["setting"]: setting for setting in found} for found in (old, new))
    if list(before) != list(after):
        yield f"settings were {list(before)}, are {list(after)}"
        return
    for name in before:
        yield from _differences(before[name], after[name], f"settings[{name}].")


def _same(key: str, old: object, new: object) -> bool:
    numbers = all(isinstance(x, int | float) and not isinstance(x, bool) for x in (old, new))
    if not numbers:
        return old == new
    assert isinstance(old, int | float)
    assert isinstance(new, int | float)
    return math.isclose(old, new, rel_tol=RELATIVE, abs_tol=ABSOLUTE.get(key, 0.0))


def changed_words(accepted: str, found: str) -> list[str]:
    """The claims whose verdict changes, one line each."""
    old, new = by_id(accepted), by_id(found)
    return [
        f"{name}: {_word(old.get(name))} -> {_word(new.get(name))}"
        for name in dict.fromkeys([*old, *new])
        if _word(old.get(name)) != _word(new.get(name))
    ]


def _word(claim: Mapping[str, Any] | None) -> str:
    if claim is None:
        return "none"
    word: str = claim["verdict"]
    return f"{word} (reversed)" if claim["reversed"] else word


def refuse_changed_records(root: Path) -> None:
    """Refuse a checkout whose `results/` is not what its last commit holds.

    Raises:
        BnreportError: when records were changed, added or deleted, or git cannot say.
    """
    words = ["git", "-C", str(root), "status", "--porcelain", "--untracked-files=all"]
    try:
        done = subprocess.run([*words, "--", "results"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise BnreportError(
            f"Expected a git checkout in {root}, so that its results/ can be compared with the "
            f"last commit. Received: {error}. Work in a clone of the repository."
        ) from error
    if changed := done.stdout.splitlines():
        listed = "\n".join(f"  {line}" for line in changed)
        raise BnreportError(
            f"Expected results/ as in the last commit. Received: {len(changed)} changed, added or "
            f"deleted.\n{listed}\nDo commit the records or restore them, then accept what follows "
            "from them."
        )


def write_all(files: Mapping[Path, str]) -> None:
    """Write all of the files or none of them."""
    before = {path: path.read_bytes() if path.exists() else None for path in files}
    partial = {path: path.with_name(path.name + ".partial") for path in files}
    try:
        for path, text in files.items():
            partial[path].write_text(text, encoding="utf-8", newline="\n")
        try:
            for path in files:
                os.replace(partial[path], path)
        except OSError:
            for path, content in before.items():
                if content is None:
                    path.unlink(missing_ok=True)
                else:
                    path.write_bytes(content)
            raise
    finally:
        for path in partial.values():
            path.unlink(missing_ok=True)


def accept(root: Path, files: Mapping[Path, str]) -> list[str]:
    """Accept these texts as the golden files; what changes, one line each.

    Args:
        root: the checkout, whose `results/` must be as committed.
        files: the new text of each golden file: claims where it ends in .json, else digests.

    Raises:
        BnreportError: when `results/` is changed; then nothing is written.
    """
    refuse_changed_records(root)
    told = []
    for path, text in files.items():
        old = path.read_text(encoding="utf-8") if path.exists() else ""
        if path.suffix == ".json":
            told += _told_of_claims(old or "[]", text)
        else:
            changed = changed_files(old, text)
            told += [
                f"pages, tables, figures and data files that change: {len(changed)}",
                *(f"  {line}" for line in changed),
            ]
    write_all(files)
    return told


def _told_of_claims(old: str, new: str) -> list[str]:
    words = changed_words(old, new)
    before, after = by_id(old), by_id(new)
    others = sum(
        not line.startswith(("verdict ", "reversed "))
        for name in before.keys() & after.keys()
        for line in _differences(before[name], after[name])
    )
    return [
        f"words that change: {len(words)}",
        *(f"  {line}" for line in words),
        f"other entries of claims that change: {others}",
    ]


def main() -> None:
    """Accept what the committed records lead to."""
    machine.seldom_collect()
    try:
        refuse_changed_records(ROOT)
        if strange := unlocked(LOCK.read_text(encoding="utf-8")):
            raise BnreportError(
                f"Expected the packages of {LOCK.relative_to(ROOT)}: others draw other pages. "
                f"Received: {', '.join(strange)}. Accept where the locks can be installed."
            )
        found = digests(rendered(), all_tables())
        told = accept(ROOT, {CLAIMS: claims_json(report()), PAGES: listed(found)})
    except BnreportError as error:
        sys.exit(str(error))
    sys.stdout.write("\n".join(told) + "\n")


if __name__ == "__main__":
    main()
