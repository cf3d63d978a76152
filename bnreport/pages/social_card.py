"""Draw what other sites show of this one: a picture that states a finding."""

from collections.abc import Sequence

import numpy as np

from bnreport.analysis.display import Judgement
from bnreport.analysis.report import Report, StudyReport
from bnreport.figures.palettes import LIGHT
from bnreport.pages.cache import Cache, key_of
from bnreport.pages.claim_text import claim_numbers
from bnreport.pages.fingerprint import fingerprint
from bnreport.pages.supplies import drawn_with
from bnreport.presentation.plots import Arm

FILE = "assets/card.png"
ALT = (
    "Batch normalization, explained and measured: bars of the steps that dense nets need with BN, "
    "on raw pixels, and on pixels that were standardized once."
)
NAME = "Batch normalization, explained and measured"
STUDY, RAW, STD = "speed", "speed-2-same-raw", "speed-2-same-std"
# What it says of raw pixels, and then of standardized ones, for each verdict that can come out.
TITLES = {
    "supported": "On raw pixels a net needs {} the steps of one with BN.",
    "reversed": "On raw pixels a net needs fewer steps than one with BN.",
    "small": "On raw pixels a net needs slightly more steps than one with BN.",
    "positive": "On raw pixels a net needs more steps than one with BN.",
    "not_supported": "On raw pixels a net hardly needs more steps than one with BN.",
    "undecided": "Does a net on raw pixels need more steps than one with BN?",
}
ENDINGS = {
    "supported": "On pixels standardized once, {}, too.",
    "reversed": "On pixels standardized once it needs fewer than with BN.",
    "small": "On pixels standardized once, slightly more as well.",
    "positive": "On pixels standardized once, more as well.",
    "not_supported": "On pixels standardized once, {}.",
    "undecided": "On pixels standardized once, that is open.",
}
Bar = tuple[str, float, str]


def picture(report: Report, cache: Cache | None = None) -> bytes:
    """The picture as PNG, taken from the cache where it is kept."""
    title, bars, below = words(report)
    if cache is None or cache.folder is None:
        return _drawn(title, bars, below)
    key = key_of(fingerprint((title, bars, below)), *drawn_with("bnreport.figures.card"))
    return cache.content("card", key, lambda: _drawn(title, bars, below))


def words(report: Report) -> tuple[str, Sequence[Bar], str]:
    """The finding, its bars, and the line below; a report that judges nothing has a name alone."""
    study = report.studies[STUDY].edition(2) if STUDY in report.studies else None
    if study is None or "not judged" in {study.shown(claim).word for claim in (RAW, STD)}:
        return NAME, (), ""
    title = _sentence(study, RAW, TITLES), _sentence(study, STD, ENDINGS)
    bars = (
        _bar("with BN", 1.0, "bn"),
        _bar("on raw pixels", _ratio(study, RAW), "raw"),
        _bar("standardized once", _ratio(study, STD), "std"),
    )
    pairs = study.verdicts[RAW].n
    below = (
        f"Steps to one accuracy at one small rate, fresh statistics, {pairs} paired seeds. {NAME}"
    )
    return "\n".join(title), bars, below


def _sentence(study: StudyReport, claim: str, sentences: dict[str, str]) -> str:
    shown: Judgement = study.shown(claim)
    return sentences[shown.sentence].format(claim_numbers(study.verdicts[claim])["effect"])


def _ratio(study: StudyReport, claim: str) -> float:
    """The steps of an arm for each step of BN; the verdict holds the logarithm."""
    effect = study.verdicts[claim].effect
    return float(np.exp(effect)) if effect is not None else 1.0


def _bar(name: str, ratio: float, arm: Arm) -> Bar:
    return name, ratio, LIGHT.arms[arm]


def _drawn(title: str, bars: Sequence[Bar], below: str) -> bytes:
    from bnreport.figures.card import card

    return card(title, bars, below)
