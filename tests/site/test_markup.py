"""Every table of a page scrolls in a box, and links to headings say where they lead."""

import lxml.html
import markdown  # type: ignore[import-untyped]
import pytest

from bnreport.site.markup import BOX

TABLE = "| a | b |\n|---|---|\n| 1 | 2 |\n"


def page(text: str) -> lxml.html.HtmlElement:
    extensions = ["tables", "toc", "md_in_html", "attr_list", "bnreport.site.markup"]
    options = {"toc": {"permalink": True}}
    found = markdown.markdown(text, extensions=extensions, extension_configs=options)
    return lxml.html.fragment_fromstring(found, create_parent="article")


def test_a_table_stands_in_a_box_that_is_named_by_its_heading() -> None:
    tree = page(f"# A page\n\n## All *at* a glance & more\n\n{TABLE}\nText.")
    (box,) = tree.xpath("//table/..")
    assert box.get("class") == BOX
    assert box.get("aria-label") == "Table: All at a glance & more"
    assert [cell.get("scope") for cell in tree.xpath("//thead//th")] == ["col", "col"]
    assert tree.xpath("//table/@class") == ["table"]
    assert tree.xpath("//article/p/text()") == ["Text."]


def test_a_table_in_a_box_of_the_page_gets_no_second_one() -> None:
    tree = page(f'<div class="{BOX} other" markdown>\n\n{TABLE}\n</div>\n')
    assert len(tree.xpath(f"//div[contains(@class, '{BOX}')]")) == 1
    assert tree.xpath("//table/@class") == ["table"]


def test_a_table_within_another_block_has_its_box_there() -> None:
    tree = page(f'<div class="note" markdown>\n\n{TABLE}\n</div>\n')
    assert tree.xpath(f"//div[@class='note']/div[@class='{BOX}']/table")


def test_a_table_within_another_block_is_named_by_the_heading_above_it() -> None:
    block = f'<div class="note" markdown>\n\n{TABLE}\n</div>\n'
    tree = page(f"# A page\n\n## First\n\n{block}\n## Last\n\n{TABLE}")
    names = tree.xpath(f"//div[@class='{BOX}']/@aria-label")
    assert names == ["Table: First", "Table: Last"]


def test_links_of_headings_are_named_and_hold_no_mark_to_read() -> None:
    tree = page("# The page\n\n## How the averages `move`\n\n### And stop\n")
    found = [(link.get("href"), link.get("aria-label"), link.text) for link in tree.xpath("//a")]
    assert found == [
        ("#how-the-averages-move", "Link to: How the averages move", None),
        ("#and-stop", "Link to: And stop", None),
    ]


def test_the_first_heading_is_the_page_and_has_no_link() -> None:
    assert page("# The page\n").xpath("//h1//a") == []


@pytest.mark.parametrize("text", ["", "Text.", TABLE])
def test_pages_without_headings_are_left_whole(text: str) -> None:
    assert page(text).text_content().split() == text.replace("|", " ").replace("-", "").split()


def test_a_table_of_a_template_is_left_as_it_is_within_a_block() -> None:
    made = (
        '<table class="table"><thead><tr><th>a</th><th>b</th></tr></thead>'
        '<tbody><tr><th colspan="2">both</th></tr></tbody></table>'
    )
    tree = page(f'<details markdown="1">\n<summary>More</summary>\n\n{made}\n\n</details>\n')
    assert tree.xpath("//table/@class") == ["table"]
    assert tree.xpath("//@role") == ["group"]


@pytest.mark.parametrize(
    ("code", "whole"),
    [
        ("scripts/build --no-cache -q", ["--no-cache", "-q"]),
        ("git clone", []),
        ("a-b x--y 3 - 2", []),
    ],
)
def test_no_line_ends_within_an_option_of_a_command(code: str, whole: list[str]) -> None:
    tree = page(f"Call `{code}` in a shell, and see:\n\n| a |\n|---|\n| `{code}` |\n")
    for element in tree.xpath("//code"):
        assert element.text_content() == code
        assert element.xpath("span[@class='whole']/text()") == whole


@pytest.mark.parametrize(
    ("code", "parts"),
    [
        (
            "exclude_from_weight_decay(var_list=layer.trainable_weights)",
            "exclude_ from_ weight_ decay( var_ list= layer. trainable_ weights)".split(),
        ),
        ("TimeDistributed(BatchNormalization())", ["TimeDistributed(", "BatchNormalization())"]),
        ("training=False", ["training=False"]),
        ("git clone --depth=1 a.git", ["git clone ", "--depth", "=1 a.git"]),
    ],
)
def test_a_long_name_in_code_may_break_behind_its_signs(code: str, parts: list[str]) -> None:
    (element,) = page(f"Call `{code}`.\n").xpath("//code")
    assert element.text_content() == code
    assert [*element.itertext()] == parts
