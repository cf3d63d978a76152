"""The program that repeats the study of lagging averages in PyTorch."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from replicas import lag_torch


@pytest.fixture
def images() -> tuple[Tensor, Tensor]:
    """So many images of noise."""
    draws = torch.Generator().manual_seed(5)
    x = torch.rand((256, 784), generator=draws)
    return x, torch.randint(0, 10, (256,), generator=draws)


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


def trained(images: tuple[Tensor, Tensor], carry: bool) -> tuple[torch.nn.Sequential, Any]:
    """A net, and the averages that were carried beside its training."""
    torch.manual_seed(3)
    net = lag_torch.build()
    averages = lag_torch.carry_averages(net) if carry else {}
    torch.manual_seed(4)
    lag_torch.train(net, *images, size=32)
    return net, averages


def test_averages_are_carried_beside_a_run_and_do_not_touch_it(
    images: tuple[Tensor, Tensor],
) -> None:
    (net, averages), (alone, _) = trained(images, True), trained(images, False)
    for ours, theirs in zip(net.parameters(), alone.parameters(), strict=True):
        assert torch.equal(ours, theirs)
    # PyTorch's own average has the same momentum, and variances of 32/31 the size.
    for norm, (mean, variance) in zip(lag_torch.norms(net), averages[0.9], strict=True):
        torch.testing.assert_close(mean, norm.running_mean)
        left = 0.9 ** (lag_torch.EPOCHS * 256 // 32)
        torch.testing.assert_close((variance - left) * 32 / 31 + left, norm.running_var)


def test_fresh_statistics_have_each_layer_normalize_the_images_they_come_from(
    images: tuple[Tensor, Tensor],
) -> None:
    net, _ = trained(images, False)
    with torch.no_grad():
        for norm in lag_torch.norms(net):
            norm.weight.fill_(1)
            norm.bias.fill_(0)
        lag_torch.take_fresh(net, images[0])
        seen = net[:5](images[0])
    torch.testing.assert_close(seen.mean(0), torch.zeros(100), atol=1e-4, rtol=0)


def test_what_is_written_holds_the_digest_of_the_rest(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "a.json"
    lag_torch.write(path, {"runs": [1.5], "protocol": {"b": (1, 2), "a": 0.1}})
    text = '{"protocol":{"a":0.1,"b":[1,2]},"runs":[1.5]}'
    assert json.loads(path.read_text())["digest"] == hashlib.sha256(text.encode()).hexdigest()
    assert [each.name for each in path.parent.iterdir()] == ["a.json"]


def test_a_file_that_is_not_fashion_mnist_is_refused(tmp_path: Path) -> None:
    (tmp_path / lag_torch.TRAIN_IMAGES).write_bytes(b"no")
    with pytest.raises(SystemExit, match=r"Expected .*train-images.*SHA-256"):
        lag_torch.read_images(tmp_path)
