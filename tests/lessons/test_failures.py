"""The page on failures: its numbers are right, and its list says what its chart says."""

import re

import numpy as np
import pytest

from bnreport.lessons.failures import LARGE, classes, large_mean, padded, tenths, two_kinds
from bnreport.lessons.sorted_batches import CLASSES, means, scores
from docs.downloads.bn_doctor import ROWS
from tests.pages.test_pictures import SVG, drawn, texts
from tests.synthetic import DOCS

PAGE = (DOCS / "learn" / "failures.md").read_text(encoding="utf-8")


def test_two_classes_lie_where_the_page_says() -> None:
    random = np.random.default_rng(0)
    both = [random.normal(side * 2.0, 1.0, 100_000) for side in (-1, 1)]
    mixed = np.concatenate(both)
    distance, spread = classes(2.0)["mixed"]
    upper = (both[1] - mixed.mean()) / mixed.std()
    assert (upper.mean(), upper.std()) == pytest.approx((distance, spread), abs=0.01)
    # Sorted: the averages of the batches' own means and variances.
    mean, variance = np.mean([x.mean() for x in both]), np.mean([x.var() for x in both])
    served = (both[1] - mean) / np.sqrt(variance)
    assert (served.mean(), served.std()) == pytest.approx(classes(2.0)["inference"], abs=0.01)


def test_zeros_move_mean_and_variance_as_the_page_says() -> None:
    x = np.random.default_rng(0).normal(1.0, 1.0, 100_000)
    for share in (0.25, 0.75):
        filled = np.where(np.arange(x.size) < share * x.size, 0.0, x)
        assert (filled.mean(), filled.var()) == pytest.approx(padded(share), abs=0.02)


@pytest.mark.slow
def test_sorted_batches_are_read_from_the_company_and_mixed_ones_from_the_image() -> None:
    mixed, alone = means(True), means(False)
    assert min(mixed.printed, mixed.trained, mixed.fresh) > 0.9
    assert alone.printed > 0.9
    # Chance is a quarter, on the very images that it was trained on.
    assert max(alone.trained, alone.fresh) < 1 / CLASSES + 0.15
    # What the page says holds for other weights, too.
    assert scores(False, 9).trained < 0.5 < scores(False, 9).printed
    assert (tenths(0.958, False), tenths(0.31, True)) == ("over 90%", "under 40%")


def test_one_layer_for_two_kinds_keeps_the_spread_of_one_and_the_mean_of_neither() -> None:
    kept, ends = two_kinds((0.0, 10.0))
    assert float(kept.mean[0]) == pytest.approx(5.0, abs=0.05)
    assert float(kept.variance[0]) == pytest.approx(1.0)
    assert ends == pytest.approx((-5.0, 5.0), abs=0.05)


def test_a_large_mean_costs_digits_the_more_when_it_is_multiplied_first() -> None:
    first, second = zip(*(large_mean(mean) for mean in LARGE), strict=True)
    assert list(first) == sorted(first)
    assert all(a > b for a, b in zip(first, second, strict=True))
    assert first[0] < 1e-5
    assert first[-1] > 0.05


def anchors() -> set[str]:
    """The places of the page that a link can name."""
    headings = re.findall(r"^#+ (.+)$", PAGE, re.MULTILINE)
    given = [re.search(r"\{#([\w-]+)\}$", heading) for heading in headings]
    return {
        own[1] if own else re.sub(r"\W+", "-", heading.lower()).strip("-")
        for heading, own in zip(headings, given, strict=True)
    } | {*re.findall(r"\{ #([\w-]+) \}", PAGE)}


def test_the_list_of_questions_has_those_of_the_chart_and_links_that_lead_somewhere() -> None:
    listed = re.findall(r"^(\d\. )\*\*", PAGE, re.MULTILINE)
    assert listed == [
        words[:3] for words in texts("failures/flow", "middle") if re.match(r"\d\. ", words)
    ]
    assert set(re.findall(r"\]\(#([\w-]+)\)", PAGE)) <= anchors()


def test_each_box_of_the_chart_is_a_link_that_leads_to_what_it_says() -> None:
    chart = drawn("failures/flow")
    links = {
        " ".join(text.text for text in link.iter(f"{SVG}text")): link.get("href", "").strip("#")
        for link in chart.iter(f"{SVG}a")
    }
    boxes = [part for part in chart.iter(f"{SVG}rect") if "box" in part.get("class", "").split()]
    assert len(links) == len(boxes) == 14
    assert {*links.values()} <= anchors()
    for words, place in links.items():
        if number := re.match(r"\d", words):
            assert place == f"question-{number[0]}"
    assert links["Served in training mode"] == "served-in-training-mode"
    # In the order of the page, so that the keyboard goes the way of the arrows.
    numbered = [place for place in links.values() if place.startswith("question")]
    assert numbered == sorted(numbered)


def test_every_fix_stands_on_the_page_once_and_in_every_library() -> None:
    files = (DOCS / "learn" / "_code" / "failures").glob("*.py")
    fixes: dict[str, set[str]] = {}
    for path in files:
        name, library, _ = path.name.split(".")
        fixes.setdefault(name, set()).add(library)
    assert sorted(re.findall(r'tabs\("failures/([\w-]+)"\)', PAGE)) == sorted(fixes)
    fewer = {name for name, libraries in fixes.items() if libraries != {"keras", "torch", "flax"}}
    # Only there does a module hold no state.
    assert fewer == {"passed-on"}


def test_the_doctor_knows_the_rows_and_the_places_of_the_page() -> None:
    source = (DOCS / "downloads" / "bn_doctor.py").read_text(encoding="utf-8")
    named = {*re.findall(r'"((?:[a-z]+-)+[a-z]+)"', source)}
    assert len(named) > 10
    assert named <= anchors()
    rows = re.findall(r"^\| (low|high) \| (low|high) \| (low|high) \|", PAGE, re.MULTILINE)
    assert [", ".join(row) for row in rows] == [row for row, _ in ROWS.values()]


def test_there_are_many_questions_and_each_leads_on() -> None:
    text = (DOCS / "learn" / "questions.md").read_text(encoding="utf-8")
    asked = re.split(r"^### ", text, flags=re.MULTILINE)[1:]
    assert len(asked) >= 20
    for answer in asked:
        question = answer.splitlines()[0]
        assert question.endswith("?"), question
        assert re.search(r"\]\([\w./#-]+\)|see\(|say\(|value\(", answer), question
