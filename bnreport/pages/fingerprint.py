"""One digest for equal values, in every process alike."""

import hashlib
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np


def fingerprint(value: Any) -> str:
    """The SHA-256 of a value: dataclasses, arrays, collections, text and numbers, at any depth.

    Raises:
        TypeError: when something else is in it, which equal values may not share.
    """
    total = hashlib.sha256()
    _add(total, value)
    return total.hexdigest()


def _add(total: Any, value: Any) -> None:
    """Add a value with its type and its length, so that no two values lead to the same bytes."""
    total.update(f"{type(value).__module__}.{type(value).__qualname__}:".encode())
    match value:
        case np.ndarray():
            total.update(f"{value.dtype.str}{value.shape}".encode())
            total.update(np.ascontiguousarray(value).tobytes())
        case np.generic() | str() | bytes() | bool() | int() | float() | None:
            content = value if isinstance(value, bytes) else repr(value).encode()
            total.update(b"%d:%b" % (len(content), content))
        case tuple() | list():
            _add_all(total, value)
        case dict():
            _add_all(total, [part for item in value.items() for part in item])
        case _ if is_dataclass(value):
            _add_all(total, [getattr(value, field.name) for field in fields(value)])
        case _:
            raise TypeError(f"Expected a value of a dataclass. Received: {type(value).__name__}.")


def _add_all(total: Any, values: Any) -> None:
    total.update(b"%d:" % len(values))
    for value in values:
        _add(total, value)
