"""The pieces to touch: their numbers are the reference's, and hand and keyboard move them."""

import gzip
import json
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page

from bnreport.lessons import analysis_of, pools, room
from bnreport.lessons.by_hand import BATCH, BETA, GAMMA
from bnreport.lessons.chase import DEVIATION, IMAGES, MEAN, SIZE, Settings, ended
from bnreport.lessons.diagnosis import EXAMPLES, LIBRARIES, ROWS, START, TITLES, diagnose, weigh
from bnreport.lessons.pieces import DRIFTING, PIECES, STORED, at_inference, normalized
from bnreport.reference import EPSILON
from tests import printouts
from tests.browser import lone as alone
from tests.browser.visits import (
    ALIKE,
    DESK,
    LEVELS,
    MARKED,
    MEETING,
    OF_COLOURS,
    PHONE,
    SCHEMES,
    listen,
    opened,
    resize,
)
from tests.synthetic import DOCS

pytestmark = pytest.mark.browser

SCRIPTS = DOCS / "assets" / "pieces"
# Where each piece stands, and in which view.
PLACES = {
    "batch": ("learn/what.html", "learn/by-hand.html", "learn/backward.html"),
    "averages": ("learn/inference.html", "studies/lag.html"),
    "diagnoser": ("learn/failures.html",),
    "bet": ("index.html",),
    "compass": ("learn/scale.html",),
    "room": ("learn/small-batches.html",),
    "share": ("learn/axes.html",),
    "compare": ("compare.html",),
    "lab": ("learn/why.html",),
}
EACH = [(name, page) for name, pages in PLACES.items() for page in pages]
# The bet and the form for a curve lie over figures of their own.
DRAWN = [(name, page) for name, page in EACH if name in PIECES]
each_place = pytest.mark.parametrize(("name", "page"), EACH, ids=[page for _, page in EACH])
CHASE = PLACES["averages"][0]
FAILURES = PLACES["diagnoser"][0]
SMALL = PLACES["room"][0]
SHARE = PLACES["share"][0]
# What rounding may do; float64 has about 16 digits.
ROUNDING = 1e-9
# Decimals in the tables of a piece.
SHOWN = 1e-4


def come(page: Page, address: str, name: str) -> Locator:
    """Open a page and scroll to its piece, until it lives."""
    page.goto(address)
    page.locator(f"#figure-{name}").scroll_into_view_if_needed()
    page.locator(f"#figure-{name}.piece--live").wait_for()
    # What trains is drawn as far as it has come.
    page.locator(f"#figure-{name} [aria-busy=true]").wait_for(state="detached")
    return page.locator(f"#figure-{name}")


@pytest.fixture(scope="module")
def address(lone: str) -> str:
    """The address of pages of one piece each."""
    return lone


@pytest.fixture(scope="module")
def what(browser: Browser) -> Iterator[Page]:
    """One page for all tests of the batch on it."""
    with opened(browser, "light", DESK) as page:
        yield page


def fresh(page: Page, address: str, name: str = "batch", path: str = "learn/what.html") -> Locator:
    """The piece as it begins: leaving the page forgets what the address says."""
    page.goto("about:blank")
    return come(page, address + path, name)


def column(piece: Locator, head: str) -> list[float]:
    """A column of the numbers that a piece shows on demand."""
    heads = piece.locator(".piece__numbers thead th").all_text_contents()
    cells = piece.locator(f".piece__numbers tbody tr > :nth-child({heads.index(head) + 1})")
    return [float(text.replace("−", "-")) for text in cells.all_text_contents()]


def press(piece: Locator, label: str, key: str, times: int = 1) -> None:
    """Press a key on the control of that label."""
    control = piece.get_by_label(label, exact=True)
    for _ in range(times):
        control.press(key)


def test_whoever_tabs_through_a_page_comes_to_its_piece(browser: Browser, whole: str) -> None:
    """On a phone nothing that can be reached lies near it, so that nothing would wake it."""
    with opened(browser, "light", PHONE) as page:
        page.goto(whole + PLACES["compare"][0])
        page.keyboard.press("Tab")
        page.locator("#figure-compare.piece--live").wait_for()
        for _ in range(20):
            page.keyboard.press("Tab")
            if page.evaluate("!!document.activeElement.closest('bn-compare')"):
                return
        pytest.fail("20 presses of Tab went by the piece.")


# ---- Its numbers are the reference's ----


def test_the_batch_computes_what_the_reference_computes(what: Page, address: str) -> None:
    fresh(what, address)
    rng = np.random.default_rng(3)
    for examples in (1, 2, 3, 8):
        for epsilon in (1e-8, EPSILON, 1.0):
            x, g = rng.normal(5, 8, (2, examples))
            gamma, beta = rng.normal(size=2)
            for case in (
                normalized(x, g, gamma, beta, epsilon),
                at_inference(x, g, gamma, beta, epsilon),
            ):
                found = what.evaluate(
                    """({x, g, gamma, beta, epsilon, stored}) => {
                      const { forward, backward } = window.bnreport.pieces.batch;
                      const made = forward(x, gamma, beta, epsilon, stored);
                      return [made.normalized, made.output, backward(g, made).x];
                    }""",
                    dict(case),
                )
                expected = [case[key] for key in ("normalized", "output", "gradient")]
                assert np.abs(np.array(found) - np.array(expected)).max() < ROUNDING


