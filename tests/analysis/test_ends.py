"""Final accuracies compared twice: which runs a claim reads, and how its result is told."""

from typing import Any

import numpy as np
import pytest

from bnreport.analysis.arms import usual
from bnreport.analysis.design import Judged, claim_form, study
from bnreport.analysis.ends import SCORES, ahead, arms_table, comparison, ended, leanings, ranking
from bnreport.analysis.study import Study
from bnreport.analysis.tuning import TunedRecipes
from bnreport.protocol.directions import check
from bnreport.statistics.estimates import Contrast
from tests.directed import Directed

RAW, STD, BN = usual("raw", "std", "bn")
NETS = TunedRecipes(
    {RAW: 0.3, STD: 0.1, BN: 1.0},
    setting={"epochs": 1, "images": 128, "evaluated": ()},
    full=tuple(range(200, 211)),
)
FORM = claim_form(
    "s",
    question="?",
    statement="On these nets {}",
    source="us",
    arms="two",
    metric="accuracy",
    unit="pp",
    margin=0.5,
    seeds="200-211",
    decided="interval",
    expected="supported",
)
OWN: dict[str, Any] = {"label": "BN over raw", "statement": "BN is ahead, {}."}


def made(*claims: Judged) -> Study:
    """A study of these claims."""
    judged = [NETS.judged_runs(arm, tuple(range(200, 212))) for arm in NETS.rates]
    return study("s", claims, (*NETS.tuning_runs(*NETS.rates), *judged), number=2)


MADE = Directed(made())


def end(by: str) -> Any:
    """The accuracy at the end of a run."""
    return check(f"end_{by}_val_accuracy", 1)


@pytest.mark.parametrize("by", SCORES)
def test_a_claim_reads_the_score_that_it_names_and_says_so(by: str) -> None:
    judged = comparison(FORM, "2-x", (BN, RAW), by, **OWN)
    records = MADE.given({("bn", end(by)): 0.75, ("raw", end(by)): 0.5})
    contrast = judged.by(records)
    assert isinstance(contrast, Contrast)
    assert contrast.values == pytest.approx([25.0] * 12)
    said = {
        "fresh": ("s-2-x", "BN over raw", "On these nets BN is ahead, by fresh statistics."),
        "deployed": (
            "s-2-x-deployed",
            "BN over raw, deployed",
            "On these nets BN is ahead, by Keras' default moving averages.",
        ),
    }
    assert (judged.claim.id, judged.claim.label, judged.claim.statement) == said[by]
    assert judged.claim.score == by


def test_a_claim_on_settings_compares_the_pair_of_each() -> None:
    pairs = {"one": (BN, RAW), "two": (BN, STD)}
    judged = comparison(FORM, "2-x", pairs, "fresh", **OWN)
    at = {"bn": 0.75, "raw": 0.5, "std": 0.875}
    found = judged.by(MADE.given({(name, end("fresh")): value for name, value in at.items()}))
    assert isinstance(found, dict)
    means = {setting: contrast.interval.point for setting, contrast in found.items()}
    assert means == pytest.approx({"one": 25.0, "two": -12.5})
    assert judged.claim.settings == ("one", "two")


def test_only_the_first_seeds_judge_where_arms_have_more() -> None:
    rising = np.arange(12.0).reshape(12, 1, 1) / 100
    records = MADE.given({("bn", end("fresh")): rising, ("raw", end("fresh")): 0.0})
    assert ahead(BN, RAW, first=3)(records) == pytest.approx([0.0, 1.0, 2.0])
    contrast = comparison(FORM, "2-x", (BN, RAW), "fresh", 3, **OWN).by(records)
    assert isinstance(contrast, Contrast)
    assert contrast.values == pytest.approx([0.0, 1.0, 2.0])
    assert len(ended(BN)(records)) == 12


@pytest.mark.parametrize(
    ("lead", "words"),
    [
        (0.02, "BN did better than raw pixels"),
        (-0.02, "raw pixels did better than BN"),
        (0.0, "neither BN nor raw pixels surely did better"),
    ],
)
def test_who_did_better_is_said_by_the_interval(lead: float, words: str) -> None:
    scatter = np.array([[[0.01 * (-1) ** place]] for place in range(12)])
    records = MADE.given({("bn", end("fresh")): 0.8 + lead + scatter, ("raw", end("fresh")): 0.8})
    assert leanings(records, {"x": (BN, RAW)})["x.leaning"].text == words


def test_a_higher_level_leaves_more_open() -> None:
    scatter = np.array([[[0.02 * (-1) ** place]] for place in range(12)])
    records = MADE.given({("bn", end("fresh")): 0.815 + scatter, ("raw", end("fresh")): 0.8})
    assert leanings(records, {"x": (BN, RAW)})["x.leaning"].text.startswith("BN did better")
    at = leanings(records, {"x": (BN, RAW)}, level=0.999)["x.leaning"].text
    assert at.startswith("neither")


def test_arms_are_shown_the_best_first_with_both_scores() -> None:
    at = {"raw": 0.5, "std": 0.75, "bn": 0.625}
    given = {(name, end("fresh")): value for name, value in at.items()}
    records = MADE.given(given | {("bn", end("deployed")): 0.25})
    drawn = ranking(records, NETS, "title", "nets")
    assert [row.label for row in drawn.rows] == ["standardized inputs", "BN", "raw pixels"]
    assert "n = 11" in drawn.subtitle
    table = arms_table(records, NETS)
    assert [(row[0], row[1], row[3]) for row in table.rows] == [
        ("standardized inputs", "0.1", "75.00"),
        ("BN", "1", "62.50"),
        ("raw pixels", "0.3", "50.00"),
    ]
    assert table.rows[1][5] == "25.00"
