r"""Reads the LaTeX of a displayed formula and computes what it says.

SymPy's `parse_latex` reads 5 of the first 56 formulas: it knows no hats, no sums without bounds and
no indices that pick a number. This reader knows what our formulas need, and refuses all else:

- Names are looked up. `x_i` is the number of the array `x_` at the place i, counted from 1 (or the
  entry i of a mapping), unless a value is called `x_i` itself. `x_{nhwc}` has four indices,
  `x_{1,2}` stands for two numbers. The prime, the hat and the bar belong to the name.
  `\frac{\partial L}{\partial x_i}` is the name `∂L/∂x` with an index.
- Things side by side are multiplied: numbers and vectors place by place, matrices as matrices. A
  function takes the parenthesis behind it. A sum reaches to the next plus or minus.
- A comma or a wide space ends a statement. A parenthesis behind a wide space is the condition of
  its line, and so is all before a double arrow: the line holds exactly where its conditions hold,
  and there must be numbers for both.
- `≤` and its like must nearly be reached somewhere, or they would say too little. A plus-minus and
  a pair are compared as sets of two numbers.
"""

import re
from collections.abc import Callable, Iterator, Sequence, Set
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np

from tests.latex import arithmetic
from tests.latex.arithmetic import Arguments, number
from tests.latex.setting import FUNCTIONS, Setting, UnreadableError, Value

TOKEN = re.compile(
    r"\\begin\{\w+\}|\\end\{\w+\}|\\(?:text|operatorname|mathrm|mathbf)\{[^{}]*\}"
    r"|\\[A-Za-z]+|\\.|\d+|\S",
    re.DOTALL,
)
IGNORED = re.compile(r"\\begin\{.*|\\end\{.*|\\[,;!]|&|\\(?:[Bb]igg?[lr]|left|right)")
SPACES = {r"\quad", r"\qquad"}
ENDS = {",", r"\Rightarrow", *SPACES}
BREAK = r"\\"
OPENING, CLOSING = {"(", "{", r"\{"}, {")", "}", r"\}"}
RELATIONS = {"=", "<", ">", r"\le", r"\ge", r"\approx", r"\propto", r"\leftarrow"}
STOPS = {*CLOSING, *RELATIONS, ",", ":", "+", "-", r"\iff", r"\rVert", r"\in", ""}
ACCENTS = {r"\hat", r"\bar", r"\widehat"}
LETTER = re.compile(r"[A-Za-z]|\\(?:alpha|beta|gamma|varepsilon|eta|lambda|mu|pi|rho|sigma)")
NAME = re.compile(rf"{LETTER.pattern}|\\(?:text|operatorname|mathrm|mathbf)\{{.*\}}")

Term: TypeAlias = Callable[[Setting], Value]


def computed(term: Term, setting: Setting) -> Value:
    """What a term comes to.

    Raises:
        UnreadableError: when its names have no values, or values that do not fit.
    """
    try:
        with np.errstate(all="ignore"):
            return number(term(setting))
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise UnreadableError(f"Expected something to compute. Received: {error}") from error


@dataclass(frozen=True)
class Chain:
    """Sides with the relations between them; one side alone has none."""

    sides: Sequence[Term]
    relations: Sequence[str]

    def true(self, setting: Setting) -> bool:
        """Whether all relations hold."""
        if not self.relations:
            raise UnreadableError("Expected a relation.")
        found = [computed(side, setting) for side in self.sides]
        return all(
            arithmetic.compared(relation, found[at], found[at + 1], setting)
            for at, relation in enumerate(self.relations)
        )


# Chains that are true or false together; most statements are one.
Statement: TypeAlias = Sequence[Chain]


@dataclass(frozen=True)
class Line:
    """Statements, and the conditions under which they hold."""

    statements: Sequence[Statement]
    conditions: Sequence[Statement]


def tokens(tex: str) -> list[re.Match[str]]:
    """The tokens of a formula, in order, with their places."""
    return list(TOKEN.finditer(tex))


def lines(tex: str) -> list[Line]:
    """The lines of a formula, ready to be computed.

    Raises:
        UnreadableError: for LaTeX that this reader does not know.
    """
    words = [match[0] for match in tokens(tex) if not IGNORED.fullmatch(match[0])]
    return [_line(piece) for piece, _ in _pieces(words, {BREAK})]


def _line(words: Sequence[str]) -> Line:
    statements: list[Statement] = []
    conditions: list[Statement] = []
    before = ""
    for piece, end in _pieces(words, ENDS):
        if before in SPACES and piece[:1] == ["("] and RELATIONS & {*piece}:
            conditions.append(_statement([*piece[1:-1], *piece[-1].strip(")")]))
        elif piece:
            statements.append(_statement(piece))
        if end == r"\Rightarrow":
            conditions, statements = [*conditions, *statements], []
        before = end
    if not statements:
        raise UnreadableError(f"Expected a statement. Received: {words}.")
    return Line(statements, conditions)


