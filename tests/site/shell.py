"""The shell of the site around pages that a test writes."""

from pathlib import Path

from bnreport.site.menu import Menu

MENU: Menu = [{"Home": "index.md"}]


def write(root: Path, text: str) -> None:
    """Stage a first page that holds a text."""
    (root / "build" / "docs" / "index.md").write_text(f"# Home\n\n{text}\n", encoding="utf-8")
