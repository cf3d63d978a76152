"""Seeds faults into a copy of the package, one at a time, and says which tests notice each.

`python -m tests.mutants` does it for all faults of `tests/faults.toml`: see `scripts/mutants`.
Nothing of the package that a fault touches stays imported here: each has a process of its own,
which imports the copy.
"""

import argparse
import contextlib
import gc
import hashlib
import importlib
import json
import os
import shutil
import signal
import sys
import tempfile
import time
import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Any, Literal, TypeAlias

ROOT = Path(__file__).parents[1]
FAULTS = ROOT / "tests" / "faults.toml"
PACKAGE = "bnreport"
# What a copy has of its own; all else is linked.
COPIED = (PACKAGE, "docs", "tests")
# Every study, and every module that they share, has so many faults.
LEAST = 3
SHARED = (
    "analysis/arms",
    "analysis/cells",
    "analysis/charts",
    "analysis/comparisons",
    "analysis/crossed",
    "analysis/design",
    "analysis/foreknowledge",
    "analysis/display",
    "analysis/ends",
    "analysis/grids",
    "analysis/tuning",
    "analysis/interval_rule",
    "analysis/judge",
    "analysis/metrics",
    "analysis/placed",
    "analysis/printed",
    "analysis/range_views",
    "analysis/ranges",
    "analysis/timings",
    "analysis/verdicts",
    "pages/kept_pages",
    "pages/staging",
    "pages/data/claims",
    "pages/data/runs",
    "statistics/estimates",
    "statistics/intervals",
    "statistics/power",
    "statistics/significance",
)
# A fault may make a loop endless.
SECONDS = 300
# Imported once, before the processes part: what no fault touches.
LIBRARIES = (
    "matplotlib.figure",
    "nbformat",
    "numpy",
    "pydantic",
    "pytest",
    "scipy.optimize",
    "scipy.stats",
    "yaml",
)

# The accepted claims, the directions of claims, and cases worked out by hand.
Net = Literal["golden", "directions", "hand"]
NETS: tuple[Net, ...] = ("golden", "directions", "hand")
# Anybody may accept other claims: what these alone notice is not held.
HOLDING: tuple[Net, ...] = ("directions", "hand")
Caught: TypeAlias = Mapping[Net, bool | None]
# How pytest ends: all passed, some failed, not even collected, nothing to run.
PASSED, FAILED, BROKEN, NOTHING = 0, 1, 2, 5


class StaleError(Exception):
    """The list of faults does not fit the package, or the package does not pass its own tests."""


@dataclass(frozen=True)
class Fault:
    """A piece of text and what is put in its place.

    Attributes:
        file: the file of the package.
        old: the text, which the file holds exactly once.
        new: what is put in its place.
        what: what is wrong then.
        study: the study by whose claims it is looked for; empty outside of what judges them.
        tests: the files of cases worked out by hand that are asked.
        unasked: how the names of their slow tests begin, which see no more.
        equal: why nothing changes, where nothing does.
    """

    file: str
    old: str
    new: str
    what: str
    study: str
    tests: tuple[str, ...]
    unasked: tuple[str, ...] = ()
    equal: str = ""

    @property
    def group(self) -> str:
        """The study or the shared module whose fault it is."""
        return group_of(self.file)


@dataclass(frozen=True)
class Found:
    """Which nets caught a fault, None for one that does not hold its study, and what is shown."""

    caught: Caught = field(default_factory=dict)
    shown: str = ""
    trouble: str = ""

    @property
    def held(self) -> bool:
        """Whether a net caught it that nobody may accept away."""
        return bool(self.trouble) or any(self.caught.get(net) for net in HOLDING)


def group_of(file: str) -> str:
    """The study, read at an edition, or the shared module that a file belongs to."""
    _, first, *parts = PurePosixPath(file).with_suffix("").parts
    if first != "studies":
        return "/".join((first, *parts))
    number = {"second": 2, "third": 3}.get(parts[0])
    return f"{parts[1]}.{number}" if number else parts[0]


def _study_of(file: str) -> str:
    """The study that a file belongs to, if any."""
    return group_of(file) if "studies" in PurePosixPath(file).parts else ""


