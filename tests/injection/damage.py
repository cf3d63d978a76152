"""Damage a file, by a seed: as a disk, an editor or a merge does it, or as whoever forges it."""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import numpy as np

Random: TypeAlias = np.random.Generator
Damage: TypeAlias = Callable[[bytes, Random], bytes]

# What must come out of every page, table and picture as text.
HOSTILE = (
    "<script>window.pwned=1</script>",
    '"><img src=x onerror=window.pwned=1>',
    "javascript:window.pwned=1",
    "[x](javascript:window.pwned=1)",
    "]]>",
    "{{ 7*7 }}",
    "[[ 7*7 ]]",
    "[% set x = 1 %]",
    "=cmd|'/c calc'!A0",
    "one\ntwo",
    "\u202egnp.exe",
    "a\0b",
)
NUMBER = re.compile(rb"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")
QUOTED = re.compile(rb'"(?:[^"\\\n]|\\.)*"')


def _place(content: bytes, random: Random) -> int:
    return int(random.integers(len(content))) if content else 0


def _lines(content: bytes) -> list[bytes]:
    return content.splitlines(keepends=True)


def _at_line(content: bytes, random: Random, change: Callable[[list[bytes], int], None]) -> bytes:
    lines = _lines(content)
    if lines:
        change(lines, int(random.integers(len(lines))))
    return b"".join(lines)


def _one(pattern: re.Pattern[bytes], content: bytes, random: Random, new: bytes) -> bytes:
    """Put something in the place of one match of a pattern."""
    found = list(pattern.finditer(content))
    if not found:
        return content + new
    match = found[int(random.integers(len(found)))]
    return content[: match.start()] + new + content[match.end() :]


def flipped(content: bytes, random: Random) -> bytes:
    """One bit is another."""
    at = _place(content, random)
    bit = 1 << int(random.integers(8))
    return content[:at] + bytes([content[at] ^ bit]) + content[at + 1 :]


def bytes_lost(content: bytes, random: Random) -> bytes:
    """Eight bytes are others."""
    at = _place(content, random)
    return content[:at] + random.bytes(8) + content[at + 8 :]


def digit(content: bytes, random: Random) -> bytes:
    """One digit is another."""
    found = list(re.finditer(rb"\d", content))
    if not found:
        return content + b"7"
    at = found[int(random.integers(len(found)))].start()
    new = (int(content[at : at + 1]) + int(random.integers(1, 10))) % 10
    return content[:at] + b"%d" % new + content[at + 1 :]


def swapped(content: bytes, random: Random) -> bytes:
    """Two lines have changed places."""
    lines = _lines(content)
    if len(lines) > 1:
        first, second = random.choice(len(lines), 2, replace=False)
        lines[first], lines[second] = lines[second], lines[first]
    return b"".join(lines)


def merged(content: bytes, random: Random) -> bytes:
    """Two sides of a merge stand side by side, with the marks of git."""

    def change(lines: list[bytes], at: int) -> None:
        line = lines[at].removesuffix(b"\n") + b"\n"
        other = digit(line, random)
        lines[at] = b"<<<<<<< HEAD\n" + line + b"=======\n" + other + b">>>>>>> theirs\n"

    return _at_line(content, random, change)


def key_twice(content: bytes, random: Random) -> bytes:
    """A name of an object of JSON stands there twice, with another value."""
    return _one(re.compile(rb"\{(?=\")"), content, random, b'{"id":"0","id":"1",')


def _said(text: str) -> Damage:
    return lambda content, random: _one(QUOTED, content, random, json.dumps(text).encode())


def _raw(text: str) -> Damage:
    def change(content: bytes, random: Random) -> bytes:
        at = _place(content, random)
        return content[:at] + text.encode() + content[at:]

    return change


def _number(new: bytes) -> Damage:
    return lambda content, random: _one(NUMBER, content, random, new)


def _inserted(new: bytes) -> Damage:
    def change(content: bytes, random: Random) -> bytes:
        at = _place(content, random)
        return content[:at] + new + content[at:]

    return change


def _line(change: Callable[[list[bytes], int], None]) -> Damage:
    return lambda content, random: _at_line(content, random, change)


def _double(lines: list[bytes], at: int) -> None:
    lines.insert(at, lines[at].removesuffix(b"\n") + b"\n")


def _join(lines: list[bytes], at: int) -> None:
    lines[at] = lines[at].rstrip(b"\r\n")


def _lose(lines: list[bytes], at: int) -> None:
    del lines[at]


def _recoded(encoding: str) -> Damage:
    return lambda content, _: content.decode("utf-8", "replace").encode(encoding, "replace")


