"""The live lab: a worker trains both nets, the same everywhere, and the keyboard changes them."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Locator, Page

from bnreport.lessons import lab
from bnreport.lessons.lab import ALL, ASKED, EVERY, SEEDS, STEPS, Lab
from tests.browser.test_pieces import SHOWN, column, come, drag, press
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

pytestmark = pytest.mark.browser

WHY = "learn/why.html"
# A slow machine trains ten nets in a few seconds.
PATIENCE = 60_000
STATES = (
    "",
    "lab.rate=3",
    "lab.many=yes&lab.rate=3",
    "lab.many=yes&lab.rate=3&lab.depth=6&lab.size=8",
    "lab.size=1&lab.rate=3&lab.depth=6",
    "lab.seen=0",
    "lab.depth=1&lab.rate=0.003&lab.stored=yes",
)


# How far below the picture the controls and the buttons begin.
TOPS = """(piece) => {
  const [top, ...others] = ["svg.picture", ".piece__controls", ".piece__buttons"]
    .map((part) => piece.querySelector(part).getBoundingClientRect().y);
  return others.map((other) => Math.round(other - top));
}"""


def trained(piece: Locator) -> Locator:
    """The piece, once nothing is left to be trained."""
    busy = piece.locator("bn-lab")
    busy.and_(piece.page.locator("[aria-busy=false]")).wait_for(timeout=PATIENCE)
    return piece


def lively(page: Page, address: str, state: str = "") -> Locator:
    """The piece in a state of the address."""
    page.goto("about:blank")
    return trained(come(page, f"{address}{WHY}{'#' * bool(state)}{state}", "lab"))


def begun(page: Page, address: str, state: str = "") -> Locator:
    """The piece as it begins, or in a state, on a page that need not be loaded for it.

    What is trained there already is not trained anew.
    """
    piece = page.locator("#figure-lab.piece--live")
    if not (page.url.startswith(address + WHY) and piece.count()):
        return lively(page, address, state)
    put(piece)
    if state:
        put(piece, state)
    return trained(piece)


@pytest.fixture(scope="module")
def address(lone: str) -> str:
    """The address of pages of one piece each."""
    return lone


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    """One page for all tests of the lab on it."""
    with opened(browser, "light", DESK) as page:
        yield page


def told(piece: Locator) -> str:
    """The line that tells what happened."""
    return piece.locator(".piece__told").inner_text()


def begins(look: int = -1) -> list[lab.Look]:
    """The nets of all seeds with which the piece begins, without BN and with it."""
    return [lab.path(Lab(normalized=each), ALL)[look] for each in (False, True)]


def counts(without: float, within: float) -> str:
    """What the piece tells of so many right points without BN and with it."""
    right = f"{without:g} of {lab.POINTS} points are right without BN"
    return f"{right}, and {within:g} with it"


def counts_at_first(seed: int = 1, look: int = -1) -> str:
    """What the piece tells of the nets with which it begins."""
    without, within = (nets.fresh.right[seed - 1] for nets in begins(look))
    return counts(without, within)


def pixels(piece: Locator) -> str:
    """All that is drawn, as text."""
    return str(piece.locator("svg.picture").evaluate("picture => picture.innerHTML"))


# ---- Who trains, and that it is the same ----


def test_a_worker_trains_and_the_policy_lets_it(page: Page, address: str) -> None:
    page.goto("about:blank")
    faults = listen(page, address)
    with page.expect_worker() as made:
        piece = lively(page, address)
    assert made.value.url.endswith("/assets/pieces/lab.js")
    assert f"After {STEPS} steps, {counts_at_first()}." in told(piece)
    assert faults == []


def test_from_a_folder_the_page_itself_trains_the_same_nets(
    browser: Browser, page: Page, address: str, site: Path
) -> None:
    state = "lab.rate=0.3&lab.depth=3&lab.size=8&lab.seed=4"
    expected = pixels(begun(page, address, state))
    with opened(browser, "light", DESK) as folder:
        faults = listen(folder, "file:")
        piece = lively(folder, f"{site.as_uri()}/", state)
        assert pixels(piece) == expected
        assert folder.workers == []
        assert faults == []


def test_where_the_worker_fails_the_page_trains(browser: Browser, address: str) -> None:
    with opened(browser, "light", DESK) as page:
        page.add_init_script(
            "window.Worker = class extends EventTarget {"
            " postMessage() { setTimeout(() => this.dispatchEvent(new Event('error'))); } };"
        )
        assert counts_at_first() in told(lively(page, address))


def test_what_the_worker_s_keeper_meets_it_hands_on(page: Page, address: str) -> None:
    begun(page, address)
    met = page.evaluate(
        """() => new Promise((done) => {
          const worker = new Worker(new URL("nothing-here.js", location));
          worker.addEventListener("error", () => done("an error"));
          worker.postMessage("");
        })"""
    )
    assert met == "an error"


def test_the_same_address_gives_the_same_curves_and_those_of_the_reference(
    page: Page, address: str
) -> None:
    state = "lab.rate=1&lab.depth=5&lab.size=8&lab.seed=7"
    first = pixels(begun(page, address, state))
    piece = lively(page, address, state)
    assert pixels(piece) == first
    settings = Lab(depth=5, rate=1.0, size=8)
    heads = ("loss, no BN", "loss, BN", "loss, stored")
    shown = [column(piece, head) for head in heads]
    steps = column(piece, "step")
    assert steps == [*range(0, STEPS + 1, 50)]
    paths = [lab.path(replace(settings, normalized=each), (7,)) for each in (False, True)]
    for i, step in enumerate(steps):
        plain, bn = (looks[int(step) // EVERY] for looks in paths)
        expected = [plain.fresh.loss[0], bn.fresh.loss[0], bn.stored.loss[0]]
        assert [losses[i] for losses in shown] == pytest.approx(expected, abs=SHOWN)


def test_what_is_trained_at_first_is_the_still_picture(
    browser: Browser, page: Page, address: str
) -> None:
    piece = lively(page, address)
    drawn = """picture => [...picture.querySelectorAll("path, text")]
      .map((part) => [part.getAttribute("class"), part.getAttribute("d"), part.getAttribute("x"),
        part.getAttribute("y"), part.textContent.trim()].join("|"))"""
    assert piece.locator("svg.picture desc").count() == 0
    live = piece.locator("svg.picture").evaluate(drawn)
    with opened(browser, "light", DESK, script=False) as still:
        still.goto(address + WHY)
        assert still.locator("#figure-lab svg.picture").evaluate(drawn) == live
    assert len(live) > 25


# ---- What a reader discovers, by keyboard: the answers of the page ----


def test_at_a_rate_of_its_own_the_net_without_bn_catches_up(page: Page, address: str) -> None:
    piece = begun(page, address)
    title = piece.locator("svg.picture text.title")
    assert title.text_content() == "With BN the net gets more right"
    for _ in range(2):
        press(piece, "Rate", "ArrowRight")
        trained(piece)
    # Two presses are one move, unless the machine is slow.
    assert re.match(r"The rate went from 0\.03 to 0\.3\.|.* from 0\.1 to 0\.3\.", told(piece))
    without, within = lab.rights(ASKED["own"])
    assert counts(without[0], within[0]) in told(piece)
    assert title.text_content() == "Both nets get about as many right"
    # What was before stays as dashed lines.
    assert piece.locator("svg.picture path.dashed:is(.bn, .std)").count() == 2
    piece.get_by_label("Ten seeds").press("Space")
    trained(piece)
    # What the title calls about as many, the count of seeds does not call ahead.
    ahead = int((within - without >= lab.MARGIN).sum())
    assert 0 < ahead < int((within != without).sum())
    assert (without - within).max() < lab.MARGIN == 5
    expected = f"BN is ahead in {ahead} of them, by 5 points or more, and behind in none."
    assert expected in told(piece)
    assert f"{min(without):g} to {max(without):g} are right without BN" in told(piece)


def test_at_a_rate_a_hundred_times_as_large_only_bn_learns(page: Page, address: str) -> None:
    piece = begun(page, address)
    press(piece, "Rate", "End")
    trained(piece)
    without, within = lab.rights(ASKED["fast"])
    assert counts(without[0], within[0]) in told(piece)
    assert told(piece).endswith("Without BN the net gives the same answer everywhere.")
    assert piece.locator("svg.picture path.region.std").get_attribute("d") in (
        "",
        lab.region(1 + 0 * lab._corners()[:, 0, 0].reshape(29, 29), 2),
    )
    piece.get_by_label("Ten seeds").press("Space")
    trained(piece)
    expected = f"{min(within):g} to {max(within):g} with it; BN is ahead in all of them, by 5"
    assert expected in told(piece)


# Here, where ten seeds are trained at that rate already.
@pytest.mark.parametrize("state", STATES)
def test_nothing_leaves_the_picture_and_no_two_labels_meet(
    page: Page, address: str, state: str
) -> None:
    piece = begun(page, address, state)
    picture = piece.locator("svg.picture")
    assert picture.evaluate(MEETING) == []
    assert picture.evaluate(BEYOND, "text, path") == []
    assert "NaN" not in pixels(piece)


def test_in_batches_of_two_bn_loses(page: Page, address: str) -> None:
    piece = begun(page, address, "lab.many=yes")
    press(piece, "Batch size", "ArrowLeft", 4)
    trained(piece)
    assert re.match(r"The batch size went from (32|16|8|4) to 2\.", told(piece))
    without, within = lab.rights(ASKED["small"])
    assert counts(without[0], within[0]) in told(piece)
    assert "BN is behind in all of them, by 5 points or more." in told(piece)
    assert column(piece, "seed") == [*ALL]
    rights = piece.locator(".piece__numbers tbody tr").evaluate_all(
        "rows => rows.map((row) => [3, 5].map((at) => Number(row.children[at - 1].textContent)))"
    )
    assert rights == [[*map(int, pair)] for pair in zip(without, within, strict=True)]
    piece.get_by_label("Ten seeds").press("Space")
    press(piece, "Batch size", "Home")
    trained(piece)
    assert "Alone in its batch a point is its own mean" in told(piece)


def test_ten_seeds_have_a_band_from_the_least_to_the_most(page: Page, address: str) -> None:
    piece = begun(page, address, "lab.many=yes&lab.seed=3")
    for tone, normalized in (("std", False), ("bn", True)):
        looks = lab.path(Lab(normalized=normalized), ALL)
        band = piece.locator(f"svg.picture path.filled.{tone}").get_attribute("d") or ""
        places = [float(value) for value in band.strip("MZ").split()]
        highs, lows = places[1 : 2 * len(looks) : 2], places[2 * len(looks) + 1 :: 2][::-1]
        for look, high, low in zip(looks, highs, lows, strict=True):
            assert high == pytest.approx(lab._up(look.fresh.loss.max()), abs=0.051)
            assert low == pytest.approx(lab._up(look.fresh.loss.min()), abs=0.051)
    assert f"Over {SEEDS} seeds" in told(piece)
    assert counts_at_first(seed=3) in told(piece)


@pytest.mark.parametrize("look", [3, STEPS // EVERY])
def test_of_ten_seeds_mark_and_number_are_those_of_the_median(
    page: Page, address: str, look: int
) -> None:
    piece = begun(page, address, f"lab.many=yes&lab.seed=3&lab.seen={look * EVERY}")
    for tone, name, normalized in (("std", "without", False), ("bn", "with", True)):
        losses = lab.path(Lab(normalized=normalized), ALL)[look].fresh.loss
        median = float(np.median(losses))
        assert abs(median - losses[2]) > 0.005
        label = piece.locator(f"svg.picture text.{tone}", has_text=f"{name} BN 0.")
        assert label.text_content() == f"{name} BN {median:.2f}"
        mark = piece.locator(f"svg.picture path.solid.{tone}").nth(1).get_attribute("d") or ""
        numbers = [float(text) for text in re.findall(r"[\d.]+", mark)]
        middle = numbers[1] if normalized else numbers[1] + 3.5
        assert middle == pytest.approx(lab._up(median), abs=0.051)
    assert piece.locator("svg.picture text.bold").all_text_contents()[-1] == "median loss"


def test_a_loss_above_the_chart_lies_at_its_top(page: Page, address: str) -> None:
    assert begins(look=0)[0].fresh.loss[1] > 1.5
    piece = begun(page, address, "lab.seed=2&lab.seen=0")
    mark = piece.locator("svg.picture path.solid.std").nth(1).get_attribute("d") or ""
    assert float(mark.split()[1].partition("h")[0]) == pytest.approx(226 - 3.5)
    assert "Losses above 1 are drawn at 1." in page.locator("#figure-lab figcaption").inner_text()


def test_each_answer_leads_to_the_theory_that_it_bears_on(browser: Browser, site: Path) -> None:
    # Links need no script.
    with opened(browser, "light", DESK, script=False) as page:
        page.goto((site / WHY).as_uri())
        anchors = page.locator("#figure-lab").evaluate(
            """figure => {
              const found = [];
              for (let at = figure; found.length < 3; at = at.previousElementSibling) {
                const links = [...at.querySelectorAll("a")];
                if (at.matches("details")) found.unshift(links.map((link) => link.hash));
              }
              return found;
            }"""
        )
        expected = ["#2018-larger-steps", "#2018-larger-steps", "#2018-useful-noise"]
        assert [hashes[-1] for hashes in anchors] == expected
        for anchor in expected:
            assert page.locator(f"h2[id='{anchor[1:]}']").count() == 1


def test_a_training_is_seen_step_by_step_and_watched(page: Page, address: str) -> None:
    piece = begun(page, address)
    step = piece.get_by_label("Step", exact=True)
    end = pixels(piece)
    press(piece, "Step", "ArrowLeft", 10)
    assert step.input_value() == "300"
    assert f"After 300 of 400 steps, {counts_at_first(look=30)}." in told(piece)
    press(piece, "Step", "Home")
    assert f"After 0 of 400 steps, {counts_at_first(look=0)}." in told(piece)
    piece.get_by_role("button", name="Run").press("Enter")
    until(page, lambda: step.input_value() != "0")
    assert step.input_value() != str(STEPS)
    piece.get_by_role("button", name="Stop").press("Enter")
    stopped = step.input_value()
    assert 0 < int(stopped) < STEPS
    page.wait_for_timeout(300)
    assert step.input_value() == stopped
    page.emulate_media(reduced_motion="reduce")
    piece.get_by_role("button", name="Run").press("Enter")
    assert step.input_value() == str(STEPS)
    page.emulate_media(reduced_motion="no-preference")
    assert pixels(piece) == end
    # A hand takes the step in the chart.
    piece.locator("svg.picture").scroll_into_view_if_needed()
    drag(piece, (176, 262), (32 + 288 / 4, 262))
    assert int(step.input_value()) == pytest.approx(100, abs=10)


def test_stored_averages_answer_for_themselves(page: Page, address: str) -> None:
    piece = begun(page, address, "lab.size=2")
    bn = lab.path(ASKED["small"], (1,), STEPS)[-1]
    assert bn.stored.right[0] != bn.fresh.right[0]
    piece.get_by_label("Use stored averages").press("Space")
    assert told(piece).startswith("BN now uses the averages that it stored in training.")
    assert f"and {bn.stored.right[0]:g} with it by stored averages" in told(piece)
    label = piece.locator("svg.picture text.bold.bn")
    assert label.text_content() == f"with BN: {bn.stored.right[0]:g} right"


def test_another_seed_is_another_task_and_ten_come_round(page: Page, address: str) -> None:
    piece = begun(page, address)
    start, seen = pixels(piece), set()
    for seed in (*range(2, SEEDS + 1), 1):
        piece.get_by_role("button", name="Another seed").press("Enter")
        trained(piece)
        assert counts_at_first(seed=seed) in told(piece)
        assert f"Seed {seed}: other points" in told(piece)
        seen.add(piece.locator("svg.picture path.dots").first.get_attribute("d"))
    assert len(seen) == SEEDS
    piece.get_by_role("button", name="Start again").press("Enter")
    assert pixels(piece) == start


def test_a_change_amid_a_training_ends_it(page: Page, address: str) -> None:
    piece = begun(page, address)
    piece.get_by_label("Ten seeds").press("Space")
    for key in ("End", "Home", "End", "ArrowLeft"):
        press(piece, "Depth", key)
        press(piece, "Batch size", key)
    press(piece, "Batch size", "ArrowLeft")
    piece.get_by_label("Ten seeds").press("Space")
    trained(piece)
    (without,), (within,) = lab.rights(Lab(depth=5, size=32), (1,))
    assert counts(without, within) in told(piece)
    runs = page.evaluate(
        "[...document.querySelector('bn-lab').runs.values()]"
        ".filter(({ done }) => done).map(({ looks }) => looks.length)"
    )
    assert {*runs} == {STEPS // EVERY + 1}


# ---- The address, layout and phones ----


def test_the_state_is_in_the_address_and_comes_back(page: Page, address: str) -> None:
    piece = begun(page, address)
    press(piece, "Depth", "Home")
    press(piece, "Rate", "ArrowRight")
    press(piece, "Batch size", "ArrowLeft", 3)
    press(piece, "Step", "ArrowLeft", 3)
    piece.get_by_label("Use stored averages").press("Space")
    piece.get_by_label("Ten seeds").press("Space")
    piece.get_by_role("button", name="Another seed").press("Enter")
    trained(piece)
    state = (
        "lab.depth=1&lab.rate=0.1&lab.size=4&lab.seed=2&lab.seen=370&lab.stored=yes&lab.many=yes"
    )
    until(page, lambda: page.url.partition("#")[2] == state)
    assert page.url.partition("#")[2] == state
    shown = told(piece).partition("right without BN")[2]
    again = lively(page, address, state)
    assert told(again).partition("right without BN")[2] == shown


@pytest.mark.parametrize(
    "state",
    [
        "lab.depth=7&lab.rate=2&lab.size=3&lab.seed=0.5&lab.seen=x",
        "lab.rate=__proto__&lab.stored=%3Cb%3E&lab.many=maybe",
        "lab.depth=-1&lab.rate=NaN&lab.size=1e9&lab.seed=",
    ],
)
def test_an_address_that_makes_no_sense_is_the_start(page: Page, address: str, state: str) -> None:
    faults = listen(page, address)
    start = pixels(begun(page, address))
    piece = begun(page, address, "lab.depth=1&lab.seed=2&lab.seen=0&lab.stored=yes")
    assert pixels(piece) != start
    put(piece, state)
    assert pixels(trained(piece)) == start
    assert not piece.locator("b").count()
    assert faults == []


def test_a_page_that_is_loaded_with_an_address_of_no_sense_is_the_start(
    page: Page, address: str
) -> None:
    faults = listen(page, address)
    start = pixels(begun(page, address))
    state = "lab.depth=7&lab.rate=__proto__&lab.size=1e9&lab.seed=0.5&lab.seen=x&lab.stored=%3Cb%3E"
    piece = lively(page, address, f"{state}&lab.many=maybe")
    assert pixels(piece) == start
    assert not piece.locator("b").count()
    assert faults == []


def test_on_a_phone_all_controls_and_the_picture_are_on_one_screen(
    page: Page, address: str
) -> None:
    piece = begun(page, address)
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
    piece = begun(page, address)
    places: dict[int, set[tuple[int, ...]]] = {PHONE: set(), DESK: set()}

    def look() -> None:
        """Note where parts are at both widths."""
        for width, seen in places.items():
            page.set_viewport_size({"width": width, "height": 800})
            seen.add(tuple(piece.evaluate(TOPS)))

    look()
    piece.get_by_label("Ten seeds").press("Space")
    for slider in piece.locator("input[type=range]").all():
        for key in ("End", "Home"):
            slider.press(key)
            look()
    piece.get_by_role("button", name="Another seed").press("Enter")
    piece.get_by_label("Use stored averages").press("Space")
    look()
    trained(piece)
    look()
    assert {width: len(seen) for width, seen in places.items()} == {PHONE: 1, DESK: 1}
