"""The compass: a hand changes rate, decay, length and BN, and its numbers are Python's."""

import json
import math
import re
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any
from urllib.parse import parse_qsl

import numpy as np
import pytest
from playwright.sync_api import Browser, Locator, Page

from bnreport.lessons.compass import (
    EXAMPLES,
    LAST,
    SEEN,
    STEPS,
    Needle,
    length,
    path,
    predicted,
    rest,
    turn,
    turned,
    usual,
)
from tests.browser.test_pieces import SHOWN, asked_for, column, drag, fresh, press, told
from tests.browser.visits import (
    BEYOND,
    DESK,
    MEETING,
    PHONE,
    listen,
    opened,
    put,
    resize,
    until,
)
from tests.synthetic import DOCS

pytestmark = pytest.mark.browser

SCALE = "learn/scale.html"
# What rounding may do over a whole training.
ROUNDING = 1e-7
# How far below the picture the buttons begin.
BELOW = """(piece) => {
  const [top, other] = ["svg.picture", ".piece__buttons"]
    .map((part) => piece.querySelector(part).getBoundingClientRect().y);
  return Math.round(other - top);
}"""


@pytest.fixture(scope="module")
def address(lone: str) -> str:
    """The address of pages of one piece each."""
    return lone


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    """One page for all tests of the compass."""
    with opened(browser, "light", DESK) as page:
        yield page


def compass(page: Page, address: str, state: str = "") -> Locator:
    """The compass as it begins, or in a state, on a page that need not be loaded for it."""
    piece = page.locator("#figure-compass.piece--live")
    if not (page.url.startswith(address + SCALE) and piece.count()):
        piece = fresh(page, address, "compass", SCALE)
    put(piece)
    if state:
        put(piece, state)
    return piece


def angle(value: float) -> str:
    """An angle as the piece says it."""
    least = 2 if value < 0.95 else 1
    return f"{value:.{max(least, 1 - math.floor(math.log10(value)))}f}°"


def row(piece: Locator, step: int) -> dict[str, float]:
    """The numbers of a step, by the head of their column."""
    heads = piece.locator(".piece__numbers thead th").all_text_contents()
    rows = piece.locator(".piece__numbers tbody tr").all_text_contents()
    at = [int(value) for value in column(piece, "step")].index(step)
    assert len(rows) > at
    cells = piece.locator(f".piece__numbers tbody tr:nth-child({at + 1}) > *").all_text_contents()
    return {head: float(cell) for head, cell in zip(heads, cells, strict=True) if cell != "–"}


# ---- Its numbers are Python's ----


@pytest.mark.parametrize(
    "settings",
    [
        Needle(),
        Needle(rate=3.2, decay=0.08, start=0.125, seed=7),
        Needle(rate=0.025, decay=0.00125, start=8.0, times=8.0, at=1279, seed=2),
        Needle(decay=0.0, times=0.125, at=0, seed=99),
        Needle(rate=0.8, normalized=False, start=4.0),
        Needle(rate=3.2, decay=0.0, normalized=False, seed=3),
    ],
    ids=lambda settings: f"rate {settings.rate}, seed {settings.seed}",
)
def test_a_training_is_that_of_the_reference(page: Page, address: str, settings: Needle) -> None:
    compass(page, address)
    found = page.evaluate(
        """(settings) => {
          const { data } = document.querySelector("bn-compass");
          const { normals } = window.bnreport.pieces.shared;
          const draws = normals(settings.seed, 3 * data.examples * (settings.steps + 1));
          return window.bnreport.pieces.compass.train(settings, data, draws)
            .map((at) => [...at.weight, ...at.output, ...at.gradient, at.turn ?? 0]);
        }""",
        asdict(settings),
    )
    way = path(settings)
    turns = np.append(turned(way.weight), 0)[:, None]
    expected = np.hstack([way.weight, way.output, way.gradient, turns])
    assert np.shape(found) == expected.shape == (len(way.weight), 2 + EXAMPLES + 2 + 1)
    assert np.array(found) == pytest.approx(expected, rel=ROUNDING, abs=ROUNDING)


def test_the_numbers_on_demand_are_those_of_the_training(page: Page, address: str) -> None:
    piece = compass(page, address)
    way = path(Needle())
    assert SEEN in column(piece, "step")
    for step in (0, 192, SEEN):
        shown = row(piece, step)
        size = way.length[step]
        assert shown["length"] == pytest.approx(size, abs=1e-3)
        assert shown["rate / length²"] == pytest.approx(0.2 / size**2, abs=1e-3)
        assert shown["gradient"] == pytest.approx(math.hypot(*way.gradient[step]), abs=1e-3)
        following = usual(turned(way.weight)[step : step + 8])
        assert shown["turn"] == pytest.approx(following, abs=1e-3)
    assert row(piece, 0)["off"] == pytest.approx(110, abs=SHOWN)


