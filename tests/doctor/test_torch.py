"""The doctor finds faults that are planted in nets of PyTorch, and accuses no sound net."""

import copy
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, update_bn

from docs.downloads import bn_doctor
from docs.downloads.bn_doctor import DoctorError, Report
from tests.doctor.cases import (
    CLASSES,
    FEATURES,
    SIDE,
    Floats,
    Task,
    accused,
    batches_of,
    check_sound,
    sorted_rows,
    suspected,
    task,
)

GIVEN = task()
FAR = task(shift=30.0)
HARD = task(noise=8.0)


def net(*parts: nn.Module, last: int = 48) -> nn.Sequential:
    """A sequential net that ends in one output a class."""
    return nn.Sequential(*parts, nn.Linear(last, CLASSES))


def block(before: int = FEATURES, units: int = 48, **more: Any) -> list[nn.Module]:
    """A linear layer with BN in front of its activation."""
    return [nn.Linear(before, units, bias=False), nn.BatchNorm1d(units, **more), nn.ReLU()]


def two(**more: Any) -> nn.Sequential:
    return net(*block(**more), *block(48, **more))


def learn(
    model: Any,
    given: Any = GIVEN,
    epochs: int = 6,
    size: int = 32,
    rate: float = 0.1,
    falling: bool = True,
    order: Floats | None = None,
    **more: Any,
) -> Any:
    """Train a net; the batches are new in each epoch, unless an order is given."""
    loss = more.get("loss", nn.functional.cross_entropy)
    x = given.x if isinstance(given.x, list) else [given.x]
    inputs = [torch.as_tensor(part) for part in x]
    y, n = torch.as_tensor(given.y), len(given.y)
    weights = [weight for weight in model.parameters() if weight.requires_grad]
    optimizer = torch.optim.SGD(weights, rate, momentum=0.8)
    steps = max(1, epochs * (-(-n // size)))
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: 1 - step / steps if falling else 1.0
    )
    random = np.random.default_rng(3)
    for _ in range(epochs):
        rows = random.permutation(n) if order is None else order
        for start in range(0, len(rows), size):
            some = rows[start : start + size]
            optimizer.zero_grad()
            found = model(*(part[some] for part in inputs))
            loss(found, y[some]).backward()
            optimizer.step()
            schedule.step()
            more.get("each", int)()
    return model


def seen(model: Any, given: Any = GIVEN, **more: Any) -> Report:
    """What the doctor says of a net, which is afterwards what it was."""
    before = copy.deepcopy(model.state_dict())
    modes = [part.training for part in model.modules()]
    drawn = torch.random.get_rng_state()
    more = {"x_train": given.x, "y_train": given.y} | more
    report = bn_doctor.diagnose(model, given.x_val, given.y_val, show=False, **more)
    for name, now in model.state_dict().items():
        torch.testing.assert_close(now, before[name], rtol=0, atol=0, equal_nan=True)
    assert [part.training for part in model.modules()] == modes
    assert not any("forward" in vars(part) for part in model.modules())
    assert torch.equal(torch.random.get_rng_state(), drawn)
    return report


@pytest.fixture(autouse=True)
def _seeded() -> None:
    torch.set_num_threads(1)
    torch.manual_seed(1)


# ---- Faults ---------------------------------------------------------------------------------


def test_stale_averages_after_few_steps() -> None:
    report = seen(learn(two(momentum=0.01), epochs=1, falling=False))
    assert (report.row, accused(report)[0]) == ("averages", "stale-averages")
    assert "after 32 steps" in report.causes[0].why
    assert report.at_fault


def test_a_momentum_that_was_copied_from_keras() -> None:
    report = seen(learn(two(momentum=0.99), size=4, epochs=2, rate=0.02))
    assert (report.row, accused(report)[0]) == ("averages", "momentum-of-the-other-library")
    # In large batches it does no harm, and is only pointed out.
    harmless = seen(learn(net(*block(momentum=0.9)), size=256, epochs=16))
    assert harmless.healthy
    assert suspected(harmless) == ["momentum-of-the-other-library"]


def test_a_momentum_of_zero_never_moves_the_averages() -> None:
    report = seen(learn(two(momentum=0.0)))
    assert (report.row, accused(report)[0]) == ("averages", "stale-averages")
    assert "never moved" in report.causes[0].why


def test_a_batch_with_nan() -> None:
    model = learn(two())
    spoiled = torch.as_tensor(GIVEN.x[:32]).clone()
    spoiled[0, 0] = torch.nan
    model(spoiled)
    report = seen(model)
    assert (report.row, accused(report)[0]) == ("averages", "one-nan-batch")
    assert report.at_fault[0].broken > 0


def test_a_mean_and_a_variance_that_were_swapped_are_no_nan() -> None:
    model = learn(two())
    state = {name: values.clone() for name, values in model.state_dict().items()}
    mean, variance = (next(k for k in state if k.endswith(end)) for end in ("_mean", "_var"))
    model.load_state_dict(state | {mean: state[variance], variance: state[mean]})
    report = seen(model)
    assert accused(report)[:2] == ["two-nets-that-differ", "a-large-mean"]
    assert "negative variance" in report.causes[0].why
    assert "NaN" not in str(report)
    assert report.at_fault[0].negative > 0


def test_frozen_layers_over_weights_that_moved() -> None:
    model = learn(two(), FAR, epochs=1, falling=False)
    kept = {name: value.clone() for name, value in model.named_buffers()}
    learn(model, FAR)
    for name, value in model.named_buffers():
        value.copy_(kept[name])
    for part in model.modules():
        if isinstance(part, nn.BatchNorm1d):
            part.eval()
    report = seen(model, FAR)
    assert report.row == "averages"
    assert "frozen-the-wrong-way" in accused(report)


def test_averaged_weights_without_statistics_of_their_own() -> None:
    model = two()
    averaged = AveragedModel(model)
    learn(model, falling=False, rate=0.3, each=lambda: averaged.update_parameters(model))
    report = seen(averaged)
    assert report.row == "averages"
    assert "averaged-weights" in accused(report)
    # What PyTorch advises mends it.
    inputs = torch.as_tensor(GIVEN.x)
    update_bn(inputs.split(128), averaged)
    check_sound(seen(averaged))


def test_batches_of_one_class() -> None:
    order = sorted_rows(GIVEN, 32)
    model = learn(two(), order=order, epochs=10)
    report = seen(model, batches=batches_of(GIVEN, 32, order)[:20])
    assert (report.row, accused(report)) == ("training", ["sorted-batches"])
    assert report.scores["train batch"] > report.scores["train fresh"] + 0.1
    # Without the batches as training saw them nobody can tell.
    assert seen(model).healthy


def test_the_same_batches_in_every_epoch() -> None:
    few = task(noise=30.0, n=256)
    small = net(*block(units=16), *block(16, 16), *block(16, 16), last=16)
    learn(small, few, size=16, order=np.arange(256), epochs=100, rate=0.02)
    report = seen(small, few, batches=batches_of(few, 16))
    assert (report.row, accused(report)) == ("training", ["the-same-batches-in-every-epoch"])


def test_tiny_batches_are_pointed_out_and_no_more() -> None:
    report = seen(
        learn(net(*block()), size=4, epochs=4, rate=0.02), batches=batches_of(GIVEN, 4)[:100]
    )
    assert "tiny-batches" in (*accused(report), *suspected(report))
    assert set(accused(report)) <= {"tiny-batches", "stale-averages"}


def test_served_in_training_mode() -> None:
    report = seen(learn(net(*block(track_running_stats=False))))
    assert accused(report) == ["served-in-training-mode"]
    assert report.at_fault[0].by_batch

    class Stubborn(nn.BatchNorm1d):  # type: ignore[misc]
        def train(self, mode: bool = True) -> "Stubborn":
            del mode
            return self

    report = seen(learn(net(nn.Linear(FEATURES, 48), Stubborn(48), nn.ReLU())))
    assert accused(report) == ["served-in-training-mode"]


def test_dropout_in_front_of_it() -> None:
    def dropped(before: int) -> list[nn.Module]:
        return [nn.Dropout(0.8), *block(before, 64)]

    model = learn(net(*block(units=128), *dropped(128), *dropped(64), *dropped(64), last=64))
    report = seen(model)
    assert report.row == "averages"
    assert "dropout-before-it" in accused(report)


class Twins(nn.Module):  # type: ignore[misc]
    """Sends two images through the same layers."""

    def __init__(self) -> None:
        super().__init__()
        self.both, self.last = nn.Sequential(*block()), nn.Linear(96, CLASSES)

    def forward(self, first: Tensor, second: Tensor) -> Tensor:
        """Score the classes of pairs."""
        return self.last(torch.cat([self.both(first), self.both(second)], dim=1))


def pairs(apart: float) -> Any:
    def pair(x: Floats) -> list[Floats]:
        return [x, x[:, ::-1].copy() + np.float32(apart)]

    return Task(pair(GIVEN.x), GIVEN.y, pair(GIVEN.x_val), GIVEN.y_val)  # type: ignore[arg-type]


def test_one_layer_for_two_kinds_of_input() -> None:
    given = pairs(12.0)
    report = seen(learn(Twins(), given, rate=0.02), given)
    assert accused(report)[0] == "one-layer-two-kinds-of-input"
    assert report.layers[0].calls == 2
    assert "data-that-moved" not in accused(report)


@pytest.mark.parametrize(("factor", "more"), [(255.0, 0.0), (1.0, 20.0), (0.3, 0.0)])
def test_data_that_moved(factor: float, more: float) -> None:
    model = learn(two())
    moved = Task(GIVEN.x, GIVEN.y, np.float32(factor) * GIVEN.x_val + np.float32(more), GIVEN.y_val)
    report = seen(model, moved)
    assert (report.row, accused(report)) == ("data", ["data-that-moved"])
    assert ("spread" in report.causes[0].why) == (factor >= 1)


def test_channels_in_the_wrong_place_show_in_no_score_and_are_not_claimed() -> None:
    over_time = nn.Sequential(nn.Unflatten(1, (SIDE, SIDE)), nn.BatchNorm1d(SIDE), nn.Flatten())
    model = learn(nn.Sequential(over_time, net(*block())), rate=0.05)
    check_sound(seen(model))


def test_a_feature_that_never_varied_is_not_claimed() -> None:
    def still(x: Floats) -> Floats:
        x = x.copy()
        x[:, 0] = 1
        return x

    given = Task(still(GIVEN.x), GIVEN.y, still(GIVEN.x_val), GIVEN.y_val)
    model = learn(nn.Sequential(nn.BatchNorm1d(FEATURES), net(*block())), given)
    report = seen(model, given)
    check_sound(report)
    assert report.layers[0].constant == 1


# ---- Sound nets -----------------------------------------------------------------------------


def convolutional(first: bool) -> Any:
    order = [nn.BatchNorm2d(8), nn.ReLU()] if first else [nn.ReLU(), nn.BatchNorm2d(8)]
    shaped = [nn.Unflatten(1, (1, SIDE, SIDE)), nn.Conv2d(1, 8, 3, bias=False)]
    return net(*shaped, *order, nn.MaxPool2d(2), nn.Flatten(), last=8 * 9)


class Residual(nn.Module):  # type: ignore[misc]
    """A block that adds its input, in a module of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.inner = nn.ModuleDict({"a": nn.ModuleList(block(48))})

    def forward(self, x: Tensor) -> Tensor:
        """Add what the parts make of the input to it."""
        found = x
        for part in self.inner["a"]:
            found = part(found)
        return x + found


def fine_tuned(train_below: bool) -> Any:
    """A base that was trained before and whose BN is frozen, under a new head."""
    base = learn(two())
    base[-1] = nn.Linear(48, CLASSES)
    for part in base[:-1].modules():
        if isinstance(part, nn.BatchNorm1d):
            part.eval()
        for weight in part.parameters(recurse=False):
            weight.requires_grad = train_below
    return learn(base, epochs=3, rate=0.02)


def recalibrated() -> Any:
    """A net of few steps whose averages were made afresh."""
    model = learn(two(momentum=0.01), epochs=1)
    update_bn(torch.as_tensor(GIVEN.x).split(128), model)
    return model


SOUND: dict[str, Callable[[], Any]] = {
    "BN before the activation": lambda: learn(two()),
    "BN after the activation": lambda: learn(
        net(nn.Linear(FEATURES, 48), nn.ReLU(), nn.BatchNorm1d(48))
    ),
    "deep and narrow": lambda: learn(
        net(*block(units=16), *(p for _ in range(4) for p in block(16, 16)), last=16), epochs=10
    ),
    "wide": lambda: learn(net(*block(units=256), last=256)),
    "convolutional": lambda: learn(convolutional(True)),
    "convolutional, BN last": lambda: learn(convolutional(False)),
    "residual blocks": lambda: learn(net(*block(), Residual(), Residual()), rate=0.05),
    "dropout at the end": lambda: learn(net(*block(), *block(48), nn.Dropout(0.5))),
    "little dropout between": lambda: learn(net(*block(), nn.Dropout(0.1), *block(48))),
    "layer normalization": lambda: learn(net(nn.Linear(FEATURES, 48), nn.LayerNorm(48), nn.ReLU())),
    "instance normalization": lambda: learn(
        nn.Sequential(
            nn.Unflatten(1, (1, SIDE, SIDE)),
            nn.Conv2d(1, 8, 3),
            nn.InstanceNorm2d(8, track_running_stats=True),
            nn.Flatten(),
            nn.Linear(8 * 36, CLASSES),
        )
    ),
    "no normalizer": lambda: learn(net(nn.Linear(FEATURES, 48), nn.ReLU()), rate=0.01),
    "frozen base": lambda: fine_tuned(False),
    "fine-tuned under frozen BN": lambda: fine_tuned(True),
    "constant rate": lambda: learn(net(*block()), falling=False, rate=0.02),
    "large batches": lambda: learn(net(*block()), size=256, epochs=16),
    "batches of eight": lambda: learn(net(*block(momentum=0.01)), size=8, epochs=4, rate=0.03),
    "plain means": lambda: learn(net(*block(momentum=None)), rate=0.02, epochs=8),
    "BN of the inputs": lambda: learn(
        net(nn.BatchNorm1d(FEATURES), nn.Linear(FEATURES, 48), nn.ReLU())
    ),
    "BN and group normalization": lambda: learn(net(*block(), nn.GroupNorm(4, 48), *block(48))),
    "no gamma and beta": lambda: learn(two(affine=False)),
    "recalibrated": recalibrated,
    "untrained": lambda: learn(two(), epochs=0),
    "double precision": lambda: learn(two()).double(),
    "handed over in inference mode": lambda: learn(two()).eval(),
}


@pytest.mark.parametrize("name", SOUND)
def test_a_sound_net_is_left_alone(name: str) -> None:
    report = seen(SOUND[name]())
    check_sound(report)
    if "layer norm" not in name and "instance" not in name and name != "no normalizer":
        assert report.layers
        assert set(report.scores) >= {"averages", "batch", "fresh"}


def test_a_small_validation_set_accuses_nobody() -> None:
    model = learn(two())
    for start in range(0, 400, 40):
        rows = slice(start, start + 40)
        check_sound(seen(model, Task(GIVEN.x, GIVEN.y, GIVEN.x_val[rows], GIVEN.y_val[rows])))


def test_overfitting_is_no_fault_of_bn() -> None:
    few = task(noise=6.0, n=128)
    report = seen(learn(two(), few, epochs=40), few)
    check_sound(report)
    assert report.scores["train averages"] > report.scores["averages"] + 0.2
    assert any("overfitting" in note for note in report.notes)


def test_a_weak_net_is_no_fault_of_bn() -> None:
    check_sound(seen(learn(net(*block(units=8), last=8), HARD, epochs=10), HARD))


def test_sound_batches_are_left_alone() -> None:
    order = np.random.default_rng(1).permutation(len(GIVEN.y))
    check_sound(seen(learn(two()), batches=batches_of(GIVEN, 32, order)))


def test_one_layer_for_twice_the_same_kind_of_input_is_no_fault() -> None:
    both = pairs(0.0)
    given = Task([both.x[0]] * 2, both.y, [both.x_val[0]] * 2, both.y_val)  # type: ignore[arg-type]
    report = seen(learn(Twins(), given, rate=0.05), given)
    check_sound(report)
    assert report.layers[0].calls == 2


def test_a_regression_is_judged_by_its_own_score() -> None:
    target = GIVEN.x.mean(axis=1, keepdims=True)
    given = Task(GIVEN.x, target, GIVEN.x_val, GIVEN.x_val.mean(axis=1, keepdims=True))
    model = nn.Sequential(*block(), nn.Linear(48, 1))
    learn(model, given, rate=0.01, loss=nn.functional.mse_loss, epochs=12)
    check_sound(seen(model, given, score="squared error"))
    with pytest.raises(DoctorError, match="one number a class"):
        seen(model, given)


# ---- Manners --------------------------------------------------------------------------------


def test_what_it_cannot_look_at_it_refuses() -> None:
    model = two()
    with pytest.raises(DoctorError, match="Give `x_train`"):
        bn_doctor.diagnose(model, GIVEN.x_val, GIVEN.y_val)

    class Foreign(nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.register_buffer("running_mean", torch.zeros(FEATURES))

        def forward(self, x: Tensor) -> Tensor:
            return x

    with pytest.raises(DoctorError, match=r"Received: 0\.running_mean"):
        seen(nn.Sequential(Foreign(), net(*block())))

    class Hidden(nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.parts = [nn.BatchNorm1d(FEATURES).eval(), nn.Linear(FEATURES, CLASSES)]

        def forward(self, x: Tensor) -> Tensor:
            for part in self.parts:
                x = part(x)
            return x

    with pytest.raises(DoctorError, match=r"use torch\.nn\.ModuleList"):
        seen(Hidden())
    with pytest.raises(DoctorError, match="a ScriptModule"):
        seen(torch.jit.trace(two().eval(), torch.zeros(2, FEATURES)))
    with pytest.raises(DoctorError, match="a lazy Sequential"):
        bn_doctor.diagnose(
            nn.Sequential(nn.LazyBatchNorm1d()), GIVEN.x_val, GIVEN.y_val, x_train=GIVEN.x
        )


def test_an_error_on_the_way_leaves_the_model_as_it_was() -> None:
    model = two()

    def broken(*_: Floats) -> Floats:
        raise RuntimeError("no score")

    with pytest.raises(RuntimeError, match="no score"):
        bn_doctor.diagnose(model, GIVEN.x_val, GIVEN.y_val, x_train=GIVEN.x, score=broken)
    assert all(part.training for part in model.modules())
    check_sound(seen(model))


def test_a_normalizer_of_its_own_kind_is_looked_through() -> None:
    class WithActivation(nn.BatchNorm1d):  # type: ignore[misc]
        """As in timm: the activation is in the normalizer."""

        def forward(self, x: Tensor) -> Tensor:
            return torch.relu(super().forward(x))

    def own(before: int, momentum: float) -> list[nn.Module]:
        return [nn.Linear(before, 48), WithActivation(48, momentum=momentum)]

    check_sound(seen(learn(net(*own(FEATURES, 0.1), *own(48, 0.1)))))
    stale = seen(learn(net(*own(FEATURES, 0.01), *own(48, 0.01)), epochs=1, falling=False))
    assert accused(stale)[0] == "stale-averages"


def test_tensors_serve_as_well_as_arrays(capsys: pytest.CaptureFixture[str]) -> None:
    model = learn(two(momentum=0.01), epochs=1, falling=False)
    x, y, new = (torch.as_tensor(each) for each in (GIVEN.x_val, GIVEN.y_val, GIVEN.x))
    report = bn_doctor.diagnose(model, x, y, x_train=new)
    told = capsys.readouterr().out
    assert told == f"{report}\n"
    assert "Row of the table: low, high, high. The averages are wrong" in told
    assert "failures.html#stale-averages" in told
    assert any("came in training mode" in note for note in report.notes)
