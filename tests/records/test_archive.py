"""The archive of committed records: opened once, each file read once."""

from pathlib import Path

import pytest

from bnreport.errors import RecordError
from bnreport.records import archive as archive_
from bnreport.records import checksums, writing
from bnreport.records.archive import Archive
from bnreport.records.layout import Layout
from bnreport.records.store import Say, read
from tests import synthetic

NAME = "notebook"


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    """A checkout with full records of one study, of a replica and of pilots."""
    found = Layout(tmp_path)
    for path in (found.committed(NAME, "full"), found.replica("h100", NAME), found.pilot(NAME)):
        writing.write(path, synthetic.stored().values())
    checksums.update(found.results)
    return found


def test_each_file_is_read_when_it_is_asked_for_and_once(
    layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Path] = []

    def counted(path: Path, say: Say) -> object:
        asked.append(path)
        return read(path, say)

    monkeypatch.setattr(archive_, "read", counted)
    archive = Archive(layout, print)
    assert asked == []
    for _ in range(2):
        assert archive.records(NAME, "full") == synthetic.stored()
        assert archive.replicas(NAME) == {"h100": synthetic.stored()}
        assert archive.pilots(NAME) == synthetic.stored()
        assert archive.records(NAME, "quick") == {}
    assert asked == [
        layout.committed(NAME, "full"),
        layout.replica("h100", NAME),
        layout.pilot(NAME),
        layout.committed(NAME, "quick"),
    ]


def test_a_damaged_file_is_named_by_its_line(layout: Layout) -> None:
    Archive(layout, print).check()
    path = layout.replica("h100", NAME)
    path.write_text(path.read_text().replace('"seconds":', '"seconds":1', 1))
    with pytest.raises(RecordError, match=r"h100.*line 1"):
        Archive(layout, print).check()


def test_a_changed_file_that_is_whole_is_named_with_its_change(layout: Layout) -> None:
    path = layout.committed(NAME, "full")
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:-1]))
    with pytest.raises(RecordError, match=rf"{NAME}\.jsonl: changed"):
        Archive(layout, print).check()
