"""The fixes for PyTorch on the page on failures run, and do what the page says."""

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn
from torch.optim.swa_utils import update_bn
from torch.utils.data import DataLoader, TensorDataset

from tests.doctor import snippets
from tests.doctor.cases import FEATURES, task
from tests.doctor.test_torch import Residual, block, learn, net, two

GIVEN = task(n=512, val=256)
X, Y = torch.as_tensor(GIVEN.x), torch.as_tensor(GIVEN.y)
VAL = torch.as_tensor(GIVEN.x_val), torch.as_tensor(GIVEN.y_val)


def finite(space: dict[str, Any]) -> bool:
    norms = space["normalizers"](space["model"])
    return all(bool(torch.isfinite(norm.running_var).all()) for norm in norms)


def at_their_plain_means(model: Any, x: torch.Tensor) -> bool:
    """Whether the first normalizer keeps the mean of what reaches it."""
    return bool(torch.allclose(model[1].running_mean, model[0](x).mean(0), atol=1e-2))


def masked(space: dict[str, Any]) -> bool:
    """Whether real places alone were normalized: to mean 0 and spread 1."""
    found = space["y"][space["real"]]
    return abs(float(found.mean())) < 1e-3 and abs(float(found.std()) - 1) < 0.05


def counts(space: dict[str, Any]) -> list[int]:
    return [len(x) for x, _ in space["loader"]]


def new_each_time(space: dict[str, Any]) -> bool:
    """Whether two epochs differ, and each holds every image."""
    epochs = [torch.cat([y for _, y in space["loader"]]) for _ in range(2)]
    same = [sorted(epoch.tolist()) for epoch in (*epochs, Y)]
    return same[0] == same[1] == same[2] and not torch.equal(*epochs)


def falls(space: dict[str, Any]) -> bool:
    """Whether the rate begins where it was set and ends at 0."""
    first = space["optimizer"].param_groups[0]["lr"]
    for _ in range(space["steps"]):
        space["optimizer"].step()
        space["rate"].step()
    return bool(first == 0.1 and space["optimizer"].param_groups[0]["lr"] < 1e-9)


def kept(space: dict[str, Any]) -> bool:
    """Whether a step leaves the averages of frozen layers, and gamma and beta, alone."""
    model = space["model"]
    before = copy.deepcopy(model[1].state_dict())
    assert model[0].training
    model.zero_grad()
    model(X[:32]).sum().backward()
    assert model[1].weight.grad is None
    return all(torch.equal(before[name], now) for name, now in model[1].state_dict().items())


CHECKS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "averaged": lambda s: at_their_plain_means(s["averaged"].module, X),
    "axis": lambda s: s["y"].shape == s["x"].shape and s["norm"].weight.shape == (64,),
    "constant": lambda s: s["norm"].eps == 1e-2 and s["norm"].num_features == FEATURES - 1,
    "devices": lambda s: isinstance(s["model"][1], nn.SyncBatchNorm),
    "dropout": lambda s: s["model"](X[:4, :6]).shape == (4, 10),
    "exported": lambda s: (
        "1.running_mean" in torch.load("net.pt")
        and not any("running" in name for name, _ in s["model"].named_parameters())
    ),
    "frozen": kept,
    "jumping": falls,
    "kinds": lambda s: (len(s["of_real"]), len(s["of_generated"])) == (8, 6),
    "large-mean": lambda s: snippets.centered(s["x_train"].numpy(), s["x_val"].numpy(), GIVEN),
    "last-one": lambda s: {*counts(s)} == {32},
    "momentum": lambda s: s["norm"].momentum == 0.1,
    "moved": lambda s: at_their_plain_means(s["model"], torch.cat(s["new_batches"])),
    "nan": finite,
    "padding": masked,
    "printed": lambda s: 0 < s["of_validation"] < s["of_training"] + 0.1,
    "reshuffled": new_each_time,
    "served": lambda s: torch.allclose(s["answers"][:1], s["model"](s["x"][:1])),
    "shuffled": new_each_time,
    "stale": lambda s: at_their_plain_means(s["model"], X) and s["norm"].momentum == 0.1,
    "three-scores": snippets.three_differ,
    "tiny": lambda s: s["norm"](torch.ones(1, 64)).shape == (1, 64),
}