@each_place
def test_a_piece_repeats_its_cases_and_says_how_nearly(
    what: Page, address: str, name: str, page: str
) -> None:
    piece = fresh(what, address, name, page)
    difference = what.evaluate(f"document.querySelector('bn-{name}').difference")
    assert 0 <= difference < ROUNDING
    note = piece.locator(".piece__note").text_content() or ""
    handed: Any = what.evaluate(f"document.querySelector('bn-{name}').data")
    if name in PIECES:
        # Recorded nets are the page's to hand over.
        given = json.loads(json.dumps(PIECES[name]()))
        assert handed.keys() == given.keys()
        assert {key for key in given if handed[key] != given[key]} <= {"recorded"}
    assert len(handed["witnesses"]) > 4
    assert f"repeated {len(handed['witnesses'])} cases" in note
    digit, power = (f"{difference:.0e}" if difference else "0e0").split("e")
    superscript = str(int(power)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    assert f"{digit} × 10{superscript}" in note or (not difference and "more than 0." in note)


@pytest.mark.parametrize(("name", "page"), DRAWN, ids=[page for _, page in DRAWN])
def test_the_still_picture_is_what_the_piece_draws_at_first(
    browser: Browser, what: Page, address: str, name: str, page: str
) -> None:
    drawn = f"""() => [...document.querySelectorAll("#figure-{name} svg.picture *")]
      .filter((part) => part.matches("circle:not(.solid), text, path:not(.piece__grip)"))
      .map((part) => ["d", "cx", "cy", "x", "y"].map((key) => part.getAttribute(key) || "")
        .join(" ") + part.textContent)
      .map((text) => text.replace(/\\d+(\\.\\d+)?/g, (found) => Number(found).toFixed(1)))"""
    with opened(browser, "light", DESK, script=False) as still:
        still.goto(address + page)
        assert still.locator(f"#figure-{name} svg.picture").is_visible()
        assert not still.locator(f"#figure-{name} button, #figure-{name} input").count()
        before = still.evaluate(drawn)
    fresh(what, address, name, page)
    assert sorted(before) == sorted(what.evaluate(drawn))
    assert len(before) > 20


# ---- What a reader discovers, by keyboard ----


def test_one_example_moves_all_others(what: Page, address: str) -> None:
    piece = fresh(what, address)
    before = column(piece, "y")
    press(piece, "D", "ArrowRight", 8)
    after = column(piece, "y")
    assert column(piece, "x") == [3, 9, 11, 21]
    case = normalized([3, 9, 11, 21], [0] * 4, GAMMA, BETA, EPSILON)
    assert after == pytest.approx(case["output"], abs=SHOWN)
    *others, own = np.subtract(after, before)
    assert min(np.abs(others)) > 0.01
    told = piece.locator(".piece__told").text_content() or ""
    assert told == (
        f"D went from 17 to 21. Its output moved by +{own:.2f}, and A, B and C moved too, "
        f"by up to {max(np.abs(others)):.2f}: closer together."
    )
    piece.page.wait_for_timeout(900)
    assert piece.locator("[aria-live=polite]").text_content() == told


def test_all_together_move_nothing(what: Page, address: str) -> None:
    piece = fresh(what, address)
    before = column(piece, "y")
    press(piece, "Move all", "ArrowRight", 9)
    assert column(piece, "x") == [7.5, 13.5, 15.5, 21.5]
    assert column(piece, "y") == before
    assert "No output moved." in (piece.locator(".piece__told").text_content() or "")
    press(piece, "Stretch all", "ArrowRight", 20)
    assert column(piece, "x") == pytest.approx([14.5 - 9.8, 14.5 - 1.4, 14.5 + 1.4, 14.5 + 9.8])
    assert column(piece, "y") == pytest.approx(before, abs=SHOWN)
    assert "No output moved." in (piece.locator(".piece__told").text_content() or "")


def test_of_two_only_the_order_is_left_and_of_one_nothing(what: Page, address: str) -> None:
    piece = fresh(what, address)
    piece.get_by_role("button", name="Two", exact=True).press("Enter")
    for key in ("ArrowLeft", "PageUp"):
        press(piece, "B", key, 5)
        low, high = column(piece, "y")
        assert (low, high) == pytest.approx((BETA - GAMMA, BETA + GAMMA), abs=2 * SHOWN)
    # They pass each other.
    press(piece, "A", "End")
    press(piece, "B", "Home")
    assert column(piece, "y") == pytest.approx([BETA + GAMMA, BETA - GAMMA], abs=2 * SHOWN)
    piece.get_by_role("button", name="One alone").press("Enter")
    press(piece, "A", "ArrowRight", 3)
    assert column(piece, "x") == [4.5]
    assert column(piece, "y") == [BETA]
    assert piece.get_by_role("button", name="Take one out").is_disabled()


def test_an_outlier_stops_at_its_bound(what: Page, address: str) -> None:
    piece = fresh(what, address)
    piece.get_by_role("button", name="An outlier").press("Enter")
    press(piece, "D", "End")
    assert column(piece, "x")[-1] == 1500
    assert math.sqrt(3) - 1e-3 < column(piece, "x̂")[-1] < math.sqrt(3)
    told = piece.locator(".piece__told").text_content() or ""
    assert "Normalized, D has come to 1.732 of at most √3 = 1.732" in told
    # What is left lies between the normalized, whatever gamma makes of it.
    rest = column(piece, "x̂")[:-1]
    assert f"left with {max(rest) - min(rest):.2f} between them" in told
    assert f"left with {GAMMA * (max(rest) - min(rest)):.2f}" not in told


def test_stored_averages_set_the_examples_free(what: Page, address: str) -> None:
    piece = fresh(what, address)
    piece.get_by_label("Use stored averages").press("Space")
    before = column(piece, "y")
    press(piece, "D", "ArrowRight", 10)
    after = column(piece, "y")
    case = at_inference([3, 9, 11, 22], [0] * 4, GAMMA, BETA, EPSILON)
    assert after == pytest.approx(case["output"], abs=SHOWN)
    assert after[:3] == before[:3]
    assert "and no other" in (piece.locator(".piece__told").text_content() or "")
    press(piece, "Move all", "ArrowRight", 2)
    gain = GAMMA / math.sqrt(STORED["variance"] + EPSILON)
    assert column(piece, "y") == pytest.approx([y + gain for y in after], abs=2 * SHOWN)


def test_gamma_beta_and_a_number_typed_do_what_they_say(what: Page, address: str) -> None:
    piece = fresh(what, address, path="learn/by-hand.html")
    press(piece, "γ, gamma", "ArrowLeft", 5)
    press(piece, "β, beta", "ArrowRight", 10)
    press(piece, "ε, epsilon", "ArrowRight", 3)
    exact = piece.get_by_label("B as a number")
    exact.fill("-4.5")
    exact.press("Enter")
    case = normalized([3, -4.5, 11, 17], [0] * 4, 1.5, 2.0, 1.0)
    assert column(piece, "y") == pytest.approx(case["output"], abs=SHOWN)
    # What is no number changes nothing.
    exact.fill("")
    exact.press("Enter")
    assert column(piece, "x") == [3, -4.5, 11, 17]


def test_a_gradient_loses_its_mean_and_its_share_along_the_output(what: Page, address: str) -> None:
    piece = fresh(what, address, path="learn/backward.html")
    wish = piece.get_by_label("The loss rises with")
    for option in ("one", "alike", "stretch", "apart"):
        wish.select_option(option)
        for key in ("ArrowRight", "ArrowLeft"):
            press(piece, "B", key, 3)
            x, g, xhat, passed, gradient = (
                np.array(column(piece, head)) for head in ("x", "g", "x̂", "passes", "∂L/∂x")
            )
            expected = normalized(x, g, GAMMA, BETA, EPSILON)["gradient"]
            assert gradient == pytest.approx(expected, abs=SHOWN)
            assert passed.sum() == pytest.approx(0, abs=4 * SHOWN)
            assert passed @ xhat == pytest.approx(0, abs=8 * SHOWN)
        if option == "alike":
            assert np.abs(passed).max() < SHOWN
    # With an epsilon that counts, the factor is no longer gamma over sigma.
    press(piece, "ε, epsilon", "End")
    factor = GAMMA / math.sqrt(np.var(column(piece, "x")) + 100)
    row = piece.locator("svg.picture text", has_text="× γ/√(σ²+ε)")
    assert row.text_content() == f"× γ/√(σ²+ε) = {factor:.2f}"
    wish.select_option("stretch")
    assert "The shares do not add up" in told(piece)
    # Of two, nothing passes.
    piece.get_by_role("button", name="Start again").press("Enter")
    piece.get_by_role("button", name="Two", exact=True).press("Enter")
    wish.select_option("one")
    assert column(piece, "passes") == pytest.approx([0, 0], abs=2 * SHOWN)
    # As constants, the averages let all pass.
    piece.get_by_label("Use stored averages").press("Space")
    assert column(piece, "passes") == [1, 0]


# ---- Averages that chase a mean ----


def chased(page: Page, settings: Settings) -> list[float]:
    """The last point of a training, and how it serves, as the browser computes it."""
    found: list[float] = page.evaluate(
        """([settings, images, feature, epsilon]) => {
          const { drawn, chase, served } = window.bnreport.pieces.averages;
          const draws = drawn(settings.seed, settings.epochs * images);
          const last = chase(settings, { images, ...feature }, draws).at(-1);
          const { gap, spread } = served(last, feature.deviation, epsilon);
          const { truth, mean, variance, start, lag, chance } = last;
          return [truth, mean, variance, start, lag, chance, gap, spread];
        }""",
        [asdict(settings), IMAGES, {"mean": MEAN, "deviation": DEVIATION}, EPSILON],
    )
    return found


@pytest.mark.parametrize(
    "settings",
    [
        Settings(momentum=0.8, size=2, seed=5),
        Settings(speed=0.035, size=64, epochs=2, falling=True),
        Settings(momentum=0.995, size=4096, speed=0.05, epochs=3, anew=0, seed=7),
        Settings(momentum=0.0, size=8, anew=6875),
    ],
    ids=lambda settings: f"batches of {settings.size}",
)
def test_averages_are_those_of_the_reference(what: Page, address: str, settings: Settings) -> None:
    fresh(what, address, "averages", CHASE)
    assert chased(what, settings) == pytest.approx(ended(settings), abs=ROUNDING)


def last(piece: Locator, head: str) -> float:
    """The last number of a column."""
    return column(piece, head)[-1]


def test_the_lesson_s_own_example_and_what_closes_its_gap(what: Page, address: str) -> None:
    piece = fresh(what, address, "averages", CHASE)
    batches, lesson = IMAGES // SIZE + 1, analysis_of("inference").values
    assert last(piece, "batch") == batches
    assert f"{last(piece, 'gap'):.2f}" == lesson["example.typical"].text
    assert f"{last(piece, 'remembered mean'):.2f}" == lesson["example.m"].text
    press(piece, "Momentum", "ArrowLeft", 2)
    assert "0.9 in Keras and Flax, 0.1 in PyTorch" in (piece.text_content() or "")
    assert abs(last(piece, "gap")) < 0.01
    assert "from 2.38 to 0.00 deviations" in (piece.locator(".piece__told").text_content() or "")
    press(piece, "Momentum", "ArrowRight", 2)
    piece.get_by_role("button", name="Recalibrate").press("Enter")
    assert abs(last(piece, "gap")) < 0.05
    assert last(piece, "start") == last(piece, "lag") == 0


def test_a_drift_leaves_a_lag_that_no_wait_cures_and_a_falling_rate_does(
    what: Page, address: str
) -> None:
    piece = fresh(what, address, "averages", CHASE)
    press(piece, "Drift", "ArrowRight", 4)
    press(piece, "Batch size", "ArrowLeft", 4)
    settings = Settings(speed=0.02, size=32)
    heads = ("true mean", "remembered mean", "remembered variance", "start", "lag")
    for name, value in zip(heads, ended(settings), strict=False):
        assert last(piece, name) == pytest.approx(value, abs=1e-3)
    lag = last(piece, "lag")
    assert lag == pytest.approx(DEVIATION * 0.02 * 99, abs=1e-3)
    piece.get_by_role("button", name="One more epoch").press("Enter")
    assert last(piece, "lag") == pytest.approx(lag, abs=1e-3)
    piece.get_by_label("Learning rate").select_option("falls")
    assert last(piece, "lag") < lag / 10


def test_fresh_statistics_grow_old(what: Page, address: str) -> None:
    piece = fresh(what, address, "averages", CHASE)
    press(piece, "Drift", "ArrowRight", 4)
    piece.get_by_role("button", name="Recalibrate").press("Enter")
    assert abs(last(piece, "gap")) < 0.05
    piece.get_by_role("button", name="One more epoch").press("Enter")
    expected = ended(Settings(speed=0.02, epochs=2, anew=108))[6]
    assert last(piece, "gap") == pytest.approx(expected, abs=1e-3)
    assert expected > 1


def test_the_training_is_watched_batch_by_batch_and_with_reduced_motion_at_once(
    browser: Browser, address: str
) -> None:
    with opened(browser, "light", DESK) as page:
        piece = come(page, address + CHASE, "averages")
        press(piece, "Batches", "Home")
        # Before the first batch: mean 0 and variance 1.
        assert column(piece, "gap")[0] == pytest.approx(MEAN / math.sqrt(1 + EPSILON), abs=1e-3)
        assert "After 0 batches" in (piece.locator(".piece__told").text_content() or "")
        press(piece, "Batches", "ArrowRight", 3)
        piece.get_by_role("button", name="One batch on").press("Enter")
        seen = piece.get_by_label("Batches", exact=True)
        assert seen.input_value() == "4"
        piece.get_by_role("button", name="Run").press("Enter")
        page.wait_for_timeout(300)
        assert 4 < int(seen.input_value()) < 108
        piece.get_by_role("button", name="Stop").press("Enter")
        stopped = seen.input_value()
        page.wait_for_timeout(200)
        assert seen.input_value() == stopped
        page.emulate_media(reduced_motion="reduce")
        piece.get_by_role("button", name="Run").press("Enter")
        assert seen.input_value() == "108"


# ---- Three scores and their causes ----


def entries() -> Iterator[dict[str, str]]:
    """A grid of scores, with what is equal, at chance, too much, missing or hostile among them."""
    odd = ("", "NaN", "-Infinity", "101", "0.7", "-3", "1e1", "٣", "<img src=x onerror=alert(1)>")
    for averages in ("0", "10", "50%", "71.3", "98", "100", *odd):
        for batch, fresh in (("71.3", "98"), ("98", "71.3"), ("50%", "50%"), ("12", "10")):
            for more in (
                {},
                {"printed": "99,5", "size": "8", "library": "Flax", "images": "300"},
                {"printed": "75", "size": "1", "classes": "2", "library": "PyTorch"},
            ):
                yield {**START, "averages": averages, "batch": batch, "fresh": fresh, **more}
    for name in ("batch", "fresh", "printed", "images", "classes", "size", "library"):
        yield from ({**START, "images": "99", name: text} for text in (*odd, "{gap}", "9" * 60))
    yield {**START, "averages": "0.713", "batch": "0.98", "fresh": ".9801"}
    yield {**START, "averages": "98", "batch": "98", "fresh": "60", "printed": "98"}
    yield {**START, "averages": "95", "batch": "80", "fresh": "88", "images": "5,000"}
    yield {**START, "averages": "9.1", "batch": "11", "fresh": "10"}
    yield from ({**START, "images": images, "batch": "71.05"} for images in ("2", "20", "200"))
    yield {**START, "averages": "91.45", "batch": "91.5", "fresh": "91.4", "images": "60"}


def test_the_diagnosis_is_python_s(what: Page, address: str) -> None:
    fresh(what, address, "diagnoser", FAILURES)
    typed = [*entries()]
    found = what.evaluate(
        """(entries) => {
          const { rule } = document.querySelector("bn-diagnoser").data;
          return entries.map((typed) => window.bnreport.pieces.diagnoser.diagnose(typed, rule));
        }""",
        typed,
    )
    outcomes, titles = set(), set()
    for entry, said in zip(typed, found, strict=True):
        assert said == json.loads(json.dumps(asdict(diagnose(entry)))), entry
        outcomes.add(said["outcome"])
        titles.add(said["title"])
    # What is repaired in part is a title of the first row.
    assert outcomes == {row.name for row in ROWS} - {"unsettled"} | {*TITLES} - {"partly"}
    assert titles >= {*TITLES.values()}


def test_differences_are_weighed_as_in_python(what: Page, address: str) -> None:
    fresh(what, address, "diagnoser", FAILURES)
    rng = np.random.default_rng(4)
    cases = [(*rng.random(2), int(images)) for images in rng.integers(2, 5_000, 300)]
    cases += [(a, a - 0.03, images) for a in (0.9, 0.97, 0.5) for images in (200, 999, 20_000)]
    found = what.evaluate(
        """(cases) => {
          const { limits } = document.querySelector("bn-diagnoser").data.rule;
          const { weigh } = window.bnreport.pieces.diagnoser;
          return cases.map(([one, other, images]) => weigh(one, other, images, limits));
        }""",
        cases,
    )
    for case, weighed in zip(cases, found, strict=True):
        expected = weigh(*case)
        assert weighed["weight"] == expected.weight
        assert [weighed[name] for name in ("gap", "least", "most")] == pytest.approx(
            [expected.gap, expected.least, expected.most], abs=ROUNDING
        )


def causes(piece: Locator) -> list[str]:
    """The titles of the causes that are shown, in their order."""
    return piece.locator(".piece__answers li > a:first-child").all_text_contents()


def test_scores_are_entered_by_keyboard_and_causes_lead_to_their_fix(
    what: Page, whole: str
) -> None:
    piece = fresh(what, whole, "diagnoser", FAILURES)
    assert told(piece) == diagnose(START).sentence
    assert causes(piece)[0] == "Stale averages"
    # Ten steps of a tenth of a point.
    press(piece, "By fresh statistics", "ArrowLeft", 10)
    assert piece.get_by_label("By fresh statistics, typed").input_value() == "91%"
    assert "the images score 20 points more than by the averages" in told(piece)
    assert column(piece, "difference") == pytest.approx([20, 22, 2])
    field = piece.get_by_label("By fresh statistics, typed")
    field.fill("")
    assert told(piece).startswith("By fresh statistics: no number yet.")
    assert causes(piece) == []
    field.press_sequentially("0.713")
    assert told(piece) == diagnose({**START, "fresh": "71.3"}).sentence
    piece.get_by_label("By their own batch, typed").fill("93")
    assert "is 0.713 a share of 1, or percent?" in told(piece)
    field.fill("71.3")
    assert piece.locator("text.title").text_content() == "Only their own batch repairs it"
    assert causes(piece) == ["Data that moved", "One layer, two kinds of input"]
    piece.get_by_label("Library").select_option("PyTorch")
    fix = piece.get_by_role("link", name="Fix in PyTorch").first
    tab = (fix.get_attribute("href") or "").strip("#")
    fix.press("Enter")
    assert what.locator(f"#{tab}").is_checked()
    label = what.locator(f"label[for={tab}]")
    assert label.text_content() == "PyTorch"
    shown = label.locator("xpath=ancestor::div[contains(@class, 'tabbed-set')]")
    heading = shown.locator("xpath=preceding-sibling::*[self::h2 or self::h3][1]")
    assert heading.get_attribute("id") == "data-that-moved"
    assert shown.evaluate("set => set.getBoundingClientRect().top") < 900
    # Back, the scores are what they were.
    what.go_back()
    what.wait_for_timeout(400)
    assert "#diagnoser.batch=93&diagnoser.fresh=71.3&diagnoser.library=PyTorch" in what.url
    assert causes(piece)[0] == "Data that moved"


def test_every_cause_of_every_library_has_its_fix_where_the_page_has_one(
    what: Page, whole: str
) -> None:
    piece = fresh(what, whole, "diagnoser", FAILURES)
    without = set()
    for library in LIBRARIES:
        piece.get_by_label("Library").select_option(library)
        for example in EXAMPLES:
            piece.get_by_role("button", name=example, exact=True).press("Enter")
            assert told(piece) == diagnose({**START, **EXAMPLES[example]}).sentence
            for item in piece.locator(".piece__answers li").all():
                target = item.locator("a").first.get_attribute("href") or ""
                assert what.locator(target).count() == 1
                fixes = item.get_by_role("link", name=f"Fix in {library}")
                if not fixes.count():
                    without.add(target)
    # This one has no fix in code.
    assert without == {"#question-2"}


def test_a_sound_net_is_accused_of_nothing_and_an_address_is_only_text(
    what: Page, address: str
) -> None:
    piece = fresh(what, address, "diagnoser", FAILURES)
    piece.get_by_role("button", name="Sound").press("Enter")
    assert told(piece).startswith("These three scores show no fault of batch normalization.")
    assert causes(piece) == []
    state = "diagnoser.fresh=%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E&diagnoser.library=Basic"
    piece = asked_for(what, address, "diagnoser", FAILURES, state)
    assert "“<img src=x onerror=a…” is no accuracy." in told(piece)
    assert not piece.locator("img").count()
    assert piece.get_by_label("Library").input_value() == "Keras"


def test_a_dot_of_a_score_is_dragged(what: Page, address: str) -> None:
    piece = fresh(what, address, "diagnoser", FAILURES)
    piece.locator("svg.picture").scroll_into_view_if_needed()
    box = piece.locator("circle.solid.std").bounding_box()
    assert box is not None
    y = box["y"] + box["height"] / 2
    what.mouse.move(box["x"] + box["width"] / 2, y)
    what.mouse.down()
    what.mouse.move(box["x"] + box["width"] / 2 + 38, y)
    what.mouse.up()
    moved = float(piece.get_by_label("By the averages, typed").input_value().strip("%"))
    assert 84 < moved < 94


# ---- The bet ----

HOME = PLACES["bet"][0]
# Trials at each rate, of a net with BN, of one on raw pixels and of one on standardized ones.
SWEPT = {"dense": ("rates.2", "{}-{:g}"), "convolutional": ("convolution.2", "{}-tuning-{:g}")}


def recorded(net: str) -> dict[tuple[str, float, str], list[float]]:
    """Recorded accuracies in per cent, by arm, rate and score; chance where a run diverged."""
    study, name = SWEPT[net]
    runs: dict[tuple[str, float, str], list[float]] = {}
    for line in (DOCS.parent / "results" / f"{study}.jsonl").read_text("utf-8").splitlines():
        record = json.loads(line)
        trial = record.get("identity", {}).get("trial", {})
        for arm in ("raw", "std", "bn"):
            if trial and trial["name"] == name.format(arm, trial["learning_rate"]):
                for score in ("fresh", "deployed"):
                    values = record.get("checks", {}).get(f"end_{score}_val_accuracy", [[0.1]])
                    accuracy = 0.1 if record["diverged"] else np.ravel(values)[-1]
                    found = runs.setdefault((arm, trial["learning_rate"], score), [])
                    found.append(100 * accuracy)
    return runs


def test_the_bet_is_on_recorded_runs(what: Page, address: str) -> None:
    fresh(what, address, "bet", HOME)
    nets = what.evaluate("document.querySelector('bn-bet').data.nets")
    assert nets.keys() == SWEPT.keys()
    for name, net in nets.items():
        runs = recorded(name)
        assert len(runs) == 3 * 2 * len(net["rates"])
        for (arm, rate, score), accuracies in runs.items():
            shown = net["runs"][arm][score][net["rates"].index(rate)]
            assert sorted(shown) == pytest.approx(sorted(accuracies), abs=0.0051)
            assert len(shown) == (12 if name == "dense" else 3)
    assert len(json.dumps(nets)) < 25_000


CLOSING = {"raw": "on raw pixels", "std": "on standardized pixels", "bn": "with BN"}


def test_a_bet_by_keyboard_is_compared_with_the_median_and_the_span(
    what: Page, address: str
) -> None:
    piece = fresh(what, address, "bet", HOME)
    assert piece.locator("text.title").text_content() == "Where will BN lie?"
    piece.get_by_text("Show the numbers").press("Enter")
    assert "BN" not in piece.locator(".piece__numbers thead").inner_text()
    # From 0.3 to 3, and from 10% up.
    press(piece, "Learning rate", "ArrowRight", 2)
    assert "At a learning rate of 3, a dense net without BN reaches 10.0% on raw" in told(piece)
    press(piece, "Your bet there", "ArrowRight", 151)
    assert "you bet 85.5%." in told(piece)
    runs = recorded("dense")["bn", 3.0, "fresh"]
    median = float(np.median(runs))
    assert f"{median:.1f}" not in (piece.text_content() or "")
    piece.get_by_role("button", name="Reveal").press("Enter")
    said = told(piece)
    assert f"it reaches {median:.1f}%, the median of 12 runs from {min(runs):.1f} to" in said
    assert f"{max(runs):.1f}%. You bet 85.5%, which is {median - 85.5:.1f} points too low." in said
    # Where nobody bet, nothing is counted.
    off = abs(median - 85.5)
    assert piece.locator("text.title").text_content() == f"Off by {off:.1f} points on average"
    assert f"You bet at 1 of 9 rates: your bets were off by {off:.1f} points" in said
    assert piece.locator("circle").count() == 1
    assert piece.locator("text", has_text="your bet").count() == 1
    # What the records show at the smallest rate, from the lowest up.
    slow = {arm: float(np.median(recorded("dense")[arm, 0.003, "fresh"])) for arm in CLOSING}
    low, mid, high = (
        f"{slow[arm]:.1f}% {CLOSING[arm]}" for arm in sorted(slow, key=slow.__getitem__)
    )
    assert said.endswith(f"At the smallest rate, 0.003, the medians are {low}, {mid} and {high}.")
    # What was seen can no longer be bet on.
    assert piece.get_by_label("Your bet there").is_disabled()
    what.wait_for_timeout(400)
    assert "bet.shown=1000" in what.url
    assert "bet.rate=3" in what.url


def test_another_net_or_score_is_another_bet_and_none_is_lost(what: Page, address: str) -> None:
    piece = fresh(what, address, "bet", HOME)
    assert piece.locator("circle").count() == 0
    piece.get_by_label("Your bet there").press("ArrowRight")
    piece.get_by_role("button", name="Reveal").press("Enter")
    revealed = told(piece)
    piece.get_by_label("The net").select_option("convolutional")
    assert piece.locator("text.title").text_content() == "Where will BN lie?"
    assert "a convolutional net without BN" in told(piece)
    piece.get_by_label("Scored").select_option("deployed")
    press(piece, "Learning rate", "ArrowRight", 1)
    piece.get_by_role("button", name="Reveal").press("Enter")
    runs = recorded("convolutional")["bn", 1.0, "deployed"]
    assert f"it reaches {np.median(runs):.1f}%, the median of 3 runs from" in told(piece)
    # Nobody bet here.
    assert piece.locator("text.title").text_content() == "Without a bet"
    assert "You bet" not in told(piece)
    press(piece, "Learning rate", "ArrowLeft", 1)
    piece.get_by_label("The net").select_option("dense")
    assert "no bet yet" in told(piece)
    piece.get_by_label("Scored").select_option("fresh")
    assert told(piece) == revealed
    # The address keeps them all.
    what.wait_for_timeout(400)
    assert "bet.shown=1001" in what.url
    piece = asked_for(what, address, "bet", HOME, what.url.partition("#")[2])
    assert told(piece) == revealed


def test_the_axis_of_small_accuracies_has_its_numbers(what: Page, address: str) -> None:
    piece = fresh(what, address, "bet", HOME)
    piece.get_by_role("button", name="Reveal").press("Enter")
    marks = piece.locator("svg.picture text").all_text_contents()
    assert "40" in marks
    assert f"{np.median(recorded('dense')['bn', 10.0, 'fresh']):.1f}" in marks


def test_a_finger_that_scrolls_the_page_lays_no_bet(what: Page, address: str) -> None:
    piece = fresh(what, address, "bet", HOME)
    before = told(piece)
    piece.locator("svg.picture").evaluate(
        """(picture) => {
          picture.setPointerCapture = () => {};
          const { left, top, width } = picture.getBoundingClientRect();
          const [clientX, clientY] = [left + width / 2, top + (100 * width) / 328];
          picture.dispatchEvent(new PointerEvent("pointerdown", { clientX, clientY }));
        }"""
    )
    assert piece.locator("circle").count() == 1
    piece.locator("svg.picture").dispatch_event("pointercancel")
    assert piece.locator("circle").count() == 0
    assert before.startswith(told(piece))


def test_a_bet_is_drawn_by_hand(what: Page, address: str) -> None:
    piece = fresh(what, address, "bet", HOME)
    piece.locator("svg.picture").scroll_into_view_if_needed()
    box = piece.locator("svg.picture").bounding_box()
    assert box is not None
    scale, y = box["width"] / 328, box["y"] + 100 * box["width"] / 328
    what.mouse.move(box["x"] + 150 * scale, y)
    what.mouse.down()
    what.mouse.move(box["x"] + 316 * scale, y, steps=40)
    what.mouse.up()
    piece.get_by_text("Show the numbers").press("Enter")
    cells = piece.locator(".piece__numbers tbody tr td:nth-of-type(3)").all_text_contents()
    assert len(set(cells[-5:])) == 1
    assert 80 < float(cells[-1]) < 90
    assert cells[0] == ""


@pytest.mark.parametrize(
    "state",
    [
        "bet.net=__proto__&bet.score=toString&bet.rate=x",
        "bet.drawn=1+2",
        "bet.drawn=" + "+".join(9 * ["a"]),
    ],
)
def test_a_senseless_address_is_no_bet(what: Page, address: str, state: str) -> None:
    start = told(fresh(what, address, "bet", HOME))
    piece = asked_for(what, address, "bet", HOME, state)
    assert start.startswith(told(piece).removesuffix("."))
    assert told(piece).endswith("no bet yet.")


def test_without_scripts_the_figure_stands_there_whole(browser: Browser, whole: str) -> None:
    with opened(browser, "light", DESK, script=False) as page:
        page.goto(whole + HOME)
        assert page.locator("#figure-bet img.only-light").is_visible()
        assert not page.locator("#figure-bet :is(button, input, select)").count()


# ---- Who is in the room ----


ROOM = [
    room.Room(company, size, seed, stored)
    for company in room.ROOMS
    for size in room.SIZES
    for seed, stored in ((1, False), (57, True))
]


def test_batches_are_drawn_and_seen_as_in_the_reference(what: Page, address: str) -> None:
    fresh(what, address, "room", SMALL)
    found = what.evaluate(
        """(all) => {
          const { batch, look, repeated } = window.bnreport.pieces.room;
          const { data } = document.querySelector("bn-room");
          return all.map((settings) => {
            const { x, classes } = batch(settings, data);
            const seen = look(x, data.net, settings.stored);
            const { counts, places } = repeated(settings, data);
            const right = seen.called.filter((which, i) => which === classes[i]).length;
            const { mean, variance, shares } = seen;
            return [[mean, variance, seen.places, shares, counts, right].flat(2), places, x];
          });
        }""",
        [asdict(settings) for settings in ROOM],
    )
    for settings, (numbers, places, x) in zip(ROOM, found, strict=True):
        assert numbers == pytest.approx(room.checked(settings), abs=ROUNDING)
        expected, _ = room.repeated(settings.company, settings.size, settings.stored)
        assert np.array(places) == pytest.approx(expected, abs=ROUNDING)
        assert np.array(x) == pytest.approx(room.batch(settings)[0], abs=ROUNDING)


def seen_in(piece: Locator, settings: room.Room) -> None:
    """Compare what a piece shows with the batch of those settings."""
    x, seen = room.batch(settings)[0], room.look(settings)
    for feature, name in enumerate("₁₂"):
        assert column(piece, f"x{name}") == pytest.approx(x[:, feature], abs=0.0051)
        assert column(piece, f"x̂{name}") == pytest.approx(seen.places[:, feature], abs=SHOWN)
    heads = piece.locator(".piece__numbers thead th").all_text_contents()
    cells = piece.locator(f".piece__numbers tbody tr > :nth-child({heads.index('called') + 1})")
    assert cells.all_text_contents() == [room.CLASSES[which] for which in seen.called]
    called, sure = room.CLASSES[seen.called[0]], room.percent(seen.shares[0].max())
    assert f"and is called {called}, {sure.replace('>', 'over ')} sure." in told(piece)
    assert f"the A is called {called}" in (piece.locator("text.title").text_content() or "")


def test_the_same_example_is_called_otherwise_among_others(what: Page, address: str) -> None:
    piece = fresh(what, address, "room", SMALL)
    start = room.Room()
    seen_in(piece, start)
    another = piece.get_by_role("button", name="Another batch")
    another.press("Enter")
    seen_in(piece, room.Room(seed=start.seed + 1))
    assert told(piece).startswith(f"Batch {start.seed + 1} of 100. The ringed A lies at (")
    assert "is called A, " in told(piece)
    # The batch of before gives what it gave before.
    piece.get_by_role("button", name="The one before").press("Enter")
    seen_in(piece, start)
    assert told(piece).startswith(f"Batch {start.seed} again: the same neighbors give the same")
    assert "is called B, 93% sure. In 100 such batches it is called A 91 times." in told(piece)
    press(piece, "Batch size", "End")
    seen_in(piece, room.Room(size=32))
    assert "it is called A 100 times" in told(piece)
    piece.get_by_label("Who else is there").select_option("own")
    seen_in(piece, room.Room("own", 32))
    _, counts = room.repeated("own", 32)
    assert counts[0] == 0
    assert "it is never called A. In this one, 13 of 32 are called right. The mean" in told(piece)
    labels = piece.locator("text.small.middle").all_text_contents()
    assert labels == ["B 88%", f"B {counts[1]} times", "A >99%"]


def test_of_one_and_of_two_little_is_left(what: Page, address: str) -> None:
    piece = fresh(what, address, "room", SMALL)
    press(piece, "Batch size", "ArrowLeft", 2)
    for _ in range(3):
        for name in "₁₂":
            assert np.abs(column(piece, f"x̂{name}")) == pytest.approx([1, 1], abs=0.01)
        piece.get_by_role("button", name="The one before").press("Enter")
    assert "Of two, each feature keeps only which is larger." in told(piece)
    press(piece, "Batch size", "Home")
    seen_in(piece, room.Room(size=1))
    assert (column(piece, "x̂₁"), column(piece, "x̂₂")) == ([0], [0])
    assert "as any other example would be: zero is left in both features" in told(piece)
    alone = told(piece).partition(" sure.")[0]
    # Among copies of itself it is as alone; another draw is no other batch.
    press(piece, "Batch size", "End")
    piece.get_by_label("Who else is there").select_option("copies")
    assert told(piece).partition(" sure.")[0] == alone
    another = piece.get_by_role("button", name="Another batch")
    another.focus()
    before = told(piece)
    what.keyboard.press("Enter")
    assert told(piece) == before
    assert another.evaluate("(at) => at === document.activeElement")


def boxed(piece: Locator) -> list[list[float]]:
    """How wide and how high the boxes of a batch are in the picture, before BN and behind."""
    return list(
        piece.locator("path.thick:is(.bn, .dashed)").evaluate_all(
            "all => all.map((box) => box.getBBox()).map(({ width, height }) => [width, height])"
        )
    )


def test_the_box_behind_shows_what_came_out(what: Page, address: str) -> None:
    seeds = range(1, room.BATCHES + 1)
    near = min(seeds, key=lambda seed: np.abs(room.look(room.Room("anyone", 2, seed)).places).min())
    piece = asked_for(what, address, "room", SMALL, f"room.size=2&room.seed={near}")
    seen = room.look(room.Room("anyone", 2, near))
    out = np.sqrt(seen.variance / (seen.variance + EPSILON))
    assert out.min() < 0.5
    assert boxed(piece)[1] == pytest.approx(2 * out * 154 / 6.8, abs=0.11)
    piece.get_by_label("Who else is there").select_option("copies")
    assert boxed(piece) == [[0, 0], [0, 0]]
    piece.get_by_label("Who else is there").select_option("anyone")
    press(piece, "Batch size", "Home")
    assert boxed(piece) == [[0, 0], [0, 0]]
    piece.get_by_label("Use stored averages").press("Space")
    assert boxed(piece)[-1] == pytest.approx(2 * [2 * 154 / 6.8], abs=0.11)


# Of each dot of a row of such paths: its middle, and how far it reaches.
DOTS = """path => [...path.getAttribute("d").matchAll(/M([0-9.]+) ([0-9.]+)a([0-9.]+)/g)]
  .map(([, x, y, far]) => [Number(x) + Number(far), Number(y), Number(far)])"""
# Whether a dot can be seen at its rim, or what else is drawn there.
TOPS = """(picture, dots) => dots.map(([x, y, far]) => {
  const at = picture.createSVGPoint();
  const turns = [0, 1, 2, 3, 4, 5, 6, 7].map((turn) => (turn * Math.PI) / 4);
  return turns.map((turn) => {
    Object.assign(at, { x: x + (far - 0.5) * Math.cos(turn), y: y + (far - 0.5) * Math.sin(turn) });
    const { x: left, y: top } = at.matrixTransform(picture.getScreenCTM());
    return document.elementFromPoint(left, top).getAttribute("class");
  });
})"""


def test_of_two_the_places_where_most_batches_land_can_be_seen(what: Page, address: str) -> None:
    for seed in (8, 11, 12, 13):
        piece = asked_for(what, address, "room", SMALL, f"room.size=2&room.seed={seed}")
        picture = piece.locator("svg.picture")
        picture.scroll_into_view_if_needed()
        dots = picture.locator("path.soft").evaluate(DOTS)
        largest = [dot for dot in dots if dot[2] > 2.5]
        assert len(largest) > 1
        for seen in picture.evaluate(TOPS, largest):
            assert seen.count("soft") >= 4, seen
        # Nor does a dot reach the ring around the example.
        assert max(far for *_, far in dots) < 8 - 1.2


def test_rows_say_whose_answers_they_are(what: Page, address: str) -> None:
    piece = fresh(what, address, "room", SMALL)
    names = piece.locator("text.small:not(.middle)")
    rows = ["answer in this batch", "in 100 such batches", "by stored averages"]
    assert names.all_text_contents()[2:] == rows
    ends = names.evaluate_all("all => all.map((row) => row.getBBox()).map((b) => b.x + b.width)")
    assert max(ends[2:]) < 124
    press(piece, "Batch size", "Home")
    assert names.all_text_contents()[2:] == ["answer, alone", *rows[1:]]
    # What would be the last row a second time goes.
    piece.get_by_label("Use stored averages").press("Space")
    assert names.all_text_contents()[2:] == rows[1:]


def test_two_that_all_but_agree_are_said_to(what: Page, address: str) -> None:
    near = [room.Room("anyone", 2, seed) for seed in range(1, room.BATCHES + 1)]
    seeds = [s.seed for s in near if np.abs(room.look(s).places).min() < 0.9]
    piece = asked_for(what, address, "room", SMALL, f"room.size=2&room.seed={seeds[0]}")
    piece.get_by_label("Use stored averages").press("Space")
    piece.get_by_label("Use stored averages").press("Space")
    assert "these differ so little in one that epsilon counts." in told(piece)


def test_by_stored_averages_no_neighbor_counts(what: Page, address: str) -> None:
    piece = fresh(what, address, "room", SMALL)
    piece.get_by_label("Use stored averages").press("Space")
    seen_in(piece, room.Room(stored=True))
    assert piece.locator("path.bn").count() == 0
    said = set()
    for company in room.ROOMS:
        piece.get_by_label("Who else is there").select_option(company)
        for key in ("Home", "End"):
            press(piece, "Batch size", key)
            said.add(told(piece).partition(" sure.")[0])
    assert len(said) == 1
    assert "is called A, over 99%" in said.pop()
    assert "No neighbor counts any more" in told(piece)


def test_the_odd_one_out_is_drawn_where_it_lies(what: Page, address: str) -> None:
    state = "room.company=other&room.size=32"
    piece = asked_for(what, address, "room", SMALL, state)
    seen_in(piece, room.Room("other", 32))
    places = np.stack([column(piece, "x̂₁"), column(piece, "x̂₂")], axis=1)
    assert np.abs(places).max() > 3.4
    at = piece.locator("circle.solid").nth(1)
    ringed = [float(at.get_attribute(name) or "") for name in ("cx", "cy")]
    assert ringed == pytest.approx(
        [249 + places[0, 0] * 77 / 6, 119 - places[0, 1] * 77 / 6], abs=0.06
    )
    # The others: triangles, each from its lower left corner.
    marks = piece.locator("path.line.std:not(.hollow, .filled)").evaluate_all(
        "all => all.map(p => p.getAttribute('d').match(/[0-9.]+/g).slice(0, 2).map(Number))"
    )
    expected = np.array([249, 119]) + places[1:] * [77 / 6, -77 / 6] + [-3.6, 2.9]
    assert np.array(marks) == pytest.approx(expected, abs=0.06)


def test_a_batch_comes_back_from_an_address_and_a_senseless_one_is_the_start(
    what: Page, address: str
) -> None:
    piece = fresh(what, address, "room", SMALL)
    press(piece, "Batch size", "ArrowRight")
    piece.get_by_label("Who else is there").select_option("own")
    piece.get_by_role("button", name="Another batch").press("Enter")
    piece.get_by_label("Use stored averages").press("Space")
    what.wait_for_timeout(400)
    state = what.url.partition("#")[2]
    assert state == "room.company=own&room.size=8&room.seed=9&room.stored=yes"
    seen_in(asked_for(what, address, "room", SMALL, state), room.Room("own", 8, 9, stored=True))
    for state in (
        "room.company=toString&room.size=5&room.seed=-1",
        "room.company=__proto__&room.size=1e9&room.seed=NaN&room.stored=maybe",
        "room.size=<b>&room.company=",
    ):
        seen_in(asked_for(what, address, "room", SMALL, state), room.Room())
    piece = asked_for(what, address, "room", SMALL, "room.seed=99999")
    seen_in(piece, room.Room(seed=room.BATCHES))
    piece.get_by_role("button", name="Another batch").press("Enter")
    seen_in(piece, room.Room(seed=1))


@pytest.mark.parametrize("width", [PHONE, DESK])
def test_the_room_keeps_its_controls_in_place_and_next_to_the_picture(
    browser: Browser, address: str, width: int
) -> None:
    with opened(browser, "light", width) as view:
        piece = come(view, address + SMALL, "room")
        tops = set()
        for company in room.ROOMS:
            piece.get_by_label("Who else is there").select_option(company)
            for key in ("Home", "ArrowRight", "End"):
                press(piece, "Batch size", key)
                piece.get_by_role("button", name="Another batch").press("Enter")
                again = piece.get_by_role("button", name="Start again").bounding_box()
                picture = piece.locator("svg.picture").bounding_box()
                assert again is not None
                assert picture is not None
                tops.add(round(again["y"] + again["height"] - picture["y"]))
        assert len(tops) == 1
        # Below the header of a small phone there are about 590 pixels.
        assert width != PHONE or tops.pop() < 590


# ---- Which numbers share a mean ----


CHOSEN = [
    pools.Chosen(layer, layout, axis, groups, at)
    for layer in pools.LAYERS
    for layout in pools.LAYOUTS
    for axis in pools.AXES
    for groups in pools.GROUPS
    for at in ((1, 5, 2, 1), (0, 3, 1, 0))
]


def test_pools_are_those_of_the_reference(what: Page, address: str) -> None:
    fresh(what, address, "share", SHARE)
    found = what.evaluate(
        """(all) => {
          const { pool } = window.bnreport.pieces.share;
          const { data } = document.querySelector("bn-share");
          return all.map((chosen) => {
            const share = pool(chosen, data);
            if (!share) return [];
            const lit = share.lit.flatMap((lit, i) => (lit ? [i] : []));
            return [share.pools, share.size, share.mean, share.scale, share.result, ...lit];
          });
        }""",
        [asdict(chosen) for chosen in CHOSEN],
    )
    for chosen, numbers in zip(CHOSEN, found, strict=True):
        assert numbers == pytest.approx(pools.checked(chosen), abs=ROUNDING)


def lit_in(piece: Locator, chosen: pools.Chosen) -> None:
    """Compare what a piece shows with the pool of those choices."""
    share, x = pools.pool(chosen), pools.numbers()
    lit = piece.locator("path.cell").evaluate_all(
        "all => all.map((cell) => cell.getAttribute('class') !== 'cell')"
    )
    assert lit == share.lit.ravel().tolist()
    places = [column(piece, head) for head in ("image", "row", "column", "number")]
    image, _, row, pixel = np.nonzero(share.lit)
    assert places[0] == (image + 1).tolist()
    assert places[1] == (row + 1).tolist()
    assert places[2] == (pixel + 1).tolist()
    assert places[3] == x[share.lit].tolist()
    becomes = (x[share.lit] - share.mean) / share.scale
    assert column(piece, "becomes") == pytest.approx(becomes, abs=SHOWN)
    texts = piece.locator("svg.picture text").all_text_contents()
    assert f"{share.pools} pools of {share.size} numbers" in texts
    assert texts[0].endswith(f" with {share.size - 1} more")
    assert texts[0].startswith(f"This {x[chosen.at]:g} shares its ")
    width = piece.locator("text.title").evaluate("(title) => title.getBBox().width")
    assert width <= 328
    assert any(text.endswith(f"= {share.result:.2f}".replace("-", "−")) for text in texts)


def test_groups_lead_from_instance_norm_to_layer_norm(what: Page, address: str) -> None:
    piece = fresh(what, address, "share", SHARE)
    lit_in(piece, pools.Chosen())
    assert piece.get_by_label("Groups", exact=True).is_disabled()
    piece.get_by_label("Layer", exact=True).select_option("GroupNorm")
    lit_in(piece, pools.Chosen("GroupNorm"))
    press(piece, "Groups", "End")
    lit_in(piece, pools.Chosen("GroupNorm", groups=6))
    assert told(piece).endswith("One channel a group: that is InstanceNorm.")
    press(piece, "Groups", "ArrowLeft", 2)
    lit_in(piece, pools.Chosen("GroupNorm", groups=2))
    press(piece, "Groups", "Home")
    lit_in(piece, pools.Chosen("GroupNorm", groups=1))
    assert told(piece).startswith("2 pools of 36 numbers: one for each image and each group of")
    assert told(piece).endswith("as in LayerNorm over axis=(1, 2, 3).")
    piece.get_by_label("Layer", exact=True).select_option("LayerNorm")
    lit_in(piece, pools.Chosen("LayerNorm"))
    assert "Its pool is one pixel" in told(piece)
    piece.get_by_label("axis =").select_option("all")
    lit_in(piece, pools.Chosen("LayerNorm", axis="all"))
    # A layer that takes one axis cannot keep several.
    piece.get_by_label("Layer", exact=True).select_option("BatchNorm")
    lit_in(piece, pools.Chosen())
    assert piece.locator("option[value=all]").is_disabled()


def test_every_axis_has_its_number_whatever_it_counts(what: Page, address: str) -> None:
    piece = fresh(what, address, "share", SHARE)
    for layout, names in pools.LAYOUTS.items():
        piece.get_by_label("Layout").select_option(layout)
        texts = piece.locator("svg.picture text").evaluate_all(
            "all => all.map((text) => [text.textContent, text.getBBox()])"
            ".map(([text, { x, width }]) => [text, x + width / 2])"
        )
        middles = {text: pytest.approx(middle, abs=0.5) for text, middle in texts}
        for number, name in zip(("axis 0", "1", "2", "3 = -1"), names, strict=True):
            at = middles[f"{name}, {pools.SIZES[name]}"]
            assert any(text == number and middle == at for text, middle in texts)
        assert piece.locator("svg.picture").evaluate(MEETING) == []


def test_instance_norm_is_a_layer_of_its_own(what: Page, address: str) -> None:
    piece = fresh(what, address, "share", SHARE)
    piece.get_by_label("Layer", exact=True).select_option("InstanceNorm")
    lit_in(piece, pools.Chosen("InstanceNorm"))
    assert told(piece).startswith("12 pools of 6 numbers: one for each image and each channel,")
    assert told(piece).endswith("GroupNormalization(groups=-1): one channel a group.")
    assert piece.get_by_label("Groups", exact=True).is_disabled()
    piece.get_by_label("Layout").select_option("channels_first")
    lit_in(piece, pools.Chosen("InstanceNorm", "channels_first"))
    assert told(piece).endswith("no error says so: the columns are taken for channels.")


def test_the_trap_of_the_axis_is_seen_and_what_keras_refuses(what: Page, address: str) -> None:
    piece = fresh(what, address, "share", SHARE)
    piece.get_by_label("Layout").select_option("channels_first")
    lit_in(piece, pools.Chosen(layout="channels_first"))
    assert told(piece).startswith("2 pools of 36 numbers: one for each column, over images,")
    assert told(piece).endswith("no error says so: the columns are taken for channels.")
    piece.get_by_label("axis =").select_option("1")
    lit_in(piece, pools.Chosen("BatchNorm", "channels_first", "1"))
    assert told(piece).endswith("Only BatchNorm lets images share.")
    piece.get_by_label("axis =").select_option("-1")
    piece.get_by_label("Layer", exact=True).select_option("GroupNorm")
    assert piece.locator("text.title").text_content() == "Keras refuses"
    assert told(piece) == "2 columns cannot be cut into 3 groups, so Keras stops with an error."
    assert piece.locator("path.cell.gn").count() == 0
    piece.get_by_label("Layer", exact=True).select_option("RMSNorm")
    chosen = pools.Chosen("RMSNorm", "channels_first")
    lit_in(piece, chosen)
    piece.get_by_label("axis =").select_option("2")
    assert piece.locator("text.title").text_content() == "Keras refuses"
    assert "a scale as long as the last axis" in told(piece)


def test_another_number_is_chosen_by_keyboard_and_by_hand(what: Page, address: str) -> None:
    piece = fresh(what, address, "share", SHARE)
    press(piece, "Channel, column", "ArrowRight", 5)
    press(piece, "Image, row", "ArrowRight", 4)
    chosen = pools.Chosen(at=(1, 2, 1, 1))
    lit_in(piece, chosen)
    assert piece.get_by_label("Channel, column").get_attribute("aria-valuetext") == "C, 2"
    assert piece.get_by_label("Image, row").get_attribute("aria-valuetext") == "2, 2"
    what.wait_for_timeout(400)
    assert what.url.endswith("#share.at=2+3+2+2")
    piece.locator("svg.picture").scroll_into_view_if_needed()
    # The fourth row of the first image's block, in the column of the last number.
    drag(piece, (34 + 24 * 11.5, 106 + 21 * 2.5), (34 + 24 * 11.5, 106 + 21 * 2.5))
    lit_in(piece, pools.Chosen(at=(0, 5, 2, 1)))
    drag(piece, (34 + 24 * 0.5, 106 + 6 + 21 * 3.5), (34 + 24 * 4.5, 106 + 6 + 21 * 4.5))
    lit_in(piece, pools.Chosen(at=(1, 2, 1, 0)))
    # Beside the numbers there is nothing to take.
    drag(piece, (20, 120), (20, 160))
    lit_in(piece, pools.Chosen(at=(1, 2, 1, 0)))


def test_a_choice_comes_back_from_an_address(what: Page, address: str) -> None:
    state = "share.layer=GroupNorm&share.layout=channels_first&share.axis=1&share.groups=2"
    at = "&share.at=2+6+3+2"
    piece = asked_for(what, address, "share", SHARE, state + at)
    lit_in(piece, pools.Chosen("GroupNorm", "channels_first", "1", 2, (1, 5, 2, 1)))
    press(piece, "Channel, column", "Home")
    what.wait_for_timeout(400)
    assert what.url.partition("#")[2] == f"{state}&share.at=2+1+3+1"
    for state in (
        "share.layer=toString&share.axis=9&share.groups=4&share.at=1+2",
        "share.layer=__proto__&share.layout=x&share.at=a+b+c+d",
        "share.axis=all&share.groups=1e1",
    ):
        lit_in(asked_for(what, address, "share", SHARE, state), pools.Chosen())
    piece = asked_for(what, address, "share", SHARE, "share.at=9+9+9+9")
    lit_in(piece, pools.Chosen(at=(1, 5, 2, 1)))


# ---- A reader's own curve ----

OWN = PLACES["compare"][0]
HEALTHY = printouts.keras_3_bar(
    # The means of fresh runs with BN at 0.01.
    [(0.536, 0.8135, 0.382, 0.862), (0.392, 0.86, 0.347, 0.876), (0.355, 0.872, 0.333, 0.88)]
)


def test_the_form_begins_with_the_students_curves(what: Page, address: str) -> None:
    piece = fresh(what, address, "compare", OWN)
    assert piece.locator("text.title").text_content() == "It fits another story"
    assert told(piece).startswith("Run 1 of 2, 8 epochs, compared as the net without BN at a rate")
    assert "a fresh run without BN at a rate of 0.01" in told(piece)
    assert "learning_rate" in piece.locator(".piece__answers").inner_text()
    piece.get_by_label("Which run").select_option("1")
    assert "on the batches of the first" in told(piece)
    # Few epochs tell less.
    press(piece, "Epochs", "Home")
    assert "or a second call of fit" in told(piece)
    piece.get_by_label("Drawn").select_option("val_accuracy")
    assert piece.locator("text", has_text="val_accuracy by epoch").count() == 1
    what.wait_for_timeout(400)
    keys = {part.partition("=")[0] for part in what.url.partition("#")[2].split("&")}
    assert keys == {"compare.metric", "compare.epochs"}


def test_a_pasted_log_is_judged_and_sent_nowhere(browser: Browser, whole: str) -> None:
    with opened(browser, "light", DESK, first=True) as page:
        piece = come(page, whole + OWN, "compare")
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        piece.get_by_label("Printed lines").fill(HEALTHY)
        assert piece.locator("text.title").text_content() == "It looks like a healthy run"
        assert "compared as a net that is not known at a rate that is not known" in told(piece)
        piece.get_by_label("Net", exact=True).select_option("bn")
        for rate in ("1e300", "Infinity", "fast"):
            piece.get_by_label("Learning rate meant").fill(rate)
            answers = piece.locator(".piece__answers").inner_text()
            assert f"Expected a rate above 0 and of at most 1,000. Received: {rate}." in answers
            assert "at a rate that is not known" in told(piece)
        piece.get_by_label("Learning rate meant").fill("0.001")
        assert "Expected a rate" not in piece.locator(".piece__answers").inner_text()
        assert piece.locator("text.title").text_content() == "It fits another story"
        assert "a fresh run with BN at a rate of 0.01" in told(piece)
        page.wait_for_timeout(400)
        state = page.url.partition("#")[2]
        assert state == "compare.net=bn&compare.rate=0.001"
        piece.get_by_role("button", name="Empty").press("Enter")
        assert "Received: nothing of the kind." in told(piece)
        # The browser asks for the icon of a page when it likes.
        assert [url for url in asked if not url.endswith("/favicon.svg")] == []


def test_a_file_is_read_and_nothing_in_it_runs(
    browser: Browser, address: str, tmp_path: Path
) -> None:
    evil = "<img src=x onerror=window.hurt=1><script>window.hurt=1</script>"
    book = tmp_path / "<b>mine.ipynb"
    book.write_text(printouts.notebook((evil, HEALTHY), ("", HEALTHY)), encoding="utf-8")
    bad = tmp_path / "bad.log"
    bad.write_text(f"Epoch 1/3\n9/9 - loss: {evil.replace(' ', '')}\n", encoding="utf-8")
    shell = tmp_path / "shell.log"
    shell.write_text(HEALTHY, encoding="utf-16")
    unmarked = tmp_path / "unmarked.log"
    unmarked.write_text(HEALTHY, encoding="utf-16-le")
    large = tmp_path / "large.log"
    with large.open("wb") as file:
        file.truncate(100_000_000)
    with opened(browser, "light", DESK) as page:
        faults = listen(page, address)
        piece = come(page, address + OWN, "compare")
        piece.get_by_label("Or a file").set_input_files(book)
        piece.locator("text.title", has_text="It looks like a healthy run").wait_for()
        assert piece.get_by_label("Which run").locator("option").count() == 2
        piece.get_by_label("Or a file").set_input_files(bad)
        piece.locator("text.title", has_text="No run that can be read").wait_for()
        assert told(piece).startswith("bad.log, line 2: Expected a number. Received: <imgsrc=x")
        piece.get_by_label("Or a file").set_input_files(shell)
        piece.locator("text.title", has_text="It looks like a healthy run").wait_for()
        piece.get_by_label("Or a file").set_input_files(unmarked)
        piece.locator(".piece__told", has_text="Received: UTF-16 without a mark.").wait_for()
        piece.get_by_label("Or a file").set_input_files(large)
        piece.locator(".piece__told", has_text="Received: 100,000,000 bytes").wait_for()
        assert "large.log: Expected at most 20,000,000 characters." in told(piece)
        assert page.evaluate("window.hurt") is None
        assert not page.locator("#figure-compare :is(img, script)").count()
        assert faults == []


def test_a_long_log_stays_out_of_the_box_and_many_steps_are_quick(what: Page, address: str) -> None:
    piece = fresh(what, address, "compare", OWN)
    bar = "\r 77/1719 [>.........] - ETA: 2s - loss: 0.5000 - accuracy: 0.8000"
    text = HEALTHY.replace("\r\n", bar * 2_000 + "\r\n", 1)
    what.evaluate(
        """(text) => {
          const area = document.querySelector("#compare-log");
          area.value = text;
          area.dispatchEvent(new Event("input"));
        }""",
        text,
    )
    assert piece.locator("text.title").text_content() == "It looks like a healthy run"
    area = piece.get_by_label("Printed lines")
    assert area.input_value() == ""
    assert "characters" in (area.get_attribute("placeholder") or "")


@pytest.mark.parametrize(
    "state",
    [
        "compare.net=__proto__&compare.rate=-1&compare.metric=toString",
        "compare.rate=1e300",
        "compare.epochs=9e9&compare.text=x&compare.run=7",
    ],
)
def test_a_senseless_address_is_the_start(what: Page, address: str, state: str) -> None:
    start = told(fresh(what, address, "compare", OWN))
    assert told(asked_for(what, address, "compare", OWN, state)) == start


# ---- What is said and drawn is so ----


def told(piece: Locator) -> str:
    """The line that tells what happened."""
    return piece.locator(".piece__told").text_content() or ""


def asked_for(page: Page, address: str, name: str, path: str, state: str) -> Locator:
    """The piece in a state of its address."""
    page.goto("about:blank")
    return come(page, f"{address}{path}#{state}", name)


@pytest.mark.parametrize(
    ("state", "head", "level"),
    [
        ("batch.x=30+9+11+17&batch.stored=yes", "x̂", 160),
        ("batch.x=30+9+11+17&batch.stored=yes", "y", 236),
        ("batch.x=3+9+11+1500&batch.stored=yes&batch.gamma=3", "y", 236),
        ("batch.x=1+2+3+4+5+6+7+1500&batch.gamma=3&batch.beta=3", "y", 236),
        ("batch.x=3+9+11+17", "y", 236),
    ],
)
def test_no_dot_is_bound_by_the_frame(
    what: Page, address: str, state: str, head: str, level: int
) -> None:
    piece = asked_for(what, address, "batch", PLACES["batch"][0], state)
    dots = piece.locator(f"circle.hollow[cy='{level}']")
    places = [float(x) for x in dots.evaluate_all("all => all.map(c => c.getAttribute('cx'))")]
    marks = piece.locator(f"text.middle.halo[y='{level + 18}']:not(:text('√'))")
    scale = [
        (float(text.replace("−", "-")), float(x))
        for text, x in marks.evaluate_all(
            "all => all.map(t => [t.textContent, t.getAttribute('x')])"
        )
    ]
    (low, left), (high, right) = scale[0], scale[-1]
    expected = [
        left + (value - low) * (right - left) / (high - low) for value in column(piece, head)
    ]
    assert sorted(places) == pytest.approx(sorted(expected), abs=0.2)
    assert min(places) > 4
    assert max(places) < 324


def test_a_bar_of_a_gradient_is_as_long_as_its_number(what: Page, address: str) -> None:
    state = "batch.x=3+9+11+17+1+2+30+4&batch.g=1" + "+-1" * 7
    piece = asked_for(what, address, "batch", "learn/backward.html", state)
    bars = piece.locator("path.filled").evaluate_all(
        "all => all.slice(1).map(p => p.getAttribute('d').match(/ ([0-9.]+)H[0-9.]+V([0-9.]+)/))"
        ".map(([, level, end]) => level - end)"
    )
    asked, passed = np.array(bars[:8]), np.array(bars[-8:])
    unit = asked[0] / column(piece, "g")[0]
    assert passed / unit == pytest.approx(column(piece, "passes"), abs=0.01)


@pytest.mark.parametrize(
    "state",
    [
        "averages.momentum=0.999&averages.speed=0.05&averages.epochs=3",
        "averages.momentum=0&averages.size=2",
        "averages.size=2&averages.speed=0.05&averages.epochs=3",
        "averages.momentum=0.999",
        "averages.size=4096",
        "averages.size=4&averages.momentum=0.9&averages.anew=5000",
        "averages.seen=20&averages.anew=20",
        "averages.speed=0.02&averages.size=32&averages.seen=0&averages.anew=0",
        "averages.speed=0.02&averages.epochs=2&averages.anew=108",
        "averages.size=2&averages.speed=0.02&averages.anew=27500",
    ],
)
def test_averages_keep_within_their_axes_and_their_labels_apart(
    what: Page, address: str, state: str
) -> None:
    piece = asked_for(what, address, "averages", CHASE, state)
    ends = piece.locator("svg.picture path.filled").evaluate_all(
        "all => all.map(p => p.getAttribute('d').match(/[0-9.]+(?= )/g).map(Number))"
        ".map(points => [points[0], points.at(-1)])"
    )
    assert all(4 < low < high < 324 for low, high in ends)
    tops = piece.locator("circle.bn").evaluate_all("all => all.map(c => +c.getAttribute('cy'))")
    assert min(tops, default=51) > 50
    assert piece.locator("svg.picture").evaluate(MEETING) == []


def test_each_press_and_each_jump_is_compared_with_what_was_before_it(
    what: Page, address: str
) -> None:
    piece = fresh(what, address)
    press(piece, "D", "End")
    press(piece, "D", "Home")
    assert told(piece).startswith("D went from 30 to −10.")
    press(piece, "D", "ArrowRight", 2)
    what.wait_for_timeout(900)
    press(piece, "D", "ArrowRight")
    assert told(piece).startswith("D went from −9 to −8.5.")
    piece = fresh(what, address, "averages", CHASE)
    images = piece.get_by_role("button", name="Other images")
    press(piece, "Momentum", "Home")
    for _ in range(3):
        before = last(piece, "gap")
        images.press("Enter")
        was, now = (f"{gap + 0:.2f}".replace("-", "−") for gap in (before, last(piece, "gap")))
        assert was != now
        assert f"The gap went from {was} to {now} deviations." in told(piece)


def test_a_comparison_changes_one_thing(what: Page, address: str) -> None:
    piece = fresh(what, address, "averages", CHASE)
    whole = f"{last(piece, 'gap'):.2f}"
    # In the middle of a training, another one is compared with the first at the same batch.
    press(piece, "Batches", "PageDown", 3)
    press(piece, "Momentum", "ArrowLeft")
    assert "After the last batch" not in told(piece)
    seen = piece.get_by_label("Batches", exact=True).input_value()
    assert seen == "75"
    press(piece, "Momentum", "ArrowRight")
    press(piece, "Batches", "End")
    assert f"{last(piece, 'gap'):.2f}" == whole
    # Another batch size drops the recalibration, and is compared with none.
    piece = fresh(what, address, "averages", CHASE)
    piece.get_by_role("button", name="Recalibrate").press("Enter")
    press(piece, "Batch size", "ArrowLeft")
    assert "and nothing is recalibrated. The gap went from" in told(piece)
    assert f"from {whole} to {last(piece, 'gap'):.2f} deviations" in told(piece)
    piece.get_by_role("button", name="Recalibrate").press("Enter")
    press(piece, "Batches", "Home")
    piece.get_by_role("button", name="Recalibrate").press("Enter")
    assert "instead of after 215 batches." in told(piece)


def test_one_more_epoch_tells_from_what_to_what(what: Page, address: str) -> None:
    piece = asked_for(what, address, "averages", CHASE, "averages.speed=0.05")
    before, after = (ended(Settings(speed=0.05, epochs=epochs)) for epochs in (1, 2))
    piece.get_by_role("button", name="One more epoch").press("Enter")
    assert f"The gap went from {before[6]:.2f} to {after[6]:.2f} deviations." in told(piece)
    differences = [f"{truth - mean:.2f}" for truth, mean, *_ in (before, after)]
    assert f"The difference went from {' to '.join(differences)}, " in told(piece)
    spreads = [f"{math.sqrt(point[2] + EPSILON):.2f}" for point in (before, after)]
    assert f"the remembered deviation from {' to '.join(spreads)}." in told(piece)
    piece.get_by_label("Learning rate").select_option("falls")
    piece.get_by_role("button", name="One more epoch").press("Enter")
    assert "The rate now falls over all 324 batches." in told(piece)


def test_a_button_that_has_nothing_left_to_do_keeps_the_focus(what: Page, address: str) -> None:
    piece = fresh(what, address)
    for label, presses, left in (("Add one", 6, 8), ("Take one out", 9, 1)):
        button = piece.get_by_role("button", name=label)
        button.focus()
        for _ in range(presses):
            what.keyboard.press("Enter")
        assert len(column(piece, "x")) == left
        assert button.evaluate("(at) => at === document.activeElement")
        assert button.get_attribute("aria-disabled") == "true"


def test_the_way_back_leads_back_to_the_start(what: Page, address: str) -> None:
    piece = fresh(what, address)
    what.evaluate("location.hash = 'batch.x=1+2'")
    piece.locator("circle.hollow").nth(5).wait_for()
    assert column(piece, "x") == [1, 2]
    what.go_back()
    piece.locator("circle.hollow").nth(11).wait_for()
    assert column(piece, "x") == list(BATCH)
    # Where no gradient is shown, none is in the address.
    piece.get_by_role("button", name="Two", exact=True).press("Enter")
    what.wait_for_timeout(400)
    assert "batch.g" not in what.url


def test_what_is_shown_can_be_heard_at_once_and_once(what: Page, address: str) -> None:
    piece = fresh(what, address)
    assert piece.locator(".piece__spoken").text_content() == told(piece) != ""
    assert piece.locator("output:not([aria-live=off])").count() == 0
    assert piece.get_by_role("group", name="The examples").get_by_label("A", exact=True).count()
    piece = asked_for(what, address, "batch", PLACES["batch"][0], "batch.x=1+2")
    assert told(piece).startswith("The batch is now 1 and 2.")


def digits(text: str) -> float:
    """A number as it is written: "2.5 × 10⁻⁵", "(−3)"."""
    figures, _, power = text.strip("()").replace("−", "-").partition("10")
    if "⁻" not in text and "⁰" not in text and "⁸" not in text:
        return float(text.strip("()").replace("−", "-"))
    exponent = int(power.translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")))
    return float(figures.strip(" ×") or 1) * 10.0**exponent


@pytest.mark.parametrize(
    "state",
    [
        "batch.x=3+3.02",
        "batch.x=3+3.02&batch.power=-8",
        "batch.x=3+3.0001&batch.power=-8",
        "batch.x=-3.3333+7.0001+1500&batch.gamma=-2.5&batch.beta=-1.123456",
        "batch.x=1+1+1+1+1+1+1.5&batch.gamma=0.999999999999999",
        "batch.x=5.1+5.1+5.1",
        "batch.x=3+9+11+17",
    ],
)
def test_the_formula_gives_what_it_prints(what: Page, address: str, state: str) -> None:
    piece = asked_for(what, address, "batch", "learn/by-hand.html", state)
    text = piece.locator(".piece__controls > .piece__sum").text_content() or ""
    form = r"A: (\S+) × \((\S+) − (\(?[−\d.]+\)?)\) / √\((.+) \+ (10\S+)\) ([+−]) (\S+) = (\S+)"
    found = re.fullmatch(form, text)
    assert found is not None, text
    *numbers, sign, beta, output = found.groups()
    gamma, x, mean, variance, epsilon = map(digits, numbers)
    shift = digits(beta) * (1 if sign == "+" else -1)
    given = gamma * (x - mean) / math.sqrt(variance + epsilon) + shift
    assert f"{abs(given):.2f}" == output.strip("−")
    assert len(numbers[0]) < 8
    # Only what is zero is called so, and what is heard is no other number.
    true = float(np.var([float(part) for part in state.partition("&")[0][8:].split("+")]))
    heard = piece.locator("svg.picture").get_attribute("aria-label") or ""
    spoken = re.search(r"variance (.+?)\. Normalized", heard)
    assert spoken is not None
    assert digits(spoken[1]) == pytest.approx(true, rel=0.1, abs=1e-12)


def ticks(piece: Locator, level: int) -> list[str]:
    """What the axis at a level is marked with."""
    return piece.locator(f"text.middle.halo[y='{level}']").all_text_contents()


def test_stored_axes_stand_still_under_a_hand_and_say_when_they_change(
    what: Page, address: str
) -> None:
    state = "batch.x=3+9+11+17&batch.stored=yes"
    piece = asked_for(what, address, "batch", PLACES["batch"][0], state)
    levels = (178, 254)
    begun = [ticks(piece, level) for level in levels]
    places = piece.locator("circle.hollow.bn")
    before = sorted(places.evaluate_all("all => all.map(c => +c.getAttribute('cx'))"))
    press(piece, "D", "End")
    assert [ticks(piece, level) for level in levels] == begun
    assert "axes" not in told(piece)
    after = sorted(places.evaluate_all("all => all.map(c => +c.getAttribute('cx'))"))
    # Nine stay of twelve, and three are marked.
    assert len(after) == len(before) - 3
    assert all(place in before for place in after)
    enter(piece, "D as a number", "31")
    assert [ticks(piece, level) for level in levels] != begun
    assert "The axes of x, x̂ and y are now wider" in told(piece)
    enter(piece, "D as a number", "30")
    assert "The axes of x, x̂ and y are now narrower" in told(piece)


def enter(piece: Locator, label: str, text: str) -> None:
    """Type into a field."""
    field = piece.get_by_label(label)
    field.fill(text)
    field.press("Enter")


def test_an_edge_is_called_so_and_what_cannot_be_typed_is_told(what: Page, address: str) -> None:
    for state in ("batch.x=3+9+11+30&batch.stored=yes", "batch.x=3+9+11+30"):
        piece = asked_for(what, address, "batch", PLACES["batch"][0], state)
        press(piece, "Move all", "ArrowRight")
        assert told(piece) == "D is at the edge of the axis, 30, and the others stop with it."
        assert piece.locator("svg.picture text", has_text="was before").count() == 0
        press(piece, "Stretch all", "End")
        assert "is at the edge of the axis" in told(piece)
    piece = fresh(what, address)
    press(piece, "Move all", "End")
    assert column(piece, "x") == [16, 22, 24, 30]
    assert "All inputs moved by +13.00" in told(piece)
    assert "D is at the edge of the axis, 30" in told(piece)
    enter(piece, "C as a number", "1e9")
    assert column(piece, "x")[2] == 1500
    assert told(piece).startswith("C can go from −500 to 1500, and not to 1e9. C went from 24 to")
    enter(piece, "C as a number", "-1000")
    assert column(piece, "x")[2] == -500
    enter(piece, "C as a number", "1,5")
    assert column(piece, "x")[2] == 1.5
    assert told(piece).startswith("C went from −500 to 1.5.")
    enter(piece, "C as a number", "much")
    assert told(piece) == "“much” is not a number, and C stays at 1.5."
    assert piece.get_by_label("C as a number").input_value() == "1.5"


def test_what_a_reader_moved_is_marked_until_something_else_is_done(
    what: Page, address: str
) -> None:
    piece = fresh(what, address, path="learn/by-hand.html")
    legend = piece.locator("svg.picture text", has_text="where each was before")
    assert legend.count() == 0
    press(piece, "D", "ArrowRight", 3)
    assert piece.locator("circle.raw.hollow").count() == 3
    assert legend.count() == 1
    assert piece.locator("svg.picture text", has_text="what you moved").count() == 1
    piece.get_by_role("button", name="Start again").press("Enter")
    assert (piece.locator(".piece__controls > .piece__sum").text_content() or "").startswith("A:")
    press(piece, "Stretch all", "ArrowRight", 3)
    assert told(piece).startswith("All inputs were stretched: ")
    assert legend.count() == 1
    assert piece.locator(".raw").count() == 0
    press(piece, "Stretch all", "ArrowLeft", 6)
    assert told(piece).startswith("All inputs were drawn together: ")


def test_one_spot_can_be_clicked_again_and_again(browser: Browser, whole: str) -> None:
    for width in (PHONE, DESK):
        with opened(browser, "light", width) as view:
            for page in PLACES["batch"]:
                piece = come(view, whole + page, "batch")
                button = piece.get_by_role("button", name="Add one")
                button.scroll_into_view_if_needed()
                before = button.bounding_box()
                for _ in range(4):
                    button.click()
                assert button.bounding_box() == before
                assert len(column(piece, "x")) == 8


@pytest.mark.parametrize("name", ["batch", "averages"])
def test_on_a_phone_the_picture_and_the_control_that_is_used_are_seen_together(
    browser: Browser, whole: str, name: str
) -> None:
    seen = """(at) => {
      at.scrollIntoView({ block: "nearest" });
      const { left, top, right, bottom } = at.getBoundingClientRect();
      const across = at.matches("button, select") ? (left + right) / 2 : left + 10;
      const hit = document.elementFromPoint(across, (top + bottom) / 2);
      const picture = at.closest(".piece").querySelector("svg.picture").getBoundingClientRect();
      const head = document.querySelector(".md-header").getBoundingClientRect().bottom;
      return hit === at && top >= picture.bottom && bottom <= innerHeight
        && picture.top >= Math.max(head, 0) - 1;
    }"""
    with opened(browser, "light", PHONE) as view:
        view.set_viewport_size({"width": PHONE, "height": 640})
        for page in PLACES[name]:
            piece = come(view, whole + page, name)
            controls = piece.locator(":is(button, input, select):enabled").all()
            assert len(controls) > 8
            for control in (*controls, *reversed(controls)):
                assert control.evaluate(seen), (page, control.evaluate("at => at.outerHTML"))


def test_a_steady_drift_has_a_limit_that_is_drawn_and_a_button_leads_there(
    what: Page, address: str
) -> None:
    piece = fresh(what, address, "averages", CHASE)
    limit = piece.locator("svg.picture text", has_text="steps behind")
    assert limit.count() == 0
    piece.get_by_role("button", name="Drift, 32 images").press("Enter")
    assert limit.text_content() == "limit, 99 steps behind"
    assert last(piece, "gap") == pytest.approx(ended(DRIFTING)[6], abs=1e-3)
    lag = DRIFTING.speed * DEVIATION * 99
    assert last(piece, "lag") == pytest.approx(lag, abs=1e-3)
    reached = f"1.98 deviations ({lag:.2f} in the feature's units), the drift of 99 steps."
    assert f"However long it trains, the lag stays at {reached}" in told(piece)
    for _ in range(2):
        piece.get_by_role("button", name="One more epoch").press("Enter")
        assert last(piece, "lag") == pytest.approx(lag, abs=1e-3)
    assert piece.get_by_role("button", name="3 epochs at most").is_disabled()
    piece.get_by_label("Learning rate").select_option("falls")
    assert limit.count() == 0
    assert "the lag stays" not in told(piece)


def test_where_the_lag_goes_is_told_of_the_batch_that_is_seen(what: Page, address: str) -> None:
    piece = asked_for(what, address, "averages", CHASE, "averages.speed=0.02")
    assert last(piece, "lag") < 0.02 * DEVIATION * 99 - 0.1
    assert "Its lag tends to 1.98 deviations (0.99 in the feature's units)" in told(piece)
    piece.get_by_role("button", name="Recalibrate").press("Enter")
    assert last(piece, "lag") == 0
    assert "The lag is 0, and grows again as soon as the weights move on." in told(piece)
    assert "1.98" not in told(piece)
    piece.get_by_role("button", name="One batch on").press("Enter")
    assert "Its lag tends to 1.98 deviations" in told(piece)


def test_the_caption_beside_the_lag_says_what_the_piece_shows(what: Page, address: str) -> None:
    page = PLACES["averages"][1]

    def parts(state: str) -> tuple[str, dict[str, float]]:
        piece = asked_for(what, address, "averages", page, state)
        heads = ("start", "lag", "chance")
        return f"{last(piece, 'gap'):.2f}", {head: last(piece, head) for head in heads}

    still, first = parts("averages.speed=0")
    caption = what.locator("#figure-averages figcaption").text_content() or ""
    assert first["start"] > 1
    assert first["lag"] == 0
    drift, moving = parts("averages.speed=0.02")
    fallen, falls = parts("averages.speed=0.02&averages.rate=falls")
    brief, short = parts("averages.speed=0.02&averages.momentum=0.9")
    _, fresh = parts("averages.speed=0.02&averages.anew=108")
    _, later = parts("averages.speed=0.02&averages.anew=108&averages.epochs=2")
    assert len({still, drift, fallen, brief}) == 4
    assert f"A drift of 0.02 deviations a batch makes it {drift}." in caption
    assert falls["start"] == moving["start"]
    assert 0.1 < falls["lag"] < moving["lag"] / 2
    assert f"A falling rate shrinks only the lag, and leaves {fallen}." in caption
    assert 10 * short["start"] < moving["start"]
    assert 2 * short["lag"] < moving["lag"]
    assert abs(short["chance"]) > abs(moving["chance"])
    assert f"A momentum of 0.9 shrinks start and lag, and leaves {brief}" in caption
    assert fresh["start"] == fresh["lag"] == later["start"] == 0
    assert later["lag"] > 0.5
    assert "Fresh statistics take start and lag away, until the weights move on." in caption


# What is drawn of a part, in units of the bars' picture, and the text beside it.
BARS = """(bars) => [...bars.querySelectorAll("g")].map((row) => {
  const bar = row.querySelector("path");
  const [, from, to] = bar?.getAttribute("d").match(/M([0-9.]+) .*H([0-9.]+)V/) ?? [];
  return [bar && Number(to) - Number(from), row.querySelector(".end").textContent];
})"""


def test_the_bars_of_the_parts_have_one_scale(what: Page, address: str) -> None:
    """A chance of 0.005 is not as long as a start of 5, and nothing is nothing."""

    def shown(state: str) -> tuple[dict[str, float | None], float]:
        piece = asked_for(what, address, "averages", CHASE, state)
        bars = piece.locator(".piece__bars")
        zero, most = map(float, bars.locator(".middle").all_text_contents())
        assert zero == 0
        assert bars.locator("svg").evaluate(MEETING) == []
        widths = dict(zip(("start", "lag", "chance"), bars.evaluate(BARS), strict=True))
        for width, text in widths.values():
            value = float(text.replace("−", "-"))
            assert (width is None) == (value == 0)
            assert width is None or width == pytest.approx(106 * value / most, abs=0.15)
        return {name: width for name, (width, _) in widths.items()}, most

    begun, most = shown("averages.seen=0")
    assert begun == {"start": 106, "lag": None, "chance": None}
    assert most == MEAN
    again, most = shown("averages.seen=108&averages.anew=108")
    assert most == MEAN
    assert again["start"] is again["lag"] is None
    assert again["chance"] is not None
    assert abs(again["chance"]) < 1
    # A lag that grows beyond the first mean has its own scale, and the same all the way.
    long = "averages.momentum=0.999&averages.speed=0.05&averages.size=32"
    lag, most = shown(long)
    assert most == 5 * MEAN
    assert lag["lag"] is not None
    assert 53 < lag["lag"] <= 106
    assert shown(f"{long}&averages.seen=1")[1] == most


def test_what_is_drawn_beside_the_averages_is_named_and_told_apart(
    what: Page, address: str
) -> None:
    state = "averages.speed=0.02&averages.epochs=2&averages.anew=108"
    piece = asked_for(what, address, "averages", CHASE, state)
    picture = piece.locator("svg.picture").first
    labels = picture.locator("text").all_text_contents()
    assert {"fresh statistics", "batches, around the true mean"} <= {*labels}
    # Of what is dashed and green, all is the limit: its line, and its sign in the legend.
    assert picture.locator(".dashed.std").count() == 2
    grey, blue = (
        piece.get_by_text(words, exact=True).evaluate("(at) => getComputedStyle(at).fill")
        for words in ("batches, around the true mean", "batches")
    )
    line = picture.locator(".dashed:not(.std)").evaluate("(at) => getComputedStyle(at).stroke")
    dots = picture.locator("circle.bn").first.evaluate("(at) => getComputedStyle(at).fill")
    assert (grey, blue) == (line, dots)
    # A tick for what is fresh ends above the labels that it could cut.
    tick = picture.locator("path.std[d$='v5']")
    assert tick.count() == 1
    assert "dashed" not in (tick.get_attribute("class") or "")
    press(piece, "Batches", "Home")
    assert picture.locator("circle.bn").count() == 0
    assert "the true mean" in picture.locator("text").all_text_contents()


def test_a_long_way_is_marked_on_its_axis(what: Page, address: str) -> None:
    piece = asked_for(what, address, "averages", CHASE, "averages.speed=0.02&averages.size=32")
    labels = piece.locator("svg.picture").first.locator("text.end").all_text_contents()
    assert labels[:3] == ["5", "20", "0"]


@pytest.mark.parametrize(
    "state",
    ["averages.seen=108", "averages.speed=0.02", "averages.size=8&averages.speed=0.035", ""],
)
def test_the_gap_is_worked_out_of_its_parts_as_printed(
    what: Page, address: str, state: str
) -> None:
    piece = asked_for(what, address, "averages", CHASE, state)
    bars = piece.locator(".piece__bars")
    parts = [float(text.replace("−", "-")) for text in bars.locator(".end").all_text_contents()]
    text = piece.locator(".piece__parts p").text_content() or ""
    found = re.search(r"deviation: (\S+) / (\S+) = (\S+), the gap", text.replace("−", "-"))
    assert found is not None, text
    whole, root, gap = map(float, found.groups())
    assert sum(parts) == pytest.approx(whole, abs=1e-9)
    assert f"{whole / root:.2f}" == found[3]
    assert gap == pytest.approx(last(piece, "gap"), abs=0.0051)


def test_dots_of_batches_stand_apart(what: Page, address: str) -> None:
    piece = fresh(what, address, "averages", CHASE)
    dots = piece.locator("svg.picture circle.bn").evaluate_all(
        "all => all.map(c => [+c.getAttribute('cx'), +c.getAttribute('r')])"
    )
    assert len(dots) == 54
    assert all(other - one > radius + width for (one, radius), (other, width) in pairwise(dots))


def test_one_batch_on_goes_on_by_one_batch_and_the_rest_stays_where_it_is(
    what: Page, address: str
) -> None:
    piece = fresh(what, address, "averages", CHASE)
    seen, on = (
        piece.get_by_label("Batches", exact=True),
        piece.get_by_role("button", name="One batch on"),
    )
    means = column(piece, "remembered mean")
    on.press("Enter")
    assert told(piece).startswith("Epoch 2 begins. The gap went from 2.38 to ")
    assert seen.input_value() == "109"
    assert seen.get_attribute("max") == "216"
    # What was before is as it was.
    press(piece, "Batches", "ArrowLeft")
    assert last(piece, "batch") == 216
    heads = column(piece, "batch")
    assert column(piece, "remembered mean")[heads.index(108)] == means[-1]
    press(piece, "Batches", "ArrowRight")
    for batch in ("110", "111"):
        on.press("Enter")
        assert seen.input_value() == batch
    press(piece, "Momentum", "ArrowLeft")
    press(piece, "Drift", "ArrowRight")
    assert seen.input_value() == "111"
    # At the end of all, and where the rate is zero, nothing is left to do.
    for state in ("averages.epochs=3", "averages.rate=falls"):
        piece = asked_for(what, address, "averages", CHASE, state)
        assert on.get_attribute("aria-disabled") == "true"
        batch = seen.input_value()
        on.press("Enter")
        assert seen.input_value() == batch
        press(piece, "Batches", "ArrowLeft")
        on.press("Enter")
        assert seen.input_value() == batch


def test_what_is_compared_with_the_end_of_a_former_training_says_so(
    what: Page, address: str
) -> None:
    for state, expected in (
        ("averages.momentum=0&averages.size=4096&averages.seen=1", "with "),
        ("averages.momentum=0.9&averages.seed=7&averages.seen=50", "too."),
    ):
        piece = asked_for(what, address, "averages", CHASE, state)
        piece.get_by_role("button", name="One more epoch").press("Enter")
        assert "The former training ended with a gap of " in told(piece)
        assert f", this one {expected}" in told(piece)


@pytest.mark.parametrize("width", [PHONE, DESK])
def test_controls_stay_where_they_are(browser: Browser, address: str, width: int) -> None:
    with opened(browser, "light", width) as view:
        for name, page in (("averages", CHASE), ("batch", PLACES["batch"][0])):
            piece = come(view, address + page, name)
            line = piece.locator(".piece__told" if width == DESK else ".piece__buttons")

            def stands(line: Locator = line) -> tuple[float, float]:
                box = line.bounding_box() or {"y": 0, "height": 0}
                return box["y"] + line.page.evaluate("scrollY"), box["height"]

            heights = set()
            labels = ["One more epoch", "Recalibrate", "Other images"]
            for label in labels if name == "averages" else ["Two", "All equal", "An outlier"]:
                piece.get_by_role("button", name=label, exact=True).press("Enter")
                heights.add(stands()[0 if width == PHONE else 1])
            for slider in piece.locator("input[type=range]").all():
                for key in ("End", "Home") if slider.is_enabled() else ():
                    slider.press(key)
                    heights.add(stands()[0 if width == PHONE else 1])
            assert len(heights) == 1, (name, heights)


def test_small_things_are_right(what: Page, address: str) -> None:
    piece = asked_for(what, address, "batch", PLACES["batch"][0], "batch.x=3++4")
    assert column(piece, "x") == list(BATCH)
    exact = piece.get_by_label("A as a number")
    exact.fill("")
    exact.press("Enter")
    assert exact.input_value() == "3"
    press(piece, "γ, gamma", "Home")
    assert told(piece).startswith("Gamma went")
    # A stored mean is not there to be dragged, and does not look so.
    grip = piece.locator(".piece__grip")
    before = grip.bounding_box()
    piece.get_by_label("Use stored averages").press("Space")
    after = grip.bounding_box()
    assert before is not None
    assert after is not None
    assert after["height"] < before["height"] - 10
    piece = asked_for(what, address, "averages", CHASE, "averages.seen=1")
    assert "After 1 batch the" in told(piece)
    what.emulate_media(reduced_motion="reduce")
    seen = piece.get_by_label("Batches", exact=True)
    seen.press("End")
    piece.get_by_role("button", name="Run").press("Enter")
    assert seen.input_value() == "0"
    piece.get_by_role("button", name="Run").press("Enter")
    assert seen.input_value() == "108"
    what.emulate_media(reduced_motion="no-preference")
    # Of few examples, a batch shows too little variance.
    press(piece, "Batch size", "Home")
    spread = ended(Settings(size=2))[7]
    assert "their variance is too small by 1/2, which spreads values by 1.41" in told(piece)
    assert f"instead of 1 as served; here by {spread:.2f}." in told(piece)


# ---- By hand ----


def drag(piece: Locator, start: tuple[float, float], end: tuple[float, float]) -> None:
    """Drag within the picture, whose own width is 328."""
    box = piece.locator("svg.picture").bounding_box()
    assert box is not None
    one, other = (
        (box["x"] + x * box["width"] / 328, box["y"] + y * box["width"] / 328)
        for x, y in (start, end)
    )
    mouse = piece.page.mouse
    mouse.move(*one)
    mouse.down()
    mouse.move(*other, steps=4)
    mouse.up()


def test_a_hand_drags_a_dot_the_bar_and_its_end(what: Page, address: str) -> None:
    piece = fresh(what, address)
    # 7.7 units are one.
    drag(piece, (87 + 7.7 * 17, 60), (87 + 7.7 * 25, 60))
    assert column(piece, "x") == pytest.approx([3, 9, 11, 25], abs=0.11)
    before, y = column(piece, "x"), column(piece, "y")
    drag(piece, (87 + 7.7 * float(np.mean(before)), 77), (87 + 7.7 * 7, 77))
    after = column(piece, "x")
    assert np.mean(after) == pytest.approx(7, abs=0.11)
    assert np.subtract(after, before) == pytest.approx([after[0] - before[0]] * 4, abs=SHOWN)
    assert column(piece, "y") == pytest.approx(y, abs=SHOWN)
    deviation = float(np.std(after))
    right = 87 + 7.7 * (float(np.mean(after)) + deviation)
    drag(piece, (right, 77), (right - 7.7 * 3, 77))
    assert np.std(column(piece, "x")) == pytest.approx(deviation - 3, abs=0.11)
    # A dot that is at the edge already says so.
    for words in ("D went from ", "D is at the edge of the axis, 30."):
        drag(piece, (87 + 7.7 * column(piece, "x")[-1], 60), (326, 60))
        assert told(piece).startswith(words)
        assert column(piece, "x")[-1] == 30
    # Beside them there is nothing to take.
    before = column(piece, "x")
    drag(piece, (164, 120), (250, 120))
    assert column(piece, "x") == before


# ---- The address ----


def test_the_state_is_in_the_address_and_comes_back(what: Page, address: str) -> None:
    piece = fresh(what, address)
    assert "#" not in what.url
    steps = what.evaluate("history.length")
    press(piece, "A", "ArrowLeft", 4)
    press(piece, "γ, gamma", "Home")
    piece.get_by_label("Use stored averages").press("Space")
    what.wait_for_timeout(400)
    assert what.url.endswith("#batch.x=1+9+11+17&batch.gamma=-3&batch.stored=yes")
    assert what.evaluate("history.length") == steps
    shown = column(piece, "y")
    url = what.url
    what.goto("about:blank")
    what.goto(url)
    piece.locator("xpath=self::*[contains(@class, 'piece--live')]").wait_for()
    assert column(piece, "y") == shown
    piece.get_by_role("button", name="Start again").press("Enter")
    assert "#" not in what.url
    assert column(piece, "x") == list(BATCH)


def test_a_frame_that_began_before_the_press_shows_the_start(what: Page, address: str) -> None:
    piece = fresh(what, address, "averages", CHASE)
    faults = listen(what, address)
    what.evaluate(
        "() => { const real = requestAnimationFrame;"
        " window.requestAnimationFrame = (go) => real((now) => go(now - 1000)); }"
    )
    piece.get_by_role("button", name="Run").press("Enter")
    piece.get_by_role("button", name="Stop").press("Enter")
    assert faults == []
    assert int(piece.get_by_label("Batches", exact=True).input_value()) < 108


def test_averages_come_back_from_an_address(what: Page, address: str) -> None:
    piece = fresh(what, address, "averages", CHASE)
    press(piece, "Momentum", "ArrowRight")
    press(piece, "Batch size", "ArrowRight")
    press(piece, "Drift", "End")
    piece.get_by_label("Learning rate").select_option("falls")
    piece.get_by_role("button", name="Other images").press("Enter")
    piece.get_by_role("button", name="Recalibrate").press("Enter")
    press(piece, "Batches", "ArrowLeft")
    what.wait_for_timeout(400)
    keys = dict(part.split("=") for part in what.url.partition("#")[2].split("&"))
    named = "momentum size speed rate seed anew seen".split()
    assert keys.keys() == {f"averages.{name}" for name in named}
    shown = column(piece, "remembered mean")
    url = what.url
    what.goto("about:blank")
    what.goto(url)
    piece.locator("xpath=self::*[contains(@class, 'piece--live')]").wait_for()
    assert column(piece, "remembered mean") == shown
    what.goto("about:blank")
    what.goto(
        f"{address}{CHASE}#averages.momentum=2&averages.size=3&averages.seen=-1&averages.speed=x"
    )
    what.locator("#figure-averages.piece--live").wait_for()
    assert f"{last(piece, 'gap'):.2f}" == analysis_of("inference").values["example.typical"].text


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("batch.x=1+2", [1, 2]),
        ("batch.x=<b>+2", list(BATCH)),
        ("batch.x=", list(BATCH)),
        ("batch.x=1e99+2", [1500, 2]),
        ("batch.x=NaN+Infinity", list(BATCH)),
        ("batch.x=" + "+".join("123456789"), [1, 2, 3, 4, 5, 6, 7, 8]),
        ("batch.gamma=many&batch.power=99&other.x=7&the-mathematics", list(BATCH)),
    ],
)
def test_an_address_that_makes_no_sense_does_no_harm(
    what: Page, address: str, asked: str, expected: list[float]
) -> None:
    what.goto("about:blank")
    faults = listen(what, address)
    what.goto(f"{address}learn/what.html#{asked}")
    piece = what.locator("#figure-batch")
    what.locator("#figure-batch.piece--live").wait_for()
    assert column(piece, "x") == expected
    press(piece, "Move all", "ArrowLeft")
    what.wait_for_timeout(400)
    # Another piece keeps what is its own.
    assert ("other.x=7" in what.url) is ("other.x=7" in asked)
    assert faults == []