def read_faults(path: Path = FAULTS) -> list[Fault]:
    """The faults of a list.

    Its table `by_hand` names, by group, the files of cases worked out by hand, and `seen_in` the
    study in which those of a module that studies share are looked for; what is outside of them
    changes no claim. A fault may name its own of both. What begins like one of `unasked` is left
    out.
    """
    listed = tomllib.loads(path.read_text(encoding="utf-8"))
    faults = []
    for fault in listed["fault"]:
        group = group_of(fault["file"])
        defaults = {
            "study": listed["seen_in"].get(group, _study_of(fault["file"])),
            "tests": listed["by_hand"].get(group, listed["by_hand"]["all"]),
        }
        fields = defaults | fault
        tuples = {"tests": tuple(fields["tests"]), "unasked": tuple(listed.get("unasked", ()))}
        faults.append(Fault(**{**fields, **tuples}))
    return faults


def check_list(faults: Sequence[Fault], root: Path = ROOT) -> None:
    """Refuse a list that does not fit the package.

    Raises:
        StaleError: when a text is not there, or not exactly once, or a fault is not one.
    """
    for fault in faults:
        text = (root / fault.file).read_text(encoding="utf-8")
        if (count := text.count(fault.old)) != 1:
            raise StaleError(
                f"Expected this text exactly once in {fault.file}. Received: {count} times.\n"
                f"{fault.old}\nBring the fault in tests/faults.toml up to date ({fault.what})."
            )
        if fault.new == fault.old:
            raise StaleError(
                f"Expected a fault in {fault.file}. Received: the same text.\n{fault.old}\n"
                f"Change it in tests/faults.toml ({fault.what})."
            )
        compile(text.replace(fault.old, fault.new), fault.file, "exec")


@contextlib.contextmanager
def seeded(fault: Fault, root: Path = ROOT) -> Iterator[Path]:
    """A copy of the checkout in which the fault is made; nothing else differs."""
    with tempfile.TemporaryDirectory(prefix="bnreport-mutant-") as name:
        copy = Path(name)
        for path in root.iterdir():
            if path.name in COPIED:
                # With what is compiled, or every process would compile it again; but not what
                # another process is about to compile.
                shutil.copytree(path, copy / path.name, ignore=shutil.ignore_patterns("*.pyc.*"))
            elif not path.name.startswith("."):
                (copy / path.name).symlink_to(path)
        path = copy / fault.file
        text = path.read_text(encoding="utf-8")
        if fault.old:
            path.write_text(text.replace(fault.old, fault.new), encoding="utf-8")
            for compiled in path.parent.glob(f"__pycache__/{path.stem}.*"):
                compiled.unlink()
        yield copy


def examine(fault: Fault, copy: Path) -> Found:
    """What catches the fault in its copy, asked in this process, which has imported nothing of it.

    Every net is asked, for each is to be worth something by itself.
    """
    os.chdir(copy)
    sys.path[:] = [str(copy), *(place for place in sys.path if Path(place or ".") != ROOT)]
    sys.dont_write_bytecode = True
    for name in [name for name in sys.modules if name.partition(".")[0] in COPIED]:
        del sys.modules[name]
    importlib.invalidate_caches()
    unasked = [f"--deselect={name}" for name in fault.unasked]
    if not fault.study:
        # What trains has no other tests than those that train.
        return Found({"hand": _pytest([*fault.tests, *unasked], kinds="not browser")})
    try:
        different, shown = _golden(fault.study)
    except Exception as error:  # noqa: BLE001 - whatever it is, the build would stop
        different, shown = True, repr(error)
    directed = _pytest(["tests/protocol/test_directions.py"], fault.study)
    by_hand = _pytest([*fault.tests, *unasked]) if fault.tests else None
    return Found({"golden": different, "directions": directed, "hand": by_hand}, shown)


def _golden(study: str) -> tuple[bool, str]:
    """Whether the study's claims are not the accepted ones, and a digest of what its page shows."""
    golden = importlib.import_module("tests.golden")
    report = importlib.import_module("bnreport.analysis.report")
    exports = importlib.import_module("bnreport.pages.data.claims")
    found = golden.judged(study)
    pages = frozenset({found.study.page})
    claims = exports.claims_json(report.Report("full", {study: found}, None, pages))
    accepted = json.loads(golden.CLAIMS.read_text(encoding="utf-8"))
    own = json.dumps([claim for claim in accepted if _edition_of(claim) == study])
    analysis = found.analysis
    shown = repr((claims, sorted(analysis.values.items()), sorted(analysis.tables.items())))
    return bool(golden.differences(own, claims)), hashlib.sha256(shown.encode()).hexdigest()


