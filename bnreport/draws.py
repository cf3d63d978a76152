"""Every random number of a run, from NumPy, by (seed, purpose): the same on every backend."""

import hashlib
import math
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

Floats: TypeAlias = NDArray[np.float32]
Indices: TypeAlias = NDArray[np.int32]

# A normal cut at two standard deviations has this standard deviation; Keras divides by it.
_TRUNCATED_STD = 0.87962566103423978


def generator(seed: int, purpose: str) -> np.random.Generator:
    """A generator that depends on the seed and the purpose alone, not on what was drawn before."""
    word = int.from_bytes(hashlib.sha256(purpose.encode()).digest()[:8])
    return np.random.default_rng([seed, word])


def batch_order(seed: int, epoch: int, images: int, batch_size: int) -> tuple[Indices, Indices]:
    """The batches of one epoch as image indices, the same for every net of a seed.

    Args:
        seed: the run's seed.
        epoch: 1 for the first epoch.
        images: how many training images there are.
        batch_size: images in a full batch.

    Returns:
        The full batches, shape (images // batch_size, batch_size), and the images of the last,
        partial batch, shape (images % batch_size,). Keras trains that last batch too.
    """
    order = generator(seed, f"batch order of epoch {epoch}").permutation(images).astype(np.int32)
    full = images - images % batch_size
    return order[:full].reshape(-1, batch_size), order[full:]


def batches(
    order: str, seed: int, epoch: int, images: int, batch_size: int
) -> tuple[Indices, Indices]:
    """The batches of one epoch, as `batch_order` gives them, in a trial's order.

    Args:
        order: "fresh" for new batches in each epoch, "fixed" for those of epoch 1 again, "fixed
            batches" for those of epoch 1 in a new order; the partial batch stays last.
        seed: the run's seed.
        epoch: 1 for the first epoch.
        images: how many training images there are.
        batch_size: images in a full batch.
    """
    full, last = batch_order(seed, epoch if order == "fresh" else 1, images, batch_size)
    if order == "fixed batches" and epoch > 1:
        full = full[
            generator(seed, f"order of the batches of epoch {epoch}").permutation(len(full))
        ]
    return full, last


def kernel(initializer: str, seed: int, layer: str, shape: tuple[int, ...]) -> Floats:
    """The initial kernel of a layer, by Keras' initializer of that name.

    Both initializers transform the same uniform numbers of (seed, layer), so arms that differ in
    the initializer stay paired.

    Args:
        initializer: "HeNormal" or "GlorotUniform", the names of Keras' classes.
        seed: the run's seed.
        layer: the layer's name.
        shape: (inputs, units), or (height, width, inputs, units) of a convolution.

    Returns:
        Weights of that shape, float32.

    Raises:
        ValueError: for another initializer.

    Source: He et al. 2015 (arXiv 1502.01852), equation 10, as Keras draws it (cut at two standard
    deviations); Glorot and Bengio 2010, equation 16.
    """
    field = math.prod(shape[:-2])
    fan_in, fan_out = field * shape[-2], field * shape[-1]
    uniform = generator(seed, f"weights of {layer}").random(shape)
    if initializer == "HeNormal":
        low = ndtr(-2.0)
        normal = ndtri(low + uniform * (1.0 - 2.0 * low))
        drawn = normal * math.sqrt(2.0 / fan_in) / _TRUNCATED_STD
    elif initializer == "GlorotUniform":
        drawn = (2.0 * uniform - 1.0) * math.sqrt(6.0 / (fan_in + fan_out))
    else:
        raise ValueError(
            f"Expected HeNormal or GlorotUniform for layer {layer!r}. "
            f"Received: initializer={initializer!r}."
        )
    return np.asarray(drawn, dtype=np.float32)
