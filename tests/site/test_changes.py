"""What differs between two sites is told claim by claim, and nothing in it acts."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from bnreport.cli import cli
from bnreport.commands.project import Project
from bnreport.errors import DataError
from bnreport.records.layout import Layout
from bnreport.site import changes
from bnreport.site.changes import Changes, compare, markdown, read

VALUES = "speed,raw,1,200,0.5\nspeed,raw,2,201,0.7\nspeed,,1,,3\n"
HOSTILE = '<img src=x onerror="alert(1)"> [x](javascript:1) | `a` ```'


def claim(**fields: Any) -> dict[str, Any]:
    settings = [{"setting": "raw", "effect": 1.0, "verdict": "supported"}]
    whole = {"id": "speed", "verdict": "supported", "effect": 1.25, "p": 0.01, "statement": "BN is"}
    return whole | {"settings": settings} | fields


@pytest.fixture
def site(tmp_path: Path) -> Callable[..., Path]:
    """Writes a small site, and returns its folder."""
    made = iter(range(9))

    def write(
        *claims: Mapping[str, Any],
        values: str = VALUES,
        page: str = "One line.",
        figure: str = "<svg/>",
    ) -> Path:
        folder = tmp_path / str(next(made))
        (folder / "data").mkdir(parents=True)
        (folder / "figures").mkdir()
        (folder / "data/claims.json").write_text(json.dumps(claims or [claim()]), "utf-8")
        values = f"claim,setting,pair,seed,value\n{values}"
        (folder / "data/values.csv").write_text(values, "utf-8")
        for form in ("light", "dark", "phone-light", "phone-dark"):
            (folder / f"figures/speed-{form}.svg").write_text(figure, "utf-8")
        text = f"<title>Speed</title><article><p>{page}</p><script>1</script></article>"
        (folder / "speed.html").write_text(text, "utf-8")
        (folder / "this-machine.html").write_text(folder.name, "utf-8")
        return folder

    return write


def between(base: Path, head: Path) -> Changes:
    return compare(read(base), read(head))


def test_a_site_does_not_differ_from_itself_rounding_and_the_commit_that_built_it(
    site: Callable[..., Path],
) -> None:
    base = site(page="Version 0.1.0 of 2026-11-29. Commit 0123abc of 2026-11-29.")
    same = claim(effect=1.25 * (1 + 1e-9))
    head = site(same, page="Version 0.2.0 of 2027-01-02. Commit 89ab012 of 2027-01-02.")
    assert "Nothing" in markdown(between(base, head))


def test_words_numbers_and_texts_of_claims_and_their_settings_are_told_apart(
    site: Callable[..., Path],
) -> None:
    settings = [{"setting": "raw", "effect": -1.0, "verdict": "not supported"}]
    other = claim(verdict="undecided", p=None, statement="BN was", settings=settings)
    found = between(site(), site(other))
    words = [(each.claim, each.before, each.after) for each in found.words]
    assert words == [
        ("speed", "supported", "undecided"),
        ("speed, raw", "supported", "not supported"),
    ]
    numbers = [(each.claim, each.field, each.before, each.after) for each in found.numbers]
    assert numbers == [("speed", "p", 0.01, None), ("speed, raw", "effect", 1.0, -1.0)]
    assert [each.field for each in found.texts] == ["statement"]


def test_claims_and_settings_that_come_and_go_are_named(site: Callable[..., Path]) -> None:
    found = between(site(claim(settings=[])), site(claim(id="cost"), claim()))
    assert found.new == ["cost", "cost, raw", "speed, raw"]
    assert found.gone == []
    assert between(site(claim(), claim(id="cost")), site()).gone == ["cost", "cost, raw"]


def test_where_records_change_each_seed_is_shown_that_differs(site: Callable[..., Path]) -> None:
    head = site(
        values="speed,raw,1,200,0.5\nspeed,raw,2,201,-0.7\nspeed,raw,3,202,0.1\nspeed,,1,,3\n"
    )
    found = between(site(), head).pairs
    assert [*found] == ["speed, raw"]
    told = [(each.field, each.before, each.after) for each in found["speed, raw"]]
    assert told == [("201", 0.7, -0.7), ("202", None, 0.1)]
    assert "| speed, raw | 201 | 0.7 | -0.7 |" in markdown(between(site(), head))


def test_figures_and_lines_of_pages_that_change_are_named(site: Callable[..., Path]) -> None:
    found = between(site(), site(page="Another line.", figure="<svg></svg>"))
    assert found.figures == {"speed": "changed"}
    assert found.pages == {"speed.html": ["- One line.", "+ Another line."]}
    text = markdown(found)
    assert "figures: 1, pages: 1." in text
    assert "words" not in text


def test_long_texts_begin_where_they_part_and_long_lists_end(site: Callable[..., Path]) -> None:
    common = "a" * 900
    found = between(site(claim(statement=f"{common} old")), site(claim(statement=f"{common} new")))
    assert f"| …{'a' * 99} old | …{'a' * 99} new |" in markdown(found)
    rows = "".join(f"speed,raw,{seed},{seed},1\n" for seed in range(300))
    many = markdown(between(site(values=rows), site(values=rows.replace(",1\n", ",2\n"))))
    assert "… and 100 more." in many
    page = "</p><p>".join(map(str, range(100)))
    assert "… and 61 lines more" in markdown(between(site(), site(page=page)))


def test_a_summary_has_no_more_than_is_shown(
    site: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = "".join(f"speed,raw,{seed},{seed},1\n" for seed in range(300))
    found = between(site(values=rows), site(values=rows.replace(",1\n", ",2\n"), page="a</p><p>é"))
    whole = markdown(found)
    monkeypatch.setattr(changes, "MOST_BYTES", 2_000)
    cut = markdown(found)
    assert len(cut.encode()) < 2_200
    assert cut.endswith("… and 2 tables and pages more, for which there is no room.\n")
    assert whole.startswith(cut.rpartition("…")[0])


def test_nothing_that_a_site_holds_acts(site: Callable[..., Path]) -> None:
    escaped = HOSTILE.replace("<", "&lt;")
    hostile = claim(id=HOSTILE, settings=[])
    changed = claim(statement=HOSTILE, verdict=HOSTILE)
    text = markdown(between(site(), site(hostile, changed, page=escaped)))
    outside, fence, inside = text.partition("````diff\n")
    assert fence
    assert inside.endswith("\n````\n")
    assert not {"<", "](", "`"} & {mark for mark in ("<", "](", "`") if mark in outside}


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("claims.json", "{"),
        ("claims.json", "[" * 100_000),
        ("claims.json", "{}"),
        ("claims.json", '[{"id": 1}]'),
        ("claims.json", '[{"id": "a"}, {"id": "a"}]'),
        ("claims.json", '[{"id": "a", "settings": [1]}]'),
        ("values.csv", "claim,setting\na,b\n"),
        ("values.csv", "claim,setting,pair,seed,value\na,b,1,200,much\n"),
        ("values.csv", "claim,setting,pair,seed,value\na\n"),
        ("values.csv", "claim,setting,pair,seed,value\na,b,1,200,3,4\n"),
    ],
)
def test_a_damaged_file_is_named(site: Callable[..., Path], file: str, text: str) -> None:
    folder = site()
    (folder / "data" / file).write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=rf"{file}.*Received: .*Build the site again"):
        read(folder)


@pytest.mark.parametrize("file", ["claims.json", "values.csv"])
def test_a_missing_file_is_named(site: Callable[..., Path], file: str) -> None:
    folder = site()
    (folder / "data" / file).unlink()
    with pytest.raises(DataError, match=rf"{file}"):
        read(folder)


def test_a_folder_that_is_no_site_is_told_before_anything_in_it_is_read(tmp_path: Path) -> None:
    (tmp_path / "strange.html").mkdir()
    with pytest.raises(DataError, match=r"Expected the folder of a built site\. Received: .*"):
        read(tmp_path)
    with pytest.raises(DataError, match=r"Expected the folder of a built site"):
        read(tmp_path / "none")


def test_the_command_prints_what_changes(site: Callable[..., Path], tmp_path: Path) -> None:
    words = ["diff", str(site()), str(site(page="Another."))]
    ran = CliRunner().invoke(cli, words, obj=Project(Layout(tmp_path)))
    assert ran.exit_code == 0, ran.output
    assert "+ Another." in ran.output
