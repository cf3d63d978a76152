"""What is kept is found again, and what is damaged is made anew."""

import os
import time
from pathlib import Path

import pytest

from bnreport.pages.cache import UNUSED, Cache, key_of

KEY = key_of("a", "b")


def test_a_text_is_made_once(tmp_path: Path) -> None:
    made = []

    def make() -> str:
        made.append(1)
        return "text ± 1"

    for _ in range(2):
        # Another process has an object of its own.
        assert Cache(tmp_path).text("kind", KEY, make) == "text ± 1"
    assert len(made) == 1
    assert Cache(tmp_path).text("other", KEY, make) == Cache(None).text("kind", KEY, make)
    assert len(made) == 3


@pytest.mark.parametrize("damage", ["flipped", "half", "empty", "no digest", "a folder"])
def test_a_damaged_entry_is_none_and_is_replaced(damage: str, tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    cache.write("kind", KEY, b"old text")
    path = tmp_path / "kind" / KEY
    whole = path.read_bytes()
    if damage == "a folder":
        path.unlink()
        path.mkdir()
    else:
        path.write_bytes(
            {
                "flipped": whole.replace(b"old", b"odd"),
                "half": whole[:-3],
                "empty": b"",
                "no digest": b"old text",
            }[damage]
        )
    assert cache.read("kind", KEY) is None
    assert cache.text("kind", KEY, lambda: "new text") == "new text"
    if damage != "a folder":
        assert cache.read("kind", KEY) == b"new text"


def test_an_entry_appears_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    Cache(tmp_path).write("kind", KEY, b"text")
    assert Cache(tmp_path).read("kind", KEY) is None


def test_what_was_not_asked_for_in_a_month_goes_and_all_else_stays(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    for name in ("asked", "fresh", "old", "old.partial"):
        cache.write("kind", name, b"text")
    month_ago = time.time() - UNUSED - 60
    for name in ("asked", "old", "old.partial"):
        os.utime(tmp_path / "kind" / name, (month_ago, month_ago))
    assert cache.read("kind", "asked") == b"text"
    cache.prune()
    assert sorted(path.name for path in (tmp_path / "kind").iterdir()) == ["asked", "fresh"]
    Cache(None).prune()


def test_no_two_lists_of_parts_have_one_key() -> None:
    keys = [key_of("ab", "c"), key_of("a", "bc"), key_of("abc"), key_of("abc", ""), key_of(b"ab")]
    assert len({*keys}) == len(keys)
    assert key_of(b"abc") == key_of("abc")
