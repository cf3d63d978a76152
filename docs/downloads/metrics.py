"""Computes the values behind the verdicts again: `python metrics.py SITE`, with NumPy and SciPy.

SITE is a folder or an archive (zip or tar) of the site, or of its data alone. Of each claim but the
exact ones, which have no values, claims.json has a formula. It names the arms by their trials, what
is measured, when, and by which statistics. From the runs, what was measured in them and the marks
of single images this program computes what the formulas say, and compares it with values.csv and
images.csv. The files are held against SHA256SUMS.txt before they are read, and the rows of a run
against runs.csv, by trial, seed and order. What no formula reads is taken as published: the other
columns of runs.csv, say. Any difference is said, and so is a file that cannot be read; both end the
program with status 1. A claim whose values no formula can say is listed as the site's own
extraction. It shares no code with what made the site, and needs Python 3.11, NumPy 1.26 and SciPy
1.12, or later.

A formula has numbers, + - * / and fifteen verbs:

epoch(trial, metric, n)
    A metric after epoch n, or after several; after all of them without n. Of a timing these are its
    rounds, which pair in place of seeds.
step(trial, what, n, layer)
    What a check found after step n, or after several; after all without n. A layer, several, or a
    range of them may follow, counted from 0.
marks(trial, part, n)
    Which images of a part were right after epoch n: 1, or 0 if not.
first(trial, check, level)
    The first step at which an accuracy, by the running median of three marks, is at the level or
    above.
rise(trial, check, level)
    The step at which the curve that never falls and lies nearest to these medians reaches the
    level, on a line over the logarithm of the step.
at_loss(trial, loss, accuracy, level, ...)
    The mean accuracy where a loss has fallen to these levels, on lines over the logarithm of the
    loss between the marks that are its lowest so far.
fit(net, trial, skipped, metric, ...)
    How far each run lies from all others, as the largest |z| of these metrics, in as many epochs as
    the notebook printed of a net, behind those that are skipped. Of several numbers of skipped
    epochs that counts at which the print is hardest to refuse.
width({setting: number}, floor)
    The decades of settings, side by side, at which the number is at the floor or above; each stands
    for half the way to its neighbors.
highest({setting: number}, floor)
    The highest such setting; 0 if there is none, infinite if it is the last.
own({setting: number})
    The number at the setting that is best in the mean of all other seeds.
largest(...)
    The largest number, of settings, of several, or along the last axis.
mean(...), median(...)
    Of several, or over all axes but that of the seeds; of rounds over these.
slope(x)
    How the natural logarithm of x changes from layer to layer, by least squares.
log(x)
    The natural logarithm.

They give a number for each seed that judges. An accuracy of a run that diverged is 0.1, from where
it did; its other numbers are missing or infinite. What is never reached is infinite. A pair in
which neither run arrives, or of which one has no number, counts as 0.
"""

import ast
import base64
import csv
import hashlib
import io
import json
import math
import re
import sys
import tarfile
import warnings
import zipfile
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import optimize

Floats: TypeAlias = NDArray[np.float64]
# What + - * / may stand between: a list times a number would be a longer list.
OPERANDS = (int, float, np.ndarray, np.number)
# Trial, seed and what was found.
Runs: TypeAlias = dict[str, dict[int, Any]]

# One of ten classes.
CHANCE = 0.1
# Published numbers have ten significant digits.
RELATIVE, ABSOLUTE = 1e-7, 1e-9
# The most claims whose values no formula says.
MOST_OWN = 20
SUMS = "SHA256SUMS.txt"
SUM = re.compile(r"([0-9a-f]{64})  (\S.*)")
# A number as the tables write it; what has no end is one, and what is none is not.
WRITTEN = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|[+-]?inf", re.ASCII | re.IGNORECASE)
# More seeds and epochs than any study has, and more signs than a line needs that is said.
MOST, LONGEST = 1_000_000, 300
# What reading and reckoning with damaged files may end in.
DAMAGE = (
    ArithmeticError, AttributeError, EOFError, LookupError, MemoryError, OSError, RuntimeError,
    TypeError, ValueError, SyntaxError, csv.Error, tarfile.TarError, zipfile.BadZipFile,
    zlib.error,
)  # fmt: skip
# What Python says of these is of its own parts; readers are told what it means.
MEANT: Sequence[tuple[tuple[type[Exception], ...], str]] = (
    ((UnicodeError,), "no text in UTF-8"),
    ((RecursionError,), "nested too deeply"),
    ((MemoryError,), "too large for the memory"),
    ((OverflowError,), "a number is too large"),
    ((AttributeError, IndexError, TypeError), "a value is missing, or of a kind that is wrong"),
)
TEXT, NUMBER = (str,), (int, float)
NONE = (type(None),)
# What each claim must hold, and each of its settings.
SETTING_FIELDS: Mapping[str, tuple[type, ...]] = {"setting": TEXT, "formula": TEXT + NONE}
FIELDS: Mapping[str, tuple[type, ...]] = {
    "id": TEXT,
    "study": TEXT,
    "edition": (int,),
    "kind": TEXT,
    "verdict": TEXT,
    "seeds": TEXT,
    "effect": NUMBER + NONE,
    "formula": TEXT + NONE,
    "settings": (list,),
}


