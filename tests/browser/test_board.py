"""The board by keyboard: filters, margin, guesses; its size, its states, what it asks for."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from bnreport.analysis import interval_rule
from bnreport.analysis import judge as judging
from tests import golden
from tests.browser.visits import (
    ALONE,
    DESK,
    LEVELS,
    OF_COLOURS,
    PHONE,
    SCHEMES,
    compressed,
    listen,
    opened,
    turn,
    violations,
)
from tests.pages.test_board_rule import of_build

pytestmark = pytest.mark.browser

NAME = "verdicts.html"
# Pixels of the page as loaded, at any width; kilobytes of what the slider asks for.
TALLEST = 6_000
MOST_VALUES = 60
WORDS = """() => Object.fromEntries([...document.querySelectorAll(".board details.line")].map(
  (line) => [line.id, line.querySelector(".line__word").textContent.trim().slice(2)]))"""
SEEN = """() => [...document.querySelectorAll(".board details.line")]
  .filter((line) => line.checkVisibility()).map((line) => line.id)"""
# Takes out what axe would only walk through: lines that the filters hide, and menus, which it sees
# on other visits. They leave their room.
LEFT = """() => {
  const lines = [...document.querySelectorAll(".board details.line")];
  for (const line of lines.filter((line) => !line.checkVisibility())) line.remove();
  const menus = document.querySelectorAll(".md-sidebar__inner, .md-footer");
  for (const menu of menus) menu.replaceChildren();
}"""
MOVED = ".board__moved"
# The button of a phone, and what it shows.
MORE = "More filters, and your margin"
TOOLS = ".board :is(select, .board__margin)"


@pytest.fixture(scope="session")
def claims(site: Path) -> list[Mapping[str, Any]]:
    """The published claims."""
    found: list[Mapping[str, Any]] = json.loads((site / "data" / "claims.json").read_text())
    return found


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """The board as a reader at a desk finds it, quiet until it is left."""
    with opened(browser, "light", DESK) as page:
        faults = listen(page, address)
        page.goto(address + NAME)
        yield page
        assert faults == []


def matches(page: Page) -> str:
    return page.locator(".board__matches").inner_text()


def slide(page: Page, key: str, times: int) -> None:
    """Move the margin by so many presses of a key, and wait until the words are those of it."""
    slider = page.get_by_label("Take each claim’s own margin")
    slider.focus()
    for _ in range(times):
        slider.press(key)
    expect(page.locator(".board")).to_have_attribute("data-judged", slider.input_value())


def test_filters_are_set_by_keyboard_counted_and_kept_in_the_address(
    page: Page, address: str, claims: list[Mapping[str, Any]]
) -> None:
    assert matches(page) == f"{len(claims)} of {len(claims)} claims"
    verdict = page.locator("[name=verdict]")
    verdict.focus()
    for _ in range(3):
        verdict.press("ArrowDown")
    mixed = [claim for claim in claims if claim["shown"].startswith("mixed")]
    assert matches(page) == f"{len(mixed)} of {len(claims)} claims"
    assert len(page.evaluate(SEEN)) == len(mixed)
    assert page.url == f"{address}{NAME}#verdict=mixed"
    page.get_by_label("Words of the claim").press_sequentially("scales BN")
    both = [
        claim["page"].partition("#")[2]
        for claim in mixed
        if all(
            word in f"{claim['label_shown'] or ''} {claim['statement_shown']}".lower()
            for word in ("scales", "bn")
        )
    ]
    assert 0 < len(both) < len(mixed)
    assert set(page.evaluate(SEEN)) == {*both}
    assert page.url.endswith("#words=scales+BN&verdict=mixed")
    page.reload()
    assert len(page.evaluate(SEEN)) == len(both)
    page.get_by_role("button", name="Clear the filters").press("Enter")
    assert matches(page) == f"{len(claims)} of {len(claims)} claims"
    # What a filter opened it shuts.
    assert page.evaluate(SEEN) == []


@pytest.mark.parametrize(
    ("state", "keep"),
    [
        ("surprise=yes", lambda claim: not as_expected(claim)),
        ("score=fresh&edition=later", lambda claim: claim["score"] == "fresh"),
        ("score=none", lambda claim: not claim["score"]),
        ("edition=later", lambda claim: claim["edition"] > 1 or claim["decided"] == "interval"),
    ],
    ids=["surprise", "score", "none", "edition"],
)
def test_an_address_filters_as_the_published_claims_say(
    page: Page, address: str, claims: list[Mapping[str, Any]], state: str, keep: Any
) -> None:
    page.goto(f"{address}{NAME}#{state}")
    page.reload()
    wanted = {claim["page"].partition("#")[2] for claim in claims if keep(claim)}
    seen = set(page.evaluate(SEEN))
    assert seen == wanted
    assert matches(page) == f"{len(seen)} of {len(claims)} claims"


def as_expected(claim: Mapping[str, Any]) -> bool:
    word = claim["shown"].partition(" (")[0]
    expected = claim["expected"].replace("underpowered", "undecided")
    return word in {"withdrawn", expected}


def test_every_word_is_that_of_the_build_at_the_margin_to_which_the_slider_is_moved(
    page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The keys of a slider: an arrow is a twentieth of each margin.
    report = golden.report()
    # No word depends on what a study could have found.
    for module in (interval_rule, judging):
        monkeypatch.setattr(module, "detectable_in", lambda *_: None)
    before = page.evaluate(WORDS)
    built = of_build(report, 1.0)
    published = {name: before[name] for name in built}
    assert published == built
    assert page.evaluate("typeof boardRule + typeof boardValues") == "undefined" * 2
    for key, times, margin in (("ArrowRight", 10, 1.5), ("ArrowRight", 20, 2.5), ("Home", 1, 0.0)):
        slide(page, key, times)
        found = page.evaluate(WORDS)
        moved = of_build(report, margin)
        assert {name: found[name] for name in moved} == moved, margin
        # Identities and fits have no margin.
        assert {n: w for n, w in found.items() if n not in moved} == {
            n: w for n, w in before.items() if n not in moved
        }
        changed = sum(found[name] != before[name] for name in before)
        assert page.locator(MOVED).inner_text() == f"{changed} words change."
        assert_sums(page, found)
    slide(page, "ArrowRight", 10)
    assert page.url.endswith("#margin=0.5")
    found = page.evaluate(WORDS)
    assert {name: found[name] for name in published} == of_build(report, 0.5)
    page.get_by_role("button", name="Back to the margins of the claims").press("Enter")
    expect(page.locator(MOVED)).to_have_text("All words are those of the site.")
    assert page.evaluate(WORDS) == before
    assert "#margin" not in page.url


def assert_sums(page: Page, found: Mapping[str, str]) -> None:
    """Say that the sums in front of all folds are those of their lines, word by word."""
    sums = page.locator(".board__words").evaluate_all("(all) => all.map((s) => s.ariaLabel)")
    told: dict[str, int] = {}
    for part in ", ".join(sums).split(", "):
        count, word = part.split(" ", maxsplit=1)
        told[word] = told.get(word, 0) + int(count)
    words = [text.partition(" (")[0] for text in found.values()]
    assert told == {word: words.count(word) for word in dict.fromkeys(words)}


def test_the_shade_ends_at_the_margin_to_which_the_slider_is_moved(page: Page) -> None:
    band = page.locator(".strip--swarm .strip__band").first
    axis = page.locator(".strip--scale").first
    ends = axis.locator("text").evaluate_all(
        "(all) => all.map((t) => [t.textContent, t.x.baseVal[0].value])"
    )
    places = dict(ends)
    end = "(band) => band.x.baseVal.value + band.width.baseVal.value"
    assert band.evaluate(end) == pytest.approx(places["1"], abs=0.2)
    slide(page, "End", 1)
    assert band.evaluate(end) == pytest.approx(places["3"], abs=0.2)


def test_a_board_opened_from_a_folder_moves_its_margin(browser: Browser, site: Path) -> None:
    with opened(browser, "light", DESK) as page:
        faults = listen(page, "file:")
        page.goto(f"{(site / NAME).as_uri()}#margin=2.5&verdict=supported")
        expect(page.locator(".board")).to_have_attribute("data-judged", "2.5")
        words = page.evaluate(WORDS)
        supported = [name for name, text in words.items() if text.startswith("supported")]
        assert matches(page) == f"{len(supported)} of {len(words)} claims"
        slide(page, "Home", 1)
        assert page.url.endswith("#verdict=supported&margin=0")
        assert faults == []


def test_ten_headlines_are_guessed_by_keyboard_and_counted(page: Page) -> None:
    page.locator("#guess-first > summary").press("Enter")
    guesses = page.locator(".headline")
    score, right, ours = page.locator(".guesses__score"), 0, 0
    count = guesses.count()
    assert count == 10
    for place in range(count):
        guess = guesses.nth(place)
        found, expected = (guess.get_attribute(f"data-{name}") for name in ("found", "expected"))
        guess.locator("input").first.press("Space")
        # The second choice, of which a reader may think better.
        if place % 2:
            guess.locator("input").first.press("ArrowDown")
        choice = guess.locator("input:checked").input_value()
        assert choice == ("not supported" if place % 2 else "supported")
        guess.locator("summary").press("Enter")
        expect(guess.locator("input:disabled")).to_have_count(3)
        right, ours = right + (choice == found), ours + (expected == found)
        expect(score).to_contain_text(
            f"You were right about {right}, and we about {ours} of the same."
        )
    expect(score).to_contain_text("That is all 10.")
    assert 0 < right < count
    assert f"We were right about {ours} of these 10." in page.locator(".guesses").inner_text()


def test_who_looks_before_guessing_is_not_counted(page: Page) -> None:
    page.locator("#guess-first > summary").press("Enter")
    guess = page.locator(".headline").first
    guess.locator("summary").press("Enter")
    expect(guess.locator("input:disabled")).to_have_count(3)
    assert page.locator(".guesses__score").inner_text() == ""


def test_a_claim_is_opened_by_its_address_copied_and_cited(
    page: Page, address: str, claims: list[Mapping[str, Any]]
) -> None:
    claim = next(claim for claim in claims if claim["shown"] == "not supported (reversed)")
    place, _, name = claim["page"].partition("#")
    page.goto(f"{address}{NAME}#{name}")
    page.reload()
    line = page.locator(f"#{name}")
    field = line.get_by_label("The text to copy")
    line.get_by_role("button", name="Copy").press("Enter")
    told = field.input_value()
    first, verdict, numbers, link = told.split("\n")
    assert first == claim["statement_shown"].replace("`", "")
    expected = claim["expected"].replace("underpowered", "undecided")
    assert verdict == f"Verdict: not supported (reversed). Expected: {expected}."
    assert "interval [" in numbers
    assert link == f"{address}{place}#{name}"
    line.get_by_role("button", name="Cite").press("Enter")
    cited = field.input_value()
    assert cited.startswith(f"@misc{{bnreport:{name.removeprefix('claim-')},\n")
    assert f"{{{link}}}" in cited
    assert "%" not in cited.replace("\\%", "")
    # The card itself is where it always was.
    line.get_by_role("link", name="Its rule").press("Enter")
    assert page.locator(f"#{name} .claim__statement").is_visible()
    assert page.url == link


def test_an_address_of_a_claim_shows_it_whatever_is_filtered(
    page: Page, address: str, claims: list[Mapping[str, Any]]
) -> None:
    claim = next(claim for claim in claims if claim["verdict"] == "not supported")
    name = claim["page"].partition("#")[2]
    page.goto(f"{address}{NAME}#verdict=supported")
    line = page.locator(f"#{name}")
    expect(line).to_be_hidden()
    page.evaluate("(hash) => { location.hash = hash; }", name)
    expect(line.get_by_role("button", name="Copy")).to_be_in_viewport()
    assert matches(page) == f"{len(claims)} of {len(claims)} claims"
    assert page.url == f"{address}{NAME}#{name}"


@pytest.mark.parametrize("width", [DESK, PHONE])
def test_the_board_is_short_and_an_open_line_fits_its_width(
    browser: Browser, address: str, site: Path, width: int
) -> None:
    with opened(browser, "light", width, first=True) as page:
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url.removeprefix(address)))
        page.goto(address + NAME, wait_until="networkidle")
        assert page.evaluate("document.documentElement.scrollHeight") <= TALLEST
        assert "assets/board.js" in asked
        assert not {"assets/board-rule.js", "assets/board-values.js"} & {*asked}
        page.evaluate("document.querySelectorAll('.board details').forEach((d) => d.open = true)")
        if width == PHONE:
            page.get_by_role("button", name=MORE).press("Enter")
        boxes = page.locator(
            ".board :is(.line__claim, summary > .strip, .line__found, .line__expected, select)"
        ).evaluate_all(
            "(all) => all.map((e) => e.getBoundingClientRect()).map((b) => [b.left, b.right])"
        )
        assert len(boxes) > 2_000
        assert all(0 <= left < right <= width for left, right in boxes)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.locator("[name=margin]").press("End")
        page.wait_for_function("() => globalThis.boardValues")
        sizes = [compressed(site / "assets" / f"board-{name}.js") for name in ("rule", "values")]
        assert sum(sizes) <= MOST_VALUES


def test_a_phone_keeps_most_filters_behind_a_button_and_shows_those_that_an_address_sets(
    browser: Browser, address: str, claims: list[Mapping[str, Any]]
) -> None:
    with opened(browser, "light", PHONE) as page:
        page.goto(address + NAME)
        button, tools = page.get_by_role("button", name=MORE), page.locator(TOOLS)
        # Six filters and the margin.
        for shown, told in ((0, "false"), (7, "true"), (0, "false")):
            expect(tools.locator("visible=true")).to_have_count(shown)
            expect(button).to_have_attribute("aria-expanded", told)
            button.press("Enter")
        # The words are there without it, and so is what they find.
        button.press("Enter")
        page.get_by_label("Words of the claim").fill("scales")
        expect(tools.locator("visible=true")).to_have_count(0)
        assert page.evaluate(SEEN)
        assert not matches(page).startswith(f"{len(claims)} ")
        for state in ("verdict=mixed", "margin=2"):
            page.goto(address + ALONE)
            page.goto(f"{address}{NAME}#{state}")
            expect(tools.locator("visible=true")).to_have_count(7)
    with opened(browser, "light", DESK) as page:
        page.goto(address + NAME)
        assert page.locator(TOOLS).locator("visible=true").count() == 7
        expect(page.get_by_role("button", name=MORE)).to_be_hidden()


def test_other_pages_do_not_load_the_board(browser: Browser, address: str) -> None:
    with opened(browser, "light", DESK, first=True) as page:
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(address + "studies/speed.html", wait_until="networkidle")
        assert not [url for url in asked if "board" in url]


def test_without_scripts_every_claim_is_there_and_opens(
    browser: Browser, address: str, claims: list[Mapping[str, Any]]
) -> None:
    with opened(browser, "light", DESK, script=False) as page:
        page.goto(address + NAME)
        assert page.locator(".board details.line").count() == len(claims)
        assert not page.locator(".board__tools, .headline__choices").locator("visible=true").count()
        page.locator("#guess-first > summary").click()
        fold = page.locator("#speed")
        fold.locator("> summary").click()
        line = fold.locator("details.line").first
        line.locator("> summary").click()
        assert line.locator(".claim__statement").is_visible()
        page.locator(".headline summary").first.click()
        assert page.get_by_text("We expected").first.is_visible()


def test_on_paper_every_claim_is_shown(page: Page, claims: list[Mapping[str, Any]]) -> None:
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert len(page.evaluate(SEEN)) == len(claims)
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.evaluate(SEEN) == []


@pytest.mark.parametrize("width", [DESK, PHONE])
def test_axe_finds_nothing_with_the_board_filtered_moved_and_open(
    browser: Browser, address: str, width: int
) -> None:
    with opened(browser, "light", width) as page:
        page.goto(f"{address}{NAME}#words=layer&margin=1.5")
        expect(page.locator(".board")).to_have_attribute("data-judged", "1.5")
        page.locator("#guess-first > summary").press("Enter")
        guess = page.locator(".headline").first
        guess.locator("input").first.press("Space")
        guess.locator("summary").press("Enter")
        line = page.locator("details.line:visible").first
        line.locator("> summary").press("Enter")
        line.get_by_role("button", name="Cite").press("Enter")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        small = page.locator(
            ".board :is(button, select, input, summary), .headline :is(label, summary)"
        )
        heights = small.evaluate_all(
            "(all) => all.filter((e) => e.checkVisibility())"
            ".map((e) => e.getBoundingClientRect().height)"
        )
        assert min(heights) >= 24
        page.evaluate(LEFT)
        assert violations(page, LEVELS) == []
        # The palettes have the same boxes.
        turn(page, "dark")
        assert page.locator("body").get_attribute("data-md-color-scheme") == SCHEMES["dark"]
        assert violations(page, OF_COLOURS) == []
