"""The diagnosis of three scores says what bn_doctor.py would, and no more than scores can show."""

import itertools
import re
from collections.abc import Iterator

import numpy as np
import pytest

from bnreport.lessons import diagnosis
from bnreport.lessons.diagnosis import (
    EXAMPLES,
    HIGHER,
    LIBRARIES,
    ROWS,
    START,
    Entered,
    NotUnderstoodError,
    diagnose,
    points,
    read,
    uneven,
    weigh,
)
from docs.downloads import bn_doctor
from tests.lessons.test_failures import PAGE, anchors
from tests.synthetic import DOCS

# What the doctor's comparison of training images is called here, where training prints a score.
DOCTORS = {("printed", "fresh"): ("train batch", "train fresh")}


def test_the_rule_has_the_limits_and_the_rows_of_the_doctor() -> None:
    assert diagnosis.ERRORS == bn_doctor.ERRORS
    assert diagnosis.CHANCE == bn_doctor.CHANCE
    assert diagnosis.POINTS == bn_doctor.POINTS
    assert diagnosis.TINY == bn_doctor.TINY
    rows = {row.name: row.pattern for row in ROWS if row.pattern}
    assert rows == {name: pattern for name, (pattern, _) in bn_doctor.ROWS.items()}
    # Where three scores can show what the row of the doctor says, they say it.
    same = {row.name for row in ROWS if row.pattern and row.meaning == bn_doctor.ROWS[row.name][1]}
    assert same == {"data", "batches"}


def test_which_row_it_is_follows_from_the_differences_as_the_doctor_has_it() -> None:
    for found in itertools.product((False, True), repeat=len(HIGHER)):
        sure = dict(zip(HIGHER, found, strict=True))
        row = next((row.name for row in ROWS if all(sure[pair] for pair in row.higher)), None)
        assert row == bn_doctor._row({DOCTORS.get(pair, pair): is_ for pair, is_ in sure.items()})


def arranged(one: int, other: int, images: int, both: int) -> tuple[np.ndarray, np.ndarray]:
    """Right and wrong answers of two scores that agree on so many right ones."""
    a, b = np.zeros(images), np.zeros(images)
    a[:one] = 1
    b[one - both : one - both + other] = 1
    assert (a.sum(), b.sum(), (a * b).sum()) == (one, other, both)
    return a, b


def pairs() -> Iterator[tuple[int, int, int]]:
    """Numbers of right answers by two scores, and of images."""
    rng = np.random.default_rng(0)
    for images in (2, 3, 25, 100, 500, 999, 1_500, 5_000):
        for first in (0.0, 0.1, 0.5, 0.71, 0.9, 0.99, 1.0):
            for gap in (-0.3, 0.0, 0.019, 0.02, 0.021, 0.04, 0.08, 0.2, 0.5):
                one = round(first * images)
                other = min(max(round((first - gap) * images), 0), images)
                yield one, other, images
    for images in rng.integers(2, 4_000, 40):
        one, other = rng.integers(0, images + 1, 2)
        yield int(one), int(other), int(images)


