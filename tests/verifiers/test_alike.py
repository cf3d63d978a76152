"""verify.py and metrics.py stand alone, and so read the data by the same lines: they must agree."""

import ast
import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from docs.downloads import metrics, verify
from tests.verifiers import published

PROGRAMS = (verify, metrics)
# What each of the two has, since it is one file: by the same name, in the same words.
SHARED = (
    "MissingError", "reading", "reason_of", "line_of", "Row", "number", "Site", "opened",
    "no_number", "require", "refuse_twice", "check_sums",
)  # fmt: skip


@pytest.fixture(scope="module")
def whole() -> dict[str, str]:
    """The files of a small study."""
    return published.of_study("memorization")


@pytest.fixture
def folder(tmp_path: Path, whole: dict[str, str]) -> Path:
    """The same, as a site has them."""
    return published.write(tmp_path, whole)


def source(program: ModuleType, name: str) -> str:
    """A function or class of a program, as it stands there."""
    text = Path(str(program.__file__)).read_text(encoding="utf-8")
    (part,) = (n for n in ast.parse(text).body if getattr(n, "name", "") == name)
    return ast.unparse(part)


@pytest.mark.parametrize("name", SHARED)
def test_both_programs_have_the_same_lines(name: str) -> None:
    assert source(verify, name) == source(metrics, name)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: (1).shape, "a value is missing, or of a kind that is wrong"),  # type: ignore[attr-defined]
        ([].pop, "a value is missing, or of a kind that is wrong"),
        (lambda: len(np.asarray(1)), "a value is missing, or of a kind that is wrong"),
        (lambda: float(10**400), "a number is too large"),
        (b"\xff".decode, "no text in UTF-8"),
        (lambda: json.loads("[" * 100_000), "nested too deeply"),
        (partial(dict[str, int]().__getitem__, "seed"), "no 'seed'"),
    ],
)
def test_what_python_says_of_its_parts_is_told_in_words_of_theirs(
    make: Callable[[], object], words: str
) -> None:
    for program in PROGRAMS:
        told = pytest.raises(program.MissingError, match=rf"^a: cannot be read: {words}$")
        with told, program.reading("a"):
            make()


def said(lines: Callable[[], Iterable[Any]]) -> list[Any]:
    """What comes, and what stops it."""

    def each() -> Iterator[Any]:
        try:
            yield from lines()
        except (verify.MissingError, metrics.MissingError, ValueError) as error:
            # Each program has an error of its own, by the same name.
            yield type(error).__name__, str(error)

    return [*each()]


def rewritten(change: Callable[[list[list[str]]], list[list[str]]]) -> Callable[[bytes], bytes]:
    def damage(content: bytes) -> bytes:
        text = io.StringIO()
        rows = [*csv.reader(io.StringIO(content.decode()))]
        csv.writer(text, lineterminator="\n").writerows(change(rows))
        return text.getvalue().encode()

    return damage


