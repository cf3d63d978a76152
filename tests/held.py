"""Workers that wait in the middle of a run, so that a test can kill them there at any speed."""

import time
from pathlib import Path
from typing import Any

from bnreport.running import cluster, local
from bnreport.running.desk import Group

# The trial whose runs never end on a worker of this machine.
ENDLESS = "endless"
_PERFORM = local._perform


def perform(group: Group) -> list[str]:
    """What `local._perform` does; but a run of the endless trial stays in its first epoch.

    It gets there at once: until a worker is killed it does not matter what it trains with.
    """
    ((_, events),) = local._posts
    for identity in group:
        if identity.trial.name == ENDLESS:
            events.put(identity.run_id)
            # Its parent's death ends it, too.
            while True:
                time.sleep(1)
    return _PERFORM(group)


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
