"""Files of tests lie in memory only where they have room and may be run."""

import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.temporary import in_memory


def test_a_folder_with_room_is_taken_and_one_without_is_not(tmp_path: Path) -> None:
    found = os.statvfs(tmp_path)
    assert in_memory(tmp_path, room=0) == tmp_path
    assert in_memory(tmp_path, room=2 * found.f_blocks * found.f_frsize) is None


def test_a_folder_that_is_missing_or_whose_programs_may_not_run_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert in_memory(tmp_path / "none", room=0) is None
    flags = SimpleNamespace(f_flag=os.ST_NOEXEC, f_bavail=1, f_frsize=1)
    monkeypatch.setattr(os, "statvfs", lambda _: flags)
    assert in_memory(tmp_path, room=1) is None
    flags.f_flag = 0
    assert in_memory(tmp_path, room=1) == tmp_path
    assert in_memory(tmp_path, room=2) is None
