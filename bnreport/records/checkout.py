"""The checkout's commit, as git tells it."""

import subprocess
from pathlib import Path

from bnreport.records.provenance import ROOT, SOURCES


def git(root: Path, *words: str) -> str | None:
    """Ask git in a folder; None where it says nothing, or is not there."""
    try:
        done = subprocess.run(
            ["git", *words], cwd=root, capture_output=True, text=True, check=True, timeout=30
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()


def is_checkout(root: Path = ROOT) -> bool:
    """Say whether the folder is a git checkout of its own, not an archive inside another's."""
    top = git(root, "rev-parse", "--show-toplevel")
    return bool(top) and Path(top or "").resolve() == root.resolve()


def commit(root: Path = ROOT) -> tuple[str, bool]:
    """The commit of the checkout and whether the tree differs from it, `results/` aside.

    Outside a checkout, or without git, the commit is "unknown". A package that was installed
    elsewhere may differ from the checkout that it works in.
    """
    if not is_checkout(root):
        return "unknown", True
    commit = git(root, "rev-parse", "HEAD")
    changed = git(root, "status", "--porcelain", "--", ".", ":(exclude)results")
    if commit is None or changed is None:
        return "unknown", True
    return commit, bool(changed) or (root == ROOT and root != SOURCES)
