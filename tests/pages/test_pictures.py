"""Pictures of the explainer: legible on a phone, described, bound to what the lessons compute."""

import re
from functools import cache
from pathlib import Path
from typing import Any

import lxml.etree
import pytest

from bnreport.errors import PageError
from bnreport.lessons import NAMES
from bnreport.lessons.axes import NORMALIZERS
from bnreport.lessons.backward import ARRIVING
from bnreport.lessons.by_hand import BATCH, BETA, GAMMA
from bnreport.lessons.pieces import normalized
from bnreport.lessons.why import TIMELINE
from bnreport.pages.pictures import filled, pictures_of
from bnreport.pages.render import worked
from bnreport.presentation.phone import COLUMN
from bnreport.presentation.tables import Analysis
from bnreport.reference import EPSILON, node_names
from tests.pages.test_view import rendered
from tests.shared import kept
from tests.synthetic import DOCS

SVG = "{http://www.w3.org/2000/svg}"
FILES = {f"{name}/{path.stem}": path for name in NAMES for path in pictures_of(DOCS, name).values()}
each_picture = pytest.mark.parametrize("name", FILES)
# The smallest text that can be read on a phone, in pixels.
LEAST = 11


@cache
def analysis_of(lesson: str) -> Analysis:
    """What a lesson computes, which a build or another test may have kept here."""
    return worked(lesson, kept())


def drawn(name: str) -> lxml.etree._Element:
    lesson, _, picture = name.partition("/")
    numbers = analysis_of(lesson).pictures.get(picture, {})
    text = filled(FILES[name], numbers)
    return lxml.etree.fromstring(text.replace(" data-search-exclude", "", 1))


def texts(name: str, *classes: str) -> list[str]:
    return [
        element.text
        for element in drawn(name).iter(f"{SVG}text")
        if element.text and {*classes} <= {*element.get("class", "").split()}
    ]


def description(name: str) -> str:
    (found,) = drawn(name).iter(f"{SVG}desc")
    return " ".join((found.text or "").split())


def test_every_file_of_the_folder_belongs_to_a_lesson() -> None:
    assert {*FILES.values()} == {*DOCS.glob("learn/pictures/**/*.*")}
    assert {name for name in NAMES if analysis_of(name).pictures} <= {
        name.partition("/")[0] for name in FILES
    }


@each_picture
def test_a_picture_is_no_wider_than_a_phone_and_colours_itself(name: str) -> None:
    # Without marks it is SVG, too, which an editor opens.
    assert lxml.etree.parse(FILES[name]).getroot().tag == f"{SVG}svg"
    root = drawn(name)
    assert root.get("class") == "picture"
    left, top, width, height = map(float, root.get("viewBox", "").split())
    assert (left, top, width) == (0, 0, COLUMN)
    assert height > 0
    named = {attribute for element in root.iter() for attribute in element.attrib}
    assert not named & {"style", "fill", "stroke", "font-size", "font-family"}


def test_no_text_of_a_picture_is_too_small_to_read() -> None:
    css = (DOCS / "assets" / "site.css").read_text(encoding="utf-8")
    rules = re.findall(r"^\.picture [^{]*\{([^}]*)\}", css, re.MULTILINE)
    sizes = [
        float(size) for rule in rules for size in re.findall(r"font(?:-size)?: ([\d.]+)px", rule)
    ]
    assert len(sizes) > 2
    assert min(sizes) >= LEAST


@each_picture
def test_a_picture_has_a_name_and_a_description_and_refers_to_itself_alone(name: str) -> None:
    root = drawn(name)
    ids = [element.get("id", "") for element in root.iter() if element.get("id")]
    # What is within a picture is read as one whole, unless it leads somewhere.
    links = [*root.iter(f"{SVG}a")]
    assert root.get("role") == ("group" if links else "img")
    # Two pictures of one page must not share a name.
    assert all(found.startswith(f"{FILES[name].stem}-") for found in ids)
    assert len(set(ids)) == len(ids)
    title, desc = root.get("aria-labelledby", "").split()
    assert {title, desc} <= {*ids}
    (heading,) = (element for element in root.iter(f"{SVG}text") if element.get("id") == title)
    assert heading.get("class") == "title"
    assert len(description(name)) > 80
    parts = [element for element in root.iter() if element not in links]
    values = [value for element in parts for value in element.attrib.values()]
    used = {found for value in values for found in re.findall(r"url\(#(.*?)\)|^#(.+)$", value)}
    assert {one or other for one, other in used} <= {*ids}
    assert not any("://" in value or "url(" in value.replace("url(#", "") for value in values)


@pytest.mark.parametrize("name", ["choosing/chart", "failures/flow", "backward/graph"])
def test_a_chart_is_described_by_what_its_boxes_say(name: str) -> None:
    told = description(name).casefold()
    assert [text for text in texts(name, "middle") if text.casefold() not in told] == []


def test_the_graph_has_the_nodes_of_the_reference() -> None:
    assert tuple(texts("backward/graph", "bold", "bn")) == node_names()