class MissingError(Exception):
    """Something that is needed is not there, or cannot be read."""


@contextmanager
def reading(name: str, doing: str = "read") -> Iterator[None]:
    """Say what cannot be read, or done otherwise, whatever is wrong with it."""
    try:
        yield
    except DAMAGE as error:
        raise MissingError(f"{name}: cannot be {doing}: {reason_of(error)}") from error


def reason_of(error: Exception) -> str:
    """What is wrong, without the words that Python has for its own parts."""
    for kinds, words in MEANT:
        if isinstance(error, kinds):
            return words
    return f"no {error}" if isinstance(error, KeyError) else str(error) or type(error).__name__


def line_of(text: str) -> str:
    """A text as one line that a terminal shows, and not too long a one."""
    shown = "".join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in text)
    return shown if len(shown) <= LONGEST else f"{shown[:LONGEST]} ..."


class Row(dict[str, str]):
    """The cells of a row by their columns, and its line."""

    def __init__(self, cells: Mapping[str, str], line: int) -> None:
        """Take the cells."""
        super().__init__(cells)
        self.line = line

    def __missing__(self, column: str) -> str:
        raise ValueError(f"no column {column}")

    def number(self, column: str) -> float:
        """A cell as a number."""
        return number(self[column], f"line {self.line}: {column}")


def number(cell: str, where: str) -> float:
    """A cell as a number.

    Raises:
        ValueError: when it is none.
    """
    if not WRITTEN.fullmatch(cell):
        raise ValueError(f"{where} is {cell!r}, and no number")
    return float(cell)


class Site:
    """The published data, in a folder or an archive."""

    def __init__(self, path: Path) -> None:
        """Open a site, or its data alone.

        Raises:
            MissingError: when there is no file claims.json.
        """
        with reading(str(path)):
            read, names = opened(path)
        claims = [name for name in names if name.rpartition("/")[2] == "claims.json"]
        if not claims:
            raise MissingError(f"Expected a file claims.json. Received: none in {path}.")
        root = min(claims, key=len).removesuffix("claims.json")
        self.names = {name.removeprefix(root) for name in names if name.startswith(root)}
        self._read, self._root = read, root

    def content(self, name: str) -> bytes:
        """What a file of the data holds.

        Raises:
            MissingError: when it is not there.
        """
        if name not in self.names:
            raise MissingError(f"{name}: the file is missing")
        with reading(name):
            return self._read(self._root + name)

    def text(self, name: str) -> str:
        """The text of a file of the data.

        Raises:
            MissingError: when it is not there, or no text.
        """
        content = self.content(name)
        with reading(name):
            return content.decode()

    def rows(self, name: str) -> Iterator[Row]:
        """The rows of a table, each of as many cells as its head.

        Raises:
            MissingError: when it is not there, or no such table.
        """
        text = self.text(name)
        with reading(name):
            table = csv.DictReader(io.StringIO(text, newline=""), strict=True)
            for column in (head := table.fieldnames or []):
                if head.count(column) > 1:
                    raise ValueError(f"the column {column} stands there twice")
            for row in table:
                if None in row or None in row.values():
                    raise ValueError(f"line {table.line_num} is not as long as the head")
                yield Row(row, table.line_num)


def opened(path: Path) -> tuple[Callable[[str], bytes], list[str]]:
    """What reads a file of a folder or an archive, and the names of its files."""
    if path.is_dir():
        files = [file.relative_to(path).as_posix() for file in path.rglob("*") if file.is_file()]
        return lambda name: (path / name).read_bytes(), files
    if zipfile.is_zipfile(path):
        packed = zipfile.ZipFile(path)
        return packed.read, packed.namelist()
    if path.is_file() and tarfile.is_tarfile(path):
        contents = {}
        with tarfile.open(path) as archive:
            for member in archive:
                if member.isfile() and (file := archive.extractfile(member)):
                    contents[member.name] = file.read()
        return contents.__getitem__, [*contents]
    raise MissingError(f"Expected a folder, a zip or a tar. Received: {path}.")