# Accidents, to any file.
ACCIDENTS: Mapping[str, Damage] = {
    "a flipped bit": flipped,
    "eight bytes lost": bytes_lost,
    "cut short": lambda content, random: content[: _place(content, random)],
    "its head lost": lambda content, random: content[_place(content, random) :],
    "empty": lambda *_: b"",
    "a line twice": _line(_double),
    "a line lost": _line(_lose),
    "two lines swapped": swapped,
    "two lines joined": _line(_join),
    "an empty line": _line(lambda lines, at: lines.insert(at, b"\n")),
    "a digit changed": digit,
    "NaN": _number(b"NaN"),
    "a huge number": _number(b"1e308"),
    "an endless number": _number(b"1e999"),
    "a number of 5,000 digits": _number(b"9" * 5000),
    "a number less than none": _number(b"-1"),
    "a text for a number": _number(b'"7"'),
    "nothing for a number": _number(b"null"),
    "a list for a number": _number(b"[[1],2]"),
    "a key twice": key_twice,
    "the marks of a merge": merged,
    "NUL": _inserted(b"\0"),
    "no UTF-8": _inserted(b"\xff\xfe\x80"),
    "a byte order mark": lambda content, _: b"\xef\xbb\xbf" + content,
    "lines of Windows": lambda content, _: content.replace(b"\n", b"\r\n"),
    "lines of an old Mac": lambda content, _: content.replace(b"\n", b"\r"),
    "a line separator of Unicode": _inserted("\u2028".encode()),
    "UTF-16": _recoded("utf-16"),
    "Latin-1": _recoded("latin-1"),
    "nested 100,000 deep": _number(b"[" * 100_000),
    "a page of HTML instead": lambda *_: b"<!doctype html>\n<title>404</title>\n",
    "a pointer instead": lambda *_: b"version https://git-lfs.github.com/spec/v1\noid sha256:00\n",
    "the same file twice": lambda content, _: content + content,
    **{f"says {text!r}": _said(text) for text in HOSTILE},
    **{f"holds {text!r}": _raw(text) for text in HOSTILE},
}


def _steps(value: Any, random: Random) -> tuple[Any, Any]:
    """A container somewhere in a value of JSON, and a key of it; every depth has its turn."""
    at: Any = value
    while True:
        keys = list(at) if isinstance(at, dict) else range(len(at))
        key = keys[int(random.integers(len(keys)))]
        inner = at[key]
        if not isinstance(inner, dict | list) or not inner or random.random() < 0.15:
            return at, key
        at = inner


def _forged(change: Callable[[Any, Any, Random], None]) -> Callable[[Any, Random], Any]:
    def forge(value: Any, random: Random) -> Any:
        at, key = _steps(value, random)
        change(at, key, random)
        return value

    return forge


def _put(new: Any) -> Callable[[Any, Random], Any]:
    def change(at: Any, key: Any, _: Random) -> None:
        at[key] = new

    return _forged(change)


def _other(at: Any, key: Any, random: Random) -> None:
    """A number is another of its kind, a text another, and a list ends sooner."""
    old = at[key]
    if isinstance(old, bool):
        at[key] = not old
    elif isinstance(old, int):
        at[key] = old + int(random.integers(1, 9))
    elif isinstance(old, float):
        at[key] = old * float(random.uniform(0.5, 1.5))
    elif isinstance(old, str):
        at[key] = digit(old.encode(), random).decode()
    elif isinstance(old, list):
        at[key] = old[:-1]
    elif isinstance(old, dict):
        at[key] = dict(list(old.items())[:-1])
    else:
        at[key] = 0


def _gone(at: Any, key: Any, _: Random) -> None:
    del at[key]


def _more(at: Any, key: Any, _: Random) -> None:
    if isinstance(at, dict):
        at["surplus"] = at[key]
    else:
        at.append(at[key])


def _nested(at: Any, key: Any, _: Random) -> None:
    at[key] = [at[key], [at[key]]]


def _turned(at: Any, key: Any, _: Random) -> None:
    if isinstance(at[key], int | float) and not isinstance(at[key], bool):
        at[key] = -at[key]
    else:
        at[key] = [] if isinstance(at[key], list) else {}


# What whoever forges a file does to its content, before each digest is written anew.
FORGERIES: Mapping[str, Callable[[Any, Random], Any]] = {
    "another value": _forged(_other),
    "a value less": _forged(_gone),
    "a value more": _forged(_more),
    "a value in lists": _forged(_nested),
    "a number turned round": _forged(_turned),
    "NaN": _put(float("nan")),
    "infinity": _put(float("inf")),
    "a huge number": _put(1e308),
    "a huge whole number": _put(10**30),
    "nothing": _put(None),
    "yes": _put(True),
    "a text": _put("7"),
    "an empty list": _put([]),
    **{f"says {text!r}": _put(text) for text in HOSTILE},
}
