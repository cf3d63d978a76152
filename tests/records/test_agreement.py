"""Two records of one run agree bit by bit, or within what a change of seed does."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bnreport.errors import RecordError
from bnreport.protocol.checks import Probe
from bnreport.protocol.nets import Net
from bnreport.protocol.trials import Identity, Trial
from bnreport.records.agreement import (
    EARLY_TOLERANCE,
    Comparison,
    Verified,
    compare,
    freshness,
    read_verified,
)
from bnreport.records.code.ancestry import Ancestry, Link
from bnreport.records.code.executed import run_digest
from bnreport.records.record import Record, ScoreRecord, packed
from bnreport.running.verification import write_verified
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


# The code as it is, and the one before it, by which the peers were trained.
NOW, THEN, OTHER = ({"train": digit * 64} for digit in "abc")
HISTORY = Ancestry(NOW, {"c2": THEN, "c3": NOW, "c4": OTHER})
LINK = Link(reason="A name has changed.", same={"train": ("b" * 64, "a" * 64)})


def verified(*comparisons: Comparison, commit: str = "c3") -> Verified:
    return Verified(
        study="toy",
        records="a-digest",
        code="of-whole-modules",
        commit=commit,
        device="a processor",
        versions={"python": "3.13.0"},
        comparisons=comparisons,
    )


def by_id(records: Iterable[Record]) -> dict[str, Record]:
    return {record.id: record for record in records}


def test_records_are_current_under_the_code_that_made_them(peers: list[Record]) -> None:
    records = by_id(peers)
    assert freshness(records, 0, None, replace(HISTORY, today=THEN)) == "current"
    assert freshness(records, 0, None, HISTORY) == "unverified"
    assert freshness(records, 1, None, replace(HISTORY, today=THEN)) == "incomplete"


def test_records_hold_the_digest_of_their_run(peers: list[Record]) -> None:
    code = run_digest(NOW, peers[0].identity.trial)
    records = by_id(on(peer, code=code, commit="unknown", dirty=True) for peer in peers)
    assert freshness(records, 0, None, Ancestry(NOW)) == "current"
    assert freshness(records, 0, None, replace(HISTORY, today=THEN)) == "unverified"
    linked = replace(HISTORY, today=THEN, links=(LINK,))
    assert freshness(records, 0, None, linked) == "current"


def test_the_commit_of_a_changed_tree_says_nothing_of_a_record(peers: list[Record]) -> None:
    records = by_id(on(peer, dirty=True) for peer in peers)
    assert freshness(records, 0, None, replace(HISTORY, today=THEN)) == "unverified"


def test_a_reviewed_link_keeps_records_current(peers: list[Record]) -> None:
    records = by_id(peers)
    assert freshness(records, 0, None, replace(HISTORY, links=(LINK,))) == "current"
    other = Link(reason=LINK.reason, same={"toy": LINK.same["train"]})
    assert freshness(records, 0, None, replace(HISTORY, links=(other,))) == "unverified"


def test_links_make_chains_in_either_direction(peers: list[Record]) -> None:
    back = Link(reason="It came, and it went.", same={"train": ("a" * 64, "c" * 64)})
    far = Link(reason="It came, and it went.", same={"train": ("c" * 64, "b" * 64)})
    both = replace(HISTORY, links=(back, far))
    assert freshness(by_id(peers), 0, None, both) == "current"
    assert freshness(by_id(peers), 0, None, replace(HISTORY, links=(far,))) == "unverified"


def test_a_verification_links_what_made_a_run_to_what_trained_it_again(
    peers: list[Record],
) -> None:
    records = by_id(peers)
    good = compare(peers[0], peers[0], peers)
    bad = good.model_copy(update={"equal_bits": False})
    assert freshness(records, 0, verified(good), HISTORY) == "verified"
    assert freshness(records, 0, verified(bad), HISTORY) == "stale"
    assert freshness(records, 0, verified(), HISTORY) == "unverified"
    assert freshness(records, 1, verified(good), HISTORY) == "incomplete"


def test_a_verification_by_code_that_leads_nowhere_does_not_count(peers: list[Record]) -> None:
    records = by_id(peers)
    good = compare(peers[0], peers[0], peers)
    bad = good.model_copy(update={"equal_bits": False})
    for commit in ("c4", "unknown"):
        assert freshness(records, 0, verified(good, commit=commit), HISTORY) == "unverified"
        known = replace(HISTORY, today=THEN)
        assert freshness(records, 0, verified(bad, commit=commit), known) == "current"


def test_a_chain_goes_on_from_a_verification_by_reviewed_links(peers: list[Record]) -> None:
    good = compare(peers[0], peers[0], peers)
    bad = good.model_copy(update={"equal_bits": False})
    onward = Link(reason="A name has changed.", same={"train": ("c" * 64, "a" * 64)})
    linked = replace(HISTORY, links=(onward,))
    assert freshness(by_id(peers), 0, verified(good, commit="c4"), linked) == "verified"
    assert freshness(by_id(peers), 0, verified(bad, commit="c4"), linked) == "stale"


def test_a_verification_says_nothing_of_runs_by_code_that_it_has_not_sampled(
    peers: list[Record],
) -> None:
    good = compare(peers[0], peers[0], peers)
    records = by_id([*peers[:2], on(peers[2], commit="c4")])
    assert freshness(records, 0, verified(good), HISTORY) == "unverified"


def test_a_run_that_disagreed_links_nothing(peers: list[Record]) -> None:
    probed = with_checks(peers[0], Probe(name="p", steps=(0,), probe="drift"))
    good = compare(probed, probed, [probed])
    bad = good.model_copy(update={"equal_bits": False})
    drift, other = {"probe-drift": "d" * 64}, {"probe-drift": "e" * 64}
    # Nothing is stale: the probe of what trained it again leads nowhere.
    known = Ancestry(NOW | drift, {"c2": THEN | drift, "c3": NOW | other})
    assert freshness(by_id([probed]), 0, verified(good), known) == "verified"
    assert freshness(by_id([probed]), 0, verified(bad), known) == "unverified"


def test_a_probe_counts_for_the_runs_that_ask_for_it_alone(peers: list[Record]) -> None:
    before = Ancestry(
        {"train": "a" * 64, "probe-drift": "d" * 64}, {"c2": NOW | {"probe-drift": "e" * 64}}
    )
    assert freshness(by_id(peers), 0, None, before) == "current"
    probe = Probe(name="p", steps=(0,), probe="drift")
    probed = by_id(with_checks(peer, probe) for peer in peers)
    assert freshness(probed, 0, None, before) == "unverified"
    today = {"train": "a" * 64, "probe-drift": "e" * 64}
    assert freshness(probed, 0, None, replace(before, today=today)) == "current"


def with_checks(record: Record, *checks: Probe) -> Record:
    trial = record.identity.trial.model_copy(update={"checks": checks})
    identity = record.identity.model_copy(update={"trial": trial})
    return record.model_copy(update={"identity": identity, "id": identity.run_id})


def test_times_by_earlier_code_are_dated_for_nobody_can_train_them_again() -> None:
    (timing,) = [r for r in synthetic.records().values() if r.identity.trial.kind == "timing"]
    assert freshness({timing.id: timing}, 0, None, synthetic.code()) == "current"
    assert freshness({timing.id: timing}, 0, None, HISTORY) == "dated"


def test_times_beside_runs_that_can_be_trained_again_do_not_count(peers: list[Record]) -> None:
    (timing,) = [r for r in synthetic.records().values() if r.identity.trial.kind == "timing"]
    records = by_id([timing, *peers])
    assert freshness(records, 0, None, replace(HISTORY, today=THEN)) == "current"


def test_one_run_by_other_code_makes_the_whole_study_unverified(peers: list[Record]) -> None:
    records = by_id([on(peers[0], commit="c4"), *peers[1:]])
    assert freshness(records, 0, None, replace(HISTORY, today=THEN)) == "unverified"


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
