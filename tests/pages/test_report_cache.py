"""A kept report is the report; it is made anew when anything that it stands on has changed."""

import os
import pickle
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from bnreport.analysis.report import StudyReport
from bnreport.figures import drawing
from bnreport.figures.palettes import DARK, LIGHT
from bnreport.pages import render, report_cache, source_digests
from bnreport.pages.cache import Cache
from bnreport.pages.fingerprint import fingerprint
from bnreport.pages.report_cache import cached_analysis, cached_report, report_key, values_of
from bnreport.pages.supplies import Supplies
from bnreport.presentation.tables import Analysis, Value
from bnreport.records import writing
from bnreport.site.checks import files as files_
from tests import synthetic
from tests.pages.test_render import TINY
from tests.synthetic import NOTEBOOK


class Maker:
    """Makes a report, and counts how often."""

    def __init__(self) -> None:
        self.made = 0

    def __call__(self) -> StudyReport:
        """Make it."""
        self.made += 1
        return synthetic.study_report()


@pytest.fixture
def recorded(tmp_path: Path) -> Path:
    path = tmp_path / "notebook.jsonl"
    writing.write(path, synthetic.stored().values())
    return path


def kept(cache: Cache, path: Path, make: Callable[[], StudyReport], *words: str) -> StudyReport:
    key = report_key(NOTEBOOK, [path], ["bnreport.analysis.judge"], words)
    return cached_report(cache, NOTEBOOK, key, make)


def test_a_kept_report_holds_what_a_new_one_holds(tmp_path: Path, recorded: Path) -> None:
    make, cache = Maker(), Cache(tmp_path / "cache")
    first, second = (kept(cache, recorded, make) for _ in range(2))
    assert make.made == 1
    assert second.origin == first.origin != ""
    assert second.study is NOTEBOOK
    for name in ("profile", "records", "verdicts", "stands_on", "standing", "verified"):
        assert getattr(second, name) == getattr(first, name), name
    # Runs of one trial share it, so that it is kept and read once.
    trials = [record.identity.trial for record in second.records.values()]
    assert len({*map(id, trials)}) == len({trial.name for trial in trials}) < len(trials)
    assert fingerprint(second.analysis) == fingerprint(first.analysis)
    assert fingerprint(second.estimates) == fingerprint(first.estimates)


