"""Time an epoch of each net, in the notebook's loop and in ours, in one process."""

import time
from collections.abc import Callable

import keras

from bnreport.protocol.measurements import TimingTrial
from bnreport.protocol.nets import Net
from bnreport.protocol.trials import Trial
from bnreport.training.engine import Course
from bnreport.training.images import Dataset
from bnreport.training.models import build
from bnreport.training.placement import Pool, place

Epoch = Callable[[int], None]


def time_epochs(
    trial: TimingTrial,
    seed: int,
    data: Dataset,
    after_round: Callable[[int], None] = lambda number: None,
) -> dict[str, list[float]]:
    """Seconds per epoch, one number a round, by "<loop>_<arm>".

    The loops are "fit" (Keras' `fit` with validation, as the notebook calls it) and "compiled"
    (this engine with validation). Rounds are interleaved, and each round starts with another
    contender, so that a slow spell of the machine meets all of them. A first, untimed round
    compiles everything.
    """
    contenders: dict[str, Epoch] = {}
    pool = place(data)
    for arm, (net, batch_size) in trial.arms.items():
        contenders[f"fit_{arm}"] = _fit_epoch(net, batch_size, trial, data)
        contenders[f"compiled_{arm}"] = _compiled_epoch(net, batch_size, trial, seed, pool)
    seconds: dict[str, list[float]] = {name: [] for name in contenders}
    names = list(contenders)
    for number in range(trial.rounds + 1):
        first = number % len(names)
        for name in names[first:] + names[:first]:
            began = time.perf_counter()
            contenders[name](number + 1)
            if number:
                seconds[name].append(round(time.perf_counter() - began, 4))
        if number:
            after_round(number)
    return seconds


def _fit_epoch(net: str | Net, batch_size: int, trial: TimingTrial, data: Dataset) -> Epoch:
    height, width = data.x_train.shape[1:]
    model = keras.Sequential([build(net, (height, width)), keras.layers.Softmax()])
    model.compile(
        loss="sparse_categorical_crossentropy",
        optimizer=keras.optimizers.SGD(trial.learning_rate),
        metrics=["accuracy"],
    )
    x, y = data.x_train[: trial.images], data.y_train[: trial.images]
    validation = (data.x_val, data.y_val)

    def epoch(_: int) -> None:
        model.fit(
            x,
            y,
            batch_size=batch_size,
            epochs=1,
            validation_data=validation,
            verbose=0,
        )

    return epoch


def _compiled_epoch(
    net: str | Net, batch_size: int, trial: TimingTrial, seed: int, pool: Pool
) -> Epoch:
    setting = Trial(
        name=trial.name,
        net=net,
        learning_rate=trial.learning_rate,
        epochs=trial.rounds + 1,
        batch_size=batch_size,
        images=trial.images,
        evaluated=("val",),
    )
    # An epoch ends when its numbers have been read from the device.
    return Course([(setting, seed)], pool).epoch