# ---- What a reader discovers, by keyboard ----


def test_multiplied_the_weight_answers_alike_and_turns_a_sixteenth(
    page: Page, address: str
) -> None:
    piece = compass(page, address)
    outputs = piece.locator("circle.hollow[cy='142.0']")
    before = outputs.evaluate_all("all => all.map(c => +c.getAttribute('cx'))")
    was = row(piece, SEEN)
    press(piece, "Multiply", "ArrowRight", 2)
    now = row(piece, SEEN)
    assert outputs.evaluate_all("all => all.map(c => +c.getAttribute('cx'))") == before
    assert len(before) == EXAMPLES
    assert now["length"] == pytest.approx(4 * was["length"], abs=3e-3)
    assert now["gradient"] == pytest.approx(was["gradient"] / 4, abs=1e-3)
    plain, longer = (turned(path(Needle(times=t, at=SEEN)).weight)[SEEN] for t in (1.0, 4.0))
    said = told(piece)
    assert "After 640 steps the weight was multiplied by 4: no output moves, the gradient" in said
    assert f"the next step turns it by {angle(longer)} instead of {angle(plain)}" in said
    assert longer == pytest.approx(plain / 16, rel=0.02)
    # Decay makes it as short again.
    end = length(Needle(times=4.0, at=SEEN))
    assert end == pytest.approx(length(Needle()), rel=0.1)
    assert f"Over the last {LAST} of 1,280 steps" in said
    assert f"at a length of {end:.2f}" in said
    # Without BN the answers move.
    piece.get_by_label("Batch normalization").press("Space")
    press(piece, "Multiply", "ArrowLeft")
    assert "outputs move by up to" in told(piece)
    dots = outputs.evaluate_all("all => all.map(c => +c.getAttribute('cx'))")
    assert dots != pytest.approx(before, abs=1)


def test_two_digits_count_however_little_a_step_turns(page: Page, address: str) -> None:
    piece = compass(page, address, "compass.start=8&compass.seen=0")
    press(piece, "Multiply", "End")
    plain, longer = (path(Needle(start=8.0, times=t, at=0)) for t in (1.0, 8.0))
    was, now = (angle(turned(way.weight)[0]) for way in (plain, longer))
    assert (was, now) == ("0.065°", "0.0010°")
    said = told(piece)
    assert "the gradient goes from 0.045 to 0.0056" in said
    assert f"turns it by {now} instead of {was}" in said
    assert piece.locator("text", has_text=f"next step turns it {now}").count() == 1
    # It is as short as it will be only at the end.
    assert "; once it rests, rate and decay alone predict 5.1°" in said


def test_a_longer_start_is_forgotten(page: Page, address: str) -> None:
    piece = compass(page, address)
    press(piece, "First length", "End")
    assert f"the length is {length(Needle()):.2f}, as before. " in told(piece)
    assert f"A step turns it by {angle(turn(Needle()))}, as before." in told(piece)
    assert told(piece).startswith("The weight now starts 8 long instead of 2.")
    assert row(piece, 0)["length"] == 8


