"""Tables that a phone cannot show become cards there."""

from pathlib import Path

import pytest

from bnreport.pages.fragments import fragment
from bnreport.presentation.phone import fits
from bnreport.presentation.tables import Table
from tests.site.test_markup import page

SMALL = (("size", "loss"), (("32", "0.31"), ("128", "0.29")))
# Eight rows of numbers are compared at a glance in a table, and one by one in cards.
COMPARED = (
    ("batch size", "batches", "Keras", "PyTorch"),
    (("32", "1,719", "0.997", "0.003"), ("4,096", "14", "0.720", "0.280")),
)
LARGE = (
    ("arm", "learning rate", "validation accuracy, %", "test accuracy, %", "95% interval"),
    (("standardized inputs", "0.3", "87.11", "87.72", "[87.42, 88.01]"),),
)


@pytest.mark.parametrize(
    ("head", "rows", "text", "fit"),
    [
        (*SMALL, False, True),
        (*COMPARED, False, True),
        (*LARGE, False, False),
        # A number stays on one line, words may break.
        (("a", "b"), (("x", "+0.33 pp [+0.01, +0.65], of 12 seeds each"),), False, False),
        (("a", "b"), (("x", "+0.33 pp [+0.01, +0.65], of 12 seeds each"),), True, True),
        (("a", "b"), (("x", "words that break wherever there is a space"),), False, True),
        (("a", "b"), (("x", "words that break " * 12),), False, False),
        (("a", "b"), (("x", "FULLY_CONNECTED, " * 2 + "DEPTHWISE_CONVOLUTION"),), False, True),
        (("a", "b"), (("x", "DEPTHWISE_CONVOLUTIONS_AND_MORE"),), False, False),
        (("a", "b"), (("x", "a_name_of_forty_letters_that_cannot_break"),), False, False),
    ],
)
def test_a_table_fits_where_its_words_and_its_numbers_stay_whole(
    head: tuple[str, ...], rows: tuple[tuple[str, ...], ...], text: bool, fit: bool
) -> None:
    assert fits(head, rows, text) is fit


def test_each_cell_of_a_card_is_named_by_the_head_of_its_column() -> None:
    text = fragment("table.html.j2", table=Table("Every arm", *LARGE))
    tree = page(str(text))
    assert tree.xpath("//table[@role='table']/@class")[0].split()[-1] == "table--cards"
    assert tree.xpath("//td/@data-label") == list(LARGE[0][1:])
    roles = {part.tag: part.get("role") for part in tree.xpath("//table//*[@role]")}
    assert roles == {
        "thead": "rowgroup",
        "tbody": "rowgroup",
        "tr": "row",
        "td": "cell",
        "th": "rowheader",
    }


def test_a_small_table_stays_a_table() -> None:
    assert "data-label" not in fragment("table.html.j2", table=Table("Two sizes", *SMALL))
    assert page("| a | b |\n|---|---|\n| 1 | 2 |\n").xpath("//@data-label | //@role") == ["group"]


def test_the_cards_of_a_sparse_table_leave_zeros_out() -> None:
    head, (cells,) = LARGE
    rows = ((cells[0], "0", "10", "0", "0.0"),)
    for sparse, zeros in ((True, 2), (False, 0)):
        table = Table("Every arm", head, rows, sparse=sparse)
        tree = page(str(fragment("table.html.j2", table=table)))
        assert len(tree.xpath("//td[@class='num zero']")) == zeros
    css = (Path(__file__).parents[2] / "docs/assets/site.css").read_text(encoding="utf-8")
    assert ".table--cards td[data-label].zero { display: none; }" in css


def test_a_wide_table_of_a_page_becomes_cards_as_well() -> None:
    head, cells = "| a | one | two | three | four |", "| `x` | " + "some_long_word | " * 4
    tree = page(f"{head}\n|---|---|---|---|---|\n{cells}\n")
    assert tree.xpath("//table/@class") == ["table table--cards"]
    assert tree.xpath("//td/@data-label") == ["one", "two", "three", "four"]
    assert tree.xpath("//td/@role") == ["cell"] * 5


def test_what_a_column_of_numbers_says_in_words_stands_at_their_side() -> None:
    rows = (("BN", "0.3", "it trains"), ("plain", "none", "3 fail"), ("LN", "–", "it trains"))
    text = fragment("table.html.j2", table=Table("Rates", ("arm", "rate", "what we saw"), rows))
    cells = page(str(text)).xpath("//thead//th[2] | //td[1]")
    assert [cell.get("class") for cell in cells] == ["num"] * 4
    assert not page(str(text)).xpath("//td[2][@class] | //thead//th[3][@class]")


def test_a_card_that_is_headed_by_a_number_says_what_it_counts() -> None:
    head, (cells,) = LARGE
    table = Table("By epoch", ("epoch", *head[1:]), (("10", *cells[1:]),))
    assert page(str(fragment("table.html.j2", table=table))).xpath("//tbody/tr/th/@data-label") == [
        "epoch"
    ]
    named = fragment("table.html.j2", table=Table("Every arm", *LARGE))
    assert not page(str(named)).xpath("//th/@data-label")
