"""Why it works: the debate."""

from dataclasses import dataclass

import numpy as np

from bnreport import __version__
from bnreport.plots import Diagram, Path, Shape, Words
from bnreport.study import Analysis, Value


@dataclass(frozen=True)
class Event:
    """A year of the debate: the works, by key, what they say, and whether a study of ours asks it.

    The year is that of the first version on arXiv, or of the talk.
    """

    year: int
    keys: tuple[str, ...]
    who: str
    idea: str
    asked: bool = False


TIMELINE = (
    Event(2015, ("ioffe2015",), "Ioffe, Szegedy", "less internal covariate shift", True),
    Event(2017, ("rahimi2017",), "Rahimi, Recht", "who has seen that shift?", True),
    Event(2018, ("teye2018", "luo2018"), "Teye et al.; Luo et al.", "useful noise", True),
    Event(2018, ("kohler2018",), "Kohler et al.", "length apart from direction", True),
    Event(2018, ("santurkar2018",), "Santurkar et al.", "a smoother loss", True),
    Event(2018, ("bjorck2018",), "Bjorck et al.", "larger steps", True),
    Event(2018, ("lipton2019",), "Lipton, Steinhardt", "a guess is no explanation"),
    Event(2019, ("ghorbani2019", "karakida2019"), "Ghorbani; Karakida", "fewer sharp directions"),
    Event(2019, ("yang2019",), "Yang et al.", "but gradients explode", True),
    Event(2020, ("de2020",), "De, Smith", "blocks near the identity"),
    Event(2020, ("daneshmand2020",), "Daneshmand et al.", "examples stay apart", True),
    Event(2020, ("richemond2020",), "Richemond et al.", "no hidden contrast"),
    Event(2021, ("cohen2021",), "Cohen et al.", "descent at the edge of stability"),
    Event(2022, ("lyu2022",), "Lyu, Li, Arora", "flatter minima"),
    Event(2022, ("balestriero2022",), "Balestriero, Baraniuk", "folds near the data"),
    Event(2023, ("kosson2024",), "Kosson et al.", "decay balances how layers turn"),
    Event(2023, ("meterez2024",), "Meterez et al.", "depth without explosion"),
)


def analyse() -> Analysis:
    """The debate by years, and how far it is told."""
    last = max(event.year for event in TIMELINE)
    return Analysis(
        values={
            "last": Value(str(last), "the year of the last work on the timeline"),
            "release": Value(__version__, "the release of this site's code and records"),
        },
        plots={"timeline": _timeline()},
    )


def _timeline() -> Diagram:
    step, line = 0.29, 0.72
    height = step * len(TIMELINE) + 0.1
    heights = [height - step * (place + 0.6) for place in range(len(TIMELINE))]
    shapes: list[Shape] = [
        Path(np.array([line, line]), np.array([heights[0], heights[-1]])),
    ]
    before = 0
    for event, y in zip(TIMELINE, heights, strict=True):
        if event.year != before:
            shapes.append(Words((0.52, y), str(event.year), bold=True, align="right"))
        before = event.year
        mark, tone = ("●", "bn") if event.asked else ("○", "neutral")
        shapes.append(Words((line, y), mark, "bn" if tone == "bn" else "neutral", 11.0))
        shapes.append(Words((line + 0.18, y), event.idea, align="left"))
        shapes.append(Words((4.75, y), event.who, "neutral", 8.5, align="right"))
    told = "; ".join(
        f"{event.year}, {event.who}: {event.idea}{'' if event.asked else ' (not measured here)'}"
        for event in TIMELINE
    )
    return Diagram(
        title="The debate, by years",
        subtitle="● a study of ours speaks to it   ○ not measured here",
        width=4.8,
        height=height,
        shapes=tuple(shapes),
        alt=f"A line of years with what was said. {told}.",
    )
