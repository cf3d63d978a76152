"""Whether the figures of a page have their place: on the first screen, whole, at their own size."""

from collections.abc import Iterator, Mapping
from typing import Any

from playwright.sync_api import Page

from bnreport.lessons import COURSES
from tests.synthetic import DOCS

# Pixels of a screen below which the first picture of a lesson must have begun.
TOP = 450
# One page begins with symptoms, and one with the numbers that its picture then moves.
OTHERWISE = {"failures", "by-hand"}
LESSONS = [
    f"learn/{name}.html" for names in COURSES.values() for name in names if name not in OTHERWISE
]
# All pages of studies that have the form: those that begin with an answer and its figure.
IN_FORM = [
    path.relative_to(DOCS).with_suffix(".html").as_posix()
    for path in sorted((DOCS / "studies").glob("[!_]*.md"))
    if " = form(" in path.read_text(encoding="utf-8")
]
# The height of a screen in pixels, with the bars of the browser left out.
SCREEN = 900
# Between a phone and a desk: the menu is shut, and the contents take room beside the text.
TABLET = 1200
# The tops and bottoms of parts; none where a page shows no such part.
PLACES = """(parts) => Object.fromEntries(Object.entries(parts).map(([name, part]) => {
  const found = document.querySelector(part), box = found?.getBoundingClientRect();
  return [name, found?.checkVisibility() ? [box.top, box.bottom] : null];
}))"""
PARTS = {
    "figure": "article figure",
    "answer": ".answer",
    "hero": ".figure--hero .figure__scroll",
}
# The figures that are shown, in folds as well: the file, how wide it is beside how wide it was
# drawn, and how much of it is hidden.
SHOWN = """() => {
  const shut = [...document.querySelectorAll("article details:not([open])")];
  for (const fold of shut) fold.open = true;
  const shown = [...document.querySelectorAll("article .figure img")]
    .filter((image) => image.checkVisibility())
    .map((image) => [image.currentSrc, image.clientWidth / image.naturalWidth,
      image.closest(".figure__scroll").scrollWidth - image.closest(".figure__scroll").clientWidth]);
  for (const fold of shut) fold.open = false;
  return shown;
}"""
# Figures that would have to be scrolled sideways, in folds as well, and a page that would.
CUT = """() => {
  const shut = [...document.querySelectorAll("article details:not([open])")];
  for (const fold of shut) fold.open = true;
  const cut = [...document.querySelectorAll("article .figure__scroll, article svg.picture")]
    .filter((box) => box.scrollWidth > box.clientWidth + 1 && box.checkVisibility())
    .map((box) => box.outerHTML.slice(0, 80));
  const wide = document.documentElement.scrollWidth - innerWidth;
  for (const fold of shut) fold.open = false;
  return wide > 0 ? [...cut, `${wide} px beyond the window`] : cut;
}"""


def kinds(name: str) -> str:
    """What a page is, which decides what is asked of its figures."""
    return f"{name in LESSONS} {name in IN_FORM}"


def too_low(page: Page, name: str) -> Iterator[str]:
    """What a desk's first screen does not show of a lesson, or of a study that has the form."""
    places: Mapping[str, Any] = page.evaluate(PLACES, PARTS)
    if name in LESSONS and not (figure := places["figure"]):
        yield "has no figure"
    elif name in LESSONS and figure[0] >= TOP:
        yield f"its first figure begins at {figure[0]:.0f} px, and not above {TOP}"
    if name in IN_FORM and not (places["answer"] and places["hero"]):
        yield "has no answer with a figure"
    elif name in IN_FORM and (places["answer"][0] <= 0 or places["hero"][1] > SCREEN):
        at = f"{places['answer'][0]:.0f} to {places['hero'][1]:.0f} px"
        yield f"answer and first figure are at {at}, and share no screen of {SCREEN}"


def not_its_own(page: Page, name: str, palette: str) -> Iterator[str]:
    """The figures of a study that has the form which a phone gets in another form or size."""
    if name not in IN_FORM:
        return
    shown = page.evaluate(SHOWN)
    if not shown:
        yield "shows no figure"
    for file, scale, hidden in shown:
        if not file.endswith(f"-phone-{palette}.svg"):
            yield f"shows {file} on a phone"
        elif abs(scale - 1) > 0.02 or hidden > 0:
            yield f"shows {file} at {scale:.2f} of its size, {hidden} px of it hidden"


def cut(page: Page) -> Iterator[str]:
    """The figures that are cut in a window of this width."""
    yield from (f"cut: {part}" for part in page.evaluate(CUT))
