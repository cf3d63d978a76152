"""Two records of one run agree bit by bit, or within what a change of seed does."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bnreport.agreement import (
    EARLY_TOLERANCE,
    Comparison,
    Verified,
    compare,
    read_verified,
    standing,
)
from bnreport.errors import RecordError
from bnreport.records import Record, ScoreRecord, packed
from bnreport.trials import Identity, Net, Probe, Trial
from bnreport.verification import write_verified
from tests import synthetic
from tests.synthetic import made

Make = Callable[..., Record]

# The last losses of the peers; their standard deviation is 0.1.
LOSSES = (0.2, 0.3, 0.4)
ELSEWHERE = {"device": "another processor"}


def history(loss: float) -> dict[str, tuple[float, ...]]:
    names = ("loss", "accuracy", "train_loss", "train_accuracy", "val_loss", "val_accuracy")
    return dict.fromkeys(names, (0.5, loss))


def on(record: Record, **provenance: Any) -> Record:
    """The record as made on another machine."""
    made = record.provenance.model_copy(update=provenance)
    return record.model_copy(update={"provenance": made})


@pytest.fixture
def peers(make_record: Make) -> list[Record]:
    """Three seeds of one trial."""
    return [
        make_record(seed=seed, history=history(loss)) for seed, loss in enumerate(LOSSES, start=1)
    ]


def test_equal_bits_on_the_same_machine_agree(peers: list[Record]) -> None:
    found = compare(peers[0], peers[0], peers)
    assert found.equal_bits
    assert found.alike
    assert found.agrees


@pytest.mark.parametrize(
    "change",
    [
        {"history": history(0.2 + 1e-9)},
        {"early_loss": 2.25 + 1e-9},
        {
            "scores": (
                ScoreRecord(
                    epoch=2,
                    val_images=2,
                    test_images=2,
                    val_correct=packed([True, False]),  # type: ignore[arg-type]
                    test_correct=packed([True, True]),  # type: ignore[arg-type]
                ),
            )
        },
    ],
)
def test_one_changed_bit_on_the_same_machine_disagrees(
    peers: list[Record], make_record: Make, change: dict[str, Any]
) -> None:
    recorded = make_record(seed=1, history=history(0.2))
    again = recorded.model_copy(update=change)
    found = compare(again, recorded, peers)
    assert found.alike
    assert not found.agrees
    assert compare(on(again, **ELSEWHERE), recorded, peers).agrees


@pytest.mark.parametrize(
    "difference",
    [
        {"device": "another processor"},
        {"backend": "jax"},
        {"threads": 2},
        {"lanes": 2},
        {"precision": "float16"},
        {"versions": {"python": "3.12.0"}},
    ],
)
def test_another_machine_or_version_falls_back_to_the_tolerance(
    peers: list[Record], difference: dict[str, Any]
) -> None:
    nearby = peers[0].model_copy(update={"history": history(0.2 + 0.09)})
    found = compare(on(nearby, **difference), peers[0], peers)
    assert not found.alike
    assert not found.equal_bits
    assert found.agrees


@pytest.mark.parametrize(("shift", "agrees"), [(0.099, True), (-0.099, True), (0.101, False)])
def test_a_whole_run_may_move_by_one_standard_deviation_between_seeds(
    peers: list[Record], shift: float, agrees: bool
) -> None:
    moved = on(peers[0].model_copy(update={"history": history(0.2 + shift)}), **ELSEWHERE)
    assert compare(moved, peers[0], peers).agrees is agrees


@pytest.mark.parametrize(("share", "agrees"), [(0.9, True), (1.1, False)])
def test_the_loss_of_step_20_may_move_by_rounding_alone(
    peers: list[Record], share: float, agrees: bool
) -> None:
    loss = 2.25 + share * EARLY_TOLERANCE
    moved = on(peers[0].model_copy(update={"early_loss": loss}), **ELSEWHERE)
    found = compare(moved, peers[0], peers)
    assert {row.metric: row.agrees for row in found.rows}["loss of step 20"] is agrees
    assert found.agrees is agrees


def test_too_few_peers_leave_the_early_loss_alone_to_compare(peers: list[Record]) -> None:
    far = on(peers[0].model_copy(update={"history": history(0.9)}), **ELSEWHERE)
    assert [row.metric for row in compare(far, peers[0], peers[:2]).rows] == ["loss of step 20"]


def test_a_run_that_diverges_only_here_disagrees(peers: list[Record]) -> None:
    nothing = dict.fromkeys(peers[0].history, (0.5, None))
    here = on(peers[0].model_copy(update={"history": nothing, "diverged": True}), **ELSEWHERE)
    assert not compare(here, peers[0], peers).agrees


def test_without_a_number_to_compare_nothing_agrees(peers: list[Record]) -> None:
    silent = peers[0].model_copy(update={"early_loss": None})
    again = on(silent.model_copy(update={"history": history(0.9)}), **ELSEWHERE)
    assert compare(again, silent, peers[:2]).rows == ()
    assert not compare(again, silent, peers[:2]).agrees


def verified(comparison: Comparison, code: str = "c0") -> Verified:
    return Verified(
        study="toy",
        records="a digest",
        code=code,
        commit="c2",
        device="a processor",
        versions={"python": "3.13.0"},
        comparisons=(comparison,),
    )


def test_the_standing_follows_code_and_verification(peers: list[Record]) -> None:
    records = {record.id: record for record in peers}
    good = compare(peers[0], peers[0], peers)
    bad = good.model_copy(update={"equal_bits": False})
    assert standing(records, 0, None, "c0") == "current"
    assert standing(records, 0, None, "c9") == "unverified"
    assert standing(records, 0, verified(good, "c9"), "c9") == "verified"
    assert standing(records, 0, verified(bad, "c9"), "c9") == "stale"
    assert standing(records, 1, verified(good, "c9"), "c9") == "incomplete"


def test_a_verification_by_older_code_does_not_count(peers: list[Record]) -> None:
    records = {record.id: record for record in peers}
    good = compare(peers[0], peers[0], peers)
    assert standing(records, 0, verified(good, "c8"), "c9") == "unverified"
    bad = good.model_copy(update={"equal_bits": False})
    assert standing(records, 0, verified(bad, "c8"), "c0") == "current"


def test_times_by_earlier_code_are_dated_for_nobody_can_train_them_again() -> None:
    (timing,) = [r for r in synthetic.records().values() if r.identity.trial.kind == "timing"]
    assert standing({timing.id: timing}, 0, None, timing.provenance.code) == "current"
    assert standing({timing.id: timing}, 0, None, "c9") == "dated"


def test_one_run_by_other_code_makes_the_whole_study_unverified(peers: list[Record]) -> None:
    records = {record.id: record for record in [on(peers[0], code="c1"), *peers[1:]]}
    assert standing(records, 0, None, "c0") == "unverified"


def test_a_verification_is_read_back_as_it_was_written(peers: list[Record], tmp_path: Path) -> None:
    path = tmp_path / "toy.verified.json"
    assert read_verified(path) is None
    found = verified(compare(on(peers[1], **ELSEWHERE), peers[0], peers))
    write_verified(path, found)
    assert read_verified(path) == found
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("content", [b"", b"{}", b"not JSON", b"\xff\xfe", b'{"study": "toy"'])
def test_a_damaged_verification_is_refused_by_name(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "toy.verified.json"
    path.write_bytes(content)
    with pytest.raises(RecordError, match=r"toy\.verified\.json.*bnreport verify"):
        read_verified(path)


def test_what_a_backend_draws_itself_is_compared_after_the_run_alone(peers: list[Record]) -> None:
    def noisy(record: Record, backend: str) -> Record:
        trial = record.identity.trial.model_copy(update={"net": Net(dropout=0.5)})
        return record.model_copy(
            update={
                "identity": record.identity.model_copy(update={"trial": trial}),
                "provenance": record.provenance.model_copy(update={"backend": backend}),
            }
        )

    noisy_peers = [noisy(peer, "tensorflow") for peer in peers]
    found = compare(noisy(peers[0], "jax"), noisy_peers[0], noisy_peers)
    assert {row.metric for row in found.rows} == {"loss", "accuracy"}
    found = compare(noisy(peers[0], "tensorflow"), noisy_peers[0], noisy_peers)
    assert "loss of step 20" in {row.metric for row in found.rows}


def test_runs_without_epochs_are_compared_by_what_their_checks_found() -> None:
    probe = Probe(name="p", steps=(0,), probe="gradients")
    trial = Trial(name="t", net="bn", learning_rate=0.1, epochs=0, checks=(probe,))

    def record(seed: int, value: float, device: str = "one") -> Record:
        identity = Identity(study="s", trial=trial, seed=seed, data="d", profile="full")
        return Record(
            id=identity.run_id,
            identity=identity,
            provenance=made(device=device),
            history={},
            checks={"p_weights": ((value, value + 2),)},
        )

    peers = [record(seed, float(seed)) for seed in range(4)]
    near = compare(record(1, 1.5, "two"), peers[1], peers)
    assert [(row.metric, row.recorded, row.again) for row in near.rows] == [("p_weights", 2, 2.5)]
    assert near.agrees
    assert not compare(record(1, 9.0, "two"), peers[1], peers).agrees
