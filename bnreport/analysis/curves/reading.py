"""Read runs from what Keras printed or kept: progress lines, a History, a CSV file, a notebook.

The text is a stranger's. Nothing in it is executed, and what cannot be read is refused with its
place. The script of the piece reads by the same patterns and refuses in the same sentences.
"""

import codecs
import itertools
import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NoReturn, TypeAlias

import numpy as np

from bnreport.errors import DataError

METRICS = ("loss", "accuracy", "val_loss", "val_accuracy")
# What Keras has called an accuracy, now and before.
ALIASES = {
    "loss": "loss",
    "accuracy": "accuracy",
    "acc": "accuracy",
    "sparse_categorical_accuracy": "accuracy",
    "categorical_accuracy": "accuracy",
}
# Keras prints so many decimals.
DECIMALS = 4
BLANKS = " \t\r\n"
# How UTF-16 begins that says so.
MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
# A loss above that limit belongs to a net that diverged, and no rate above its own was meant.
LIMITS = {
    "characters": 20_000_000,
    "epochs": 10_000,
    "runs": 20,
    "shown": 40,
    "loss": int(1e30),
    "rate": 1000,
}
PATTERNS = {
    # What colours a terminal.
    "escape": "\x1b\\[[0-9;?]*[A-Za-z]",
    # A line is written over by a carriage return, or by going back sign by sign.
    "over": "[\r\b]+",
    # No JSON holds such a line: what is printed may begin with a bracket, "[INFO] …" say.
    "headed": r"(?:^|\n)Epoch [0-9]{1,9}/[0-9]{1,9}\r?(?:\n|$)",
    "header": r"^Epoch (-?[0-9]{1,9})/(-?[0-9]{1,9})$",
    # Steps done of all, or of the oldest Keras the time alone.
    "progress": r"^(?:([0-9]{1,9})/([0-9]{1,9}|Unknown)(?![0-9/])|- [0-9]{1,9}m?s )",
    "metric": "(?:^|[ \t])((?:val_)?(?:" + "|".join(ALIASES) + ")):[ \t]*([^ \t]{1,40})",
    "number": r"^[+-]?(?:[0-9]{1,30}(?:\.[0-9]{0,30})?|\.[0-9]{1,30})(?:[eE][+-]?[0-9]{1,3})?$",
    "nothing": r"^[+-]?(?:nan|inf|infinity)$",
    "rate": r"(?:learning_rate|[(, ]lr) ?= ?([0-9]{1,10}(?:\.[0-9]{0,10})?(?:[eE]-?[0-9]{1,2})?)"
    r"(?![0-9.eE])",
    "bn": r"BatchNormalization\(",
    "dense": r"(?:Dense|Sequential)\(",
    # A History as Python prints it, with the numbers of NumPy.
    "wrapped": r"np\.float(?:16|32|64)\(([^()]{1,40})\)",
}
REFUSED = {
    "large": "Expected at most {most} characters. Received: {text}. Keep the lines of the "
    "training alone.",
    "empty": "Expected a training's printed lines, a History as JSON, a CSV file or a "
    "notebook. Received: nothing of the kind. Give the lines that begin with “Epoch 1/10”, "
    "or a table with a column “loss”.",
    "epoch": "Expected the number of an epoch, from 1 on. Received: {text}. Correct it.",
    "order": "Expected epoch {most}, or epoch 1 of another run. Received: {text}. Give "
    "every epoch of the run.",
    "rows": "Expected the rows of a table from the first epoch to the last. Received: {text}. Sort "
    "them by epoch.",
    "number": "Expected a number. Received: {text}. Correct it.",
    "loss": "Expected a loss of zero or more. Received: {text}. Correct it.",
    "share": "Expected an accuracy from 0 to 1. Received: {text}. Divide per cent by 100.",
    "many": "Expected at most {most} {text}. Received: more. Keep the first of them.",
    "cells": "Expected a notebook of version 4. Received: {text}. Open it in Jupyter and "
    "save it again.",
    "lengths": "Expected a History whose metrics have one number an epoch. Received: "
    "{text}. Give the dictionary “history.history”.",
    "rate": "Expected a rate above 0 and of at most {most}. Received: {text}. Correct it.",
    "encoding": "Expected text in UTF-8, or in UTF-16 with a byte order mark. Received: {text}. "
    "Save it as UTF-8.",
    "json": "Expected JSON. Received: text that ends or breaks. {text}",
}
Line: TypeAlias = tuple[str, str]


