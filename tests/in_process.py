"""Trains in this process, for tests of records that ask nothing of worker processes."""

from collections.abc import Iterable
from concurrent.futures import Future

import pytest

from bnreport.running import orchestrate
from bnreport.running.desk import Desk, Group, set_up
from bnreport.running.local import WorkerConfig
from bnreport.running.worker import perform
from bnreport.training.images import load


class InProcess:
    """Stands in for `LocalExecutor`: a group is trained where it is handed out."""

    def __init__(self, post: WorkerConfig, _: int) -> None:
        self.desk: Desk = set_up(
            lambda: load(post.profile, post.folder), post.origin, post.threads, lambda _: None
        )

    def places(self) -> int:
        """One group at a time."""
        return 1

    def submit(self, group: Group) -> Future[list[str]]:
        """The records of a group, or why there are none."""
        future: Future[list[str]] = Future()
        try:
            future.set_result([record.line() for record in perform(group, self.desk)])
        except Exception as error:  # noqa: BLE001 - a worker hands on whatever it is
            future.set_exception(error)
        return future

    def epochs(self) -> Iterable[str]:
        """Nobody asks while it trains."""
        return ()

    def close(self) -> None:
        """Nothing to end."""


def train_in_process(patch: pytest.MonkeyPatch) -> None:
    """Let calls train in this process, where Keras is set up as a worker sets it up."""
    patch.setattr(orchestrate, "LocalExecutor", InProcess)
