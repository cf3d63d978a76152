"""Measure what building and serving the site costs, in a copy of this checkout."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import count, islice
from pathlib import Path
from statistics import median

import yaml

from bnreport import machine
from bnreport.errors import BnreportError
from bnreport.pages.site_times import FILE, SiteTimes
from bnreport.records import checkout, checksums, provenance
from bnreport.records.layout import Layout
from bnreport.records.record import Record
from bnreport.records.store import read
from bnreport.records.writing import write
from bnreport.studies import all_studies

REPEATS = 3
SIZES = (2_000, 6_800, 20_000)
# Seconds within which an edit must be on its page.
PATIENCE = 300.0
WORD = "Quokka"
PAGE = "methods"
BUILD = ("-m", "bnreport", "build", "--records")


def measure(root: Path, folder: Path) -> SiteTimes:
    """Every measurement, in a copy of the checkout below an empty folder."""
    copy = copied(root, folder / "checkout")
    cold = _seconds(copy, *BUILD)
    bare = _bare(copy, folder)
    drawn = len([*(copy / "build" / "docs" / "figures").glob("*.svg")]) // 2
    return SiteTimes(
        machine=machine.processor(),
        date=datetime.now(UTC).date().isoformat(),
        commit=checkout.commit(root)[0],
        drawings=drawn,
        cold=cold,
        warm=_median(lambda: _seconds(copy, *BUILD)),
        mkdocs=_median(lambda: _seconds(copy, "-m", "mkdocs", "build", "-q", "-f", str(bare))),
        mistake=_median(lambda: _mistake(copy)),
        mkdocs_edit=_edit(
            copy,
            copy / "build" / "docs" / f"{PAGE}.md",
            lambda port: ("-m", "mkdocs", "serve", "-f", str(bare), "-a", f"127.0.0.1:{port}"),
        ),
        edit=_edit(
            copy,
            copy / "docs" / f"{PAGE}.md",
            lambda port: ("-m", "bnreport", "serve", "--port", str(port)),
        ),
        read={size: _reading(Layout(root), folder / "many.jsonl", size) for size in SIZES},
    )


def copied(root: Path, folder: Path) -> Path:
    """A copy of all files that git knows, and of nothing that was built: it returns the folder.

    Raises:
        BnreportError: when the root is no checkout of git.
    """
    known = checkout.git(root, "ls-files", "-z")
    if known is None:
        raise BnreportError(
            f"Expected a checkout of git in {root}. Received: none. Clone the repository, and "
            "measure there."
        )
    for name in filter(None, known.split("\0")):
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(root / name, target)
    return folder


def _median(run: Callable[[], float]) -> float:
    return median(run() for _ in range(REPEATS))


def _seconds(root: Path, *words: str, code: int = 0) -> float:
    """The seconds that a call of Python takes, which must end with that exit code."""
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, *words], cwd=root, env=_environment(root), capture_output=True, check=False
    )
    taken = time.perf_counter() - began
    if done.returncode != code:
        raise BnreportError(
            f"Expected `python {' '.join(words)}` to end with {code}. Received: "
            f"{done.returncode}, {done.stderr.decode()[-2000:]}. Fix what it says."
        )
    return taken


def _environment(root: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name != "SITE_URL"}
    return kept | {"PYTHONPATH": str(root), "NO_MKDOCS_2_WARNING": "1"}


def _bare(root: Path, folder: Path) -> Path:
    """The settings with which MkDocs builds the staged pages by itself, and warns of nothing."""
    whole = root / "build" / "mkdocs.yml"
    # Beside the whole ones, whose folders are named from where they lie.
    path = whole.with_name("bare.yml")
    config = yaml.safe_load(whole.read_text(encoding="utf-8"))
    config |= {"site_dir": str(folder / "bare"), "strict": False}
    path.write_text(yaml.safe_dump(config), encoding="utf-8")
    return path


@contextmanager
def _changed(path: Path, more: str) -> Iterator[None]:
    former = path.read_text(encoding="utf-8")
    path.write_text(f"{former}\n{more}\n", encoding="utf-8")
    try:
        yield
    finally:
        path.write_text(former, encoding="utf-8")


def _mistake(root: Path) -> float:
    with _changed(root / "docs" / f"{PAGE}.md", f'[[ study("speed").value("{WORD}") ]]'):
        return _seconds(root, "-m", "bnreport", "check", code=1)


def _edit(root: Path, page: Path, words: Callable[[int], Sequence[str]]) -> float:
    """The seconds from a saved word to its page, while a server runs."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}/{PAGE}.html"
    server = subprocess.Popen(
        [sys.executable, *words(port)],
        cwd=root,
        env=_environment(root),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _until(address, "</html>")
        taken = []
        for number in range(REPEATS):
            with _changed(page, f"{WORD}{number}"):
                taken.append(_until(address, f"{WORD}{number}"))
        return median(taken)
    finally:
        server.terminate()
        server.wait()


def _until(address: str, word: str) -> float:
    began = time.perf_counter()
    while (taken := time.perf_counter() - began) < PATIENCE:
        try:
            with urllib.request.urlopen(address, timeout=PATIENCE) as answer:
                if word in answer.read().decode():
                    return time.perf_counter() - began
        except OSError:
            pass
        time.sleep(0.05)
    raise BnreportError(
        f"Expected {word!r} on {address}. Received: nothing of it in {taken:.0f} seconds. "
        "Run `bnreport serve` by hand and see what it says."
    )


def _reading(layout: Layout, path: Path, size: int) -> float:
    """The seconds of reading so many records: those of the studies, at ever more seeds."""
    known = [
        record
        for name in all_studies()
        for record in read(layout.committed(name, "full"), lambda _: None).values()
    ]
    write(path, islice(many(known), size))
    began = time.perf_counter()
    read(path, lambda _: None)
    return time.perf_counter() - began


def many(known: Sequence[Record]) -> Iterator[Record]:
    """Yield made-up records like these, at ever more seeds."""
    for turn in count():
        for record in known:
            seed = record.identity.seed + 10_000 * turn
            identity = record.identity.model_copy(update={"seed": seed})
            yield record.model_copy(update={"identity": identity, "id": identity.run_id})


def main() -> None:
    """Measure, and write results/site.json."""
    layout = Layout(provenance.ROOT)
    with tempfile.TemporaryDirectory() as folder:
        times = measure(layout.root, Path(folder))
    text = times.model_dump_json(indent=1) + "\n"
    checksums.write_result(layout.results, FILE, text)
    sys.stdout.write(text)


if __name__ == "__main__":
    main()