@dataclass(frozen=True)
class PrintedRun:
    """A run as it was printed or kept.

    Attributes:
        metrics: what each of its epochs holds, in the order of `METRICS`.
        epochs: the numbers, rounded as Keras prints them; NaN where none was printed, and infinite
            where a loss is above its limit.
        first: the number of its first epoch.
        planned: how many epochs its call of `fit` announced, if it did.
        steps: how many steps an epoch had, if that was printed.
        place: where it stands.
        net: "baseline" or "bn" by the code before it, or "".
        rate: the learning rate of that code, or None.
        notes: what was left out.
    """

    metrics: tuple[str, ...]
    epochs: tuple[tuple[float, ...], ...]
    first: int = 1
    planned: int | None = None
    steps: int | None = None
    place: str = ""
    net: str = ""
    rate: float | None = None
    notes: tuple[str, ...] = ()

    def called(self, epochs: int) -> "PrintedRun":
        """The same, printed by a call of `fit` that had so many epochs."""
        return replace(self, planned=epochs)


@dataclass
class _Epoch:
    number: int
    place: str
    values: dict[str, float] = field(default_factory=dict)
    done: str = ""
    total: str = ""


@dataclass
class _Run:
    headed: bool
    planned: int | None = None
    net: str = ""
    rate: float | None = None
    epochs: list[_Epoch] = field(default_factory=list)


def decoded(content: bytes, name: str) -> str:
    """Decode a file: UTF-8, or UTF-16 that begins with a byte order mark, as PowerShell writes it.

    Raises:
        DataError: when it is neither; of UTF-8 signs that are damaged are replaced.
    """
    head = content[:4]
    if b"\0\0" in head:
        kind = "UTF-32"
    elif head.startswith(MARKS):
        try:
            return content.decode("utf-16")
        except UnicodeDecodeError:
            kind = "UTF-16 that is damaged"
    elif b"\0" in head:
        kind = "UTF-16 without a mark"
    else:
        return content.decode("utf-8", errors="replace")
    raise DataError(f"{name}: {refusal('encoding', kind)}")


def read(text: str, name: str) -> list[PrintedRun]:
    """Read the runs in a file.

    Args:
        text: its content.
        name: what errors call it.

    Raises:
        DataError: with the place, when something in it cannot be read, or nothing is there.
    """
    try:
        return _read(text.removeprefix("\ufeff"))
    except _UnreadError as error:
        place = ", ".join(filter(None, (name, error.place)))
        raise DataError(f"{place}: {error}") from None


class _UnreadError(ValueError):
    """Something that cannot be read; the message says what was expected, and `place` where."""

    def __init__(self, place: str, message: str) -> None:
        super().__init__(message)
        self.place = place


def _read(text: str) -> list[PrintedRun]:
    if len(text) > LIMITS["characters"]:
        _refuse("large", "", f"{len(text):,}", LIMITS["characters"])
    body = text.strip(BLANKS)
    if body[:1] in {"{", "["} and not re.search(PATTERNS["headed"], text):
        runs = _json(body)
    elif (table := _table_of(text)) is not None:
        runs = _csv(text, table)
    else:
        lines = re.split("\r?\n", text)
        runs = _printed((f"line {at}", line) for at, line in enumerate(lines, 1))
    curves = [curve for curve in map(_curve, runs) if curve is not None]
    if not curves:
        _refuse("empty", "")
    if len(curves) > LIMITS["runs"]:
        _refuse("many", "", "runs", LIMITS["runs"])
    return curves


def rate_of(rate: float) -> float | None:
    """The rate, or None where nobody can have meant it."""
    return rate if 0 < rate <= LIMITS["rate"] else None