# ---- Everywhere, for everyone ----


def states(name: str, piece: Locator) -> Iterator[str]:
    """Bring a piece into each of its states."""
    yield "start"
    piece.get_by_text("Show the numbers").press("Enter")
    for button in piece.locator(".piece__buttons button").all():
        if button.is_enabled():
            button.press("Enter")
            yield button.text_content() or ""
    for checkbox in piece.locator("input[type=checkbox]").all():
        checkbox.press("Space")
        yield "ticked"
    for slider in piece.locator("input[type=range]").all():
        if slider.is_enabled():
            slider.press("End")
    for field in piece.locator("input[type=text]").all():
        field.fill("nan")
        yield "no number"
    yield f"all of {name} at the end"


# Faults of colours, of names and of what leads nowhere.
SPOILED = """(piece) => {
  for (const part of piece.querySelectorAll("p, label")) part.style.color = "#aaa";
  for (const part of piece.querySelectorAll("button")) part.style.background = "#333";
  for (const part of piece.querySelectorAll("input, select, button, svg")) {
    part.removeAttribute("aria-label");
    part.removeAttribute("aria-labelledby");
  }
  for (const part of piece.querySelectorAll("label")) part.replaceWith(...part.childNodes);
  piece.querySelector("input").setAttribute("aria-labelledby", "nowhere");
  piece.querySelector("p").setAttribute("role", "slider");
}"""
BROKEN = """(piece, rules) => axe.run(piece, {
  runOnly: rules, resultTypes: ["violations"], selectors: false,
}).then(({ violations: found }) =>
  found.flatMap(({ id, nodes }) => nodes.map(({ html }) => [id, html])))"""