class Study:
    """The runs of an edition of a study, and what was found in them."""

    def __init__(self, site: Site, name: str, runs: Sequence[Row]) -> None:
        """Take the runs that judge from the table of all runs."""
        self._site, self.name = site, name
        self.runs: Runs = defaultdict(dict)
        self._known: dict[str, Row] = {}
        with reading("runs.csv"):
            for run in runs:
                self._enter(run)

    def _enter(self, run: Row) -> None:
        if run["run"] in self._known:
            raise ValueError(f"line {run.line}: run {run['run']} stands there twice")
        for name in ("tuning", "diverged"):
            if run[name] not in {"0", "1"}:
                raise ValueError(f"line {run.line}: {name} is {run[name]!r}, and not 0 or 1")
        self._known[run["run"]] = run
        if run["tuning"] == "0":
            seeds, seed = self.runs[run["trial"]], int(run.number("seed"))
            if seed in seeds:
                raise ValueError(f"line {run.line}: {run['trial']} has two runs at seed {seed}")
            seeds[seed] = run

    def found(self, trial: str, seed: int, by_run: Mapping[str, Any], empty: Any) -> Any:
        """What a table holds of a run."""
        return by_run.get(self.run(trial, seed)["run"], empty)

    def run(self, trial: str, seed: int) -> Row:
        """A run.

        Raises:
            MissingError: when there is none.
        """
        if seed not in self.runs.get(trial, {}):
            raise MissingError(f"runs.csv: no run of {trial} of {self.name} at seed {seed}")
        run: Row = self.runs[trial][seed]
        return run

    @cached_property
    def epochs(self) -> dict[str, dict[str, list[float]]]:
        """The metrics of each run by epoch."""
        found: dict[str, dict[str, list[float]]] = {}
        with reading(f"{self.name}.csv"):
            for row in self._site.rows(f"{self.name}.csv"):
                run: Mapping[str, str] = self._known.get(row["run"], {})
                for name in ("trial", "seed", "diverged"):
                    if row[name] != run.get(name):
                        raise ValueError(f"line {row.line}: {name} is not as in runs.csv")
                metrics = found.setdefault(row["run"], defaultdict(list))
                for name in row.keys() - {"run", "trial", "seed", "net", "diverged"}:
                    metrics[name].append(row.number(name) if row[name] else math.nan)
                if metrics["epoch"][-1] != len(metrics["epoch"]):
                    raise ValueError(
                        f"line {row.line}: epoch {row['epoch']} in place of {len(metrics['epoch'])}"
                    )
        return found

    @cached_property
    def measures(self) -> dict[str, dict[str, dict[int, list[float]]]]:
        """What the checks of each run found by step, one number or one a layer."""
        found: dict[str, dict[str, dict[int, list[float]]]] = {}
        text = io.StringIO(self._site.text(f"{self.name}.measures.csv"), newline="")
        with reading(f"{self.name}.measures.csv"):
            table = csv.reader(text, strict=True)
            head = next(table, [])
            if head != ["run", "step", "check", "what", "position", "value"]:
                raise ValueError(f"other columns, {', '.join(head)}")
            for cells in table:
                where = f"line {table.line_num}"
                if len(cells) != len(head):
                    raise ValueError(f"{where} is not as long as the head")
                run, step, check, what, position, value = cells
                checks = found.setdefault(run, {})
                steps = checks.setdefault(f"{check}_{what}", {})
                numbers = steps.setdefault(int(number(step, f"{where}: step")), [])
                if (position or "0") != str(len(numbers)):
                    raise ValueError(f"{where}: position {position} in place of {len(numbers)}")
                numbers.append(number(value, f"{where}: value") if value else math.nan)
        return found

    @cached_property
    def steps(self) -> dict[tuple[str, str], list[int]]:
        """After which steps each check of each trial was made."""
        with reading("checks.csv"):
            return {
                (row["trial"], row["check"]): steps_in(row)
                for row in self._site.rows("checks.csv")
                if row["study"] == self.name
            }

    def steps_of(self, trial: str, what: str) -> list[int]:
        """The steps of the check that finds something of that name."""
        for (name, check), steps in self.steps.items():
            if name == trial and f"{what}_".startswith(f"{check}_"):
                return steps
        raise MissingError(f"checks.csv: no check of {trial} of {self.name} finds {what}")

    @cached_property
    def printed(self) -> dict[str, dict[str, list[float]]]:
        """The numbers that the notebook printed of each net, by metric and epoch."""
        found: dict[str, dict[str, list[float]]] = {}
        with reading("printed.csv"):
            for row in self._site.rows("printed.csv"):
                if row["epoch"]:
                    metrics = found.setdefault(row["net"], {})
                    numbers = metrics.setdefault(row["metric"], [])
                    numbers.append(row.number("value"))
                    if row["epoch"] != str(len(numbers)):
                        raise ValueError(
                            f"line {row.line}: epoch {row['epoch']} in place of {len(numbers)}"
                        )
        return found

    @cached_property
    def marks(self) -> dict[str, dict[tuple[int, str], Floats]]:
        """Which images were right in each run, by epoch and part."""
        found: dict[str, dict[tuple[int, str], Floats]] = {}
        with reading(f"{self.name}.jsonl"):
            for line in self._site.text(f"{self.name}.jsonl").split("\n")[:-1]:
                record = json.loads(line)
                marks = found.setdefault(record["id"], {})
                for score in record["scores"]:
                    for part in ("val", "test"):
                        packed = base64.b64decode(score[f"{part}_correct"])
                        bits = np.unpackbits(np.frombuffer(packed, np.uint8))
                        images = score[f"{part}_images"]
                        if not 0 <= images <= len(bits):
                            raise ValueError(f"marks of {len(bits)} images, not of {images}")
                        marks[score["epoch"], part] = bits[:images].astype(float)
        return found


