"""What do lagging averages cost? The headline of that study again, in PyTorch.

An independent implementation that imports nothing of bnreport: its own reading of the images, its
own seeds and draws, PyTorch's own layers, gradients and optimizer. Each run is one net with batch
normalization (BN) on raw pixels of Fashion-MNIST, trained at a constant rate and scored on
validation images in inference mode with four kinds of statistics:

    m0.99, m0.9   moving averages of those momenta in Keras' sense, which PyTorch calls .01 and .1
    fresh         means and variances of training images after the last step, layer by layer
    update_bn     the same by PyTorch's own torch.optim.swa_utils.update_bn

Run `python replicas/lag_torch.py FOLDER`, where FOLDER holds the files of Fashion-MNIST.
"""

import argparse
import gzip
import hashlib
import json
import os
import platform
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.optim.swa_utils import update_bn

TRAIN_IMAGES, TRAIN_LABELS = "train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"
FILES = {
    TRAIN_IMAGES: "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
    TRAIN_LABELS: "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
    "t10k-images-idx3-ubyte.gz": "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
    "t10k-labels-idx1-ubyte.gz": "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
}
SEEDS, BATCH_SIZES, MOMENTA = range(300, 312), (32, 128, 512), (0.9, 0.99)
WIDTHS, EPSILON, RATE, EPOCHS = (784, 300, 100, 10), 1e-3, 0.1, 4
IMAGES, VALIDATION_IMAGES, IMAGES_OF_STATISTICS = 20_480, 5_000, 10_240
PROTOCOL = {
    "epochs": EPOCHS,
    "epsilon": EPSILON,
    "images": IMAGES,
    "images_of_statistics": IMAGES_OF_STATISTICS,
    "rate": RATE,
    "validation_images": VALIDATION_IMAGES,
    "widths": WIDTHS,
}
OUT = Path(__file__).parent.parent / "results" / "replicas" / "pytorch" / "lag.json"
Statistics = list[tuple[Tensor, Tensor]]  # a mean and a variance for each layer of BN


def read_idx(folder: Path, name: str) -> np.ndarray:
    """The array in a file of Fashion-MNIST, whose bytes are checked."""
    path = folder / name
    found = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "no such file"
    if found != FILES[name]:
        sys.exit(f"Expected {path} with SHA-256 {FILES[name]}. Received: {found}. Name its folder.")
    raw = gzip.decompress(path.read_bytes())
    # Two zeros, the type of bytes, how many axes, and the length of each.
    lengths = np.frombuffer(raw, ">u4", raw[3], offset=4)
    return np.frombuffer(raw, np.uint8, offset=4 + 4 * raw[3]).reshape(lengths)


def read_images(folder: Path) -> tuple[Tensor, Tensor]:
    """All 60,000 training images, flat and from 0 to 1, and their labels; all files are checked."""
    arrays = {name: read_idx(folder, name) for name in FILES}
    flat = arrays[TRAIN_IMAGES].reshape(-1, WIDTHS[0]).astype(np.float32) / 255
    return torch.from_numpy(flat), torch.from_numpy(arrays[TRAIN_LABELS].astype(np.int64))


def build() -> nn.Sequential:
    """A net of ReLU layers with BN before the activations, He-normal kernels and zero biases."""
    layers: list[nn.Module] = []
    for inputs, units in pairwise(WIDTHS):
        layers += [nn.Linear(inputs, units), nn.BatchNorm1d(units, eps=EPSILON), nn.ReLU()]
    # The outputs are neither normalized nor cut off.
    net = nn.Sequential(*layers[:-2])
    for layer in net:
        if isinstance(layer, nn.Linear):
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
            nn.init.zeros_(layer.bias)
    return net


def norms(net: nn.Sequential) -> list[nn.BatchNorm1d]:
    """The layers of BN, from the input on."""
    return [layer for layer in net if isinstance(layer, nn.BatchNorm1d)]


def statistics(inputs: Tensor) -> tuple[Tensor, Tensor]:
    """The mean and the biased variance of each unit."""
    return inputs.mean(0), inputs.var(0, unbiased=False)