def broken(piece: Locator, rules: Sequence[str]) -> list[list[str]]:
    """What axe finds in a piece as it is: the rule, of these or of these levels, and the part."""
    found: list[list[str]] = piece.evaluate(BROKEN, rules)
    return found


@pytest.mark.parametrize(("name", "page"), [(name, pages[0]) for name, pages in PLACES.items()])
def test_what_a_piece_breaks_is_found_whatever_else_its_page_holds(
    browser: Browser, address: str, whole: str, name: str, page: str
) -> None:
    found, parts, begun = [], [], []
    with opened(browser, "light", PHONE) as view:
        for where in (whole, address):
            piece = come(view, where + page, name)
            begun.append(piece.evaluate("(piece) => piece.outerHTML"))
            view.evaluate(Axe().axe_script)
            piece.evaluate(SPOILED)
            found.append(broken(piece, LEVELS))
            parts.append(view.evaluate("document.querySelectorAll('*').length"))
    assert begun[0] == begun[1]
    assert found[0] == found[1]
    assert len({rule for rule, _ in found[0]}) > 2
    assert parts[1] < 0.9 * parts[0]


# What is too wide for the window, too small for a finger or too small to read. The palettes have
# the same boxes.
MISFITS = """(piece) => {
  const wide = document.documentElement.scrollWidth - innerWidth;
  const small = [...piece.querySelectorAll("button, input, select, summary")]
    .filter((part) => part.checkVisibility({ visibilityProperty: true }))
    .map((part) => part.getBoundingClientRect())
    .filter(({ width, height }) => width > 0 && height > 0 && (width < 24 || height < 24)).length;
  const scale = piece.querySelector("svg.picture").getBoundingClientRect().width / 328;
  return [...(wide > 0 ? [["wide", wide]] : []), ...(small ? [["small", small]] : []),
    ...(scale < 0.999 ? [["text below 11 px", scale]] : [])];
}"""
# What axe finds in both palettes, between which a page turns as by the script of the theme, which
# these pages do not have. Colours that fade into others are those others.
IN_BOTH = f"""async (piece, [schemes, levels, colours, marked]) => {{
  const mark = {ALIKE};
  const found = [];
  axe.configure(marked);
  for (const [palette, scheme] of Object.entries(schemes)) {{
    document.body.dataset.mdColorScheme = scheme;
    for (let fading; (fading = document.getAnimations()
      .filter((one) => one instanceof CSSTransition)).length;) {{
      for (const one of fading) one.finish();
    }}
    mark(piece);
    const rules = palette === "light" ? levels : colours;
    for (const fault of await ({BROKEN})(piece, rules)) found.push([palette, ...fault]);
  }}
  document.body.dataset.mdColorScheme = schemes.light;
  return found;
}}"""