def steps_in(row: Row) -> list[int]:
    """The steps of a check, of which there is one at least."""
    steps = json.loads(row["steps"])
    if not isinstance(steps, list) or {*map(type, steps)} != {int}:
        raise ValueError(f"line {row.line}: steps are {row['steps']}")
    return steps


class Formula:
    """Computes formulas of a study at some seeds."""

    def __init__(self, study: Study, seeds: Sequence[int]) -> None:
        """Take the study and the seeds that judge; none where rounds do."""
        self._study, self._seeds = study, seeds
        self.printed: float | None = None
        # Rounds of a timing pair in place of seeds.
        self.timed = False

    def compute(self, formula: str) -> Floats:
        """The numbers of a formula, one a seed or a round; or also by image."""
        found = self._of(ast.parse(formula, mode="eval").body)
        if not isinstance(found, OPERANDS):
            raise ValueError(f"Expected numbers. Received: {formula}.")
        return np.asarray(found, float)

    def _of(self, node: ast.expr) -> Any:
        match node:
            case ast.Constant(value=int() | float() | str() as value):
                return value
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                value = self._of(operand)
                if not isinstance(value, OPERANDS):
                    raise ValueError(f"Expected a number. Received: {ast.unparse(node)}.")
                return -value
            case ast.List(elts=parts):
                return [self._of(part) for part in parts]
            case ast.Dict(keys=keys, values=values):
                return {self._of(k): self._of(v) for k, v in zip(keys, values, strict=True) if k}
            case ast.BinOp(left=left, op=operation, right=right) if type(operation) in OPERATIONS:
                a, b = self._of(left), self._of(right)
                if not isinstance(a, OPERANDS) or not isinstance(b, OPERANDS):
                    raise ValueError(f"Expected two numbers. Received: {ast.unparse(node)}.")
                try:
                    return OPERATIONS[type(operation)](a, b)
                except ValueError:
                    text = ast.unparse(node)
                    raise ValueError(f"Expected as many on both sides. Received: {text}.") from None
            case ast.Call(func=ast.Name(id=verb), args=given, keywords=[]) if verb in self._verbs:
                return self._called(verb, [*map(self._of, given)], node)
        raise ValueError(f"Expected numbers, + - * / and verbs. Received: {ast.unparse(node)}.")

    def _called(self, verb: str, given: Sequence[Any], node: ast.expr) -> Any:
        """What a verb finds, or a sentence where it cannot take what it is given."""
        wrong: tuple[type[Exception], ...] = (AttributeError, IndexError, TypeError)
        # Verbs that look into tables have sentences of their own.
        if verb in REDUCING:
            wrong += (ValueError,)
        try:
            return self._verbs[verb](*given)
        except wrong as error:
            raise ValueError(
                f"Expected what the verb {verb} takes. Received: {ast.unparse(node)}."
            ) from error

    @cached_property
    def _verbs(self) -> dict[str, Callable[..., Any]]:
        return {
            "epoch": self.epoch,
            "step": self.step,
            "marks": self.marks,
            "first": self.first,
            "rise": self.rise,
            "at_loss": self.at_loss,
            "fit": self.fit,
            **REDUCING,
        }

    def epoch(self, trial: str, metric: str, n: Any = None) -> Floats:
        """A metric of the history."""
        by_run = self._study.epochs
        timed = [row for row in self._study.runs[trial].values() if row["kind"] == "timing"]
        if timed:
            self.timed = True
            return np.array(by_run[timed[0]["run"]][metric])
        rows = []
        for seed in self._seeds:
            run = self._study.run(trial, seed)
            row = [*self._study.found(trial, seed, by_run, {}).get(metric, [])]
            length = int(run["epochs"] or len(row))
            if length > MOST:
                raise ValueError(f"runs.csv: {length} epochs")
            if run["diverged"] == "1":
                lost = CHANCE if metric.endswith("accuracy") else math.nan
                row = row[:-1] + [lost] * (length + 1 - len(row))
            if not 0 < length == len(row):
                raise MissingError(
                    f"{self._study.name}.csv: {len(row)} epochs of {metric} of {trial} at seed "
                    f"{seed}, and not {length}"
                )
            rows.append(row)
        numbers = np.array(rows)
        return numbers if n is None else numbers[:, np.asarray(n) - 1]

    def step(self, trial: str, what: str, n: Any = None, layers: Any = None) -> Floats:
        """What a check found."""
        all_steps = self._study.steps_of(trial, what)
        lost = CHANCE if what.endswith("accuracy") else math.inf
        numbers = self._measured(trial, what, all_steps, lost)
        if layers is not None:
            numbers = numbers[:, :, _places(layers)]
        elif numbers.shape[2] == 1:
            numbers = numbers[:, :, 0]
        if n is None:
            return numbers
        asked = n if isinstance(n, list) else [n]
        if unknown := [step for step in asked if step not in all_steps]:
            raise ValueError(f"checks.csv: no step {unknown[0]} of {what} of {trial}")
        several = [all_steps.index(step) for step in asked]
        return numbers[:, several] if isinstance(n, list) else numbers[:, several[0]]

    def _measured(self, trial: str, what: str, steps: Sequence[int], lost: float) -> Floats:
        """The numbers of a check, (seeds, steps, layers)."""
        by_run = self._study.measures
        found = [self._study.found(trial, s, by_run, {}).get(what, {}) for s in self._seeds]
        width = max((len(numbers) for each in found for numbers in each.values()), default=1)
        missing = [lost] * width
        numbers = np.array([[each.get(step, missing) for step in steps] for each in found], float)
        return np.where(np.isfinite(numbers), numbers, lost)

    def marks(self, trial: str, part: str, n: int) -> Floats:
        """Which images were right, (seeds, images)."""
        rows = [self._marked(trial, seed, part, n) for seed in self._seeds]
        images = next((len(row) for row in rows if row is not None), 1)
        return np.array([np.full(images, CHANCE) if row is None else row for row in rows])

    def _marked(self, trial: str, seed: int, part: str, n: int) -> Floats | None:
        if self._study.run(trial, seed)["diverged"] == "1":
            return None
        found = self._study.found(trial, seed, self._study.marks, {})
        if (n, part) not in found:
            raise MissingError(f"no marks of {trial} at seed {seed} after epoch {n}")
        marks: Floats = found[n, part]
        return marks

    def _smoothed(self, trial: str, check: str) -> tuple[Floats, Floats]:
        """The steps of an accuracy, and the running medians of three marks, (seeds, steps)."""
        steps = self._study.steps_of(trial, check)
        x = self._measured(trial, f"{check}_accuracy", steps, CHANCE)[:, :, 0]
        # The first and the last mark stand twice, and so are their own medians.
        around = np.concatenate([x[:, :1], x, x[:, -1:]], axis=1)
        three = np.stack([around[:, :-2], around[:, 1:-1], around[:, 2:]])
        return np.array(steps, float), np.median(three, axis=0)

    def first(self, trial: str, check: str, level: float) -> Floats:
        """The first step at the level."""
        steps, curves = self._smoothed(trial, check)
        return np.array(
            [
                min((s for s, y in zip(steps, curve, strict=True) if y >= level), default=math.inf)
                for curve in curves
            ]
        )

    def rise(self, trial: str, check: str, level: float) -> Floats:
        """The step at which a curve that cannot fall reaches the level."""
        steps, curves = self._smoothed(trial, check)
        reached = []
        for curve in curves:
            y = optimize.isotonic_regression(curve).x
            above = [place for place, value in enumerate(y) if value >= level]
            if not above:
                reached.append(math.inf)
                continue
            place = above[0]
            if place == 0 or y[place] == y[place - 1]:
                reached.append(float(steps[place]))
                continue
            share = (level - y[place - 1]) / (y[place] - y[place - 1])
            low, high = math.log(steps[place - 1]), math.log(steps[place])
            reached.append(math.exp(low + share * (high - low)))
        return np.array(reached)

    def at_loss(self, trial: str, loss: str, accuracy: str, *levels: float) -> Floats:
        """The mean accuracy at levels of a loss."""
        steps = self._study.steps_of(trial, loss)
        losses = self._measured(trial, loss, steps, math.nan)[:, :, 0]
        scores = self._measured(trial, accuracy, steps, math.nan)[:, :, 0]
        found = []
        for seed, falling, score in zip(self._seeds, losses, scores, strict=True):
            lowest, places, heights = math.inf, [], []
            for x, y in zip(falling, score, strict=True):
                if x < lowest:
                    lowest = x
                    places.append(-math.log(x))
                    heights.append(y)
            diverged = self._study.run(trial, seed)["diverged"] == "1"
            if lowest > min(levels):
                found.append(CHANCE if diverged else math.nan)
            else:
                found.append(float(np.mean(np.interp(-np.log(levels), places, heights))))
        return np.array(found)

    def fit(self, net: str, trial: str, skipped: Any, *metrics: str) -> Floats:
        """How far each run lies from the others; how far the print does stands in `printed`."""
        printed = self._study.printed.get(net, {})
        lengths = {metric: len(printed.get(metric, [])) for metric in metrics}
        if not all(lengths.values()) or len({*lengths.values()}) > 1:
            raise MissingError(f"printed.csv: of {net} there are so many epochs: {lengths}")
        target = np.array([printed[metric] for metric in metrics])
        length = target.shape[1]
        runs = np.array([self.epoch(trial, metric) for metric in metrics]).swapaxes(0, 1)
        fits = []
        for start in skipped if isinstance(skipped, list) else [skipped]:
            shown = runs[:, :, start : start + length].reshape(len(runs), -1)
            others = (np.delete(shown, place, axis=0) for place in range(len(shown)))
            own = [distance(run, rest) for run, rest in zip(shown, others, strict=True)]
            far = distance(target.reshape(-1), shown)
            fits.append((sum(each >= far for each in own), -far, own))
        _, less, distances = max(fits, key=lambda fit: fit[:2])
        self.printed = -less
        return np.array(distances)


