"""The machine that runs train on: processor, cores, GPU and library versions."""

import gc
import os
import platform
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path

# So many new objects are a few hundred megabytes at most.
MANY_OBJECTS = 1_000_000


def seldom_collect() -> None:
    """Look for garbage seldom: among records and reports, which stay, there is hardly any.

    At Python's own rate a quarter of the time of a report goes into looking.
    """
    gc.set_threshold(MANY_OBJECTS)


def cores() -> int:
    """The number of one-thread processes that work at once: one a core, one in all with a GPU."""
    if gpu():
        return 1
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def versions(names: Iterable[str]) -> dict[str, str]:
    """The versions of Python and of the installed distributions of those names."""
    return {"python": platform.python_version()} | {name: metadata.version(name) for name in names}


def processor() -> str:
    """The processor's name, family, model and how many cores this process may use."""
    named = platform.processor() or platform.machine()
    fields: dict[str, str] = {}
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").split("\n\n")[0].splitlines():
            key, _, value = line.partition(":")
            fields[key.strip()] = value.strip()
    except OSError:
        pass
    if "model name" in fields:
        named = (
            f"{fields['model name']} (family {fields.get('cpu family')}, "
            f"model {fields.get('model')})"
        )
    return f"{named}, {os.cpu_count()} cores"


def gpu(driver: Path = Path("/proc/driver/nvidia")) -> str | None:
    """The name of the first NVIDIA GPU that this process may use, or None; needs no library."""
    if os.environ.get("CUDA_VISIBLE_DEVICES") in {"", "-1"}:
        return None
    for card in sorted(driver.glob("gpus/*/information")):
        for line in card.read_text(encoding="utf-8").splitlines():
            key, _, value = line.partition(":")
            if key.strip() == "Model":
                return value.strip()
    return None