@each_place
def test_axe_finds_nothing_in_any_state_and_nothing_is_too_wide_or_too_small(
    browser: Browser, address: str, name: str, page: str
) -> None:
    """Axe looks at each state on a phone, and at the first and the last one at a desk, too."""
    found: list[tuple[object, ...]] = []
    now = PHONE
    with opened(browser, "light", PHONE) as view:
        faults = listen(view, address)
        piece = come(view, address + page, name)
        view.evaluate(Axe().axe_script)
        for state in states(name, piece):
            outer = state in {"start", f"all of {name} at the end"}
            # The width that is there comes first: a window takes time to change.
            for width in sorted((PHONE, DESK), key=lambda width: width != now):
                if width != now:
                    resize(view, now := width)
                found += [(state, width, *fault) for fault in piece.evaluate(MISFITS)]
                if outer or width == PHONE:
                    both = piece.evaluate(IN_BOTH, [SCHEMES, LEVELS, OF_COLOURS, MARKED])
                    found += [(state, width, *fault) for fault in both]
        assert faults == []
    assert found == []


def test_a_piece_lives_in_a_folder_without_a_server(
    browser: Browser, site: Path, tmp_path: Path
) -> None:
    for name in ("assets", "figures"):
        (tmp_path / name).symlink_to(site / name)
    with opened(browser, "light", DESK) as page:
        faults = listen(page, "file:")
        for name, path in EACH:
            (tmp_path / path).parent.mkdir(exist_ok=True)
            (tmp_path / path).write_text(alone.lone(site / path), encoding="utf-8")
            piece = come(page, (tmp_path / path).as_uri(), name)
            slider = piece.locator("input[type=range]:enabled").first
            slider.press("Home" if slider.evaluate("(s) => s.value === s.max") else "End")
            page.wait_for_function("(key) => location.hash.startsWith(key)", arg=f"#{name}.")
            page.goto("about:blank")
        assert faults == []


