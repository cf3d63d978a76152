"""The notebook as a page of Markdown: its words as they are, whatever its outputs hold."""

from typing import Any

import lxml.html
import pytest
from markdown import Markdown  # type: ignore[import-untyped]

from bnreport.errors import PageError
from bnreport.pages.notebook_page import PAGE, SOURCE, WAY, is_staged, page, with_page
from bnreport.site.checks import active
from tests.injection.damage import HOSTILE
from tests.synthetic import NBFORMAT, ROOT

# What Markdown, or the HTML around it, might take for more than the text of an output.
MARKS = (
    "a\n```\nfenced\n```\nb",
    "a\n~~~~ {: onclick=run }\nfenced\n~~~~\nb",
    "a\n\n# no heading\n\n- no list\n\n    no block",
    "one\ttab\t[x](javascript:run)",
    "</pre></div></div>\n\n[x](javascript:run)",
    "<!-- [TOC] &amp; `code`",
)
TEXTS = (*(text for text in HOSTILE if text.isprintable()), *MARKS)


def notebook(*cells: Any) -> Any:
    return NBFORMAT.v4.new_notebook(cells=[*cells], metadata={"language_info": {"name": "python"}})


def printed(text: str, kind: str = "") -> Any:
    """A cell whose output is that text, or HTML."""
    cell = NBFORMAT.v4.new_code_cell("print(1)", id="a", execution_count=1)
    data = {"text/html": text, "text/plain": "no text"}
    cell.outputs = [
        NBFORMAT.v4.new_output("display_data", data=data)
        if kind
        else NBFORMAT.v4.new_output("stream", name="stdout", text=text)
    ]
    return cell


def shown(*cells: Any) -> Any:
    """The tree that the builder's extensions of Markdown make of a page of such cells."""
    extensions = ["attr_list", "footnotes", "md_in_html", "tables", "toc", "pymdownx.superfences"]
    _, _, text = page(notebook(*cells)).partition("---\n")[2].partition("---\n")
    return lxml.html.fragment_fromstring(Markdown(extensions=extensions).convert(text), "div")


@pytest.mark.parametrize("text", TEXTS)
def test_an_output_is_shown_as_the_text_that_it_is(text: str) -> None:
    tree = shown(NBFORMAT.v4.new_markdown_cell("# N"), printed(text))
    (output,) = tree.xpath("//div[contains(@class, 'jp-OutputArea-output')]/pre")
    assert output.text_content().strip() == text.strip()
    assert [heading.text_content() for heading in tree.xpath("//h1")] == ["N"]
    (code,) = tree.xpath("//div[@class = 'highlight-ipynb']/pre")
    assert code.text_content().strip() == "print(1)"
    assert [*active.dangers(tree)] == []
    assert tree.xpath("//a | //li | //script") == []


def test_html_of_an_output_ends_within_its_cell_and_brings_no_markdown_along() -> None:
    hostile = "</div></div></div></div>\n\n[x](y)\n\n<div markdown='1'>\n\n# Large\n\n</div><b>&lt;"
    tree = shown(printed(hostile, "html"), NBFORMAT.v4.new_markdown_cell("*After* it."))
    assert tree.xpath("//a | //h1") == []
    (after,) = tree.xpath("./p")
    assert after.text_content() == "After it."
    assert "[x](y)" in tree.text_content()
    assert "# Large" in tree.text_content()


def test_a_picture_without_words_says_so_and_one_with_words_keeps_them() -> None:
    tree = shown(printed('<img src="data:image/png;base64,AA" alt="A &amp; `b`">', "html"))
    assert tree.xpath("//img/@alt") == ["A & `b`"]
    tree = shown(printed('<img src="data:image/png;base64,AA">', "html"))
    assert tree.xpath("//img/@alt") == ["No description has been provided for this image"]


def test_links_of_the_notebook_lead_to_pages_and_those_of_pages_to_the_notebook() -> None:
    text = "[a](studies/x.html#b) [c](x.html) [d](https://e.org/f.html) `x.html`"
    other = "[n](../notebook.ipynb) [m](notebook.ipynb#a) my-notebook.ipynb [o](my/notebook.ipynb)"
    files = {"a/b.md": other.encode(), SOURCE: b"{}", "c.txt": b"[n](notebook.ipynb)"}
    found = with_page(files, notebook(NBFORMAT.v4.new_markdown_cell(text)))
    assert found[PAGE].decode().splitlines()[-1] == (
        "[a](studies/x.md#b) [c](x.md) [d](https://e.org/f.html) `x.html`"
    )
    assert found["a/b.md"].decode() == (
        "[n](../notebook.md) [m](notebook.md#a) my-notebook.ipynb [o](my/notebook.ipynb)"
    )
    assert {name: found[name] for name in (SOURCE, "c.txt")} == {
        name: files[name] for name in (SOURCE, "c.txt")
    }


def test_the_plugin_makes_the_page_unless_the_environment_says_otherwise() -> None:
    assert [is_staged({WAY: way}) for way in ("", "plugin", "staged")] == [False, False, True]
    assert not is_staged({})
    with pytest.raises(PageError, match=r"BNREPORT_NOTEBOOK to be plugin or staged.*'other'"):
        is_staged({WAY: "other"})


def test_pages_name_the_notebook_where_the_staged_way_finds_it() -> None:
    """A link to it in another form would lead to a file that is downloaded."""
    found = [
        (path.name, line)
        for path in sorted((ROOT / "docs").rglob("*.md"))
        for line in path.read_text(encoding="utf-8").splitlines()
        if "/notebook.ipynb" in line or "(notebook.ipynb" in line
    ]
    assert len(found) > 3
    rewritten = with_page(
        {f"{n}.md": line.encode() for n, (_, line) in enumerate(found)}, notebook()
    )
    left = [text for name, text in rewritten.items() if name != PAGE and SOURCE.encode() in text]
    assert left == []
