"""The JSON Schema of a record: of one line of the files that hold them."""

import json
from typing import Any

from bnreport.records.record import Record

DIALECT = "https://json-schema.org/draft/2020-12/schema"
# Of regular expressions JSON Schema knows those of ECMAScript, which name no control characters.
_PATTERNS = {r"^[^\pC]{1,200}$": r"^[^\u0000-\u001f\u007f-\u009f]{1,200}$"}


def record_schema() -> str:
    """The schema of a record as it is published, with the digest of its line, as JSON."""
    schema = Record.model_json_schema()
    schema["properties"]["digest"] = {
        "type": "string",
        "pattern": "^[0-9a-f]{64}$",
        "description": "SHA-256 of the record without it, as canonical JSON",
    }
    schema["required"] = [*schema["required"], "digest"]
    titled = {"$schema": DIALECT, **_portable(schema), "title": "Record of a run"}
    return json.dumps(titled, indent=1, ensure_ascii=False) + "\n"


def _portable(part: Any) -> Any:
    """The same with patterns that every validator knows, and without titles that repeat names."""
    if isinstance(part, list):
        return [_portable(each) for each in part]
    if not isinstance(part, dict):
        return part
    return {
        name: _PATTERNS.get(value, value) if name == "pattern" else _portable(value)
        for name, value in part.items()
        if name != "title" or not isinstance(value, str)
    }