def test_no_script_is_fetched_before_a_piece_is_near(browser: Browser, whole: str) -> None:
    with opened(browser, "light", DESK, first=True) as page:
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(whole + "learn/backward.html", wait_until="networkidle")
        assert not [url for url in asked if "/pieces/" in url]
        page.locator("#figure-batch").scroll_into_view_if_needed()
        page.locator("#figure-batch.piece--live").wait_for()
        fetched = [url.rpartition("/")[2] for url in asked if "/pieces/" in url]
        assert fetched == ["shared.js", "batch.js"]


def test_one_that_the_first_window_cuts_off_waits_until_the_reader_moves(
    browser: Browser, whole: str
) -> None:
    with opened(browser, "light", DESK, first=True) as page:
        page.goto(whole + CHASE)
        box = page.locator("#figure-averages").bounding_box()
        assert box is not None
        page.set_viewport_size({"width": DESK, "height": int(box["y"]) + 100})
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(whole + CHASE, wait_until="networkidle")
        assert not [url for url in asked if "/pieces/" in url]
        page.mouse.move(300, 300)
        page.locator("#figure-averages.piece--live").wait_for()


@pytest.mark.parametrize(("width", "height"), [(PHONE, 740), (DESK, 800)])
def test_the_first_screen_has_a_finding_and_a_picture_to_touch(
    browser: Browser, whole: str, width: int, height: int
) -> None:
    with opened(browser, "light", width, first=True) as page:
        page.set_viewport_size({"width": width, "height": height})
        page.goto(whole + HOME, wait_until="commit")
        # Its still picture would tell what the bet is about.
        still = page.locator("#figure-bet:not(.piece--live) .figure__scroll")
        still.wait_for(state="hidden")
        piece = page.locator("#figure-bet.piece--live")
        piece.wait_for()
        assert page.locator(".lede a.value").count() == 2
        box = piece.locator("svg.picture").bounding_box()
        assert box is not None
        # At least the part that holds the lines.
        assert box["y"] + 0.6 * box["height"] < height
        before = told(piece)
        page.mouse.click(box["x"] + 0.3 * box["width"], box["y"] + 0.4 * box["height"])
        assert told(piece) != before
        assert page.evaluate("scrollY") == 0