def _edition_of(claim: Mapping[str, Any]) -> str:
    """The edition that a published claim belongs to, as its files are called."""
    name, number = claim["study"], claim["edition"]
    return str(name) if number == 1 else f"{name}.{number}"


class OfStudy:
    """Keeps the tests of one study's claims."""

    def __init__(self, study: str) -> None:
        self.study = study

    def pytest_collection_modifyitems(self, items: list[Any]) -> None:
        """Leave the tests that ask about the study or one of its claims."""
        studies = importlib.import_module("bnreport.studies").all_editions()
        study = studies[self.study]
        names = {claim.id for claim in study.claims}
        items[:] = [
            item
            for item in items
            if any(
                value is study or (isinstance(value, str) and value in names)
                for value in getattr(item, "callspec", _Whole).params.values()
            )
        ]


class _Whole:
    """A test without parameters."""

    params: Mapping[str, object] = {}


def _pytest(
    asked: Iterable[str], study: str = "", kinds: str = "not train and not browser"
) -> bool | None:
    """Whether one of the tests asked for fails; None where there is none of the study."""
    pytest = importlib.import_module("pytest")
    words = ["-x", "-q", "--no-header", "-p", "no:cacheprovider", "-m", kinds]
    code = int(pytest.main([*words, *asked], plugins=[OfStudy(study)] if study else []))
    if code not in {PASSED, FAILED, BROKEN, NOTHING}:
        raise StaleError(f"Expected pytest to run {asked}. Received: exit status {code}.")
    return None if code == NOTHING else code != PASSED


def _in_child(fault: Fault, copy: Path, told: Path) -> None:
    """Examine the fault in a process that ends here, and write down what was found."""
    status = 1
    try:
        signal.alarm(SECONDS)
        # What a process reads and finds stays until its end.
        gc.disable()
        log = os.open(copy / "log.txt", os.O_WRONLY | os.O_CREAT)
        os.dup2(log, 1)
        os.dup2(log, 2)
        found = examine(fault, copy)
        told.write_text(json.dumps([found.caught, found.shown]), encoding="utf-8")
        status = 0
    except BaseException as error:  # noqa: BLE001 - told to the process that waits
        told.with_suffix(".trouble").write_text(repr(error), encoding="utf-8")
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def run_all(faults: Sequence[Fault], jobs: int, root: Path = ROOT) -> Iterator[tuple[Fault, Found]]:
    """What catches each fault, as the answers come, from so many processes at a time.

    A process that does not come to its end has noticed something, too: its `trouble` says what.
    """
    # Threads of their own are of no use to small arrays, and would not survive the parting.
    os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"
    # What was compiled for tests is read, too: a fault that changes a program changes what it is.
    compiled = importlib.import_module("tests.compiled")
    os.environ.update(compiled.environment(compiled.QUICK))
    for library in LIBRARIES:
        importlib.import_module(library)
    waiting = list(reversed(faults))
    running: dict[int, tuple[Fault, Path, contextlib.ExitStack]] = {}
    with contextlib.ExitStack() as all_copies:
        while waiting or running:
            while waiting and len(running) < jobs:
                fault, stack = waiting.pop(), all_copies.enter_context(contextlib.ExitStack())
                copy = stack.enter_context(seeded(fault, root))
                child = os.fork()
                if child == 0:
                    _in_child(fault, copy, copy / "found.json")
                running[child] = (fault, copy, stack)
            child, status = os.wait()
            fault, copy, stack = running.pop(child)
            yield fault, _told(copy, status)
            stack.close()


def _told(copy: Path, status: int) -> Found:
    told = copy / "found.json"
    if status == 0:
        caught, shown = json.loads(told.read_text(encoding="utf-8"))
        return Found(caught, shown)
    trouble = told.with_suffix(".trouble")
    words = trouble.read_text(encoding="utf-8") if trouble.exists() else f"ended by {status}"
    return Found(trouble=words)