def refusal(kind: str, text: str = "", most: int = 0) -> str:
    """The sentence that refuses something; of a long text the beginning is repeated."""
    shown = text if len(text) <= LIMITS["shown"] else text[: LIMITS["shown"]] + "…"
    return REFUSED[kind].format_map({"text": shown, "most": f"{most:,}"})


def _refuse(kind: str, place: str, text: str = "", most: int = 0) -> NoReturn:
    raise _UnreadError(place, refusal(kind, text, most))


def _curve(run: _Run) -> PrintedRun | None:
    """The run without epochs that were not finished, and what it leaves out."""
    notes = []
    whole = [epoch for epoch in run.epochs if epoch.values]
    if whole and whole[-1].total.isdigit() and whole[-1].done != whole[-1].total:
        notes.append(f"Epoch {whole[-1].number} was not finished, and is left out.")
        whole.pop()
    if not whole:
        return None
    metrics = tuple(m for m in METRICS if all(m in epoch.values for epoch in whole))
    if lost := [m for m in METRICS if m not in metrics and any(m in e.values for e in whole)]:
        notes.append(f"Not every epoch prints {' and '.join(lost)}, which is left out.")
    if not metrics:
        return None
    places = whole[0].place, whole[-1].place
    total = whole[0].total
    return PrintedRun(
        metrics,
        tuple(tuple(epoch.values[m] for m in metrics) for epoch in whole),
        whole[0].number,
        run.planned,
        int(total) if total.isdigit() else None,
        places[0] if places[0] == places[1] else f"{places[0]} to {places[1]}",
        run.net,
        run.rate,
        tuple(notes),
    )


# ---- What Keras prints ----


def _printed(lines: Iterable[Line]) -> list[_Run]:
    """Read progress lines, of Keras 2 and 3, as a bar or as a line an epoch."""
    printout = _Printout()
    for place, line in lines:
        plain = re.sub(PATTERNS["escape"], "", line)
        printout.code(plain)
        printout.line(plain, place)
    return printout.runs


class _Printout:
    """The reading of a printout so far: the runs, and the code since the last of them began."""

    def __init__(self) -> None:
        self.runs: list[_Run] = []
        self.net, self.rate = "", None  # type: str, float | None

    def code(self, line: str) -> None:
        """Look for the learning rate and for the layers of the net."""
        if rate := re.search(PATTERNS["rate"], line):
            self.rate = rate_of(float(rate[1]))
        if re.search(PATTERNS["bn"], line):
            self.net = "bn"
        elif re.search(PATTERNS["dense"], line):
            self.net = self.net or "baseline"

    def line(self, line: str, place: str) -> None:
        """Read a line, which may have been written over many times."""
        counts = True
        for part in re.split(PATTERNS["over"], line):
            frame = part.strip(" \t")
            if header := re.match(PATTERNS["header"], frame):
                self._begin(place, *map(int, header.groups()))
            elif progress := re.match(PATTERNS["progress"], frame):
                counts = not self._note(progress, place, counts) and counts

    def _run(self, headed: bool, planned: int | None = None) -> None:
        self.runs.append(_Run(headed, planned, self.net, self.rate))
        self.net = ""
        if len(self.runs) > LIMITS["runs"]:
            _refuse("many", "", "runs", LIMITS["runs"])

    def _begin(self, place: str, number: int, planned: int) -> None:
        """Begin an epoch of the last run, or another run where the count starts again."""
        if number < 1 or planned < number:
            _refuse("epoch", place, f"Epoch {number}/{planned}")
        last = self.runs[-1].epochs[-1].number if self.runs else 0
        if not last or number <= last or planned != self.runs[-1].planned:
            self._run(True, planned)
        elif number > last + 1:
            _refuse("order", place, f"Epoch {number}/{planned}", last + 1)
        _add(self.runs[-1], _Epoch(number, place))

    def _note(self, progress: re.Match[str], place: str, first: bool) -> bool:
        """Note the numbers of a progress line, if it has any; the last one of an epoch counts.

        Where no line says “Epoch 1/10”, the `first` one of each line begins an epoch.
        """
        values = {
            _alias(name): _number(_alias(name), text, place)
            for name, text in re.findall(PATTERNS["metric"], progress.string)
        }
        if not values:
            return False
        if not self.runs:
            self._run(False)
        run = self.runs[-1]
        if not run.headed and first:
            _add(run, _Epoch(len(run.epochs) + 1, place))
        epoch = run.epochs[-1]
        epoch.values, epoch.place = values, place
        epoch.done, epoch.total = progress[1] or "", progress[2] or ""
        return True


