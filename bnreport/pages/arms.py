"""Let the words for the arms of a comparison have the colours that the arms have in figures."""

import re

from markupsafe import Markup

# What each arm is called in sentences; the longer name first, since it holds the shorter ones.
# A net that is trained *on* such pixels may be another arm, as BN is.
NAMES = {
    "std-bn": r"BN on (?:standardized )?(?:inputs|pixels) that are standardized|"
    r"BN on standardized (?:inputs|pixels)|standardized (?:inputs|pixels) (?:and|with) BN",
    "std": r"(?<![Oo]n )[Ss]tandardized (?:inputs|pixels)(?: without BN)?|"
    r"(?:inputs|pixels) (?:that (?:are|were) )?standardized(?: once)?|"
    r"[Ss]tandardize your pixels(?: once)?",
    "raw": r"(?<![Oo]n )raw pixels(?: without BN)?",
    "ln": r"layer normalization",
    "gn": r"group normalization",
    # What is without it is another arm.
    "bn": r"(?<!without )(?<!no )(?:\bBN\b|batch normalization)",
}
_ARM = re.compile("|".join(f"(?P<{arm.replace('-', '_')}>{words})" for arm, words in NAMES.items()))
_TAG = re.compile(r"(<[^>]*>)")


def armed(text: Markup | str) -> Markup:
    """A sentence in HTML with the first name of each arm in its colour.

    Colour repeats what the words say. What is in a tag, or in code, stays.
    """
    done: set[str] = set()

    def colored(match: re.Match[str]) -> str:
        arm = str(match.lastgroup).replace("_", "-")
        if arm in done:
            return match[0]
        done.add(arm)
        return f'<span class="arm arm--{arm}">{match[0]}</span>'

    parts, code = [], False
    for part in _TAG.split(str(text)):
        code = {"<code>": True, "</code>": False}.get(part, code)
        parts.append(part if code or part.startswith("<") else _ARM.sub(colored, part))
    return Markup("".join(parts))
