"""The times of the site are told as they were measured; without any, the page says nothing."""

import json
from itertools import islice
from pathlib import Path

import pytest

from bnreport.commands import site_benchmark
from bnreport.errors import BnreportError, RecordError
from bnreport.pages.site_times import FILE, SiteTimes, read_site_times
from bnreport.records import store, writing
from bnreport.records.checkout import git
from tests import synthetic

TIMES = SiteTimes(
    machine="a made-up processor",
    date="2026-01-02",
    commit="0123456",
    drawings=117,
    mkdocs=2.0,
    cold=12.0,
    warm=3.0,
    mistake=1.0,
    mkdocs_edit=4.0,
    edit=6.0,
    read={2000: 0.5},
)


def test_times_stand_beside_those_of_mkdocs_alone() -> None:
    rows = {row[0]: row[1:] for row in TIMES.table().rows}
    assert rows["nothing changed since the last build"] == ("3.0", "1.5")
    assert rows["nothing kept, 117 drawings"] == ("12.0", "6.0")
    assert rows["a word saved, served by bnreport"] == ("6.0", "1.5")
    assert TIMES.growth().rows == (("2,000", "0.50", "0.250"),)


def test_what_was_measured_is_read_and_a_damaged_file_is_refused(tmp_path: Path) -> None:
    assert read_site_times(tmp_path) is None
    path = tmp_path / FILE
    path.write_text(TIMES.model_dump_json(), encoding="utf-8")
    assert read_site_times(tmp_path) == TIMES
    wrong = {"cold": "NaN", "warm": -1, "date": "today", "machine": "a\nb", "commit": ""}
    for name, value in wrong.items():
        path.write_text(json.dumps(json.loads(TIMES.model_dump_json()) | {name: value}))
        with pytest.raises(RecordError, match=rf"site\.json\. Received: {name} .*bench site"):
            read_site_times(tmp_path)


def test_a_build_is_measured_in_a_copy_of_all_that_a_clone_has(tmp_path: Path) -> None:
    copy = site_benchmark.copied(synthetic.ROOT, tmp_path / "checkout")
    known = git(synthetic.ROOT, "ls-files")
    assert known is not None
    files = {path.relative_to(copy).as_posix() for path in copy.rglob("*") if path.is_file()}
    assert files == set(known.split("\n")) - {""}
    assert {"LICENSE", "CITATION.cff", "mkdocs.yml"} < files
    with pytest.raises(BnreportError, match="checkout of git"):
        site_benchmark.copied(tmp_path, tmp_path / "other")


def test_mkdocs_alone_builds_with_the_folders_of_the_whole_settings(tmp_path: Path) -> None:
    for name, text in {
        "build/mkdocs.yml": "site_name: a\nstrict: true\n"
        "theme: {name: mkdocs, custom_dir: ../theme}\n",
        "build/docs/index.md": "[nowhere](nowhere.md)\n",
        "theme/404.html": "none",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    bare = site_benchmark._bare(tmp_path, tmp_path / "elsewhere")
    assert site_benchmark._seconds(tmp_path, "-m", "mkdocs", "build", "-q", "-f", str(bare)) > 0
    assert (tmp_path / "elsewhere" / "bare" / "index.html").exists()


def test_made_up_records_are_sound_and_as_many_as_asked_for(tmp_path: Path) -> None:
    known = [*synthetic.stored().values()]
    size = len(known) + 3
    writing.write(tmp_path / "many.jsonl", islice(site_benchmark.many(known), size))
    assert len(store.read(tmp_path / "many.jsonl", print)) == size


def test_a_page_is_as_it_was_after_a_measurement_even_one_that_fails(tmp_path: Path) -> None:
    page = tmp_path / "a.md"
    page.write_text("text", encoding="utf-8")
    fails = f"assert 'more' not in open({str(page)!r}).read()"
    with (
        pytest.raises(BnreportError, match="AssertionError"),
        site_benchmark._changed(page, "more"),
    ):
        site_benchmark._seconds(tmp_path, "-c", fails)
    assert page.read_text(encoding="utf-8") == "text"
