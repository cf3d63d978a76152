from contextlib import contextmanager

import keras
import numpy as np


def sublayers(model, kind):
    """All layers of a kind, also inside blocks, wrappers, other models."""
    layers = model._flatten_layers()
    return [layer for layer in layers if isinstance(layer, kind)]


def normalizers(model):
    """Every batch normalization, or an error that names what was missed."""
    layers = sublayers(model, keras.layers.BatchNormalization)
    found = {id(layer.moving_mean) for layer in layers}
    kept = [each for each in model.variables if each.name == "moving_mean"]
    lost = [each.path for each in kept if id(each) not in found]
    if lost:
        raise ValueError(
            "Expected every moving mean to be that of a BatchNormalization. "
            f"Received: {', '.join(lost)}. Recalibrate it by hand."
        )
    return layers


@contextmanager
def borrowed(model):
    """The model without dropout; afterwards it is what it was."""
    weights = model.get_weights()
    dropouts = sublayers(model, keras.layers.Dropout)
    rates = [layer.rate for layer in dropouts]
    try:
        for layer in dropouts:
            layer.rate = 0.0
        yield model
    finally:
        model.set_weights(weights)
        for layer, rate in zip(dropouts, rates):
            layer.rate = rate


def recalibrate(model, batches):
    """Make statistics plain means over batches; spare frozen layers."""
    layers = [layer for layer in normalizers(model) if layer.trainable]
    momenta = [layer.momentum for layer in layers]
    for layer in layers:  # without this, what is NaN would stay NaN
        for kept in (layer.moving_mean, layer.moving_variance):
            kept.assign(np.zeros(kept.shape))
    for seen, batch in enumerate(batches):
        for layer in layers:
            layer.momentum = seen / (seen + 1)
        model(batch, training=True)
    for layer, momentum in zip(layers, momenta):
        layer.momentum = momentum


def accuracy(model, x, y, training=False):
    """The share of right answers, in batches of 256."""
    right = 0
    for i in range(0, len(x), 256):
        answers = np.argmax(model(x[i : i + 256], training=training), axis=-1)
        right += np.sum(answers == y[i : i + 256])
    return float(right / len(x))


sample = x_train[: 40 * 256]
batches = [sample[i : i + 256] for i in range(0, len(sample), 256)]
by_averages = accuracy(model, x_val, y_val)
with borrowed(model):
    by_batch = accuracy(model, x_val, y_val, training=True)
with borrowed(model):
    recalibrate(model, batches)
    by_fresh = accuracy(model, x_val, y_val)
