"""The errors that bnreport raises on purpose; the command line prints them without a traceback.

BnreportError
├── DataError      data, or what all pages share (works, words, errata, the citation), are missing,
│                  altered or mis-shaped, or a download failed
├── RecordError    a record file is damaged, foreign, locked, stale or incomplete
├── TrainingError  a run or its worker process failed
├── PageError      a page asks for something that the report does not hold
└── GateError      the finished site breaks a rule
"""

import difflib
from collections import abc

# Names that a sentence lists one and all, and those of more that it calls the nearest.
FEW, NEAREST = 8, 3


def nearest(given: str, known: abc.Iterable[str]) -> str:
    """The names that there are, for a sentence; of many, the nearest to the one that was given."""
    names = [*dict.fromkeys(known)]
    if len(names) <= FEW:
        return ", ".join(names)
    near = difflib.get_close_matches(given, names, NEAREST, cutoff=0.0)
    return f"{', '.join(near)} and {len(names) - len(near)} more"


class BnreportError(Exception):
    """An error whose text says what was expected, what came, and what to do."""


class DataError(BnreportError):
    """Data, or what all pages share, are missing, altered or mis-shaped, or a download failed."""


class RecordError(BnreportError):
    """A record file is damaged, foreign, locked, stale or incomplete."""


class TrainingError(BnreportError):
    """A run or its worker process failed."""


class PageError(BnreportError):
    """A page asks for something that the report does not hold."""


class GateError(BnreportError):
    """The finished site breaks a rule."""