def test_rate_and_decay_trade_with_bn_and_not_without(page: Page, address: str) -> None:
    piece = compass(page, address)
    trade = piece.get_by_role("button", name="Rate × 4, decay ÷ 4")
    off = row(piece, 1216)["off"]
    trade.press("Enter")
    one, other = Needle(), Needle(rate=0.8, decay=0.005)
    said = told(piece)
    assert f"is {length(other):.2f}; before the change it was {length(one):.2f}." in said
    assert f"A step turns it by {angle(turn(one))}, as before." in said
    assert f"Rate and decay alone predict {angle(predicted(one))}." in said
    # Not only as far: it is the same way.
    assert row(piece, 1216)["off"] == pytest.approx(off, abs=1e-3)
    trade.press("Enter")
    assert piece.get_by_label("Rate", exact=True).get_attribute("aria-valuetext") == "3.2"
    assert trade.get_attribute("aria-disabled") == "true"
    piece.get_by_role("button", name="Start again").press("Enter")
    piece.get_by_label("Batch normalization").press("Space")
    trade.press("Enter")
    plain, wilder = (
        turn(Needle(rate=rate, decay=decay, normalized=False))
        for rate, decay in ((0.2, 0.02), (0.8, 0.005))
    )
    assert f"A step turns it by {angle(wilder)} instead of {angle(plain)}." in told(piece)
    assert "predict" not in told(piece)
    trade.press("Enter")
    wild = path(Needle(rate=3.2, decay=0.00125, normalized=False))
    assert f"the training diverges within {len(wild.weight)} steps" in told(piece)
    assert piece.locator("text.title").text_content() == "Without BN the length counts, too"
    # The slider stands where the picture does, not where the training would have ended.
    piece.get_by_label("Step", exact=True).press("End")
    assert piece.get_by_label("Step", exact=True).input_value() == str(len(wild.weight) - 1)
    # Without decay there is none to trade.
    piece.get_by_role("button", name="Start again").press("Enter")
    piece.get_by_label("Weight decay").press("Space")
    needs = piece.get_by_role("button", name="Rate × 4: needs decay")
    assert needs.get_attribute("aria-disabled") == "true"
    assert not trade.count()
    piece.get_by_label("Weight decay").press("Space")
    assert trade.get_attribute("aria-disabled") == "false"


def test_a_length_can_be_read_off_and_compared_with_the_one_before(
    page: Page, address: str
) -> None:
    piece = compass(page, address)

    def radius(kind: str) -> float:
        circle = piece.locator(f"svg.picture circle.{kind}:not([cy='142.0'])")
        return float(circle.get_attribute("r") or 0)

    def ruled() -> float:
        """The units of the picture to a length of one, by its ruler."""
        ruler = piece.locator("svg.picture path[d^='M2 24']").get_attribute("d") or ""
        words = piece.locator("svg.picture text", has_text=re.compile("^length [0-9.]+$")).first
        length = float((words.text_content() or "").removeprefix("length "))
        return (float(ruler.split("H")[1].split("V")[0]) - 2) / length

    assert piece.locator("svg.picture circle.line.was").count() == 0
    resting = radius("dashed") / ruled()
    assert resting == pytest.approx(rest(Needle()), rel=0.02)
    piece.get_by_role("button", name="Rate × 4, decay ÷ 4").press("Enter")
    assert radius("dashed") / radius("line.was") == pytest.approx(2, rel=0.03)
    assert radius("dashed") / ruled() == pytest.approx(2 * resting, rel=0.03)


def test_a_multiplied_weight_says_where(page: Page, address: str) -> None:
    piece = compass(page, address)
    press(piece, "Multiply", "ArrowRight", 2)
    press(piece, "Step", "Home")
    signs = piece.locator("svg.picture text", has_text=re.compile("^× 4$"))
    assert [float(x.get_attribute("x") or 0) for x in signs.all()] == [28 + 64, 196 + 64]
    press(piece, "Multiply", "ArrowLeft", 2)
    assert signs.count() == 0


def test_without_decay_the_weight_only_grows(page: Page, address: str) -> None:
    piece = compass(page, address)
    piece.get_by_label("Weight decay").press("Space")
    free = Needle(decay=0.0)
    assert told(piece).startswith("Nothing shrinks the weight any more.")
    was, now = length(Needle()), length(free)
    assert f"the length is {now:.2f}; before the change it was {was:.2f}." in told(piece)
    assert (np.diff(column(piece, "length")) > 0).all()
    assert not piece.locator("text", has_text="predicted").count()
    # Another decay is decay again.
    press(piece, "Decay", "ArrowRight")
    assert piece.get_by_label("Weight decay").is_checked()
    assert f"predict {angle(predicted(Needle(decay=0.04)))}" in told(piece)


def test_a_training_is_watched_step_by_step_and_with_reduced_motion_at_once(
    page: Page, address: str
) -> None:
    piece = compass(page, address, "compass.seen=10")
    piece.get_by_role("button", name="One step on").press("Enter")
    step = piece.get_by_label("Step", exact=True)
    assert step.input_value() == "11"
    piece.get_by_role("button", name="Run").press("Enter")
    until(page, lambda: step.input_value() != "11")
    assert step.input_value() != str(STEPS)
    piece.get_by_role("button", name="Stop").press("Enter")
    stopped = step.input_value()
    assert 11 < int(stopped) < STEPS
    page.wait_for_timeout(200)
    assert step.input_value() == stopped
    page.emulate_media(reduced_motion="reduce")
    piece.get_by_role("button", name="Run").press("Enter")
    assert step.input_value() == str(STEPS)
    page.emulate_media(reduced_motion="no-preference")


