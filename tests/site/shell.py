"""The shell of the site around pages that a test writes."""

import shutil
from pathlib import Path

from bnreport.site.menu import Menu
from tests.synthetic import ROOT

MENU: Menu = [{"Home": "index.md"}]


def with_shell(root: Path) -> Path:
    """A folder with the shell of the site and its assets, which are staged; the same folder."""
    for name in ("mkdocs.yml", "CITATION.cff"):
        shutil.copy(ROOT / name, root)
    shutil.copytree(ROOT / "theme", root / "theme")
    shutil.copytree(ROOT / "docs" / "assets", root / "build" / "docs" / "assets")
    return root


def write(root: Path, text: str) -> None:
    """Stage a first page that holds a text."""
    (root / "build" / "docs" / "index.md").write_text(f"# Home\n\n{text}\n", encoding="utf-8")
