"""The picture that others show states the finding as it came out."""

from dataclasses import replace

import numpy as np
import pytest

from bnreport.analysis.display import outcomes
from bnreport.pages.social_card import ENDINGS, NAME, RAW, STD, TITLES, words
from tests.golden import report


def test_the_card_states_what_was_found() -> None:
    title, bars, below = words(report())
    study = report().studies["speed"].editions[1]
    effects = [study.verdicts[claim].effect or 0.0 for claim in (RAW, STD)]
    assert [ratio for _, ratio, _ in bars] == pytest.approx([1.0, *np.exp(effects)])
    said = [study.shown(claim).sentence for claim in (RAW, STD)]
    for line, sentences, key in zip(title.splitlines(), (TITLES, ENDINGS), said, strict=True):
        assert line.startswith(sentences[key].partition("{}")[0])
    assert f"{bars[1][1]:.2f}" in title
    assert "24 paired seeds" in below


def test_there_is_a_sentence_for_every_verdict_that_can_come_out() -> None:
    study = report().studies["speed"].editions[1]
    for claim, sentences in ((RAW, TITLES), (STD, ENDINGS)):
        assert {*outcomes(study.verdicts[claim].claim)} == {*sentences}
        assert len({*sentences.values()}) == len(sentences)


def test_a_report_that_judges_nothing_has_a_name_alone() -> None:
    made = report()
    first = replace(made.studies["speed"], later=())
    waiting = replace(made, studies={**made.studies, "speed": first})
    assert words(waiting) == words(replace(made, studies={})) == (NAME, (), "")
