"""Values that never change, and their digests."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field


def later(default: Any, **limits: Any) -> Any:
    """A field that came after runs were recorded: at its default it is no part of an identity."""
    return Field(default=default, exclude_if=lambda value: value == default, **limits)


class Frozen(BaseModel):
    """A value: immutable, and closed to fields that it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


def canonical(value: Mapping[str, object]) -> str:
    """One line of JSON with sorted keys and no spaces; NaN is an error."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)


def digest(value: Mapping[str, object]) -> str:
    """The SHA-256 of a value's canonical JSON, in hexadecimal."""
    return hashlib.sha256(canonical(value).encode()).hexdigest()