def test_a_picture_that_waits_for_its_piece_comes_without_it(browser: Browser, whole: str) -> None:
    with opened(browser, "light", DESK, first=True) as page:
        page.route("**/pieces/*", lambda route: route.abort())
        page.goto(whole + HOME)
        still = page.locator("#figure-bet .figure__scroll")
        assert not still.is_visible()
        still.wait_for(state="visible", timeout=20_000)


def test_on_a_phone_controls_stand_next_to_the_picture_and_no_line_runs_through_a_label(
    browser: Browser, address: str
) -> None:
    with opened(browser, "light", PHONE) as page:
        for name in ("diagnoser", "bet", "room", "share", "lab"):
            piece = come(page, address + PLACES[name][0], name)
            picture = piece.locator("svg.picture").bounding_box()
            controls = piece.locator(".piece__controls").bounding_box()
            assert picture is not None
            assert controls is not None
            assert controls["y"] - picture["y"] - picture["height"] < 30
        piece = come(page, address + FAILURES, "diagnoser")
        assert "Examples:" in piece.locator(".piece__buttons").inner_text()
        for at in ("50", "100", "92.5"):
            piece.get_by_label("By the averages, typed").fill(at)
            dot = piece.locator("circle.solid.std").bounding_box()
            label = piece.locator("text.halo", has_text=f"{at}%").first.bounding_box()
            picture = piece.locator("svg.picture").bounding_box()
            assert dot is not None
            assert label is not None
            assert picture is not None
            assert label["x"] >= dot["x"] + dot["width"]
            assert label["x"] + label["width"] <= picture["x"] + picture["width"] + 0.5
            middles = [box["y"] + box["height"] / 2 for box in (dot, label)]
            assert abs(middles[0] - middles[1]) < 2


