"""Prints epochs as each Keras does, and keeps them as people keep them: logs to read back."""

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence

Epochs = Sequence[Sequence[float]]
METRICS = ("loss", "accuracy", "val_loss", "val_accuracy")
# Keras 3 sorts the names.
SORTED = ("accuracy", "loss", "val_accuracy", "val_loss")
STEPS = 1719


def _numbers(row: Sequence[float], names: Sequence[str] = METRICS, training: bool = False) -> str:
    values = dict(zip(METRICS, row, strict=True))
    shown = [name for name in names if not (training and name.startswith("val_"))]
    return " - ".join(f"{name}: {values[name]:.4f}" for name in shown)


def keras_2_lines(epochs: Epochs) -> str:
    """`verbose=2` of Keras 2."""
    lines = (
        f"Epoch {e}/{len(epochs)}\n{STEPS}/{STEPS} - 9s - {_numbers(row)} - 9s/epoch - 5ms/step"
        for e, row in enumerate(epochs, 1)
    )
    return "\n".join(lines)


def keras_2_bar(epochs: Epochs) -> str:
    """The bar of Keras 2, which goes back over itself sign by sign."""

    def bar(row: Sequence[float]) -> str:
        begun = f"   1/{STEPS} [.....] - ETA: 7:21 - {_numbers([9, 0, 9, 0], training=True)}"
        half = f" 860/{STEPS} [==>..] - ETA: 2s - {_numbers([3, 0.5, 3, 0.5], training=True)}"
        done = f"{STEPS}/{STEPS} [=====] - 4s 2ms/step - {_numbers(row)}"
        return ("\b" * 200).join((begun, half, done))

    return "\n".join(f"Epoch {e}/{len(epochs)}\n{bar(row)}" for e, row in enumerate(epochs, 1))


def keras_3_bar(epochs: Epochs) -> str:
    """The bar of Keras 3, in colours, which a carriage return begins anew."""

    def bar(row: Sequence[float]) -> str:
        half = (
            f"\x1b[1m 860/{STEPS}\x1b[0m \x1b[32m━━━━\x1b[0m\x1b[37m━━━━\x1b[0m \x1b[1m1s\x1b[0m "
            f"2ms/step - {_numbers([3, 0.5, 3, 0.5], SORTED, training=True)}"
        )
        done = (
            f"\x1b[1m{STEPS}/{STEPS}\x1b[0m \x1b[32m━━━━━━━━\x1b[0m\x1b[37m\x1b[0m "
            f"\x1b[1m4s\x1b[0m 2ms/step - {_numbers(row, SORTED)}"
        )
        return f"\r{half}\r{done}"

    return "\r\n".join(f"Epoch {e}/{len(epochs)}\r\n{bar(row)}" for e, row in enumerate(epochs, 1))


def keras_3_lines(epochs: Epochs) -> str:
    """`verbose=2` of Keras 3."""
    lines = (
        f"Epoch {e}/{len(epochs)}\n{STEPS}/{STEPS} - 4s - 2ms/step - {_numbers(row, SORTED)}"
        for e, row in enumerate(epochs, 1)
    )
    return "\n".join(lines)


def oldest(epochs: Epochs) -> str:
    """TensorFlow 1, which counts images and writes "acc"."""

    def line(row: Sequence[float]) -> str:
        numbers = _numbers(row).replace("accuracy", "acc")
        return f"55000/55000 [=====] - 5s 90us/sample - {numbers}"

    head = "Train on 55000 samples, validate on 5000 samples\n"
    return head + "\n".join(
        f"Epoch {e}/{len(epochs)}\n{line(row)}" for e, row in enumerate(epochs, 1)
    )


def history(epochs: Epochs) -> str:
    """`History.history` as JSON."""
    return json.dumps(
        dict(zip(METRICS, map(list, zip(*epochs, strict=True)), strict=True)), indent=1
    )


def said(epochs: Epochs) -> str:
    """`print(history.history)`."""
    return str(dict(zip(METRICS, map(list, zip(*epochs, strict=True)), strict=True)))


def table(epochs: Epochs) -> str:
    """The file of `CSVLogger`, which counts from 0."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["epoch", *SORTED])
    for epoch, row in enumerate(epochs):
        values = dict(zip(METRICS, row, strict=True))
        writer.writerow([epoch, *(values[name] for name in SORTED)])
    return text.getvalue()


def notebook(*cells: tuple[str, str]) -> str:
    """A notebook of cells of code, each with the text that it printed."""
    return json.dumps(
        {
            "cells": [
                {"cell_type": "markdown", "source": ["# Epoch 1/3\n", "<script>bad()</script>"]},
                *(
                    {
                        "cell_type": "code",
                        "source": code.splitlines(keepends=True),
                        "outputs": [
                            {"output_type": "stream", "name": "stdout", "text": printed[:50]},
                            {
                                "output_type": "stream",
                                "name": "stdout",
                                "text": printed[50:].splitlines(keepends=True),
                            },
                            {
                                "output_type": "display_data",
                                "data": {"text/html": "<script>bad()</script>"},
                            },
                        ],
                    }
                    for code, printed in cells
                ),
            ],
            "nbformat": 4,
            "nbformat_minor": 5,
            "metadata": {},
        }
    )


FORMS: Mapping[str, Callable[[Epochs], str]] = {
    form.__name__: form
    for form in (
        keras_2_lines,
        keras_2_bar,
        keras_3_bar,
        keras_3_lines,
        oldest,
        history,
        said,
        table,
    )
}