def complaint(fault: Fault, found: Found, clean: Found) -> str:
    """Why a fault does not count as caught, or as none; empty where it does.

    Args:
        fault: the fault.
        found: what caught it.
        clean: what the same tests say of the package as it is.
    """
    if fault.equal:
        if found.trouble or any(found.caught.values()) or found.shown != clean.shown:
            return "is said to change nothing, and is noticed"
        return ""
    if found.held:
        return ""
    if found.caught.get("golden"):
        return "is noticed by the accepted claims alone, which anybody may accept anew"
    return "SURVIVES"


def main(words: Sequence[str] | None = None) -> int:
    """Seed the faults and print which nets catch each; 1 where one survives."""
    parser = argparse.ArgumentParser(prog="scripts/mutants", description=__doc__)
    parser.add_argument("groups", nargs="*", help="studies or shared modules; all without any")
    parser.add_argument("--faults", type=Path, default=FAULTS, help="another list of faults")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes at a time")
    given = parser.parse_args(words)
    try:
        faults = chosen(read_faults(given.faults), given.groups)
        check_list(faults)
        return _report(faults, given.jobs)
    except StaleError as error:
        sys.stderr.write(f"{error}\n")
        return 2


def chosen(faults: Sequence[Fault], groups: Collection[str]) -> list[Fault]:
    """The faults of these groups, all where none is named.

    Raises:
        StaleError: when a group has no faults.
    """
    known = dict.fromkeys(fault.group for fault in faults)
    if unknown := [group for group in groups if group not in known]:
        raise StaleError(
            f"Expected studies or shared modules among {', '.join(known)}. Received: "
            f"{', '.join(unknown)}. Use one of these, or none for all."
        )
    return [fault for fault in faults if not groups or fault.group in groups]


def without_faults(faults: Sequence[Fault]) -> list[Fault]:
    """One that is none for each study, and one for all else, so that each test is asked once."""
    asked: set[str] = set()
    clean = []
    for first in {fault.study: fault for fault in reversed(faults)}.values():
        tests = {name for f in faults if f.study == first.study for name in f.tests} - asked
        # A file that is asked whole answers for each of its tests.
        tests = {name for name in tests if name.partition("::")[0] not in tests - {name}}
        asked |= tests
        clean.append(replace(first, old="", new="", tests=tuple(sorted(tests))))
    return clean


def _report(faults: Sequence[Fault], jobs: int) -> int:
    start = time.monotonic()
    clean: dict[str, Found] = {}
    for fault, found in run_all(without_faults(faults), jobs):
        if found.trouble or any(found.caught.values()):
            raise StaleError(
                f"Expected the package as it is to pass {', '.join(NETS)} of {fault.study} "
                f"({', '.join(fault.tests)}). Received: {found.trouble or dict(found.caught)}. "
                "Fix that first: see scripts/test."
            )
        clean[fault.study] = found
    counts: dict[str, int] = dict.fromkeys((*NETS, "nothing", "complaints"), 0)
    _say(f"{'':50}  {'  '.join(NETS)}")
    for fault, found in run_all(faults, jobs):
        told = complaint(fault, found, clean[fault.study])
        marks = [_mark(found, net).ljust(len(net)) for net in NETS]
        label = f"{fault.group}: {fault.what}"
        _say(f"{label:50}  {'  '.join(marks)}  {told or fault.equal}".rstrip())
        if told:
            _say(f"  {fault.file}\n    - {fault.old!r}\n    + {fault.new!r}")
        for net in NETS:
            counts[net] += bool(found.caught.get(net))
        counts["nothing"] += bool(fault.equal)
        counts["complaints"] += bool(told)
    _say(
        f"{len(faults)} faults in {time.monotonic() - start:.0f} s: "
        f"{', '.join(f'{counts[net]} caught by {net}' for net in NETS)}; "
        f"{counts['nothing']} change nothing; {counts['complaints']} not held"
    )
    return min(1, counts["complaints"])


def _say(line: str) -> None:
    # At once, so that no process that parts takes a line along.
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _mark(found: Found, net: Net) -> str:
    if found.trouble:
        return "stops"
    caught = found.caught.get(net)
    return "" if caught is None else "caught" if caught else "-"


if __name__ == "__main__":
    sys.exit(main())
