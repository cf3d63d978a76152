"""The errors that bnreport raises on purpose; the command line prints them without a traceback.

BnreportError
├── DataError      data, or what all pages share (works, words, errata, the citation), are missing,
│                  altered or mis-shaped, or a download failed
├── RecordError    a record file is damaged, foreign, locked, stale or incomplete
├── TrainingError  a run or its worker process failed
├── PageError      a page asks for something that the report does not hold
└── GateError      the finished site breaks a rule
"""


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
