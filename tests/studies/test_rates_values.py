"""What the page on learning rates says beside its claims, by hand."""

import math
from dataclasses import replace

import pytest

from bnreport.records.collection import Records, by_trial
from bnreport.studies import all_studies
from bnreport.studies.rates import BN, HIGHEST, RAW, bounds, by_signs
from tests import fabricated


def learning_up_to(limits: dict[str, float]) -> Records:
    """Made-up records in which an arm is right at and below a rate and wrong above it."""
    study = all_studies()["rates"]
    found = {}
    for key, record in fabricated.records(study).items():
        of, rate = record.identity.trial.name.rsplit("-", 1)
        right = 0.8 if float(rate) <= limits.get(of, 0.3) else 0.1
        history = {**record.history, "val_accuracy": (right,) * 3}
        found[key] = record.model_copy(update={"history": history})
    return replace(Records("full", {}), by_trial=by_trial(found))


def limits(records: Records) -> tuple[float, float]:
    return bounds(HIGHEST[BN](records), HIGHEST[RAW](records))


def test_a_grid_of_rates_bounds_the_ratio_of_two_limits() -> None:
    # BN stops between 3 and 10, raw pixels between 0.3 and 1.
    assert limits(learning_up_to({"bn": 3.0, "raw": 0.3})) == pytest.approx((3.0, 10 / 0.3))


def test_an_arm_that_learns_at_the_last_rate_has_no_limit_in_the_grid() -> None:
    assert limits(learning_up_to({"bn": 10.0, "raw": 0.3})) == (10.0, math.inf)


def test_the_sign_test_of_a_claim_on_widths_counts_seeds_and_not_decades() -> None:
    # BN learns at three more rates at every seed: 2 of 4096 sign patterns are as far out. Only the
    # claims with BN in them can tell the arms apart; of the eight, Holm multiplies the least by 8.
    found = by_signs(learning_up_to({"bn": 3.0, "std-bn": 3.0}))
    assert found["rates-width-raw"] == pytest.approx(8 * 2 / 4096)
    assert found["rates-best-raw"] == 1.0
