"""The published data: every claim once, every epoch of every run once."""

import csv
import io
import json
import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Literal

import numpy as np
import pytest

from bnreport.analysis.foreknowledge import Piloted
from bnreport.analysis.judge import judge
from bnreport.pages.data.claims import claims_json
from bnreport.pages.data.links import anchor, claim_page
from bnreport.pages.data.runs import runs_csv
from bnreport.protocol.checks import Probe
from bnreport.protocol.measurements import ToyTrial
from bnreport.protocol.trials import Trial
from bnreport.records.record import Record
from bnreport.statistics.estimates import paired
from bnreport.studies import all_studies
from tests.directed import Directed
from tests.synthetic import NOTEBOOK, TRUE, records, report, staged, study_report

FIELDS = """
id study edition page label label_shown question statement source kind scale unit margin
metric arms seeds formula rule decided score known known_shown known_corrected centre amended
expected verdict reversed shown statement_shown published corrected setting effect low high
interval level p p_value family together n diverged censored detectable offset rms settings
""".split()
OF_A_SETTING = (
    "setting formula verdict effect low high interval p n diverged censored detectable".split()
)


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_a_claim_that_a_pilot_had_seen_says_so_beside_its_frozen_word() -> None:
    told = report()
    study = told.studies["notebook"]
    claims = tuple(claim.model_copy(update={"known": "new"}) for claim in NOTEBOOK.claims)
    verdicts = {claim.id: replace(study.verdicts[claim.id], claim=claim) for claim in claims}
    seen: dict[str, Piloted] = {"c-test": "all", "a-rate-0.01": "some"}
    changed = replace(study, verdicts=verdicts, piloted=seen)
    text = claims_json(replace(told, studies={"notebook": changed}))
    known = {
        claim["id"]: (claim["known"], claim["known_shown"], claim["known_corrected"])
        for claim in json.loads(text)
    }
    corrected = "2026-11-29: it was frozen as new, but a pilot had trained {} that it compares"
    assert known.pop("c-test") == (
        "new",
        "known from a pilot",
        corrected.format("every net"),
    )
    assert known.pop("a-rate-0.01") == (
        "new",
        "known in part from a pilot",
        corrected.format("some of the nets"),
    )
    assert set(known.values()) == {("new", "new", None)}


def test_a_claim_has_exactly_the_promised_fields() -> None:
    claims = json.loads(claims_json(report()))
    assert [claim["id"] for claim in claims] == [claim.id for claim in NOTEBOOK.claims]
    assert all(list(claim) == FIELDS for claim in claims)
    by_id = {claim["id"]: claim for claim in claims}
    test = by_id["c-test"]
    assert test["verdict"] == "supported"
    assert test["unit"] == "pp"
    assert test["n"] == 20
    assert (test["interval"], test["level"]) == ("seeds and images", 0.95)
    assert (test["decided"], test["edition"], test["together"]) == ("tests", 1, "notebook/1")
    assert test["low"] < test["effect"] < test["high"]
    assert test["statement"].startswith("After ten fresh epochs")
    assert test["rule"] == next(c.rule for c in NOTEBOOK.claims if c.id == "c-test")
    fit = by_id["a-rate-0.01"]
    assert fit["effect"] > 0
    assert fit["low"] is None
    assert fit["high"] is None
    assert fit["p_value"] >= 0.05
    assert fit["p"] == fit["p_value"]
    assert (fit["family"], fit["settings"]) == (None, [])
    assert (fit["offset"], fit["rms"] > 0) == (0, True)
    # A fit that shifts the runs says by how many epochs.
    assert by_id["b-new-batches"]["offset"] > 0


def test_a_corrected_word_is_published_beside_the_judged_one() -> None:
    claims = {claim["id"]: claim for claim in json.loads(claims_json(report()))}
    told = claims["d-fit-time"]
    assert (told["verdict"], told["shown"], told["published"]) == (
        "supported",
        "withdrawn",
        "supported",
    )
    assert told["corrected"].startswith("2026-11-28: the verdict hangs on one round")
    assert claims["c-test"]["shown"] == "supported (at least the margin)"
    assert (claims["c-test"]["published"], claims["c-test"]["corrected"]) == (None, None)


def test_a_claim_carries_all_that_its_rule_speaks_of() -> None:
    claims = {claim["id"]: claim for claim in json.loads(claims_json(report()))}
    for claim in NOTEBOOK.claims:
        found = claims[claim.id]
        # Of a claim on several settings each has its numbers.
        names = set(type(claim).model_fields) - {"settings"}
        frozen = {name: getattr(claim, name) for name in names}
        frozen |= {name: frozen[name] or None for name in ("label", "score", "known")}
        assert {name: found[name] for name in frozen} == frozen
    # Twenty pairs that all have one sign.
    assert claims["c-test"]["p"] == pytest.approx(2 / 2**20)
    differences = [c for c in NOTEBOOK.claims if c.kind == "difference"]
    assert claims["c-test"]["family"] == len(differences)
    assert claims["c-test"]["p"] <= claims["c-test"]["p_value"]


