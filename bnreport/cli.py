"""The command line: each command is in `commands`, and here is what all of them have in common."""

import atexit
import errno
import gc
import io
import os
import signal
import sys
import threading
from pathlib import Path
from typing import Any, NoReturn

import click
from rich.console import Console

from bnreport import __version__, machine
from bnreport.commands import (
    compare,
    provenance_commands,
    query_commands,
    recording,
    site_commands,
    training_commands,
)
from bnreport.commands.project import Project
from bnreport.errors import BnreportError
from bnreport.records import provenance
from bnreport.records.layout import Layout


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="bnreport")
@click.pass_context
def cli(context: click.Context) -> None:
    """Batch normalization, explained and measured.

    Studies are trained into records (results/), records are judged and rendered into a site
    (site/). Every step trains only what no record answers.
    """
    if context.obj is not None:
        return
    if not provenance.is_project(provenance.ROOT):
        _fail(
            "Expected a checkout of bnreport, a folder with mkdocs.yml and results/, here or "
            f"above. Received: {Path.cwd()}. Clone the repository and run this there.",
            2,
        )
    context.obj = Project(Layout(provenance.ROOT))


for command in (
    training_commands.run,
    training_commands.verify,
    training_commands.notebook,
    query_commands.status,
    query_commands.why,
    compare.compare,
    site_commands.build,
    site_commands.check,
    site_commands.serve,
    site_commands.diff,
    site_commands.new,
    provenance_commands.checksums,
    provenance_commands.history,
    provenance_commands.link,
):
    cli.add_command(command)


# Seconds after which the library has gone on.
SOON = 0.05


class _Terminated(KeyboardInterrupt):
    """SIGTERM, which ends a call as Ctrl-C does: workers are ended, files closed, locks freed."""


def main(project: Project | None = None) -> None:
    """Run the command line; print without a traceback what is no fault of the program.

    Args:
        project: where the commands work; by default in the checkout of the package, or the one
            above the working folder.
    """
    machine.seldom_collect()
    # The process ends: whatever is left goes with it, and nobody need look for garbage.
    atexit.register(gc.freeze)
    former, unraised = _on_termination(_terminate), sys.unraisablehook
    sys.unraisablehook = _again
    for stream in (sys.stdout, sys.stderr):
        # A terminal that has no word for a letter shows a question mark, and ends no call.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        cli(standalone_mode=False, obj=project)
    except BnreportError as error:
        _fail(str(error), 1)
    except BrokenPipeError:
        # Whoever read the output has gone; Python would complain again when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except OSError as error:
        full = error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
        kept = ": finished runs are kept" if recording.keeps(error) else ""
        _fail(
            f"Expected to read and write files. Received: {error}. "
            f"{'Make room on the disk' if full else 'Fix this'}, and run the command again{kept}.",
            1,
        )
    except MemoryError:
        _fail("Expected enough memory. Received: none left. Free some, or use a larger machine.", 1)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt) as error:
        # Click makes an error of its own of it.
        terminated = isinstance(error.__cause__ or error, _Terminated)
        ended = "Ended by SIGTERM." if terminated else "Interrupted."
        kept = " Finished runs are recorded; the next call goes on from there."
        _fail(ended + kept * recording.keeps(error), 143 if terminated else 130)
    finally:
        sys.unraisablehook = unraised
        _on_termination(former)


def _again(unraisable: Any) -> None:
    """Hear a signal again that came while a library of C could raise nothing, and was dropped."""
    if not isinstance(unraisable.exc_value, KeyboardInterrupt):
        sys.__unraisablehook__(unraisable)
        return
    terminated = isinstance(unraisable.exc_value, _Terminated)
    number = signal.SIGTERM if terminated else signal.SIGINT
    main_thread = threading.main_thread().ident
    assert main_thread is not None
    # Whatever the call waits for then is interrupted, too.
    threading.Timer(SOON, signal.pthread_kill, (main_thread, number)).start()


def _terminate(*_: object) -> NoReturn:
    raise _Terminated


def _on_termination(handler: Any) -> Any:
    """Set what SIGTERM does, and return what it did; only the main thread may."""
    try:
        return signal.signal(signal.SIGTERM, signal.SIG_DFL if handler is None else handler)
    except ValueError:
        return None


def _fail(text: str, code: int) -> None:
    Console(stderr=True).print(text, highlight=False, markup=False, soft_wrap=True)
    sys.exit(code)
