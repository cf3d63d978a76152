"""A page is seen again where anything changed that it may look different by."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from bnreport.pages.cache import Cache
from tests.browser.sound import Sound
from tests.browser.visits import Bare

FILES = frozenset({"page.html", "figures/a.svg", "assets/site.css"})
SOUND, FAULTY = Bare([], [], FILES), Bare(["not seen: <h1>"], [], FILES)


@dataclass
class Eyes:
    """Sees the same, and counts how often it looks."""

    seen: Bare = SOUND
    looks: int = field(default=0)

    def __call__(self) -> Bare:
        """Look at a page."""
        self.looks += 1
        return self.seen


@pytest.fixture
def known(tmp_path: Path) -> Sound:
    site = tmp_path / "site"
    for name in ("page.html", "other.html", "figures/a.svg", "figures/b.svg", "assets/site.css"):
        (site / name).parent.mkdir(parents=True, exist_ok=True)
        (site / name).write_text(name, encoding="utf-8")
    return Sound(Cache(tmp_path / "kept"), site, "150, letters 5 wide")


def look(known: Sound, eyes: Eyes, how: str = "light") -> Bare:
    # What every page shares is read once for a site.
    return replace(known).look(Bare, "page.html", how, eyes)


def write(name: str) -> Callable[[Path], object]:
    return lambda site: (site / name).write_text("changed", encoding="utf-8")


def test_what_had_no_fault_is_not_seen_again(known: Sound) -> None:
    eyes = Eyes()
    assert look(known, eyes) == look(known, eyes) == SOUND
    for name in ("other.html", "figures/b.svg"):
        write(name)(known.site)
    assert look(known, eyes) == SOUND
    assert eyes.looks == 1


@pytest.mark.parametrize(
    "change",
    [
        *map(write, ("page.html", "figures/a.svg", "assets/site.css", "assets/new.js")),
        lambda site: (site / "figures" / "a.svg").unlink(),
        lambda site: (site / "assets" / "site.css").rename(site / "assets" / "other.css"),
    ],
    ids=["page", "figure", "sheet", "script", "no figure", "other sheet"],
)
def test_a_changed_page_is_seen_again(known: Sound, change: Callable[[Path], object]) -> None:
    eyes = Eyes()
    look(known, eyes)
    change(known.site)
    look(known, eyes)
    assert eyes.looks == 2


def test_another_browser_view_or_way_of_looking_sees_again(
    known: Sound, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    eyes = Eyes()
    look(known, eyes)
    look(known, eyes, "dark")
    look(replace(known, browser="150, letters 6 wide"), eyes)
    assert eyes.looks == 3
    (tmp_path / "visits.py").write_text("other", encoding="utf-8")
    monkeypatch.setattr("tests.browser.sound.EYES", [tmp_path / "visits.py"])
    look(known, eyes)
    assert eyes.looks == 4


def test_a_fault_is_seen_each_time(known: Sound) -> None:
    eyes = Eyes(FAULTY)
    assert look(known, eyes) == look(known, eyes) == FAULTY
    assert eyes.looks == 2


def test_every_module_that_looks_counts() -> None:
    from tests.browser import sound

    looking = {path.name for path in sound.HERE.glob("*.*") if not path.name.startswith("test_")}
    assert looking - {"__init__.py", "lone.py"} == {*sound.EYES}