def prepared(name: str) -> dict[str, Any]:
    """The names that a reader has: a net of few steps, data, and the functions of the page."""
    torch.manual_seed(1)
    torch.set_num_threads(1)
    model = two(momentum=0.01)
    learn(model, GIVEN, epochs=1, falling=False)
    space: dict[str, Any] = {"torch": torch, "nn": nn, "update_bn": update_bn, "model": model}
    space |= {"x": X[:64], "x_train": X, "y_train": Y}
    space["train_loader"] = DataLoader(TensorDataset(X, Y), batch_size=128)
    space["val_loader"] = DataLoader(TensorDataset(*VAL), batch_size=128)
    if name != "three-scores":
        snippets.run("three-scores", "torch", space)
    space |= {"real": X[:8], "generated": X[8:14] + 3}
    space["new_batches"] = [X[i : i + 64] + 5 for i in (0, 64)]
    if name == "nan":
        model(torch.full((4, FEATURES), torch.nan))
        assert not finite(space)
    if name == "constant":
        space["x_train"] = X.clone()
        space["x_train"][:, 3] = 1
    if name == "axis":
        space["x"] = torch.randn(4, 5, 64)
    if name == "large-mean":
        far = map(snippets.far, (GIVEN.x, GIVEN.x_val))
        space["x_train"], space["x_val"] = map(torch.as_tensor, far)
    if name == "padding":
        real = torch.ones((8, 6), dtype=torch.bool)
        real[:, 4:] = False
        x = torch.where(real[..., None], X[:8, :18].reshape(8, 6, 3), 0)
        space |= {"norm": nn.BatchNorm1d(3), "real": real, "x": x}
    return space


def test_each_fix_is_checked() -> None:
    assert snippets.names("torch") == sorted(CHECKS)


@pytest.mark.parametrize("name", sorted(CHECKS))
def test_a_fix_does_what_the_page_says(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert CHECKS[name](snippets.run(name, "torch", prepared(name)))


class Mine(nn.Module):  # type: ignore[misc]
    """A net as a class, with dropout in front of its last BN."""

    def __init__(self) -> None:
        super().__init__()
        self.inner = net(*block(momentum=0.01), nn.Dropout(0.5), *block(48, momentum=0.01))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Score the classes of images."""
        return self.inner(x)


@pytest.mark.parametrize(
    "made", [Mine, lambda: net(*block(momentum=0.01), Residual(), nn.Dropout(0.5), *block(48))]
)
def test_the_three_scores_leave_any_model_as_it_was(made: Callable[[], Any]) -> None:
    torch.manual_seed(1)
    model = learn(made(), GIVEN, epochs=1, falling=False)
    before, modes = copy.deepcopy(model.state_dict()), [m.training for m in model.modules()]
    space = prepared("three-scores") | {"model": model}
    snippets.run("three-scores", "torch", space)
    assert snippets.three_differ(space)
    for key, value in model.state_dict().items():
        assert torch.equal(value, before[key])
    assert [m.training for m in model.modules()] == modes
    # Without dropout the statistics are those that inference sends.
    fresh = space["recalibrated"](model, space["train_loader"])
    last = space["normalizers"](fresh)[-1]
    sent: list[torch.Tensor] = []
    last.register_forward_hook(lambda _, inputs, __: sent.append(inputs[0]))
    with torch.no_grad():
        fresh(X)
    torch.testing.assert_close(last.running_mean, sent[0].mean(0), rtol=0.05, atol=0.05)


def test_the_three_scores_refuse_a_normalizer_that_they_cannot_find() -> None:
    class Foreign(nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.register_buffer("running_mean", torch.zeros(FEATURES))

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return x - self.running_mean

    space = prepared("served")
    with pytest.raises(ValueError, match=r"Received: 0\.running_mean"):
        space["normalizers"](nn.Sequential(Foreign(), two()))


def in_a_group() -> object:
    """Call a synchronized layer on a CPU, in a group of one process."""
    store = torch.distributed.HashStore()
    torch.distributed.init_process_group("gloo", store=store, rank=0, world_size=1)
    try:
        return nn.SyncBatchNorm(64)(torch.zeros(2, 64))
    finally:
        torch.distributed.destroy_process_group()


def test_messages_are_those_that_the_page_quotes() -> None:
    page = (snippets.FOLDER.parents[1] / "failures.md").read_text(encoding="utf-8")
    cases: list[tuple[Callable[[], object], str]] = [
        (lambda: nn.BatchNorm1d(512)(torch.zeros(1, 512)), "got input size torch.Size([1, 512])"),
        (lambda: nn.BatchNorm1d(64)(torch.zeros(2, 128)), "running_mean should contain 128 "),
        (lambda: nn.BatchNorm1d(64)(torch.zeros(2, 64, 3, 3)), "expected 2D or 3D input (got 4D"),
        (in_a_group, "SyncBatchNorm expected input tensor"),
        (lambda: two().load_state_dict(dict(two().named_parameters())), "Missing key(s) in state"),
        (
            lambda: torch.func.vmap(nn.BatchNorm1d(3))(torch.zeros(2, 4, 3)),
            "were not batched",
        ),
    ]
    for act, words in cases:
        with pytest.raises((ValueError, RuntimeError)) as caught:
            act()
        assert words in str(caught.value)
        assert words in page
