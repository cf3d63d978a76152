"""Say of a verdict what readers see: the word shown, what qualifies it, whether it was corrected.

The judge's words are frozen with the claims of an edition. What is shown is derived from them anew
at every build, so a word that misleads can be corrected without touching a claim or a record.
"""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from bnreport.analysis.foreknowledge import Piloted, known_of
from bnreport.analysis.verdicts import ALPHA, Finding, Verdict, margin_of
from bnreport.protocol.claims import Claim, Display

Shown = Literal["supported", "not supported", "mixed", "undecided", "withdrawn", "not judged"]
Qualifier = Literal[
    "",
    "at least the margin",
    "reversed",
    "real but small",
    "not in every setting",
    "positive, its size undecided",
    "they differ",
]
# Where the interval of an equality that is undecided lies, if wholly on one side of zero.
Side = Literal["", "above", "below"]

MARKS: dict[Shown, str] = {
    "supported": "✓",
    "not supported": "✗",
    "mixed": "±",
    "undecided": "?",
    "withdrawn": "↺",
    "not judged": "–",
}

# When the words of the first edition were corrected.
CORRECTED = dt.date(2026, 11, 28)

# What parts of settings are called that claims name by a code; a number is the size of a batch.
PARTS = {
    "bn": "BN",
    "gn": "group normalization",
    "ln": "layer normalization",
    "LN": "layer normalization",
    "layer norm": "layer normalization",
    "raw": "raw pixels",
    "std": "standardized inputs",
    "standardized": "standardized inputs",
    "std-bn": "BN on standardized inputs",
    "before": "before the activation",
    "after": "after the activation",
}

# What ends the label of a claim that is judged as deployed, as another is by fresh statistics.
DEPLOYED = ", deployed"
# Frozen words keep their spelling; readers see one.
CENTRED = re.compile(r"(?i)\b(cent)r(ed|ing)\b")
ABBREVIATED = re.compile(r"\bstd\.|\bstandard\.")

# The sentence that each qualified word asks for; a word without a qualifier has its own.
SENTENCES: dict[Qualifier, str] = {
    "reversed": "reversed",
    "real but small": "small",
    "not in every setting": "not_in_every_setting",
    "positive, its size undecided": "positive",
}
APART: Qualifier = "they differ"
# Sentences that a page may have as well for an equality that is undecided, always both.
SIDES = ("above", "below")
REFUTED = "a claim that must hold in every setting is refuted by one"
NOT_SURE = (
    "the intervals lie below zero, but p after Holm is not below .05, so that the runs do not show "
    "that the effect points the other way"
)


@dataclass(frozen=True)
class Judgement:
    """A verdict as readers see it.

    Attributes:
        word: the word shown.
        qualifier: what the word alone would not say, or nothing.
        statement: the statement shown.
        changed: what was changed after the claim was announced and before its runs.
        published: what was shown before it was corrected; empty where nothing was.
        reason: why it was corrected.
        as_expected: whether the word is the one that was written down before the runs; a claim
            that is withdrawn or not judged surprises nobody.
        side: the side on which two arms are surely apart, of an equality that is undecided.
        known: what was known of the answer before the runs; empty where the claim does not say.
        label: what it is called on the site, in a few words; empty where it has no label.
        words: what its settings are called there, by their frozen names.
    """

    word: Shown
    qualifier: Qualifier
    statement: str
    changed: str = ""
    published: str = ""
    reason: str = ""
    as_expected: bool = True
    side: Side = ""
    known: str = ""
    label: str = ""
    words: Mapping[str, str] = field(default_factory=dict)

    def setting(self, name: str) -> str:
        """The name of a setting on the site: its study's, or part by part as everywhere."""
        return self.words.get(name) or ", ".join(map(_part, name.split(", ")))

    @property
    def mark(self) -> str:
        """The sign that goes with the word."""
        return MARKS[self.word]

    @property
    def text(self) -> str:
        """The word with what qualifies it."""
        return f"{self.word} ({self.qualifier})" if self.qualifier else self.word

    @property
    def sentence(self) -> str:
        """The name of the sentence that tells this verdict."""
        return self.side or SENTENCES.get(self.qualifier, self.word.replace(" ", "_"))


def judgement(
    verdict: Verdict,
    display: Display | None = None,
    seen: Piloted = "",
    words: Mapping[str, str] | None = None,
) -> Judgement:
    """The verdict as readers see it.

    Args:
        verdict: as the frozen rule gives it.
        display: what the study shows beside the frozen claim, if anything.
        seen: how many of the nets that it compares a pilot had trained before.
        words: what its study calls labels and settings, by their frozen text.
    """
    display = display or Display()
    word, qualifier, reason = _corrected(verdict)
    if display.withdrawn and word != "not judged":
        word, qualifier, reason = "withdrawn", "", display.withdrawn
    return Judgement(
        word=word,
        qualifier=qualifier,
        statement=display.statement or CENTRED.sub(r"\1er\2", verdict.claim.statement),
        changed=display.changed,
        published=_published(verdict) if reason else "",
        reason=reason,
        as_expected=word in {"withdrawn", "not judged", shown_word(verdict.claim.expected)},
        side=_side(verdict) if qualifier == APART else "",
        known=known_of(verdict.claim, seen),
        label=display.label or _label(verdict.claim.label, words or {}),
        words=words or {},
    )