def test_a_hand_chooses_the_step_in_a_chart(page: Page, address: str) -> None:
    piece = compass(page, address)
    piece.locator("svg.picture").scroll_into_view_if_needed()
    drag(piece, (28 + 64, 230), (28 + 32, 230))
    step = int(piece.get_by_label("Step", exact=True).input_value())
    assert step == pytest.approx(STEPS / 4, abs=12)
    drag(piece, (100, 100), (60, 60))
    assert int(piece.get_by_label("Step", exact=True).input_value()) == step


# ---- Recorded nets ----

FIRST = 0


def recorded() -> dict[tuple[float, float, bool], list[Any]]:
    """Lengths, and turns in degrees, along the recorded runs at constant rates."""
    runs: dict[tuple[float, float, bool], list[Any]] = {}
    for line in (DOCS.parent / "results" / "decay.jsonl").read_text("utf-8").splitlines():
        record = json.loads(line)
        name = record.get("identity", {}).get("trial", {}).get("name", "")
        arm, constant, rest = name.partition("-constant-")
        if constant and "times" not in rest:
            rate, decay = map(float, rest.split("-"))
            checks = record["checks"]
            ways = [np.array(checks[f"path_{of}"])[:, FIRST] for of in ("length", "turn")]
            runs.setdefault((rate, decay, arm == "std-bn"), []).append(ways)
    return runs


def test_recorded_nets_are_those_of_the_records_and_stand_beside(page: Page, address: str) -> None:
    piece = compass(page, address)
    runs = recorded()
    nets = page.evaluate("document.querySelector('bn-compass').data.recorded")
    assert len(nets) == 7
    for net in nets:
        found = np.array(runs[net["rate"], net["decay"], net["normalized"]])
        assert net["seeds"] == len(found)
        assert net["length"] == pytest.approx(found[:, 0].mean(axis=0), rel=1e-3)
        assert net["turn"] == pytest.approx(np.degrees(found[:, 1].mean(axis=0)), rel=1e-3)
    beside = piece.locator(".piece__beside")
    sizes, turns = np.array(runs[0.2, 0.02, True]).mean(axis=0)
    expected = f"by {angle(math.degrees(turns[-1]))} a step after 1,216 steps, at a length of"
    assert (
        "24 recorded nets of 784 pixels and two hidden layers, with BN, turn" in beside.inner_text()
    )
    assert f"{expected} {sizes[-1]:.2f}." in beside.inner_text()
    slope = math.tan(turns[-1]) * sizes[-1] ** 2 / 0.2
    assert f"a gradient is about {slope:.3f} long there" in beside.inner_text()
    assert row(piece, 640)["turn, nets"] == pytest.approx(math.degrees(turns[10]), abs=1e-3)
    dots = piece.locator("circle.hollow[r='2']")
    assert dots.count() == 2 * 20 + 1
    why = "24 recorded nets: shorter gradients, so shorter weights"
    assert piece.locator("text", has_text=why).count() == 1
    # At other settings nothing stands beside.
    press(piece, "Rate", "ArrowRight")
    assert dots.count() == 0
    assert beside.inner_text().startswith("No recorded net with BN has this rate and decay.")
    piece.get_by_role("button", name="Start again").press("Enter")
    piece.get_by_label("Batch normalization").press("Space")
    piece.get_by_label("Weight decay").press("Space")
    plain = np.array(runs[0.2, 0.0, False])
    assert beside.inner_text().startswith(f"{len(plain)} recorded nets")
    assert "without BN" in beside.inner_text()
    sizes, turns = plain.mean(axis=0)
    shown = (
        f"{angle(math.degrees(turns[-1]))} a step after 1,216 steps, at a length of {sizes[-1]:.2f}"
    )
    assert shown in beside.inner_text()


# ---- The address, and phones ----


def test_the_state_is_in_the_address_and_comes_back(page: Page, address: str) -> None:
    piece = compass(page, address)
    press(piece, "Rate", "ArrowLeft")
    press(piece, "Decay", "ArrowRight")
    press(piece, "First length", "Home")
    press(piece, "Multiply", "ArrowLeft")
    press(piece, "Step", "PageUp")
    piece.get_by_label("Batch normalization").press("Space")
    piece.get_by_role("button", name="Other batches").press("Enter")
    named = [f"compass.{name}" for name in "rate decay start seed seen bn times at".split()]

    def kept() -> dict[str, str]:
        """What the address says by now."""
        return dict(parse_qsl(page.url.partition("#")[2]))

    until(page, lambda: {*kept()} == {*named})
    assert {*kept()} == {*named}
    assert kept()["compass.at"] == str(SEEN)
    shown = column(piece, "length")
    piece = asked_for(page, address, "compass", SCALE, page.url.partition("#")[2])
    assert column(piece, "length") == shown


