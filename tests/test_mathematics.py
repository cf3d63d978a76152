"""Formulas become MathML that Markdown leaves alone."""

import re

import lxml.etree
import markdown  # type: ignore[import-untyped]
import pytest

from bnreport.errors import PageError
from bnreport.mathematics import mathml

MATHML = "{http://www.w3.org/1998/Math/MathML}"


def tree(tex: str, display: bool = False) -> lxml.etree._Element:
    return lxml.etree.fromstring(mathml(tex, display))


def test_a_fraction_has_its_two_parts() -> None:
    fraction = tree(r"\frac{a}{b + 1}").find(f".//{MATHML}mfrac")
    assert ["".join(part.itertext()) for part in fraction] == ["a", "b+1"]


def test_aligned_rows_stay_rows() -> None:
    found = tree(r"\begin{aligned} a &= b \\ c &= d \end{aligned}", display=True)
    rows = [["".join(cell.itertext()) for cell in row] for row in found.iter(f"{MATHML}mtr")]
    assert rows == [["a", "=b"], ["c", "=d"]]


def test_a_formula_says_whether_it_stands_alone() -> None:
    assert tree("x").get("display") == "inline"
    assert tree("x", display=True).get("display") == "block"


@pytest.mark.parametrize("tex", [r"\hat{x}_i * y^*", r"[a_1]_{b}", r"|z_1| |z_2|", r"\text{a_b}"])
def test_no_tex_and_no_mark_of_markdown_is_left(tex: str) -> None:
    text = mathml(tex)
    assert not re.search(r"[\\_*`|\[\]\n]", text)
    assert "annotation" not in text
    assert markdown.markdown(f"Let {text} be.") == f"<p>Let {text} be.</p>"


@pytest.mark.parametrize(
    "tex",
    [
        "",
        " x",
        "a$b",
        "a$ and $b",
        "a\n\nb",
        r"\frac{1}{",
        r"\nosuch{x}",
        r"\begin{aligned} a",
    ],
)
def test_what_is_not_one_whole_formula_is_refused(tex: str) -> None:
    with pytest.raises(PageError, match="formula") as error:
        mathml(tex)
    assert repr(tex) in str(error.value)
