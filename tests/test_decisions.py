"""A record of a decision has its form, half a page, and a place in the index."""

import re
from datetime import date
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "docs" / "decisions"
INDEX = (FOLDER / "README.md").read_text(encoding="utf-8")
RECORDS = sorted(FOLDER.glob("[0-9]*.md"))
ROW = re.compile(r"^\| \[(.+)\]\((.+)\) \| (.+) \|$", flags=re.MULTILINE)

each_record = pytest.mark.parametrize("record", RECORDS, ids=lambda path: path.stem)


def title(record: Path) -> str:
    return record.read_text(encoding="utf-8").splitlines()[0].removeprefix("# ")


def status(record: Path) -> str:
    (found,) = re.findall(r"^- Status: (.+)$", record.read_text(encoding="utf-8"), re.MULTILINE)
    return str(found)


@each_record
def test_a_record_says_what_stood_in_the_way_what_was_decided_and_what_follows(
    record: Path,
) -> None:
    text = record.read_text(encoding="utf-8")
    headings = re.findall(r"^#+ .*$", text, flags=re.MULTILINE)
    assert headings == [f"# {title(record)}", "## Context", "## Decision", "## Consequences"]
    for part in re.split(r"^## .*$", text, flags=re.MULTILINE)[1:]:
        assert len(part.split()) >= 20


@each_record
def test_a_record_has_half_a_page(record: Path) -> None:
    assert len(record.read_text(encoding="utf-8").split()) <= 320


@each_record
def test_a_record_has_a_status_and_the_date_of_its_commit(record: Path) -> None:
    (found,) = re.findall(r"^- Date: (.+)$", record.read_text(encoding="utf-8"), re.MULTILINE)
    assert date(2026, 11, 22) <= date.fromisoformat(found) <= date.today()
    newer = re.fullmatch(r"accepted|superseded by \[\d+\]\((.+)\)", status(record))
    assert newer is not None
    assert newer[1] is None or (FOLDER / newer[1]).is_file()


def test_records_are_numbered_one_by_one() -> None:
    numbers = [int(record.name[:4]) for record in RECORDS]
    assert numbers == list(range(1, len(RECORDS) + 1))
    assert [title(record).split(". ")[0] for record in RECORDS] == [str(n) for n in numbers]


def test_the_index_lists_each_record_by_its_title_with_its_status() -> None:
    expected = [(title(record), record.name, status(record)) for record in RECORDS]
    assert ROW.findall(INDEX) == expected


def test_contributors_find_the_index() -> None:
    assert "(docs/decisions/README.md)" in (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
