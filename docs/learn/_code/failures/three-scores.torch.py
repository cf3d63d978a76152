import copy

import torch
from torch import nn
from torch.optim.swa_utils import update_bn


def normalizers(model):
    """Every batch normalization, or an error that names what was missed."""
    kind = nn.modules.batchnorm._BatchNorm
    layers = [part for part in model.modules() if isinstance(part, kind)]
    found = {id(layer.running_mean) for layer in layers}
    lost = [
        name
        for name, buffer in model.named_buffers()
        if name.endswith("running_mean") and id(buffer) not in found
    ]
    if lost:
        raise ValueError(
            "Expected every running mean to be that of a BatchNorm. "
            f"Received: {', '.join(lost)}. Recalibrate it by hand."
        )
    return layers


def copied(model):
    """A copy in inference mode, whose dropout stays off for good."""
    copy_of_it = copy.deepcopy(model).eval()
    for part in copy_of_it.modules():
        if isinstance(part, nn.modules.dropout._DropoutNd):
            part.p = 0.0
    return copy_of_it


def by_their_batch(model):
    """A copy that normalizes by the batch."""
    copy_of_it = copied(model)
    for layer in normalizers(copy_of_it):
        layer.train()
    return copy_of_it


def recalibrated(model, loader):
    """A copy whose statistics are plain means over batches."""
    copy_of_it = copied(model)
    normalizers(copy_of_it)  # refuses what update_bn would pass by
    update_bn(loader, copy_of_it)
    return copy_of_it.eval()


@torch.no_grad()
def accuracy(model, loader):
    """The share of right answers."""
    right = [model(x).argmax(1) == y for x, y in loader]
    return torch.cat(right).float().mean().item()


by_averages = accuracy(copied(model), val_loader)
by_batch = accuracy(by_their_batch(model), val_loader)
by_fresh = accuracy(recalibrated(model, train_loader), val_loader)
