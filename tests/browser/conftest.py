"""The built site, served on the loopback, and a browser to read it with."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.lone import Lone
from tests.browser.serving import served
from tests.shared import once

ROOT = Path(__file__).parents[2]
# The first has no windows to draw, and costs a quarter less.
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
OPTIONS = (
    # Letters are as wide as they are, as in a reader's browser, and not moved onto whole pixels.
    "--font-render-hinting=none",
    # Every core has a browser of its own: a script that is optimized by others gains nothing.
    "--js-flags=--single-threaded",
)
ADVICE = (
    "Expected Chromium. Received: none. Do: apt-get install chromium-headless-shell, or set "
    "CHROMIUM."
)


@pytest.fixture(scope="session")
def chromium() -> str:
    """The browser's path; without one the tests are skipped."""
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        pytest.skip(ADVICE)
    return found


@pytest.fixture(scope="session")
def site(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Path:  # noqa: ARG001
    """The folder of the site: BNREPORT_SITE, or one built from the records, once."""
    if given := os.environ.get("BNREPORT_SITE"):
        return Path(given).resolve()
    return once(tmp_path_factory, "site", build)


def build(folder: Path) -> None:
    """Build the site from the records into a folder."""
    command = [sys.executable, "-m", "bnreport", "build", "--records", "--site-dir", str(folder)]
    # The test's server has an address of its own.
    environment = {name: value for name, value in os.environ.items() if name != "SITE_URL"}
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        pytest.fail(f"{' '.join(command)} ended with {done.returncode}:\n{done.stderr}")


@pytest.fixture(scope="session")
def pages(site: Path) -> list[str]:
    """Every page of the site, as an address relative to its root."""
    return sorted(path.relative_to(site).as_posix() for path in site.rglob("*.html"))


@pytest.fixture(scope="session")
def whole(site: Path) -> Iterator[str]:
    """The address of the served site, with a slash at its end."""
    with served(site) as found:
        yield found


@pytest.fixture(scope="session")
def lone(site: Path) -> Iterator[str]:
    """The address of pages of one piece each."""
    with served(site, Lone) as found:
        yield found


@pytest.fixture(scope="session")
def address(whole: str) -> str:
    """The address of what the tests of a module ask: the site, unless the module says otherwise."""
    return whole


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    """One browser for all tests; Chromium refuses its sandbox to root."""
    options = [*OPTIONS, *([] if os.getuid() else ["--no-sandbox"])]
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, args=options)
        yield browser
        browser.close()
