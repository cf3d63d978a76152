"""The ten headlines as questions to a reader: a claim each, what was expected, what came out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from bnreport.analysis.display import Judgement, shown_word
from bnreport.analysis.headlines import HEADLINES, TEN, Condition, headlines
from bnreport.analysis.report import Report, StudyReport
from bnreport.pages.claim_card import badge
from bnreport.pages.claim_text import numbers
from bnreport.pages.data.links import claim_page
from bnreport.protocol.claims import Claim

# Of several claims on one headline that with the score which comes first here.
SCORES = ("fresh", "", "deployed")
# The words that a reader can guess.
GUESSES = ("supported", "not supported", "undecided")


@dataclass(frozen=True)
class Guess:
    """A claim to guess the verdict of.

    Attributes:
        headline: what it asks, in a few words.
        claim: its id.
        shown: the verdict as readers see it.
        badge: the same as a mark and a word.
        numbers: its numbers in one line.
        expected: the word that was expected before the runs.
        link: the address of its card, from the root of the site.
    """

    headline: str
    claim: str
    shown: Judgement
    badge: Markup
    numbers: str
    expected: str
    link: str

    @property
    def right(self) -> bool:
        """Say whether what was expected came out."""
        return self.expected == self.shown.word


def guesses(report: Report) -> list[Guess]:
    """A claim for each headline that has one, in the order of the headlines."""
    answers = headlines(report)
    return [_guess(name, *representative(answers[name])) for name in TEN if answers[name]]


def representative(
    answers: Mapping[Condition, Sequence[tuple[StudyReport, Claim]]],
) -> tuple[StudyReport, Claim]:
    """The claim that stands for a headline.

    It is one that an interval decides, if there is any; of these that under the first condition, of
    the newest edition, with fresh statistics.
    """
    every = [(condition, *pair) for condition, pairs in answers.items() for pair in pairs]

    def order(each: tuple[Condition, StudyReport, Claim]) -> tuple[object, ...]:
        condition, study, claim = each
        by_tests = claim.decided == "tests"
        return by_tests, condition.place, -study.study.number, SCORES.index(claim.score)

    _, study, claim = min(every, key=order)
    return study, claim


def _guess(headline: str, study: StudyReport, claim: Claim) -> Guess:
    shown = study.shown(claim.id)
    return Guess(
        headline=HEADLINES[headline],
        claim=claim.id,
        shown=shown,
        badge=badge(shown),
        numbers=numbers(study.verdicts[claim.id], shown),
        expected=shown_word(claim.expected),
        link=claim_page(study, claim.id),
    )
