"""The published data: every claim once, every epoch of every run once."""

import csv
import io
import json
import math
from collections.abc import Callable
from dataclasses import replace

import pytest

from bnreport.exports import anchor, claim_page, claims_json, runs_csv
from bnreport.records import Record
from bnreport.trials import Probe, Trial
from tests.synthetic import NOTEBOOK, TRUE, records, report, staged, study_report

FIELDS = [
    "id",
    "statement",
    "verdict",
    "expected",
    "effect",
    "low",
    "high",
    "unit",
    "setting",
    "n",
    "p_value",
    "study",
    "page",
    "rule",
    "source",
]


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_a_claim_has_exactly_the_promised_fields() -> None:
    claims = json.loads(claims_json(report()))
    assert [claim["id"] for claim in claims] == [claim.id for claim in NOTEBOOK.claims]
    assert all(list(claim) == FIELDS for claim in claims)
    by_id = {claim["id"]: claim for claim in claims}
    test = by_id["c-test"]
    assert test["verdict"] == "supported"
    assert test["unit"] == "pp"
    assert test["n"] == 20
    assert test["low"] < test["effect"] < test["high"]
    assert test["statement"].startswith("After ten fresh epochs")
    assert test["rule"] == next(c.rule for c in NOTEBOOK.claims if c.id == "c-test")
    fit = by_id["a-rate-0.01"]
    assert fit["effect"] > 0
    assert fit["low"] is None
    assert fit["high"] is None
    assert fit["p_value"] >= 0.05


def test_an_end_at_infinity_is_null() -> None:
    study = study_report()
    endless = replace(study.verdicts["c-test"], low=-math.inf, high=math.inf, effect=math.nan)
    found = report()
    study = replace(study, verdicts={"c-test": endless})
    (claim,) = json.loads(claims_json(replace(found, studies={"notebook": study})))
    assert (claim["effect"], claim["low"], claim["high"]) == (None, None, None)


def test_a_quick_claim_has_no_p_value_and_no_verdict() -> None:
    claims = json.loads(claims_json(report(profile="quick")))
    assert {claim["verdict"] for claim in claims} == {"not judged"}
    assert {claim["p_value"] for claim in claims} == {None}


def test_an_anchor_has_no_dot_and_its_page_has_it() -> None:
    assert anchor("a-rate-0.01") == "claim-a-rate-0-01"
    page, study = staged(TRUE).files[NOTEBOOK.page], study_report()
    for claim in NOTEBOOK.claims:
        assert page.count(f'id="{anchor(claim.id)}"') == 1
        assert claim_page(study, claim.id) == f"studies/notebook.html#{anchor(claim.id)}"


def test_there_is_one_row_for_every_epoch_of_every_run() -> None:
    made = records()
    found = rows(runs_csv(made.values()))
    assert len(found) == sum(record.identity.trial.length for record in made.values())
    assert len({(row["run"], row["epoch"]) for row in found}) == len(found)
    timings = [row for row in found if row["trial"] == "timing"]
    assert [row["epoch"] for row in timings] == [str(n) for n in range(1, 13)]
    assert all(row["fit_bn"] and not row["loss"] for row in timings)
    first = found[0]
    record = made[first["run"]]
    assert first["trial"] == record.identity.trial.name
    assert float(first["val_accuracy"]) == record.history["val_accuracy"][0]


def test_a_run_without_epochs_has_no_rows(make_record: Callable[..., Record]) -> None:
    whole = make_record()
    check = Probe(name="p", steps=(0,), probe="gradients")
    trial = Trial(name="start", net="bn", learning_rate=0.1, epochs=0, checks=(check,))
    identity = whole.identity.model_copy(update={"trial": trial})
    record = make_record(
        id=identity.run_id, identity=identity, history={}, scores=(), checks={"p_weights": (0.5,)}
    )
    assert {row["trial"] for row in rows(runs_csv([record, whole]))} == {"slow"}


def test_rows_do_not_depend_on_the_order_of_the_records() -> None:
    made = list(records().values())
    assert runs_csv(made) == runs_csv(reversed(made))


@pytest.mark.parametrize("values", [(0.5, None), (0.5,)])
def test_a_diverged_run_has_empty_cells(
    make_record: Callable[..., Record], values: tuple[float | None, ...]
) -> None:
    whole = make_record()
    history = whole.history | {"loss": values}
    record = make_record(history=history, diverged=True)
    found = rows(runs_csv([record]))
    assert [row["loss"] for row in found] == ["0.5", ""]
    assert [row["diverged"] for row in found] == ["1", "1"]
