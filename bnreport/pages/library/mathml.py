"""LaTeX to MathML when pages are rendered, so that formulas need no JavaScript."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeAlias

import lxml.etree
import pypandoc

from bnreport.errors import PageError

# Marks that Markdown would read inside a formula.
_MARKDOWN = re.compile(r"[\\_*`|\[\]]")
_ALONE = re.compile(r"<p>(<math(?:(?!</math>).)*</math>)</p>\s*", re.DOTALL)
# One paragraph that no dollar sign ends.
_PLAIN = re.compile(r"(?!\s)(?:[^$\n]|\n(?!\s*\n))+(?<!\s)")
_NAMESPACE = "{http://www.w3.org/1998/Math/MathML}"
_OPENING = {"(": ")", "[": "]", "{": "}", "⌈": "⌉", "⌊": "⌋", "⟨": "⟩"}
_BARS = {"|", "‖", "∥"}
_SCRIPTS = {"msup", "msub", "msubsup"}
# What holds any number of parts in a row; the parts of other elements have each their own meaning.
_ROWS = {"math", "mrow", "mtd", "mstyle", "msqrt", "mpadded"}
# What is taller than a line.
_HIGH = {"mfrac", "mtable", "munder", "munderover", "msqrt"}
# A root is drawn as tall as this, so that the sign over a low letter does not hang below the line.
_TALL = {"height": "0.8em", "depth": "0.1em"}

# Elements of a tree; lxml comes without types.
Part = Any


Formula: TypeAlias = tuple[str, bool]


def mathml(tex: str, display: bool = False) -> str:
    """The formula as MathML; see `convert`.

    Args:
        tex: LaTeX without dollar signs.
        display: whether the formula stands on its own line.

    Raises:
        PageError: when it is not one formula that pages can show.
    """
    return convert([(tex, display)])[tex, display]


def convert(formulas: Iterable[Formula]) -> dict[Formula, str]:
    """Formulas as MathML, with their words in `alttext`; pandoc is called once for all of them.

    What a pair of brackets holds is one group, a power belongs to the group and not to its last
    bracket, and a root has a height of its own.

    Args:
        formulas: LaTeX without dollar signs, and whether it stands on its own line.

    Raises:
        PageError: when pandoc warns, when not all of it is one formula, when a bracket has no
            partner, or when a root stands within a line of text. It names every such formula.
    """
    wanted = list(dict.fromkeys(formulas))
    converted: dict[Formula, str] = {}
    faults = []
    for (tex, display), text in zip(wanted, _read(wanted), strict=True):
        try:
            converted[tex, display] = _shown(text, tex, display)
        except PageError as error:
            faults.append(str(error))
    if faults:
        raise PageError("\n".join(faults))
    return converted


def _read(formulas: Sequence[Formula]) -> list[str | None]:
    """The answer of pandoc for each formula; None where it cannot read it."""
    if not formulas:
        return []
    texts = _pandoc(formulas) if all(_PLAIN.fullmatch(tex) for tex, _ in formulas) else []
    if len(texts) == len(formulas):
        return [*texts]
    # Which one it was: each alone.
    return [None] if len(formulas) == 1 else [_read([formula])[0] for formula in formulas]


def _pandoc(formulas: Sequence[Formula]) -> list[str]:
    """The formulas of a text that holds one in each paragraph; none when pandoc warns."""
    marks = ((tex, "$$" if display else "$") for tex, display in formulas)
    try:
        done = pypandoc.convert_text(
            "\n\n".join(f"{mark}{tex}{mark}" for tex, mark in marks),
            "html",
            format="markdown",
            extra_args=["--mathml", "--fail-if-warnings", "--wrap=none"],
        )
    except RuntimeError:
        return []
    return [] if _ALONE.sub("", done).strip() else _ALONE.findall(done)


def _shown(text: str | None, tex: str, display: bool) -> str:
    if text is None:
        raise _unread(tex)
    root = lxml.etree.fromstring(text)
    _unwrap(root)
    for row in [part for part in root.iter() if _name(part) in _ROWS]:
        _group(row, tex)
    _raise_roots(root, tex, display)
    _keep_bars_short(root)
    _join_primes(root)
    root.set("alttext", _tidy(spoken(root)))
    shown = " ".join(lxml.etree.tostring(root, method="c14n").decode().split())
    return _MARKDOWN.sub(lambda match: f"&#{ord(match.group())};", shown)


def _unread(tex: str) -> PageError:
    return PageError(f"Expected a formula that pandoc can read. Received: {tex!r}. Fix it.")


def _name(part: Part) -> str:
    return str(part.tag).removeprefix(_NAMESPACE)


def _unwrap(root: Part) -> None:
    """Leave out the TeX that pandoc adds for other programs."""
    for semantics in root.findall(f"{_NAMESPACE}semantics"):
        shown = semantics[0]
        root.replace(semantics, shown)


def _group(row: Part, tex: str) -> None:
    """Put each pair of brackets and what it holds into a group of its own."""
    parts = list(row)
    done: list[list[Part]] = [[]]
    opened: list[Part] = []
    for part in parts:
        fence = _fence(part)
        word = "" if fence is None else fence.text.strip()
        if fence is not None and opened and word == _partner(opened[-1]):
            fence.set("form", "postfix")
            done[-2].append(_closed([opened.pop(), *done.pop()], part, fence))
        elif fence is part and word in {*_OPENING, *_BARS}:
            fence.set("form", "prefix")
            opened.append(part)
            done.append([])
        elif fence is not None and not _of_two_rows(fence):
            raise _alone(word, tex)
        else:
            done[-1].append(part)
    while opened:
        # A bracket that a later row closes: both have one size, whatever they hold.
        if not _of_two_rows(opened[-1]):
            raise _alone(_partner(opened[-1]), tex)
        held = done.pop()
        done[-1] += [opened.pop(), *held]
    row[:] = done[0]


def _alone(word: str, tex: str) -> PageError:
    return PageError(
        f"Expected every bracket of a formula in a pair. Received: {word!r} without its partner in "
        f"{tex!r}. Close it in the same row, or give both the same size with \\Bigl and \\Bigr."
    )


def _fence(part: Part) -> Part | None:
    """The bracket or bar that a part is, or that carries its exponent or index."""
    first = part[0] if _name(part) in _SCRIPTS else part
    known = {*_OPENING, *_OPENING.values(), *_BARS}
    if _name(first) == "mo" and (first.text or "").strip() in known:
        return first
    return None


def _partner(fence: Part) -> str:
    word = str(fence.text).strip()
    return _OPENING.get(word, word)


def _of_two_rows(fence: Part) -> bool:
    return fence.get("minsize") is not None and fence.get("minsize") == fence.get("maxsize")


def _closed(inside: Sequence[Part], last: Part, fence: Part) -> Part:
    """The group of a pair of brackets, with the exponent or index that stood at the last one."""
    group = lxml.etree.Element(f"{_NAMESPACE}mrow")
    group.extend(inside)
    if last is fence:
        group.append(fence)
        return group
    group.append(fence)
    last.insert(0, group)
    return last


def _raise_roots(root: Part, tex: str, display: bool) -> None:
    for sign in root.iter(f"{_NAMESPACE}msqrt"):
        if not display:
            raise PageError(
                f"Expected no root within a line of text: browsers leave a gap behind it. "
                f"Received: {tex!r}. Say it in words, or display the formula."
            )
        if not any(_name(part) in {"mfrac", "mtable"} for part in sign.iter()):
            lxml.etree.SubElement(sign, f"{_NAMESPACE}mspace", {"width": "0", **_TALL})


def _keep_bars_short(root: Part) -> None:
    """Keep the bars of a norm as tall as a letter, unless they hold what is taller.

    An index below the line would stretch both of them above it as well.
    """
    for bar in root.iter(f"{_NAMESPACE}mo"):
        low = not any(_name(part) in _HIGH for part in bar.getparent().iter())
        if (bar.text or "").strip() in _BARS and low and not _of_two_rows(bar):
            bar.set("stretchy", "false")


def _join_primes(root: Part) -> None:
    """Let a prime stand at its letter: the sign is raised by itself, and would be raised twice."""
    for power in [*root.iter(f"{_NAMESPACE}msup")]:
        sign = power[1]
        if _name(sign) == "mo" and (sign.text or "").strip() == "′":
            power.tag = f"{_NAMESPACE}mrow"
            sign.attrib.update({"lspace": "0", "rspace": "0"})


# ---- The same in words ----

_WORDS = {
    "=": "equals", "−": "minus", "+": "plus", "±": "plus or minus", "<": "is less than",
    ">": "is greater than", "≤": "is at most", "≥": "is at least", "≈": "is about",
    "∝": "is proportional to", "←": "becomes", "⇒": "therefore", "⇔": "if and only if",
    "⟺": "if and only if", "∈": "in", "∞": "infinity", "⋅": "times", "×": "times", "∑": "the sum",
    "∂": "partial", "∇": "the gradient of", "⊤": "transposed", "…": "and so on", "/": "over",
    "(": "(", ")": ")", "\u2061": "", "′": "prime", "‴": "prime",
    "α": "alpha", "β": "beta", "γ": "gamma", "ε": "epsilon", "η": "eta", "λ": "lambda", "μ": "mu",
    "ρ": "rho", "σ": "sigma", "π": "pi", "𝟏": "the vector of ones", "𝐈": "I",
}  # fmt: skip
_POWERS = {"2": "squared", "3": "cubed", "⊤": "transposed", "′": "prime"}


def spoken(part: Part) -> str:
    """An element of MathML in words, for readers whose programs know no MathML."""
    parts, name = list(part), _name(part)
    if name in _SAID:
        return _SAID[name].format(*map(spoken, parts), *map(_bracketed, parts))
    if name in {"msup", "msubsup"}:
        index = f" sub {_bracketed(parts[1])}" if name == "msubsup" else ""
        return f"{spoken(parts[0])}{index} {_power(parts[-1])}"
    if name == "msqrt":
        return f"the root of {_bracketed(parts)}"
    if name == "mspace":
        return ", " if part.get("width", "0") not in _THIN else ""
    if name == "mtable":
        return "; ".join(" ".join(map(spoken, row)) for row in parts)
    text = (part.text or "").strip()
    return _row_words(parts) if parts else _WORDS.get(text, text)


# The parts in words, then the same in brackets.
_SAID = {
    "mfrac": "{2} over {3}",
    "msub": "{0} sub {3}",
    "munder": "{0} over {1} of",
    "munderover": "{0} from {1} to {2} of",
    "mover": "{0} hat",
}
_THIN = {"0", "0.167em", "0.1667em"}


def _tidy(words: str) -> str:
    """Words with one space between them and one comma where there are some."""
    words = re.sub(r"\s*(?:,\s*)+", ", ", " ".join(words.split()))
    return re.sub(r", (?=[);])|(?<=; ), |,? $", " ", words).replace("  ", " ").strip(" ,")


def _row_words(parts: Sequence[Part]) -> str:
    return " ".join(_bars(parts)).replace(" ,", ",")


def _bars(parts: Sequence[Part]) -> Iterator[str]:
    for part in parts:
        if _name(part) == "mo" and (part.text or "").strip() in _BARS:
            norm = "absolute value" if part.text.strip() == "|" else "norm"
            yield f"the {norm} of" if part.get("form") == "prefix" else ","
        else:
            yield spoken(part)


def _bracketed(part: Part | Sequence[Part]) -> str:
    """The words of a part; of several in brackets, so that one hears where they end."""
    text = _row_words(part) if isinstance(part, list) else spoken(part)
    words = " ".join(text.split())
    return f"( {words} )" if " " in words and not words.startswith("( ") else words


def _power(part: Part) -> str:
    return _POWERS.get((part.text or "").strip(), f"to the power of {_bracketed(part)}")
