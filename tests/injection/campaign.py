"""Damage files case by case, and say what becomes of each."""

import re
import tempfile
import time
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Literal, TypeAlias

import numpy as np

from bnreport.errors import BnreportError
from tests.injection import targets
from tests.injection.damage import ACCIDENTS, FORGERIES, Random
from tests.injection.targets import Said, Target

# refused: an error that names the file, and of a file of lines the line. harmless: the site says
# the same. as written: what a file says that no digest seals, or whose digests were forged with it.
Fate: TypeAlias = Literal["refused", "harmless", "as written"]
# What must not come out: another error, an error that names no place, a number that a digest should
# have refused.
Fault: TypeAlias = Literal["traceback", "nameless", "wrong"]
# Seconds after which a case is too slow, whatever becomes of it.
PATIENCE = 20.0


@dataclass(frozen=True)
class Case:
    """One damage of one file; its bytes follow from these and nothing else."""

    target: Target
    damage: str
    forged: bool
    seed: int

    def __str__(self) -> str:
        how = "forged" if self.forged else "damaged"
        return f"{self.target.kind}, {self.target.name}, {how}: {self.damage}, seed {self.seed}"

    def content(self) -> bytes:
        """The damaged file."""
        name = zlib.crc32(f"{self.target.name} {self.damage} {self.forged}".encode())
        random: Random = np.random.default_rng([14, self.seed, name])
        if not self.forged:
            return ACCIDENTS[self.damage](self.target.content, random)
        if self.damage == SWAPPED:
            return targets.results_swapped(self.target.content, random)
        assert self.target.forge is not None
        return self.target.forge(self.target.content, FORGERIES[self.damage], random)


SWAPPED = "the results of two runs swapped"


@dataclass(frozen=True)
class Outcome:
    """The end of a case."""

    case: Case
    fate: Fate | Fault
    said: str
    seconds: float


@dataclass
class Tally:
    """How often each fate befell each kind of file."""

    counts: Counter[tuple[str, bool, str]] = field(default_factory=Counter)
    written: Counter[tuple[str, bool, str]] = field(default_factory=Counter)
    faults: list[Outcome] = field(default_factory=list)
    slowest: Outcome | None = None

    def add(self, outcome: Outcome) -> None:
        """Count a case."""
        case, fate = outcome.case, outcome.fate
        self.counts[case.target.kind, case.forged, fate] += 1
        if fate == "as written":
            self.written[case.target.kind, case.forged, case.damage] += 1
        if fate in {"traceback", "nameless", "wrong"} or outcome.seconds > PATIENCE:
            self.faults.append(outcome)
        if self.slowest is None or outcome.seconds > self.slowest.seconds:
            self.slowest = outcome

    def join(self, other: "Tally") -> None:
        """Count the cases of another tally, too."""
        self.counts += other.counts
        self.written += other.written
        self.faults += other.faults
        known = [tally.slowest for tally in (self, other) if tally.slowest is not None]
        self.slowest = max(known, key=lambda outcome: outcome.seconds, default=None)


def cases(found: Iterable[Target], seeds: Sequence[int]) -> Iterator[Case]:
    """Every damage of every file, once for each seed."""
    for target in found:
        for seed in seeds:
            yield from (Case(target, damage, False, seed) for damage in ACCIDENTS)
            if target.forge is not None:
                yield from (Case(target, damage, True, seed) for damage in FORGERIES)
            if target.kind == "records":
                yield Case(target, SWAPPED, True, seed)


def campaign(found: Iterable[Target], seeds: Sequence[int], every: int = 1) -> Tally:
    """Damage each file in every way for each seed, or in each so-manieth of these."""
    tally = Tally()
    for target in found:
        sound = published(target)
        for case in islice(cases([target], seeds), len(target.name) % every, None, every):
            tally.add(tried(case, sound))
    return tally


def published(target: Target) -> Said:
    """What the site says by a file as it is committed."""
    with tempfile.TemporaryDirectory() as folder:
        return target.publish(_put(target, target.content, folder))


def _put(target: Target, content: bytes, folder: str) -> Path:
    path = Path(folder) / target.name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)
    return path


def tried(case: Case, sound: Said) -> Outcome:
    """The end of a case, where `sound` is what the site says by the file as it is committed."""
    target, content = case.target, case.content()
    with tempfile.TemporaryDirectory() as folder:
        path = _put(target, content, folder)
        began = time.perf_counter()
        fate, said = _fate(case, content, path, sound)
    return Outcome(case, fate, said, time.perf_counter() - began)


def _fate(case: Case, content: bytes, path: Path, sound: Said) -> tuple[Fate | Fault, str]:
    target = case.target
    try:
        published = target.publish(path)
    except BnreportError as error:
        return ("refused" if _names(target, str(error)) else "nameless"), str(error)
    except Exception as error:  # noqa: BLE001 - whatever it is, a reader would see a traceback
        return "traceback", f"{type(error).__name__}: {error}"
    if content == target.content or published == sound:
        return "harmless", ""
    if published.sealed != sound.sealed and not case.forged:
        return "wrong", "accepted, and the site would say something else"
    return "as written", ""


def _names(target: Target, message: str) -> bool:
    """Say whether an error names the file and, where it is one of lines, the line or the whole."""
    if Path(target.name).name not in message:
        return False
    whole = r"runs of|SHA256SUMS lists|Restore this file and|claims of|analysis of|In the study"
    return not target.lined or re.search(rf"line \d+|{whole}", message) is not None
