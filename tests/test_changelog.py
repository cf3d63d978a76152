"""The changelog has the form that a release is cut from."""

import re
import tomllib
from datetime import date
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
PARTS = re.split(r"^## ", TEXT, flags=re.MULTILINE)[1:]
HEADS = [part.partition("\n")[0] for part in PARTS]
RELEASES = [re.fullmatch(r"\[(\d+)\.(\d+)\.(\d+)\] - (.+)", head) for head in HEADS[1:]]
KINDS = ["Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"]


def test_what_is_not_released_comes_first_and_releases_follow_the_newest_first() -> None:
    assert HEADS[0] == "[Unreleased]"
    assert RELEASES
    found = [
        (date.fromisoformat(match[4]), *(int(match[i]) for i in (1, 2, 3)))
        for match in RELEASES
        if match
    ]
    assert len(found) == len(RELEASES)
    assert found == sorted(found, reverse=True)


def test_the_last_release_is_the_version_of_the_package() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert HEADS[1].startswith(f"[{version}] - ")


def test_the_citation_has_the_date_of_the_last_release() -> None:
    (day,) = re.findall(r"^date-released: (.+)$", (ROOT / "CITATION.cff").read_text(), re.MULTILINE)
    assert HEADS[1].endswith(f"] - {day}")


@pytest.mark.parametrize("part", PARTS, ids=[head.split("]")[0][1:] for head in HEADS])
def test_a_version_lists_its_changes_by_kind(part: str) -> None:
    kinds = re.findall(r"^### (.*)$", part, flags=re.MULTILINE)
    assert kinds == [kind for kind in KINDS if kind in kinds]
    for changes in re.split(r"^### .*$", part, flags=re.MULTILINE)[1:]:
        assert changes.lstrip("\n").startswith("- ")


def test_each_version_leads_to_its_changes_wherever_the_repository_lives() -> None:
    links = dict(re.findall(r"^\[(.+)\]: (.+)$", TEXT, flags=re.MULTILINE))
    assert list(links) == [head[1 : head.index("]")] for head in HEADS]
    commit = r"(?:v\d+\.\d+\.\d+|[0-9a-f]{40})"
    assert re.fullmatch(rf"\.\./\.\./compare/{commit}\.\.\.main", links.pop("Unreleased"))
    for link in links.values():
        assert re.fullmatch(rf"\.\./\.\./(?:compare/{commit}\.\.\.|tree/){commit}", link)