def test_no_images_with_these_scores_make_the_doctor_say_otherwise() -> None:
    seen = set()
    for one, other, images in pairs():
        found = weigh(one / images, other / images, images)
        fewest, most = max(one + other - images, 0), min(one, other)
        shared = {fewest, most, (fewest + most) // 2, fewest + (most - fewest) // 4}
        said = {
            both: bn_doctor._difference(
                "", *arranged(one, other, images, both), bn_doctor.POINTS, None
            )
            for both in shared
        }
        assert found.gap == pytest.approx(said[most].mean, abs=1e-12)
        assert found.least == pytest.approx(said[most].error, abs=1e-12)
        assert found.most == pytest.approx(said[fewest].error, abs=1e-12)
        sure = {difference.sure for difference in said.values()}
        expected = {"yes": {True}, "no": {False}, "open": {True, False}}
        assert sure == expected[found.weight], (one, other, images)
        seen.add(found.weight)
    assert seen == {"yes", "no", "open"}


# Outcomes that no row describes.
ROWLESS = {"none", "few", "chance", "below"}


def test_the_doctor_s_row_is_among_those_that_scores_leave() -> None:
    rng = np.random.default_rng(1)
    outcomes = set()
    for _ in range(120):
        images = int(rng.choice([60, 400, 2_000]))
        base = rng.uniform(0.2, 0.95)
        shares = np.clip(base + rng.choice([0, 0.02, 0.05, 0.2], 3) * rng.choice([-1, 1], 3), 0, 1)
        right = {
            name: rng.permutation(np.arange(images) < round(share * images)).astype(float)
            for name, share in zip(("averages", "batch", "fresh"), shares, strict=True)
        }
        typed = {name: f"{100 * found.mean():.10f}%"[:14] for name, found in right.items()}
        said = diagnose({**START, **typed, "images": str(images)})
        sure = {
            pair: bn_doctor._difference(
                "", right[pair[0]], right[pair[1]], bn_doctor.POINTS, None
            ).sure
            for pair in HIGHER
            if pair[0] in right
        }
        row = bn_doctor._row(sure)
        outcomes.add(said.outcome)
        if said.outcome != "open":
            rowless = said.outcome in ROWLESS
            assert rowless if row is None else said.outcome == row, (typed, images)
    assert {"averages", "data", "batches", "none", "few", "open"} <= outcomes


def test_a_sign_test_is_exact_for_few_and_the_doctor_s_for_many() -> None:
    for n in (1, 13, 14, 40, 999, 1_000, 1_001, 5_000):
        for up in range(n // 2, n + 1, max(1, n // 40)):
            assert uneven(up, n - up) == (bn_doctor._signs(up, n - up) < bn_doctor.CHANCE)
    assert not uneven(0, 0)


# ---- What a reader types ----


def scores(**typed: str) -> Entered:
    return read({**START, **typed})


def test_scores_are_percent_or_shares() -> None:
    for typed in ("71", "71%", "71 %", " 71.0 ", "71,0"):
        assert scores(averages=typed).scores["averages"] == pytest.approx(0.71)
    found = scores(averages="0.71", batch=".93", fresh="1").scores
    assert [*found.values()] == [0.71, 0.93, 1.0, None]
    # With a sign, less than a percent; and with none but shares beside it, a share.
    assert scores(averages="0.5%", batch="93").scores["averages"] == 0.005
    assert scores(averages="0", batch="93").scores["averages"] == 0
    assert scores(averages="100").scores["averages"] == 1
    long = scores(averages="0.97310001850128174", batch="1", fresh="0").scores
    assert long["averages"] == 0.97310001850128174


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"fresh": ""}, "By fresh statistics: no number yet."),
        ({"batch": "   "}, "By their own batch: no number yet."),
        (
            {"fresh": "NaN"},
            "By fresh statistics: “NaN” is no accuracy, since an answer",
        ),
        ({"fresh": "-inf"}, "an average may be NaN."),
        ({"averages": "101"}, "By the averages: 101 is more than 100%."),
        ({"averages": "100.1%"}, "By the averages: 100.1% is more than 100%."),
        ({"averages": "-3"}, "By the averages: “-3” is no accuracy."),
        ({"averages": "1e1"}, "“1e1” is no accuracy."),
        ({"averages": "0x10"}, "“0x10” is no accuracy."),
        ({"averages": "٣"}, "is no accuracy."),
        ({"averages": "9731/10000"}, "is no accuracy."),
        ({"averages": "<img src=x onerror=alert(1)>"}, "“<img src=x onerror=a…” is no accuracy."),
        ({"averages": "{text}"}, "“{text}” is no accuracy."),
        ({"averages": "0.71", "batch": "93"}, "By the averages: is 0.71 a share of 1, or percent?"),
        ({"printed": "many"}, "As printed in training: “many” is no accuracy."),
        ({"images": "1"}, "Images scored: “1” is not understood. Enter a whole number from 2 to"),
        ({"images": ""}, "Images scored: “” is not understood."),
        ({"images": "1e3"}, "Images scored: “1e3” is not understood."),
        ({"classes": "0"}, "Classes: “0” is not understood."),
        ({"size": "2.5"}, "Batch size in training: “2.5” is not understood."),
    ],
)
def test_what_is_no_score_is_told_in_a_sentence(typed: dict[str, str], told: str) -> None:
    with pytest.raises(NotUnderstoodError) as error:
        scores(**typed)
    assert told in str(error.value)
    said = diagnose({**START, **typed})
    assert (said.outcome, said.sentence) == ("refused", str(error.value))
    lost = "may be NaN" in told or "NaN" in typed.values()
    assert [cause[0] for cause in said.causes] == ["one-nan-batch"] * lost


