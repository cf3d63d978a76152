"""What several test modules need: records made by hand, and Keras set up as a worker sets it up."""

import gc
import os
from collections.abc import Callable, Generator
from typing import Any

import numpy as np
import pytest
from _pytest.runner import runtestprotocol

from bnreport import machine
from bnreport.pages.library.repository import VARIABLES
from bnreport.pages.staging import Staging
from bnreport.protocol.trials import Identity, Trial
from bnreport.records.record import Provenance, Record, ScoreRecord, packed
from tests import compiled, processes, shared, temporary

# Where CI is set, a test that is skipped fails.
pytest_plugins = ["tests.unskipped"]
# A workflow's environment names its repository, to which the pages that are built would lead.
for name in VARIABLES:
    os.environ.pop(name, None)
# Processes that are started from here begin faster.
os.environ["PYTHONPATH"] = processes.path_of(*filter(None, [os.environ.get("PYTHONPATH")]))
# A file of a disk costs more than most of what tests write into it.
if memory := temporary.in_memory():
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(memory))
# In every process that is started from here, too; XLA_FLAGS= asks for programs as users have them.
if "XLA_FLAGS" not in os.environ:
    compiled.tidy()
    os.environ.update(compiled.environment(compiled.QUICK))
MARKS = np.array([True, False, True, True, False, False, True, False, True, True])


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> shared.ByGroup:
    """What shares something costly runs in one process."""
    return shared.ByGroup(config, log)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Thousands of tests are found, and stay: nobody need look for garbage among them."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()
        machine.seldom_collect()


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish() -> None:
    """A process that ends gives back all that it has: it need not look for garbage first."""
    gc.freeze()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Where several processes run the tests, the longest groups begin first."""
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: shared.rank(item.nodeid, config.rootpath))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
    """Tell of a test that passes once: to send word of its parts takes longer than many a test.

    One process has nobody to send it to, and who asks for durations asks for those of parts.
    """
    config = item.config
    if not hasattr(config, "workerinput") or config.option.durations is not None:
        return None
    config.hook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    for report in runtestprotocol(item, log=False, nextitem=nextitem):
        if report.when == "call" or not report.passed:
            config.hook.pytest_runtest_logreport(report=report)
    config.hook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    return True


@pytest.fixture(scope="session")
def make_record() -> Callable[..., Record]:
    """A function that returns the record of a two-epoch run; keywords replace its fields."""

    def make(seed: int = 1, name: str = "slow", **changes: Any) -> Record:
        trial = Trial(name=name, net="bn", learning_rate=0.01, epochs=2, score_epochs=(2,))
        identity = Identity(study="toy", trial=trial, seed=seed, data="ab", profile="quick")
        fields: dict[str, Any] = {
            "id": identity.run_id,
            "identity": identity,
            "provenance": Provenance(
                code="c0",
                claims="c1",
                commit="c2",
                dirty=False,
                versions={"python": "3.13.0"},
                backend="tensorflow",
                device="a processor",
                threads=1,
                precision="float32",
                seconds=0.5,
            ),
            # The last validation accuracy is the share of the marks below.
            "history": dict.fromkeys(trial.metrics, (0.5, 0.25)) | {"val_accuracy": (0.5, 0.6)},
            "scores": (
                ScoreRecord(
                    epoch=2,
                    val_images=10,
                    test_images=9,
                    val_correct=packed(MARKS),
                    test_correct=packed(MARKS[:9]),
                ),
            ),
            "early_loss": 2.25,
        }
        return Record.model_validate(fields | changes)

    return make


@pytest.fixture(scope="session")
def rendered() -> Staging:
    """The pages, figures and data files that the committed records lead to, rendered once."""
    from tests import golden

    return golden.rendered()


@pytest.fixture(scope="session")
def keras_ready() -> None:
    """Keras with one thread, as in a worker; to be asked for before Keras is first imported."""
    from bnreport.training import backends

    backends.prepare(1)
