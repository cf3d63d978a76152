"""Changes a formula in one token, in every way that a slip of the pen could."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tests.latex.reader import IGNORED, LETTER, tokens

# What is easily taken for another, word by word.
ALIKE: Mapping[str, str] = {
    "i": "j k",
    "j": "i k",
    "k": "i j",
    "x": "y",
    "m": "v",
    r"\gamma": r"\beta",
    r"\beta": r"\gamma",
    r"\mu": r"\sigma",
    r"\sigma": r"\mu",
    r"\max": r"\min",
    r"\min": r"\max",
    r"\tanh": r"\arccos",
    r"\arccos": r"\tanh",
    r"\operatorname{E}": r"\operatorname{sd}",
    r"\operatorname{sd}": r"\operatorname{E}",
    "<": ">",
    ">": "<",
    r"\le": r"\ge",
    r"\ge": r"\le",
    "+": "-",
    "-": "+",
    r"\pm": "+ -",
    "/": "+",
}
WORD = re.compile(rf"{LETTER.pattern}|\\(?:operatorname|mathrm)\{{.*\}}")
DROPPED = {"'", r"\sqrt", r"\hat", r"\bar", r"\pm", r"\nabla", r"\partial"}


@dataclass(frozen=True)
class Change:
    """What was done to a formula, and where, and what became of it."""

    what: str
    tex: str


@dataclass(frozen=True)
class _Token:
    """A token, what comes behind it, and the names and counts of its formula."""

    tex: str
    word: str
    start: int
    end: int
    ahead: str
    names: Sequence[str]
    counts: Sequence[str]

    def replaced(self, new: str, start: int | None = None, end: int | None = None) -> str:
        """The formula with other text in the place of this token, or of a longer piece."""
        start, end = self.start if start is None else start, self.end if end is None else end
        # A command of letters ends where no letter follows.
        space = " " if re.search(r"\\[A-Za-z]+$", new) and self.tex[end : end + 1].isalpha() else ""
        return self.tex[:start] + new + space + self.tex[end:]


def changes(tex: str) -> Iterator[Change]:
    """The formula changed in one token, once for each token and way.

    A sign is turned, a number made one larger or smaller, a name replaced by each other name of the
    formula and by what resembles it, a relation turned round. A count N becomes N - 1. A power, a
    root, an index, a hat, a prime and an added epsilon are dropped, and a fraction is turned upside
    down.
    """
    seen = {tex}
    for token in _tokens(tex):
        for way in (_swapped, _lessened, _dropped, _turned):
            for what, new in way(token):
                if new not in seen:
                    seen.add(new)
                    yield Change(f"{what} at {token.start}", new)


def _tokens(tex: str) -> Iterator[_Token]:
    found = [match for match in tokens(tex) if not IGNORED.fullmatch(match[0])]
    names = list(dict.fromkeys(match[0] for match in found if WORD.fullmatch(match[0])))
    counts = ["N", *re.findall(r"\^\{([A-Za-z])\}", tex)]
    for match, behind in zip(found, [*found[1:], None], strict=True):
        ahead = behind[0] if behind else ""
        yield _Token(tex, match[0], *match.span(), ahead, names, counts)


def _swapped(token: _Token) -> Iterator[tuple[str, str]]:
    word = token.word
    new = ALIKE.get(word, "").split()
    if word.isdigit():
        new += [str(int(word) + step) for step in (1, -1) if int(word) + step >= 0]
    if word in token.names:
        new += [name for name in token.names if name != word]
    for other in new:
        yield f"{word} to {other}", token.replaced(other)


def _lessened(token: _Token) -> Iterator[tuple[str, str]]:
    if token.word in token.counts and token.ahead != "_":
        yield f"{token.word} to {token.word} - 1", token.replaced(f"({token.word} - 1)")
    if token.word == "|" and token.tex.startswith("|S|", token.start):
        yield "|S| to |S| - 1", token.replaced("(|S| - 1)", end=token.start + 3)


def _dropped(token: _Token) -> Iterator[tuple[str, str]]:
    word, before = token.word, token.tex[: token.start]
    if word in DROPPED:
        yield f"{word} dropped", token.replaced("")
    # An exponent or an index; those of a sum are its bounds.
    if word in {"^", "_"} and not re.search(r"\\sum(?:_\{[^{}]*\})?$", before):
        yield f"{word} dropped", token.replaced("", end=_group(token.tex, token.end))
    if word == "+" and token.ahead == r"\varepsilon":
        stop = token.tex.index(token.ahead, token.end) + len(token.ahead)
        yield "epsilon dropped", token.replaced("", end=stop)


def _turned(token: _Token) -> Iterator[tuple[str, str]]:
    if token.word == r"\frac":
        middle = _group(token.tex, token.end)
        stop = _group(token.tex, middle)
        turned = token.tex[middle:stop] + token.tex[token.end : middle]
        yield "fraction turned", token.replaced(turned, token.end, stop)


def _group(tex: str, start: int) -> int:
    """Where the group ends that begins here, in braces or of one token."""
    depth = 0
    for match in tokens(tex):
        if match.start() < start:
            continue
        depth += (match[0] == "{") - (match[0] == "}")
        if not depth:
            return match.end()
    raise ValueError(f"Expected a closed group. Received: {tex[start:]!r}.")