# ---- What is said ----


def test_each_example_is_of_its_own_kind() -> None:
    outcomes = [diagnose({**START, **example}).outcome for example in EXAMPLES.values()]
    assert outcomes == ["averages", "data", "training", "batches", "none", "open"]


@pytest.mark.parametrize("at", ["0", "10", "50", "93.3", "100"])
def test_equal_scores_show_no_fault(at: str) -> None:
    said = diagnose({**START, "averages": at, "batch": at, "fresh": at})
    printed = diagnose({**START, "averages": at, "batch": at, "fresh": at, "printed": at})
    assert said.outcome == printed.outcome
    if at in ("0", "10"):
        assert said.title == "The net does not beat chance"
        assert "no fault" not in said.sentence
        return
    assert said.title == "No fault shown"
    assert said.sentence.startswith("These three scores show no fault of batch normalization.")
    assert "enter that as well" in said.sentence
    assert "enter that as well" not in printed.sentence


def test_few_images_are_said_to_be_few_as_the_doctor_says() -> None:
    said = diagnose({**START, "averages": "92", "images": "60"})
    assert said.title == "Too few images to tell"
    assert "with 60 images only large differences can be seen." in said.sentence
    enough = diagnose({**START, "averages": "92", "images": str(diagnosis.FEW)})
    assert enough.outcome == "none"
    assert "large differences" not in enough.sentence
    source = (DOCS / "downloads" / "bn_doctor.py").read_text(encoding="utf-8")
    assert f"< {diagnosis.FEW}:" in source
    assert "only large differences can be seen" in source


def first(library: str = "Keras", **typed: str) -> list[str]:
    """The anchors of the causes, in their order."""
    return [cause[0] for cause in diagnose({**START, "library": library, **typed}).causes]


def test_the_order_of_the_causes_follows_what_is_known() -> None:
    assert first()[0] == "stale-averages"
    assert "statistics-that-nobody-passed-on" in first("Flax")
    assert "statistics-that-nobody-passed-on" not in first("PyTorch")
    # At chance, averages may be NaN or may never have moved.
    chance = {"averages": "10"}
    assert first(**chance)[:2] == ["one-nan-batch", "stale-averages"]
    assert first("Flax", **chance)[:2] == ["one-nan-batch", "statistics-that-nobody-passed-on"]
    assert "one-nan-batch" not in first(averages="12.1")
    assert "one-nan-batch" in first(averages="22", classes="5")
    low = {"averages": "60", "batch": "60", "fresh": "60", "printed": "99"}
    assert first(**low)[0] == "question-2"
    assert first(**low, size="16") == first(**low)
    assert first(**low, size="15")[0] == "tiny-batches"
    assert first(**low, size="1")[:2] == ["a-last-batch-of-one", "tiny-batches"]
    assert first(**low, classes="2")[0] == "question-2"
    assert first(**{**low, "averages": "51", "batch": "51", "fresh": "51"}, classes="2")[0] == (
        "sorted-batches"
    )


def test_what_is_left_open_says_what_is_sure() -> None:
    said = diagnose({**START, "averages": "70", "fresh": "72.5", "images": "2000"})
    assert said.outcome == "open"
    assert said.sentence.startswith(
        "By fresh statistics, the images score 2.5 points more than by the averages, and with 2,000"
    )
    assert said.sentence.endswith(
        "This much is sure. By their own batch, the images score 23 points more than by the "
        "averages."
    )
    assert said.lead == f"If it is no chance, this follows. {ROWS[0].meaning}"
    partly = diagnose({**START, "averages": "60", "fresh": "80", "batch": "93"})
    assert partly.sentence.endswith("so fresh statistics do not repair all of it.")
    # The title claims no more, and the list names what the rest may come from.
    assert partly.title == "Fresh statistics repair part of it"
    assert partly.causes[-1][0] == "data-that-moved"
    whole = diagnose({**START, "averages": "60", "fresh": "93", "batch": "93"})
    assert whole.title == "Fresh statistics repair it"
    assert "data-that-moved" not in {anchor for anchor, *_ in whole.causes}


