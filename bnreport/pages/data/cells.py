"""The cells of published tables."""

import json
import math
import re
from typing import Any, TypeAlias

from bnreport.protocol.frozen import Frozen

Cell: TypeAlias = str | int | float | None

# What a spreadsheet takes for the beginning of a formula; numbers are written as such.
FORMULA = ("=", "+", "-", "@")
# Ends of lines and whatever else is no character that anyone sees.
UNPRINTED = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def cell(value: object) -> Cell:
    """A value as Table Schema writes it in a cell."""
    # The most frequent first: there are millions of them.
    match value:
        case str():
            return harmless(value)
        case bool():
            return int(value)
        case int():
            return value
        case float():
            # As float() and pandas read it, too.
            return value if not math.isinf(value) else "INF" if value > 0 else "-INF"
        case None:
            return ""
        case tuple() | list() | dict() | Frozen():
            return json.dumps(value, separators=(",", ":"), default=_plain)
    raise TypeError(f"Expected a value for a cell of a table. Received: {value!r}.")


def harmless(text: str) -> str:
    """A text as one cell: in one line, and no formula of a spreadsheet, which would run it."""
    line = UNPRINTED.sub(" ", text)
    return f"'{line}" if line.startswith(FORMULA) else line


def _plain(value: Any) -> object:
    return value.model_dump(mode="json")