SOUND: dict[str, Callable[[bytes], bytes]] = {
    "as it is": lambda content: content,
    "ends of lines of Windows": lambda content: content.replace(b"\n", b"\r\n"),
    "empty lines": lambda content: content.replace(b"\n", b"\n\n"),
    "another column": rewritten(lambda rows: [[*row, "x"] for row in rows]),
}
BROKEN: dict[str, Callable[[bytes], bytes]] = {
    "a mark of UTF-8": lambda content: b"\xef\xbb\xbf" + content,
    "UTF-16": lambda content: content.decode().encode("utf-16"),
    "half": lambda content: content[: len(content) // 2],
    "empty": lambda _: b"",
    "a quote": lambda content: content[:50] + b'"' + content[50:] + b'"',
    "a NUL": lambda content: content[:500] + b"\0" + content[500:],
    "a long line": lambda content: content + b"1,2,3,4,5,6,7,8\n",
    "a column twice": rewritten(lambda rows: [[row[-1], *row] for row in rows]),
    "columns that changed places": rewritten(lambda rows: [[*rows[0][::-1]], *rows[1:]]),
    "a word": rewritten(lambda rows: [rows[0], [*rows[1][:-1], "word"], *rows[2:]]),
    "no number": rewritten(lambda rows: [rows[0], [*rows[1][:-1], "nan"], *rows[2:]]),
    "digits of another script": rewritten(
        lambda rows: [rows[0], [*rows[1][:-1], "\u0661"], *rows[2:]]
    ),
    "an underscore": rewritten(lambda rows: [rows[0], [*rows[1][:-1], "1_0"], *rows[2:]]),
    "rows that changed places": rewritten(lambda rows: [rows[0], *rows[:0:-1]]),
    "a row twice": rewritten(lambda rows: [*rows[:2], *rows[1:]]),
    "no claim": rewritten(lambda rows: [*rows, ["nobody", "", "1", "100", "5"]]),
    "no setting": rewritten(lambda rows: [*rows, [rows[1][0], "nowhere", "1", "100", "5"]]),
}


@pytest.mark.parametrize("kind", [*SOUND, *BROKEN])
def test_both_programs_read_a_damaged_table_alike(
    folder: Path, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = folder / "data" / "values.csv"
    path.write_bytes({**SOUND, **BROKEN}[kind](path.read_bytes()))
    published.seal(folder)
    of_each = []
    for program in PROGRAMS:
        site = program.Site(folder)

        def rows(site: Any = site) -> Iterator[tuple[dict[str, str], float]]:
            for row in site.rows("values.csv"):
                yield dict(row), row.number("value")

        assert program.main([str(folder)]) == (kind in BROKEN)
        lines = capsys.readouterr().out.splitlines()
        refused = [line for line in lines if line.startswith("values.csv: cannot be read: ")]
        of_each.append((said(rows), refused))
    assert of_each[0] == of_each[1]


def claims(change: Callable[[list[Any]], object]) -> Callable[[str], str]:
    def damage(text: str) -> str:
        change(listed := json.loads(text))
        return json.dumps(listed)

    return damage


SETTING = {
    "setting": "one", "verdict": "supported", "effect": 1.0, "low": 0.5, "high": 1.5, "p": 0.01,
    "interval": "t", "n": 12, "diverged": 0, "censored": 0, "detectable": 1.0, "formula": None,
}  # fmt: skip
CLAIMS: dict[str, Callable[[str], str]] = {
    "half": lambda text: text[: len(text) // 2],
    "empty": lambda _: "",
    "no list": lambda _: '{"a": 1}',
    "deep": lambda _: "[" * 100_000,
    "no number": lambda text: text.replace('"effect": 1', '"effect": NaN, "effect": 1', 1),
    "a mark of UTF-8": lambda text: f"\ufeff{text}",
    "no object": claims(lambda each: each.append(7)),
    "a claim twice": claims(lambda each: each.append(each[0])),
    "a setting twice": claims(lambda each: each[0].update(settings=[SETTING, SETTING])),
    "settings that are none": claims(lambda each: each[0].update(settings=[7])),
    "no id": claims(lambda each: each[0].pop("id")),
    "no verdict": claims(lambda each: each[0].update(verdict=None)),
}


@pytest.mark.parametrize("kind", CLAIMS)
def test_both_programs_refuse_damaged_claims_alike(folder: Path, kind: str) -> None:
    path = folder / "data" / "claims.json"
    path.write_text(CLAIMS[kind](path.read_text(encoding="utf-8")), encoding="utf-8")
    one = said(lambda: verify.claims_of(verify.Site(folder)))
    other = said(lambda: metrics.claims_of(metrics.Site(folder)))
    assert one == other
    assert len(one) == 1


@pytest.mark.parametrize("kind", ["a word", "empty", "no UTF-8", "another", "gone", "new"])
def test_both_programs_hold_files_against_their_sums_alike(folder: Path, kind: str) -> None:
    data = folder / "data"
    sums = data / published.SUMS
    content = {"a word": b"7\n", "empty": b"", "no UTF-8": b"\xff", "new": sums.read_bytes()}
    if kind == "another":
        (data / "values.csv").write_text("a\n")
    elif kind == "gone":
        (data / "values.csv").unlink()
    else:
        (data / "new.csv").write_text("a\n")
        sums.write_bytes(content[kind])
    lines = [
        said(lambda: verify.check_sums(verify.Site(folder))),
        said(lambda: metrics.check_sums(metrics.Site(folder))),
    ]
    assert lines[0] == lines[1]
    assert len(lines[0]) == 1


def test_values_without_a_judged_claim_are_named(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "data" / "claims.json").write_text("[]", encoding="utf-8")
    published.seal(folder)
    for program in PROGRAMS:
        assert program.main([str(folder)]) == 1
        assert "memorization-bn" in capsys.readouterr().out