def _add(run: _Run, epoch: _Epoch) -> None:
    run.epochs.append(epoch)
    if len(run.epochs) > LIMITS["epochs"]:
        _refuse("many", epoch.place, "epochs of a run", LIMITS["epochs"])


def _alias(name: str) -> str:
    """The name of a metric as Keras has it now."""
    prefix = "val_" if name.startswith("val_") else ""
    return prefix + ALIASES[name.removeprefix("val_")]


def _known(name: str) -> bool:
    return name.removeprefix("val_") in ALIASES


def _number(metric: str, text: str, place: str) -> float:
    """A printed number of a metric, rounded; NaN where it is none, infinite where too large."""
    if re.match(PATTERNS["nothing"], text.lower()):
        return math.nan
    if not re.match(PATTERNS["number"], text):
        _refuse("number", place, text)
    value = float(text)
    if metric.endswith("loss") and value < 0:
        _refuse("loss", place, text)
    if metric.endswith("accuracy") and not 0 <= value <= 1:
        _refuse("share", place, text)
    return _rounded(value) if value <= LIMITS["loss"] else math.inf


def _rounded(value: float) -> float:
    """Rounded to the printed decimals, half up as scripts round."""
    scale = float(10**DECIMALS)
    return float(math.floor(value * scale + 0.5)) / scale


# ---- A table ----


def _table_of(text: str) -> tuple[str, list[str]] | None:
    """The delimiter and the columns of a table; None where the first line is no head of one."""
    head = re.split("\r?\n", text.lstrip("\r\n"), maxsplit=1)[0]
    delimiter = max(",;\t", key=head.count)
    columns = [_cell(cell) for cell in head.split(delimiter)]
    return (delimiter, columns) if any(map(_known, columns)) else None


def _cell(text: str) -> str:
    return text.strip(" \t").strip("\"'")


def _csv(text: str, table: tuple[str, list[str]]) -> list[_Run]:
    """Read a table with a row an epoch; where its count starts again, so does a run."""
    delimiter, columns = table
    rows = [
        (f"line {at}", dict(zip(columns, map(_cell, line.split(delimiter)), strict=False)))
        for at, line in enumerate(re.split("\r?\n", text), 1)
        if line.strip(" \t")
    ][1:]
    runs: list[_Run] = []
    # Keras counts from 0 in a table, and people from 1.
    base = 0 if rows and rows[0][1].get("epoch") == "1" else 1
    for place, cells in rows:
        last = runs[-1].epochs[-1].number if runs else 0
        number = last + 1
        if "epoch" in columns:
            number = _count(cells.get("epoch", ""), place) + base
        if runs and number < (first := runs[0].epochs[0].number):
            _refuse("rows", place, f"epoch {number - base} below epoch {first - base}")
        if not runs or number <= last:
            runs.append(_Run(headed=True))
        elif number > last + 1:
            _refuse("order", place, f"epoch {number - base}", last + 1 - base)
        values = {
            _alias(column): _number(_alias(column), cells.get(column, ""), place)
            for column in columns
            if _known(column)
        }
        _add(runs[-1], _Epoch(number, place, values))
        if len(runs) > LIMITS["runs"]:
            _refuse("many", "", "runs", LIMITS["runs"])
    return runs


def _count(text: str, place: str) -> int:
    if not re.match(r"^[0-9]{1,9}$", text):
        _refuse("epoch", place, text)
    return int(text)


# ---- JSON ----


