"""Formulas become MathML that Markdown leaves alone."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import lxml.etree
import markdown  # type: ignore[import-untyped]
import pypandoc
import pytest

from bnreport.errors import PageError
from bnreport.lessons.formulas import FORMULAS
from bnreport.pages.library.mathml import convert, mathml
from tests.faulty import faulty

# Elements of a tree; lxml comes without types.
Part = Any
MATHML = "{http://www.w3.org/1998/Math/MathML}"


def tree(tex: str, display: bool = False) -> Part:
    return lxml.etree.fromstring(mathml(tex, display))


@pytest.mark.slow
def test_all_formulas_are_converted_in_one_call(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []
    pandoc = pypandoc.convert_text

    def counted(text: str, *words: Any, **options: Any) -> str:
        calls.append(text)
        converted: str = pandoc(text, *words, **options)
        return converted

    monkeypatch.setattr(pypandoc, "convert_text", counted)
    formulas = [(tex, display) for tex in FORMULAS.values() for display in (True,)]
    together = convert(formulas)
    assert len(calls) == 1
    assert [*together.values()] == [mathml(*formula) for formula in formulas]


def test_one_bad_formula_among_many_is_named_and_so_is_another() -> None:
    bad = [(r"\frac{1}{", True), (r"\nosuch{x}", False)]
    with pytest.raises(PageError) as error:
        convert([("x", False), bad[0], ("y", True), bad[1]])
    told = str(error.value).splitlines()
    assert [repr(tex) in line for (tex, _), line in zip(bad, told, strict=True)] == [True, True]


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


SCRIPTS = ("msup", "msub", "msubsup")
FENCES = {"(": ")", "[": "]", "{": "}", "|": "|", "‖": "‖", "∥": "∥"}


def word(part: Part) -> str:
    return (part.text or "").strip() if part.tag == f"{MATHML}mo" else ""


def powers_of_a_closing_bracket(root: Part) -> Iterator[str]:
    """The scripts of a formula that belong to the last bracket, and not to all that it holds."""
    for script in root.iter(*(MATHML + s for s in SCRIPTS)):
        if word(script[0]) in FENCES.values():
            yield "".join(script.itertext())


def loose_brackets(root: Part) -> Iterator[str]:
    """What is wrong with the brackets of a formula, each pair of which is a group of its own."""
    loose: list[str] = []
    for row in root.iter(f"{MATHML}mrow", f"{MATHML}mtd", f"{MATHML}math", f"{MATHML}msqrt"):
        inside = [part for part in row if word(part) in {*FENCES, *FENCES.values()}]
        if row.tag == f"{MATHML}mtd":
            # What a later row closes keeps one size.
            if not all(part.get("minsize") and sized(part) for part in inside):
                yield f"grows: {''.join(row.itertext())}"
            loose += map(word, inside)
        elif inside and not paired(row, inside):
            yield f"no pair: {''.join(row.itertext())}"
    if loose not in ([], ["(", ")"]):
        yield f"across rows: {loose}"


def sized(part: Part) -> bool:
    return bool(part.get("minsize") == part.get("maxsize"))


def paired(row: Part, inside: list[Part]) -> bool:
    """Whether a group begins and ends with a pair of brackets, and has no others of its own."""
    if len(inside) != 2:
        return False
    first, last = inside
    sides = (first.get("form"), last.get("form")) == ("prefix", "postfix")
    return sides and FENCES.get(word(first)) == word(last) and (row[0], row[-1]) == (first, last)


def unread(root: Part) -> Iterator[str]:
    """The words of a formula, where they hold a mark that is not read out, or nothing."""
    words = root.get("alttext") or ""
    if not re.fullmatch(r"[A-Za-z0-9 ,;:.#{}()']+", words):
        yield repr(words)


@pytest.mark.parametrize("faults", [powers_of_a_closing_bracket, loose_brackets, unread])
def test_a_displayed_formula_has_grouped_brackets_and_can_be_read_out(
    faults: Callable[[Part], Iterator[str]],
) -> None:
    found = convert([(tex, True) for tex in FORMULAS.values()])
    trees = {name: lxml.etree.fromstring(found[tex, True]) for name, tex in FORMULAS.items()}
    assert faulty(trees, faults) == {}


@pytest.mark.parametrize(
    ("faults", "change"),
    [
        (powers_of_a_closing_bracket, ("<msup><mrow>", "<msup><mo>)</mo><mrow>")),
        (loose_brackets, ('form="prefix"', 'form="postfix"')),
        (loose_brackets, (">(<", ">[<")),
        (loose_brackets, ("<mrow>", "<mrow><mn>1</mn>")),
        (unread, ('alttext="', 'alttext="∑')),
        (unread, ('alttext="', 'other="')),
    ],
)
def test_a_formula_of_loose_brackets_or_without_words_is_told(
    faults: Callable[[Part], Iterator[str]], change: tuple[str, str]
) -> None:
    sound = mathml(r"(a + b)^2", display=True)
    broken = sound.replace(*change)
    trees = {"sound": lxml.etree.fromstring(sound), "broken": lxml.etree.fromstring(broken)}
    assert list(faulty(trees, faults)) == ["broken"], broken


def test_nested_brackets_and_bars_are_groups_within_groups() -> None:
    (power,) = tree(r"\bigl( a + (b + |c|)_2 \bigr)^2").iter(f"{MATHML}msup")
    group = power[0]
    assert "".join(group.itertext()) == "(a+(b+|c|)2)"
    (index,) = group.iter(f"{MATHML}msub")
    assert "".join(index[0].itertext()) == "(b+|c|)"
    (bars,) = [g for g in index.iter(f"{MATHML}mrow") if word(g[0]) == "|"]
    assert "".join(bars.itertext()) == "|c|"


@pytest.mark.parametrize("tex", ["(a", "a)", "(a]", "[0, 1)", r"(a)^2)", "|a"])
def test_a_bracket_without_its_partner_is_refused(tex: str) -> None:
    with pytest.raises(PageError, match="bracket of a formula in a pair"):
        mathml(tex)


def test_a_root_is_as_tall_as_a_letter_and_stands_in_no_line_of_text() -> None:
    (root,) = tree(r"\sqrt{\varepsilon}", display=True).iter(f"{MATHML}msqrt")
    assert root.find(f"{MATHML}mspace").get("height") == "0.8em"
    with pytest.raises(PageError, match="no root within a line"):
        mathml(r"\sqrt{\varepsilon}")


@pytest.mark.parametrize(
    ("tex", "words"),
    [
        (r"\hat{x}_i", "x hat sub i"),
        (r"\frac{a + b}{2}", "( a plus b ) over 2"),
        (r"\sqrt{\sigma^2 + \varepsilon}", "the root of ( sigma squared plus epsilon )"),
        (r"\frac{1}{N} \sum_{i=1}^{N} x_i", "1 over N the sum from i equals 1 to N of x sub i"),
        (r"\lVert w \rVert^2 = 1", "the norm of w, squared equals 1"),
        (r"(x - \mu)^{k-1}", "( x minus mu ) to the power of ( k minus 1 )"),
        (r"a, \quad b", "a, b"),
        (r"\begin{aligned} a &= b \\ c &= d \end{aligned}", "a equals b; c equals d"),
    ],
)
def test_a_formula_is_said_in_words_for_those_who_hear_it(tex: str, words: str) -> None:
    assert tree(tex, display=True).get("alttext") == words


@pytest.mark.parametrize(
    ("tex", "stretches"),
    [
        (r"\lVert w_{t+1} \rVert^2", False),
        (r"\left| x_i \right|", False),
        (r"\left| \frac{w}{2} \right|", True),
    ],
)
def test_the_bars_of_a_norm_are_as_tall_as_what_they_hold(tex: str, stretches: bool) -> None:
    bars = re.findall(r"<mo ([^>]*)>(?:‖|\||&#124;)</mo>", mathml(tex, display=True))
    assert len(bars) == 2
    assert {'stretchy="false"' not in bar for bar in bars} == {stretches}


def test_a_prime_stands_at_its_letter_and_is_raised_once() -> None:
    shown = mathml("b' + x^2", display=True)
    assert re.search(r'<mrow><mi>b</mi><mo lspace="0" rspace="0">′</mo></mrow>', shown)
    assert shown.count("<msup>") == 1
    assert 'alttext="b prime plus x squared"' in shown
