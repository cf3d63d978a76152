"""The code of each record is written down, as the history has it, and links are read with care."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from bnreport.errors import RecordError
from bnreport.pages.cache import key_of
from bnreport.pages.source_digests import source_digest
from bnreport.records import checkout as checkout_
from bnreport.records import provenance
from bnreport.records.code import executed, history
from bnreport.records.code.ancestry import Link, ancestry, changed, entry, read_commits, read_links
from bnreport.records.layout import Layout
from bnreport.records.writing import write
from tests import synthetic
from tests.shared import kept

LAYOUT = Layout(provenance.ROOT)
ONE, OTHER = "1" * 64, "2" * 64


@pytest.mark.slow
def test_the_code_of_every_commit_that_is_named_is_written_down() -> None:
    known = read_commits(LAYOUT.code)
    named = history.named_commits(LAYOUT, lambda _: None)
    assert {commit: file for commit, file in named.items() if commit not in known} == {}, (
        "Run `bnreport history`."
    )
    assert set(known) <= set(named)


@pytest.mark.slow
@pytest.mark.skipif(
    checkout_.git(provenance.ROOT, "rev-parse", "--is-shallow-repository") != "false",
    reason="the checkout has no whole history",
)
def test_the_history_has_the_code_that_is_written_down() -> None:
    known = read_commits(LAYOUT.code)
    assert known
    said = checkout_.git(LAYOUT.root, "rev-list", "HEAD")
    assert said is not None
    assert known.keys() <= {*said.split()}
    for commit, digests in known.items():
        assert digests_at(commit) == digests, commit


def digests_at(commit: str) -> dict[str, str]:
    """What the code here finds of a commit, which never changes: kept until this code does."""
    found: dict[str, str] = json.loads(
        kept().text(
            "commits",
            key_of(commit, source_digest(history.__name__)),
            lambda: json.dumps(history.digests_at(LAYOUT.root, commit)),
        )
    )
    return found


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Layout:
    """A checkout with one commit: a package of which only the toy can be run, and no records."""
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_NAME", "a test")
        monkeypatch.setenv(f"GIT_{role}_EMAIL", "test@example.org")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    (tmp_path / "bnreport").mkdir()
    (tmp_path / "bnreport/toy.py").write_text(TOY)
    for words in (["init", "--quiet"], ["add", "."], ["commit", "--quiet", "-m", "All"]):
        subprocess.run(["git", *words], cwd=tmp_path, check=True)
    return Layout(tmp_path)


TOY = "def descend_normalized():\n    return 1\n\n\ndef solve():\n    return descend_normalized()\n"


def test_only_commits_that_are_named_are_written_down(checkout: Layout) -> None:
    head, _ = checkout_.commit(checkout.root)
    assert history.update(checkout, print) == []
    write(checkout.committed("notebook", "full"), synthetic.stored(commit=head).values())
    assert history.update(checkout, print) == [head]
    assert set(read_commits(checkout.code)[head]) == {"toy", "notebook"}
    assert history.update(checkout, print) == []
    # What is written down is not asked for again, unless one says so.
    (text,) = (checkout.code.read_text(),)
    digest = read_commits(checkout.code)[head]["toy"]
    checkout.code.write_text(text.replace(digest, ONE))
    history.update(checkout, print)
    assert read_commits(checkout.code)[head]["toy"] == ONE
    history.update(checkout, print, again=True)
    assert checkout.code.read_text() == text


def test_a_commit_that_the_history_lacks_is_refused(checkout: Layout) -> None:
    write(checkout.committed("notebook", "full"), synthetic.stored(commit="0" * 40).values())
    with pytest.raises(RecordError, match=r"whole history.*git fetch --unshallow"):
        history.update(checkout, print)


def test_a_commit_beside_the_history_is_refused(checkout: Layout) -> None:
    # This checkout still holds it; a clone of it will not.
    head, _ = checkout_.commit(checkout.root)
    for words in (["--allow-empty", "-m", "Beside"], ["--amend", "--allow-empty", "-m", "On"]):
        subprocess.run(["git", "commit", "--quiet", *words], cwd=checkout.root, check=True)
        beside, head = head, checkout_.commit(checkout.root)[0]
    write(checkout.committed("notebook", "full"), synthetic.stored(commit=beside).values())
    with pytest.raises(RecordError, match=f"Expected commit {beside} in the history.*record anew"):
        history.update(checkout, print)


def test_a_link_is_written_with_its_reason_beside_what_is_there(
    checkout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = history.digests_at(checkout.root, "HEAD")
    monkeypatch.setattr(executed, "today", lambda: before)
    assert history.link(checkout, "A name has changed.", "HEAD") is None
    assert not checkout.links.exists()
    checkout.links.parent.mkdir()
    checkout.links.write_text("# What was reviewed.\n")
    after = before | {"toy": ONE, "train": OTHER}
    monkeypatch.setattr(executed, "today", lambda: after)
    made = history.link(checkout, 'A "name" has changed.', "HEAD")
    assert made == Link(reason='A "name" has changed.', same={"toy": (before["toy"], ONE)})
    assert history.link(checkout, "Another one has.", "HEAD", ["train"]) is None
    history.link(checkout, "Another one has.", "HEAD", ["toy"])
    assert [link.reason for link in read_links(checkout.links)] == [made.reason, "Another one has."]
    assert checkout.links.read_text().startswith("# What was reviewed.\n")
    assert ancestry(checkout).does_the_same("toy", before["toy"])
    assert not ancestry(checkout).does_the_same("toy", OTHER)


def test_a_time_belongs_to_the_code_that_it_was_measured_with(
    checkout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {"bench": ONE, "timing": ONE, "train": ONE}
    monkeypatch.setattr(history, "digests_at", lambda *_: before)
    monkeypatch.setattr(executed, "today", lambda: dict.fromkeys(before, OTHER))
    made = history.link(checkout, "A name has changed.", "HEAD")
    assert made is not None
    assert set(made.same) == {"train"}


def test_an_entry_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    link = Link(reason='Says "±" and\na line.', same={"train": (ONE, OTHER), "toy": (OTHER, ONE)})
    path = tmp_path / "links.toml"
    path.write_text(entry(link) + "\n" + entry(link), encoding="utf-8")
    assert read_links(path) == (link, link)
    assert read_links(tmp_path / "nothing") == ()


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[[link]]\nreason = 'It does the same.'\n", r"link\.0\.same is missing"),
        (f'[[link]]\nsame.toy = ["{ONE}", "{OTHER}"]\n', r"link\.0\.reason is missing"),
        ("[[link]]\nreason = ''\n", r"link\.0\.reason"),
        (
            f'[[link]]\nreason = "It does the same."\nsame.toy = ["{ONE}"]\n',
            r"link\.0\.same\.toy",
        ),
        (
            f'[[link]]\nreason = "It does the same."\nsame.toy = ["{ONE}", "short"]\n',
            r"link\.0\.same\.toy\.1",
        ),
        ("[[link]]\nreason = It does the same.\n", "line 2"),
        ("[[links]]\n", "links is not a field"),
    ],
)
def test_a_damaged_link_is_refused_by_file_and_place(text: str, named: str, tmp_path: Path) -> None:
    path = tmp_path / "links.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(RecordError, match=rf"links\.toml\. Received: .*{named}"):
        read_links(path)


@pytest.mark.parametrize(
    "content",
    ["", "[]", '{"abc": {}}', json.dumps({"0" * 40: {"toy": "short"}}), '{"a'],
)
def test_a_damaged_table_of_commits_is_refused(content: str, tmp_path: Path) -> None:
    path = tmp_path / "code.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(RecordError, match=r"code\.json.*bnreport history"):
        read_commits(path)


def test_what_only_one_code_has_has_not_changed() -> None:
    assert changed({"a": "1", "b": "1", "c": "1"}, {"a": "1", "b": "2", "d": "1"}) == {
        "b": ("1", "2")
    }