def _json(body: str) -> list[_Run]:
    """Read a History, several of them, or a notebook."""
    value = _parsed(body)
    if isinstance(value, Mapping) and "cells" in value:
        return _printed(_cells(value["cells"]))
    if isinstance(value, Mapping) and "worksheets" in value:
        _refuse("cells", "", "an older one")
    histories = value if isinstance(value, list) else [value]
    return [_history(history) for history in histories[: LIMITS["runs"] + 1]]


def _parsed(body: str) -> Any:
    """The value of JSON, or of a dictionary as Python prints it; NaN and infinity become None."""
    try:
        return json.loads(body, parse_int=float, parse_constant=lambda _: None)
    except RecursionError:
        _refuse("json", "", "Nest it less deeply.")
    except ValueError as error:
        line = getattr(error, "lineno", 1)
    quoted = re.sub(PATTERNS["wrapped"], r"\1", body).replace("'", '"')
    quoted = re.sub(r"(?<![A-Za-z_\"])-?(?:nan|inf)(?![A-Za-z_\"])", "null", quoted)
    try:
        return json.loads(quoted, parse_int=float, parse_constant=lambda _: None)
    except (ValueError, RecursionError):
        _refuse("json", "", f"Look at line {line}.")


def _history(value: Any) -> _Run:
    inner = value.get("history", value) if isinstance(value, Mapping) else None
    if not isinstance(inner, Mapping):
        _refuse("lengths", "", "no dictionary")
    rows = {str(key): column for key, column in inner.items() if _known(str(key))}
    if not all(isinstance(column, list) for column in rows.values()):
        _refuse("lengths", "", "a metric without a list")
    if len({len(column) for column in rows.values()}) > 1:
        _refuse("lengths", "", ", ".join(f"{key} of {len(rows[key])}" for key in rows))
    run = _Run(headed=True)
    for at, numbers in enumerate(zip(*rows.values(), strict=True), 1):
        place = f"epoch {at}"
        values = {
            _alias(key): _number(_alias(key), _shown(number), f"{place}, {key}")
            for key, number in zip(rows, numbers, strict=True)
        }
        _add(run, _Epoch(at, place, values))
    return run


def _shown(value: Any) -> str:
    """A value of JSON as scripts write it."""
    if value is None:
        return "nan"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        if 1e-6 <= abs(value) < 1e21 or not value:
            return np.format_float_positional(value, trim="-")
        return np.format_float_scientific(value, trim="-", exp_digits=1)
    return value if isinstance(value, str) else f"a {'list' if isinstance(value, list) else 'dict'}"


def _cells(cells: Any) -> Iterator[Line]:
    """Yield the code and the printed text of a notebook, line by line; all else stays unread."""
    if not isinstance(cells, list):
        _refuse("cells", "", "no list of cells")
    for at, cell in enumerate(cells, 1):
        place = f"cell {at}"
        if not isinstance(cell, Mapping):
            _refuse("cells", place, "no cell")
        if cell.get("cell_type") != "code":
            continue
        for line in _text(cell.get("source", ""), place).split("\n"):
            yield place, line
        outputs = cell.get("outputs", [])
        if not isinstance(outputs, list):
            _refuse("cells", place, "no list of outputs")
        texts = list(itertools.chain.from_iterable(_outputs(output, place) for output in outputs))
        # Bars go back over what an output before wrote.
        for number, line in enumerate("".join(texts).split("\n"), 1):
            yield f"{place}, line {number} of its output", line.removesuffix("\r")


def _outputs(output: Any, place: str) -> Iterator[str]:
    if not isinstance(output, Mapping):
        _refuse("cells", place, "no output")
    if output.get("output_type") == "stream":
        yield _text(output.get("text", ""), place)
    elif isinstance(data := output.get("data"), Mapping) and "text/plain" in data:
        yield _text(data["text/plain"], place) + "\n"


def _text(value: Any, place: str) -> str:
    """Text that a notebook keeps whole or in lines."""
    if isinstance(value, str):
        return value
    if isinstance(value, Sequence) and all(isinstance(line, str) for line in value):
        return "".join(value)
    _refuse("cells", place, "no text")
