"""Dense and convolutional nets side by side: verdicts, numbers, and what differs between them."""

from dataclasses import replace

import lxml.html
import pytest

from bnreport.analysis.report import Report
from bnreport.errors import PageError
from bnreport.pages.counterparts import COUNTERPARTS, STUDIES, counterparts
from bnreport.studies import all_studies
from tests.golden import report


def cells(found: Report) -> list[list[str]]:
    table = lxml.html.fromstring(f"<div>{counterparts(found, '../')}</div>")
    return [
        [" ".join(cell.text_content().split()) for cell in row.xpath("./th | ./td")]
        for row in table.xpath("//tr")
    ]


@pytest.mark.slow
def test_each_row_holds_both_verdicts_with_effect_and_interval() -> None:
    made = report()
    rows = cells(made)[1 : len(COUNTERPARTS) + 1]
    for (effect, dense, convolutional), pair in zip(rows, COUNTERPARTS, strict=True):
        assert effect == pair.effect
        study, claim = pair.dense
        found = made.studies[study].shown(claim)
        assert dense.startswith(f"{found.mark} {found.text}")
        found = made.studies["convolution"].shown(pair.convolutional)
        assert convolutional.startswith(f"{found.mark} {found.text}")
        assert "[" in dense
        assert "[" in convolutional


def test_the_claims_of_a_row_ask_the_same_of_both_nets() -> None:
    claims = {claim.id: claim for study in all_studies().values() for claim in study.claims}
    for pair in COUNTERPARTS:
        dense, convolutional = claims[pair.dense[1]], claims[pair.convolutional]
        assert (dense.unit, dense.scale) == (convolutional.unit, convolutional.scale)
        assert {pair.setting or None} <= {None, *dense.settings}
        assert {pair.setting or None} <= {None, *convolutional.settings}


def test_what_differs_is_read_off_the_trials() -> None:
    differs = {row[0]: row[1:] for row in cells(report())[len(COUNTERPARTS) + 2 :]}
    assert differs["net"] == ["300 and 100 units", "4 and 8 filters, then 64 units"]
    assert differs["BN's averages"][0].startswith("momentum 0.99")
    assert "0.9 at batches of 32" in differs["BN's averages"][1]
    assert "312 whole batches" in differs["trained"][1]
    assert "16 images at batches of 32" in differs["last batch of an epoch"][1]


@pytest.mark.parametrize("name", STUDIES)
def test_without_the_records_of_a_study_nothing_is_shown(name: str) -> None:
    made = report()
    left = {study: found for study, found in made.studies.items() if study != name}
    assert not counterparts(replace(made, studies=left), "")


def test_a_claim_without_nets_with_bn_is_refused_by_name() -> None:
    made = report()
    speed = replace(made.studies["speed"], stands_on={"speed-same-std": ("raw-same", "std-same")})
    with pytest.raises(PageError, match="speed-same-std"):
        counterparts(replace(made, studies={**made.studies, "speed": speed}), "")
