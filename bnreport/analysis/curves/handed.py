"""Hand a script in the reader's browser the band, the rules, and cases to repeat."""

import math
from collections.abc import Iterator, Mapping, Sequence

from bnreport.analysis.curves.band import EPOCHS, Band, packed
from bnreport.analysis.curves.judging import APART, FLOOR, VALIDATION, Fitted, judge
from bnreport.analysis.curves.reading import (
    ALIASES,
    DECIMALS,
    LIMITS,
    METRICS,
    PATTERNS,
    REFUSED,
    PrintedRun,
    read,
)
from bnreport.analysis.curves.telling import WORDS, tell
from bnreport.errors import DataError

NAME = "log"
# Logs of every form, and what cannot be read.
LINES = "Epoch {}/3\n1719/1719 - 9s - loss: {:.4f} - accuracy: 0.8300 - val_loss: {:.4f} - 5ms/step"
TEXTS: tuple[str, ...] = (
    # The net without BN at 0.01, as pasted; then one that no story fits.
    "\n".join(LINES.format(e, *pair) for e, pair in enumerate(((0.69, 0.5), (0.48, 0.44)), 1)),
    "\n".join(LINES.format(e, *pair) for e, pair in enumerate(((5.0, 0.1), (4.0, 0.1)), 1)),
    # Bars: over and over, in colours, by carriage returns and backwards.
    "Epoch 1/2\r\n\x1b[1m 9/1719\x1b[0m ━ - loss: 2.1\r\x1b[1m1719/1719\x1b[0m \x1b[32m━━\x1b[0m "
    "2s 1ms/step - accuracy: 0.8140 - loss: 0.5370 - val_accuracy: 0.8640 - val_loss: 0.3810\r\n"
    "Epoch 2/2\n 1/1719 [>] - loss: 9\b\b\b\b1719/1719 [==] - 2s - loss: 0.3920 - acc: 0.8600 - "
    "val_loss: 0.3450 - val_acc: 0.8760",
    # The training cell ran twice, and the last epoch was not finished.
    "x = Sequential([BatchNormalization(), Dense(9)])\nSGD(learning_rate=1e-3)\n"
    "Epoch 1/1\n1875/1875 - loss: 0.54\nEpoch 1/2\n1719/1719 - loss: 0.23\nEpoch 2/2\n 7/1719 - "
    "loss: 0.2",
    "1719/1719 - 1s - loss: 0.128 - acc: 0.98\n1719/1719 - 1s - loss: 0.096 - acc: 0.984",
    '{"loss": [0.53701, 0.39, 0.355], "val_loss": [0.38, 0.345, 0.33], "lr": [1, 1, 1]}',
    "{'history': {'accuracy': [np.float64(0.5), 0.6], 'val_accuracy': [nan, 0.5]}}",
    '[{"loss": [1.75]}, {"loss": [0.87, 0.59]}]',
    "epoch,accuracy,loss,val_accuracy,val_loss\n0,0.564,1.951,0.69,1.808\n1,0.703,1.787,0.716,1.76",
    "epoch;loss\n10;0.23\n11;0.22\n",
    '{"cells": [{"cell_type": "code", "source": ["Dense(3)\\n", "SGD(lr=0.01)"], "outputs": '
    '[{"output_type": "stream", "text": ["Epoch 1/1\\n", "1719/1719 - loss: nan"]}]}]}',
    "",
    "Epoch -1/10",
    "Epoch 1/9\n1719/1719 - loss: 1\nEpoch 3/9",
    "Epoch 1/9\n1719/1719 - loss: <b>",
    "epoch,loss\n0,-1",
    '{"loss": [1], "accuracy": [87.1]}',
    '{"loss": [1, 2], "accuracy": [1]}',
    '{"cells": [1]}',
    # What diverged, or lost an accuracy alone; rows from the last; a rate that nobody meant.
    '{"loss": [1e308, 1], "accuracy": [0.5, 0.6]}',
    "Dense(3)\nEpoch 1/1\n1719/1719 - loss: 2.3 - val_loss: 1.1e30",
    "epoch,loss\n2,0.4\n1,0.45\n0,0.5",
    "epoch;loss\n10;0.23\n11;0.22\n10;0.21",
    "SGD(lr=1e99)\nEpoch 1/1\n1719/1719 - loss: 0.5",
    "epoch,loss,accuracy\n0,0.5,nan\n1,0.4,0.9",
    "Epoch 1/1\n1/1 - loss: 1\n" * (LIMITS["runs"] + 1),
)


def handed(band: Band, example: str) -> Mapping[str, object]:
    """The band, the rules as data, a log to begin with, and cases of every kind.

    Args:
        band: our runs.
        example: a log.
    """
    return {
        "band": packed(band),
        "rule": {
            "metrics": METRICS,
            "aliases": ALIASES,
            "decimals": DECIMALS,
            "limits": LIMITS,
            "patterns": PATTERNS,
            "refused": REFUSED,
            "epochs": EPOCHS,
            "floor": FLOOR,
            "apart": APART,
            "validation": VALIDATION,
        },
        "words": WORDS,
        "start": {"text": example, "name": NAME},
        "witnesses": [case(text, band) for text in (example, *TEXTS)],
    }


def case(text: str, band: Band) -> Mapping[str, object]:
    """A log, and what is read of it, said of it and measured."""
    try:
        curves = read(text, NAME)
    except DataError as error:
        return {"text": text, "refused": str(error)}
    return {"text": text, "runs": [*_runs(curves, band)]}


def _runs(curves: Sequence[PrintedRun], band: Band) -> Iterator[Mapping[str, object]]:
    for curve in curves:
        verdict = judge(curve, band, curve.net, curve.rate)
        telling = tell(curve, verdict, band, curve.net, curve.rate)
        yield {
            "read": [
                curve.place,
                [*curve.metrics],
                len(curve.epochs),
                curve.first,
                curve.planned,
                curve.steps,
                curve.net,
                curve.rate,
            ],
            "said": [
                verdict.outcome,
                telling.title,
                telling.sentence,
                [*telling.advice],
                [*telling.notes],
            ],
            "as_far": [[entry.story.name, entry.as_far, entry.n] for entry in verdict.compared],
            "numbers": [*_numbers(curve, verdict)],
        }


def _numbers(curve: PrintedRun, verdict: Fitted) -> Iterator[float]:
    """Yield the printed numbers that are finite, and the distance of each story."""
    yield from (x for row in curve.epochs for x in row if math.isfinite(x))
    yield from (entry.distance for entry in verdict.compared)
