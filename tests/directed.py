"""Records in which one arm is better in exactly what a claim reads, and all else is noise.

The arms of a claim get the same numbers, seed by seed, and then one of them is lifted. Everything
that the claim does not read is drawn at random: other trials, epochs, steps, layers, metrics, parts
and modes. Nothing is read from a disk and nothing is validated: a study takes a fraction of a
second.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from bnreport.analysis.study import Study
from bnreport.analysis.verdicts import LEAST_SEEDS
from bnreport.protocol.directions import Direction, Quantity, Reading
from bnreport.protocol.measurements import ToyTrial
from bnreport.protocol.recipes import Recipe
from bnreport.protocol.runs import Runs
from bnreport.protocol.trials import AnyTrial, Identity, Training, Trial
from bnreport.randomness import generator
from bnreport.records.collection import Records
from bnreport.records.record import Record, ScoreRecord, packed
from tests.fabricated import quantities

Floats: TypeAlias = NDArray[np.float64]
Side: TypeAlias = Literal["favoured", "other"]
# How much better a reading of a side is, by the reading's place in it: a number for all of its
# values, or one for each, (seeds, places, layers).
Lifts: TypeAlias = Mapping[tuple[Side, int], float | Floats]
# What was found in the runs of a trial, by kind and name, (seeds, places, layers or images).
Found: TypeAlias = dict[tuple[str, str], Floats]

# Few images, and few of them wrong: a tenth more of them is right where an arm is better.
IMAGES = {"val": 60, "test": 80}
RIGHT = 0.8


def places(trial: AnyTrial, kind: str, name: str) -> tuple[float, ...]:
    """After which epochs or steps, at which rates or in which rounds a trial holds values."""
    match trial:
        case Trial() | Recipe() if kind == "check":
            return next(c.steps for c in trial.checks if name.startswith(c.name + "_"))
        case Trial() if kind == "score":
            return trial.score_epochs
        case ToyTrial():
            return trial.rates
        case _:
            return tuple(range(1, trial.length + 1))


@dataclass(frozen=True)
class Directed:
    """The made-up records of a study, at as many judged seeds as a verdict needs.

    `salt` draws the noise: two of them share nothing but what a direction sets.
    """

    study: Study
    salt: int = 0
    _kept: dict[Any, "Lifted"] = field(default_factory=dict, init=False, repr=False)

    @cached_property
    def _runs(self) -> dict[str, Runs]:
        return {runs.trial.name: runs for runs in self.study.runs}

    @cached_property
    def _noise(self) -> dict[str, Found]:
        return {name: self._drawn(runs) for name, runs in self._runs.items()}

    @cached_property
    def _background(self) -> dict[str, dict[int, Record]]:
        return {
            name: {
                seed: _record(_identity(self.study, runs.trial, seed), _at(found, place))
                for place, seed in enumerate(_seeds(runs))
            }
            for (name, runs), found in zip(self._runs.items(), self._noise.values(), strict=True)
        }

    def records(self, *placed: tuple[Direction, Lifts], bend: int = 1) -> Records:
        """Noise everywhere but in what is read, where the arms are alike but for the lifts.

        Args:
            placed: what is read, and which arm is better there; a negative lift makes it worse.
            bend: 1 or -1, whether numbers rise or fall over layers where it makes no difference.
        """
        touched: dict[str, list[Placed]] = {}
        for direction, lifts in placed:
            for reading, number, side in _sides(direction):
                one = Placed(direction, reading, number, side, lifts.get((side, number), 0.0))
                touched.setdefault(reading.trial, []).append(one)
        changed = {name: self._lifted(name, tuple(of), bend) for name, of in touched.items()}
        return Records("full", self._background | changed)

    def _lifted(self, name: str, placed: tuple["Placed", ...], bend: int) -> dict[int, Record]:
        """The runs of a trial with what is read of it, kept where no single value is lifted."""
        whole = all(isinstance(one.lift, float) for one in placed)
        key = (name, bend, *(one.key for one in placed)) if whole else ()
        if key in self._kept:
            return self._kept[key].runs
        found: Found = {}
        for one in placed:
            values, where = self._copied(found, one.reading), self._where(one.reading)
            values[where] = Shape(**vars(one), size=values[where].shape, bend=bend).values
        runs = self._changed_runs(name, found)
        if whole:
            # With what the key names, so that no other direction comes to lie in its place.
            self._kept[key] = Lifted(placed, runs)
        return runs

    def given(self, values: Mapping[tuple[str, Quantity], Any]) -> Records:
        """Noise everywhere, but in what is given of a trial, (seeds, places, layers)."""
        touched: dict[str, Found] = {}
        for (name, quantity), numbers in values.items():
            reading = Reading(name, quantity)
            self._copied(touched.setdefault(name, {}), reading)[self._where(reading)] = numbers
        changed = {name: self._changed_runs(name, found) for name, found in touched.items()}
        return Records("full", self._background | changed)

    def shape(self, reading: Reading) -> tuple[int, ...]:
        """How many values a reading has, (seeds, places, layers or images)."""
        quantity = reading.quantity
        values = self._noise[reading.trial][quantity.kind, quantity.name]
        return tuple(values[self._where(reading)].shape)

    def _where(self, reading: Reading) -> tuple[Any, ...]:
        trial, quantity = self._runs[reading.trial].trial, reading.quantity
        axis = places(trial, quantity.kind, quantity.name)
        values = self._noise[reading.trial][quantity.kind, quantity.name]
        at = [axis.index(place) for place in quantity.at or axis]
        layers = quantity.layers or range(values.shape[2])
        return np.ix_(range(len(values)), at, layers)

    def _drawn(self, runs: Runs) -> Found:
        trial, seeds = runs.trial, len(_seeds(runs))
        rng = generator(self.salt, trial.name)
        drawn: Found = {
            ("history", metric): rng.uniform(0.2, 0.9, (seeds, trial.length, 1))
            for metric in sorted(trial.metrics)
        }
        if isinstance(trial, Training):
            for check in trial.checks:
                for what, layers in quantities(trial, check).items():
                    size = (seeds, len(check.steps), max(layers, 1))
                    drawn["check", f"{check.name}_{what}"] = rng.uniform(0.2, 0.9, size)
        if isinstance(trial, Trial):
            for part, images in IMAGES.items():
                size = (seeds, len(trial.score_epochs), images)
                drawn["score", part] = np.where(rng.random(size) < RIGHT, 1.0, 0.0)
        return drawn

    def _copied(self, found: Found, reading: Reading) -> Floats:
        """All values of a reading's quantity, apart from the noise that they come from."""
        key = (reading.quantity.kind, reading.quantity.name)
        return found.setdefault(key, self._noise[reading.trial][key].copy())

    def _changed_runs(self, name: str, found: Found) -> dict[int, Record]:
        old = self._background[name].items()
        return {
            seed: _record(run.identity, _at(found, place), run)
            for place, (seed, run) in enumerate(old)
        }


