"""What tests of the shell of the site need: a checkout without pages."""

import shutil
from pathlib import Path

import pytest

from tests.synthetic import ROOT


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder with the shell of the site, to which a test adds pages."""
    for name in ("mkdocs.yml", "CITATION.cff"):
        shutil.copy(ROOT / name, tmp_path)
    shutil.copytree(ROOT / "theme", tmp_path / "theme")
    shutil.copytree(ROOT / "docs" / "assets", tmp_path / "build" / "docs" / "assets")
    return tmp_path
