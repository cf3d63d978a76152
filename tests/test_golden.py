"""What the committed records lead to is what was accepted, and accepting has its rules."""

import hashlib
import importlib.metadata
import json
import os
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bnreport.errors import BnreportError
from bnreport.figures.drawing import draw, draw_legibly
from bnreport.figures.palettes import LIGHT
from bnreport.pages.cache import Cache
from bnreport.pages.data.claims import claims_json
from bnreport.pages.staging import Staging
from bnreport.pages.supplies import Supplies
from bnreport.presentation.tables import Table
from tests import golden
from tests.figures.test_figures import DOTS

CLAIM: dict[str, Any] = {
    "id": "a",
    "verdict": "supported",
    "reversed": False,
    "margin": 0.5,
    "effect": 2.0,
    "low": None,
    "p": 1e-12,
    "n": 12,
    "settings": [{"setting": "deep", "verdict": "mixed", "effect": 1.0, "p_value": 0.5}],
}


def test_the_committed_records_lead_to_the_accepted_claims() -> None:
    accepted = golden.CLAIMS.read_text(encoding="utf-8")
    found = golden.differences(accepted, claims_json(golden.report()))
    assert not found, "\n".join([*found, "Where this is meant: scripts/accept"])


def test_what_was_drawn_legibly_is_there_for_a_build(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    strict = golden.Legible(draw_legibly, cache=cache)
    assert strict.figure(DOTS) is None
    strict.draw_all()
    assert Supplies(cache=cache).figure(DOTS) == draw(DOTS, LIGHT) == strict.figure(DOTS)


def test_the_committed_records_lead_to_the_accepted_pages(rendered: Staging) -> None:
    if strange := golden.unlocked(golden.LOCK.read_text(encoding="utf-8")):
        pytest.skip(f"other packages than the lock's: {', '.join(strange)}")
    assert golden.PAGES.exists(), "scripts/accept writes tests/pages.sha256"
    accepted = golden.PAGES.read_text(encoding="utf-8")
    found = golden.listed(golden.digests(rendered, golden.all_tables()))
    changed = golden.changed_files(accepted, found)
    assert not changed, "\n".join([*changed, "Where this is meant: scripts/accept"])


def text(*claims: dict[str, Any]) -> str:
    return json.dumps(claims)


def with_setting(**changes: Any) -> dict[str, Any]:
    return CLAIM | {"settings": [CLAIM["settings"][0] | changes]}


@pytest.mark.parametrize(
    ("found", "told"),
    [
        (CLAIM | {"verdict": "mixed"}, 'a: verdict was "supported", is "mixed"'),
        (CLAIM | {"reversed": True}, "a: reversed was false, is true"),
        (CLAIM | {"effect": 2.00001}, "a: effect was 2.0, is 2.00001"),
        (CLAIM | {"effect": -2.0}, "a: effect was 2.0, is -2.0"),
        (CLAIM | {"low": 0.0}, "a: low was null, is 0.0"),
        (CLAIM | {"n": 11}, "a: n was 12, is 11"),
        (CLAIM | {"p": 2e-9}, "a: p was 1e-12, is 2e-09"),
        (CLAIM | {"more": 1}, "a: more is new"),
        ({k: v for k, v in CLAIM.items() if k != "margin"}, "a: margin is missing"),
        (with_setting(effect=1.1), "a: settings[deep].effect was 1.0, is 1.1"),
        (
            with_setting(verdict="supported"),
            'a: settings[deep].verdict was "mixed", is "supported"',
        ),
        (with_setting(setting="flat"), "a: settings were ['deep'], are ['flat']"),
        (CLAIM | {"settings": []}, "a: settings were ['deep'], are []"),
    ],
)
def test_a_difference_is_told_with_its_claim_and_field(found: dict[str, Any], told: str) -> None:
    assert golden.differences(text(CLAIM), text(found)) == [told]


@pytest.mark.parametrize(
    "found",
    [
        CLAIM,
        CLAIM | {"effect": 2.0 + 1e-6},
        CLAIM | {"effect": 2},
        CLAIM | {"p": 9e-10},
        with_setting(p_value=0.5 + 4e-7),
        dict(reversed(CLAIM.items())),
    ],
)
def test_what_another_processor_may_round_otherwise_is_no_difference(found: dict[str, Any]) -> None:
    assert golden.differences(text(CLAIM), text(found)) == []


def test_a_missing_and_a_surplus_claim_are_differences() -> None:
    other = CLAIM | {"id": "b"}
    assert golden.differences(text(CLAIM), text(other)) == [
        "a: is missing",
        "b: is not among the accepted claims",
    ]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A git checkout with one committed file of records and an accepted claim."""
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / "a.jsonl").write_text("{}\n", encoding="utf-8")
    (tmp_path / "claims.json").write_text(text(CLAIM), encoding="utf-8")
    for words in (["init", "-q"], ["add", "results"], ["commit", "-q", "-m", "Records"]):
        git(tmp_path, *words)
    return tmp_path


def git(folder: Path, *words: str) -> None:
    someone = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", "-C", str(folder), *someone, *words], check=True)


def change(folder: Path) -> None:
    (folder / "results" / "a.jsonl").write_text("{} \n", encoding="utf-8")


def change_and_add(folder: Path) -> None:
    change(folder)
    git(folder, "add", "results")


def add(folder: Path) -> None:
    (folder / "results" / "b.jsonl").write_text("{}\n", encoding="utf-8")


def delete(folder: Path) -> None:
    (folder / "results" / "a.jsonl").unlink()


@pytest.mark.parametrize(
    ("spoil", "name"),
    [(change, "a.jsonl"), (change_and_add, "a.jsonl"), (add, "b.jsonl"), (delete, "a.jsonl")],
)
def test_nothing_is_accepted_from_changed_records(
    spoil: Callable[[Path], None], name: str, checkout: Path
) -> None:
    spoil(checkout)
    path = checkout / "claims.json"
    with pytest.raises(BnreportError, match=rf"(?s)Received: 1 changed.*results/{name}"):
        golden.accept(checkout, {path: text()})
    assert path.read_text(encoding="utf-8") == text(CLAIM)


def test_records_outside_of_git_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BnreportError, match="Expected a git checkout"):
        golden.refuse_changed_records(tmp_path)


def test_accepting_tells_the_words_that_change_and_counts_the_rest(checkout: Path) -> None:
    path = checkout / "claims.json"
    new = text(
        CLAIM | {"verdict": "not supported", "reversed": True, "effect": 3.0, "n": 13},
        CLAIM | {"id": "b"},
    )
    assert golden.accept(checkout, {path: new}) == [
        "words that change: 2",
        "  a: supported -> not supported (reversed)",
        "  b: none -> supported",
        "other entries of claims that change: 2",
    ]
    assert path.read_text(encoding="utf-8") == new
    assert golden.accept(checkout, {path: new}) == [
        "words that change: 0",
        "other entries of claims that change: 0",
    ]


def test_accepting_tells_the_files_that_change(checkout: Path) -> None:
    path = checkout / "pages.sha256"
    old = {"index.md": "aa", "figures/a.svg": "bb", "data/a.csv": "cc"}
    path.write_text(golden.listed(old), encoding="utf-8")
    new = golden.listed({"index.md": "aa", "figures/a.svg": "b0", "data/b.csv": "dd"})
    assert golden.accept(checkout, {path: new}) == [
        "pages, tables, figures and data files that change: 3",
        "  data/a.csv: gone",
        "  data/b.csv: new",
        "  figures/a.svg: changed",
    ]
    assert path.read_text(encoding="utf-8") == "dd  data/b.csv\nb0  figures/a.svg\naa  index.md\n"
    assert golden.changed_files(new, new) == []


def test_a_digest_is_that_of_the_text_and_what_this_machine_says_has_none() -> None:
    files = {"index.md": "Text.", "this-machine.md": "Here.", "code/a.py": "1", "data/a.csv": "a"}
    table = Table("A caption", ("a",), (("1",),))
    found = golden.digests(Staging(files=files), {"study-t": table})
    assert list(found) == ["data/a.csv", "index.md", "tables/study-t"]
    assert found["index.md"] == hashlib.sha256(b"Text.").hexdigest()
    other = golden.digests(Staging(), {"study-t": replace(table, rows=(("2",),))})
    assert other["tables/study-t"] != found["tables/study-t"]


def test_a_lock_that_is_not_installed_is_told_by_package() -> None:
    here = importlib.metadata.version("jinja2")
    lock = (
        f"jinja2=={here} \\\n    --hash=sha256:00\n"
        "markupsafe==0.0.1 \\\n    --hash=sha256:00\n"
        "no-such-package==1.0 ; sys_platform == 'nowhere' \\\n    --hash=sha256:00\n"
        "no-such-package==2.0 \\\n    --hash=sha256:00\n"
    )
    markupsafe = importlib.metadata.version("markupsafe")
    assert golden.unlocked(lock) == [
        f"markupsafe {markupsafe} for ==0.0.1",
        "no-such-package none for ==2.0",
    ]


def test_all_golden_files_are_written_or_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second, third = (tmp_path / name for name in "abc")
    first.write_text("old", encoding="utf-8")
    rename = os.replace

    def full(source: Path, target: Path) -> None:
        if target == third:
            raise OSError("No space left on device")
        rename(source, target)

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="No space left"):
        golden.write_all(dict.fromkeys((first, second, third), "new"))
    assert {path.name for path in tmp_path.iterdir()} == {"a"}
    assert first.read_text(encoding="utf-8") == "old"
    monkeypatch.undo()
    golden.write_all({first: "new", second: "new"})
    assert {p.name: p.read_text(encoding="utf-8") for p in tmp_path.iterdir()} == {
        "a": "new",
        "b": "new",
    }


@pytest.mark.parametrize(
    ("number", "same"),
    [("236.075073", True), ("236.08", True), ("236.175072", False), ("23.6075072", False)],
)
def test_last_bits_of_a_figure_do_not_count_and_what_is_seen_does(number: str, same: bool) -> None:
    drawn, other = (
        golden.digests(Staging(files={"figures/f.svg": f'<path d="M 39.4 {text}"/>'}), {})
        for text in ("236.075072", number)
    )
    assert (drawn == other) == same


@pytest.mark.parametrize(
    ("places", "same"),
    [
        (("pfa026d5877", "pfa026d5877"), True),
        (("p36ec1dd68c", "p36ec1dd68c"), True),
        (("p36ec1dd68c", "pfa026d5877"), False),
    ],
)
def test_names_of_shapes_are_told_apart_and_not_told(places: tuple[str, str], same: bool) -> None:
    def digest(*names: str) -> dict[str, str]:
        figure = "".join(f'<clipPath id="{name}"/><g clip-path="url(#{name})"/>' for name in names)
        return golden.digests(Staging(files={"figures/f.svg": figure}), {})

    assert (digest("pfa026d5877", "pfa026d5877") == digest(*places)) == same