def _seeds(runs: Runs) -> tuple[int, ...]:
    return (*runs.full[:LEAST_SEEDS], *runs.tuning)


def _sides(direction: Direction) -> Iterator[tuple[Reading, int, Any]]:
    # What is beside comes first: it may be a part of an arm, which is lifted.
    for side in ("beside", "other", "favoured"):
        for number, reading in enumerate(getattr(direction, side)):
            yield reading, number, side


def lose(records: Records, trials: Iterable[str]) -> Records:
    """The same records, where the first run of each of these trials diverged at once."""
    changed: dict[str, dict[int, Record]] = {}
    for name in trials:
        of = dict(records.by_trial[name])
        first = min(of)
        history = dict.fromkeys(of[first].history, (None,))
        nothing = {"diverged": True, "history": history, "scores": (), "checks": {}}
        changed[name] = of | {first: of[first].model_copy(update=nothing)}
    return Records(records.profile, {**records.by_trial, **changed})


def _at(found: Found, place: int) -> Found:
    return {key: values[place] for key, values in found.items()}


def _identity(study: Study, trial: AnyTrial, seed: int) -> Identity:
    return Identity.model_construct(
        study=study.name, trial=trial, seed=seed, data="", profile="full"
    )


def _record(identity: Identity, found: Found, old: Record | None = None) -> Record:
    """What was found in a run; all else as in the old record."""
    # Fields of any type, and no provenance: nobody asks these runs where they come from.
    fields: dict[str, Any] = {
        "id": f"{identity.trial.name} {identity.seed}",
        "identity": identity,
        "history": {**old.history} if old else {},
        "scores": old.scores if old else (),
        "early_loss": 1.0,
        "diverged": False,
        "checks": {**old.checks} if old else {},
    }
    for (kind, name), values in found.items():
        if kind == "score":
            fields["scores"] = _scored(identity.trial, name, values, fields["scores"])
            continue
        # No net that is looked into has one layer alone.
        single = values.shape[1] == 1
        fields["checks" if kind == "check" else kind][name] = tuple(
            values[:, 0].tolist() if single else map(tuple, values.tolist())
        )
    return Record.model_construct(**fields)


def _scored(
    trial: AnyTrial, part: str, right: Floats, old: tuple[ScoreRecord, ...]
) -> tuple[ScoreRecord, ...]:
    epochs = trial.score_epochs if isinstance(trial, Trial) else ()
    given: list[dict[str, Any]] = [dict(score) for score in old] or [{"epoch": e} for e in epochs]
    for score, marks in zip(given, right, strict=True):
        score |= {f"{part}_images": IMAGES[part], f"{part}_correct": packed(marks > 0.5)}
    return tuple(ScoreRecord.model_construct(**score) for score in given)


@dataclass(frozen=True)
class Placed:
    """A reading in its place in a direction, and by how much it is better."""

    direction: Direction
    reading: Reading
    number: int
    side: str
    lift: float | Floats

    @property
    def key(self) -> tuple[Any, ...]:
        """What sets it apart, but for its values where each is lifted by itself."""
        return id(self.direction), self.number, self.side, self.lift


