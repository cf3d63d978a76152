"""A timing measures every arm in every round, whatever its structure."""

from dataclasses import replace
from typing import Any

import pytest
from pydantic import ValidationError

from bnreport.protocol.measurements import TimingTrial
from bnreport.protocol.nets import Net

NETS: dict[str, Any] = {
    "raw": Net(hidden=(8,)),
    "ln": Net(hidden=(8,), normalizer="layer"),
}
TRIAL = TimingTrial(
    name="t",
    nets=("bn", "raw", "ln"),
    structures=NETS,
    learning_rate=0.1,
    rounds=2,
    batch_sizes=(32, 128),
    images=256,
)


def test_an_arm_is_a_net_or_a_net_at_one_of_several_batch_sizes() -> None:
    assert set(TRIAL.arms) == {f"{net}_{size}" for net in TRIAL.nets for size in (32, 128)}
    assert TRIAL.arms["ln_128"] == (NETS["ln"], 128)
    assert TRIAL.arms["bn_32"] == ("bn", 32)
    plain = TimingTrial(name="t", nets=("bn",), learning_rate=0.1, rounds=2)
    assert plain.arms == {"bn": ("bn", 32)}


def test_what_came_later_is_no_part_of_an_identity_until_it_is_used() -> None:
    plain = TimingTrial(name="t", nets=("bn",), learning_rate=0.1, rounds=2)
    named = {"kind", "name", "nets", "learning_rate", "rounds", "batch_size"}
    assert set(plain.model_dump(mode="json")) == named
    more = {"structures", "batch_sizes", "images"}
    assert set(TRIAL.model_dump(mode="json")) == named | more
    assert TimingTrial.model_validate_json(TRIAL.model_dump_json()) == TRIAL


@pytest.mark.parametrize(
    "change", [{"structures": {"x": Net()}}, {"batch_sizes": (0,)}, {"images": 0}]
)
def test_a_timing_refuses_what_it_cannot_time(change: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        TimingTrial.model_validate(TRIAL.model_dump() | change)


@pytest.mark.train
@pytest.mark.usefixtures("keras_ready")
def test_every_arm_is_timed_once_a_round_on_as_many_images_as_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import keras

    from bnreport.training import timing
    from bnreport.training.images import digits

    seen: list[tuple[int, int]] = []
    fit = keras.Sequential.fit

    def watched(self: Any, x: Any, y: Any, **more: Any) -> Any:
        seen.append((len(x), more["batch_size"]))
        return fit(self, x, y, **more)

    monkeypatch.setattr(keras.Sequential, "fit", watched)
    rounds: list[int] = []
    data = digits()
    data = replace(data, x_val=data.x_val[:32], y_val=data.y_val[:32])
    # A net of the notebook and one of a structure; the third is another such.
    trial = TRIAL.model_copy(update={"nets": ("bn", "ln")})
    seconds = timing.time_epochs(trial, 1, data, rounds.append)
    assert set(seconds) == trial.metrics
    assert all(len(values) == 2 and min(values) > 0 for values in seconds.values())
    assert rounds == [1, 2]
    # Two nets at each size, in an untimed round and in two that count.
    assert {pair: seen.count(pair) for pair in set(seen)} == {(256, 32): 6, (256, 128): 6}


@pytest.mark.train
@pytest.mark.usefixtures("keras_ready")
def test_a_name_without_a_structure_is_one_of_the_notebooks() -> None:
    from bnreport.training import timing
    from bnreport.training.images import digits

    trial = TimingTrial(name="t", nets=("raw",), learning_rate=0.1, rounds=1)
    with pytest.raises(ValueError, match="raw"):
        timing.time_epochs(trial, 1, digits())
