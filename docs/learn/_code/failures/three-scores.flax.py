import jax.numpy as jnp
from flax import nnx


def normalizers(model):
    """Every batch normalization, or an error that names what was missed."""
    parts = nnx.iter_modules(model)
    layers = [part for _, part in parts if isinstance(part, nnx.BatchNorm)]
    found = {id(kept) for layer in layers for kept in (layer.mean, layer.var)}
    lost = [
        "/".join(map(str, path))
        for path, node in nnx.iter_graph(model)
        if isinstance(node, nnx.BatchStat) and id(node) not in found
    ]
    if lost:
        raise ValueError(
            "Expected every statistic to be that of an nnx.BatchNorm. "
            f"Received: {', '.join(lost)}. Recalibrate it by hand."
        )
    return layers


def by_their_batch(model):
    """A copy that normalizes by the batch, without dropout."""
    copy_of_it = nnx.clone(model)
    copy_of_it.eval()
    for layer in normalizers(copy_of_it):
        layer.use_running_average = False
    return copy_of_it


def recalibrated(model, batches):
    """A copy whose statistics are plain means over batches."""
    copy_of_it = by_their_batch(model)
    layers = normalizers(copy_of_it)
    for layer in layers:  # without this, what is NaN would stay NaN
        for kept in (layer.mean, layer.var):
            kept[...] = jnp.zeros_like(kept[...])
    for seen, batch in enumerate(batches):
        for layer in layers:
            layer.momentum = seen / (seen + 1)
        copy_of_it(batch)
    copy_of_it.eval()
    return copy_of_it


def accuracy(model, x, y):
    """The share of right answers, in batches of 256."""
    pieces = range(0, len(x), 256)
    right = [model(x[i : i + 256]).argmax(-1) == y[i : i + 256] for i in pieces]
    return float(jnp.concatenate(right).mean())


batches = [x_train[i : i + 256] for i in range(0, 40 * 256, 256)]
batches = [batch for batch in batches if len(batch)]
model.eval()
by_averages = accuracy(model, x_val, y_val)
by_batch = accuracy(by_their_batch(model), x_val, y_val)
by_fresh = accuracy(recalibrated(model, batches), x_val, y_val)