def distance(curve: Floats, runs: Floats) -> float:
    """The largest |z| of a curve among runs, by the spread of one more run."""
    z = (curve - runs.mean(axis=0)) / (runs.std(axis=0, ddof=1) * math.sqrt(1 + 1 / len(runs)))
    return float(np.abs(z).max())


def _places(layers: Any) -> Any:
    if isinstance(layers, str):
        ends = [int(end) if end else None for end in layers.split(":")]
        return slice(*ends)
    return layers


def width(by_setting: Mapping[float, Floats], floor: Any) -> Floats:
    """The decades of the longest row of settings at the floor or above."""
    places = [math.log10(setting) for setting in by_setting]
    middles = [places[0], *((a + b) / 2 for a, b in pairwise(places))]
    spans = [b - a for a, b in zip(middles, [*middles[1:], places[-1]], strict=True)]
    longest = stretch = np.zeros(1)
    for numbers, span in zip(by_setting.values(), spans, strict=True):
        stretch = np.where(numbers >= floor, stretch + span, 0.0)
        longest = np.maximum(longest, stretch)
    # Without the rounding of logarithms.
    return np.round(longest, 9)


def highest(by_setting: Mapping[float, Floats], floor: float) -> Floats:
    """The highest setting at the floor or above."""
    top = np.zeros(1)
    for setting, numbers in by_setting.items():
        top = np.where(numbers >= floor, setting, top)
    return np.where(top == max(by_setting), math.inf, top)