def settled(
    kind: Literal["difference", "equivalence"], shallow: float = 1.0, deep: float = 3.0, n: int = 12
) -> dict[str, Any]:
    """What is published of a claim on two settings with these mean effects; the deep one has n."""
    claim = next(c for c in NOTEBOOK.claims if c.id == "c-test").model_copy(
        update={"kind": kind, "margin": 1.5, "settings": ("shallow", "deep"), "scale": "ratio"}
    )
    contrasts = {
        "shallow": paired(shallow + np.linspace(-0.5, 0.5, 12)),
        "deep": paired(deep + np.linspace(-0.5, 0.5, n)),
    }
    (verdict,) = judge([claim], {"c-test": contrasts}, "full").values()
    study = replace(study_report(), verdicts={"c-test": verdict}, estimates={"c-test": contrasts})
    (found,) = json.loads(claims_json(replace(report(), studies={"notebook": study})))
    assert isinstance(found, dict)
    return found


def test_a_claim_on_settings_has_the_numbers_of_each() -> None:
    found = settled("difference")
    shallow, deep = found["settings"]
    assert list(shallow) == OF_A_SETTING
    assert [shallow["setting"], deep["setting"]] == ["shallow", "deep"]
    # Logarithms of ratios, shown as ratios.
    assert [shallow["effect"], deep["effect"]] == pytest.approx([math.e, math.exp(3)])
    assert shallow["low"] < shallow["effect"] < shallow["high"] < deep["low"]
    assert [shallow["p"], deep["p"]] == pytest.approx([2 / 2**12] * 2)
    assert found["p_value"] == shallow["p"]
    assert deep["verdict"] == "supported"
    assert (deep["n"], deep["diverged"], deep["censored"]) == (12, 0, 0)
    assert deep["detectable"] > 1
    assert (found["interval"], deep["interval"]) == ("t", "t")


def test_each_setting_has_a_word_and_a_count_of_its_own() -> None:
    found = settled("difference", deep=-3.0, n=20)
    assert (found["verdict"], found["n"], found["reversed"]) == ("mixed", 12, False)
    words = [(setting["verdict"], setting["n"]) for setting in found["settings"]]
    assert words == [("supported", 12), ("not supported", 20)]


def test_what_is_reversed_is_published_as_reversed() -> None:
    found = settled("difference", shallow=-1.0, deep=-3.0)
    assert (found["verdict"], found["reversed"]) == ("not supported", True)


def test_the_power_of_a_difference_is_not_published_of_an_equality() -> None:
    found = settled("equivalence")
    assert found["detectable"] is None
    assert [setting["detectable"] for setting in found["settings"]] == [None, None]


def test_a_number_has_ten_digits() -> None:
    study = study_report()
    third = replace(study.verdicts["c-test"], effect=1 / 3, p=2e-13 / 3)
    found = replace(report(), studies={"notebook": replace(study, verdicts={"c-test": third})})
    (claim,) = json.loads(claims_json(found))
    assert claim["effect"] == 0.3333333333
    assert claim["p_value"] == 6.666666667e-14


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
    assert {claim["p"] for claim in claims} == {None}


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


def test_each_row_of_a_descent_has_a_rate_of_its_own() -> None:
    toy = all_studies()["toy"]
    record = Directed(toy).given({}).by_trial["condition-10"][100]
    found = rows(runs_csv([record]))
    assert isinstance(record.identity.trial, ToyTrial)
    assert [float(row["learning_rate"]) for row in found] == list(record.identity.trial.rates)
    assert [float(row["gd"]) for row in found] == list(record.history["gd"])


def test_each_row_names_its_nets_and_repeats_no_structure() -> None:
    made = {row["trial"]: row["net"] for row in rows(runs_csv(records().values()))}
    assert (made["bn-0.01"], made["timing"]) == ("bn", "baseline bn")
    lag = Directed(all_studies()["lag"]).given({}).by_trial
    (record, *_) = next(iter(lag.values())).values()
    trained = record.model_copy(update={"history": {"loss": (0.5, 0.4)}})
    assert [row["net"] for row in rows(runs_csv([trained]))] == ["", ""]


def test_rows_do_not_depend_on_the_order_of_the_records() -> None:
    made = list(records().values())
    assert runs_csv(made) == runs_csv(reversed(made))


@pytest.mark.parametrize(
    ("values", "cells"), [((0.5, None), ["0.5", ""]), ((None,), [""])], ids=["late", "early"]
)
def test_a_diverged_run_has_empty_cells(
    make_record: Callable[..., Record], values: tuple[float | None, ...], cells: list[str]
) -> None:
    history = dict.fromkeys(make_record().history, values)
    scores = make_record().scores if len(values) == 2 else ()
    found = rows(runs_csv([make_record(history=history, scores=scores, diverged=True)]))
    assert [row["loss"] for row in found] == cells
    assert [row["diverged"] for row in found] == ["1"] * len(cells)
