"""Serve the site while it is written: what has changed is built and shown again."""

import logging
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console

from bnreport.analysis.report import Report
from bnreport.commands.build_options import BuildOptions
from bnreport.commands.report import from_records
from bnreport.errors import BnreportError
from bnreport.machine import cores
from bnreport.pages.render import render, stage
from bnreport.pages.social_card import picture
from bnreport.pages.staging import Staging
from bnreport.pages.supplies import Supplies
from bnreport.presentation.formats import duration
from bnreport.site.menu import navigation
from bnreport.site.mkdocs import build_site

PACKAGE = Path(__file__).resolve().parents[__name__.count(".") - 1]
# What a new process must be able to import before it takes the place of this one.
IMPORTS = "import bnreport.cli; from bnreport.studies import all_studies; all_studies()"

Seen = Mapping[Path, tuple[int, int]]


def seen(folders: Iterable[Path], suffixes: tuple[str, ...] = ()) -> Seen:
    """The time at which each file was changed, and its size; of some suffixes, or of any."""
    files = (path for folder in folders for path in folder.rglob("*") if path.is_file())
    stats = {path: path.stat() for path in files if not suffixes or path.suffix in suffixes}
    return {path: (stat.st_mtime_ns, stat.st_size) for path, stat in stats.items()}


@dataclass
class Preview:
    """Keep from one edit to the next what need not be made again: report, figures, data."""

    order: BuildOptions
    folder: Path
    console: Console
    restart: Callable[[], None]
    report: Report | None = None
    supplies: Supplies = field(init=False)
    code: Seen = field(init=False)
    results: Seen = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.supplies = Supplies(processes=cores(), cache=self.order.kept)
        self.code = seen([PACKAGE], (".py", ".toml"))

    @property
    def watched(self) -> list[Path]:
        """The folders and files that the site is made from."""
        layout = self.order.layout
        files = [layout.root / name for name in ("theme", "mkdocs.yml", "CITATION.cff")]
        return [PACKAGE, layout.pages, layout.results, layout.notebook.parent, *files]

    @property
    def site(self) -> Path:
        """The folder of the served site."""
        return self.folder / "site"

    def build(self) -> None:
        """Build what has changed; a mistake is told, and the former site stays."""
        began = time.perf_counter()
        if (code := seen([PACKAGE], (".py", ".toml"))) != self.code:
            self.code = code
            self.restart()
        try:
            self._build()
        except BnreportError as error:
            self.say(str(error))
        else:
            self.say(f"Built in {duration(time.perf_counter() - began)}.")

    def _build(self) -> None:
        layout = self.order.layout
        results = seen([layout.results])
        if self.report is None or results != self.results:
            self.report = from_records(self.order, self.console)
            self.results = results
        staging = render(self.report, layout.pages, Staging(supplies=self.supplies))
        staged = self.folder / "docs"
        stage(staging, layout.pages, layout.notebook, staged, picture(self.report, self.order.kept))
        build_site(layout.root, navigation(self.report), self.report, self.site, served=staged)

    def say(self, text: str) -> None:
        """Print a line as it is."""
        self.console.print(text, highlight=False, markup=False, soft_wrap=True)


def serve(order: BuildOptions, port: int, console: Console) -> None:
    """Serve the site of the committed records until the call is interrupted.

    Raises:
        BnreportError: when the port is taken.
    """
    # What only builds waits for no server.
    from mkdocs.livereload import LiveReloadServer

    folder = Path(tempfile.mkdtemp(prefix="bnreport-"))

    def restart() -> None:
        done = subprocess.run(
            [sys.executable, "-c", IMPORTS], capture_output=True, text=True, check=False
        )
        if done.returncode:
            preview.say(f"{done.stderr.strip()}\nFix the code; until then the former code serves.")
            return
        preview.say("The code has changed: starting again.")
        shutil.rmtree(folder, ignore_errors=True)
        os.execv(sys.executable, sys.orig_argv)

    preview = Preview(order, folder, console, restart)
    server = LiveReloadServer(preview.build, "127.0.0.1", port, str(preview.site))
    logging.getLogger("mkdocs.livereload").setLevel(logging.WARNING)
    try:
        _refuse_taken(port)
        preview.build()
        for path in preview.watched:
            server.watch(str(path))
        preview.say(f"Serving on {server.url}. Stop with Ctrl-C.")
        server.serve()  # type: ignore[no-untyped-call]
    finally:
        server.shutdown()
        shutil.rmtree(folder, ignore_errors=True)


def _refuse_taken(port: int) -> None:
    """Refuse a port that another program has, before anything is built."""
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError as error:
        raise BnreportError(
            f"Expected port {port} of this machine to be free. Received: {error}. "
            "Name another with --port."
        ) from error