def test_another_record_profile_code_or_library_makes_the_report_anew(
    tmp_path: Path, recorded: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make, cache = Maker(), Cache(tmp_path / "cache")
    ask = partial(kept, cache, recorded, make)
    ask()
    for made, word in enumerate(("quick", "another digest of the training code"), start=2):
        ask(word)
        assert make.made == made
    recorded.write_bytes(recorded.read_bytes().replace(b"made-up", b"made-in", 1))
    ask()
    ask()
    assert make.made == 4
    monkeypatch.setattr(report_cache, "source_digest", lambda *_: "another")
    ask()
    assert make.made == 5


def test_a_damaged_report_is_made_anew(tmp_path: Path, recorded: Path) -> None:
    make, cache = Maker(), Cache(tmp_path / "cache")
    kept(cache, recorded, make)
    (entry,) = (tmp_path / "cache" / "reports").iterdir()
    cache.write("reports", entry.name, pickle.dumps({"records": os.system}))
    kept(cache, recorded, make)
    kept(cache, recorded, make)
    assert make.made == 2


@pytest.mark.parametrize("harmful", [os.system, eval, drawing.draw, Path])
def test_no_entry_can_hold_more_than_values(harmful: object) -> None:
    with pytest.raises(pickle.UnpicklingError, match="Expected a value"):
        values_of(pickle.dumps(harmful))


def test_a_lesson_is_worked_once(tmp_path: Path) -> None:
    made = []

    def make() -> Analysis:
        made.append(1)
        return Analysis(values={"a": Value("1", "counted")}, plots={"tiny": TINY})

    first, second = (
        cached_analysis(Cache(tmp_path), "bnreport.lessons.scale", make) for _ in range(2)
    )
    assert len(made) == 1
    assert fingerprint(first) == fingerprint(second)


def drawn(cache: Cache, drawings: list[object]) -> str | None:
    """The tiny figure from a new process' supplies; what is drawn is noted."""

    def draw(plot: Any, palette: Any) -> str:
        drawings.append(plot)
        return drawing.draw(plot, palette)

    supplies = Supplies(draw, cache=cache)
    if supplies.figure(TINY) is None:
        supplies.draw_all()
    return supplies.figure(TINY)


def test_a_figure_is_drawn_once_and_anew_with_other_fonts_colours_or_libraries(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache, drawings = Cache(tmp_path), list[object]()
    assert drawn(cache, drawings) == drawn(cache, drawings) == drawing.draw(TINY, LIGHT)
    assert len(drawings) == 1
    for number, (name, value) in enumerate(
        (
            ("figures.fonts.fonts_digest", lambda: "another"),
            ("pages.supplies.source_digest", lambda *_: "another"),
            ("pages.supplies.LIGHT", DARK),
        ),
        start=2,
    ):
        monkeypatch.setattr(f"bnreport.{name}", value)
        for _ in range(2):
            drawn(cache, drawings)
        assert len(drawings) == number, name


def test_the_digest_of_sources_follows_imports_data_and_versions(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def digest() -> str:
        source_digests.source_digest.cache_clear()
        source_digests._entry.cache_clear()
        return source_digests.source_digest("bnreport.studies.notebook", "bnreport.studies.keras")

    read, before = Path.read_bytes, digest()
    assert digest() == before
    for name, counts in (
        ("intervals.py", True),
        ("textbook.toml", True),
        ("keras.toml", True),
        ("gate.py", False),
    ):
        assert any((source_digests.ROOT / "bnreport").rglob(name))

        def changed(path: Path, name: str = name) -> bytes:
            return read(path) + (b"#" if path.name == name else b"")

        monkeypatch.setattr(Path, "read_bytes", changed)
        assert (digest() != before) is counts, name
        monkeypatch.setattr(Path, "read_bytes", read)
    monkeypatch.setattr(source_digests, "_versions", lambda: (("numpy", "0"),))
    assert digest() != before
    monkeypatch.undo()
    source_digests.source_digest.cache_clear()
    source_digests._entry.cache_clear()


def test_a_file_without_a_fault_is_looked_at_once_and_a_faulty_one_every_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache, sound, faulty = Cache(tmp_path), b"a,b\n1,2\n", b"a,b\n1,2,3\n"
    for _ in range(2):
        assert files_.unseen("data/a.csv", sound, (), cache) == []
        assert files_.unseen("data/a.csv", faulty, (), cache) != []
    index = b'{"docs": [{"location": "gone.html", "title": "Gone", "text": ""}]}'
    for files, faults in ((("gone.html",), 0), ((), 1)):
        assert len(files_.unseen("search/search_index.json", index, files, cache)) == faults
    monkeypatch.setattr(files_, "findings", lambda *_: pytest.fail("It is looked at again."))
    assert files_.unseen("data/b.csv", sound, (), cache) == []
    monkeypatch.setattr(files_, "source_digest", lambda *_: "other rules")
    with pytest.raises(pytest.fail.Exception):
        files_.unseen("data/b.csv", sound, (), cache)


def test_the_data_files_are_made_again_when_what_describes_them_changes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []

    def digest(*names: str) -> str:
        asked.extend(names)
        return ""

    monkeypatch.setattr(render, "source_digest", digest)
    report: Any = SimpleNamespace(profile="full", editions=lambda: [SimpleNamespace(origin="o")])
    supplies: Any = SimpleNamespace(data={}, cache=SimpleNamespace(text=lambda *_: "{}"))
    assert render.published_data(report, supplies) == {}
    assert asked == ["bnreport.pages.data.package"]