class Lifted(NamedTuple):
    """The runs of a trial, by seed, where so much of it is so much better."""

    placed: tuple[Placed, ...]
    runs: dict[int, Record]


@dataclass(frozen=True)
class Shape(Placed):
    """The numbers of one reading, fit for what is measured, and rising with the lift.

    But for the lift each arm measures the same. `place` counts the settings of a grid, which
    lies over several trials or over the places of one.
    """

    size: tuple[int, ...]
    bend: int

    @property
    def values(self) -> Floats:
        """The numbers, (seeds, places, layers)."""
        makers = {
            "matched": self._each if self.side != "beside" else self._falling,
            "width": self._hill,
            "highest": self._downhill,
            "arrival": self._rising if self.reading.quantity.kind == "check" else self._seconds,
            "slope": self._slope,
            "nearness": self._nearness,
            "range": self._range,
            "printed": self._printed,
        }
        score = self.reading.quantity.kind == "score"
        make = self._right if score else makers.get(self.direction.measure, self._each)
        return np.broadcast_to(np.asarray(make(), float), self.size)

    @property
    def _rng(self) -> np.random.Generator:
        return generator(0, str(self.size))

    @property
    def _seed(self) -> Floats:
        return self._rng.uniform(0, 1, (self.size[0], 1, 1))

    @property
    def _better(self) -> float | Floats:
        """The lift, below zero where less of the quantity is better."""
        return self.lift if self.reading.more else -self.lift

    @property
    def _level(self) -> float:
        return self.direction.level or 0.0

    @property
    def _grid(self) -> bool:
        """Whether each reading of the side is a setting of its own."""
        grids = {"width", "highest"}
        return self.direction.measure in grids and len(getattr(self.direction, self.side)) > 1

    @property
    def _settings(self) -> int:
        return len(getattr(self.direction, self.side)) if self._grid else self.size[1]

    @property
    def _place(self) -> Any:
        return self.number if self._grid else np.arange(self.size[1])[:, None]

    @property
    def _layer(self) -> Any:
        return np.arange(self.size[2])

    def _each(self) -> Any:
        base = self._rng.uniform(0.5, 0.7, self.size)
        if self._held:
            base = np.full(self.size, self._level)
        return base + 0.1 * self._better * np.maximum(np.abs(base), 0.1)

    @property
    def _held(self) -> bool:
        """Whether the numbers themselves are held against the level."""
        own = self.direction.level is not None and self.direction.measure != "matched"
        return own and self.side != "beside"

    def _printed(self) -> Any:
        runs = self._rng.normal(0, 0.01, self.size)
        return self._level + runs - runs.mean(axis=0) + self._better

    def _right(self) -> Any:
        # Every seed has as many images right, others in each.
        seeds, _, images = self.size
        order = self._rng.permuted(np.tile(np.arange(images), (seeds, 1)), axis=1)[:, None]
        return order / images < RIGHT + 0.1 * np.asarray(self._better)

    def _hill(self) -> Any:
        """The best in the middle, and three settings that are good enough; more with a lift."""
        sign = 1 if self.reading.more else -1
        beside = bool(self.direction.beside)
        loss = self._level if beside else abs(self._level) / 20
        top = 0.85 if beside else sign * self._level + loss
        steps = 0.05 * self._seed - 0.6 * np.abs(self._place - self._settings // 2)
        return sign * (top + loss * (steps + 1.5 * self.lift))

    def _downhill(self) -> Any:
        """Down through the level in the middle."""
        middle = self._settings / 2 - 0.2
        return self._level + 0.06 * (middle - self._place) + 0.15 * self._better

    def _falling(self) -> Any:
        return self._level * np.exp(self._settings / 2 - self._place - 0.1 * self._seed)

    def _rising(self) -> Any:
        """Up through the level; a lone mark above it before is no arrival."""
        late = self._place - 0.6 * self._settings - self._seed
        rise = self._level + 0.1 * late / self._settings + 0.02 * self._better
        return np.where((self._place == 2) & (self.side == "favoured"), 2 * self._level, rise)

    def _seconds(self) -> Any:
        """As long in every round but one, which does not count where the median does."""
        odd = (self._place == 0) & (self.side == "favoured")
        return np.where(odd, 99.0, 1 + 0.1 * self._better)

    def _slope(self) -> Any:
        factor = np.log(self._level or 1.3) * (1 + 0.1 * self._better)
        return (1 + self._seed) * np.exp(-factor * (self._layer + 1))

    def _nearness(self) -> Any:
        factor = 0.3 * self.bend * (1 - 0.3 * self._better)
        return (1 + self._seed) * np.exp(-factor * (self._layer + 1))

    def _range(self) -> Any:
        """As far from end to end, at whatever level."""
        level = 5.0 if self.side == "favoured" else 1.0
        return (1 + self._seed) * (level + 0.1 * (1 + 0.2 * self._better) * self._layer)
