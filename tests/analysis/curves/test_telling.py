"""Every outcome has a sentence of its own, and sentences say what was found."""

from dataclasses import replace

import numpy as np
import pytest

from bnreport.analysis.curves.judging import Compared, Fitted, judge
from bnreport.analysis.curves.telling import (
    ADVICE,
    CHECKLIST,
    LABELS,
    PHRASES,
    SAID,
    TITLES,
    beside,
    either,
    label,
    plain,
    tell,
    z_by_epoch,
)
from tests.analysis.curves.test_judging import AGAIN, BAND, BAR, FRESH, ON, another, curve
from tests.phrases import clumsy

CURVE = another("fresh")


def verdict(outcome: str, *fitting: object, **fields: object) -> Fitted:
    compared = tuple(Compared(story, 1.5, 2, 20) for story in (FRESH, BAR, ON, AGAIN))
    whole = Fitted(outcome, tuple(fitting), (), compared, (FRESH,), 8)  # type: ignore[arg-type]
    return replace(whole, **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("found", "rate", "words"),
    [
        (
            verdict("healthy", FRESH),
            None,
            "look like a fresh run with BN at a rate of 0.01: 2 of our 20",
        ),
        (
            verdict("healthy", FRESH, BAR),
            None,
            "cannot distinguish that from a fresh run with BN at a rate of 0.01 under",
        ),
        (verdict("healthy", BAR, FRESH), 0.01, "look like a fresh run with BN at a rate of 0.01: "),
        (
            verdict("open", BAR, possible=(FRESH,)),
            None,
            "fit a fresh run with BN at a rate of 0.01 under",
        ),
        (verdict("stories", ON, AGAIN), None, "on new batches or a second call of fit"),
        (verdict("stories", ON), 0.01, "no healthy run at a rate of 0.01 does"),
        (verdict("stories", ON, honest=()), 0.5, "At a rate of 0.5 we have no runs."),
        (verdict("validation", FRESH), None, "those of validation fit a fresh run"),
        (verdict("none"), None, "The closest is a fresh run with BN"),
    ],
)
def test_a_verdict_in_words(found: Fitted, rate: float | None, words: str) -> None:
    told = tell(CURVE, found, BAND, "bn", rate)
    assert words in told.sentence
    assert told.title == TITLES[found.outcome]
    assert "{" not in told.sentence


def test_advice_is_for_what_is_not_healthy_and_for_another_rate() -> None:
    assert tell(CURVE, verdict("healthy", FRESH), BAND).advice == ()
    assert tell(CURVE, verdict("stories", ON, AGAIN), BAND).advice == (ADVICE["continued"],)
    other = tell(CURVE, verdict("stories", ON), BAND, "bn", 0.001).advice
    assert other == (ADVICE["continued"], ADVICE["fresh"])


@pytest.mark.parametrize(
    ("metric", "number", "title"),
    [
        (0, np.nan, "Its loss is not a number"),
        (0, np.inf, "Its loss is above 1e30"),
        (2, np.nan, "Its validation loss is not a number"),
    ],
)
def test_a_loss_that_is_lost(metric: int, number: float, title: str) -> None:
    numbers = np.array(CURVE.epochs)
    numbers[2, metric] = number
    lost = curve(numbers)
    told = tell(lost, judge(lost, BAND), BAND)
    assert told.title == title
    assert f"In epoch 3 the {title.removeprefix('Its ')}, as where a net diverges" in told.sentence
    assert "none of our runs at all" in told.sentence


def test_an_accuracy_alone_that_is_none_is_not_told_as_a_loss() -> None:
    numbers = np.array(CURVE.epochs)
    numbers[1:, 1] = np.nan
    numbers[3:, 0] = np.nan
    lost = curve(numbers)
    told = tell(lost, judge(lost, BAND), BAND)
    assert told.title == "Its accuracy is not a number"
    assert told.sentence.startswith("In epoch 2 the accuracy is not a number, which happens in non")
    assert told.advice == ()


def test_notes_tell_of_other_steps_and_of_what_was_left_out() -> None:
    assert tell(replace(CURVE, steps=1719), verdict("none"), BAND).notes == ()
    told = tell(replace(CURVE, steps=1875, notes=("a",)), verdict("none"), BAND)
    assert told.notes[0] == "a"
    assert "Your epochs have 1,875 steps" in told.notes[1]


def test_a_curve_is_shown_beside_what_was_meant_and_what_is_closest() -> None:
    found = judge(another("bar"), BAND)
    assert beside(found) == (FRESH, BAR)
    assert beside(judge(CURVE, BAND)) == (FRESH,)
    assert beside(Fitted("diverged", lost=1)) == ()
    z = z_by_epoch(another("bar"), found, BAND, FRESH)
    assert z.shape == (8, 4)
    assert np.median(z) == pytest.approx(20, abs=5)


def test_every_story_and_outcome_has_its_words() -> None:
    assert PHRASES.keys() == ADVICE.keys() == LABELS.keys()
    assert TITLES.keys() <= SAID.keys()
    texts = [*SAID.values(), *TITLES.values()]
    assert [one for one in texts for two in texts if one != two and one in two] == []
    words = " ".join((*texts, *ADVICE.values(), *(f"{q} {why}" for q, why in CHECKLIST)))
    assert [*clumsy(words)] == []
    assert label(FRESH) == "fresh, 0.01"
    assert label(BAR) == "older progress bar"
    assert either(["a"]) == "a"
    assert either(["a", "b", "c"]) == "a, b or c"
    assert [plain(rate) for rate in (1e-5, 0.5, 2.0)] == ["0.00001", "0.5", "2"]