def test_the_pools_are_those_that_the_normalizers_average_over() -> None:
    side, found = 31, []
    for element in drawn("axes/pools").iter(f"{SVG}path"):
        if element.get("class", "").startswith("cell "):
            across, down = re.findall(r"[HV](\d+)", element.get("d", ""))[:2]
            found.append((int(down) // side, int(across) // side))
    assert found == [kind.block(3, 4, 2) for kind in NORMALIZERS]
    labels = [kind.label for kind in NORMALIZERS]
    assert texts("axes/pools", "bold")[: len(labels)] == labels


def test_numbers_of_pictures_are_those_of_their_lessons() -> None:
    values = analysis_of("what").values
    column = texts("what/column", "middle")
    assert {values["first.normalized"].text, values["first.after"].text} <= {*column}
    assert f"− {values['mean'].text}" in column
    assert f"÷ {values['deviation'].text}" in column
    assert [text for text in texts("scale/steps") if "turns" in text] == [
        "turns by 27°",
        "turns by 7°",
    ]
    dropped = analysis_of("interplay").values["dropout.half"].text
    assert texts("interplay/orders", "small", "middle")[:2] == [
        f"in training {dropped}",
        "at inference 1",
    ]
    assert ", ".join(f"{value:g}" for value in BATCH) in description("by-hand/stages")
    arriving = ", ".join(f"{value:.2f}" for value in ARRIVING)
    assert f"that arrives is {arriving}." in description("backward/lost")


def test_dots_of_a_batch_lie_where_its_axes_put_them() -> None:
    batch: Any = normalized(BATCH, ARRIVING, GAMMA, BETA, EPSILON)
    dots = [float(circle.get("cx", "")) for circle in drawn("by-hand/stages").iter(f"{SVG}circle")]
    axes = {"x": (87, 7.7), "normalized": (164, 154 / 3), "output": (164, 19.25)}
    rows = [[zero + one * value for value in batch[key]] for key, (zero, one) in axes.items()]
    assert dots == pytest.approx(
        [place for dot in zip(*rows, strict=True) for place in dot], abs=0.06
    )


def test_bars_of_a_gradient_add_up_to_what_arrives() -> None:
    bars = [
        float(re.findall(r"V([\d.]+)", path.get("d", ""))[0])
        for path in drawn("backward/lost").iter(f"{SVG}path")
        if "filled" in path.get("class", "")
    ]
    arrives, shift, stretch, passes = (
        [(level - end) / 22 for end in bars[first : first + 4]]
        for first, level in ((1, 150), (5, 208), (9, 266), (13, 324))
    )
    assert arrives == pytest.approx(ARRIVING)
    sums = [sum(parts) for parts in zip(shift, stretch, passes, strict=True)]
    assert sums == pytest.approx(arrives, abs=0.01)
    assert sum(passes) == pytest.approx(0, abs=0.01)


def test_curves_of_sorted_batches_lie_where_the_lesson_puts_the_classes() -> None:
    values = analysis_of("failures").values
    peaks = []
    for path in drawn("failures/sorted").iter(f"{SVG}path"):
        numbers = [float(number) for number in re.findall(r"-?[\d.]+", path.get("d", ""))]
        points = [*zip(numbers[::2], numbers[1::2], strict=False)]
        if len(points) > 10:
            peaks.append((min(points, key=lambda point: point[1])[0] - 164) / 34)
    apart, far = (float(values[f"sorted.{name}"].text) for name in ("mixed", "inference"))
    assert peaks == pytest.approx([apart, -apart, 0, 0, far, -far], abs=0.06)


def test_the_timeline_holds_every_event_in_order() -> None:
    ideas = [event.idea for event in TIMELINE]
    assert [text for text in texts("why/timeline", "small") if text in ideas] == ideas
    asked = [
        "solid" in circle.get("class", "") for circle in drawn("why/timeline").iter(f"{SVG}circle")
    ]
    assert asked[2:] == [event.measured for event in TIMELINE]


def test_a_mark_without_a_number_is_refused_with_the_names_that_there_are(tmp_path: Path) -> None:
    path = tmp_path / "a.svg"
    path.write_text("<?xml?>\n<svg><text>[[ mean ]]</text></svg>\n", encoding="utf-8")
    assert filled(path, {"mean": "<2"}) == "<svg data-search-exclude><text>&lt;2</text></svg>"
    with pytest.raises(PageError, match=r"works in a\.svg: deviation\. Received: 'mean' is undef"):
        filled(path, {"deviation": "1"})


HEAD = "---\ntitle: Why\ndescription: It shifts.\n---\n"


def test_a_page_shows_its_pictures_and_no_other(tmp_path: Path) -> None:
    folder = tmp_path / "learn" / "pictures" / "choosing"
    folder.mkdir(parents=True)
    (folder / "one.svg").write_text('<?xml?>\n<svg class="picture"></svg>\n', encoding="utf-8")
    page = '[[ lesson("choosing").picture("one", "A caption.") ]]'
    text = rendered(tmp_path, choosing=HEAD + page).files["learn/choosing.md"]
    assert (
        'id="figure-one">\n<svg data-search-exclude class="picture"></svg>\n<figcaption>A caption.'
        in text
    )
    with pytest.raises(PageError, match=r"docs/learn/choosing\.md: one\. Received: 'two'"):
        rendered(tmp_path, choosing=HEAD + page.replace('"one"', '"two"'))
    with pytest.raises(PageError, match=r"figure 'one' of choosing on none"):
        rendered(tmp_path, choosing=HEAD)
