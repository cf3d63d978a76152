"""Workers that wait in the middle of a run, so that a test can kill them there at any speed."""

import time
from pathlib import Path
from typing import Any

from bnreport.running import cluster, local
from bnreport.running.desk import Group

# The trial whose runs never end on a worker of this machine.
ENDLESS = "endless"


def perform(group: Group) -> list[str]:
    """What `local._perform` does; but a run of the endless trial stays in its first epoch."""
    ((post, events),) = local._posts
    if not isinstance(events, _Events):
        # Before the first run, which hands the events on to all later ones.
        local._posts[:] = [(post, _Events(events))]
        events = local._posts[0][1]
    events.endless = {i.run_id for i in group if i.trial.name == ENDLESS}
    return _PERFORM(group)


_PERFORM = local._perform


class _Events:
    """Tells of epochs, and does not come back from that of an endless run."""

    def __init__(self, events: Any) -> None:
        self.events = events
        self.endless: set[str] = set()

    def put(self, run: str) -> None:
        """Tell of an epoch."""
        self.events.put(run)
        while run in self.endless:
            time.sleep(1)


def hold(folder: Path, dask_worker: Any) -> None:
    """Let no run on this worker of a cluster get beyond an epoch before `go` lies in the folder.

    Each run leaves a file there, named after it, with the address of its worker.
    """
    names: dict[str, Any] = vars(cluster)
    set_up = names["set_up"]

    def slowly(load: Any, origin: Any, threads: Any, tell: Any) -> Any:
        def told(run: str) -> None:
            (folder / run).write_text(dask_worker.address, encoding="utf-8")
            tell(run)
            while not (folder / "go").exists():
                time.sleep(0.01)

        return set_up(load, origin, threads, told)

    names["set_up"] = slowly
