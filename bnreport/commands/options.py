"""Options that several commands have."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])

profile: Callable[[Command], Command] = click.option(
    "--profile",
    type=click.Choice(["full", "quick"]),
    default="full",
    show_default=True,
    help="full: Fashion-MNIST. quick: three seeds on small embedded data; judges no claim.",
)
data: Callable[[Command], Command] = click.option(
    "--data-dir",
    type=click.Path(path_type=Path),
    help="Folder with the four Fashion-MNIST *-ubyte.gz files. Without it: BNREPORT_DATA, the "
    "download cache, a download.",
)
cluster: Callable[[Command], Command] = click.option(
    "--cluster",
    metavar="ADDRESS",
    help="Train on the Dask cluster whose scheduler has this address, such as "
    "tcp://192.0.2.1:8786. Runs that measure time stay on this machine.",
)
no_cache: Callable[[Command], Command] = click.option(
    "--no-cache",
    is_flag=True,
    help="Judge and draw everything anew, instead of taking from .local/cache/ what an earlier "
    "build made of the same records and code. The site is the same.",
)


class Seeds(click.ParamType[tuple[int, ...]]):
    """Seeds as "50-52" or "50,51,52"."""

    name = "SEEDS"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, ...]:
        """The seeds, each once."""
        if isinstance(value, tuple):
            return value
        seeds: list[int] = []
        for part in str(value).split(","):
            ends = re.fullmatch(r"(\d{1,6})(?:-(\d{1,6}))?", part.strip())
            if ends is None:
                self.fail(f"{value!r} is not like 50-59 or 50,51.", param, ctx)
            seeds += range(int(ends[1]), int(ends[2] or ends[1]) + 1)
        return tuple(dict.fromkeys(seeds))
