"""Ask the history what the code of former commits was, and write it down for those without one."""

import io
import json
import subprocess
import tarfile
from collections.abc import Iterable
from pathlib import Path

from bnreport.errors import RecordError
from bnreport.protocol.trials import KINDS
from bnreport.records import documents
from bnreport.records.agreement import read_verified
from bnreport.records.code import executed
from bnreport.records.code.ancestry import Link, changed, entry, read_commits, read_links
from bnreport.records.layout import Layout
from bnreport.records.provenance import PACKAGE
from bnreport.records.store import Say, read
from bnreport.records.writing import write_text

# What a commit is called that nobody knows.
UNKNOWN = "unknown"


def named_commits(layout: Layout, say: Say) -> dict[str, str]:
    """The commits that records, verifications and the notebook name, each with a file that does."""
    files: dict[str, str] = {}
    for path in sorted(layout.results.rglob("*.jsonl")):
        for record in read(path, say).values():
            files.setdefault(record.provenance.commit, path.name)
    for path in sorted(layout.results.glob("*.verified.json")):
        if verified := read_verified(path):
            files.setdefault(verified.commit, path.name)
    if layout.notebook.exists():
        notebook = json.loads(layout.notebook.read_text(encoding="utf-8"))
        if execution := notebook["metadata"].get("bnreport"):
            files.setdefault(execution["commit"], layout.notebook.name)
    files.pop(UNKNOWN, None)
    return files


def digests_at(root: Path, commit: str) -> dict[str, str]:
    """The digests by name of the code at a commit.

    Raises:
        RecordError: when the checkout does not hold the commit, or holds it beside its history: a
            clone takes along only what its branch comes from.
    """
    named = git_of(root, "rev-list", "--max-count=1", commit).decode().strip()
    if named not in git_of(root, "rev-list", "HEAD").decode().split():
        raise RecordError(
            f"Expected commit {named} in the history of the branch in {root}. Received: one beside "
            "it, which no clone will hold. Check out a commit of the branch, and record anew there."
        )
    notebook = "notebooks/notebook.ipynb"
    listed = git_of(root, "ls-tree", "-r", "--name-only", commit, PACKAGE, notebook).decode()
    wanted = [name for name in listed.split("\n") if name.endswith((".py", ".ipynb"))]
    content = io.BytesIO(git_of(root, "archive", "--format=tar", commit, *wanted))
    with tarfile.open(fileobj=content) as archive:
        texts = {
            member.name: file.read().decode()
            for member in archive
            if member.isfile() and (file := archive.extractfile(member))
        }
    cells = executed.cells_of(texts.pop(notebook)) if notebook in texts else ""
    return executed.digests(texts, cells)


def update(layout: Layout, say: Say, again: bool = False) -> list[str]:
    """Write down the digests of each commit that is named, and say which are new.

    Args:
        layout: the checkout.
        say: told of what is odd in the records.
        again: whether to ask the history for those, too, that are written down already.

    Raises:
        RecordError: when the checkout does not hold a commit.
    """
    known = {} if again else read_commits(layout.code)
    named = named_commits(layout, say)
    return documents.update(
        layout.code, known, named, lambda commit: digests_at(layout.root, commit)
    )


def link(layout: Layout, reason: str, since: str, only: Iterable[str] = ()) -> Link | None:
    """Write down that the code does what it did at a commit, and return the entry.

    Args:
        layout: the checkout.
        reason: why it does the same.
        since: the commit.
        only: names of digests, by default all that differ, but for those of times: a time belongs
            to the code that it was measured with.

    Returns:
        The entry; None when nothing differs.
    """
    names = set(only)
    times = {name for name, kind in KINDS.items() if not kind.traits.repeats}
    same = {
        name: pair
        for name, pair in changed(digests_at(layout.root, since), executed.today()).items()
        if (name in names if names else name not in times)
    }
    if not same:
        return None
    written = Link(reason=reason, same=same)
    read_links(layout.links)
    before = layout.links.read_text(encoding="utf-8") if layout.links.exists() else ""
    write_text(layout.links, f"{before}\n{entry(written)}".lstrip())
    return written


def git_of(root: Path, *words: str) -> bytes:
    """Ask git for something in the history of a checkout.

    Raises:
        RecordError: when it cannot; the message says how to get the whole history.
    """
    try:
        done = subprocess.run(["git", *words], cwd=root, capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        answer = getattr(error, "stderr", b"") or str(error).encode()
        raise RecordError(
            f"Expected a checkout with its whole history in {root}. Received: "
            f"{answer.decode(errors='replace').strip()}. Run `git fetch --unshallow`, or clone it."
        ) from error
    return done.stdout
