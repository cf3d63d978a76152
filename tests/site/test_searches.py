"""The list of searches is whole: sixty and what came later, each of another public thread."""

import tomllib
from pathlib import Path

LIST = Path(__file__).with_name("searches.toml")
KINDS = {"word", "name", "error", "phrase"}


def test_sixty_searches_and_later_ones_each_cite_a_public_thread_of_their_own() -> None:
    found = tomllib.loads(LIST.read_text(encoding="utf-8"))["search"]
    assert len([search for search in found if not search.get("later")]) == 60
    for field in ("query", "source"):
        assert len({search[field] for search in found}) == len(found)
    for search in found:
        assert search["source"].startswith("https://github.com/")
        assert "/issues/" in search["source"] or "/pull/" in search["source"]
        assert search["kind"] in KINDS
        assert search["wanted"]
        assert search["title"]
    assert {search["kind"] for search in found} == KINDS
