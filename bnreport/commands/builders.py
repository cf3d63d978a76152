"""Try other builders on the configuration that the last build wrote: see scripts/builders."""

import argparse
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from bnreport.errors import BnreportError
from bnreport.records import provenance
from bnreport.site.checks.gate import inspect
from bnreport.site.menu import expected_pages
from bnreport.site.sameness import differences

DEFAULT = "mkdocs"
# What is shown of a long list.
MOST = 20


def built(builder: str, config: Path, site: Path) -> None:
    """Let a builder, a module that `python -m` runs, build a configuration into a folder.

    Raises:
        BnreportError: when it ends with an error, or makes no page.
    """
    settings: dict[str, Any] = yaml.safe_load(config.read_text(encoding="utf-8"))
    own = config.with_name(f"{builder}.yml")
    own.write_text(
        yaml.safe_dump(settings | {"site_dir": site.relative_to(config.parent).as_posix()}),
        encoding="utf-8",
    )
    root = str(provenance.SOURCES)
    done = subprocess.run(
        [sys.executable, "-m", builder, "build", "--config-file", str(own)],
        cwd=config.parent,
        env=os.environ
        | {
            "NO_MKDOCS_2_WARNING": "1",
            "PYTHONPATH": os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH")))),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode or not (site / "index.html").exists():
        raise BnreportError(
            f"Expected {builder} to build {own}. Received: exit status {done.returncode}, "
            f"{(done.stderr or done.stdout).strip()[-500:]}. Install it, or fix what it says."
        )


def compared(builder: str, config: Path, folder: Path) -> list[str]:
    """Compare a builder's site with that of MkDocs; a line for each difference."""
    for name in (DEFAULT, builder):
        built(name, config, folder / name)
    return differences(folder / DEFAULT, folder / builder)


def missing(builder: str, config: Path, folder: Path) -> list[str]:
    """Say what a builder's site lacks: faults of the gate by rule, pages that are not there."""
    built(builder, config, folder / builder)
    settings = yaml.safe_load(config.read_text(encoding="utf-8"))
    faults = inspect(folder / builder, expected_pages(settings["nav"]))
    rules = Counter(fault.rule for fault in faults)
    example = {fault.rule: fault for fault in faults}
    return [f"{times} times {rule}, such as {example[rule]}" for rule, times in rules.most_common()]


def main(words: Sequence[str] | None = None) -> None:
    """Hold a builder equal to MkDocs, or say what it lacks; status 1 where the two differ."""
    parser = argparse.ArgumentParser(prog="scripts/builders", description=main.__doc__)
    parser.add_argument("builder", help="the module that builds: properdocs, say")
    parser.add_argument(
        "--lacks", action="store_true", help="say what it lacks, and compare nothing"
    )
    order = parser.parse_args(words)
    config = provenance.ROOT / "build" / "mkdocs.yml"
    # Some builders write nowhere but below the folder of their configuration.
    with tempfile.TemporaryDirectory(dir=config.parent) as folder:
        try:
            look = missing if order.lacks else compared
            lines = look(order.builder, config, Path(folder))
        except BnreportError as error:
            sys.exit(str(error))
    sys.stdout.write("".join(f"{line}\n" for line in lines[:MOST]))
    if len(lines) > MOST:
        sys.stdout.write(f"… and {len(lines) - MOST} more.\n")
    if order.lacks:
        sys.stdout.write(f"{order.builder}: {len(lines)} kinds of faults.\n")
    elif lines:
        sys.exit(f"Expected equal sites of {DEFAULT} and {order.builder}. Received: see above.")
    else:
        sys.stdout.write(f"{DEFAULT} and {order.builder} build equal sites but for their names.\n")


if __name__ == "__main__":
    main()
