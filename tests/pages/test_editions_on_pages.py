"""Each edition of a study has its own numbers, figures, data and count wherever it is shown."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bnreport.analysis.report import Report, StudyReport
from bnreport.analysis.study import Study
from bnreport.errors import PageError
from bnreport.pages.board.view import board
from bnreport.pages.data.package import data_files
from bnreport.pages.render import check, render_pages
from bnreport.pages.scoreboard import overview, tally
from bnreport.pages.staging import Staging
from bnreport.presentation.plots import Dots, Row
from bnreport.presentation.tables import Analysis, Value
from bnreport.records.collection import Records
from tests.test_editions import BOTH, edition, reported, study

PAGE = BOTH.page
FIRST_CLAIMS, SECOND_CLAIMS = ("a", "b"), ("fresh-a", "fresh-b", "deployed")
WHOLE = """# A study
[% set s = form("small") %][% set first = form("small", edition=1) %]
newest [[ s.number ]] [[ s.value("edition") ]] [[ s.drawing("dots", "New.") ]] [[ s.lines() ]]
old [[ first.number ]] [[ first.value("edition") ]] [[ first.drawing("dots", "Old.") ]]
[[ first.lines() ]]
"""


def drawn(name: str, at: float) -> Any:
    """An analysis with a figure, which both editions call by one name."""
    row = Row("BN", "bn", np.array([at, at]), at, at, at)
    dots = Dots(title=f"Of the {name}", subtitle="made up", x_label="x", rows=(row,))
    return lambda _: Analysis({"edition": Value(name, "made up")}, {}, {"dots": dots})


def report(of: Study) -> Report:
    """The report of every edition of a study that is not announced."""
    first, *later = (
        reported(replace(at, analyse=drawn("second" if at.number > 1 else "first", at.number)))
        for at in of.by_edition()
        if not at.announced
    )
    return Report("full", {of.name: replace(first, later=tuple(later))}, None)


REPORT = report(BOTH)


def filled(folder: Path, text: str, found: Report = REPORT, name: str = "a.md") -> str:
    """A page of that text, with the page of the study beside it."""
    for path, page in {PAGE: WHOLE, name: text}.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(page, encoding="utf-8")
    return render_pages(found, folder, Staging()).files[name]


def test_a_page_shows_the_newest_edition_and_the_first_in_its_fold(tmp_path: Path) -> None:
    newest, old = filled(tmp_path, WHOLE, name=PAGE).split("old 1", maxsplit=1)
    assert "newest 2" in newest
    assert ">second<" in newest
    assert ">first<" not in newest
    assert ">first<" in old
    assert "small-2-dots-light.svg" in newest
    assert "small-dots-light.svg" in old
    for claims, where in ((SECOND_CLAIMS, newest), (FIRST_CLAIMS, old)):
        assert all(f'id="claim-{name}"' in where for name in claims)
    assert 'id="claim-a"' not in newest


def test_figures_of_two_editions_by_one_name_are_two_figures(tmp_path: Path) -> None:
    (tmp_path / "studies").mkdir()
    (tmp_path / PAGE).write_text(WHOLE, encoding="utf-8")
    files = render_pages(REPORT, tmp_path, Staging()).files
    first, second = (files[f"figures/small{n}-dots-light.svg"] for n in ("", "-2"))
    assert first != second


def test_other_pages_keep_the_first_edition_and_find_claims_of_all_by_id(tmp_path: Path) -> None:
    text = '[% set s = study("small") %][[ s.number ]] [[ s.value("edition") ]] '
    found = filled(tmp_path, text + '[[ s.value("fresh-a.n") ]] [[ s.verdict("fresh-a") ]]')
    assert found.startswith("1 ")
    assert ">first<" in found
    assert 'href="studies/small.html#claim-fresh-a"' in found
    assert ', 12 pairs"' in found
    asked = filled(tmp_path, '[[ study("small", edition=2).value("edition") ]]')
    assert ">second<" in asked


def test_an_announced_edition_is_left_out_and_a_page_can_ask(tmp_path: Path) -> None:
    waiting = report(study(edition(announced=True)))
    text = (
        '[[ shown("small") ]] [[ shown("small", edition=2) ]] [[ form("small").number ]] '
        '[[ study("small", edition=2).say("fresh-a", supported="It does.") ]]'
    )
    page = "[% set s = form('small') %][[ s.drawing('dots', 'Old.') ]] [[ s.lines() ]]"
    (tmp_path / "studies").mkdir()
    (tmp_path / PAGE).write_text(page, encoding="utf-8")
    (tmp_path / "a.md").write_text(text, encoding="utf-8")
    assert render_pages(waiting, tmp_path, Staging()).files["a.md"] == "True False 1 "
    with pytest.raises(PageError, match=r"an edition of small in docs/a\.md: 1, 2\. Received: 3"):
        filled(tmp_path, '[[ study("small", edition=3).number ]]')


@pytest.mark.parametrize(
    ("gone", "missing"),
    [
        ("[[ first.lines() ]]", "Received: claim a on none"),
        ('[[ first.drawing("dots", "Old.") ]]', "figure 'dots' of small on none"),
        ("[[ s.lines() ]]", "Received: claim fresh-a on none"),
        ('[[ s.drawing("dots", "New.") ]]', r"figure 'dots' of small\.2 on none"),
    ],
)
def test_nothing_of_either_edition_may_be_missing_on_the_page(
    gone: str, missing: str, tmp_path: Path
) -> None:
    (tmp_path / "studies").mkdir()
    (tmp_path / PAGE).write_text(WHOLE.replace(gone, ""), encoding="utf-8")
    with pytest.raises(PageError, match=missing):
        check(REPORT, tmp_path)


def test_the_board_shows_each_edition_of_a_question_by_itself_the_newest_first() -> None:
    made = str(board(REPORT, ""))
    assert made.count('class="fold board__question" id="small"') == 1
    assert made.count("<b>Edition ") == 2
    newest, first = made.split('id="small-1"')
    assert 'id="small-2"' in newest
    for claims, own, other in ((FIRST_CLAIMS, first, newest), (SECOND_CLAIMS, newest, first)):
        assert all(f'id="claim-{name}"' in own for name in claims)
        assert all(f'id="claim-{name}"' not in other for name in claims)
    assert tally(REPORT.shown())["claims"] == len(FIRST_CLAIMS + SECOND_CLAIMS)


def test_the_marks_of_a_study_are_one_link_to_the_board_without_a_hint_each() -> None:
    made = str(overview(REPORT, ""))
    assert made.count('class="verdict ') == len(FIRST_CLAIMS + SECOND_CLAIMS)
    (link,) = re.findall(r'<a class="overview__marks" href="([^"]+)" aria-label="[^"]*\d \w', made)
    assert link == "verdicts.html#small"
    assert 'id="small"' in str(board(REPORT, ""))
    assert "title=" not in made


def test_the_published_data_tells_the_editions_apart() -> None:
    files = data_files(REPORT)
    assert {"data/small.jsonl", "data/small.2.jsonl"} <= files.keys()
    claims = {claim["id"]: claim for claim in json.loads(files["data/claims.json"])}
    assert [claims[name]["edition"] for name in ("a", "fresh-a")] == [1, 2]
    assert {claim["study"] for claim in claims.values()} == {"small"}
    assert claims["deployed"]["together"] == "small.2/2"
    studies = {line.split(",")[1] for line in files["data/runs.csv"].splitlines()[1:]}
    assert studies == {"small", "small.2"}
    assert {line.split(",")[0] for line in files["data/values.csv"].splitlines()[1:]} == {*claims}


def test_each_edition_is_judged_by_estimates_of_its_own() -> None:
    def behind(_: Records) -> Any:
        raise AssertionError("asked for by another edition")

    second = edition()
    swapped = study(replace(second, estimates={**second.estimates, "a": behind}))
    first, later = (reported(at) for at in swapped.by_edition())
    assert (*first.verdicts,) == FIRST_CLAIMS
    assert (*later.verdicts,) == SECOND_CLAIMS


def test_a_report_holds_its_editions_by_number() -> None:
    of: StudyReport = REPORT.studies["small"]
    assert [each.study.number for each in REPORT.editions()] == [1, 2]
    for number, found in ((0, 2), (1, 1), (2, 2)):
        at = of.edition(number)
        assert at is not None
        assert at.study.number == found
    assert of.edition(3) is None
