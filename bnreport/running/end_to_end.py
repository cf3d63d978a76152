"""A whole call that trains runs into a folder which is then deleted; the benchmark times it.

`python -m bnreport.running.end_to_end ORDER` prints one line of JSON with the peak memory of
its workers.
"""

import io
import json
import os
import resource
import sys
import tempfile
import threading
import time
from pathlib import Path

from rich.console import Console

from bnreport.analysis.study import Study
from bnreport.protocol.datasets import Profile, data_digest
from bnreport.protocol.frozen import Frozen
from bnreport.protocol.trials import Identity, Trial
from bnreport.records.layout import Layout
from bnreport.records.provenance import ROOT
from bnreport.running.orchestrate import RunContext, train
from bnreport.training.download import find

STUDY = Study("rehearsal", runs=(), title="A rehearsal", chapter="Cost")


class CallOptions(Frozen):
    """The trial to train, at the seeds from the first up to, and without, the second."""

    trial: Trial
    seeds: tuple[int, int]
    profile: Profile
    folder: Path | None


def call(order: CallOptions) -> float:
    """Train the runs as any call does; the peak memory of the largest worker in megabytes."""
    quiet = Console(file=io.StringIO())
    workshop = RunContext(order.profile, None, quiet)
    if order.profile == "full":
        # As in a real call, the files are verified before a worker is started.
        folder = find(order.folder, Layout(ROOT).cache, workshop.say)
        workshop = RunContext(order.profile, folder, quiet)
    identities = [
        Identity(
            study=STUDY.name,
            trial=order.trial,
            seed=seed,
            data=data_digest(order.profile),
            profile=order.profile,
        )
        for seed in range(*order.seeds)
    ]
    with tempfile.TemporaryDirectory() as folder_name:
        path = Path(folder_name) / f"{STUDY.name}.jsonl"
        train({STUDY.name: STUDY}, identities, lambda _: path, workshop)
    used = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    # Linux counts kilobytes, macOS bytes.
    return used / (1024**2 if sys.platform == "darwin" else 1024)


def end_with_parent() -> None:
    """Return never; end this process once the one that started it has ended."""
    parent = os.getppid()
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)


if __name__ == "__main__":
    threading.Thread(target=end_with_parent, daemon=True).start()
    peak = call(CallOptions.model_validate_json(sys.argv[1]))
    sys.stdout.write(json.dumps({"peak": peak}) + "\n")