def shown_word(stored: str) -> str:
    """The word that readers see for one of the judge's: what is underpowered is undecided."""
    return "undecided" if stored == "underpowered" else stored


def part(claim: Claim, finding: Finding) -> str:
    """The verdict on one setting of a claim by itself, in words."""
    interval, margin = finding.interval, margin_of(claim)
    word = shown_word(finding.word)
    if claim.kind == "equivalence" and finding.word == "not supported":
        return f"{word}: the interval lies {'above' if interval.low > 0 else 'below'} the margins"
    if claim.kind == "difference" and finding.word == "not supported":
        if interval.high < 0:
            return f"{word}: the interval lies below {nothing(claim)}"
        if interval.low > 0:
            return f"{word}: real but small"
    if claim.kind == "difference" and finding.word == "underpowered" and interval.low > 0:
        if margin and interval.low >= margin:
            return (
                f"{word}: beyond the margin, but p times all claims and settings is not below .05"
            )
        return f"{word}: positive" + (", its size undecided" if margin else "")
    return word


def nothing(claim: Claim) -> str:
    """The effect that is none, in a word: zero, or one where effects are shown as ratios."""
    return "one" if claim.scale == "ratio" else "zero"


def outcomes(claim: Claim, display: Display | None = None) -> tuple[str, ...]:
    """The names of the sentences that a claim needs: one for each verdict that can come out."""
    if display and display.withdrawn:
        return ("withdrawn",)
    if claim.kind == "exact":
        return ("supported", "not_supported")
    names = ["supported", "not_supported", "undecided"]
    if claim.kind == "difference":
        names.append("reversed")
        # Without a margin no effect above zero is small, and none straddles it.
        names += ["small", "positive"] if margin_of(claim) > 0 else []
    if claim.settings:
        # One interval never calls a claim mixed: a setting that refutes it is enough.
        names += ["not_in_every_setting", *(["mixed"] if claim.decided == "tests" else [])]
    return tuple(names)


def may_say(claim: Claim) -> tuple[str, ...]:
    """The names of the sentences that a claim may have beside those that it needs."""
    return SIDES if claim.kind == "equivalence" and claim.decided == "interval" else ()


def _label(frozen: str, words: Mapping[str, str]) -> str:
    """The label on the site: its study's words, and no abbreviation that only its author knows."""
    base = frozen.removesuffix(DEPLOYED)
    label = words.get(base) or CENTRED.sub(r"\1er\2", ABBREVIATED.sub("standardized", base))
    first = label.partition(" ")[0].strip(",:").replace("-", "")
    # The name of an argument keeps its letters.
    start = label[:1].upper() if first.isalpha() else label[:1]
    return words.get(frozen) or start + label[1:] + frozen[len(base) :]


def _part(name: str) -> str:
    return PARTS.get(name) or (f"batches of {name}" if name.isdigit() else name)


def _corrected(verdict: Verdict) -> tuple[Shown, Qualifier, str]:
    """The word, its qualifier, and why it differs from what was first published."""
    findings = verdict.findings.values()
    if verdict.claim.decided == "interval":
        word: Shown = "undecided" if verdict.word == "underpowered" else verdict.word
        return word, _by_interval(verdict), ""
    if verdict.word == "underpowered":
        if any(finding.word == "not supported" for finding in findings):
            return "not supported", "not in every setting", REFUTED
        return "undecided", _of_difference(verdict), ""
    if verdict.reversed and (verdict.p is None or verdict.p >= ALPHA):
        return "not supported", "", NOT_SURE
    return verdict.word, _of_difference(verdict), ""


def _by_interval(verdict: Verdict) -> Qualifier:
    """Qualify the word that one interval decides, which needs no correction."""
    words = {finding.word for finding in verdict.findings.values()}
    if verdict.word == "not supported" and len(words) > 1:
        return "not in every setting"
    return APART if _side(verdict) else _of_difference(verdict)


def _of_difference(verdict: Verdict) -> Qualifier:
    """Say what the intervals of a difference add to the word, in every setting alike."""
    margin = margin_of(verdict.claim)
    intervals = [finding.interval for finding in verdict.findings.values()]
    if verdict.claim.kind != "difference" or not intervals:
        return ""
    low, high = min(i.low for i in intervals), max(i.high for i in intervals)
    match verdict.word:
        case "supported" if 0 < margin <= low:
            return "at least the margin"
        case "not supported" if verdict.reversed:
            return "reversed"
        case "not supported" if low > 0 and high < margin:
            return "real but small"
        case "underpowered" if low > 0 and margin > 0:
            return "positive, its size undecided"
    return ""


def _side(verdict: Verdict) -> Side:
    """The side of zero on which all intervals of an undecided equality lie, if one decides it.

    Such arms differ. What is open is whether the difference stays within the margin.
    """
    intervals = [finding.interval for finding in verdict.findings.values()]
    if verdict.word != "underpowered" or not may_say(verdict.claim) or not intervals:
        return ""
    if all(interval.low > 0 for interval in intervals):
        return "above"
    return "below" if all(interval.high < 0 for interval in intervals) else ""


def _published(verdict: Verdict) -> str:
    return f"{verdict.word}, reversed" if verdict.reversed else verdict.word
