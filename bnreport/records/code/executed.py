"""Digest what runs execute: each kind of trial, each probe, and the notebook.

Digests have names: those of the kinds of trials, "probe-<name>" and "notebook". What a run executes
is its kind's together with its probes'; its own digest follows from theirs.
"""

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import TypeAlias

from bnreport.errors import BnreportError
from bnreport.protocol.frozen import digest
from bnreport.protocol.trials import AnyTrial, Trial
from bnreport.records.code.definitions import Package
from bnreport.records.code.source import Answers, Entry, Key
from bnreport.records.provenance import PACKAGE, ROOT, SOURCES

Digests: TypeAlias = Mapping[str, str]
# A file, the time of its last change in nanoseconds, and its size in bytes.
Stamp: TypeAlias = tuple[str, int, int]

# What looks at images loads them first, with the backend's threads set.
_IMAGES = (Entry("prepare"), Entry("load"))
# Where a run of each of these kinds begins; a run of any other begins in what performs it. Entries
# are found by name, wherever they lie: an earlier commit may have had them elsewhere. One that is
# renamed keeps its former name in `formerly`.
ENTRIES = {
    "train": (*_IMAGES, Entry("place"), Entry("train", ("Course",))),
    "recipe": (
        *_IMAGES,
        Entry("place"),
        Entry("follow_on", formerly=(Entry("follow", ("Follower",)),)),
    ),
    "timing": (*_IMAGES, Entry("time_epochs")),
    "toy": (Entry("solve", ("descend_normalized",)),),
    "bench": (Entry("measure", ("start_up",)),),
    "facts": (Entry("found", ("FactsTrial",)),),
}
# Tables of what is chosen by name. A check names its probe, and only those that it names count.
PROBES = Entry("PROBES", ("Glance",))
PERFORMERS = Entry("PERFORMERS", ("Performance",))
NOTEBOOK = "notebook"
# Where the cells of the notebook are put, as a module of their own.
_CELLS = "cells.py"
# The digests that this process has found, each with what they followed from. Most commits change
# nothing of that.
_KNOWN: list[tuple[Answers, Digests]] = []


def names(trial: AnyTrial) -> tuple[str, ...]:
    """The names of the digests of what a trial executes."""
    checks = trial.checks if isinstance(trial, Trial) else ()
    probes = {f"probe-{check.probe}" for check in checks if check.kind == "probe"}
    return (trial.kind, *sorted(probes))


def run_digest(digests: Digests, trial: AnyTrial) -> str:
    """The digest of what a run of a trial executes.

    Raises:
        BnreportError: when the code has no such kind or probe.
    """
    if lacking := [name for name in names(trial) if name not in digests]:
        raise BnreportError(
            f"Expected code for {', '.join(lacking)}, which the trial {trial.name!r} asks for. "
            f"Received: {', '.join(sorted(digests))}. Name one of these, or write it."
        )
    return hashlib.sha256("".join(digests[name] for name in names(trial)).encode()).hexdigest()


def whole_digest(digests: Digests) -> str:
    """The digest of all that can be executed."""
    return digest(digests)


def digests(sources: Mapping[str, str], cells: str = "") -> dict[str, str]:
    """The digests by name of a package.

    Args:
        sources: the text of each of its files, by its path.
        cells: the code of the notebook.
    """
    package = Package({**sources, _CELLS: cells}, {PROBES.name})
    for answers, known in _KNOWN:
        if package.agrees(answers):
            return dict(known)
    digests_by_name = {name: package.digest(keys) for name, keys in entries(package).items()}
    own = Path(_CELLS).stem
    # The notebook's own definitions are under the digest of its cells.
    digests_by_name[NOTEBOOK] = package.digest(package.everything(own), without=own)
    _KNOWN.append((package.answers, digests_by_name))
    return dict(digests_by_name)


def entries(package: Package) -> dict[str, list[Key]]:
    """The definitions at which kinds and probes begin, by the names of their digests."""
    beginnings = {
        kind: [key] for kind, key in package.table(PERFORMERS).items() if kind not in ENTRIES
    }
    for kind, wanted in ENTRIES.items():
        keys = [key for entry in wanted if (key := package.find(entry))]
        # An earlier commit may have lacked a kind.
        if len(keys) == len(wanted):
            beginnings[kind] = keys
    return beginnings | {f"probe-{name}": [key] for name, key in package.table(PROBES).items()}


def cells_of(notebook: str) -> str:
    """The code cells of a notebook file as one text."""
    cells = json.loads(notebook)["cells"]
    return "\n\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "code")


def files(sources: Path = SOURCES, project: Path = ROOT) -> list[Path]:
    """The files that all digests follow from: the package's modules, and the notebook."""
    return [Path(path) for path, *_ in _stamps(sources, project)]


def _stamps(sources: Path, project: Path) -> tuple[Stamp, ...]:
    """Each of these files with the time of its last change and its size, by path.

    A call asks before each of its records, so that this is done without a path object a file.
    """
    modules = sorted(_modules(str(sources / PACKAGE)))
    notebook = project / "notebooks" / "notebook.ipynb"
    if not notebook.is_file():
        return tuple(modules)
    stat = notebook.stat()
    return (*modules, (str(notebook), stat.st_mtime_ns, stat.st_size))


def _modules(folder: str) -> Iterator[Stamp]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir():
                yield from _modules(entry.path)
            elif entry.name.endswith(".py"):
                stat = entry.stat()
                yield entry.path, stat.st_mtime_ns, stat.st_size


def today(sources: Path = SOURCES, project: Path = ROOT) -> dict[str, str]:
    """The digests of the code as it lies on disk; files are read again once one has changed.

    Args:
        sources: the folder that holds the package.
        project: the folder that holds the notebooks.
    """
    return dict(_read(sources, _stamps(sources, project)))


@lru_cache(maxsize=4)
def _read(sources: Path, stamps: tuple[Stamp, ...]) -> dict[str, str]:
    texts, cells = {}, ""
    for path in (Path(name) for name, *_ in stamps):
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".py":
            texts[path.relative_to(sources).as_posix()] = text
        else:
            cells = cells_of(text)
    return digests(texts, cells)