def own(by_setting: Mapping[float, Floats]) -> Floats:
    """Each seed's number at the setting that all other seeds choose."""
    numbers = np.array([*by_setting.values()])
    seeds = range(numbers.shape[1])
    chosen = [np.delete(numbers, seed, axis=1).sum(axis=1).argmax() for seed in seeds]
    return numbers[chosen, seeds]


def largest(x: Any, *more: Any) -> Floats:
    """The largest number over settings, of several, or along the last axis."""
    if isinstance(x, dict):
        return np.asarray(np.max([*x.values()], axis=0), float)
    most = np.nanmax([x, *more], axis=0) if more else np.max(x, axis=-1)
    return np.asarray(most, float)


def mean(x: Any, *others: Any) -> Any:
    """The mean of several, or over all axes but that of the seeds."""
    if others:
        return np.mean([x, *others], axis=0)
    return x.reshape(len(x), -1).mean(axis=1)


def median(x: Floats) -> float:
    """The median of rounds."""
    return float(np.median(x))


def slope(x: Floats) -> Floats:
    """The slope of the logarithm over the last axis."""
    layers = np.arange(x.shape[-1]) - (x.shape[-1] - 1) / 2
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(x) @ layers / (layers @ layers), float)


def log(x: Any) -> Any:
    """The natural logarithm; of zero it is minus infinity."""
    with np.errstate(divide="ignore"):
        return np.log(x)


OPERATIONS: Mapping[type, Callable[[Any, Any], Any]] = {
    ast.Add: lambda a, b: a + b,
    ast.Sub: lambda a, b: a - b,
    ast.Mult: lambda a, b: a * b,
    ast.Div: lambda a, b: a / b,
}
REDUCING: Mapping[str, Callable[..., Any]] = {
    "width": width,
    "highest": highest,
    "own": own,
    "largest": largest,
    "mean": mean,
    "median": median,
    "slope": slope,
    "log": log,
}


def seeds_of(claim: Mapping[str, Any]) -> list[int]:
    """The seeds that judge a claim, which says them as "100-111"; none of rounds."""
    match = re.fullmatch(r"(\d+)-(\d+)", claim["seeds"])
    if not match:
        return []
    if not 0 <= int(match[2]) - int(match[1]) <= MOST:
        raise ValueError(f"no seeds, or too many, {claim['seeds']}")
    return [*range(int(match[1]), int(match[2]) + 1)]


