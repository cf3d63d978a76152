"""The cells of published tables: values as they are, and texts that no program runs."""

import csv
import io
import math

import pytest

from bnreport.pages.data.cells import cell, harmless
from bnreport.pages.data.columns import columns
from bnreport.pages.data.tables import csv_table
from bnreport.site.checks.files import findings

HOSTILE = (
    "=HYPERLINK(0)",
    "+1+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    'a",b\n=1',
    "line\u2028end",
    "\x00=1",
)


def test_values_are_written_as_table_schema_and_pandas_read_them() -> None:
    values = ("text", True, 3, 0.1, math.inf, -math.inf, None, (1, 2), {"a": "b"})
    assert [cell(value) for value in values] == [
        "text",
        1,
        3,
        0.1,
        "INF",
        "-INF",
        "",
        "[1,2]",
        '{"a":"b"}',
    ]
    with pytest.raises(TypeError, match=r"Received: b'x'\."):
        cell(b"x")


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_text_is_one_harmless_cell(text: str) -> None:
    table = csv_table(
        "a.csv",
        "a table",
        columns(("one", "string", "a text"), ("two", "number", "a number")),
        [(text, -1.5)],
        ("one",),
    ).text
    assert not [*findings("data/a.csv", table.encode(), [])]
    ((found, number),) = [*csv.reader(io.StringIO(table, newline=""))][1:]
    assert number == "-1.5"
    assert not found.startswith(("=", "+", "-", "@"))
    assert found.isprintable()


def test_a_harmless_text_stays_as_it_is() -> None:
    for text in ("bn-0.01", "AMD EPYC (family 26, model 2), 2 cores", "", "'quoted'", "a=b"):
        assert harmless(text) == text
