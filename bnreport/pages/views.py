"""Let a page ask for numbers, verdicts, figures and tables by name."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from itertools import chain
from pathlib import Path

from markupsafe import Markup

from bnreport.errors import PageError
from bnreport.figures.words import describe
from bnreport.lessons import COURSES, step_of
from bnreport.lessons.compass import Recorded, drawing
from bnreport.lessons.lesson import Lesson, Step
from bnreport.lessons.pieces import PIECES
from bnreport.pages.fragments import fragment
from bnreport.pages.numbers import plain
from bnreport.pages.pictures import filled
from bnreport.pages.reading_time import MINUTES
from bnreport.pages.staging import Staging, look_up
from bnreport.presentation.plots import Plot, for_phone
from bnreport.presentation.tables import Analysis, Value

_SIZE = re.compile(r'<svg[^>]* height="([\d.]+)pt"[^>]* width="([\d.]+)pt"|'
                   r'<svg[^>]* width="([\d.]+)pt" height="([\d.]+)pt"')  # fmt: skip


@dataclass(frozen=True)
class PageView:
    """The words that any page may say."""

    page: str
    staging: Staging

    @property
    def prefix(self) -> str:
        """The way from this page up to the root of the site."""
        return "../" * self.page.count("/")

    def figure(
        self,
        name: str,
        plot: Plot,
        caption: str,
        *,
        kind: str = "",
        piece: str = "",
        handed: Mapping[str, object] | None = None,
    ) -> Markup:
        """A figure in both palettes, each wide and for a phone, with its data in words.

        Args:
            name: the name of its files and of its anchor.
            plot: what it shows.
            caption: what a reader must know beside it.
            kind: a class for the style sheet.
            piece: the piece to touch that lies over it, if one does; its name is the anchor.
            handed: what that is handed.
        """
        return fragment(
            "figure.html.j2",
            name=piece or name,
            piece=piece,
            handed=embedded(handed),
            file=name,
            title=plot.title,
            alt=describe(plot),
            caption=caption,
            prefix=self.prefix,
            phone=self._size(f"{name}-phone", for_phone(plot)),
            kind=kind,
            data=self._files(),
            study=self._study_page(),
            **self._size(name, plot),
        )

    def _files(self) -> Sequence[str]:
        """The files of data behind the figures of this view."""
        return ()

    def _study_page(self) -> str:
        """The address of the study behind the figures of this view; empty where there is none."""
        return ""

    def _size(self, name: str, plot: Plot) -> dict[str, int]:
        """The width and the height of a figure in pixels, none while it waits to be drawn."""
        text = self.staging.figure(name, plot)
        height, width = (0.0, 0.0) if text is None else _size(name, text)
        return {"width": round(width * 4 / 3), "height": round(height * 4 / 3)}


def _size(name: str, figure: str) -> tuple[float, float]:
    """Height and width of a figure in points."""
    size = _SIZE.search(figure)
    if not size:
        raise PageError(f"Expected the size of figure {name} in its SVG. Received: none.")
    return float(size[1] or size[4]), float(size[2] or size[3])


def embedded(values: object) -> Markup:
    """Values as JSON for a script element of the page, which no "<" can end."""
    return Markup(json.dumps(values).replace("<", "\\u003c"))


@dataclass(frozen=True)
class AnalysisView(PageView):
    """The words of a page for an analysis: that of a study, or that of a lesson."""

    name: str
    analysis: Analysis

    def value(self, name: str) -> Markup:
        """A number, with its origin as a hint; of a study also "<claim>.effect" and its like."""
        return plain(look_up(self._values, name, "number", self.page))

    def text(self, name: str) -> str:
        """A number as plain text, for a question, whose words hold no marks."""
        return look_up(self._values, name, "number", self.page).text

    def drawing(self, name: str, caption: str) -> Markup:
        """A figure."""
        plot = look_up(self.analysis.plots, name, "figure", self.page)
        self.staging.used.add((self.name, name))
        return self.figure(self.file(name), plot, caption)

    def file(self, name: str) -> str:
        """The name of the files of a figure, which is its anchor, too."""
        return f"{self.name.replace('.', '-')}-{name}"

    def table(self, name: str) -> Markup:
        """A table."""
        table = look_up(self.analysis.tables, name, "table", self.page)
        return fragment("table.html.j2", table=table)

    def shows(self, name: str) -> bool:
        """Say whether the records led to a figure or table of that name; a benchmark has parts."""
        return name in self.analysis.plots or name in self.analysis.tables

    @cached_property
    def _values(self) -> Mapping[str, Value]:
        return self.analysis.values


@dataclass(frozen=True)
class LessonView(AnalysisView):
    """The words of a page for its lesson.

    `pictures` are the files of the lesson's pictures, by name; `lessons` are all of the explainer.
    """

    lesson: Lesson
    pictures: Mapping[str, Path]
    lessons: Mapping[str, Lesson]

    @property
    def point(self) -> str:
        """The point that a reader takes away, in one sentence."""
        return self.lesson.point

    def step(self) -> Markup:
        """Say which lesson of which course this is, and how long it takes to read."""
        return fragment("step.html.j2", step=self._step(), minutes=MINUTES)

    def onward(self) -> Markup:
        """Lead on to what comes next, with the point of it."""
        name = self._step().following
        lesson = look_up(self.lessons, name, "lesson", self.page)
        page = f"{self.prefix}{lesson.page.removesuffix('.md')}.html"
        return fragment("onward.html.j2", step=step_of(name), lesson=lesson, page=page)

    def _step(self) -> Step:
        step = step_of(self.name)
        if step is None:
            raise PageError(
                f"Expected a lesson of a course in docs/{self.page}: "
                f"{', '.join(chain(*COURSES.values()))}. Received: {self.name!r}. Give it a place "
                "in `COURSES` of bnreport/lessons/__init__.py."
            )
        return step

    def picture(self, name: str, caption: str) -> Markup:
        """Show a picture of the lesson, with the numbers that are worked for it."""
        return fragment("picture.html.j2", name=name, drawing=self._drawn(name), caption=caption)

    def piece(self, name: str, picture: str, caption: str, view: str = "") -> Markup:
        """Lay a piece to touch over a picture of the lesson, which makes its point without scripts.

        Args:
            name: the piece, which is that of its script.
            picture: what shows where no script runs, and what the piece draws at first.
            caption: what a reader must know beside either.
            view: which of its views the piece shows, where it has several.
        """
        handed = look_up(PIECES, name, "piece to touch", self.page)()
        return self._laid(name, self._drawn(picture), handed, caption, view)

    def compass(self, caption: str, nets: Sequence[Recorded] = ()) -> Markup:
        """Lay the compass over its picture, both with recorded nets beside the unit that they show.

        Args:
            caption: what a reader must know beside either.
            nets: as `turning` of their study gives them.
        """
        handed = {**PIECES["compass"](), "recorded": [asdict(net) for net in nets]}
        return self._laid("compass", self._drawn("compass", drawing(nets)), handed, caption)

    def _laid(
        self, name: str, drawn: Markup, handed: Mapping[str, object], caption: str, view: str = ""
    ) -> Markup:
        return fragment(
            "piece.html.j2",
            name=name,
            view=view,
            drawing=drawn,
            handed=embedded(handed),
            caption=caption,
        )

    def _drawn(self, picture: str, numbers: Mapping[str, object] | None = None) -> Markup:
        path = look_up(self.pictures, picture, "picture", self.page)
        self.staging.used.add((self.name, picture))
        return Markup(filled(path, numbers or self.analysis.pictures.get(picture, {})))


class AnnouncedView:
    """The words of a lesson for an announced study, which has no records: every answer is empty."""

    def say(self, *_: object, **__: object) -> Markup:
        """No sentence."""
        return Markup()

    def value(self, _: str) -> Markup:
        """No number."""
        return Markup()