@pytest.mark.parametrize(
    "state",
    [
        "compass.rate=9&compass.decay=-1&compass.start=NaN&compass.seed=0.5&compass.seen=x",
        "compass.times=3&compass.at=10",
        "compass.rate=__proto__&compass.bn=%3Cb%3E&compass.free=maybe",
    ],
)
def test_an_address_that_makes_no_sense_is_the_start(page: Page, address: str, state: str) -> None:
    faults = listen(page, address)
    start = column(compass(page, address), "length")
    piece = compass(page, address, "compass.rate=0.1&compass.bn=no&compass.free=yes&compass.seed=2")
    assert column(piece, "length") != start
    put(piece, state)
    assert column(piece, "length") == start
    assert not piece.locator("b").count()
    assert faults == []


def test_a_page_that_is_loaded_with_an_address_of_no_sense_is_the_start(
    page: Page, address: str
) -> None:
    faults = listen(page, address)
    start = column(compass(page, address), "length")
    state = "compass.rate=__proto__&compass.times=3&compass.seed=0.5&compass.bn=%3Cb%3E"
    piece = asked_for(page, address, "compass", SCALE, state)
    assert column(piece, "length") == start
    assert not piece.locator("b").count()
    assert faults == []


@pytest.mark.parametrize(
    "state",
    [
        "",
        "compass.start=8&compass.seen=1280",
        "compass.start=0.125&compass.rate=0.025&compass.decay=0.00125",
        "compass.start=8&compass.rate=0.025&compass.decay=0.00125&compass.seen=1280",
        "compass.bn=no&compass.rate=3.2&compass.seen=1280",
        "compass.bn=no&compass.rate=1.6&compass.times=8&compass.at=640",
        "compass.rate=3.2&compass.decay=0.08",
        "compass.rate=0.025&compass.decay=0.00125&compass.start=8&compass.times=8&compass.at=0&compass.seen=0",
    ],
)
def test_nothing_leaves_the_picture_and_no_two_labels_meet(
    page: Page, address: str, state: str
) -> None:
    piece = compass(page, address, state)
    picture = piece.locator("svg.picture")
    assert picture.evaluate(MEETING) == []
    assert picture.evaluate(BEYOND, "text, circle, path.thick") == []
    # Where the weight is now is never cut off by an axis.
    here = piece.locator("circle.solid:not(.soft)")
    places = here.evaluate_all("all => all.map(c => +c.getAttribute('cy'))")
    assert len(places) == 2
    assert min(places) > 202
    assert max(places) < 264


def test_on_a_phone_all_controls_and_the_picture_are_on_one_screen(
    page: Page, address: str
) -> None:
    piece = compass(page, address)
    try:
        page.set_viewport_size({"width": PHONE, "height": 640})
        picture = piece.locator("svg.picture").bounding_box()
        controls = piece.locator(".piece__controls").bounding_box()
        header = page.locator(".md-header").bounding_box()
        assert picture is not None
        assert controls is not None
        assert header is not None
        assert controls["y"] + controls["height"] - picture["y"] < 640 - header["height"]
    finally:
        resize(page, DESK)


def test_controls_stay_where_they_are(page: Page, address: str) -> None:
    piece = compass(page, address)
    places: dict[int, set[int]] = {PHONE: set(), DESK: set()}

    def look() -> None:
        """Note how far below the picture the buttons begin, at both widths."""
        for width, seen in places.items():
            page.set_viewport_size({"width": width, "height": 800})
            seen.add(piece.evaluate(BELOW))

    look()
    for button in ("Rate × 4, decay ÷ 4", "Other batches"):
        piece.get_by_role("button", name=button).press("Enter")
        look()
    for label in ("Batch normalization", "Weight decay", "Batch normalization"):
        piece.get_by_label(label).press("Space")
        look()
    for slider in piece.locator("input[type=range]").all():
        for key in ("End", "Home"):
            slider.press(key)
            look()
    assert {width: len(seen) for width, seen in places.items()} == {PHONE: 1, DESK: 1}
