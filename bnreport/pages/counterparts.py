"""The dense nets' verdicts beside standardized inputs, and the convolutional net's on the same."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TypeAlias

from markupsafe import Markup

from bnreport.analysis.report import Report, StudyReport
from bnreport.errors import PageError
from bnreport.pages.claim_card import badge
from bnreport.pages.claim_text import claim_numbers
from bnreport.pages.counterpart_settings import Arms, differences
from bnreport.pages.data.links import claim_page
from bnreport.pages.fragments import fragment
from bnreport.presentation.formats import joined
from bnreport.protocol.nets import Net
from bnreport.protocol.recipes import Recipe
from bnreport.protocol.trials import Trial

# The claims of one edition that ask the same, by each score; of editions the newest first.
Asked: TypeAlias = tuple[tuple[str, ...], ...]
DEPLOYED = "deployed"
FIRST = f"{DEPLOYED}, first edition"
# How a sentence says by which score it speaks.
SCORED = {
    "fresh": "by fresh statistics",
    DEPLOYED: "as deployed",
    FIRST: "as deployed, in the first edition",
}


@dataclass(frozen=True)
class Counterpart:
    """A comparison with standardized inputs that both kinds of net have been put to.

    Attributes:
        effect: what BN would do, compared with standardized inputs without it.
        studies: the study of dense nets, and that of the convolutional net.
        dense: the claims of dense nets.
        convolutional: the claims of the convolutional net.
        setting: the one of the claims' settings that is shown, where they have several.
    """

    effect: str
    studies: tuple[str, str]
    dense: Asked
    convolutional: Asked
    setting: str = ""

    def answers(self, report: Report) -> tuple["Answer", "Answer"] | None:
        """The answers of the newest runs of either kind of net; nothing while one has none."""
        dense, convolutional = (
            _newest(report, study, claims)
            for study, claims in zip(self.studies, (self.dense, self.convolutional), strict=True)
        )
        return (dense, convolutional) if dense and convolutional else None


COUNTERPARTS = (
    Counterpart(
        "needs fewer steps to reach a given accuracy at the same rate",
        ("speed", "convolution"),
        (("speed-2-same-std", "speed-2-same-std-deployed"), ("speed-same-std",)),
        (("convolution-speed-std",),),
    ),
    Counterpart(
        "learns well at more learning rates",
        ("rates", "convolution"),
        (("rates-2-width-std", "rates-2-width-std-deployed"), ("rates-width-std",)),
        (("convolution-width-std",),),
    ),
    Counterpart(
        "is as accurate, each at its own best rate",
        ("alternatives", "convolution"),
        (("alternatives-2-bn-std", "alternatives-2-bn-std-deployed"),),
        (("convolution-2-bn-std", "convolution-2-bn-std-deployed"),),
    ),
    *(
        Counterpart(
            f"is more accurate with batches of {size}",
            ("batchsize", "convolution"),
            (("batchsize-large-std",),),
            (("convolution-large-std",),),
            size,
        )
        for size in ("32", "128")
    ),
)
STUDIES = tuple(dict.fromkeys(name for pair in COUNTERPARTS for name in pair.studies))


@dataclass(frozen=True)
class Answer:
    """The claims of an edition that say the same of one kind of net, by score."""

    study: StudyReport
    claims: tuple[str, ...]

    @property
    def by_score(self) -> dict[str, str]:
        """The claims by their score; the first edition has none but that of a deployed net."""
        named = {claim: self.study.verdicts[claim].claim.score for claim in self.claims}
        return {score or FIRST: claim for claim, score in named.items()}

    @property
    def kind(self) -> str:
        """The kind of its claims."""
        return self.study.verdicts[self.claims[0]].claim.kind

    def word(self, score: str) -> str:
        """The verdict by that score, in a word."""
        by_score = self.by_score
        return self.study.shown(by_score.get(score, self.claims[-1])).word

    def arms(self) -> Arms:
        """The trials with BN that the claims stand on."""
        names = {name for claim in self.claims for name in self.study.stands_on[claim]}
        trials = tuple(
            runs.trial
            for runs in self.study.study.runs
            if runs.trial.name in names
            and isinstance(runs.trial, Trial | Recipe)
            and isinstance(runs.trial.net, Net)
            and runs.trial.net.normalizer == "batch"
        )
        if not trials:
            raise PageError(
                f"Expected claim {self.claims[0]} to stand on nets with BN, whose settings the "
                "table of dense and convolutional nets shows. Received: none. Take it out of "
                "`COUNTERPARTS`."
            )
        study = self.study.study
        first = len(study.by_edition()) > 1 and study.number == 1
        return Arms(f"“{study.title}”" + (", first edition" if first else ""), trials)


def counterparts(report: Report, prefix: str) -> Markup:
    """The table of both kinds of net, with what differs between them; empty while one has no runs.

    Args:
        report: what the site says.
        prefix: the way from the page up to the root of the site.
    """
    if not report.studies.keys() >= {*STUDIES}:
        return Markup()
    answers = [(pair, *both) for pair in COUNTERPARTS if (both := pair.answers(report))]
    rows = [
        {
            "effect": pair.effect,
            "cells": [_cell(answer, pair.setting, prefix) for answer in (dense, convolutional)],
        }
        for pair, dense, convolutional in answers
    ]
    return fragment(
        "counterparts.html.j2",
        rows=rows,
        agreed=agreement(answers),
        equal=equalities(answers),
        differs=differences(
            [dense.arms() for _, dense, _ in answers],
            [convolutional.arms() for _, _, convolutional in answers],
        ),
    )


def agreement(
    answers: Sequence[tuple[Counterpart, Answer, Answer]],
) -> list[tuple[str, str, str]]:
    """Say of each effect in which kinds of net BN has it, by a score that both have if they do.

    Equalities are told by `equalities`: that two nets are not equal does not say which is ahead.

    Returns:
        The kinds of net, the effects that BN has in them, and the score, in words.
    """
    effects: dict[tuple[str, str], list[Counterpart]] = {}
    for pair, dense, convolutional in answers:
        if dense.kind == "equivalence":
            continue
        common = [score for score in dense.by_score if score in convolutional.by_score]
        # The first edition knows one score alone, that of a deployed net.
        score = (common or [DEPLOYED])[0]
        scored = SCORED[score] if common else _apart(dense)
        match dense.word(score) == "supported", convolutional.word(score) == "supported":
            case True, True:
                kinds = "in both kinds of net"
            case True, False:
                kinds = "in dense nets alone"
            case False, True:
                kinds = "in the convolutional net alone"
            case _:
                kinds = "in neither for sure"
        effects.setdefault((kinds, scored), []).append(pair)
    return [
        (kinds, joined(_effects(pairs), "and"), scored)
        for (kinds, scored), pairs in effects.items()
    ]


def _effects(pairs: Iterable[Counterpart]) -> list[str]:
    """Name effects; those that differ in their setting alone share their words."""
    shared = groupby(pairs, lambda pair: pair.effect.removesuffix(pair.setting))
    return [words + " and of ".join(pair.setting for pair in same) for words, same in shared]


def _apart(dense: Answer) -> str:
    """Say which kind of net has the first edition alone where the other has a second."""
    first = "dense nets" if FIRST in dense.by_score else "the convolutional net"
    return f"as deployed; {first} in the first edition"


def equalities(
    answers: Sequence[tuple[Counterpart, Answer, Answer]],
) -> list[tuple[str, str, str]]:
    """Say where BN stands beside nets that may be its equals, by fresh statistics.

    Returns:
        What is asked, and where dense nets and the convolutional net stand.
    """
    return [
        (
            pair.effect,
            _place(dense, dense.claims[0]),
            _place(convolutional, convolutional.claims[0]),
        )
        for pair, dense, convolutional in answers
        if dense.kind == "equivalence"
    ]


def _place(answer: Answer, claim: str) -> str:
    """Say where BN stands, as the verdict on an equality leaves it."""
    numbers = claim_numbers(answer.study.verdicts[claim])
    margin = numbers["margin"]
    match answer.study.shown(claim).word, numbers["side"]:
        case "supported", _:
            return f"level within {margin}"
        case "not supported", "ahead" | "behind" as side:
            return f"{side} by more than {margin}"
        case _, "ahead" | "behind" as side:
            return f"{side}, perhaps by less than {margin}"
        case _:
            return "not shown to be level or apart"


def _newest(report: Report, study: str, editions: Asked) -> Answer | None:
    """The claims of the newest edition that has been judged, with its report."""
    for claims in editions:
        for edition in report.studies[study].editions:
            if all(claim in edition.verdicts for claim in claims):
                return Answer(edition, claims)
    return None


def _cell(answer: Answer, setting: str, prefix: str) -> list[dict[str, str]]:
    start = f"{setting}." if setting else ""
    verdicts = []
    for score, claim in answer.by_score.items():
        numbers = claim_numbers(answer.study.verdicts[claim])
        verdicts.append(
            {
                "score": score,
                "badge": badge(answer.study.shown(claim)),
                "link": prefix + claim_page(answer.study, claim),
                "found": f"{numbers[f'{start}signed']} {numbers[f'{start}interval']}",
                "place": _place(answer, claim) if answer.kind == "equivalence" else "",
            }
        )
    return verdicts
