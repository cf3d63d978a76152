"""Time inside one process the notebook's loop, this engine and bare products."""

import itertools
import time
from collections.abc import Callable
from functools import cached_property
from typing import Any

import keras

from bnreport.benchmark import lower_bound
from bnreport.benchmark.tasks import Task
from bnreport.protocol.checks import Part
from bnreport.protocol.trials import Trial
from bnreport.training import engine, placement
from bnreport.training.batches import batch_order
from bnreport.training.images import Dataset

Runner = Callable[[], list[float]]

# On which images the engine takes loss and accuracy after an epoch; the notebook study on both.
EVALUATED: dict[str, tuple[Part, ...]] = {
    "train": (),
    "engine": ("val",),
    "scored": ("train", "val"),
}


class Implementations:
    """The implementations of one process, each made ready on its first call and then kept."""

    def __init__(self, data: Dataset) -> None:
        self._data = data
        self._pool: Any = None
        self._ready: dict[Task, Runner] = {}

    def place(self) -> None:
        """Put the images on the device, where this engine and bare products read them."""
        self._pool = placement.place(self._data)

    def perform(self, task: Task) -> list[float]:
        """Go on with a task for its epochs; the clock at the end of each, or of the last alone."""
        if task not in self._ready:
            self._ready[task] = self._runner(task)
        return self._ready[task]()

    def _runner(self, task: Task) -> Runner:
        if task.implementation in {"fit", "fast-fit"}:
            return self._fit(task)
        if task.implementation in lower_bound.RUNGS:
            return self._floor(task)
        return self._engine(task)

    def _fit(self, task: Task) -> Runner:
        height, width = self._data.x_train.shape[1:]
        model = notebook_model(task.net, (height, width))
        fast = {"jit_compile": True, "steps_per_execution": 100}
        model.compile(
            loss="sparse_categorical_crossentropy",
            optimizer=keras.optimizers.SGD(task.learning_rate),
            metrics=["accuracy"],
            **(fast if task.implementation == "fast-fit" else {}),
        )

        def run() -> list[float]:
            # 32 images a batch is the default of `fit`, which the notebook takes.
            model.fit(
                self._data.x_train,
                self._data.y_train,
                batch_size=task.batch_size,
                epochs=task.epochs,
                validation_data=(self._data.x_val, self._data.y_val),
                verbose=2,
            )
            return [time.perf_counter()]

        return run

    @cached_property
    def _rows(self) -> Any:
        """The training images as rows on the device, once for all rungs."""
        return placement.on_device(self._data.x_train.reshape(len(self._data.x_train), -1))

    def _floor(self, task: Task) -> Runner:
        order, _ = batch_order(task.seed, 1, len(self._data.x_train), task.batch_size)
        rung: Any = task.implementation
        epoch = lower_bound.program(rung, task.net, self._rows, placement.on_device(order))

        def run() -> list[float]:
            return [_after(epoch) for _ in range(task.epochs)]

        return run

    def _engine(self, task: Task) -> Runner:
        trial = Trial(
            name="bench",
            net=task.net,
            learning_rate=task.learning_rate,
            epochs=task.epochs,
            batch_size=task.batch_size,
            evaluated=EVALUATED[task.implementation],
        )
        runs = [(trial, task.seed + number) for number in range(task.lanes)]
        course = engine.Course(runs, self._pool)
        epochs = itertools.count(1)

        def run() -> list[float]:
            # An epoch ends when its numbers have been read from the device.
            return [_after(lambda: course.epoch(next(epochs))) for _ in range(task.epochs)]

        return run


def _after(epoch: Callable[[], None]) -> float:
    epoch()
    return time.perf_counter()


def notebook_model(net: str, image: tuple[int, int]) -> keras.Sequential:
    """The net of that name as the notebook writes it, with a softmax as its last layer.

    Args:
        net: "baseline" or "bn".
        image: height and width of an image.
    """
    dense, norm = keras.layers.Dense, keras.layers.BatchNormalization
    if net == "bn":
        layers = [
            norm(),
            dense(300, activation="relu"),
            norm(),
            dense(100, activation="relu"),
            norm(),
        ]
    else:
        layers = [
            dense(300, kernel_initializer="he_normal"),
            keras.layers.LeakyReLU(),
            dense(100, kernel_initializer="he_normal"),
            keras.layers.LeakyReLU(),
        ]
    head = dense(10, activation="softmax")
    return keras.Sequential([keras.Input(image), keras.layers.Flatten(), *layers, head])
