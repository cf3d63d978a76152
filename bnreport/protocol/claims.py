"""A claim, frozen before its runs, and what readers see beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from bnreport.protocol.frozen import Frozen, digest, later

# What decides a claim: tests whose p Holm adjusts, or one interval whose level its family shares.
Decider = Literal["tests", "interval"]
# What of the pairs an interval that decides is about.
Centre = Literal["mean", "median"]
# By which statistics the nets with BN are scored, where a claim says so.
ScoredBy = Literal["", "fresh", "deployed"]
# What was known of the answer when a claim was written.
Known = Literal[
    "",
    "new",
    "known from the first edition",
    "known from its runs scored again",
    "known from trying it out",
    "known from runs of another study",
]
Word = Literal["supported", "not supported", "mixed", "underpowered", "not judged"]


class Claim(Frozen):
    """A sentence that runs can contradict, with the rule that decides, written before the runs.

    A "difference" is a paired contrast that the claim predicts above zero; `margin` is the least
    effect worth saying. An "equivalence" predicts a contrast within the margin on either side. An
    "exact" identity is predicted to hold within the margin, whatever the seed. A "fit" asks whether
    published numbers pass for one more run. A claim on several `settings` must hold in each.
    On the scale "ratio" effects are natural logarithms, and the margin is a ratio. A frozen claim
    never changes; one that is added after runs exist says when and why in `amended`.

    `decided` says what gives the word: in the first edition p values, and later one interval, at a
    level that the claims of a family share. It is the interval of the pairs' mean or, of times, of
    their median (`centre`), which one stalled round hardly moves. `score` is how nets with BN are
    scored: by fresh statistics of training images, or as deployed, by Keras' moving averages.
    `known` is what its authors knew of the answer.
    """

    id: str
    question: str
    statement: str
    source: str
    kind: Literal["difference", "fit", "equivalence", "exact"]
    arms: str
    metric: str
    unit: str
    margin: float | None = None
    seeds: str
    rule: str
    expected: Word
    amended: str | None = None
    label: str = later("")
    scale: Literal["linear", "ratio"] = later("linear")
    settings: tuple[str, ...] = later(())
    decided: Decider = later("tests")
    score: ScoredBy = later("")
    known: Known = later("")
    centre: Centre = later("mean")


@dataclass(frozen=True)
class Display:
    """Words that readers see of a claim beside its frozen text; no digest covers them.

    Attributes:
        label: what it is called in place of its frozen label, which other claims have as well.
        statement: shown in place of the frozen statement, which misleads beside another claim's.
        withdrawn: why the verdict no longer counts, as the rest of a sentence.
        changed: what was changed after the claim was announced and before its runs, in a sentence.
        headline: what it asks under one of several conditions: a key of `analysis.headlines`.
    """

    label: str = ""
    statement: str = ""
    withdrawn: str = ""
    changed: str = ""
    headline: str = ""


def claims_digest(claims: Sequence[Claim]) -> str:
    """The digest of these claims."""
    return digest({"claims": [claim.model_dump(mode="json") for claim in claims]})