def test_a_net_that_fresh_statistics_do_not_repair_is_said_to_be_one() -> None:
    said = diagnose({**START, "averages": "70", "fresh": "70", "batch": "90"})
    assert said.title == "Only their own batch repairs it"
    assert said.sentence.endswith("Fresh statistics of images of training do not repair that.")


@pytest.mark.parametrize("typed", ["10000", "10,000", "10 000"])
def test_thousands_may_be_set_apart(typed: str) -> None:
    assert read({**START, "images": typed}).images == 10_000


def test_so_few_images_that_a_wide_gap_may_be_chance_find_no_net_sound() -> None:
    said = diagnose({**START, "images": "20"})
    assert (said.outcome, said.title) == ("few", "Too few images to tell")
    assert said.sentence.startswith(
        "By their own batch, the images score 22 points more than by the averages, but with 20 "
        "images that may be chance."
    )
    # Enough images show no fault where there is none, however near the limit the gap is typed.
    near = {"averages": "90", "fresh": "92.009", "batch": "90", "images": "5000"}
    assert diagnose({**START, **near}).title in {"No fault shown", "Too close to call"}
    assert diagnose({**START, **near, "fresh": "91.9"}).title == "No fault shown"


def test_fresh_statistics_that_do_worse_are_told_beside_whatever_else_is_found() -> None:
    alone = diagnose({**START, "averages": "91", "fresh": "60", "batch": "91"})
    assert alone.title == "Fresh statistics do worse"
    worse = "By the averages, the images score {} points more than by fresh statistics."
    assert alone.sentence.startswith(worse.format(31))
    beside = diagnose({**START, "averages": "95", "batch": "80", "fresh": "88"})
    assert beside.outcome == "batches"
    assert worse.format(7) in beside.sentence
    # What training printed is no higher than the averages, and all three do not lie below it.
    printed = {"averages": "98", "batch": "98", "fresh": "60", "printed": "98"}
    assert diagnose({**START, **printed}).outcome == "below"


def test_a_difference_is_that_of_the_scores_that_were_typed() -> None:
    typed = {"averages": "88.5", "batch": "91.5", "fresh": "91.4", "images": "500"}
    assert "the images score 2.9 points more" in diagnose({**START, **typed}).sentence
    assert weigh(0.93, 0.71, 20).gap == pytest.approx(0.22)
    assert weigh(0.93, 0.72, 20).gap == pytest.approx(0.21)
    # Of so many images the examples' scores are whole numbers.
    for example in EXAMPLES.values():
        entered = read({**START, **example})
        for score in entered.scores.values():
            assert score is None or score * entered.images == pytest.approx(
                round(score * entered.images)
            )


def test_thousands_may_be_set_apart_as_they_are_here() -> None:
    assert scores(images="50,000").images == 50_000
    for odd in ("5,00", "50,", ",500", "5,0000"):
        with pytest.raises(NotUnderstoodError):
            scores(images=odd)


def test_points_are_rounded_half_up_in_either_language() -> None:
    assert [points(gap) for gap in (0.21, -0.21, 0.0525, 0.0004, 0.00051)] == [
        "21",
        "21",
        "5.3",
        "0",
        "0.1",
    ]


def test_every_cause_leads_to_a_place_of_the_page_that_has_its_title() -> None:
    titles = {*re.findall(r"^### (.+?)(?: \{#.*)?$", PAGE, re.MULTILINE)}
    for row in ROWS:
        for cause in row.causes:
            assert cause.anchor in anchors()
            assert cause.anchor == "question-2" or any(
                title.startswith(cause.title) for title in titles
            )
            assert cause.why.keys() <= {*LIBRARIES, "all"}
            # One sentence goes before, and a stop after it.
            assert all(not why.endswith(".") for why in cause.why.values())


def test_the_causes_are_those_that_the_doctor_names() -> None:
    source = (DOCS / "downloads" / "bn_doctor.py").read_text(encoding="utf-8")
    for cause in (cause for row in ROWS for cause in row.causes):
        if cause.anchor not in {"question-2", "statistics-that-nobody-passed-on"}:
            assert f'"{cause.anchor}"' in source
            assert f'"{cause.title}"' in source
