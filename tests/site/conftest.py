"""What tests of the shell of the site need: a checkout without pages."""

from pathlib import Path

import pytest

from tests.site.shell import with_shell


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder with the shell of the site, to which a test adds pages."""
    return with_shell(tmp_path)