def test_a_state_that_comes_later_wakes_its_piece_too(browser: Browser, whole: str) -> None:
    with opened(browser, "light", DESK) as page:
        page.goto(whole + FAILURES)
        assert not page.locator("#figure-diagnoser.piece--live").count()
        page.evaluate("location.hash = 'diagnoser.averages=50%25'")
        page.locator("#figure-diagnoser.piece--live").wait_for()
        assert page.get_by_label("By the averages, typed").input_value() == "50%"


def test_the_keyboard_meets_every_control_in_order_and_leaves(what: Page, whole: str) -> None:
    piece = fresh(what, whole)
    controls = piece.locator(":is(input, select, button):enabled, summary").count()
    piece.locator(":is(input, select, button)").first.focus()
    ringed = []
    for _ in range(controls):
        ringed.append(
            what.evaluate(
                "(({ activeElement: at }) => at.closest('.piece') &&"
                " getComputedStyle(at).outlineStyle !== 'none')(document)"
            )
        )
        what.keyboard.press("Tab")
    assert all(ringed[1:])
    assert what.evaluate("!document.activeElement.closest('.piece')")


# ---- Budgets and promises of the scripts ----


# Kilobytes, compressed.
MOST = {"shared": 20, "piece": 12}
FORBIDDEN = re.compile(
    r"\bfetch\s*\(|XMLHttpRequest|sendBeacon|WebSocket|\bimport\b|\bexport\b|https?://(?!www\.w3\.org/)"
    r"|innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function|setInterval"
)


def kilobytes(path: Path) -> float:
    return len(gzip.compress(path.read_bytes(), 9)) / 1000


def promises(text: str) -> Sequence[str]:
    """What a script of a piece holds that it may not."""
    return FORBIDDEN.findall(text)


def test_each_script_keeps_its_budget_and_every_piece_has_one() -> None:
    scripts = {path.stem: path for path in SCRIPTS.glob("*")}
    assert scripts.keys() == {"shared", "bet", "compare", *PIECES} == {"shared", *PLACES}
    for name, path in scripts.items():
        assert kilobytes(path) <= MOST["shared" if name == "shared" else "piece"]
        assert path.read_text(encoding="utf-8").startswith("/* ")
        assert promises(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "text",
    ["fetch ('a.json')", 'import x from "y"', "part.innerHTML = text", "'https://example.org'"],
)
def test_a_script_that_breaks_a_promise_is_found(text: str) -> None:
    assert promises(text)