def mean_squares(cells: Floats) -> tuple[float, float]:
    """The mean squares of images and of what is left, of numbers by seed and image."""
    n, m = cells.shape
    seeds, images = cells.mean(axis=1, keepdims=True), cells.mean(axis=0, keepdims=True)
    rest = cells - seeds - images + cells.mean()
    return float(n * images.var(ddof=1)), float((rest**2).sum() / ((n - 1) * (m - 1)))


def near(a: float, b: float) -> bool:
    """Say whether two numbers are equal but for their rounding."""
    return a == b or math.isclose(a, b, rel_tol=RELATIVE, abs_tol=ABSOLUTE)


def no_number(word: str) -> float:
    """Refuse what Python writes for no number, and JSON does not know."""
    raise ValueError(f"{word} is not a number of JSON")


def require(entry: object, fields: Mapping[str, tuple[type, ...]], where: str) -> None:
    """Refuse an entry without a field, or with one of another type."""
    if not isinstance(entry, dict):
        raise ValueError(f"{where} is no object")
    for name, types in fields.items():
        if name not in entry:
            raise ValueError(f"{where} has no {name}")
        if not isinstance(entry[name], types):
            raise ValueError(f"{where} has {name} {entry[name]!r}")


def settings_of(claims: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    """Every claim with each of its settings."""
    for claim in claims:
        for setting in claim["settings"] or [{"setting": ""}]:
            yield claim["id"], setting["setting"]


def refuse_twice(places: Iterable[tuple[str, str]]) -> None:
    """Refuse a claim, or a setting of it, that stands there again."""
    known: set[tuple[str, str]] = set()
    for name, setting in places:
        if (name, setting) in known:
            raise ValueError(f"{name}{f', {setting},' if setting else ''} stands there twice")
        known.add((name, setting))


def claims_of(site: Site) -> list[dict[str, Any]]:
    """All claims.

    Raises:
        MissingError: when there is no list of claims with all that is needed.
    """
    text = site.text("claims.json")
    with reading("claims.json"):
        claims: list[dict[str, Any]] = json.loads(text, parse_constant=no_number)
        if not isinstance(claims, list):
            raise ValueError("no list")
        for place, claim in enumerate(claims, start=1):
            require(claim, FIELDS, f"entry {place}")
            for setting in claim["settings"]:
                require(setting, SETTING_FIELDS, f"a setting of {claim['id']}")
        refuse_twice(settings_of(claims))
    return claims


class Comparison:
    """What the formulas say beside what is published."""

    def __init__(self, site: Site) -> None:
        """Read the claims and the tables that are compared."""
        self._site = site
        listed = claims_of(site)
        self.claims = [
            claim
            for claim in listed
            if claim["kind"] != "exact" and claim["verdict"] != "not judged"
        ]
        # A quick build judges nothing, and its values are those of claims that are not judged.
        self._known = {*settings_of(self.claims or listed)}
        self._values: dict[tuple[str, str], list[Row]] = defaultdict(list)
        with reading("values.csv"):
            for row in site.rows("values.csv") if self.claims or "values.csv" in site.names else ():
                pairs = self._values[row["claim"], row["setting"]]
                row.number("value")
                pairs.append(row)
                if row["pair"] != str(len(pairs)):
                    raise ValueError(
                        f"line {row.line}: pair {row['pair']} in place of {len(pairs)}"
                    )
        crossed = any("marks(" in formula for _, _, formula in self.formulas)
        with reading("images.csv"):
            images = site.rows("images.csv") if crossed else ()
            self._images = {(row["claim"], row["setting"]): row for row in images}
        runs: dict[str, list[Row]] = defaultdict(list)
        with reading("runs.csv"):
            for row in site.rows("runs.csv"):
                runs[row["study"]].append(row)
        self._studies = {name: Study(site, name, rows) for name, rows in runs.items()}

    @property
    def formulas(self) -> Iterator[tuple[dict[str, Any], str, str]]:
        """Every claim with its settings and their formulas; an empty one is our own extraction."""
        for claim in self.claims:
            if claim["settings"]:
                for setting in claim["settings"]:
                    yield claim, setting["setting"], setting["formula"] or ""
            else:
                yield claim, "", claim["formula"] or ""

    @property
    def own(self) -> list[str]:
        """The claims whose values no formula says."""
        return [*dict.fromkeys(claim["id"] for claim, _, formula in self.formulas if not formula)]

    def differences(self) -> Iterator[str]:
        """Yield what differs, a line each."""
        for identifier, setting in sorted(self._values.keys() - self._known):
            yield f"values.csv: {identifier}, {setting}: no claim has these values"
        if len(self.own) > MOST_OWN:
            yield f"claims.json: {len(self.own)} claims have no formula, more than {MOST_OWN}"
        for claim, setting, formula in self.formulas:
            if formula:
                name = f"{claim['id']}, {setting}" if setting else claim["id"]
                yield from guarded(
                    name, (f"{name}: {line}" for line in self._of(claim, setting, formula))
                )

    def _of(self, claim: Mapping[str, Any], setting: str, formula: str) -> Iterator[str]:
        name = claim["study"] + (f".{claim['edition']}" if claim["edition"] > 1 else "")
        if name not in self._studies:
            raise MissingError(f"runs.csv: no run of {name}")
        seeds = seeds_of(claim)
        formulas = Formula(self._studies[name], seeds)
        with np.errstate(invalid="ignore"):
            numbers = formulas.compute(formula)
        if numbers.ndim != 1:
            raise ValueError(f"Expected a number for each pair. Received: {formula}.")
        numbers = np.where(np.isnan(numbers), 0.0, numbers)
        rows = self._values.get((claim["id"], setting), [])
        if len(rows) != len(numbers):
            yield f"values.csv has {len(rows)} pairs, its formula gives {len(numbers)}"
            return
        for place, (row, number) in enumerate(zip(rows, numbers, strict=True)):
            seed = "" if formulas.timed else str(seeds[place])
            if row["seed"] != seed:
                yield f"pair {row['pair']}: values.csv has seed {row['seed']}, not {seed}"
            if not near(float(row["value"]), float(number)):
                yield (
                    f"pair {row['pair']}: values.csv has {row['value']}, its formula gives "
                    f"{number:.10g}"
                )
        if formulas.printed is not None and not near(claim["effect"], formulas.printed):
            yield f"claims.json has the effect {claim['effect']}, not {formulas.printed:.10g}"
        # The numbers of single images stand inside of the mean.
        if "marks(" in formula and (claim["id"], setting) in self._images:
            inner = formulas.compute(formula.removeprefix("mean(").removesuffix(")"))
            yield from self._squares(self._images[claim["id"], setting], inner)

    @staticmethod
    def _squares(row: Row, cells: Floats) -> Iterator[str]:
        if row.number("images") != cells.shape[1]:
            yield f"images.csv has {row['images']} images, the marks {cells.shape[1]}"
            return
        names = ("images_square", "rest_square")
        for name, found in zip(names, mean_squares(cells), strict=True):
            if not near(row.number(name), found):
                yield f"images.csv has {name} {row[name]}, the marks give {found:.10g}"


def guarded(name: str, lines: Iterable[str]) -> Iterator[str]:
    """These lines, and behind them one that says what they cannot go on for."""
    try:
        with reading(name, "computed"):
            yield from lines
    except MissingError as error:
        said = str(error)
        yield said if said.startswith(name) else f"{name}: cannot be computed: {said}"


def main(words: Sequence[str] | None = None) -> int:
    """Compare, say what came out, and return 1 where anything differs."""
    given = sys.argv[1:] if words is None else words
    if len(given) != 1:
        sys.stderr.write("Expected one folder or archive: python metrics.py SITE\n")
        return 2
    lines: list[str] = []
    claims: list[dict[str, Any]] = []
    own: list[str] = []
    with np.errstate(all="ignore"), warnings.catch_warnings():
        # A number that damage made endless is said, and no warning has to tell it.
        warnings.simplefilter("ignore")
        try:
            site = Site(Path(given[0]))
            lines += guarded(SUMS, check_sums(site))
            comparison = Comparison(site)
            claims, own = comparison.claims, comparison.own
            lines += comparison.differences()
        except MissingError as error:
            lines.append(str(error))
    lines = [*dict.fromkeys(map(line_of, lines))]
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    without = (
        f" Our own extraction, without a formula: {', '.join(map(line_of, own))}." if own else ""
    )
    sys.stdout.write(
        f"metrics: {len(claims) - len(own)} of {len(claims)} claims computed again from the runs. "
        f"Differences: {len(lines)}.{without}\n"
    )
    return 1 if lines else 0


def check_sums(site: Site) -> Iterator[str]:
    """Every file that is missing, is not listed or has another digest than it should have."""
    text = site.text(SUMS)
    listed = {}
    with reading(SUMS):
        for place, line in enumerate(text.splitlines(), start=1):
            if not (match := SUM.fullmatch(line)):
                raise ValueError(f"line {place} is no sum with the name of a file")
            listed[match[2]] = match[1]
        if not listed:
            raise ValueError("no sum")
    for name, digest in listed.items():
        if name not in site.names:
            yield f"{name}: the file is missing, which {SUMS} lists"
        elif hashlib.sha256(site.content(name)).hexdigest() != digest:
            yield f"{name}: the file has another digest than {SUMS} says"
    beside = {name for name in site.names if "/" not in name}
    # Where the data stand alone with other things around, those are no part of them.
    for name in sorted(beside - {*listed, SUMS}):
        if name.endswith((".csv", ".json", ".jsonl")):
            yield f"{name}: {SUMS} does not list the file"


if __name__ == "__main__":
    sys.exit(main())
