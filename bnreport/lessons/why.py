"""Tell the debate on why it works."""

from dataclasses import dataclass

from bnreport import __version__
from bnreport.lessons import lab
from bnreport.presentation.tables import Analysis, Value


@dataclass(frozen=True)
class Event:
    """A year of the debate: the works, by key, what they say, and whether a study of ours asks it.

    The year is that of the first version on arXiv, or of the talk.
    """

    year: int
    keys: tuple[str, ...]
    authors: str
    idea: str
    measured: bool = False


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
    Event(2020, ("de2020",), "De, Smith", "blocks near the identity", True),
    Event(2020, ("daneshmand2020",), "Daneshmand et al.", "examples stay apart", True),
    Event(2020, ("richemond2020",), "Richemond et al.", "no hidden contrast"),
    Event(2021, ("cohen2021",), "Cohen et al.", "descent at the edge of stability"),
    Event(2022, ("lyu2022",), "Lyu, Li, Arora", "flatter minima"),
    Event(2022, ("balestriero2022",), "Balestriero, Baraniuk", "folds near the data"),
    Event(2023, ("kosson2024",), "Kosson et al.", "decay balances how layers turn", True),
    Event(2023, ("meterez2024",), "Meterez et al.", "depth without explosion"),
)


def analyse() -> Analysis:
    """The debate by years, and how far it is told."""
    last = max(event.year for event in TIMELINE)
    origin = f"counted over {lab.SEEDS} seeds of the two nets that this page trains"
    return Analysis(
        values={
            **{f"lab.{name}": Value(text, origin) for name, text in lab.counted().items()},
            "last": Value(str(last), "the year of the last work on the timeline"),
            "release": Value(__version__, "the release of this site's code and records"),
        },
        pictures={"timeline": {"events": TIMELINE}, "lab": lab.drawing()},
    )
