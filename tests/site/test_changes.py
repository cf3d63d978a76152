"""What differs between two sites is told claim by claim, and nothing in it acts."""

import gzip
import html
import json
import os
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
        files: Mapping[str, bytes] | None = None,
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
        for name, content in (files or {}).items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content)
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


LINK = '<a href="methods.html">How</a>'


@pytest.mark.parametrize(
    ("other", "edits"),
    [
        (
            '<a href="https://evil.example/?\n`x`">How</a>',
            ["+ a href: https://evil.example/? `x`", "- a href: methods.html"],
        ),
        (f'{LINK}<img src="x.svg" alt="BN loses">', ["+ img src: x.svg", "+ img alt: BN loses"]),
        (f'{LINK}<form action="//evil.example">', ["+ form action: //evil.example"]),
        (f"{LINK}<p onclick=go()>", ["+ p onclick: go()"]),
        (
            f'{LINK}<meta http-equiv=refresh content="0; url=x">',
            ["+ meta http-equiv: refresh", "+ meta content: 0; url=x"],
        ),
        (f'{LINK}<script src="new.js"></script>', ["+ script src: new.js"]),
        (f'{LINK}<script type="application/json">2</script>', []),
    ],
)
def test_what_a_page_leads_to_loads_and_runs_is_compared(
    site: Callable[..., Path], other: str, edits: list[str]
) -> None:
    found = between(site(page=LINK), site(page=other))
    assert found.reached == {edit: ["speed.html"] for edit in edits}
    assert found.pages == {}
    if edits:
        text = markdown(found)
        assert "Nothing" not in text
        assert text.index("### Links, sources, alternative texts and scripts") < text.index(
            "diff\n"
        )


def test_a_script_in_a_page_is_told_apart_though_its_end_is_not_shown(
    site: Callable[..., Path],
) -> None:
    long = "<script>" + "a();" * 300
    found = between(site(page=long), site(page=long + "b()")).reached
    assert sorted(edit[:9] for edit in found) == ["+ script ", "- script "]
    assert len({edit.partition(":")[0][2:] for edit in found}) == 2


def test_links_that_change_places_and_those_of_many_pages_are_told_once_and_outward_first(
    site: Callable[..., Path],
) -> None:
    pair = '<a href="a">A</a><a href="b">B</a>'
    swapped = '<a href="b">A</a><a href="a">B</a>'
    assert between(site(page=pair), site(page=swapped)).reached
    menus = [
        {f"{i}.html": f'{link}<a href="z{i}">'.encode() for i in range(3)} for link in ("", LINK)
    ]
    new = {"evil.html": b'<a href="methods.html"><a href="javascript:x()">'}
    found = between(site(files=menus[0]), site(files=menus[1] | new)).reached
    assert [*found.items()] == [
        ("+ a href: javascript:x()", ["evil.html"]),
        ("+ a href: methods.html", ["0.html", "1.html", "2.html", "evil.html"]),
    ]
    told = markdown(between(site(files=menus[0]), site(files=menus[1])))
    assert "+ 0.html and 2 more, a href: methods.html" in told


def test_files_that_are_neither_page_nor_figure_nor_data_are_compared_but_for_the_commit(
    site: Callable[..., Path],
) -> None:
    base = {
        "assets/pieces/bet.js": b"bet()",
        "assets/old.woff2": b"\xff\x00",
        "CITATION.cff": b"version: 1\ndate-released: '2026-11-29'\ncommit: 0123abcd\n",
        "search/search_index.js": b'"Commit 0123abc of 2026-11-29"',
        "sitemap.xml.gz": gzip.compress(b"<urlset/>", mtime=1),
        "data/runs.csv": b"1",
        "figures/speed.png": b"a",
    }
    same = base | {
        "CITATION.cff": b"version: 1\ndate-released: '2027-01-02'\ncommit: 89ab0123\n",
        "search/search_index.js": b'"Commit 89ab012 of 2027-01-02"',
        "sitemap.xml.gz": gzip.compress(b"<urlset/>", mtime=2),
    }
    assert "Nothing" in markdown(between(site(files=base), site(files=same)))
    head = base | {
        "assets/pieces/bet.js": b"bet();steal()",
        "assets/<b>.js": b"",
        "sitemap.xml.gz": b"broken",
        "figures/speed.png": b"b",
    }
    del head["assets/old.woff2"]
    found = between(site(files=base), site(files=head))
    assert found.files == {
        "assets/<b>.js": "new",
        "assets/old.woff2": "gone",
        "assets/pieces/bet.js": "changed",
        "figures/speed.png": "changed",
        "sitemap.xml.gz": "changed",
    }
    assert "- assets/&lt;b&gt;.js: new" in markdown(found)


def test_a_line_that_looks_like_the_head_of_a_difference_is_shown(
    site: Callable[..., Path],
) -> None:
    found = between(site(page="-- old"), site(page="++ evil"))
    assert found.pages == {"speed.html": ["- -- old", "+ ++ evil"]}


@pytest.mark.parametrize("content", [b"", b"  \n", b"<!-- -->", b"\0", b"\xff&#xD800;"])
def test_a_page_that_holds_none_is_read(site: Callable[..., Path], content: bytes) -> None:
    found = between(site(), site(files={"odd.html": content}))
    assert "odd.html" in found.pages
    markdown(found).encode()


def test_a_file_whose_name_is_no_text_is_named(site: Callable[..., Path]) -> None:
    head = site()
    Path(os.fsdecode(os.fsencode(head) + b"/\xff.js")).write_bytes(b"")
    assert "- \\udcff.js: new" in html.unescape(markdown(between(site(), head)))


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
    linked = f"{escaped}<a href='{escaped}' title='````'>"
    text = markdown(between(site(), site(hostile, changed, page=linked)))
    fences, text = text.partition("### Claims")[0], text[text.index("### New claims") :]
    assert fences.count("\n`````diff\n") == fences.count("\n`````\n") == 1
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
        ("claims.json", '[{"id": "a", "statement": "\\ud800"}]'),
        ("claims.json", '[{"id": "a", "effect": NaN}]'),
        ("values.csv", "claim,setting,pair,seed,value\n"),
        ("values.csv", ""),
        ("values.csv", "claim,setting,pair,seed,value\na,b,1,200,nan\n"),
        ("values.csv", "claim,setting,pair,seed,value\na,b,1,200,\n"),
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