def carry_averages(net: nn.Sequential) -> dict[float, Statistics]:
    """Moving averages, by momentum, of what each layer sees; the training does not see them."""
    start = [(torch.zeros(n.num_features), torch.ones(n.num_features)) for n in norms(net)]
    averages = {momentum: list(start) for momentum in MOMENTA}

    def take_in(layer: int, inputs: Tensor) -> None:
        mean, variance = statistics(inputs.detach())
        for momentum, layers in averages.items():
            old_mean, old_variance = layers[layer]
            layers[layer] = (
                momentum * old_mean + (1 - momentum) * mean,
                momentum * old_variance + (1 - momentum) * variance,
            )

    for layer, norm in enumerate(norms(net)):
        norm.register_forward_pre_hook(
            lambda norm, inputs, layer=layer: take_in(layer, *inputs) if norm.training else None
        )
    return averages


def train(net: nn.Sequential, x: Tensor, y: Tensor, size: int) -> None:
    """Train by plain gradient descent at a constant rate, in batches drawn anew each epoch."""
    optimizer = torch.optim.SGD(net.parameters(), lr=RATE)
    net.train()
    for _ in range(EPOCHS):
        for batch in torch.randperm(len(x)).split(size):
            optimizer.zero_grad()
            nn.functional.cross_entropy(net(x[batch]), y[batch]).backward()
            optimizer.step()


def take_fresh(net: nn.Sequential, x: Tensor) -> None:
    """Put into each layer the statistics of its inputs, below which all is in inference mode."""
    net.eval()
    for layer in net:
        if isinstance(layer, nn.BatchNorm1d):
            layer.running_mean, layer.running_var = statistics(x)
        x = layer(x)


def accuracy(net: nn.Sequential, x: Tensor, y: Tensor) -> float:
    """The share of images that are classified right in inference mode."""
    net.eval()
    return int((net(x).argmax(1) == y).sum()) / len(y)


def run(images: Tensor, labels: Tensor, size: int, seed: int) -> dict[str, float]:
    """Train a net, and return its validation accuracy by each kind of statistics."""
    torch.manual_seed(seed)
    drawn = torch.randperm(len(images))
    kept, held = drawn[:IMAGES], drawn[IMAGES : IMAGES + VALIDATION_IMAGES]
    x, validation = images[kept], (images[held], labels[held])
    net = build()
    averages = carry_averages(net)
    train(net, x, labels[kept], size)
    scores, sample = {}, x[:IMAGES_OF_STATISTICS]
    with torch.no_grad():
        for momentum, layers in averages.items():
            for norm, pair in zip(norms(net), layers, strict=True):
                norm.running_mean, norm.running_var = pair
            scores[f"m{momentum:g}"] = accuracy(net, *validation)
        take_fresh(net, sample)
        scores["fresh"] = accuracy(net, *validation)
        # It has the layers see more batches in training mode, so it comes last.
        update_bn(sample.split(size), net)
        scores["update_bn"] = accuracy(net, *validation)
    return scores


def write(path: Path, content: dict[str, object]) -> None:
    """Write the content with the SHA-256 of its canonical JSON, whole or not at all."""
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), allow_nan=False)
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".partial")
    text = json.dumps(content | {"digest": digest}, sort_keys=True, indent=1) + "\n"
    partial.write_text(text, encoding="utf-8")
    os.replace(partial, path)


def main() -> None:
    """Train all nets, and write down their accuracies."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", nargs="?", default=os.environ.get("BNREPORT_DATA"), type=Path)
    parser.add_argument("--out", default=OUT, type=Path, help="the JSON file to write")
    given = parser.parse_args()
    if given.folder is None:
        parser.error("Name the folder with the files of Fashion-MNIST, or set BNREPORT_DATA.")
    torch.set_num_threads(1)
    images, labels = read_images(given.folder)
    runs = []
    for size in BATCH_SIZES:
        for seed in SEEDS:
            scores = run(images, labels, size, seed)
            runs.append({"accuracy": scores, "batch_size": size, "seed": seed})
            sys.stderr.write(f"batches of {size}, seed {seed}: {scores}\n")
    versions = {"numpy": np.__version__, "python": platform.python_version()}
    versions["torch"] = torch.__version__
    write(given.out, {"protocol": PROTOCOL, "runs": runs, "versions": versions})


if __name__ == "__main__":
    main()