def _pieces(words: Sequence[str], ends: Set[str]) -> Iterator[tuple[list[str], str]]:
    """What stands between ends outside of all brackets, and the end behind each."""
    piece: list[str] = []
    depth = 0
    for word in words:
        depth += (word in OPENING) - (word in CLOSING)
        if word in ends and depth == 0:
            yield piece, word
            piece = []
        else:
            piece.append(word)
    if depth:
        raise UnreadableError(f"Expected closed brackets. Received: {words}.")
    yield piece, ""


def _statement(words: Sequence[str]) -> Statement:
    """Chains between arrows that go both ways."""
    reader = Reader([word for word in words if word != BREAK and word not in SPACES])
    chains = [reader.chain()]
    while reader.ahead == r"\iff":
        reader.take()
        chains.append(reader.chain())
    reader.take("")
    return chains


class Reader:
    """Reads the words of a statement from the left to the right."""

    def __init__(self, words: Sequence[str]) -> None:
        self.words, self.place = [*words, ""], 0
        # How many bars are open inside of the innermost brackets.
        self.bars = 0

    @property
    def ahead(self) -> str:
        """The next word, or an empty one behind the last."""
        return self.words[self.place]

    def take(self, expected: str | None = None) -> str:
        """The next word, which is used up."""
        word = self.ahead
        if expected is not None and word != expected:
            raise UnreadableError(f"Expected {expected!r}. Received: {word!r} in {self.words}.")
        self.place = min(self.place + 1, len(self.words) - 1)
        return word

    def chain(self) -> Chain:
        """Sides and relations."""
        sides, relations = [self.sum()], []
        while self.ahead in RELATIONS:
            relations.append(self.take())
            sides.append(self.sum())
        return Chain(sides, relations)

    def sum(self) -> Term:
        """Products with plus and minus between them."""
        sign = self.take() if self.ahead in {"+", "-", r"\pm"} else "+"
        first = self.product()
        parts = [(sign, first)]
        while self.ahead in {"+", "-"}:
            parts.append((self.take(), self.product()))
        if sign == r"\pm":
            if len(parts) > 1:
                raise UnreadableError("Expected one term behind a plus-minus.")
            return lambda scope: arithmetic.pair(first(scope), -number(first(scope)))
        if sign == "+" and len(parts) == 1:
            return first

        def term(scope: Setting) -> Value:
            made = number(0.0)
            for sign, part in parts:
                one = number(part(scope))
                made = arithmetic.added(made, -one if sign == "-" else one)
            return made

        return term

    def alone(self) -> Term:
        """A sum with nothing behind it."""
        term = self.sum()
        self.take("")
        return term

    def product(self) -> Term:
        """Factors side by side, the last of which may be a sum over an index."""
        factors: list[tuple[str, Term]] = []
        while self.ahead not in STOPS and not (factors and self.closes()):
            sign = self.take() if self.ahead in {r"\cdot", "/"} else ""
            factors.append((sign, self.factor()))
        if not factors or factors[0][0]:
            raise UnreadableError(f"Expected a factor. Received: {self.ahead!r} in {self.words}.")
        return lambda scope: arithmetic.multiplied([(s, factor(scope)) for s, factor in factors])

    def closes(self) -> bool:
        """Whether the bar ahead ends what one opened; behind a factor it always does."""
        return self.ahead in {"|", r"\|"} and self.bars > 0

    def factor(self) -> Term:
        """One thing with its powers."""
        base = self.atom()
        if self.ahead != "^":
            return base
        self.take()
        if self.ahead == r"\top":
            self.take()
            return lambda scope: arithmetic.transposed(base(scope))
        exponent = self.group()
        return lambda scope: arithmetic.power(base(scope), exponent(scope))

    def group(self) -> Term:
        """What stands in braces, or one token without."""
        if self.ahead != "{":
            return Reader([self.take()]).atom()
        self.take()
        outer, self.bars = self.bars, 0
        term = self.sum()
        self.bars = outer
        self.take("}")
        return term

    def atom(self) -> Term:
        """A number, a name, a fraction, or what stands between brackets or bars."""
        word = self.ahead
        special = {
            "{": self.group,
            "(": self.bracket,
            "|": lambda: self.between("|", "|", arithmetic.size),
            r"\|": lambda: self.between(r"\|", r"\|", arithmetic.length),
            r"\lVert": lambda: self.between(r"\lVert", r"\rVert", arithmetic.length),
            r"\frac": self.fraction,
            r"\sqrt": self.root,
            r"\sum": lambda: self.over(sum),
            r"\#": self.count,
        }
        if word in special:
            return special[word]()
        if word == r"\max" and self.words[self.place + 1] == "_":
            return self.over(max)
        if word.isdigit():
            constant = float(self.take())
            return lambda _: constant
        return self.named()

    def bracket(self) -> Term:
        """A parenthesis; several values in it are the arguments of a function."""
        self.take("(")
        outer, self.bars = self.bars, 0
        terms = [self.sum()]
        while self.ahead == ",":
            self.take()
            terms.append(self.sum())
        self.bars = outer
        self.take(")")
        return lambda scope: Arguments(term(scope) for term in terms)

    def between(self, opening: str, closing: str, of: Callable[[Value], Value]) -> Term:
        """What stands between two bars."""
        self.take(opening)
        self.bars += 1
        term = self.sum()
        self.bars -= 1
        self.take(closing)
        return lambda scope: of(term(scope))

    def fraction(self) -> Term:
        """A quotient, or the name of a derivative."""
        self.take(r"\frac")
        if self.words[self.place : self.place + 2] == ["{", r"\partial"]:
            (of, place), (by, places) = self.derived(), self.derived()
            return self.indexed(f"∂{of}/∂{by}", place + places)
        above, below = self.group(), self.group()
        return lambda scope: arithmetic.divided(above(scope), below(scope))

    def derived(self) -> tuple[str, list[str]]:
        """One half of a derivative: its name and its index."""
        self.take("{")
        self.take(r"\partial")
        name, index = self.name(), self.index()
        self.take("}")
        return name, index

    def root(self) -> Term:
        """A square root."""
        self.take(r"\sqrt")
        term = self.group()
        return lambda scope: np.sqrt(number(term(scope)))

    def named(self) -> Term:
        """A name with its index."""
        if self.ahead == r"\nabla":
            self.take()
            return self.indexed("∇" + self.name(), [])
        return self.indexed(self.name(), self.index())

    def name(self) -> str:
        """A letter or a word, with its accent and its prime."""
        if self.ahead in ACCENTS:
            accent = self.take()
            if self.ahead == "{":
                self.take()
                inner = self.name()
                self.take("}")
            else:
                inner = self.name()
            return f"{accent}{{{inner}}}"
        word = self.take()
        if not NAME.fullmatch(word) and word not in FUNCTIONS:
            raise UnreadableError(f"Expected a name. Received: {word!r} in {self.words}.")
        while self.ahead == "'":
            word += self.take()
        return word

    def index(self) -> list[str]:
        """The words of an index; none where there is no index."""
        if self.ahead != "_":
            return []
        self.take()
        if self.ahead != "{":
            return [self.take()]
        self.take()
        found = []
        while self.ahead not in {"}", ""}:
            found.append(self.take())
        self.take("}")
        return found

    def indexed(self, name: str, index: list[str]) -> Term:
        """The value of a name, or of the place in it that the index says."""
        text = "".join(index)
        if not index:
            return lambda scope: scope.called(name, "")
        # Letters side by side are indices, not a product.
        letters = all(LETTER.fullmatch(word) for word in index)
        parts = [[word] for word in index] if letters else [p for p, _ in _pieces(index, {","})]
        places = [Reader(part).alone() for part in parts]

        def term(scope: Setting) -> Value:
            if f"{name}_{text}" in scope.values:
                return scope.values[f"{name}_{text}"]
            family = scope.called(f"{name}_", "")
            at = [arithmetic.whole(place(scope)) for place in places]
            if "," in index:
                return arithmetic.pair(*(arithmetic.picked(family, [one]) for one in at))
            return arithmetic.picked(family, at)

        return term

    def over(self, of: Callable[[Iterator[Value]], Value]) -> Term:
        """A sum or a maximum over an index, up to the next plus or minus."""
        self.take()
        self.take("_")
        braced = self.ahead == "{"
        if braced:
            self.take()
        letter = self.take()
        if not LETTER.fullmatch(letter):
            raise UnreadableError(f"Expected an index. Received: {letter!r}.")
        bounds = self.bounds(letter) if braced else _everywhere(letter)
        body = self.product()

        def term(scope: Setting) -> Value:
            return of(
                number(body(replace(scope, values={**scope.values, letter: place})))
                for place in bounds(scope)
            )

        return term

    def bounds(self, letter: str) -> Callable[[Setting], Sequence[int]]:
        """Where an index in braces runs."""
        if self.ahead == "}":
            self.take()
            return _everywhere(letter)
        if self.ahead == r"\in":
            self.take()
            members = self.named()
            self.take("}")
            return lambda scope: arithmetic.members(members(scope))
        self.take("=")
        first = self.sum()
        self.take("}")
        self.take("^")
        last = self.group()
        return lambda scope: range(
            arithmetic.whole(first(scope)), arithmetic.whole(last(scope)) + 1
        )

    def count(self) -> Term:
        """How many indices make a chain true."""
        self.take(r"\#")
        self.take(r"\{")
        letter = self.take()
        self.take(":")
        chain = self.chain()
        self.take(r"\}")

        def term(scope: Setting) -> Value:
            cases = (
                replace(scope, values={**scope.values, letter: place})
                for place in _everywhere(letter)(scope)
            )
            return sum(chain.true(case) for case in cases)

        return term


def _everywhere(letter: str) -> Callable[[Setting], Sequence[int]]:
    def bounds(scope: Setting) -> Sequence[int]:
        if letter not in scope.over:
            raise UnreadableError(f"Expected an index that runs. Received: {letter}.")
        return scope.over[letter]

    return bounds
