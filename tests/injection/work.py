"""Let workers of a toy study begin at once: least squares need no library that trains."""

import resource
import time

import numpy as np
import psutil

from bnreport.running import local
from bnreport.running.desk import Desk, Group
from bnreport.running.worker import perform as performed
from bnreport.training import backends

# The run for which there is no memory.
STARVED = ("first", 3)
# Seconds that a run takes at least, so that a signal may come while others are recorded.
SLOW = 0.02
# Bytes that are left to it.
MEMORY = 100_000_000


def perform(group: Group) -> list[str]:
    """The records of a group, as `local._perform` has them, on no backend at all."""
    ((post, events),) = local._posts
    backends.name = lambda: "tensorflow"
    backends.accelerator = lambda: None
    data: object = None
    desk = Desk(data, post.origin, post.threads, events.put)  # type: ignore[arg-type]
    time.sleep(SLOW)
    return [record.line() for record in performed(group, desk)]


def starved(group: Group) -> list[str]:
    """The same, but that one run asks for more memory than its process may have."""
    (run,) = group
    if (run.trial.name, run.seed) == STARVED:
        used = psutil.Process().memory_info().vms
        resource.setrlimit(resource.RLIMIT_AS, (used + MEMORY, used + MEMORY))
        np.ones(MEMORY)
    return perform(group)
