"""The record of the benchmark says how many runs a process should train together."""

import pytest

from bnreport.analysis.ensembles import best_size, recorded_size, seconds_by_size
from bnreport.records.record import Record
from tests.synthetic import performance_records


def lanes(**seconds: float) -> Record:
    """The record of that part on TensorFlow, with JAX beside it."""
    found = performance_records("full", **seconds).values()
    return next(record for record in found if record.identity.trial.name == "lanes")


def without(record: Record, prefix: str) -> Record:
    """The record without the measures that begin so."""
    history = {n: v for n, v in record.history.items() if not n.startswith(prefix)}
    return record.model_copy(update={"history": history})


@pytest.mark.parametrize(
    ("seconds", "best"),
    [
        ({}, 1),
        ({"jax_lanes_2": 0.3}, 2),
        ({"jax_lanes_2": 0.3, "jax_lanes_16": 0.1}, 16),
        ({"jax_cores": 0.05, "jax_lanes_16": 0.1}, 1),
    ],
)
def test_the_group_with_the_least_seconds_is_best(seconds: dict[str, float], best: int) -> None:
    assert best_size(lanes(**seconds)) == best


def test_one_run_a_core_is_best_where_nothing_was_vectorized() -> None:
    assert best_size(without(lanes(), "jax-")) == 1


def test_a_group_that_only_one_net_was_tried_with_is_not_chosen() -> None:
    record = lanes(jax_lanes_8=0.01)
    assert best_size(without(record, "jax-lanes-8_bn")) == 1


def test_on_jax_one_run_a_core_is_what_its_own_cores_took() -> None:
    record = lanes(cores=0.25, jax_cores=0.5)
    assert seconds_by_size(record, "baseline")[1] == pytest.approx(0.5, abs=0.01)
    made = record.provenance.model_copy(update={"backend": "jax"})
    alone = record.model_copy(update={"provenance": made})
    assert seconds_by_size(alone, "baseline")[1] == pytest.approx(0.25, abs=0.01)


def on(record: Record, device: str, backend: str) -> Record:
    made = record.provenance.model_copy(update={"device": device, "backend": backend})
    return record.model_copy(update={"provenance": made})


def test_the_choice_rests_on_a_record_of_the_same_kind_of_device() -> None:
    cpu = on(lanes(), "a processor, 2 cores", "tensorflow")
    quick = lanes(cores=0.5, jax_lanes_16=0.01)
    card = on(quick, "a card", "jax")
    assert recorded_size("jax", None, [card, cpu]) == 1
    assert recorded_size("jax", "a card", [cpu, card]) == 16
    assert recorded_size("jax", None, [card, on(quick, "a processor, 64 cores", "jax")]) == 16
    # TensorFlow trains one run at a time, whatever JAX would do.
    assert recorded_size("tensorflow", "a card", [card]) == 1
    # A card that nobody has measured is to be measured first.
    assert recorded_size("jax", "another card", [cpu, card]) is None
    assert recorded_size("jax", None, []) == 1
